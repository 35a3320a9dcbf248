//! The page of an uptake.

use std::sync::Arc;

use contract::cases::Uptake;
use leptos::prelude::*;

use super::who;
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::tabs::Tab;
use crate::i18n::{field, lang, texts};
use crate::{api, format};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::cases::uptake(&id), draw)
}

fn draw(uptake: Arc<Uptake>, _: Callback<()>) -> Detail {
    let shown = uptake.clone();
    Detail {
        title: format!("{} · {}", uptake.case_title, who(&uptake)),
        chips: ().into_any(),
        editable: uptake.editable,
        actions: ().into_any(),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))],
    }
}

fn key_facts(uptake: &Uptake) -> AnyView {
    let (day, title) = (uptake.details.taken_on, uptake.case_title.clone());
    let about = facts(vec![
        (field("case_title"), view! { <a href=format!("/cases/{}", uptake.details.case_id)>{title}</a> }.into_any()),
        fact("village_name", uptake.village_name.clone()),
        fact("organisation_name", uptake.organisation_name.clone()),
        fact_in("taken_on", move || format::date(day, lang())),
    ]);
    view! { {about}{told(vec![fact("words", uptake.details.words.clone())])} }.into_any()
}
