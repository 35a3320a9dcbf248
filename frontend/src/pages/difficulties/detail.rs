//! The page of a difficulty: what it is, and how it was solved.

use std::sync::Arc;

use contract::adoptions::{Difficulty, DifficultyAction, DifficultyState};
use contract::{Resource, Role};
use leptos::prelude::*;

use super::chip;
use crate::api;
use crate::api::adoptions::ACTIVE_ADOPTIONS;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::tabs::Tab;
use crate::i18n::{field, lang, texts};
use crate::{format, session};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::difficulties::read(&id), draw)
}

fn rule(action: DifficultyAction) -> StepRule {
    let rule = StepRule::of(DifficultyState::STEPS, action);
    match action {
        DifficultyAction::Solve => StepRule {
            primary: true,
            note: Some(texts::difficulties::SOLUTION),
            day: Some("solved_on"),
            // A cadre says under which adoption of theirs; an institution may have solved it by itself.
            pick: session::is_one_of(&[Role::Cadre]).then_some(("adoption_id", ACTIVE_ADOPTIONS)),
            ..rule
        },
        DifficultyAction::Unsolve => rule,
    }
}

fn draw(difficulty: Arc<Difficulty>, reload: Callback<()>) -> Detail {
    let shown = difficulty.clone();
    Detail {
        title: difficulty.details.title.clone(),
        chips: chip(difficulty.state),
        editable: difficulty.editable,
        actions: actions::buttons(&difficulty.location(), &difficulty.allowed_actions, rule, reload),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))],
    }
}

fn key_facts(difficulty: &Difficulty) -> AnyView {
    let link = |href: String, name: String| view! { <a href=href>{name}</a> }.into_any();
    let details = &difficulty.details;
    let (raised, solved) = (details.raised_on, difficulty.solved_on);
    let mut rows = vec![
        (
            field("institution_name"),
            link(format!("/institutions/{}", details.institution_id), difficulty.institution_name.clone()),
        ),
        fact_in("raised_on", move || format::date(raised, lang())),
        fact_in("solved_on", move || solved.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()))),
    ];
    if let (Some(id), Some(name)) = (difficulty.adoption_id, difficulty.cadre_name.clone()) {
        rows.push((field("cadre_name"), link(format!("/adoptions/{id}"), name)));
    }
    let words = told(vec![fact("description", details.description.clone()), fact("solution", difficulty.solution.clone())]);
    view! { {facts(rows)}{words} }.into_any()
}
