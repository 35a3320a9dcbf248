//! The list of households, masked.

use contract::households::{Cause, Group, HouseholdCategory, HouseholdQuery, HouseholdStatus, HouseholdSummary};
use contract::ledger::LedgerFigure;
use contract::{CodedEnum, Lang, Permission, Role};
use leptos::prelude::*;

use super::detail::{chip, gaps};
use super::export;
use crate::api::areas::within;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, List, Row};
use crate::i18n::texts;
use crate::{api, format, session, t};

pub fn page() -> AnyView {
    let search = move || {
        session::may(Permission::RevealHouseholds)
            .then(|| view! { <a class="button" href="/households/search">{t!(households::SEARCH)}</a> })
    };
    let import = move || {
        session::may(Permission::WriteHouseholds)
            .then(|| view! { <a class="button" href="/households/import">{t!(list::IMPORT)}</a> })
    };
    let organisation = session::account().is_some_and(|account| account.role == Role::Organisation);
    let list = List::<HouseholdQuery, HouseholdSummary> {
        heading: texts::households::HEADING,
        columns: columns(),
        filters: vec![
            Filter::coded::<HouseholdStatus>("status"),
            Filter::coded::<HouseholdCategory>("category"),
            Filter::coded::<Cause>("cause"),
            Filter::coded::<Group>("group"),
            Filter::yes_no("incomplete"),
            Filter::yes_no("consented"),
            within(),
            Filter::date("not_visited_since"),
            Filter::coded::<LedgerFigure>("ledger").when_set(),
            Filter::month("ledger_month").when_set(),
        ],
        call: api::households::list,
        row,
        empty: if organisation { texts::households::EMPTY_ORGANISATION } else { texts::households::EMPTY },
        create: Some(Create {
            href: "/households/new",
            text: texts::households::CREATE,
            permission: Permission::WriteHouseholds,
        }),
        export: None,
    };
    let export = move || session::may(Permission::ExportHouseholds).then(export::button);
    list::page_with(list, view! { {search}{import}{export} }.into_any())
}

/// The columns of a list of households.
pub fn columns() -> Vec<Column> {
    vec![
        Column::of("file_number").sorted("file_number"),
        Column::of("head_name"),
        Column::of("village_name"),
        Column::of("category"),
        Column::of("main_cause"),
        Column::of("status"),
        Column::of("status_since").sorted("status_since"),
        Column::of("missing"),
    ]
}

/// The head's masked name, or a note that the file is anonymised.
fn name(household: &HouseholdSummary) -> String {
    match household.head.anonymised_on {
        Some(_) => texts::households::ANONYMISED.get().to_owned(),
        None => household.head.head_name.clone(),
    }
}

/// A household as a table row.
pub fn row(household: &HouseholdSummary, lang: Lang) -> Row {
    let head = &household.head;
    Row::to(format!("/households/{}", head.id))
        .text(head.file_number.clone())
        .text(name(household))
        .text(head.village_name.clone())
        .text(head.category.label(lang).to_owned())
        .text(head.main_cause.label(lang).to_owned())
        .mark(Some(chip(head.status)))
        .text(format::date(head.status_since, lang))
        .text((!head.missing.is_empty()).then(|| gaps(&head.missing, lang)))
}
