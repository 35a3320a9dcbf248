//! Measures of plans: list, page, form; and those of a plan, month by month.

mod detail;
mod form;
mod list;

use std::sync::Arc;

use contract::plans::{Measure, MeasureQuery, MeasureSort, MeasureState, Plan, PlanState};
use contract::{Month, Page, Permission, Sort};
use leptos::prelude::*;

pub use form::add;

use crate::api::{self, Record};
use crate::components::{actions, load, page, table};
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

/// The measures of a plan in the order of their months, each with what can be done.
pub fn of_plan(plan: &Plan) -> AnyView {
    let plan_id = plan.id;
    let measures = load::load(move || {
        let sort = Some(Sort { by: MeasureSort::Month, descending: false });
        api::plans::measures(&MeasureQuery { plan_id: Some(plan_id), sort, limit: Some(200), ..Default::default() })
    });
    let reload = Callback::new(move |()| measures.reload());
    let add = plan.editable.then(|| page::link(format!("/assistance-plans/{plan_id}/measures/new"), texts::measures::ADD));
    let shown = load::show(measures, move |page: Arc<Page<Measure>>| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(measures::NONE)}</p> }.into_any();
        }
        let anything = page.items.iter().any(|measure| record(measure).is_some() || !measure.allowed_actions.is_empty());
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
        let columns = heads.len();
        let months: Vec<Month> = page.items.iter().map(|measure| measure.month).fold(Vec::new(), |mut months, month| {
            if months.last() != Some(&month) {
                months.push(month);
            }
            months
        });
        let groups = months.into_iter().map(|month| {
            let own = page.items.iter().filter(|measure| measure.month == month);
            let rows = own.map(|measure| row(measure, anything, reload)).collect_view();
            view! {
                <tbody>
                    <tr class="group"><th scope="colgroup" colspan=columns>{move || format::month(month, lang())}</th></tr>
                    {rows}
                </tbody>
            }
            .into_any()
        });
        let table = table::table(field("assistance_measures"), heads, groups.collect_view().into_any());
        view! { <div class="list">{table}</div> }.into_any()
    });
    view! { {add.map(|add| view! { <p>{add}</p> })}{shown} }.into_any()
}

fn row(measure: &Measure, anything: bool, reload: Callback<()>) -> AnyView {
    let label = |name: &'static str| move || contract::labels::label(name, lang()).to_owned();
    let money = |fen: Option<i64>| fen.map_or_else(|| "—".to_owned(), format::money);
    view! {
        <tr>
            <th scope="row"><a href=measure.path()>{reactive(Text::label(measure.kind))}</a></th>
            <td data-label=label("description")>{measure.description.clone()}</td>
            <td data-label=label("responsible")>{responsible(measure)}</td>
            <td data-label=label("member_name")>{measure.member_name.clone().map_or_else(|| reactive(texts::households::WHOLE).into_any(), IntoAny::into_any)}</td>
            <td class="number" data-label=reactive(texts::measures::AMOUNT)>{money(measure.amount_fen)}</td>
            <td class="number" data-label=reactive(texts::measures::GIVEN)>{money(Some(measure.given_fen).filter(|fen| *fen > 0))}</td>
            <td data-label=label("state")>{detail::chip(measure)}</td>
            {anything.then(|| view! {
                <td data-label=label("allowed_actions")>
                    <div class="row-actions">
                        {record(measure)}
                        {actions::buttons(&measure.path(), &measure.allowed_actions, detail::rule, reload)}
                    </div>
                </td>
            })}
        </tr>
    }
    .into_any()
}

/// Whose it is: the side, or the very organisation.
fn responsible(measure: &Measure) -> AnyView {
    match &measure.organisation_name {
        Some(name) => name.clone().into_any(),
        None => reactive(Text::label(measure.responsible)).into_any(),
    }
}

/// The way to write down what was done of it.
fn record(measure: &Measure) -> Option<AnyView> {
    let open = measure.plan_state == PlanState::Agreed && measure.state != MeasureState::Dropped;
    (open && session::may(Permission::WriteAssistance)).then(|| {
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
