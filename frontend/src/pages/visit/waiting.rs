//! The waiting entries on this device: the status of each, and its buttons.

use contract::problem::LikelyDouble;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::queue::{self, About, Entry, Standing, Waiting};
use super::sheet::Sheet;
use super::{handover, refused};
use crate::components::page::{self, Tone};
use crate::components::{dialog, second_look};
use crate::i18n::{Text, lang, reactive, texts};
use crate::{format, t};

/// Reports lost entries, until the person has seen that.
pub fn lost() -> AnyView {
    (move || {
        let count = queue::lost();
        (count > 0).then(|| {
            view! {
                <div class="notice fault" role="alert">
                    <p>{move || t!(visit::lost, count)}</p>
                    <button type="button" class="button" on:click=|_| queue::lost_is_known()>{t!(visit::LOST_KNOWN)}</button>
                </div>
            }
            .into_any()
        })
    })
    .into_any()
}

/// Entries that have waited for more than a day. They exist nowhere else, and nobody else knows of them.
pub fn overdue() -> AnyView {
    (move || {
        let old = queue::overdue();
        let count = old.len();
        let one = |(stamp, entry): Waiting| {
            view! { <li><a href=entry.desk()>{entry.line()}</a>" "<span class="muted">{move || entered(&stamp)}</span></li> }
        };
        (count > 0).then(|| {
            view! {
                <section class="card" aria-labelledby="overdue-title">
                    <h2 id="overdue-title">{move || t!(visit::overdue, count)}</h2>
                    <p>{t!(visit::OVERDUE_TEXT)}</p>
                    <ul>{old.into_iter().map(one).collect_view()}</ul>
                </section>
            }
            .into_any()
        })
    })
    .into_any()
}

/// When an entry was made.
pub fn entered(stamp: &str) -> String {
    let at = chrono::DateTime::from_timestamp_millis(queue::made_at(stamp) as i64).unwrap_or_default();
    t!(visit::entered, format::instant(at, lang()))
}

/// The list on a page, if there are entries. Sets `corrected` to the entry to correct, if that is done on this page, and `handed` to
/// the one to hand over.
pub fn list(here: &'static str, corrected: RwSignal<Option<Waiting>>, handed: RwSignal<Option<Waiting>>) -> AnyView {
    (move || {
        let (waiting, damaged) = (queue::waiting(), queue::damaged());
        let count = waiting.len() + damaged.len();
        if count == 0 {
            return ().into_any();
        }
        let items = waiting.into_iter().map(|waiting| item(waiting, here, corrected, handed)).collect_view();
        view! {
            <section class="card waiting" aria-labelledby="waiting-title">
                <h2 id="waiting-title">{move || t!(visit::waiting, count)}</h2>
                <p><button type="button" class="button" aria-disabled=move || queue::is_busy().to_string() on:click=|_| queue::send()>
                    {t!(visit::SEND_NOW)}
                </button></p>
                <ul>{items}{damaged.into_iter().map(unreadable).collect_view()}</ul>
            </section>
        }
        .into_any()
    })
    .into_any()
}

fn item(
    waiting: Waiting,
    here: &'static str,
    corrected: RwSignal<Option<Waiting>>,
    handed: RwSignal<Option<Waiting>>,
) -> AnyView {
    let entry = waiting.1.clone();
    let (tone, name, words) = match &entry.standing {
        Standing::Waiting => (Tone::Warning, texts::visit::IS_WAITING, None),
        Standing::Asked => (Tone::Warning, texts::visit::IS_ASKED, None),
        Standing::Refused(problem) => (Tone::Bad, texts::visit::IS_REFUSED, Some(refused::words(&entry, problem))),
        Standing::PhotosLost => (Tone::Bad, texts::visit::IS_INCOMPLETE, Some(t!(visit::photos_lost, entry.photos_lost()))),
    };
    let asked = entry.standing == Standing::Asked;
    let stamp = waiting.0.clone();
    let for_others =
        entry.visited().is_some() && matches!(&entry.standing, Standing::Refused(problem) if refused::is_for_others(problem));
    let hand_over = for_others.then(|| handover::button(waiting.clone(), handed));
    let doubles = match &entry.standing {
        Standing::Refused(problem) => problem.likely_doubles.clone(),
        _ => Vec::new(),
    };
    let double = (!doubles.is_empty()).then(|| alike(doubles, waiting.clone()));
    let doubtful = match &entry.standing {
        Standing::Refused(problem) => second_look::fields(problem),
        _ => Vec::new(),
    };
    let nobody = (!doubtful.is_empty()).then(|| nobody(doubtful, waiting.clone()));
    let desk = entry.desk();
    let correct = move |_| {
        corrected.set(Some(waiting.clone()));
        window().scroll_to_with_x_and_y(0.0, 0.0);
    };
    view! {
        <li>
            <p><strong>{entry.line()}</strong> " " {page::chip(name, tone)}</p>
            <p class="muted">{move || summary(&entry)}</p>
            {words.map(|words| view! { <p class="fault-text">{words}</p> })}
            {double}
            {nobody}
            <p class="buttons">
                {(!asked).then(|| match desk == here {
                    true => view! { <button type="button" class="button" on:click=correct>{t!(visit::CORRECT)}</button> }.into_any(),
                    false => page::link(desk.to_owned(), texts::visit::CORRECT),
                })}
                {hand_over}
                {discard(stamp, asked)}
            </p>
        </li>
    }
    .into_any()
}

