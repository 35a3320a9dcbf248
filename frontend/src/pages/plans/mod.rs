//! Assistance plans (一户一策): list, page, form; and the plans of a household.

mod detail;
mod form;
mod list;

use contract::plans::{PlanQuery, PlanState};
use contract::{Permission, Resource};
use leptos::prelude::*;
use uuid::Uuid;

use super::measures;
use crate::api;
use crate::components::{load, page};
use crate::i18n::texts;
use crate::{session, t};

/// The page of a path below `/assistance-plans`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "measures", "new"] => Some(measures::add(id)),
        _ => None,
    }
}

/// The plans of a household with their measures, the live one first. A plan can be created while the file is `open`.
pub fn of_household(household_id: Uuid, open: bool) -> AnyView {
    let plans = load::load(move || {
        api::plans::list(&PlanQuery { household_id: Some(household_id), limit: Some(20), ..Default::default() })
    });
    let begin = move || {
        let href = format!("/assistance-plans/new?household_id={household_id}");
        (open && session::may(Permission::WritePlans)).then(|| page::primary_link(href, texts::plans::CREATE))
    };
    load::show(plans, move |page| {
        let mut plans = page.items.to_vec();
        plans.sort_by_key(|plan| !PlanState::LIVE.contains(&plan.state));
        let live = plans.first().is_some_and(|plan| PlanState::LIVE.contains(&plan.state));
        let none = plans.is_empty().then(|| view! { <p class="muted">{t!(plans::NONE)}</p> });
        let parts = plans.into_iter().map(|plan| {
            view! {
                <section class="card">
                    <h2><a href=plan.location()>{plan.campaign_title.clone()}</a>" "{detail::chip(plan.state)}</h2>
                    {detail::agreed(&plan)}
                    {measures::of_plan(&plan)}
                </section>
            }
            .into_any()
        });
        view! { {none}{(!live).then(|| view! { <p>{begin()}</p> })}{parts.collect_view()} }.into_any()
    })
}
