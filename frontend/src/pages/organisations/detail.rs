//! An organisation's page.

use std::sync::Arc;

use contract::catalogue::CatalogueEntryQuery;
use contract::organisations::{DirectedDonation, Organisation, OrganisationAction, OrganisationState};
use contract::{CodedEnum, Permission, Resource};
use leptos::prelude::*;

use crate::api;
use crate::api::areas::VILLAGE_AREAS;
use crate::api::organisations::EXISTING_ORGANISATIONS;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{Tone, chip};
use crate::components::picker::{self};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::format;
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::pages::catalogue;
use crate::{session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::organisations::read(&id), draw)
}

/// A chip if the organisation has ended.
fn ended(state: OrganisationState) -> Option<AnyView> {
    (state != OrganisationState::Active).then(|| chip(Text::label(state), Tone::Bad))
}

fn rule(action: OrganisationAction) -> StepRule {
    let rule = StepRule::of(OrganisationState::STEPS, action);
    let ends = StepRule { day: Some("ended_on"), before: Some(|_| hint(texts::organisations::ENDS_WITH_IT)), ..rule };
    match action {
        OrganisationAction::Deregister => ends,
        OrganisationAction::MergeInto => StepRule { pick: Some(("successor_id", EXISTING_ORGANISATIONS)), ..ends },
        OrganisationAction::Reinstate => StepRule { before: Some(|_| hint(texts::organisations::REINSTATED)), ..rule },
    }
}

fn hint(text: Text) -> AnyView {
    view! { <p>{reactive(text)}</p> }.into_any()
}

fn draw(organisation: Arc<Organisation>, reload: Callback<()>) -> Detail {
    let (profile, donations) = (organisation.clone(), organisation.clone());
    let rating = organisation.details.rating.map(|rating| chip(Text::label(rating), Tone::Accent));
    Detail {
        title: organisation.details.name.clone(),
        chips: view! { {ended(organisation.state)}{chip(Text::label(organisation.details.kind), Tone::Neutral)}{rating} }
            .into_any(),
        editable: organisation.editable,
        actions: actions::buttons(&organisation.location(), &organisation.allowed_actions, rule, reload),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&profile)),
            Tab::new("donations", texts::organisations::DONATIONS, move || {
                self::donations(&donations.details.directed_donations)
            }),
            catalogue::tab(CatalogueEntryQuery { organisation_id: Some(organisation.id), ..Default::default() }),
        ],
    }
}

fn key_facts(organisation: &Organisation) -> AnyView {
    let details = organisation.details.clone();
    let (kind, rating, updated) = (details.kind, details.rating, organisation.updated_at);
    let warning = organisation
        .credit_code_suspicious
        .then(|| view! { <p class="notice warning" role="note">{t!(organisations::SUSPICIOUS)}</p> });
    let mut end = Vec::new();
    if let Some(day) = organisation.ended_on {
        end.push(fact_in("ended_on", move || format::date(day, lang())));
    }
    if let (Some(id), Some(name)) = (organisation.successor_id, organisation.successor_name.clone()) {
        let link = view! { <a href=format!("/organisations/{id}")>{name}</a> }.into_any();
        end.push((field("successor_name"), link));
    }
    if !organisation.former_names.is_empty() {
        end.push(fact("former_names", organisation.former_names.join("、")));
    }
    let over = (organisation.state != OrganisationState::Active).then(|| {
        let pairings = session::may(Permission::ReadPairings).then(|| {
            let href = format!("/pairings?organisation_id={}", organisation.id);
            view! { " " <a href=href>{t!(organisations::PAIRINGS_OF_IT)}</a> }
        });
        view! { <p class="notice warning" role="note">{t!(organisations::ENDED)}{pairings}</p> }
    });
    let end = (!end.is_empty()).then(|| facts(end));
    view! {
        {warning}
        {over}
        {end}
        {facts(vec![
            fact("credit_code", details.credit_code),
            fact_in("kind", move || kind.label(lang()).to_owned()),
            fact_in("rating", move || rating.map_or("—", |rating| rating.label(lang())).to_owned()),
            fact("area_name", organisation.area_name.clone()),
            fact("member_count", details.member_count.map(|members| format::count(members.into()))),
            fact("contact_name", details.contact_name),
            fact("contact_phone", details.contact_phone),
            fact_in("updated_at", move || format::instant(updated, lang())),
        ])}
        {told(vec![fact("strengths", details.strengths)])}
    }
    .into_any()
}

fn confirmed(confirmed: bool) -> AnyView {
    let (text, tone) = match confirmed {
        true => (texts::organisations::CONFIRMED, Tone::Good),
        false => (texts::organisations::UNCONFIRMED, Tone::Warning),
    };
    chip(text, tone)
}

fn donations(donations: &[DirectedDonation]) -> AnyView {
    if donations.is_empty() {
        return view! { <p class="muted">{t!(organisations::NO_DONATIONS)}</p> }.into_any();
    }
    let rows = donations.iter().map(|donation| {
        let (code, day) = (donation.village_code.clone(), donation.donated_on);
        Row::to(format!("/villages/{code}"))
            .mark(Some(picker::named(VILLAGE_AREAS, code)))
            .said(move || format::date(day, lang()))
            .text(format::money(donation.amount_fen))
            .text(donation.purpose.clone())
            .mark(Some(confirmed(donation.confirmed)))
    });
    let heads =
        ["village_name", "donated_on", "amount_fen", "purpose", "confirmed"].map(|name| (field(name), name == "amount_fen"));
    table::links(texts::organisations::DONATIONS, heads.to_vec(), rows)
}
