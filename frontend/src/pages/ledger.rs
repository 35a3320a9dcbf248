//! The ledger of 动态清零: how many families were in difficulty, and how many came and went, by month and area. Every figure links to
//! its families.

use std::sync::Arc;

use contract::ledger::{Ledger, LedgerCell, LedgerFigure, LedgerQuery, LedgerRow};
use contract::{Month, Permission};
use futures::FutureExt;
use leptos::prelude::*;

use crate::api::ApiError;
use crate::api::areas::within;
use crate::components::chart::{self, Column, percent};
use crate::components::filters::{self, Filter};
use crate::components::list::{self, Export};
use crate::components::load::{self, Load};
use crate::components::{page, table};
use crate::i18n::{Text, lang, reactive, texts};
use crate::{api, format, query, router, session, t};

const EXPORT: Export = Export { path: "/household-ledger/workbook", import: None };

/// The page of `/household-ledger`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(page)
}

fn page() -> AnyView {
    if !session::may(Permission::ReadLedger) {
        return load::missing();
    }
    let search = Memo::new(|_| router::search());
    let load = Load::by(move |abort| {
        let mut pairs = query::pairs(&search.get());
        let month = query::get(&pairs, "month").and_then(|month| month.parse::<Month>().ok());
        let within = query::get(&pairs, "within").map(str::to_owned);
        async move {
            let Some(month) = month else {
                let today = session::account().map(|account| Month::of(account.today).to_string());
                query::set(&mut pairs, "month", today.as_deref());
                // This goes into the address, from which the filters are drawn, and starts another request.
                router::replace(&format!("/household-ledger?{}", query::write(&pairs)));
                return Err(ApiError::Aborted);
            };
            api::ledger::read(&LedgerQuery { month, within }).send_within(&abort).await
        }
        .boxed_local()
    });
    view! {
        {page::head(move || texts::ledger::HEADING.get().to_owned(), ().into_any(), list::export_button(EXPORT, texts::ledger::HEADING, search))}
        {filters::choices(vec![Filter::month("month"), within()])}
        {load::show(load, |ledger: Arc<Ledger>| draw(&ledger))}
    }
    .into_any()
}

/// The address of the ledger of an area in a month.
fn address(month: Month, within: &str) -> String {
    format!("/household-ledger?month={month}&within={within}")
}

fn draw(ledger: &Ledger) -> AnyView {
    let (month, name) = (ledger.month, ledger.total.area_name.clone());
    let (before, after) = (address(month.previous(), &ledger.total.area_code), address(month.next(), &ledger.total.area_code));
    let has_parts = ledger.total.area_code.len() < 12 && !ledger.areas.is_empty();
    let held_back = ledger.total.cells.iter().any(|cell| cell.records.is_none());
    let is_last = session::account().is_none_or(|account| month >= Month::of(account.today));
    view! {
        <div class="month-turn">
            <a class="button" href=before>{t!(ledger::PREVIOUS)}</a>
            <h2>{move || t!(ledger::of, name, format::month(month, lang()))}</h2>
            {(!is_last).then(|| view! { <a class="button" href=after>{t!(ledger::NEXT)}</a> })}
            {above(ledger)}
        </div>
        {sum(&ledger.total)}
        {has_parts.then(|| page::section(parts_of(&ledger.total.area_code), by_area(ledger)))}
        {page::section(texts::ledger::TREND, trend(&ledger.trend))}
        <p class="muted">{t!(ledger::EXPLAINED)}</p>
        {held_back.then(|| view! { <p class="muted">{t!(ledger::SUPPRESSED)}</p> })}
    }
    .into_any()
}

/// The link to the surrounding area, if the person may see it.
fn above(ledger: &Ledger) -> Option<AnyView> {
    let own = session::account()?.area_code.clone();
    let code = &ledger.total.area_code;
    let parent = [2, 4, 6, 9].into_iter().filter(|digits| *digits < code.len()).max()?;
    (parent >= own.len()).then(|| page::link(address(ledger.month, &code[..parent]), texts::ledger::ABOVE))
}

