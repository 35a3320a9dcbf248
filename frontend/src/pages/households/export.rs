//! Taking files in full as a workbook: for a purpose, and only what is filtered.

use contract::households::{RevealInput, RevealPurpose};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::components::form::Form;
use crate::components::{dialog, toast};
use crate::i18n::texts;
use crate::{api, query, router, session, t};

/// The button and, once pressed, its dialog.
pub fn button() -> AnyView {
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| open.set(false));
    view! {
        <button type="button" class="button" on:click=move |_| open.set(true)>{t!(households::EXPORT)}</button>
        {move || open.get().then(|| ask(close))}
    }
    .into_any()
}

fn ask(close: Callback<()>) -> AnyView {
    let form = Form::new::<RevealInput>(json!({}));
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !form.is_sound() {
            return;
        }
        let Some(why) = form.read::<RevealInput>() else { return };
        busy.set(true);
        fault.set(None);
        let mut filters = query::pairs(&router::search());
        query::set(&mut filters, "cursor", None);
        let path = format!("/households/export?{}", query::write(&filters));
        let day = session::account().map(|account| account.today.to_string()).unwrap_or_default();
        let name = format!("{}-{day}.xlsx", texts::households::HEADING.get());
        spawn_local(async move {
            match api::download_for(path, &why, &name).await {
                Ok(()) => {
                    toast::say(texts::households::EXPORTED.get());
                    close.run(());
                }
                Err(error) => {
                    if !form.refuse(&error) {
                        fault.try_set(Some(error.first_fault()));
                    }
                }
            }
            busy.try_set(false);
        });
    };
    let body = view! {
        <form novalidate on:submit=submit>
            <p>{t!(households::EXPORT_TEXT)}</p>
            {form.summary()}
            <p class="form-fault" role="alert">{move || fault.get()}</p>
            {form.field("/purpose").required().select::<RevealPurpose>()}
            {form.field("/note").hint(texts::households::REMARK_HINT).text()}
            <div class="dialog-buttons">
                <button type="button" class="button" on:click=move |_| close.run(())>{t!(common::CANCEL)}</button>
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>
                    {move || if busy.get() { t!(list::EXPORTING)() } else { t!(households::EXPORT)() }}
                </button>
            </div>
        </form>
    };
    dialog::modal(texts::households::EXPORT, Some(close), body.into_any())
}
