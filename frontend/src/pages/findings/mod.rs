//! Findings of inspections (发现问题): list, page, form; and those of a round, an inspection or a pairing, as a tab of its page.

mod detail;
mod form;
mod list;

use contract::findings::{Finding, FindingAction, FindingDue, FindingQuery, FindingState, Severity};
use contract::projects::ResponsibleSide;
use contract::{ObjectKind, Resource, Role};
use leptos::prelude::*;

use crate::components::actions::{self, StepRule};
use crate::components::excerpt::Excerpt;
use crate::components::page::{self, Tone};
use crate::components::table::Row;
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::{api, format, session, t};

/// The page of a path below `/findings`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}

/// The state as a chip.
fn chip(state: FindingState) -> AnyView {
    let tone = match state {
        FindingState::Open | FindingState::Rectifying => Tone::Warning,
        FindingState::Submitted => Tone::Accent,
        FindingState::Reopened => Tone::Bad,
        FindingState::Closed => Tone::Good,
    };
    page::chip(Text::label(state), tone)
}

fn severity(severity: Severity) -> AnyView {
    let tone = match severity {
        Severity::General => Tone::Neutral,
        Severity::Serious => Tone::Warning,
        Severity::Grave => Tone::Bad,
    };
    page::chip(Text::label(severity), tone)
}

/// How it stands with its day: nothing while there is time.
fn due(finding: &Finding) -> Option<AnyView> {
    let days = finding.days_left.unwrap_or_default();
    let tone = match finding.due {
        FindingDue::OnTime | FindingDue::Settled => return None,
        FindingDue::DueSoon => Tone::Warning,
        FindingDue::Overdue | FindingDue::Escalated => Tone::Bad,
    };
    let words = move || if days < 0 { t!(findings::days_late, -days) } else { t!(findings::days_left, days) };
    let class = if tone == Tone::Bad { "chip bad" } else { "chip warning" };
    Some(view! { <span class=class>{words}</span> }.into_any())
}

/// Who has to mend it, by name.
fn responsible(finding: &Finding) -> AnyView {
    match finding.details.responsible {
        ResponsibleSide::Organisation => finding.organisation_name.clone().into_any(),
        ResponsibleSide::Village => finding.village_name.clone().into_any(),
        side @ ResponsibleSide::Town => crate::i18n::reactive(Text::label(side)).into_any(),
    }
}

fn rule(action: FindingAction) -> StepRule {
    use FindingAction::{Begin, Close, Reopen, Submit};
    let rule = StepRule::of(FindingState::STEPS, action);
    match action {
        Begin => rule,
        Submit => {
            StepRule { primary: true, note_required: true, note: Some(texts::findings::DONE), day: Some("rectified_on"), ..rule }
        }
        Close => StepRule { primary: true, ..rule },
        Reopen => StepRule { note: Some(texts::findings::STILL_WRONG), new_day: Some("due_on"), ..rule },
    }
}

/// The same for a town office that mends something for a village committee.
fn rule_on_behalf(action: FindingAction) -> StepRule {
    let on_behalf = matches!(action, FindingAction::Begin | FindingAction::Submit);
    StepRule { on_behalf, ..rule(action) }
}

/// The steps that this person may take now.
fn steps(finding: &Finding, reload: Callback<()>) -> AnyView {
    let on_behalf = finding.details.responsible == ResponsibleSide::Village && session::is_one_of(&[Role::Town]);
    let rule = if on_behalf { rule_on_behalf } else { rule };
    actions::buttons(&finding.location(), &finding.allowed_actions, rule, reload)
}

/// The tab with the findings that the query names.
pub fn tab(query: FindingQuery) -> Tab {
    let excerpt = Excerpt {
        kind: ObjectKind::Finding,
        heading: texts::findings::HEADING,
        heads: ["problem", "severity", "responsible", "due_on", "state"].map(|name| (field(name), false)).to_vec(),
        call: api::findings::list,
        row,
        none: texts::findings::NONE,
    };
    excerpt.tab("findings", query)
}

fn row(finding: &Finding) -> Row {
    let day = finding.details.due_on;
    Row::to(finding.location())
        .text(finding.details.problem.clone())
        .mark(Some(severity(finding.details.severity)))
        .mark(Some(responsible(finding)))
        .mark(Some(view! { {move || format::date(day, lang())}" "{due(finding)} }.into_any()))
        .mark(Some(chip(finding.state)))
}
