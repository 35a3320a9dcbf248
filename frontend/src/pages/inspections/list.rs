//! The list of inspections.

use contract::inspections::{Conclusion, Inspection, InspectionQuery, InspectionState, RoundKind};
use contract::{CodedEnum, Lang, Permission, Resource};
use leptos::prelude::*;

use super::{chip, conclusion};
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::pairings::PAIRINGS;
use crate::api::rounds::ROUNDS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format, session};

pub fn page() -> AnyView {
    // Villages and organisations do not read rounds.
    let round = match session::may(Permission::ReadRounds) {
        true => Filter::pick("round_id", ROUNDS),
        false => Filter::text("round_id").when_set(),
    };
    list::page(List::<InspectionQuery, Inspection> {
        heading: texts::inspections::HEADING,
        columns: vec![
            Column::of("village_name"),
            Column::of("organisation_name"),
            Column::of("round_title"),
            Column::of("planned_on").sorted("planned_on"),
            Column::of("state"),
            Column::of("conclusion"),
            Column::of("findings_open").number(),
            Column::of("inspector_names"),
        ],
        filters: vec![
            Filter::coded::<InspectionState>("state"),
            Filter::coded::<RoundKind>("kind"),
            Filter::coded::<Conclusion>("conclusion"),
            Filter::yes_no("waits_for_me"),
            Filter::yes_no("overdue"),
            within(),
            round,
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::pick("pairing_id", PAIRINGS).when_set(),
        ],
        call: api::inspections::list,
        row,
        empty: texts::inspections::EMPTY,
        create: None,
        export: Some(Export { path: "/inspections/export", import: None }),
    })
}

fn row(inspection: &Inspection, lang: Lang) -> Row {
    Row::to(inspection.location())
        .text(inspection.village_name.clone())
        .text(inspection.organisation_name.clone())
        .text(format!("{} · {}", inspection.round_title, inspection.kind.label(lang)))
        .text(format::date(inspection.details.planned_on, lang))
        .mark(Some(chip(inspection)))
        .mark(inspection.details.conclusion.map(conclusion))
        .text(format!("{} / {}", format::count(inspection.findings_open), format::count(inspection.findings)))
        .text(inspection.inspector_names.join(lang.pick("、", ", ")))
}
