//! The list of organisations.

use contract::organisations::{ENTERED_BY, OrganisationKind, OrganisationQuery, OrganisationState, OrganisationSummary, Rating};
use contract::{CodedEnum, Lang, Permission};
use leptos::prelude::*;

use crate::api;
use crate::api::areas::within;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{format, session, t};

pub fn page() -> AnyView {
    list::page(List::<OrganisationQuery, OrganisationSummary> {
        heading: texts::organisations::HEADING,
        columns: vec![
            Column::of("name").sorted("name"),
            Column::of("kind"),
            Column::of("rating"),
            Column::of("area_name"),
            Column::of("credit_code").sorted("credit_code"),
            Column::of("state"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            within(),
            Filter::coded::<OrganisationKind>("kind"),
            Filter::coded::<Rating>("rating"),
            Filter::coded::<OrganisationState>("state"),
        ],
        call: api::organisations::list,
        row,
        empty: texts::organisations::EMPTY,
        create: session::is_one_of(ENTERED_BY).then_some(Create {
            href: "/organisations/new",
            text: texts::organisations::CREATE,
            permission: Permission::WriteOrganisations,
        }),
        export: Some(Export { path: "/organisations/export", import: Some("/organisations/import") }),
    })
}

fn row(organisation: &OrganisationSummary, lang: Lang) -> Row {
    Row::to(format!("/organisations/{}", organisation.id))
        .text(name(organisation))
        .text(organisation.kind.label(lang).to_owned())
        .text(organisation.rating.map(|rating| rating.label(lang).to_owned()))
        .text(organisation.area_name.clone())
        .text(organisation.credit_code.clone())
        .text(organisation.state.label(lang).to_owned())
        .text(format::instant(organisation.updated_at, lang))
}

/// The name, with the former names that the search may have matched.
fn name(organisation: &OrganisationSummary) -> String {
    let former = organisation.former_names.join("、");
    if former.is_empty() { organisation.name.clone() } else { t!(organisations::formerly, &organisation.name, former) }
}
