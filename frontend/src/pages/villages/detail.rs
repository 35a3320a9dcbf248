//! A village's page.

use std::sync::Arc;

use contract::CodedEnum;
use contract::villages::Village;
use leptos::prelude::*;

use crate::api;
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{Tone, chip};
use crate::components::tabs::Tab;
use crate::format;
use crate::i18n::{field, lang, texts};

pub fn page(code: &str) -> AnyView {
    let code = code.to_owned();
    detail::page(move || api::villages::read(&code), draw)
}

fn draw(village: Arc<Village>, _: Callback<()>) -> Detail {
    let profile = village.clone();
    Detail {
        title: village.name.clone(),
        chips: village.profile.old_base.then(|| chip(field("old_base"), Tone::Accent)).into_any(),
        editable: village.editable,
        actions: ().into_any(),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&profile))],
    }
}

fn key_facts(village: &Village) -> AnyView {
    let profile = village.profile.clone();
    let (industries, updated) = (profile.industries, village.updated_at);
    let industries = move || {
        let labels: Vec<_> = industries.iter().map(|industry| industry.label(lang())).collect();
        if labels.is_empty() { "—".to_owned() } else { labels.join(lang().pick("、", ", ")) }
    };
    let facts = facts(vec![
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
    view! { {facts}{told(vec![fact("resources", profile.resources)])} }.into_any()
}
