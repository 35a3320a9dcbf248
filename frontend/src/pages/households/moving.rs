//! Moves a household to another village: where to, since when, and how that is known.

use std::sync::Arc;

use contract::households::{Household, HouseholdMoveInput};
use contract::{Permission, Resource};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::api;
use crate::api::villages::VILLAGES;
use crate::components::form::{Form, section};
use crate::components::{load, page, toast};
use crate::i18n::{field, texts};
use crate::{router, session, t};

/// Whether the person may move a household, as far as its page shows.
pub fn is_movable(household: &Household) -> bool {
    let head = &household.head;
    session::may(Permission::MoveHouseholds) && head.status.is_there() && head.anonymised_on.is_none()
}

/// The page that moves a household.
pub fn page(id: &str) -> AnyView {
    if !session::may(Permission::MoveHouseholds) {
        return load::missing();
    }
    let id = id.to_owned();
    load::show(load::load(move || api::households::read(&id)), draw)
}

fn draw(household: Arc<Household>) -> AnyView {
    if !is_movable(&household) {
        return load::missing();
    }
    let today = session::account().map(|account| account.today.to_string());
    let form = Form::new::<HouseholdMoveInput>(json!({ "moved_on": today }));
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let key = StoredValue::new(api::new_key());
    let (path, version) = (household.location(), household.head.version);
    let (back, number) = (path.clone(), household.head.file_number.clone());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !form.is_sound() {
            return;
        }
        let Some(input) = form.read::<HouseholdMoveInput>() else { return };
        busy.set(true);
        fault.set(None);
        let call = api::households::move_to(&path, version, &input).keyed(key.get_value());
        spawn_local(async move {
            match call.send().await {
                Ok(moved) => {
                    toast::say(texts::households::MOVED.get());
                    form.begin(Value::Null);
                    router::navigate(&moved.location());
                }
                Err(error) => {
                    if !error.outcome_unknown() {
                        key.try_update_value(|key| *key = api::new_key());
                    }
                    busy.try_set(false);
                    if !form.refuse(&error) {
                        fault.try_set(Some(error.message()));
                    }
                }
            }
        });
    };
    view! {
        {page::head(move || t!(households::move_of, number), ().into_any(), ().into_any())}
        <p>{t!(households::MOVE_TEXT)}</p>
        <form class="form" novalidate on:submit=submit>
            {form.summary()}
            {section(texts::households::MOVE, vec![
                form.field("/village_code").required().labelled(field("village_name")).pick(VILLAGES),
                form.field("/moved_on").required().date(),
                form.field("/note").labelled(texts::households::MOVE_NOTE).required().hint(texts::households::REMARK_HINT).textarea(),
            ])}
            <p class="fault-text" role="alert">{move || fault.get()}</p>
            <div class="save-bar">
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{t!(households::MOVE)}</button>
                <a class="button" href=back>{t!(common::CANCEL)}</a>
            </div>
        </form>
    }
    .into_any()
}
