//! The published cases and good practices.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use contract::CodedEnum;
use contract::portal::PublicCase;

use super::html::Html;
use super::page::{Page, Reader};

/// Cases with a few words of each.
pub fn list(html: &mut Html, reader: &Reader, cases: &[PublicCase]) {
    if cases.is_empty() {
        return html.short("p", reader.pick("还没有发布的案例。", "No cases are published yet."));
    }
    html.element("ul", &[("class", "cases")], |html| {
        for case in cases {
            html.element("li", &[], |html| {
                html.element("p", &[("class", "title")], |html| {
                    html.link(&reader.path(&format!("/public/cases/{}", case.id)), &case.title)
                });
                html.element("p", &[("class", "muted")], |html| html.text(&about(reader, case)));
                if let Some(summary) = &case.summary {
                    html.paragraphs(summary);
                }
            });
        }
    });
}

/// Kind, goal, who and when.
fn about(reader: &Reader, case: &PublicCase) -> String {
    let place = case.town_name.iter().chain([&case.area_name]).map(String::as_str).collect::<Vec<_>>();
    let place = if case.town_name.as_ref() == Some(&case.area_name) { case.area_name.clone() } else { place.concat() };
    let parts = [Some(case.kind.label(reader.lang).to_owned()), Some(case.goal.label(reader.lang).to_owned()), Some(place)];
    let rest = [case.organisation_name.clone(), Some(reader.day(case.published_on))];
    parts.into_iter().chain(rest).flatten().collect::<Vec<_>>().join(" · ")
}

/// The page of a case.
pub fn page(reader: &Reader, case: &PublicCase) -> HttpResponse {
    let about = about(reader, case);
    let page = Page { title: &case.title, description: case.summary.as_deref().unwrap_or(&about) };
    page.answer(reader, StatusCode::OK, |html| {
        html.element("p", &[("class", "muted")], |html| html.text(&about));
        if let Some(summary) = &case.summary {
            html.element("div", &[("class", "summary")], |html| html.paragraphs(summary));
        }
        let parts = [
            (reader.pick("背景", "How things were"), case.background.as_deref()),
            (reader.pick("做法", "What was done"), Some(case.practice.as_str())),
            (reader.pick("成效", "What came of it"), case.effect.as_deref()),
            (reader.pick("为什么有效", "Why it works"), case.why_it_works.as_deref()),
            (reader.pick("需要什么", "What it needs"), case.what_it_needs.as_deref()),
        ];
        for (heading, text) in parts {
            if let Some(text) = text {
                html.short("h2", heading);
                html.paragraphs(text);
            }
        }
        html.element("p", &[("class", "muted")], |html| html.text(&case.campaign_title));
    })
}
