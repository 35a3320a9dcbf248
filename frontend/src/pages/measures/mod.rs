//! Measures of plans: list, page, form; and the measures of a plan, by month.

mod detail;
mod form;
mod list;

use std::sync::Arc;

use contract::plans::{Measure, MeasureQuery, MeasureState, Plan, PlanState};
use contract::{Month, Page, Permission, Resource};
use leptos::prelude::*;

pub use form::add;

use crate::api;
use crate::components::table::{self, Row};
use crate::components::{actions, load, page};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{format, session, t};

/// The page of a path below `/assistance-measures`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}

/// The measures of a plan by month, each with its steps.
pub fn of_plan(plan: &Plan) -> AnyView {
    let plan_id = plan.id;
    let measures = load::load(move || {
        api::plans::measures(&MeasureQuery { plan_id: Some(plan_id), limit: Some(200), ..Default::default() })
    });
    let reload = Callback::new(move |()| measures.reload());
    let add = plan.editable.then(|| page::link(format!("/assistance-plans/{plan_id}/measures/new"), texts::measures::ADD));
    let shown = load::show(measures, move |page: Arc<Page<Measure>>| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(measures::NONE)}</p> }.into_any();
        }
        let anything = page.items.iter().any(|measure| may_record(measure) || !measure.allowed_actions.is_empty());
        let mut heads = vec![
            (field("kind"), false),
            (field("description"), false),
            (field("responsible"), false),
            (field("member_name"), false),
            (texts::measures::AMOUNT, true),
            (texts::measures::GIVEN, true),
            (field("state"), false),
        ];
        heads.extend(anything.then_some((field("allowed_actions"), false)));
        let months: Vec<Month> = page.items.iter().map(|measure| measure.month).fold(Vec::new(), |mut months, month| {
            if months.last() != Some(&month) {
                months.push(month);
            }
            months
        });
        let groups = months.into_iter().map(|month| {
            let own = page.items.iter().filter(|measure| measure.month == month);
            let rows = own.map(|measure| row(measure, reload).draw(&heads, "")).collect_view();
            view! {
                <tbody>
                    <tr class="group"><th scope="colgroup" colspan=heads.len()>{move || format::month(month, lang())}</th></tr>
                    {rows}
                </tbody>
            }
            .into_any()
        });
        let groups = groups.collect_view().into_any();
        let table = table::table(field("assistance_measures"), heads, groups);
        view! { <div class="list">{table}</div> }.into_any()
    });
    view! { {add.map(|add| view! { <p>{add}</p> })}{shown} }.into_any()
}

fn row(measure: &Measure, reload: Callback<()>) -> Row {
    let steps = (may_record(measure) || !measure.allowed_actions.is_empty()).then(|| {
        view! {
            <div class="row-actions">
                {record(measure)}
                {actions::buttons(&measure.location(), &measure.allowed_actions, detail::rule, reload)}
            </div>
        }
        .into_any()
    });
    let member = measure.member_name.clone().map_or_else(|| reactive(texts::households::WHOLE).into_any(), IntoAny::into_any);
    Row::to(measure.location())
        .label(Text::label(measure.kind))
        .text(measure.description.clone())
        .mark(Some(responsible(measure)))
        .mark(Some(member))
        .text(measure.amount_fen.map(format::money))
        .text(Some(measure.given_fen).filter(|fen| *fen > 0).map(format::money))
        .mark(Some(detail::chip(measure)))
        .mark(steps)
}

/// Who answers for it: the side, or the organisation itself.
fn responsible(measure: &Measure) -> AnyView {
    match &measure.organisation_name {
        Some(name) => name.clone().into_any(),
        None => reactive(Text::label(measure.responsible)).into_any(),
    }
}

/// Whether the person may record that it was carried out.
fn may_record(measure: &Measure) -> bool {
    let open = measure.plan_state == PlanState::Agreed && measure.state != MeasureState::Dropped;
    open && session::may(Permission::WriteAssistance)
}

/// The link to record that it was carried out.
fn record(measure: &Measure) -> Option<AnyView> {
    may_record(measure).then(|| {
        let mut href = format!(
            "/assistance-records/new?household_id={}&measure_id={}&kind={}",
            measure.household_id,
            measure.id,
            contract::CodedEnum::code(measure.kind)
        );
        for (name, id) in [("member_id", measure.member_id), ("pairing_id", measure.pairing_id)] {
            if let Some(id) = id {
                href.push_str(&format!("&{name}={id}"));
            }
        }
        page::link(href, texts::assistance::CREATE)
    })
}
