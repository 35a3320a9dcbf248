//! A project's page: plan, money, expected results, tasks.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use contract::attachments::AttachmentObject;
use contract::projects::{Project, ProjectAction, ProjectState};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;

use super::super::{catalogue, tasks};
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, Fact, fact, fact_in, facts, told};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::pages::attachments;
use crate::{format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::projects::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: ProjectState) -> AnyView {
    let tone = match state {
        ProjectState::Draft | ProjectState::Submitted | ProjectState::Approved => Tone::Warning,
        ProjectState::InProgress => Tone::Accent,
        ProjectState::Completed | ProjectState::Accepted => Tone::Good,
        ProjectState::Returned | ProjectState::Suspended => Tone::Bad,
        ProjectState::Cancelled => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

fn rule(action: ProjectAction) -> StepRule {
    use ProjectAction::{Accept, Approve, Complete, Consent, Start, Submit};
    let primary = matches!(action, Consent | Submit | Approve | Start | Complete | Accept);
    StepRule { primary, ..StepRule::of(ProjectState::STEPS, action) }
}

fn draw(project: Arc<Project>, reload: Callback<()>) -> Detail {
    let (plan, money) = (project.clone(), project.clone());
    let head = &project.head;
    let may_add = project.editable || !head.allowed_actions.is_empty();
    let id = head.id;
    Detail {
        title: project.details.title.clone(),
        chips: view! {
            {chip(head.state)}
            {head.overdue.then(|| page::chip(texts::projects::OVERDUE, Tone::Bad))}
            {head.over_budget.then(|| page::chip(texts::projects::OVER_BUDGET, Tone::Bad))}
        }
        .into_any(),
        editable: project.editable,
        actions: actions::buttons(&project.location(), &head.allowed_actions, rule, reload),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&plan)),
            Tab::new("tasks", texts::projects::TASKS, move || tasks::of_project(id)),
            Tab::new("money", texts::projects::MONEY, move || amounts(&money)),
            attachments::tab(AttachmentObject::Project, id.to_string(), may_add),
        ],
    }
}

/// Why the project waits: who has not consented yet, or the note with which it was returned or stopped.
fn notice(project: &Project) -> AnyView {
    use ProjectState::{Cancelled, Draft, Returned, Suspended};
    let head = &project.head;
    let why = matches!(head.state, Returned | Suspended | Cancelled)
        .then(|| timeline::why(project.location(), ProjectState::STEPS, head.state));
    let sides = [
        (head.organisation_consented_at.is_none(), texts::projects::WAITS_ORGANISATION),
        (head.village_consented_at.is_none(), texts::projects::WAITS_VILLAGE),
    ];
    let waits = sides.into_iter().filter(|(waits, _)| *waits && matches!(head.state, Draft | Returned));
    let waits = waits.map(|(_, text)| view! { <p class="notice" role="note">{reactive(text)}</p> }).collect_view();
    view! { {why}{waits} }.into_any()
}

fn key_facts(project: &Project) -> AnyView {
    let (head, details) = (project.head.clone(), project.details.clone());
    let (goal, industry, from, to) = (details.goal, details.industry, details.starts_on, details.ends_on);
    let progress = (head.progress_percent, head.tasks_done, head.tasks_total);
    let pairing = format!("{} · {}", head.village_name, head.organisation_name);
    let facts = facts(vec![
        (field("pairing_id"), view! { <a href=format!("/pairings/{}", details.pairing_id)>{pairing}</a> }.into_any()),
        fact("town_name", head.town_name),
        fact_in("goal", move || goal.label(lang()).to_owned()),
        fact_in("industry", move || industry.map_or("—", |industry| industry.label(lang())).to_owned()),
        fact_in("starts_on", move || format::date(from, lang())),
        fact_in("ends_on", move || format::date(to, lang())),
        fact_in("progress_percent", move || t!(projects::progress, progress.0, progress.1, progress.2)),
        consented("organisation_consented_at", head.organisation_consented_at),
        consented("village_consented_at", head.village_consented_at),
    ]);
    let words = told(vec![fact("cooperation_form", details.cooperation_form), fact("plan", details.plan)]);
    view! { {notice(project)}{facts}{words}{catalogue::committed(&project.catalogue)} }.into_any()
}

fn consented(name: &'static str, at: Option<DateTime<Utc>>) -> Fact {
    fact_in(name, move || at.map_or_else(|| texts::projects::NOT_CONSENTED.get().to_owned(), |at| format::instant(at, lang())))
}

fn amounts(project: &Project) -> AnyView {
    let details = &project.details;
    let mut lines =
        vec![fact("budget_fen", format::money(details.budget_fen)), fact("spent_fen", format::money(details.spent_fen))];
    lines.extend(
        details.funding.iter().map(|funding| (Text::label(funding.source), format::money(funding.amount_fen).into_any())),
    );
    let expected = details.expected_outcomes.iter().map(|target| {
        let wanted = if target.indicator.is_money() { format::money(target.target) } else { format::count(target.target) };
        (Text::label(target.indicator), wanted.into_any())
    });
    view! {
        {facts(lines)}
        <h2>{t!(projects::OUTCOMES)}</h2>
        {facts(expected.collect())}
    }
    .into_any()
}
