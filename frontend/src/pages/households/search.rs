//! Finds a family by a number or a full name. The search is sent in a body, so no address and no history contains it.

use contract::households::{HouseholdSearch, HouseholdSummary};
use contract::{Page, Permission};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::list::{columns, row};
use crate::components::form::{Form, section};
use crate::components::list::Column;
use crate::components::{load, page, table};
use crate::i18n::{field, lang, texts};
use crate::{api, format, session, t};

pub fn page() -> AnyView {
    if !session::may(Permission::RevealHouseholds) {
        return load::missing();
    }
    let form = Form::new::<HouseholdSearch>(json!({}));
    let found = RwSignal::new(None::<Page<HouseholdSummary>>);
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let ask = move |cursor: Option<String>| {
        let Some(search) = form.read::<HouseholdSearch>().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        fault.set(None);
        spawn_local(async move {
            let asked = serde_json::to_value(&search).unwrap_or_default();
            match api::households::search(&HouseholdSearch { cursor, ..search }).send().await {
                Ok(page) => {
                    // Faults of an earlier search no longer apply.
                    form.begin(asked);
                    found.try_set(Some(page));
                }
                Err(error) => {
                    found.try_set(None);
                    if !form.refuse(&error) {
                        fault.try_set(Some(error.message()));
                    }
                }
            }
            busy.try_set(false);
        });
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if form.is_sound() {
            ask(None);
        }
    };
    view! {
        {page::plain_head(texts::households::SEARCH)}
        <form class="form" novalidate autocomplete="off" on:submit=submit>
            {form.summary()}
            {section(texts::households::SEARCH_BY, vec![
                view! { <p class="hint">{t!(households::SEARCH_HINT)}</p> }.into_any(),
                form.field("/name").labelled(field("display_name")).text(),
                form.field("/identity_number").labelled(field("identity_document")).code(),
                form.field("/phone").phone(),
            ])}
            <p class="fault-text" role="alert">{move || fault.get()}</p>
            <div class="save-bar">
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{t!(households::FIND)}</button>
            </div>
        </form>
        <div role="status">{move || found.get().and_then(|page| Some(t!(list::total, format::total(page.total?, page.total_capped))))}</div>
        {move || found.get().filter(|page| !page.items.is_empty()).map(|page| {
            let rows = page.items.iter().map(|item| row(item, lang()));
            let heads = columns().iter().map(Column::head).collect();
            let next = page.next_cursor.clone();
            view! {
                {table::links(texts::households::HEADING, heads, rows)}
                {next.map(|next| view! {
                    <button type="button" class="button" on:click=move |_| ask(Some(next.clone()))>{t!(list::NEXT)}</button>
                })}
            }
        })}
    }
    .into_any()
}
