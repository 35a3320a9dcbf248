//! The visits to a family, and writing one down.

use contract::Page;
use contract::households::{Visit, VisitInput, VisitQuery};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use uuid::Uuid;

use crate::components::form::Form;
use crate::components::load::{self, Load};
use crate::components::{dialog, table, toast};
use crate::i18n::{field, lang, texts};
use crate::{api, format, session, t};

pub fn tab(id: Uuid, may_add: bool) -> AnyView {
    let cursor = RwSignal::new(None::<String>);
    let visits = load::load(move || api::households::visits(id, &VisitQuery { cursor: cursor.get(), ..Default::default() }));
    let shown = load::show(visits, move |page: std::sync::Arc<Page<Visit>>| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(households::NO_VISITS)}</p> }.into_any();
        }
        let heads = ["visited_on", "visitors", "note", "recorded_by"].map(|name| (field(name), false));
        let rows = page.items.iter().map(visit).collect_view();
        let next = page.next_cursor.clone();
        view! {
            {table::table(texts::households::VISITS, heads.into(), view! { <tbody>{rows}</tbody> }.into_any())}
            {next.map(|next| view! {
                <button type="button" class="button" on:click=move |_| cursor.set(Some(next.clone()))>{t!(list::NEXT)}</button>
            })}
        }
        .into_any()
    });
    view! { {may_add.then(|| adder(id, visits))}{shown} }.into_any()
}

fn visit(visit: &Visit) -> AnyView {
    let day = visit.visited_on;
    view! {
        <tr>
            <th scope="row">{move || format::date(day, lang())}</th>
            <td>{visit.visitors.clone()}</td>
            <td>{visit.note.clone().unwrap_or_else(|| "—".into())}</td>
            <td>{visit.recorded_by.clone().unwrap_or_else(|| "—".into())}</td>
        </tr>
    }
    .into_any()
}

fn adder(id: Uuid, visits: Load<Page<Visit>>) -> AnyView {
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| open.set(false));
    view! {
        <p><button type="button" class="button" on:click=move |_| open.set(true)>{t!(households::ADD_VISIT)}</button></p>
        {move || open.get().then(|| add(id, visits, close))}
    }
    .into_any()
}

fn add(id: Uuid, visits: Load<Page<Visit>>, close: Callback<()>) -> AnyView {
    let account = session::account();
    let today = account.as_ref().map(|account| account.today.to_string());
    let form =
        Form::new::<VisitInput>(json!({ "visited_on": today, "visitors": account.map(|account| account.display_name.clone()) }));
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
    dialog::modal(texts::households::ADD_VISIT, Some(close), body.into_any())
}
