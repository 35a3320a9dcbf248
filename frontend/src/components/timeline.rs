//! The history of an object: who changed what, when, and from what to what.

use std::sync::Arc;

use contract::audit::{FieldChange, HistoryEntry, HistoryQuery};
use contract::workflow::Steps;
use contract::{CodedEnum, Lang, Page, labels};
use leptos::prelude::*;

use super::{load, tabs};
use crate::api::Call;
use crate::format::{self, Coded};
use crate::i18n::{lang, texts};
use crate::t;

/// The history of the object at an API path, as the content of a tab.
pub fn of(path: String, coded: Coded) -> tabs::Content {
    Arc::new(move || timeline(path.clone(), coded))
}

/// The history of the object at an API path, newest first.
pub fn timeline(path: String, coded: Coded) -> AnyView {
    let limit = RwSignal::new(20);
    let history = load::load(move || {
        let query = HistoryQuery { limit: Some(limit.get()), ..Default::default() };
        Call::<Page<HistoryEntry>>::list(&format!("{path}/history"), &query)
    });
    load::show(history, move |page| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(detail::NO_HISTORY)}</p> }.into_any();
        }
        let more = page.next_cursor.is_some() && limit.get_untracked() < 200;
        let entries = move || page.items.iter().map(|item| entry(item, lang(), coded)).collect_view();
        view! {
            <ol class="timeline">{entries}</ol>
            {more.then(|| view! {
                <button type="button" class="button" on:click=move |_| limit.set(200)>{t!(detail::MORE_HISTORY)}</button>
            })}
        }
        .into_any()
    })
}

/// Why the object at an API path is in its state: the note of the step that led there.
pub fn why<S: CodedEnum, A: CodedEnum>(path: String, steps: Steps<S, A>, state: S) -> AnyView {
    said_last(path, steps.leading_to(state).map(CodedEnum::code).collect())
}

/// The note of the latest of these steps.
fn said_last(path: String, steps: Vec<&'static str>) -> AnyView {
    let history = load::load(move || {
        let query = HistoryQuery { limit: Some(20), ..Default::default() };
        Call::<Page<HistoryEntry>>::list(&format!("{path}/history"), &query)
    });
    let said = move || {
        let page = history.data.get()?;
        let entry = page.items.iter().find(|entry| steps.contains(&entry.action.as_str()))?;
        let (step, note) = (labels::label(&entry.action, lang()).to_owned(), entry.note.clone()?);
        Some(view! { <p class="notice warning" role="note"><strong>{step}</strong> {lang().pick("：", ": ")} {note}</p> })
    };
    said.into_any()
}

fn entry(entry: &HistoryEntry, lang: Lang, coded: Coded) -> AnyView {
    let who = entry.actor_name.clone().unwrap_or_else(|| texts::detail::SYSTEM.get().to_owned());
    let role = entry.actor_role.map(|role| role.label(lang));
    let table = (!entry.changes.is_empty()).then(|| {
        view! {
            <details>
                <summary>{t!(detail::changes, entry.changes.len())}</summary>
                {changes(&entry.changes, lang, coded)}
            </details>
        }
    });
    view! {
        <li>
            <p>
                <time datetime=entry.at.to_rfc3339()>{format::instant(entry.at, lang)}</time>
                " " <strong>{labels::label(&entry.action, lang).to_owned()}</strong>
            </p>
            <p class="muted">{who} {role.map(|role| format!(" · {role}"))}</p>
            {entry.note.clone().map(|note| view! { <p class="note">{note}</p> })}
            {entry.on_behalf_reason.clone().map(|reason| view! { <p class="note">{t!(actions::ON_BEHALF)} ": " {reason}</p> })}
            {table}
        </li>
    }
    .into_any()
}

/// What changed, field by field.
pub fn changes(changes: &[FieldChange], lang: Lang, coded: Coded) -> AnyView {
    let rows = changes.iter().map(|change| {
        view! {
            <tr>
                <th scope="row">{labels::label(&change.field, lang).to_owned()}</th>
                <td>{format::value(&change.field, &change.from, lang, coded)}</td>
                <td>{format::value(&change.field, &change.to, lang, coded)}</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <table class="changes">
            <thead><tr>
                <th scope="col">{t!(detail::FIELD)}</th><th scope="col">{t!(detail::FROM)}</th><th scope="col">{t!(detail::TO)}</th>
            </tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
