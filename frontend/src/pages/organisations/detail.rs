//! An organisation's page.

use std::sync::Arc;

use contract::CodedEnum;
use contract::organisations::{DirectedDonation, Organisation};
use leptos::prelude::*;

use crate::api;
use crate::api::areas::VILLAGE_AREAS;
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{Tone, chip};
use crate::components::picker::{self};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::format;
use crate::i18n::{Text, field, lang, texts};
use crate::t;

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::organisations::read(&id), draw)
}

fn draw(organisation: Arc<Organisation>, _: Callback<()>) -> Detail {
    let (profile, donations) = (organisation.clone(), organisation.clone());
    let rating = organisation.details.rating.map(|rating| chip(Text::label(rating), Tone::Accent));
    Detail {
        title: organisation.details.name.clone(),
        chips: view! { {chip(Text::label(organisation.details.kind), Tone::Neutral)}{rating} }.into_any(),
        editable: organisation.editable,
        actions: ().into_any(),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&profile)),
            Tab::new("donations", texts::organisations::DONATIONS, move || {
                self::donations(&donations.details.directed_donations)
            }),
        ],
    }
}

fn key_facts(organisation: &Organisation) -> AnyView {
    let details = organisation.details.clone();
    let (kind, rating, updated) = (details.kind, details.rating, organisation.updated_at);
    let warning = organisation
        .credit_code_suspicious
        .then(|| view! { <p class="notice warning" role="note">{t!(organisations::SUSPICIOUS)}</p> });
    view! {
        {warning}
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
