//! The visits to a family: recording one, and correcting one.

use contract::Page;
use contract::households::{Visit, VisitInput, VisitQuery};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use uuid::Uuid;

use crate::components::form::Form;
use crate::components::load::{self, Load};
use crate::components::page::{self, Tone};
use crate::components::{dialog, table, toast};
use crate::i18n::{field, lang, reactive, texts};
use crate::{api, format, session, t};

/// Those who keep the file correct visits, and add some while the family agrees to be visited, or from before it left.
pub fn tab(id: Uuid, may_correct: bool, visitable: bool) -> AnyView {
    // The cursors of the pages so far; the last is the current one.
    let cursors = RwSignal::new(vec![None::<String>]);
    let visits = load::load(move || {
        let cursor = cursors.with(|cursors| cursors.last().cloned().flatten());
        api::households::visits(id, &VisitQuery { cursor, ..Default::default() })
    });
    // The visit in the dialog: a new one, or one to correct.
    let open = RwSignal::new(None::<Option<Visit>>);
    let shown = load::show(visits, move |page: std::sync::Arc<Page<Visit>>| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(households::NO_VISITS)}</p> }.into_any();
        }
        let heads = [field("visited_on"), field("visitors"), texts::households::FOUND, field("recorded_by")].into_iter();
        let heads = heads.chain(may_correct.then_some(texts::account::ACTIONS)).map(|text| (text, false)).collect();
        let rows = page.items.iter().map(|visit| row(visit, may_correct.then_some(open))).collect_view();
        let next = page.next_cursor.clone();
        let turn = move |_| cursors.update(|cursors| cursors.push(next.clone()));
        let back = move |_| cursors.update(|cursors| drop(cursors.pop()));
        view! {
            <div class="list">{table::table(texts::households::VISITS, heads, view! { <tbody>{rows}</tbody> }.into_any())}</div>
            <p class="buttons">
                {cursors.with_untracked(|cursors| cursors.len() > 1).then(|| view! { <button type="button" class="button" on:click=back>{t!(list::PREVIOUS)}</button> })}
                {page.next_cursor.is_some().then(|| view! { <button type="button" class="button" on:click=turn>{t!(list::NEXT)}</button> })}
            </p>
        }
        .into_any()
    });
    let add = view! { <p><button type="button" class="button" on:click=move |_| open.set(Some(None))>{t!(households::ADD_VISIT)}</button></p> };
    view! { {(may_correct && visitable).then_some(add)}{shown}{move || open.get().map(|corrected| dialog(id, corrected, visits, open))} }.into_any()
}

/// A visit, with a button to correct it for those who may. A corrected visit is marked.
fn row(visit: &Visit, correct: Option<RwSignal<Option<Option<Visit>>>>) -> AnyView {
    let day = visit.visited_on;
    let corrected = visit.corrected_by_id.is_some();
    let wrong = visit.clone();
    let action = correct.map(|open| {
        let correct = move |_| open.set(Some(Some(wrong.clone())));
        let button = (!corrected)
            .then(|| view! { <button type="button" class="button" on:click=correct>{t!(households::CORRECT)}</button> });
        view! { <td>{button}</td> }
    });
    view! {
        <tr class:superseded=corrected>
            <th scope="row">
                {move || format::date(day, lang())}
                {corrected.then(|| view! { " " {page::chip(texts::households::CORRECTED, Tone::Neutral)} })}
            </th>
            <td data-label=reactive(field("visitors"))>{visit.visitors.clone()}</td>
            <td data-label=reactive(texts::households::FOUND)>{visit.note.clone().unwrap_or_else(|| "—".into())}</td>
            <td data-label=reactive(field("recorded_by"))>{visit.recorded_by.clone().unwrap_or_else(|| "—".into())}</td>
            {action}
        </tr>
    }
    .into_any()
}

fn dialog(id: Uuid, corrected: Option<Visit>, visits: Load<Page<Visit>>, open: RwSignal<Option<Option<Visit>>>) -> AnyView {
    let close = Callback::new(move |()| open.set(None));
    let title = if corrected.is_some() { texts::households::CORRECT_VISIT } else { texts::households::ADD_VISIT };
    let hint = corrected.is_some().then(|| view! { <p>{t!(households::CORRECT_VISIT_TEXT)}</p> });
    let form = Form::new::<VisitInput>(match corrected {
        Some(visit) => {
            json!({ "corrects_id": visit.id, "visited_on": visit.visited_on, "visitors": visit.visitors, "note": visit.note })
        }
        None => {
            let account = session::account();
            let today = account.as_ref().map(|account| account.today);
            json!({ "visited_on": today, "visitors": account.map(|account| account.display_name.clone()) })
        }
    });
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let key = StoredValue::new(api::new_key());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !form.is_sound() {
            return;
        }
        let Some(input) = form.read::<VisitInput>() else { return };
        busy.set(true);
        spawn_local(async move {
            match api::households::visit(id, &input).keyed(key.get_value()).send().await {
                Ok(_) => {
                    toast::say(texts::form::SAVED.get());
                    close.run(());
                    visits.reload();
                }
                Err(error) => {
                    if !error.outcome_unknown() {
                        key.try_update_value(|key| *key = api::new_key());
                    }
                    if !form.refuse(&error) {
                        fault.try_set(Some(error.message()));
                    }
                    busy.try_set(false);
                }
            }
        });
    };
    let body = view! {
        <form novalidate on:submit=submit>
            {hint}
            {form.summary()}
            <p class="form-fault" role="alert">{move || fault.get()}</p>
            {form.field("/visited_on").required().date()}
            {form.field("/visitors").required().text()}
            {form.field("/note").labelled(texts::households::FOUND).hint(texts::households::REMARK_HINT).textarea()}
            <div class="dialog-buttons">
                <button type="button" class="button" on:click=move |_| close.run(())>{t!(common::CANCEL)}</button>
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{t!(form::SAVE)}</button>
            </div>
        </form>
    };
    dialog::modal(title, Some(close), body.into_any())
}
