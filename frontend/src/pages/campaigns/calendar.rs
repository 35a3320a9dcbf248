//! The calendar: phases as a timeline, and each deadline with a countdown and whether it was met.

use chrono::NaiveDate;
use contract::Permission;
use contract::campaigns::{Campaign, MilestoneState, MilestoneStatus, Phase, PhaseDates};
use leptos::prelude::*;

use crate::components::page::{Tone, chip};
use crate::i18n::{Text, lang, reactive, texts};
use crate::{format, session, t};

/// The whole calendar of a campaign: its phases, each with its deadlines.
pub fn calendar(campaign: &Campaign) -> AnyView {
    let phases = &campaign.details.phases;
    let of_phase = |phase: &PhaseDates| -> Vec<&MilestoneState> {
        let here = |milestone: &&MilestoneState| phase_of(phases, milestone.due_on) == Some(phase.phase);
        campaign.milestone_states.iter().filter(here).collect()
    };
    let parts = phases.iter().map(|phase| draw_phase(phase, &of_phase(phase), campaign.current_phase));
    let outside = campaign.milestone_states.iter().filter(|milestone| phase_of(phases, milestone.due_on).is_none());
    let outside: Vec<_> = outside.map(milestone).collect();
    view! {
        <ol class="phases">{parts.collect_view()}</ol>
        {(!outside.is_empty()).then(|| view! { <ol class="milestones">{outside}</ol> })}
        {campaign.milestone_states.is_empty().then(|| view! { <p class="muted">{t!(campaigns::NO_MILESTONES)}</p> })}
    }
    .into_any()
}

/// Phases may overlap by a month (April–May, May–November): a deadline belongs to the first phase that contains it.
fn phase_of(phases: &[PhaseDates], day: NaiveDate) -> Option<Phase> {
    phases.iter().find(|phase| phase.starts_on <= day && day <= phase.ends_on).map(|phase| phase.phase)
}

fn draw_phase(phase: &PhaseDates, milestones: &[&MilestoneState], current: Option<Phase>) -> AnyView {
    let (from, to) = (phase.starts_on, phase.ends_on);
    let is_now = current == Some(phase.phase);
    let items: Vec<_> = milestones.iter().map(|state| milestone(state)).collect();
    view! {
        <li class="phase" class:now=is_now aria-current=is_now.then_some("step")>
            <div class="phase-head">
                <h2>{reactive(Text::label(phase.phase))}</h2>
                {is_now.then(|| chip(texts::campaigns::PHASE_NOW, Tone::Accent))}
            </div>
            <p class="muted">{move || t!(campaigns::until, format::date(from, lang()), format::date(to, lang()))}</p>
            <ol class="milestones">{items}</ol>
        </li>
    }
    .into_any()
}

/// A deadline: its purpose, day, progress and status.
pub fn milestone(state: &MilestoneState) -> AnyView {
    let (due, days, status) = (state.due_on, state.days_left, state.status);
    let (tone, class) = match status {
        MilestoneStatus::Met => (Tone::Good, "milestone good"),
        MilestoneStatus::Missed => (Tone::Bad, "milestone bad"),
        MilestoneStatus::Upcoming if days <= 14 => (Tone::Warning, "milestone warning"),
        MilestoneStatus::Upcoming => (Tone::Neutral, "milestone"),
    };
    let countdown = move || match (status, days) {
        (MilestoneStatus::Met, _) => String::new(),
        (_, 0) => t!(campaigns::TODAY)().to_owned(),
        (_, 1..) => t!(campaigns::days_left, format::count(days)),
        _ => t!(campaigns::days_over, format::count(-days)),
    };
    let reached = state.done.map(|done| match state.wanted {
        Some(wanted) => view! {
            <progress max=wanted.max(1).to_string() value=done.min(wanted).to_string() aria-label=reactive(Text::label(state.kind))></progress>
            <span class="figure">{move || t!(campaigns::reached, format::count(done), format::count(wanted))}</span>
        }
        .into_any(),
        None => view! { <span class="figure">{format::count(done)}</span> }.into_any(),
    });
    let missing = state.missing.clone().filter(|_| session::may(Permission::ReadEnrolments));
    let missing = missing.map(|records| view! { <a href=records>{t!(campaigns::MISSING)}</a> });
    view! {
        <li class=class>
            <span class="what">{reactive(Text::label(state.kind))}</span>
            <time datetime=due.to_string()>{move || format::date(due, lang())}</time>
            <span class="countdown">{countdown}</span>
            <span class="reached">{reached}" "{missing}</span>
            {chip(Text::label(status), tone)}
        </li>
    }
    .into_any()
}
