//! The entries that wait on this device: how it stands with each, and what can be done with it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::families;
use super::queue::{self, Entry, Standing, Waiting};
use super::sheet::Sheet;
use crate::components::dialog;
use crate::components::page::{self, Tone};
use crate::i18n::{Text, lang, reactive, texts};
use crate::{format, t};

/// The list, where there are any; what is to be corrected goes into `corrected`.
pub fn list(corrected: RwSignal<Option<Waiting>>) -> AnyView {
    (move || {
        let waiting = queue::waiting();
        if waiting.is_empty() {
            return ().into_any();
        }
        let count = waiting.len();
        let items = waiting.into_iter().map(|waiting| item(waiting, corrected)).collect_view();
        view! {
            <section class="card waiting" aria-labelledby="waiting-title">
                <h2 id="waiting-title">{move || t!(visit::waiting, count)}</h2>
                <p><button type="button" class="button" aria-disabled=move || queue::is_busy().to_string() on:click=|_| queue::send()>
                    {t!(visit::SEND_NOW)}
                </button></p>
                <ul>{items}</ul>
            </section>
        }
        .into_any()
    })
    .into_any()
}

fn item(waiting: Waiting, corrected: RwSignal<Option<Waiting>>) -> AnyView {
    let entry = waiting.1.clone();
    let (tone, name, words) = match &entry.standing {
        Standing::Waiting => (Tone::Warning, texts::visit::IS_WAITING, None),
        Standing::Asked => (Tone::Warning, texts::visit::IS_ASKED, None),
        Standing::Refused(problem) => {
            let faults = problem.errors.iter().map(|fault| fault.message.clone()).collect::<Vec<_>>().join("；");
            let said = problem.detail.clone().unwrap_or_else(|| problem.title.clone());
            (Tone::Bad, texts::visit::IS_REFUSED, Some(if faults.is_empty() { said } else { faults }))
        }
    };
    let asked = entry.standing == Standing::Asked;
    let stamp = waiting.0.clone();
    let discard = move |_| {
        let stamp = stamp.clone();
        spawn_local(async move {
            let text = if asked { texts::visit::DISCARD_ASKED } else { texts::visit::DISCARD_TEXT };
            if dialog::confirm(texts::visit::DISCARD_TITLE, text.get(), texts::visit::DISCARD).await {
                queue::discard(&stamp).await;
            }
        });
    };
    let correct = move |_| {
        corrected.set(Some(waiting.clone()));
        window().scroll_to_with_x_and_y(0.0, 0.0);
    };
    view! {
        <li>
            <p><strong>{families::line(&entry.family)}</strong> " " {page::chip(name, tone)}</p>
            <p class="muted">{move || summary(&entry)}</p>
            {words.map(|words| view! { <p class="fault-text">{words}</p> })}
            <p class="buttons">
                {(!asked).then(|| view! { <button type="button" class="button" on:click=correct>{t!(visit::CORRECT)}</button> })}
                <button type="button" class="button" on:click=discard>{reactive(texts::visit::DISCARD)}</button>
            </p>
        </li>
    }
    .into_any()
}

/// What was entered, in a line.
fn summary(entry: &Entry) -> String {
    let Ok(sheet) = serde_json::from_value::<Sheet>(entry.sheet.clone()) else { return String::new() };
    let kind = sheet.kind.map_or(texts::visit::ONLY_VISITED, Text::label);
    let mut parts = vec![format::date(sheet.happened_on, lang()), kind.get().to_owned()];
    parts.extend(sheet.amount_fen.filter(|_| sheet.kind.is_some()).map(format::money));
    if !entry.photos.is_empty() {
        parts.push(t!(visit::photo_count, entry.photos.len()));
    }
    parts.join(" · ")
}
