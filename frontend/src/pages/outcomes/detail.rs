//! An outcome's page.

use std::sync::Arc;

use contract::attachments::AttachmentObject;
use contract::outcomes::{Outcome, OutcomeAction, OutcomeState};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;

use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::format;
use crate::i18n::{Text, field, lang, lang_now, texts};
use crate::pages::attachments;

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::outcomes::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: OutcomeState) -> AnyView {
    let tone = match state {
        OutcomeState::Recorded => Tone::Warning,
        OutcomeState::Confirmed => Tone::Good,
        OutcomeState::Corrected | OutcomeState::Withdrawn => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

/// The amount, as a number or as money.
pub fn amount(outcome: &Outcome) -> String {
    if outcome.indicator.is_money() { format::money(outcome.quantity) } else { format::count(outcome.quantity) }
}

fn rule(action: OutcomeAction) -> StepRule {
    StepRule { primary: action == OutcomeAction::Confirm, ..StepRule::of(OutcomeState::STEPS, action) }
}

fn draw(outcome: Arc<Outcome>, reload: Callback<()>) -> Detail {
    let shown = outcome.clone();
    Detail {
        title: format!("{} · {}", outcome.indicator.label(lang_now()), outcome.village_name),
        chips: chip(outcome.state),
        editable: outcome.editable,
        actions: actions::buttons(&outcome.location(), &outcome.allowed_actions, rule, reload),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
            attachments::tab(AttachmentObject::Outcome, outcome.id.to_string(), outcome.editable),
        ],
    }
}

fn key_facts(outcome: &Outcome) -> AnyView {
    let (indicator, on) = (outcome.indicator, outcome.happened_on);
    let pairing = format!("{} · {}", outcome.village_name, outcome.organisation_name);
    let why =
        (outcome.state == OutcomeState::Withdrawn).then(|| timeline::why(outcome.location(), OutcomeState::STEPS, outcome.state));
    let facts = facts(vec![
        (field("pairing_id"), view! { <a href=format!("/pairings/{}", outcome.pairing_id)>{pairing}</a> }.into_any()),
        fact_in("indicator", move || indicator.label(lang()).to_owned()),
        fact("quantity", amount(outcome)),
        fact_in("happened_on", move || format::date(on, lang())),
    ]);
    view! { {why}{facts}{told(vec![fact("description", outcome.description.clone())])} }.into_any()
}
