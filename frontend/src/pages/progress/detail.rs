//! The page of a pairing's progress in a month.

use std::sync::Arc;

use contract::progress::ProgressUpdate;
use leptos::prelude::*;

use crate::api;
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::tabs::Tab;
use crate::format;
use crate::i18n::{field, lang, lang_now, texts};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::progress::read(&id), draw)
}

fn draw(update: Arc<ProgressUpdate>, _: Callback<()>) -> Detail {
    let shown = update.clone();
    Detail {
        title: format!("{} · {} · {}", update.village_name, update.organisation_name, format::month(update.month, lang_now())),
        chips: ().into_any(),
        editable: update.editable,
        actions: ().into_any(),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))],
    }
}

fn key_facts(update: &ProgressUpdate) -> AnyView {
    let (month, updated) = (update.month, update.updated_at);
    let pairing = format!("{} · {}", update.village_name, update.organisation_name);
    let facts = facts(vec![
        (field("pairing_id"), view! { <a href=format!("/pairings/{}", update.pairing_id)>{pairing}</a> }.into_any()),
        fact_in("month", move || format::month(month, lang())),
        fact_in("updated_at", move || format::instant(updated, lang())),
    ]);
    let words = told(vec![fact("content", update.content.clone()), fact("progress", update.progress.clone())]);
    view! { {facts}{words} }.into_any()
}
