//! The page of something that has appeared in public.

use std::sync::Arc;

use contract::publicity::{PublicityAction, PublicityItem, PublicityState};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;

use super::{chip, reach};
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{field, lang, texts};
use crate::{api, format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::publicity::read(&id), draw)
}

fn rule(action: PublicityAction) -> StepRule {
    StepRule::of(PublicityState::STEPS, action)
}

fn draw(item: Arc<PublicityItem>, reload: Callback<()>) -> Detail {
    let shown = item.clone();
    Detail {
        title: item.details.title.clone(),
        chips: chip(item.state),
        editable: item.editable,
        actions: actions::buttons(&item.location(), &item.allowed_actions, rule, reload),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))],
    }
}

fn key_facts(item: &PublicityItem) -> AnyView {
    let details = item.details.clone();
    let link = |href: String, name: String| view! { <a href=href>{name}</a> }.into_any();
    let (channel, day, shown) = (details.channel, details.appeared_on, item.clone());
    let mut rows = vec![
        fact_in("channel", move || channel.label(lang()).to_owned()),
        fact("outlet", details.outlet),
        fact("feature", details.feature),
        fact_in("appeared_on", move || format::date(day, lang())),
        fact_in("reach", move || reach(&shown, lang()).unwrap_or_else(|| "—".to_owned())),
        fact("area_name", item.area_name.clone()),
        fact("organisation_name", item.organisation_name.clone()),
        (field("campaign_title"), link(format!("/campaigns/{}", details.campaign_id), item.campaign_title.clone())),
    ];
    if let (Some(id), Some(title)) = (details.case_id, item.case_title.clone()) {
        rows.push((field("case_title"), link(format!("/cases/{id}"), title)));
    }
    if let Some(address) = details.link {
        let name = address.clone();
        let outside = view! {
            <a href=address target="_blank" rel="noopener noreferrer">{name}</a>
            " "<span class="muted">{t!(publicity::EXTERNAL)}</span>
        };
        rows.push((field("link"), outside.into_any()));
    }
    let why =
        (item.state == PublicityState::Withdrawn).then(|| timeline::why(item.location(), PublicityState::STEPS, item.state));
    view! { {why}{facts(rows)} }.into_any()
}
