//! A dialog that asks for a purpose or reason before an action that leaves an event.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use serde_json::json;
use validator::Validate;

use super::form::Form;
use crate::api::ApiError;
use crate::i18n::{Text, reactive};
use crate::t;

/// The content of the dialog.
#[derive(Clone, Copy)]
pub struct Why {
    /// What will happen, and what is recorded.
    pub text: Text,
    pub fields: fn(Form) -> AnyView,
    /// The button's text, and its text while the action runs.
    pub go: Text,
    pub going: Text,
}

/// The button and, once it is pressed, its dialog.
pub fn button(label: Text, class: &'static str, ask: impl Fn(Callback<()>) -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| open.set(false));
    view! {
        <button type="button" class=class on:click=move |_| open.set(true)>{reactive(label)}</button>
        {move || open.get().then(|| ask(close))}
    }
    .into_any()
}

/// The form in the dialog: the fields of a `T`, passed to `send` once they are valid. `send` closes the dialog.
pub fn form<T, F>(why: Why, close: Callback<()>, send: impl Fn(T) -> F + Copy + 'static) -> AnyView
where
    T: DeserializeOwned + Validate + 'static,
    F: Future<Output = Result<(), ApiError>> + 'static,
{
    let form = Form::new::<T>(json!({}));
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !form.is_sound() {
            return;
        }
        let Some(input) = form.read::<T>() else { return };
        busy.set(true);
        fault.set(None);
        spawn_local(async move {
            if let Err(error) = send(input).await
                && !form.refuse(&error)
            {
                fault.try_set(Some(error.message()));
            }
            busy.try_set(false);
        });
    };
    view! {
        <form novalidate on:submit=submit>
            <p>{reactive(why.text)}</p>
            {form.summary()}
            <p class="form-fault" role="alert">{move || fault.get()}</p>
            {(why.fields)(form)}
            <div class="dialog-buttons">
                <button type="button" class="button" on:click=move |_| close.run(())>{t!(common::CANCEL)}</button>
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>
                    {move || if busy.get() { why.going.get() } else { why.go.get() }}
                </button>
            </div>
        </form>
    }
    .into_any()
}
