//! The days of the calendar.

use chrono::Datelike;
use contract::calendar::{CalendarDay, CalendarDayKind, CalendarDayQuery};
use contract::{CodedEnum, Lang, Permission, Resource};
use leptos::prelude::*;

use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::components::load;
use crate::i18n::texts;
use crate::{api, format, session, t};

pub fn page() -> AnyView {
    let writes = session::may(Permission::WriteCalendar);
    let list = list::page(List::<CalendarDayQuery, CalendarDay> {
        heading: texts::calendar::HEADING,
        columns: vec![Column::of("day").sorted("day"), Column::of("kind"), Column::of("name")],
        filters: vec![Filter::number("year"), Filter::coded::<CalendarDayKind>("kind")],
        call: api::calendar::list,
        row,
        empty: texts::calendar::EMPTY,
        create: Some(Create { href: "/calendar-days/new", text: texts::calendar::CREATE, permission: Permission::WriteCalendar }),
        export: Some(Export { path: "/calendar-days/export", import: writes.then_some("/calendar-days/import") }),
    });
    view! { {list}{known()} }.into_any()
}

/// Up to which year holidays are known. Beyond it weekends count alone.
fn known() -> AnyView {
    load::show(load::load(|| api::calendar::latest(None)), |page| {
        let year = page.items.first().map(|day| day.details.day.year());
        year.map(|year| view! { <p class="notice" role="note">{move || t!(calendar::known, year)}</p> }).into_any()
    })
}

fn row(day: &CalendarDay, lang: Lang) -> Row {
    let details = &day.details;
    Row::to(day.location())
        .text(format::date(details.day, lang))
        .text(details.kind.label(lang).to_owned())
        .text(details.name.clone())
}
