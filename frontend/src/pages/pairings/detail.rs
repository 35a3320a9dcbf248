//! A pairing's page: the two sides, its state, and the next steps.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use contract::catalogue::CommittedEntries;
use contract::findings::FindingQuery;
use contract::inspections::InspectionQuery;
use contract::pairings::{PairedHousehold, Pairing, PairingAction, PairingKind, PairingState};
use contract::projects::WRITERS;
use contract::{CodedEnum, ObjectKind, Permission, Resource, Role};
use leptos::prelude::*;
use uuid::Uuid;

use super::year;
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::load;
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::pages::{catalogue, findings, inspections};
use crate::{format, session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::pairings::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: PairingState) -> AnyView {
    let tone = match state {
        PairingState::Proposed | PairingState::Accepted | PairingState::Confirmed => Tone::Warning,
        PairingState::Active | PairingState::Completed => Tone::Good,
        PairingState::Terminated => Tone::Bad,
        PairingState::Declined | PairingState::Withdrawn | PairingState::Expired => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

fn rule(action: PairingAction) -> StepRule {
    use PairingAction::{Accept, Activate, Complete, Confirm};
    let primary = matches!(action, Accept | Confirm | Activate | Complete);
    StepRule { primary, ..StepRule::of(PairingState::STEPS, action) }
}

fn draw(pairing: Arc<Pairing>, reload: Callback<()>) -> Detail {
    Detail {
        title: match &pairing.household {
            Some(household) => format!("{} · {}", household.file_number, pairing.organisation_name),
            None => format!("{} · {}", pairing.village_name, pairing.organisation_name),
        },
        chips: chip(pairing.state),
        editable: false,
        actions: view! {
            {actions::buttons(&pairing.location(), &pairing.allowed_actions, rule, reload)}
            {ways(&pairing)}
        }
        .into_any(),
        tabs: tabs(&pairing, reload),
    }
}

/// Its year, its key facts, and what was found where somebody looked at it. Those of families are not inspected.
fn tabs(pairing: &Arc<Pairing>, reload: Callback<()>) -> Vec<Tab> {
    let (shown, of_year) = (pairing.clone(), pairing.clone());
    let mut tabs = vec![
        Tab::new("year", texts::pairing_year::HEADING, move || {
            view! { {notices(&of_year)}{year::tab(&of_year.id.to_string(), reload)} }.into_any()
        }),
        Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
    ];
    if pairing.kind == PairingKind::Village && session::may(Permission::ReadInspections) {
        let pairing_id = Some(pairing.id);
        tabs.push(inspections::tab(InspectionQuery { pairing_id, ..Default::default() }));
        tabs.push(findings::tab(FindingQuery { pairing_id, ..Default::default() }));
    }
    tabs
}

/// The objects that can be created for it now.
fn ways(pairing: &Pairing) -> AnyView {
    let village = pairing.kind == PairingKind::Village;
    let draft = village && pairing.state == PairingState::Confirmed && session::may(Permission::WriteAgreements);
    let agreement = format!("/agreements/new?pairing_id={}", pairing.id);
    let live = village && PairingState::AGREED.contains(&pairing.state);
    let planned = live && session::is_one_of(WRITERS);
    let project = format!("/projects/new?pairing_id={}", pairing.id);
    let report = village && pairing.state == PairingState::Active && session::may(Permission::WriteProgress);
    let href = format!("/progress-updates/new?pairing_id={}", pairing.id);
    let family = pairing.household.as_ref().filter(|_| pairing.state == PairingState::Active);
    let record = family
        .filter(|_| session::may(Permission::WriteAssistance))
        .map(|household| format!("/assistance-records/new?household_id={}&pairing_id={}", household.id, pairing.id));
    let told = village && pairing.active_since.is_some() && session::may(Permission::WriteCases);
    let case = format!("/cases/new?pairing_id={}&campaign_id={}", pairing.id, pairing.campaign_id);
    view! {
        {record.map(|record| page::primary_link(record, texts::assistance::CREATE))}
        {draft.then(|| page::primary_link(agreement, texts::pairings::DRAFT_AGREEMENT))}
        {planned.then(|| page::link(project, texts::projects::CREATE))}
        {report.then(|| page::primary_link(href, texts::pairings::REPORT_PROGRESS))}
        {told.then(|| page::link(case, texts::cases::CREATE))}
    }
    .into_any()
}

/// Links to what is told of this pair, which its year does not show.
fn records(pairing: &Pairing) -> AnyView {
    let lists = [ObjectKind::Case, ObjectKind::PublicityItem];
    let lists = lists.iter().filter(|kind| pairing.kind == PairingKind::Village && session::may(kind.read_by()));
    let links = lists.map(|kind| {
        let href = format!("{}?pairing_id={}", kind.path(), pairing.id);
        view! { <li><a href=href>{reactive(Text::label(*kind))}</a></li> }.into_any()
    });
    let links: Vec<_> = links.collect();
    if links.is_empty() {
        return ().into_any();
    }
    view! { <section><h2>{t!(pairings::RECORDS)}</h2><ul class="shortcuts">{links}</ul></section> }.into_any()
}

fn key_facts(pairing: &Pairing) -> AnyView {
    let link = |href: String, name: String| view! { <a href=href>{name}</a> }.into_any();
    let (kind, by, due, active) = (pairing.kind, pairing.proposed_by, pairing.answer_due_on, pairing.active_since);
    let mut rows = vec![
        fact_in("kind", move || kind.label(lang()).to_owned()),
        (field("village_name"), link(format!("/villages/{}", pairing.village_code), pairing.village_name.clone())),
        fact("town_name", pairing.town_name.clone()),
        (
            field("organisation_name"),
            link(format!("/organisations/{}", pairing.organisation_id), pairing.organisation_name.clone()),
        ),
        (field("campaign_title"), link(format!("/campaigns/{}", pairing.campaign_id), pairing.campaign_title.clone())),
        fact_in("proposed_by", move || by.label(lang()).to_owned()),
        answered("organisation_accepted_at", pairing.organisation_accepted_at),
        answered("village_accepted_at", pairing.village_accepted_at),
        fact_in("answer_due_on", move || format::date(due, lang())),
        fact_in("active_since", move || active.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()))),
        fact("note", pairing.note.clone()),
    ];
    if let Some(household) = &pairing.household {
        rows.splice(1..1, of_household(household, opens_file(pairing)));
    }
    let taken = (pairing.kind == PairingKind::Village && session::may(Permission::ReadCatalogue)).then(|| taken(pairing.id));
    view! { {facts(rows)}{taken}{records(pairing)} }.into_any()
}

