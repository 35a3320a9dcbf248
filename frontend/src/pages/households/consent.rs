//! The family's consent and its withdrawal.

use contract::CodedEnum;
use contract::households::{ConsentShown, Household};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use uuid::Uuid;

use crate::components::detail::{fact, fact_in, facts};
use crate::components::{dialog, toast};
use crate::i18n::{field, lang, reactive, texts};
use crate::{api, format, session, t};

pub fn tab(household: &Household, done: Callback<()>) -> AnyView {
    let Some(consent) = household.consent.clone() else {
        return view! { <p class="muted">{t!(households::NO_CONSENT_TEXT)}</p> }.into_any();
    };
    let (id, version) = (household.head.id, household.head.version);
    let withdrawable = household.editable && consent.withdrawn_on.is_none();
    view! {
        {shown(consent)}
        {withdrawable.then(|| withdrawal(id, version, done))}
    }
    .into_any()
}

fn shown(consent: ConsentShown) -> AnyView {
    let (given, withdrawn, scope) = (consent.given_on, consent.withdrawn_on, consent.scope);
    let scope = move || {
        let lang = lang();
        scope.iter().map(|scope| scope.label(lang)).collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    facts(vec![
        fact_in("given_on", move || format::date(given, lang())),
        fact("given_by", consent.given_by),
        fact_in("scope", scope),
        fact_in("withdrawn_on", move || withdrawn.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()))),
    ])
}

/// The button that records a withdrawal, without reading the file.
fn withdrawal(id: Uuid, version: i32, done: Callback<()>) -> AnyView {
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| open.set(false));
    view! {
        <p><button type="button" class="button" on:click=move |_| open.set(true)>{t!(households::WITHDRAW)}</button></p>
        {move || open.get().then(|| withdraw(id, version, close, done))}
    }
    .into_any()
}

fn withdraw(id: Uuid, version: i32, close: Callback<()>, done: Callback<()>) -> AnyView {
    let day = RwSignal::new(session::account().map(|account| account.today.to_string()).unwrap_or_default());
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let call = api::households::patch(id, version, &json!({ "consent": { "withdrawn_on": day.get_untracked() } }));
        spawn_local(async move {
            match call.send().await {
                Ok(_) => {
                    toast::say(texts::form::SAVED.get());
                    close.run(());
                    done.run(());
                }
                Err(error) => {
                    fault.try_set(Some(error.first_fault()));
                    busy.try_set(false);
                }
            }
        });
    };
    let body = view! {
        <form on:submit=submit novalidate>
            <p>{t!(households::WITHDRAW_TEXT)}</p>
            <p class="form-fault" role="alert">{move || fault.get()}</p>
            <div class="field">
                <label for="withdrawn-on">{reactive(field("withdrawn_on"))}</label>
                <input id="withdrawn-on" type="date" class="medium" prop:value=day on:input:target=move |event| day.set(event.target().value())/>
            </div>
            <div class="dialog-buttons">
                <button type="button" class="button" on:click=move |_| close.run(())>{t!(common::CANCEL)}</button>
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{t!(households::WITHDRAW)}</button>
            </div>
        </form>
    };
    dialog::modal(texts::households::WITHDRAW, Some(close), body.into_any())
}