fn parts_of(code: &str) -> Text {
    if code.len() < 9 { texts::ledger::BY_TOWN } else { texts::ledger::BY_VILLAGE }
}

/// The number as a link to its families, or a note that it is suppressed.
fn number(cell: &LedgerCell) -> AnyView {
    match (cell.value, &cell.records) {
        (Some(value), Some(records)) => view! { <a href=records.clone()>{format::count(value)}</a> }.into_any(),
        (Some(value), None) => format::count(value).into_any(),
        (None, _) => view! { <span class="muted">{t!(ledger::HELD_BACK)}</span> }.into_any(),
    }
}

/// 期初在册 + 新增建档 + 他村迁入 + 返困 − 脱困 − 迁往他村 − 退出 = 期末在册, and how many of these nobody helps, or several do.
fn sum(total: &LedgerRow) -> AnyView {
    let figure = |cell: &LedgerCell| {
        let sign = match cell.figure {
            LedgerFigure::Registered | LedgerFigure::MovedIn | LedgerFigure::Relapsed => Some("+"),
            LedgerFigure::LiftedOut | LedgerFigure::MovedOut | LedgerFigure::Left => Some("−"),
            LedgerFigure::Closing => Some("="),
            LedgerFigure::Opening | LedgerFigure::Unhelped | LedgerFigure::DoublyHelped => None,
        };
        view! {
            <div>
                <dt>{sign.map(|sign| view! { <span class="sign">{sign}</span> })}{reactive(Text::label(cell.figure))}</dt>
                <dd>{number(cell)}</dd>
            </div>
        }
        .into_any()
    };
    view! { <dl class="key-figures">{total.cells.iter().map(figure).collect_view()}</dl> }.into_any()
}

fn heads(first: Text, figures: &[LedgerCell]) -> Vec<table::Head> {
    let figures = figures.iter().map(|cell| (Text::label(cell.figure), true));
    std::iter::once((first, false)).chain(figures).collect()
}

fn row(head: AnyView, row: &LedgerRow) -> AnyView {
    let cells = row.cells.iter().map(|cell| view! { <td class="number">{number(cell)}</td> }.into_any());
    view! { <tr><th scope="row">{head}</th>{cells.collect_view()}</tr> }.into_any()
}

fn by_area(ledger: &Ledger) -> AnyView {
    let month = ledger.month;
    let rows = ledger.areas.iter().map(|area| {
        let name = view! { <a href=address(month, &area.area_code)>{area.area_name.clone()}</a> };
        row(name.into_any(), area)
    });
    let rows: Vec<_> = rows.collect();
    let total = row(t!(ledger::TOTAL).into_any(), &ledger.total);
    let body = view! { <tbody>{rows}</tbody><tfoot>{total}</tfoot> };
    table::table(parts_of(&ledger.total.area_code), heads(texts::ledger::AREA, &ledger.total.cells), body.into_any())
}

fn trend(months: &[LedgerRow]) -> AnyView {
    let closing =
        |row: &LedgerRow| row.cells.iter().find(|cell| cell.figure == LedgerFigure::Closing).and_then(|cell| cell.value);
    let most = months.iter().filter_map(closing).max().unwrap_or_default();
    let columns = months.iter().map(|month| Column {
        name: month.month.number().to_string(),
        percent: percent(closing(month).unwrap_or_default(), most),
        figure: closing(month).map(format::count).unwrap_or_default(),
    });
    let columns = columns.collect();
    let rows = months.iter().rev().map(|month| {
        let (at, code) = (month.month, month.area_code.clone());
        let name = view! { <a class="whole" href=address(at, &code)>{move || format::month(at, lang())}</a> };
        row(name.into_any(), month)
    });
    let figures = months.first().map(|month| month.cells.clone()).unwrap_or_default();
    let rows: Vec<_> = rows.collect();
    let title = texts::ledger::TREND;
    view! {
        <div class="trend"><figure><figcaption>{t!(ledger::CLOSING)}</figcaption>{chart::columns(move || title.get().to_owned(), columns)}</figure></div>
        {table::table(title, heads(texts::ledger::MONTH, &figures), view! { <tbody>{rows}</tbody> }.into_any())}
    }
    .into_any()
}
