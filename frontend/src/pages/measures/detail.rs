//! A measure's page: what is to be done, and the records that fulfil it.

use std::sync::Arc;

use contract::assistance::RecordQuery;
use contract::plans::{Measure, MeasureAction, MeasureState};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;

use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, lang_now, reactive, texts};
use crate::pages::assistance;
use crate::{format, session};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::plans::read_measure(&id), draw)
}

/// The state as a chip. It marks a measure whose month is over.
pub fn chip(measure: &Measure) -> AnyView {
    let past = session::account().is_some_and(|account| measure.month < contract::Month::of(account.today));
    match measure.state {
        MeasureState::Planned if past => page::chip(texts::measures::OVERDUE, Tone::Bad),
        MeasureState::Planned => page::chip(Text::label(measure.state), Tone::Warning),
        MeasureState::Fulfilled => page::chip(Text::label(measure.state), Tone::Good),
        MeasureState::Dropped => page::chip(Text::label(measure.state), Tone::Neutral),
    }
}

/// What the steps of a measure ask for.
pub fn rule(action: MeasureAction) -> StepRule {
    StepRule::of(MeasureState::STEPS, action)
}

fn draw(measure: Arc<Measure>, reload: Callback<()>) -> Detail {
    let shown = measure.clone();
    let id = measure.id;
    let lang = lang_now();
    Detail {
        title: format!("{} · {} · {}", measure.file_number, format::month(measure.month, lang), measure.kind.label(lang)),
        chips: chip(&measure),
        editable: measure.editable,
        actions: view! {
            {super::record(&measure)}
            {actions::buttons(&measure.location(), &measure.allowed_actions, rule, reload)}
        }
        .into_any(),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
            Tab::new("records", texts::assistance::HEADING, move || {
                assistance::table_of(RecordQuery { measure_id: Some(id), ..Default::default() })
            }),
        ],
    }
}

fn key_facts(measure: &Measure) -> AnyView {
    let (month, kind, goal, side) = (measure.month, measure.kind, measure.goal, measure.responsible);
    let household = view! { <a href=format!("/households/{}", measure.household_id)>{measure.file_number.clone()}</a> };
    let plan = view! { <a href=format!("/assistance-plans/{}", measure.plan_id)>{reactive(texts::nav::DETAILS)}</a> };
    let facts = facts(vec![
        (field("household_id"), household.into_any()),
        (texts::measures::PLAN, plan.into_any()),
        fact("village_name", measure.village_name.clone()),
        fact_in("month", move || format::month(month, lang())),
        fact_in("kind", move || kind.label(lang()).to_owned()),
        fact_in("goal", move || goal.label(lang()).to_owned()),
        fact_in("responsible", move || side.label(lang()).to_owned()),
        fact("organisation_name", measure.organisation_name.clone()),
        fact("member_name", measure.member_name.clone()),
        (texts::measures::AMOUNT, measure.amount_fen.map_or_else(|| "—".to_owned(), format::money).into_any()),
        (texts::measures::GIVEN, format::money(measure.given_fen).into_any()),
    ]);
    view! { {facts}{told(vec![fact("description", measure.description.clone())])} }.into_any()
}
