//! Reads a full file: for a purpose, for a minute, and without storing it.

use std::time::Duration;

use contract::households::{HouseholdInput, MemberInput, RevealInput, RevealPurpose, RevealedHousehold};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use uuid::Uuid;

use super::detail::{document, fact_called, health};
use crate::components::detail::{fact, facts};
use crate::components::dialog;
use crate::components::form::Form;
use crate::components::table::{self, Row};
use crate::components::why::{self, Why};
use crate::i18n::{Text, field, lang, texts};
use crate::{api, format, t};

/// How long a file stays visible, in seconds.
const IN_SIGHT: u32 = 60;

/// The button and, once it is pressed, its dialog.
pub fn button(id: Uuid) -> AnyView {
    why::button(texts::households::REVEAL, "button", move |close| ask(id, close))
}

fn ask(id: Uuid, close: Callback<()>) -> AnyView {
    // Dropped with the dialog, together with the data.
    let file = RwSignal::new(None::<RevealedHousehold>);
    let send = move |why: RevealInput| async move {
        let told = api::households::reveal(&id.to_string(), &why).send().await?;
        file.try_set(Some(told));
        Ok(())
    };
    let why = Why {
        text: texts::households::REVEAL_TEXT,
        fields: purpose,
        go: texts::households::REVEAL,
        going: texts::households::REVEAL,
    };
    let question = move || why::form(why, close, send);
    let body = move || file.with(|file| file.as_ref().map_or_else(question, |told| shown(&told.details, close)));
    dialog::modal(texts::households::REVEAL, Some(close), body.into_any())
}

/// The field for the purpose of reading files.
pub fn purpose(form: Form) -> AnyView {
    view! {
        {form.field("/purpose").required().select::<RevealPurpose>()}
        {form.field("/note").hint(texts::households::REMARK_HINT).text()}
    }
    .into_any()
}

/// The file, until the time is up.
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
    let heads = ["display_name", "relation", "identity_document", "born_on", "health"].map(|name| (field(name), false));
    let rows = members.iter().map(|member| {
        let (born, state) = (member.born_on, (member.health, member.disability));
        Row::default()
            .text(member.name.clone())
            .label(Text::label(member.relation))
            .mark(document(Some(member.document_kind), member.identity_number.clone()))
            .mark(born.map(|day| (move || format::date(day, lang())).into_any()))
            .said(move || health(Some(Text::label(state.0)), state.1, lang()))
    });
    table::rows(field("members"), heads.into(), rows)
}