/// Why the pairing has ended, or shows less than it did.
fn notices(pairing: &Pairing) -> AnyView {
    use PairingState::{Declined, Terminated, Withdrawn};
    let why = matches!(pairing.state, Declined | Terminated | Withdrawn)
        .then(|| timeline::why(pairing.location(), PairingState::STEPS, pairing.state));
    // 撤回同意: whoever helped learns why the family is no longer shown.
    let hidden = pairing.kind == PairingKind::Household && pairing.household.is_none();
    let hidden = hidden.then(|| view! { <p class="notice" role="note">{t!(pairings::FAMILY_HIDDEN)}</p> });
    view! { {why}{hidden} }.into_any()
}

/// The entries of the catalogue of which the pairing takes something that its projects and its help have not taken yet.
fn taken(id: Uuid) -> AnyView {
    load::show(load::load(move || api::pairings::commitments(id)), |taken: Arc<CommittedEntries>| {
        catalogue::committed(&taken.items)
    })
}

/// Whether the caller may open the family's file: an organisation once it helps the family, others if they may read files at all.
fn opens_file(pairing: &Pairing) -> bool {
    let organisation = session::account().is_some_and(|account| account.role == Role::Organisation);
    session::may(Permission::ReadHouseholds) && (!organisation || pairing.state == PairingState::Active)
}

/// What both sides know about a household: why it is in difficulty, but not who they are.
fn of_household(household: &PairedHousehold, open: bool) -> Vec<detail::Fact> {
    let (status, category, main) = (household.status, household.category, household.main_cause);
    let others = household.secondary_causes.clone();
    let number = household.file_number.clone();
    let number = match open {
        true => view! { <a href=format!("/households/{}", household.id)>{number}</a> }.into_any(),
        false => number.into_any(),
    };
    vec![
        (field("file_number"), number),
        fact_in("status", move || status.label(lang()).to_owned()),
        fact_in("category", move || category.label(lang()).to_owned()),
        fact_in("main_cause", move || main.label(lang()).to_owned()),
        fact_in("secondary_causes", move || match others.as_slice() {
            [] => "—".to_owned(),
            others => others.iter().map(|cause| cause.label(lang())).collect::<Vec<_>>().join(lang().pick("、", ", ")),
        }),
    ]
}

fn answered(name: &'static str, at: Option<DateTime<Utc>>) -> detail::Fact {
    fact_in(name, move || at.map_or_else(|| texts::pairings::NOT_YET.get().to_owned(), |at| format::instant(at, lang())))
}
