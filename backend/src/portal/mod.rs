//! The public portal, for anybody who has no account: pages that need no scripts, in Chinese and English, to read and to print.
//!
//! They show the same protected object that the open data are written from (`domains::views::portal`), so that no format tells what
//! another holds back. Nobody is asked who they are; requests are counted by address, like all without an account.

mod cases;
mod figures;
mod html;
mod page;

use actix_web::http::StatusCode;
use actix_web::web::{self, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use contract::ErrorCode;
use contract::portal::{PublicCaseQuery, PublishedFiguresQuery};
use domains::views::portal::service;
use platform::principal::Open;
use platform::{Error, Result, api, http};
use uuid::Uuid;

use page::{Page, Reader};

/// How the pages look.
const STYLE: &str = include_str!("portal.css");
/// The cases and the months on the front page.
const FIRST: u32 = 6;

/// Serves the portal below `/public`.
pub fn configure(config: &mut web::ServiceConfig) {
    let read = |path, route| api::resource(path, [route], "GET, HEAD");
    config
        .service(read("/public", api::get().to(front)))
        .service(read("/public/cases", api::get().to(case_list)))
        .service(read("/public/cases/{id}", api::get().to(case)))
        .service(read("/public/figures", api::get().to(figures_list)))
        .service(read("/public/figures/{id}", api::get().to(figures_page)))
        .service(read("/public/portal.css", api::get().to(style)))
        .service(read("/public/{rest:.*}", api::get().to(nowhere)));
}

async fn style() -> impl Responder {
    http::public(HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE))
}

async fn nowhere(_: Open, request: HttpRequest) -> impl Responder {
    page::missing(&Reader::of(&request))
}

async fn front(open: Open, request: HttpRequest) -> Result<HttpResponse> {
    let (reader, db) = (Reader::of(&request), &open.app().database.read);
    let months = PublishedFiguresQuery { limit: Some(FIRST), total: Some(false), ..Default::default() };
    let months = service::figures_list(db, &months).await?;
    let newest = match months.items.first() {
        Some(head) => Some(service::figures(db, head.id).await?),
        None => None,
    };
    let told = PublicCaseQuery { limit: Some(FIRST), total: Some(false), ..Default::default() };
    let told = service::cases(db, &told).await?;
    let page = Page {
        title: reader.pick("百社解千难", "A hundred organisations for a thousand difficulties"),
        description: reader.pick(
            "“百社解千难”社会组织助力脱贫攻坚活动：进展情况、帮扶成效和典型案例。",
            "Social organisations stand by villages and low-income families: how far it is, what came of it, and cases to learn from.",
        ),
    };
    Ok(page.answer(&reader, StatusCode::OK, |html| {
        page::intro(html, &reader);
        html.element("section", &[("aria-labelledby", "figures")], |html| {
            html.element("h2", &[("id", "figures")], |html| html.text(reader.pick("工作进展", "How far it is")));
            match &newest {
                Some(newest) => figures::summary(html, &reader, newest),
                None => html.short("p", reader.pick("尚未公布数据。", "No figures are published yet.")),
            }
            figures::months(html, &reader, &months);
        });
        html.element("section", &[("aria-labelledby", "cases")], |html| {
            html.element("h2", &[("id", "cases")], |html| html.text(reader.pick("典型案例", "Cases to learn from")));
            cases::list(html, &reader, &told.items);
            let more = reader.path("/public/cases");
            html.element("p", &[], |html| html.link(&more, reader.pick("全部案例和做法", "All cases and good practices")));
        });
    }))
}

async fn case_list(open: Open, request: HttpRequest) -> Result<HttpResponse> {
    let reader = Reader::of(&request);
    let query = PublicCaseQuery { cursor: reader.cursor(), total: Some(false), ..Default::default() };
    let found = service::cases(&open.app().database.read, &query).await;
    reader.or_missing(found, |reader, found| {
        let page = Page {
            title: reader.pick("典型案例和好的做法", "Cases and good practices"),
            description: reader.pick(
                "社会组织与村（社区）结对共建的典型案例和好的做法。",
                "What social organisations and villages did together, and what others can learn from it.",
            ),
        };
        page.answer(reader, StatusCode::OK, |html| {
            cases::list(html, reader, &found.items);
            page::next(html, reader, "/public/cases", found.next_cursor.as_deref());
        })
    })
}

async fn case(open: Open, request: HttpRequest, id: Path<String>) -> Result<HttpResponse> {
    let found = async { service::case(&open.app().database.read, named(&id)?).await }.await;
    Reader::of(&request).or_missing(found, |reader, case| cases::page(reader, &case))
}

async fn figures_list(open: Open, request: HttpRequest) -> Result<HttpResponse> {
    let reader = Reader::of(&request);
    let query = PublishedFiguresQuery { cursor: reader.cursor(), total: Some(false), ..Default::default() };
    let found = service::figures_list(&open.app().database.read, &query).await;
    reader.or_missing(found, |reader, found| {
        let page = Page {
            title: reader.pick("公开数据", "Open data"),
            description: reader.pick(
                "按月公布的结对、项目、成效和受帮扶户数据，可下载。",
                "Figures of pairings, projects, results and households helped by month, to read and to download.",
            ),
        };
        page.answer(reader, StatusCode::OK, |html| {
            figures::months(html, reader, &found);
            page::next(html, reader, "/public/figures", found.next_cursor.as_deref());
        })
    })
}

async fn figures_page(open: Open, request: HttpRequest, id: Path<String>) -> Result<HttpResponse> {
    let found = async { service::figures(&open.app().database.read, named(&id)?).await }.await;
    Reader::of(&request).or_missing(found, |reader, published| figures::page(reader, &published))
}

/// The id in an address. There is nothing at any other.
fn named(id: &str) -> Result<Uuid> {
    Uuid::try_parse(id).map_err(|_| ErrorCode::NotFound.into())
}

/// Whether what was asked for is not there, or cannot be.
fn is_missing(error: &Error) -> bool {
    matches!(error.code, ErrorCode::NotFound | ErrorCode::BadCursor)
}
