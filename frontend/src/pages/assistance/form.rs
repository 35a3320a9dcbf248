//! The forms of an assistance record: a new one, a change before it is confirmed, a correction after.

use std::sync::Arc;

use contract::assistance::{AidKind, AssistanceRecord};
use contract::catalogue::{CatalogueEntryQuery, CatalogueSide};
use contract::{CodedEnum, Role};
use futures::FutureExt;
use leptos::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::goods;
use crate::api::catalogue::open_entries;
use crate::api::households::HOUSEHOLDS;
use crate::api::{self, Editable, Record};
use crate::components::form::{self, Form, section};
use crate::components::load;
use crate::components::picker::{Answer, Choice};
use crate::i18n::texts;
use crate::pages::households::choices;
use crate::session;

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["household_id", "pairing_id", "member_id", "measure_id", "kind"]);
    blank["goods"] = json!([]);
    if let Some(account) = session::account() {
        blank["happened_on"] = json!(account.today);
    }
    form::create::<AssistanceRecord>(texts::assistance::CREATE, blank, api::assistance::create, |form| {
        let household = Memo::new(move |_| form.get("/household_id").as_str().and_then(|id| id.parse::<Uuid>().ok()));
        Effect::new(move |before: Option<Option<Uuid>>| {
            let now = household.get();
            if before.is_some_and(|before| before != now) {
                // These choices belonged to another family.
                for at in ["/member_id", "/measure_id", "/pairing_id"] {
                    form.set(at, Value::Null);
                }
            }
            now
        });
        let household = Signal::from(household);
        view! {
            {section(texts::assistance::FOR_WHOM, vec![
                form.field("/household_id").required().hint(texts::plans::HOUSEHOLD_HINT).pick(HOUSEHOLDS),
                form.field("/member_id").hint(texts::households::MEMBER_HINT).choose(choices::members(household)),
                given_by(form, household),
            ])}
            {fields(form, household, choices::pairings(household))}
        }
        .into_any()
    })
}

/// The pairing under which it was given. For an organisation it follows from the household.
fn given_by(form: Form, household: Signal<Option<Uuid>>) -> AnyView {
    if session::account().is_some_and(|account| account.role == Role::Organisation) {
        return ().into_any();
    }
    form.field("/pairing_id")
        .labelled(texts::assistance::GIVEN_BY)
        .hint(texts::assistance::GIVEN_BY_HINT)
        .choose(choices::pairings(household))
}

pub fn edit(id: &str) -> AnyView {
    of_record(id, |record, id| {
        let household = record.household_id;
        let read = move || api::assistance::read(&id);
        let past = named(record);
        let pairing = paired(record);
        form::edit_read(texts::assistance::EDIT, record, read, move |form| {
            of_family(form, household, past.clone(), pairing.clone())
        })
    })
}

/// The form of a correction, filled in with the record that it corrects.
pub fn correct(id: &str) -> AnyView {
    of_record(id, |record, _| {
        let household = record.household_id;
        let mut input = serde_json::to_value(record.edit()).unwrap_or_default();
        input["household_id"] = json!(household);
        input["corrects_id"] = json!(record.id);
        if let Some(pairing) = record.pairing_id {
            input["pairing_id"] = json!(pairing);
        }
        let (past, pairing) = (named(record), paired(record));
        form::create::<AssistanceRecord>(texts::assistance::CORRECT, input, api::assistance::create, move |form| {
            of_family(form, household, past.clone(), pairing.clone())
        })
    })
}

/// A form about a record that is read first.
fn of_record(id: &str, draw: fn(&AssistanceRecord, String) -> AnyView) -> AnyView {
    if !session::may(AssistanceRecord::WRITE) {
        return load::missing();
    }
    let id = id.to_owned();
    let asked = id.clone();
    load::show(load::load(move || api::assistance::read(&asked)), move |record: Arc<AssistanceRecord>| draw(&record, id.clone()))
}

/// The person named in the record, who may no longer be a member.
fn named(record: &AssistanceRecord) -> Option<Choice> {
    let (value, label) = (record.member_id?.to_string(), record.member_name.clone()?);
    Some(Choice { value, label, hint: String::new() })
}

/// The pairing of the record.
fn paired(record: &AssistanceRecord) -> Vec<Choice> {
    let pairing = record.pairing_id.map(|id| Choice { value: id.to_string(), label: String::new(), hint: String::new() });
    pairing.into_iter().collect()
}

fn of_family(form: Form, household: Uuid, past: Option<Choice>, pairing: Vec<Choice>) -> AnyView {
    let household = Signal::stored(Some(household));
    let now = choices::members(household);
    let members = Signal::derive(move || {
        let mut members = now.get();
        members.extend(past.clone().filter(|past| members.iter().all(|member| member.value != past.value)));
        members
    });
    let whom = vec![form.field("/member_id").hint(texts::households::MEMBER_HINT).choose(members)];
    view! { {section(texts::assistance::FOR_WHOM, whom)}{fields(form, household, Signal::stored(pairing))} }.into_any()
}

/// The open entries that help of this kind can fulfil: of the two sides, or without a pairing what villages of the area need.
fn entries(form: Form, pairings: Signal<Vec<Choice>>, q: String) -> Answer<Vec<Choice>> {
    let chosen = untrack(|| form.get("/pairing_id").as_str().map(str::to_owned));
    let account = session::account();
    let by_organisation = account.as_ref().is_some_and(|account| account.role == Role::Organisation);
    let only = || pairings.get_untracked().first().map(|choice| choice.value.clone());
    let is_new = untrack(|| form.get("/household_id").is_string() && !form.get("/corrects_id").is_string());
    let pairing_id = chosen.or_else(|| (by_organisation || !is_new).then(only).flatten()).and_then(|id| id.parse().ok());
    let goal = untrack(|| form.get("/kind").as_str().and_then(AidKind::from_code)).map(AidKind::goal);
    let within = account.filter(|_| pairing_id.is_none()).map(|account| account.area_code.clone());
    let side = pairing_id.is_none().then_some(CatalogueSide::Need);
    let which = CatalogueEntryQuery { pairing_id, goal, within, side, remains: Some(true), ..Default::default() };
    open_entries(q, which).boxed_local()
}

fn fields(form: Form, household: Signal<Option<Uuid>>, pairings: Signal<Vec<Choice>>) -> AnyView {
    section(
        texts::assistance::WHAT,
        vec![
            form.field("/kind").required().select::<AidKind>(),
            form.field("/happened_on").required().date(),
            form.field("/amount_fen").money(),
            form.field("/goods").rows(10, || json!({ "quantity": 1 }), goods),
            form.field("/description").hint(texts::households::REMARK_HINT).textarea(),
            form.field("/measure_id").hint(texts::assistance::MEASURE_HINT).choose(choices::measures(household)),
            form.field("/entry_id")
                .hint(texts::assistance::ENTRY_HINT)
                .pick_by(api::catalogue::find, Arc::new(move |q| entries(form, pairings, q))),
            form.field("/entry_quantity").number(),
        ],
    )
}
