//! An entry's page: what it is about, who takes what of it, and its photos.

use std::sync::Arc;

use contract::attachments::AttachmentObject;
use contract::catalogue::{CatalogueEntry, CatalogueEntryAction, CatalogueEntryState, CommitmentStage, EntryCommitments};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;
use uuid::Uuid;

use super::counted;
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::load;
use crate::components::page::{self, Tone};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, field, lang, texts};
use crate::pages::attachments;
use crate::{format, t};

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
    let is_taken = entry.remaining < details.quantity;
    let takers = is_taken.then(|| takers(entry.id, &details.quantity_unit));
    view! {
        {why}
        {about}
        {told(vec![fact("description", details.description)])}
        <h2>{t!(catalogue::AMOUNTS)}</h2>
        {amounts}
        {takers}
    }
    .into_any()
}

/// Who takes what of an entry. What the reader may not see one by one is in a last line.
fn takers(id: Uuid, unit: &str) -> AnyView {
    let unit = unit.to_owned();
    load::show(load::load(move || api::catalogue::commitments(id)), move |taken: Arc<EntryCommitments>| {
        let amount = |quantity: i64| format!("{} {unit}", format::count(quantity));
        let rows = taken.items.iter().map(|taker| {
            let giver = taker.organisation_name.clone().unwrap_or_else(|| taker.village_name.clone());
            Row::to(taker.object_type.location(taker.object_id))
                .label(Text::label(taker.object_type))
                .text(taker.title.clone().unwrap_or(giver))
                .text(taker.village_name.clone())
                .label(Text::label(taker.stage))
                .text(amount(taker.quantity))
        });
        let heads = ["object_type", "name", "village_name", "stage", "quantity"].map(|name| (field(name), name == "quantity"));
        let others = [
            (CommitmentStage::Requested, taken.others_requested),
            (CommitmentStage::Committed, taken.others_committed),
            (CommitmentStage::Fulfilled, taken.others_fulfilled),
        ];
        let others: Vec<_> = others.into_iter().filter(|(_, quantity)| *quantity > 0).collect();
        let others = (!others.is_empty()).then(|| {
            let amounts: Vec<_> = others.iter().map(|(stage, quantity)| (*stage, amount(*quantity))).collect();
            let said = move || {
                let lang = lang();
                let parts = amounts.iter().map(|(stage, amount)| format!("{} {amount}", stage.label(lang)));
                parts.collect::<Vec<_>>().join(lang.pick("，", ", "))
            };
            view! { <p class="muted">{move || t!(catalogue::others, said())}</p> }
        });
        let table = (!taken.items.is_empty()).then(|| table::links(texts::catalogue::TAKERS, heads.to_vec(), rows));
        view! { <h2>{t!(catalogue::TAKERS)}</h2>{table}{others} }.into_any()
    })
}
