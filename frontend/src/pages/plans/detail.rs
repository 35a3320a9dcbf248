//! A plan's page: its measures by month, its state, and the next steps.

use std::sync::Arc;

use contract::Resource;
use contract::plans::{Plan, PlanAction, PlanState};
use leptos::prelude::*;

use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::pages::measures;
use crate::{format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::plans::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: PlanState) -> AnyView {
    let tone = match state {
        PlanState::Draft => Tone::Warning,
        PlanState::Agreed => Tone::Good,
        PlanState::Closed => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

/// Who of the family agreed, and when; or that nobody has yet.
pub fn agreed(plan: &Plan) -> AnyView {
    let (Some(on), Some(by)) = (plan.agreed_on, plan.agreed_by.clone()) else {
        return view! { <p class="muted">{t!(plans::NOT_AGREED)}</p> }.into_any();
    };
    view! { <p class="muted">{move || t!(plans::agreed, format::date(on, lang()), by)}</p> }.into_any()
}

fn rule(action: PlanAction) -> StepRule {
    let rule = StepRule::of(PlanState::STEPS, action);
    match action {
        PlanAction::Agree => StepRule { day: Some("agreed_on"), person: Some("agreed_by"), primary: true, ..rule },
        PlanAction::Close => rule,
    }
}

fn draw(plan: Arc<Plan>, reload: Callback<()>) -> Detail {
    let (shown, told) = (plan.clone(), plan.clone());
    Detail {
        title: format!("{} {}", plan.head_name, plan.file_number),
        chips: chip(plan.state),
        editable: false,
        actions: actions::buttons(&plan.location(), &plan.allowed_actions, rule, reload),
        tabs: vec![
            Tab::new("measures", field("assistance_measures"), move || measures::of_plan(&shown)),
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&told)),
        ],
    }
}

fn key_facts(plan: &Plan) -> AnyView {
    let link = |href: String, name: String| view! { <a href=href>{name}</a> }.into_any();
    let on = plan.agreed_on;
    facts(vec![
        (
            field("household_id"),
            link(format!("/households/{}", plan.household_id), format!("{} {}", plan.file_number, plan.head_name)),
        ),
        fact("village_name", plan.village_name.clone()),
        fact("town_name", plan.town_name.clone()),
        (field("campaign_title"), link(format!("/campaigns/{}", plan.campaign_id), plan.campaign_title.clone())),
        fact_in("agreed_on", move || on.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()))),
        fact("agreed_by", plan.agreed_by.clone()),
        fact("measures_total", format::count(plan.measures_total)),
        fact("measures_fulfilled", format::count(plan.measures_fulfilled)),
    ])
}
