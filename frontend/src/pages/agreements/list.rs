//! The list of agreements.

use contract::agreements::{AgreementQuery, AgreementState, AgreementSummary};
use contract::{Lang, Permission};
use leptos::prelude::*;

use super::detail::chip;
use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::organisations::ORGANISATIONS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<AgreementQuery, AgreementSummary> {
        heading: texts::agreements::HEADING,
        columns: vec![
            Column::of("number"),
            Column::of("village_name"),
            Column::of("organisation_name").sorted("organisation_name"),
            Column::of("state"),
            Column::of("signed_on"),
            Column::of("ends_on").sorted("ends_on"),
        ],
        filters: vec![
            Filter::coded::<AgreementState>("state"),
            within(),
            Filter::pick("organisation_id", ORGANISATIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::agreements::list,
        row,
        empty: texts::agreements::EMPTY,
        create: Some(Create {
            href: "/agreements/new",
            text: texts::agreements::CREATE,
            permission: Permission::WriteAgreements,
        }),
        export: Some(Export { path: "/agreements/export", import: None }),
    })
}

fn row(agreement: &AgreementSummary, lang: Lang) -> Row {
    let head = &agreement.head;
    Row::to(format!("/agreements/{}", head.id))
        .text(head.number.clone().unwrap_or_else(|| texts::agreements::UNSIGNED.get().to_owned()))
        .text(head.village_name.clone())
        .text(head.organisation_name.clone())
        .mark(Some(chip(head.state)))
        .text(head.signed_on.map(|day| format::date(day, lang)))
        .text(format::date(agreement.ends_on, lang))
}
