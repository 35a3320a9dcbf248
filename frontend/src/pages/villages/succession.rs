//! Another village replaces one: what would follow is shown first, then it is done.

use std::sync::Arc;

use contract::Resource;
use contract::villages::{Succession, SuccessionInput, Village};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::api;
use crate::api::villages::VILLAGES;
use crate::components::form::{Form, section};
use crate::components::page::{Tone, chip};
use crate::components::table::{self, Row};
use crate::components::{load, page, toast};
use crate::format;
use crate::i18n::{Text, field, texts};
use crate::{router, session, t};

/// The page on which a village ends.
pub fn page(code: &str) -> AnyView {
    let code = code.to_owned();
    load::show(load::load(move || api::villages::read(&code)), draw)
}

fn draw(village: Arc<Village>) -> AnyView {
    if !village.replaceable {
        return load::missing();
    }
    let today = session::account().map(|account| account.today.to_string());
    let form = Form::new::<SuccessionInput>(json!({ "ended_on": today }));
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let key = StoredValue::new(api::new_key());
    // What was tried, and what that would do. It holds for what stands in the form alone.
    let tried = RwSignal::new(None::<(SuccessionInput, Arc<Succession>)>);
    let (code, name, back) = (village.code.clone(), village.name.clone(), village.location());
    let ready = Memo::new(move |_| {
        let now = form.read::<SuccessionInput>();
        let stands = |(input, found): (SuccessionInput, Arc<Succession>)| {
            (Some(input) == now).then_some(found).filter(|found| found.conflicts.iter().all(|conflict| !conflict.kind.blocks()))
        };
        tried.get().and_then(stands).is_some()
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !form.is_sound() {
            return;
        }
        let Some(input) = form.read::<SuccessionInput>() else { return };
        let does = ready.get_untracked();
        busy.set(true);
        fault.set(None);
        let call = api::villages::replace(&code, &SuccessionInput { dry_run: !does, ..input.clone() });
        let call = if does { call.keyed(key.get_value()) } else { call };
        spawn_local(async move {
            let answer = call.send().await;
            busy.try_set(false);
            match answer {
                Ok(found) if does => {
                    toast::say(texts::villages::REPLACED.get());
                    form.begin(Value::Null);
                    router::navigate(&format!("/villages/{}", found.successor_code));
                }
                Ok(found) => {
                    tried.try_set(Some((input, Arc::new(found))));
                }
                Err(error) => {
                    if !error.outcome_unknown() {
                        key.try_update_value(|key| *key = api::new_key());
                    }
                    if !form.refuse(&error) {
                        fault.try_set(Some(error.message()));
                    }
                }
            }
        });
    };
    let label = move || if ready.get() { texts::villages::REPLACE_NOW.get() } else { texts::villages::TRY.get() };
    view! {
        {page::head(move || t!(villages::replace_of, name), ().into_any(), ().into_any())}
        <p>{t!(villages::REPLACE_TEXT)}</p>
        <form class="form" novalidate on:submit=submit>
            {form.summary()}
            {section(texts::villages::REPLACE, vec![
                form.field("/successor_code").required().hint(texts::villages::SUCCESSOR_HINT).pick(VILLAGES),
                form.field("/ended_on").required().labelled(texts::villages::LAST_DAY).date(),
                form.field("/note").required().textarea(),
            ])}
            {move || tried.get().map(|(_, found)| shown(&found))}
            <p class="fault-text" role="alert">{move || fault.get()}</p>
            <div class="save-bar">
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{label}</button>
                <a class="button" href=back>{t!(common::CANCEL)}</a>
            </div>
        </form>
    }
    .into_any()
}

/// What would follow, and what both villages have.
fn shown(found: &Succession) -> AnyView {
    let follows = found.follows.iter().map(|follows| {
        let count = i64::try_from(follows.count).unwrap_or(i64::MAX);
        Row::default().label(Text::label(follows.kind)).text(format::count(count))
    });
    let follows = table::rows(texts::villages::FOLLOWS, vec![(field("kind"), false), (field("count"), true)], follows);
    let conflicts = found.conflicts.iter().map(|conflict| {
        let tone = if conflict.kind.blocks() { Tone::Bad } else { Tone::Neutral };
        Row::default()
            .text(conflict.campaign_title.clone())
            .text(conflict.organisation_name.clone())
            .mark(Some(chip(Text::label(conflict.kind), tone)))
    });
    let heads = ["campaign_title", "organisation_name", "conflicts"].map(|name| (field(name), false));
    let conflicts = (!found.conflicts.is_empty())
        .then(|| page::section(texts::villages::CONFLICTS, table::rows(texts::villages::CONFLICTS, heads.to_vec(), conflicts)));
    let (from, to) = (found.village_name.clone(), found.successor_name.clone());
    let heading = format!("{from} → {to}");
    view! {
        <p role="status">{heading}</p>
        {page::section(texts::villages::FOLLOWS, follows)}
        {conflicts}
    }
    .into_any()
}
