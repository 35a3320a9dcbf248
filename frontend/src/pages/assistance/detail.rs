//! A record's page: what was done, for whom and by whom, its photos, confirmation and corrections.

use std::sync::Arc;

use contract::assistance::{AssistanceRecord, RecordAction, RecordState};
use contract::attachments::AttachmentObject;
use contract::{CodedEnum, ObjectKind, Permission, Resource};
use leptos::prelude::*;
use uuid::Uuid;

use super::{chain, giver, goods_words, member, title};
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, field, lang, lang_now, reactive, texts};
use crate::pages::attachments;
use crate::{format, session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::assistance::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: RecordState) -> AnyView {
    let tone = match state {
        RecordState::Recorded => Tone::Warning,
        RecordState::Confirmed => Tone::Good,
        RecordState::Rejected => Tone::Bad,
        RecordState::Corrected => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

fn rule(action: RecordAction) -> StepRule {
    StepRule { primary: action == RecordAction::Confirm, ..StepRule::of(RecordState::STEPS, action) }
}

fn draw(record: Arc<AssistanceRecord>, reload: Callback<()>) -> Detail {
    let shown = record.clone();
    let correctable =
        record.state == RecordState::Confirmed && record.corrected_by_id.is_none() && session::may(Permission::WriteAssistance);
    let mut tabs = vec![Tab::new("profile", texts::detail::PROFILE, move || profile(&shown))];
    tabs.extend(chain::tab(&record));
    tabs.push(attachments::tab(AttachmentObject::AssistanceRecord, record.id.to_string(), record.editable));
    Detail {
        title: title(&record, lang_now()),
        chips: chip(record.state),
        editable: record.editable,
        actions: view! {
            {correctable.then(|| page::link(format!("{}/correct", record.location()), texts::assistance::CORRECT))}
            {actions::buttons(&record.location(), &record.allowed_actions, rule, reload)}
        }
        .into_any(),
        tabs,
    }
}

fn profile(record: &AssistanceRecord) -> AnyView {
    let notice = |text: Text, id: Uuid| {
        view! {
            <p class="notice" role="note">
                {reactive(text)}" "<a href=format!("/assistance-records/{id}")>{t!(assistance::TO_RECORD)}</a>
            </p>
        }
    };
    let corrected = record.corrected_by_id.map(|id| match record.state {
        RecordState::Corrected => notice(texts::assistance::CORRECTED_BY, id),
        _ => notice(texts::assistance::CORRECTION_WAITS, id),
    });
    let corrects = record.corrects_id.map(|id| notice(texts::assistance::CORRECTS, id));
    let why = (record.state == RecordState::Rejected).then(|| timeline::why(record.location(), RecordState::STEPS, record.state));
    view! { {why}{corrected}{corrects}{key_facts(record)} }.into_any()
}

fn key_facts(record: &AssistanceRecord) -> AnyView {
    let link = |href: String, name: AnyView| view! { <a href=href>{name}</a> }.into_any();
    let (kind, goal, on, by) = (record.kind, record.goal, record.happened_on, record.recorded_by);
    let (goods, reported) = (record.goods.clone(), record.reported_in);
    let household = format!("{} {}", record.file_number, record.head_name);
    let household = match session::may(Permission::ReadHouseholds) {
        true => link(format!("/households/{}", record.household_id), household.into_any()),
        false => household.into_any(),
    };
    let given_by = match record.pairing_id.filter(|_| session::may(Permission::ReadPairings)) {
        Some(id) => link(format!("/pairings/{id}"), giver(record)),
        None => giver(record),
    };
    let measure = match record.measure_id.filter(|_| session::may(Permission::ReadPlans)) {
        Some(id) => link(format!("/assistance-measures/{id}"), t!(assistance::OF_PLAN).into_any()),
        None if record.measure_id.is_some() => t!(assistance::OF_PLAN).into_any(),
        None => t!(assistance::NOT_OF_PLAN).into_any(),
    };
    let facts = facts(vec![
        (field("household_id"), household),
        fact("village_name", record.village_name.clone()),
        fact("town_name", record.town_name.clone()),
        (field("member_id"), member(record)),
        (texts::assistance::GIVEN_BY, given_by),
        fact_in("kind", move || kind.label(lang()).to_owned()),
        fact_in("goal", move || goal.label(lang()).to_owned()),
        fact_in("happened_on", move || format::date(on, lang())),
        fact("amount_fen", record.amount_fen.map(format::money)),
        fact_in("goods", move || goods_words(&goods, lang())),
        (field("measure_id"), measure),
        (field("entry_id"), entry(record)),
        fact_in("recorded_by", move || by.label(lang()).to_owned()),
        fact_in("reported_in", move || reported.map_or_else(|| "—".to_owned(), |month| format::month(month, lang()))),
    ]);
    view! { {facts}{told(vec![fact("description", record.description.clone())])} }.into_any()
}

/// The entry of the catalogue that it fulfils, and how much of it.
fn entry(record: &AssistanceRecord) -> AnyView {
    let (Some(id), Some(quantity)) = (record.entry_id, record.entry_quantity) else { return "—".into_any() };
    let (title, unit) = (record.entry_title.clone().unwrap_or_default(), record.entry_unit.clone().unwrap_or_default());
    let amount = format!(" · {} {unit}", format::count(quantity));
    match session::may(Permission::ReadCatalogue) {
        true => view! { <a href=ObjectKind::CatalogueEntry.location(id)>{title}</a>{amount} }.into_any(),
        false => format!("{title}{amount}").into_any(),
    }
}
