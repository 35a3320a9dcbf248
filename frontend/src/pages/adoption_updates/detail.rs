//! The page of what was done in a month.

use std::sync::Arc;

use contract::adoptions::AdoptionUpdate;
use leptos::prelude::*;

use crate::api;
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::tabs::Tab;
use crate::format;
use crate::i18n::{field, lang, lang_now, texts};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::adoption_updates::read(&id), draw)
}

fn draw(update: Arc<AdoptionUpdate>, _: Callback<()>) -> Detail {
    let shown = update.clone();
    Detail {
        title: format!("{} · {}", update.institution_name, format::month(update.details.month, lang_now())),
        chips: ().into_any(),
        editable: update.editable,
        actions: ().into_any(),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))],
    }
}

fn key_facts(update: &AdoptionUpdate) -> AnyView {
    let (month, updated) = (update.details.month, update.updated_at);
    let adoption = format!("{} · {}", update.institution_name, update.cadre_name);
    let about = facts(vec![
        (field("adoption_id"), view! { <a href=format!("/adoptions/{}", update.details.adoption_id)>{adoption}</a> }.into_any()),
        fact_in("month", move || format::month(month, lang())),
        fact_in("updated_at", move || format::instant(updated, lang())),
    ]);
    view! { {about}{told(vec![fact("content", update.details.content.clone())])} }.into_any()
}
