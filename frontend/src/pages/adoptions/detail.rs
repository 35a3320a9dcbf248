//! An adoption's page: the two sides, its state, the next steps, and what came of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use contract::adoptions::{Adoption, AdoptionAction, AdoptionState, AdoptionUpdateQuery, DifficultyQuery, HelpQuery};
use contract::{CodedEnum, Resource, Role};
use leptos::prelude::*;

use super::chip;
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, Fact, fact, fact_in, facts, told};
use crate::components::page;
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{field, lang, texts};
use crate::pages::{adoption_updates, difficulties, help};
use crate::{format, session};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::adoptions::read(&id), draw)
}

fn rule(action: AdoptionAction) -> StepRule {
    use AdoptionAction::{Accept, Complete, Confirm};
    StepRule { primary: matches!(action, Accept | Confirm | Complete), ..StepRule::of(AdoptionState::STEPS, action) }
}

fn draw(adoption: Arc<Adoption>, reload: Callback<()>) -> Detail {
    let shown = adoption.clone();
    let of = Some(adoption.id);
    Detail {
        title: format!("{} · {}", adoption.institution_name, adoption.cadre_name),
        chips: chip(adoption.state),
        editable: false,
        actions: view! {
            {actions::buttons(&adoption.location(), &adoption.allowed_actions, rule, reload)}
            {ways(&adoption)}
        }
        .into_any(),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
            adoption_updates::tab(AdoptionUpdateQuery { adoption_id: of, ..Default::default() }),
            help::tab(HelpQuery { adoption_id: of, ..Default::default() }),
            difficulties::tab(DifficultyQuery {
                institution_id: Some(adoption.institution_id),
                campaign_id: Some(adoption.campaign_id),
                ..Default::default()
            }),
        ],
    }
}

/// What its cadre tells of an active one.
fn ways(adoption: &Adoption) -> AnyView {
    let own = adoption.state == AdoptionState::Active && session::is_one_of(&[Role::Cadre]);
    let of = |path: &str| format!("{path}/new?adoption_id={}", adoption.id);
    view! {
        {own.then(|| page::primary_link(of("/help-records"), texts::help::CREATE))}
        {own.then(|| page::link(of("/adoption-updates"), texts::adoption_updates::CREATE))}
    }
    .into_any()
}

fn key_facts(adoption: &Adoption) -> AnyView {
    let link = |href: String, name: String| view! { <a href=href>{name}</a> }.into_any();
    let (by, due, active, ended) = (adoption.proposed_by, adoption.answer_due_on, adoption.active_since, adoption.ended_on);
    let day = |day: Option<chrono::NaiveDate>| move || day.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()));
    use AdoptionState::{Declined, Terminated, Withdrawn};
    let why = matches!(adoption.state, Declined | Terminated | Withdrawn)
        .then(|| timeline::why(adoption.location(), AdoptionState::STEPS, adoption.state));
    let year = format!("/cadre-year?campaign_id={}&cadre_id={}", adoption.campaign_id, adoption.cadre_id);
    let about = facts(vec![
        (
            field("institution_name"),
            link(format!("/institutions/{}", adoption.institution_id), adoption.institution_name.clone()),
        ),
        fact("area_name", adoption.area_name.clone()),
        (field("cadre_name"), link(year, adoption.cadre_name.clone())),
        (field("campaign_title"), link(format!("/campaigns/{}", adoption.campaign_id), adoption.campaign_title.clone())),
        fact_in("proposed_by", move || by.label(lang()).to_owned()),
        answered("cadre_accepted_at", adoption.cadre_accepted_at),
        answered("institution_accepted_at", adoption.institution_accepted_at),
        fact_in("answer_due_on", move || format::date(due, lang())),
        fact_in("active_since", day(active)),
        fact_in("ended_on", day(ended)),
    ]);
    view! { {why}{about}{told(vec![fact("note", adoption.note.clone())])} }.into_any()
}

fn answered(name: &'static str, at: Option<DateTime<Utc>>) -> Fact {
    fact_in(name, move || at.map_or_else(|| texts::pairings::NOT_YET.get().to_owned(), |at| format::instant(at, lang())))
}
