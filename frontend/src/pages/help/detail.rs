//! The page of a record of help: what was given, and whether the institution confirms it.

use std::sync::Arc;

use contract::adoptions::{HelpAction, HelpRecord, HelpState};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;

use super::chip;
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::format;
use crate::i18n::{field, lang, lang_now, texts};
use crate::pages::assistance::goods_words;

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::help::read(&id), draw)
}

fn rule(action: HelpAction) -> StepRule {
    StepRule { primary: action == HelpAction::Confirm, ..StepRule::of(HelpState::STEPS, action) }
}

fn draw(record: Arc<HelpRecord>, reload: Callback<()>) -> Detail {
    let shown = record.clone();
    let (details, lang) = (&record.details, lang_now());
    Detail {
        title: format!(
            "{} · {} · {}",
            record.institution_name,
            details.kind.label(lang),
            format::date(details.happened_on, lang)
        ),
        chips: chip(record.state),
        editable: record.editable,
        actions: actions::buttons(&record.location(), &record.allowed_actions, rule, reload),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))],
    }
}

fn key_facts(record: &HelpRecord) -> AnyView {
    let details = record.details.clone();
    let (kind, day, goods) = (details.kind, details.happened_on, details.goods);
    let adoption = format!("{} · {}", record.institution_name, record.cadre_name);
    let why = matches!(record.state, HelpState::Rejected | HelpState::Revoked)
        .then(|| timeline::why(record.location(), HelpState::STEPS, record.state));
    let about = facts(vec![
        (field("adoption_id"), view! { <a href=format!("/adoptions/{}", details.adoption_id)>{adoption}</a> }.into_any()),
        fact_in("kind", move || kind.label(lang()).to_owned()),
        fact_in("happened_on", move || format::date(day, lang())),
        fact("amount_fen", details.amount_fen.map(format::money)),
        fact_in("goods", move || goods_words(&goods, lang())),
        fact("hours", details.hours.map(|hours| format::count(hours.into()))),
    ]);
    view! { {why}{about}{told(vec![fact("description", details.description)])} }.into_any()
}
