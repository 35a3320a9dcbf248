//! The form of what becomes of a household: it moves, splits, joins another, or its files are merged.

use contract::Resource;
use contract::households::Household;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::api::{self, Call};
use crate::components::form::Form;
use crate::components::{doubles, toast};
use crate::i18n::{Text, reactive, texts};
use crate::{router, t};

/// What it is called, and what is said when it is done.
#[derive(Clone, Copy)]
pub struct Deed {
    pub name: Text,
    pub done: Text,
}

/// The form around some fields, with the button that sends what `call` makes of it, and the way back. Then it leads to the file
/// that is answered.
pub fn form(
    deed: Deed,
    form: Form,
    fields: AnyView,
    back: String,
    call: impl Fn() -> Option<Call<Household>> + 'static,
) -> AnyView {
    let fault = RwSignal::new(None::<String>);
    let alike = RwSignal::new(Vec::new());
    let busy = RwSignal::new(false);
    let key = StoredValue::new(api::new_key());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let Some(call) = call() else { return };
        busy.set(true);
        fault.set(None);
        alike.set(Vec::new());
        spawn_local(async move {
            match call.keyed(key.get_value()).send().await {
                Ok(household) => {
                    toast::say(deed.done.get());
                    form.begin(Value::Null);
                    router::navigate(&household.location());
                }
                Err(error) => {
                    if !error.outcome_unknown() {
                        key.try_update_value(|key| *key = api::new_key());
                    }
                    busy.try_set(false);
                    doubles::keep(form, alike, &error);
                    if !form.refuse(&error) {
                        fault.try_set(Some(error.message()));
                    }
                }
            }
        });
    };
    view! {
        <form class="form" novalidate on:submit=submit>
            {form.summary()}
            {fields}
            {doubles::question(form, alike)}
            <p class="fault-text" role="alert">{move || fault.get()}</p>
            <div class="save-bar">
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{reactive(deed.name)}</button>
                <a class="button" href=back>{t!(common::CANCEL)}</a>
            </div>
        </form>
    }
    .into_any()
}

/// Why it is done.
pub fn note(form: Form, label: Text) -> AnyView {
    form.field("/note").labelled(label).required().hint(texts::households::REMARK_HINT).textarea()
}
