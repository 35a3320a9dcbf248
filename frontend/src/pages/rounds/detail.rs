//! A round's page: what is looked at, the draw, its inspections and what they found.

use std::sync::Arc;

use contract::findings::FindingQuery;
use contract::inspections::{InspectionQuery, InspectionRound, RoundAction, RoundState, SelectionMethod};
use contract::{Permission, Resource};
use leptos::prelude::*;

use super::{chip, draw, held};
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::pages::{checklist_items, findings, inspections};
use crate::{api, format, session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::rounds::read(&id), drawn)
}

fn rule(action: RoundAction) -> StepRule {
    StepRule { primary: action == RoundAction::Close, ..StepRule::of(RoundState::STEPS, action) }
}

fn drawn(round: Arc<InspectionRound>, reload: Callback<()>) -> Detail {
    let (shown, listed, id) = (round.clone(), round.clone(), round.id);
    let add = round.state == RoundState::Open && session::may(Permission::WriteInspections);
    let href = format!("/inspections/new?round_id={id}");
    // A draft is opened where its draw is looked at.
    let steps: Vec<_> = round.allowed_actions.iter().copied().filter(|&action| action != RoundAction::Open).collect();
    let mut tabs = vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown, reload))];
    if round.state != RoundState::Draft {
        tabs.push(inspections::tab(InspectionQuery { round_id: Some(id), ..Default::default() }));
        tabs.push(findings::tab(FindingQuery { round_id: Some(id), ..Default::default() }));
        tabs.push(Tab::new("draw", texts::rounds::DRAW, move || draw::shown(&listed, None)));
    }
    Detail {
        title: round.details.title.clone(),
        chips: view! { {page::chip(Text::label(round.details.kind), Tone::Neutral)}{chip(round.state)} }.into_any(),
        editable: round.editable,
        actions: view! {
            {actions::buttons(&round.location(), &steps, rule, reload)}
            {add.then(|| page::link(href, texts::inspections::CREATE))}
        }
        .into_any(),
        tabs,
    }
}

fn key_facts(round: &Arc<InspectionRound>, reload: Callback<()>) -> AnyView {
    let details = &round.details;
    let (from, to, opened, closed) = (details.starts_on, details.ends_on, round.opened_on, round.closed_on);
    let day = |day: Option<chrono::NaiveDate>| move || day.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()));
    let link = |href: String, name: String| view! { <a href=href>{name}</a> }.into_any();
    let names = round.inspector_names.clone();
    let mut rows = vec![
        (field("campaign_title"), link(format!("/campaigns/{}", details.campaign_id), round.campaign_title.clone())),
        fact("area_name", round.area_name.clone()),
        (field("checklist_title"), link(format!("/checklists/{}", details.checklist_id), round.checklist_title.clone())),
        fact_in("starts_on", move || format::date(from, lang())),
        fact_in("ends_on", move || format::date(to, lang())),
        fact_in("inspector_names", move || match names.as_slice() {
            [] => "—".to_owned(),
            names => names.join(lang().pick("、", ", ")),
        }),
        (field("selection"), selection(round)),
    ];
    if round.state != RoundState::Draft {
        rows.push(fact_in("opened_on", day(opened)));
        rows.push(fact_in("closed_on", day(closed)));
        rows.push(fact("held", held(round)));
    }
    let why = (round.state == RoundState::Cancelled).then(|| timeline::why(round.location(), RoundState::STEPS, round.state));
    let draft = (round.state == RoundState::Draft).then(|| page::section(texts::rounds::DRAW, draw::shown(round, Some(reload))));
    view! { {why}{facts(rows)}{draft}{page::section(field("items"), checklist_items::items(&round.items))} }.into_any()
}

/// What the pairings are chosen from, in words.
fn selection(round: &InspectionRound) -> AnyView {
    let selection = round.details.selection.clone();
    let goal = selection.goal.map(Text::label);
    let parts = [
        goal,
        selection.overdue_tasks.then(|| field("overdue_tasks")),
        selection.never_inspected.then(|| field("never_inspected")),
        Some(Text::label(selection.method)),
    ];
    let towns = selection.towns.len();
    let (count, lot) = (selection.count.unwrap_or_default(), selection.method == SelectionMethod::Lot);
    let words = move || {
        let mut words: Vec<_> = parts.into_iter().flatten().map(|text| text.get().to_owned()).collect();
        if towns > 0 {
            words.insert(0, t!(rounds::of_towns, towns));
        }
        if lot {
            words.push(t!(rounds::of_count, count));
        }
        words.join(" · ")
    };
    let seed = selection.seed.map(|seed| view! { " · "{reactive(field("seed"))}" "<code>{seed}</code> });
    view! { {words}{seed} }.into_any()
}
