//! Inspections: list, page, form, the sheet that is filled in on the spot; and those of a round or a pairing, as a tab of its page.

mod detail;
mod form;
mod list;
pub mod sheet;

use contract::inspections::{Conclusion, Inspection, InspectionQuery, InspectionState, ItemResult};
use contract::{ObjectKind, Resource};
use leptos::prelude::*;

use crate::components::excerpt::Excerpt;
use crate::components::page::{self, Tone};
use crate::components::table::Row;
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::{api, format};

/// The page of a path below `/inspections`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        [id, "sheet"] => Some(sheet::page(id)),
        _ => None,
    }
}

/// The state as a chip. It marks an inspection whose day is over.
fn chip(inspection: &Inspection) -> AnyView {
    let tone = match inspection.state {
        InspectionState::Planned if inspection.overdue => return page::chip(texts::inspections::OVERDUE, Tone::Bad),
        InspectionState::Planned => Tone::Warning,
        InspectionState::Held => Tone::Good,
        InspectionState::Cancelled => Tone::Neutral,
    };
    page::chip(Text::label(inspection.state), tone)
}

fn conclusion(conclusion: Conclusion) -> AnyView {
    let tone = match conclusion {
        Conclusion::Passed => Tone::Good,
        Conclusion::PassedWithFindings => Tone::Warning,
        Conclusion::Failed => Tone::Bad,
    };
    page::chip(Text::label(conclusion), tone)
}

fn result(result: ItemResult) -> AnyView {
    let tone = match result {
        ItemResult::Met => Tone::Good,
        ItemResult::Partly => Tone::Warning,
        ItemResult::NotMet => Tone::Bad,
        ItemResult::NotApplicable => Tone::Neutral,
    };
    page::chip(Text::label(result), tone)
}

/// Which pairing is inspected.
pub fn whom(inspection: &Inspection) -> String {
    format!("{} · {}", inspection.village_name, inspection.organisation_name)
}

/// The tab with the inspections that the query names, in the order of their days.
pub fn tab(query: InspectionQuery) -> Tab {
    let heads = ["village_name", "round_title", "planned_on", "state", "conclusion", "findings_open"];
    let excerpt = Excerpt {
        kind: ObjectKind::Inspection,
        heading: texts::inspections::HEADING,
        heads: heads.map(|name| (field(name), name == "findings_open")).to_vec(),
        call: api::inspections::list,
        row,
        none: texts::inspections::NONE,
    };
    excerpt.tab("inspections", query)
}

fn row(inspection: &Inspection) -> Row {
    let planned = inspection.details.planned_on;
    Row::to(inspection.location())
        .text(whom(inspection))
        .text(inspection.round_title.clone())
        .said(move || format::date(planned, lang()))
        .mark(Some(chip(inspection)))
        .mark(inspection.details.conclusion.map(conclusion))
        .text(Some(inspection.findings_open).filter(|count| *count > 0).map(format::count))
}
