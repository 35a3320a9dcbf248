//! A ranking's page: whom it ranks, in order, and until when it can change.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::rankings::{Ranking, RankingState};
use contract::{CodedEnum, Lang};
use leptos::prelude::*;

use crate::api;
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::{format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::rankings::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: RankingState) -> AnyView {
    let tone = match state {
        RankingState::Open => Tone::Warning,
        RankingState::Closed => Tone::Good,
    };
    page::chip(Text::label(state), tone)
}

/// Those that are ranked, in one line.
pub fn names(ranking: &Ranking, lang: Lang) -> String {
    ranking
        .choices
        .iter()
        .map(|choice| format!("{}. {}", choice.rank, choice.name))
        .collect::<Vec<_>>()
        .join(lang.pick("　", "  "))
}

fn draw(ranking: Arc<Ranking>, _: Callback<()>) -> Detail {
    let shown = ranking.clone();
    Detail {
        title: ranking.name.clone(),
        chips: chip(ranking.state),
        editable: ranking.editable,
        actions: ().into_any(),
        tabs: vec![Tab::new("profile", texts::rankings::ORDER, move || order(&shown))],
    }
}

/// Whom it ranks, and about whose ranking it is.
pub fn order(ranking: &Ranking) -> AnyView {
    let kind = ranking.kind;
    let choices = ranking.choices.iter().map(|choice| {
        let href = match (&choice.village_code, choice.organisation_id) {
            (Some(code), _) => format!("/villages/{code}"),
            (None, id) => format!("/organisations/{}", id.unwrap_or_default()),
        };
        view! { <li><a href=href>{choice.name.clone()}</a>" "<small class="muted">{choice.town_name.clone()}</small></li> }
            .into_any()
    });
    let choices: Vec<_> = choices.collect();
    let choices = if choices.is_empty() {
        view! { <p class="muted">{t!(rankings::NOBODY)}</p> }.into_any()
    } else {
        view! { <ol class="ranked">{choices}</ol> }.into_any()
    };
    let campaign = view! { <a href=format!("/campaigns/{}", ranking.details.campaign_id)>{ranking.campaign_title.clone()}</a> };
    let behalf = ranking.details.on_behalf_reason.clone().map(|reason| told(vec![fact("on_behalf_reason", reason)]));
    view! {
        {until(ranking.due_on, ranking.state == RankingState::Closed)}
        {choices}
        {facts(vec![
            (field("campaign_title"), campaign.into_any()),
            fact_in("kind", move || kind.label(lang()).to_owned()),
            fact("town_name", ranking.town_name.clone()),
        ])}
        {behalf}
    }
    .into_any()
}

/// The last day of ranking, and what happens after it.
pub fn until(due: NaiveDate, closed: bool) -> AnyView {
    let words = move || {
        let day = format::date(due, lang());
        if closed { t!(rankings::closed_on, day) } else { t!(rankings::open_until, day) }
    };
    let class = if closed { "notice" } else { "notice warning" };
    view! { <p class=class role="note">{words}</p> }.into_any()
}
