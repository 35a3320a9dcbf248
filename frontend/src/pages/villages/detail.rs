//! A village's page.

use std::sync::Arc;

use contract::catalogue::CatalogueEntryQuery;
use contract::villages::Village;
use contract::{CodedEnum, Resource};
use leptos::prelude::*;

use crate::api;
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{Tone, chip, link};
use crate::components::tabs::Tab;
use crate::format;
use crate::i18n::{field, lang, texts};
use crate::pages::catalogue;
use crate::t;

pub fn page(code: &str) -> AnyView {
    let code = code.to_owned();
    detail::page(move || api::villages::read(&code), draw)
}

fn draw(village: Arc<Village>, _: Callback<()>) -> Detail {
    let profile = village.clone();
    Detail {
        title: village.name.clone(),
        chips: view! {
            {village.ended_on.map(|_| chip(texts::areas::ENDED, Tone::Bad))}
            {village.profile.old_base.then(|| chip(field("old_base"), Tone::Accent))}
        }
        .into_any(),
        editable: village.editable,
        actions: village
            .replaceable
            .then(|| link(format!("{}/replace", village.location()), texts::villages::REPLACE))
            .into_any(),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&profile)),
            catalogue::tab(CatalogueEntryQuery { within: Some(village.code.clone()), ..Default::default() }),
        ],
    }
}

fn key_facts(village: &Village) -> AnyView {
    let profile = village.profile.clone();
    let (industries, updated) = (profile.industries, village.updated_at);
    let industries = move || {
        let labels: Vec<_> = industries.iter().map(|industry| industry.label(lang())).collect();
        if labels.is_empty() { "—".to_owned() } else { labels.join(lang().pick("、", ", ")) }
    };
    let mut end = Vec::new();
    if let Some(day) = village.ended_on {
        end.push(fact_in("ended_on", move || format::date(day, lang())));
    }
    if let (Some(code), Some(name)) = (village.successor_code.clone(), village.successor_name.clone()) {
        let successor = view! { <a href=format!("/villages/{code}")>{name}</a> }.into_any();
        end.push((field("successor_code"), successor));
    }
    let notice = village.ended_on.map(|_| view! { <p class="notice" role="note">{t!(villages::ENDED_TEXT)}</p> });
    let profiled = facts(vec![
        fact("town_name", village.town_name.clone()),
        fact("village_code", village.code.clone()),
        fact_in("industries", industries),
        fact("population", profile.population.map(|people| format::count(people.into()))),
        fact("low_income_households", format::count(profile.low_income_households.into())),
        fact("collective_income_fen", profile.collective_income_fen.map(format::money)),
        fact("contact_name", profile.contact_name),
        fact("contact_phone", profile.contact_phone),
        fact_in("updated_at", move || format::instant(updated, lang())),
    ]);
    view! { {notice}{(!end.is_empty()).then(|| facts(end))}{profiled}{told(vec![fact("resources", profile.resources)])} }
        .into_any()
}