/// The likely duplicates of an entry, and a button to say that it is none.
fn alike(doubles: Vec<LikelyDouble>, (stamp, entry): Waiting) -> AnyView {
    let link =
        |double: LikelyDouble| view! { <li><a href=double.path target="_blank" rel="noopener">{double.name}</a></li> }.into_any();
    let differs = move |_| {
        let (stamp, entry) = (stamp.clone(), entry.clone());
        spawn_local(async move { queue::is_no_double(&stamp, &entry).await });
    };
    view! {
        <ul>{doubles.into_iter().map(link).collect_view()}</ul>
        <p><button type="button" class="button" on:click=differs>{t!(form::NOT_A_DOUBLE)}</button></p>
    }
    .into_any()
}

/// The way to say that nobody is named in these fields.
fn nobody(fields: Vec<String>, (stamp, entry): Waiting) -> AnyView {
    let names_nobody = move |_| {
        let (stamp, entry, fields) = (stamp.clone(), entry.clone(), fields.clone());
        spawn_local(async move { queue::names_nobody(&stamp, &entry, &fields).await });
    };
    view! { <p><button type="button" class="button" on:click=names_nobody>{t!(form::NOT_PERSONAL)}</button></p> }.into_any()
}

/// An entry that this device can no longer open. Nobody knows which family it is about.
fn unreadable(stamp: String) -> AnyView {
    let made = stamp.clone();
    view! {
        <li>
            <p><strong>{move || entered(&made)}</strong> " " {page::chip(texts::visit::IS_UNREADABLE, Tone::Bad)}</p>
            <p class="fault-text">{t!(visit::UNREADABLE)}</p>
            <p class="buttons">{discard(stamp, false)}</p>
        </li>
    }
    .into_any()
}

fn discard(stamp: String, asked: bool) -> AnyView {
    let discard = move |_| {
        let stamp = stamp.clone();
        spawn_local(async move {
            let text = if asked { texts::visit::DISCARD_ASKED } else { texts::visit::DISCARD_TEXT };
            if dialog::confirm(texts::visit::DISCARD_TITLE, text.get(), texts::visit::DISCARD).await {
                queue::discard(&stamp).await;
            }
        });
    };
    view! { <button type="button" class="button" on:click=discard>{reactive(texts::visit::DISCARD)}</button> }.into_any()
}

/// An entry in one line.
fn summary(entry: &Entry) -> String {
    let mut parts = match &entry.about {
        About::Family(_) => visited(entry),
        About::Inspection(inspected) => vec![inspected.inspection.round_title.clone()],
    };
    if !entry.photos.is_empty() {
        parts.push(t!(visit::photo_count, entry.photos.len()));
    }
    parts.join(" · ")
}

fn visited(entry: &Entry) -> Vec<String> {
    let Ok(sheet) = serde_json::from_value::<Sheet>(entry.sheet.clone()) else { return Vec::new() };
    let kind = sheet.kind.map_or(texts::visit::ONLY_VISITED, Text::label);
    let mut parts = vec![format::date(sheet.happened_on, lang()), kind.get().to_owned()];
    parts.extend(sheet.amount_fen.filter(|_| sheet.kind.is_some()).map(format::money));
    parts
}
