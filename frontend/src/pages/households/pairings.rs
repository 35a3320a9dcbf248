//! The organisations that are paired with a household, and the link to propose one.

use std::sync::Arc;

use contract::pairings::{Pairing, PairingKind, PairingQuery};
use contract::{Page, Permission, Resource, Role};
use leptos::prelude::*;
use uuid::Uuid;

use crate::api;
use crate::components::table::{self, Row};
use crate::components::{load, page};
use crate::i18n::{Text, field, lang, texts};
use crate::pages::pairings::chip;
use crate::{format, session, t};

pub fn tab(household_id: Uuid, open: bool) -> AnyView {
    let pairings = load::load(move || {
        let kind = Some(PairingKind::Household);
        api::pairings::list(&PairingQuery { kind, household_id: Some(household_id), limit: Some(50), ..Default::default() })
    });
    // Organisations propose to villages only, since they cannot see a family before they are paired with it.
    let proposes = open
        && session::may(Permission::WritePairings)
        && session::account().is_some_and(|account| account.role != Role::Organisation);
    let add = proposes.then(|| page::link(format!("/pairings/new?household_id={household_id}"), texts::pairings::CREATE));
    let shown = load::show(pairings, |page: Arc<Page<Pairing>>| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(households::NO_PAIRINGS)}</p> }.into_any();
        }
        let heads = ["organisation_name", "state", "proposed_by", "active_since", "updated_at"].map(|name| (field(name), false));
        table::links(texts::households::PAIRINGS, heads.into(), page.items.iter().map(row))
    });
    view! { {add.map(|add| view! { <p>{add}</p> })}{shown} }.into_any()
}

fn row(pairing: &Pairing) -> Row {
    let (since, at) = (pairing.active_since, pairing.updated_at);
    Row::to(pairing.location())
        .text(pairing.organisation_name.clone())
        .mark(Some(chip(pairing.state)))
        .label(Text::label(pairing.proposed_by))
        .mark(since.map(|day| (move || format::date(day, lang())).into_any()))
        .said(move || format::instant(at, lang()))
}
