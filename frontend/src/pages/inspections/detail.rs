//! An inspection's page: its results, what is still missing, its findings and photos.

use std::sync::Arc;

use contract::attachments::AttachmentObject;
use contract::findings::FindingQuery;
use contract::inspections::{Inspection, InspectionAction, InspectionState, ItemOutcome, ItemResult, incomplete};
use contract::{FieldError, Permission, Resource};
use leptos::prelude::*;

use super::{chip, conclusion, result, whom};
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{self, Tone};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, field, lang, texts};
use crate::pages::{attachments, checklist_items, findings};
use crate::{api, format, session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::inspections::read(&id), draw)
}

fn rule(action: InspectionAction) -> StepRule {
    StepRule { primary: action == InspectionAction::Complete, ..StepRule::of(InspectionState::STEPS, action) }
}

/// Whether findings can be entered.
fn may_find(inspection: &Inspection) -> bool {
    inspection.state != InspectionState::Cancelled && session::may(Permission::WriteInspections)
}

fn finding(inspection: &Inspection, item: Option<i32>) -> String {
    let item = item.map(|item| format!("&item={item}")).unwrap_or_default();
    format!("/findings/new?inspection_id={}{item}", inspection.id)
}

fn draw(inspection: Arc<Inspection>, reload: Callback<()>) -> Detail {
    let shown = inspection.clone();
    let missing = incomplete(&inspection.details, &inspection.items);
    // Completing is offered once there is something to complete.
    let ready = |action: &InspectionAction| *action != InspectionAction::Complete || missing.is_empty();
    let steps: Vec<_> = inspection.allowed_actions.iter().copied().filter(ready).collect();
    let path = inspection.location();
    let fill = inspection.editable.then(|| {
        let href = format!("{path}/sheet");
        match missing.is_empty() {
            true => page::link(href, texts::inspections::FILL),
            false => page::primary_link(href, texts::inspections::FILL),
        }
    });
    let plan = inspection.editable.then(|| page::link(format!("{path}/edit"), texts::inspections::PLAN));
    let find = may_find(&inspection).then(|| page::link(finding(&inspection, None), texts::findings::CREATE));
    Detail {
        title: whom(&inspection),
        chips: view! {
            {page::chip(Text::label(inspection.kind), Tone::Neutral)}
            {chip(&inspection)}
            {inspection.details.conclusion.map(conclusion)}
        }
        .into_any(),
        editable: false,
        actions: view! { {fill}{actions::buttons(&path, &steps, rule, reload)}{find}{plan} }.into_any(),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || profile(&shown)),
            findings::tab(FindingQuery { inspection_id: Some(inspection.id), ..Default::default() }),
            attachments::tab(AttachmentObject::Inspection, inspection.id.to_string(), may_find(&inspection)),
        ],
    }
}

fn profile(inspection: &Inspection) -> AnyView {
    let details = &inspection.details;
    let (planned, held) = (details.planned_on, details.held_on);
    let names = inspection.inspector_names.clone();
    let link = |href: String, name: String| view! { <a href=href>{name}</a> }.into_any();
    let round = match session::may(Permission::ReadRounds) {
        true => link(format!("/inspection-rounds/{}", details.round_id), inspection.round_title.clone()),
        false => inspection.round_title.clone().into_any(),
    };
    let about = facts(vec![
        (field("round_title"), round),
        (field("pairing_id"), link(format!("/pairings/{}", details.pairing_id), whom(inspection))),
        fact_in("planned_on", move || format::date(planned, lang())),
        fact_in("held_on", move || held.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()))),
        fact_in("inspector_names", move || match names.as_slice() {
            [] => "—".to_owned(),
            names => names.join(lang().pick("、", ", ")),
        }),
    ]);
    let why = (inspection.state == InspectionState::Cancelled)
        .then(|| timeline::why(inspection.location(), InspectionState::STEPS, inspection.state));
    let summary = details.summary.clone().map(|summary| told(vec![fact("summary", summary)]));
    view! { {why}{missing(inspection)}{about}{summary}<h2>{t!(inspections::RESULTS)}</h2>{results(inspection)} }.into_any()
}

/// What the sheet still lacks, once somebody has begun to fill it in.
fn missing(inspection: &Inspection) -> AnyView {
    let faults = incomplete(&inspection.details, &inspection.items);
    let begun = !inspection.details.results.is_empty() || inspection.details.conclusion.is_some();
    if !begun || !inspection.editable || faults.is_empty() {
        return ().into_any();
    }
    let done = inspection.details.results.len();
    let without = inspection.items.len().saturating_sub(done);
    let remarks: Vec<_> = faults.iter().filter_map(|fault| remark_of(&inspection.details.results, fault)).collect();
    let named = |pointer: &str| faults.iter().any(|fault| fault.pointer == pointer);
    let (day, end) = (named("/held_on"), named("/conclusion"));
    let words = move || {
        let mut words = Vec::new();
        if without > 0 {
            words.push(t!(inspections::without_result, without));
        }
        words.extend(remarks.iter().map(|item| t!(inspections::without_remark, item)));
        words.extend(day.then(|| field("held_on").get().to_owned()));
        words.extend(end.then(|| field("conclusion").get().to_owned()));
        words.join(lang().pick("、", ", "))
    };
    view! { <p class="notice warning" role="note">{t!(inspections::MISSING)}" "{words}</p> }.into_any()
}

/// The number of the item whose remark a fault asks for.
fn remark_of(results: &[ItemOutcome], fault: &FieldError) -> Option<i32> {
    let index = fault.pointer.strip_prefix("/results/")?.strip_suffix("/remark")?;
    results.get(index.parse::<usize>().ok()?).map(|outcome| outcome.item)
}

/// Each item with its result, and a link to enter what was found.
fn results(inspection: &Inspection) -> AnyView {
    let may = may_find(inspection);
    let rows = (1..).zip(&inspection.items).map(|(number, item)| {
        let outcome = inspection.details.results.iter().find(|outcome| outcome.item == number);
        let text = view! { {format!("{number}. {}", item.text)}{checklist_items::needs(item)} };
        let lacking = outcome.is_some_and(|outcome| matches!(outcome.result, ItemResult::Partly | ItemResult::NotMet));
        let find = (may && lacking).then(|| {
            view! { <div class="row-actions">{page::link(finding(inspection, Some(number)), texts::findings::CREATE)}</div> }
                .into_any()
        });
        Row::default()
            .mark(Some(text.into_any()))
            .mark(outcome.map(|outcome| result(outcome.result)))
            .text(outcome.and_then(|outcome| outcome.remark.clone()))
            .mark(find)
    });
    let heads = ["item", "result", "remark", "allowed_actions"].map(|name| (field(name), false));
    let shown = if may { 4 } else { 3 };
    table::rows(texts::inspections::RESULTS, heads[..shown].to_vec(), rows)
}
