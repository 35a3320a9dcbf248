//! An entry's page: what it is about, what projects take of it, and its photos.

use std::sync::Arc;

use contract::attachments::AttachmentObject;
use contract::catalogue::{CatalogueEntry, CatalogueEntryAction, CatalogueEntryState};
use contract::{CodedEnum, Permission, Resource};
use leptos::prelude::*;

use super::counted;
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, field, lang, texts};
use crate::pages::attachments;
use crate::{format, session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::catalogue::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: CatalogueEntryState) -> AnyView {
    let tone = match state {
        CatalogueEntryState::Draft => Tone::Warning,
        CatalogueEntryState::Published => Tone::Accent,
        CatalogueEntryState::Fulfilled => Tone::Good,
        CatalogueEntryState::Withdrawn | CatalogueEntryState::Expired => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

fn rule(action: CatalogueEntryAction) -> StepRule {
    StepRule { primary: action == CatalogueEntryAction::Publish, ..StepRule::of(CatalogueEntryState::STEPS, action) }
}

fn draw(entry: Arc<CatalogueEntry>, reload: Callback<()>) -> Detail {
    let shown = entry.clone();
    Detail {
        title: entry.details.title.clone(),
        chips: view! { {page::chip(Text::label(entry.side), Tone::Neutral)}{chip(entry.state)} }.into_any(),
        editable: entry.editable,
        actions: actions::buttons(&entry.location(), &entry.allowed_actions, rule, reload),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
            attachments::tab(AttachmentObject::CatalogueEntry, entry.id.to_string(), entry.editable),
        ],
    }
}

fn key_facts(entry: &CatalogueEntry) -> AnyView {
    let details = entry.details.clone();
    let who = match (&details.village_code, details.organisation_id) {
        (Some(code), _) => format!("/villages/{code}"),
        (None, id) => format!("/organisations/{}", id.unwrap_or_default()),
    };
    let name = entry.name.clone();
    let (goal, kind, industry, group) = (details.goal, details.kind, details.industry, details.for_group);
    let (urgency, from, to) = (details.urgency, details.from_month, details.to_month);
    let month =
        |month: Option<contract::Month>| move || month.map_or_else(|| "—".to_owned(), |month| format::month(month, lang()));
    let why = (entry.state == CatalogueEntryState::Withdrawn)
        .then(|| timeline::why(entry.location(), CatalogueEntryState::STEPS, entry.state));
    let about = facts(vec![
        (field("name"), view! { <a href=who>{name}</a> }.into_any()),
        fact("town_name", entry.town_name.clone()),
        fact("campaign_title", entry.campaign_title.clone()),
        fact_in("goal", move || goal.label(lang()).to_owned()),
        fact_in("kind", move || kind.label(lang()).to_owned()),
        fact_in("industry", move || industry.map_or("—", |industry| industry.label(lang())).to_owned()),
        fact_in("for_group", move || group.map_or("—", |group| group.label(lang())).to_owned()),
        fact_in("urgency", move || urgency.label(lang()).to_owned()),
        fact_in("from_month", month(from)),
        fact_in("to_month", month(to)),
        fact("place", details.place),
        fact("contact_name", details.contact_name),
        fact("contact_phone", details.contact_phone),
    ]);
    let amounts = facts(vec![
        fact("quantity", counted(details.quantity, entry)),
        fact("amount_fen", details.amount_fen.map(format::money)),
        fact("requested", counted(entry.requested, entry)),
        fact("committed", counted(entry.committed, entry)),
        fact("fulfilled", counted(entry.fulfilled, entry)),
        fact("remaining", counted(entry.remaining, entry)),
    ]);
    let projects = session::may(Permission::ReadProjects).then(|| {
        let href = format!("/projects?catalogue_entry_id={}", entry.id);
        view! { <p><a href=href>{t!(catalogue::PROJECTS)}</a></p> }
    });
    view! {
        {why}
        {about}
        {told(vec![fact("description", details.description)])}
        <h2>{t!(catalogue::AMOUNTS)}</h2>
        {amounts}
        {projects}
    }
    .into_any()
}
