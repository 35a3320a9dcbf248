//! Reading a file in full: for a purpose, for a minute, and kept nowhere.

use std::time::Duration;

use contract::households::{HouseholdInput, MemberInput, RevealInput, RevealPurpose, RevealedHousehold};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use uuid::Uuid;

use super::detail::{fact_called, health};
use crate::components::detail::{fact, facts};
use crate::components::dialog;
use crate::components::form::Form;
use crate::components::table::{self, Row};
use crate::i18n::{Text, field, lang, texts};
use crate::{api, format, t};

/// How long a file stays in sight, in seconds.
const IN_SIGHT: u32 = 60;

/// The button and, once pressed, its dialog.
pub fn button(id: Uuid) -> AnyView {
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| open.set(false));
    view! {
        <button type="button" class="button" on:click=move |_| open.set(true)>{t!(households::REVEAL)}</button>
        {move || open.get().then(|| ask(id, close))}
    }
    .into_any()
}

fn ask(id: Uuid, close: Callback<()>) -> AnyView {
    // Dropped with the dialog, and so is what it says.
    let file = RwSignal::new(None::<RevealedHousehold>);
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
        spawn_local(async move {
            match api::households::reveal(&id.to_string(), &why).send().await {
                Ok(told) => {
                    file.try_set(Some(told));
                }
                Err(error) => {
                    if !form.refuse(&error) {
                        fault.try_set(Some(error.message()));
                    }
                }
            }
            busy.try_set(false);
        });
    };
    let question = move || {
        view! {
            <form novalidate on:submit=submit>
                <p>{t!(households::REVEAL_TEXT)}</p>
                {form.summary()}
                <p class="form-fault" role="alert">{move || fault.get()}</p>
                {form.field("/purpose").required().select::<RevealPurpose>()}
                {form.field("/note").hint(texts::households::REMARK_HINT).text()}
                <div class="dialog-buttons">
                    <button type="button" class="button" on:click=move |_| close.run(())>{t!(common::CANCEL)}</button>
                    <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{t!(households::REVEAL)}</button>
                </div>
            </form>
        }
        .into_any()
    };
    let body = move || file.with(|file| file.as_ref().map_or_else(question, |told| shown(&told.details, close)));
    dialog::modal(texts::households::REVEAL, Some(close), body.into_any())
}

/// The file, until the time is over.
fn shown(file: &HouseholdInput, close: Callback<()>) -> AnyView {
    let left = RwSignal::new(IN_SIGHT);
    let tick = move || match left.get_untracked() {
        0 | 1 => close.run(()),
        seconds => left.set(seconds - 1),
    };
    let timer = StoredValue::new(set_interval_with_handle(tick, Duration::from_secs(1)).ok());
    on_cleanup(move || {
        if let Some(Some(timer)) = timer.try_update_value(Option::take) {
            IntervalHandle::clear(&timer);
        }
    });
    let consent = file.consent.as_ref().map(|consent| consent.given_by.clone());
    view! {
        <p class="muted">{move || t!(households::closes_in, left.get())}</p>
        <div class="revealed">
            {facts(vec![
                fact("address", file.address.clone()),
                fact("phone", file.phone.clone()),
                fact("bank_account", file.bank_account.clone()),
                fact_called(field("given_by"), consent),
            ])}
            {members(&file.members)}
        </div>
        <div class="dialog-buttons">
            <button type="button" class="button primary" on:click=move |_| close.run(())>{t!(households::CLOSE)}</button>
        </div>
    }
    .into_any()
}

fn members(members: &[MemberInput]) -> AnyView {
    let heads = ["display_name", "relation", "identity_number", "born_on", "health"].map(|name| (field(name), false));
    let rows = members.iter().map(|member| {
        let (born, state) = (member.born_on, (member.health, member.disability));
        Row::default()
            .text(member.name.clone())
            .label(Text::label(member.relation))
            .text(member.identity_number.clone())
            .mark(born.map(|day| (move || format::date(day, lang())).into_any()))
            .said(move || health(Some(Text::label(state.0)), state.1, lang()))
    });
    table::rows(field("members"), heads.into(), rows)
}
