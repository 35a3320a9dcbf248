//! An enrolment's page.

use std::sync::Arc;

use contract::enrolments::{Enrolment, EnrolmentAction, EnrolmentState};
use contract::{CodedEnum, Permission, Resource};
use leptos::prelude::*;

use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, lang, texts};
use crate::{format, session};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::enrolments::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: EnrolmentState) -> AnyView {
    let tone = match state {
        EnrolmentState::Applied | EnrolmentState::Nominated => Tone::Warning,
        EnrolmentState::Confirmed => Tone::Good,
        EnrolmentState::Declined | EnrolmentState::Withdrawn => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

fn rule(action: EnrolmentAction) -> StepRule {
    StepRule { primary: action == EnrolmentAction::Confirm, ..StepRule::of(EnrolmentState::STEPS, action) }
}

fn draw(enrolment: Arc<Enrolment>, reload: Callback<()>) -> Detail {
    let shown = enrolment.clone();
    Detail {
        title: enrolment.name.clone(),
        chips: chip(enrolment.state),
        editable: enrolment.editable,
        actions: actions::buttons(&enrolment.location(), &enrolment.allowed_actions, rule, reload),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))],
    }
}

fn key_facts(enrolment: &Enrolment) -> AnyView {
    let (kind, created, updated) = (enrolment.kind, enrolment.created_at, enrolment.updated_at);
    let until = enrolment.places_until;
    let who = match (&enrolment.village_code, enrolment.organisation_id) {
        (Some(code), _) => format!("/villages/{code}"),
        (None, Some(id)) => format!("/organisations/{id}"),
        (None, None) => String::new(),
    };
    let name = enrolment.name.clone();
    let why = matches!(enrolment.state, EnrolmentState::Declined | EnrolmentState::Withdrawn)
        .then(|| timeline::why(enrolment.location(), EnrolmentState::STEPS, enrolment.state));
    let enters = (enrolment.state == EnrolmentState::Confirmed && session::may(Permission::WriteCatalogue)).then(|| {
        let party = match (&enrolment.village_code, enrolment.organisation_id) {
            (Some(code), _) => format!("village_code={code}"),
            (None, id) => format!("organisation_id={}", id.unwrap_or_default()),
        };
        let href = format!("/catalogue-entries/new?campaign_id={}&{party}", enrolment.campaign_id);
        view! { <p>{page::link(href, texts::catalogue::CREATE)}</p> }
    });
    let facts = facts(vec![
        (crate::i18n::field("name"), view! { <a href=who>{name}</a> }.into_any()),
        fact("town_name", enrolment.town_name.clone()),
        fact_in("kind", move || kind.label(lang()).to_owned()),
        fact("places", enrolment.places.map(|places| format::count(places.into()))),
        fact_in("places_until", move || format::date(until, lang())),
        fact("note", enrolment.note.clone()),
        fact_in("created_at", move || format::instant(created, lang())),
        fact_in("updated_at", move || format::instant(updated, lang())),
    ]);
    view! { {why}{facts}{enters} }.into_any()
}
