//! A household moves to another village, members leave it for a household of their own, or all of it joins another one.

use std::sync::Arc;

use contract::households::{Household, HouseholdJoinInput, HouseholdMoveInput, HouseholdSplitInput, HouseholdStatus, Relation};
use contract::pairings::{Pairing, PairingKind, PairingQuery, PairingState};
use contract::{Permission, Resource};
use leptos::prelude::*;
use serde_json::json;

use super::deed::{self, Deed};
use super::people::{Person, finder, person, table_of, told};
use crate::api;
use crate::api::villages::VILLAGES;
use crate::components::form::{Form, section};
use crate::components::{load, page};
use crate::i18n::{field, texts};
use crate::{session, t};

/// Whether the person may move a household, as far as its page shows. One that has left comes back by a move.
pub fn is_movable(household: &Household) -> bool {
    let head = &household.head;
    let known = head.anonymised_on.is_none();
    session::may(Permission::MoveHouseholds) && head.status != HouseholdStatus::Transferred && known
}

/// Whether the household can be moved, and has not left: some of its members can leave it, and it can join another one.
pub fn is_there(household: &Household) -> bool {
    is_movable(household) && household.head.status.is_there()
}

/// The page that moves a household.
pub fn page(id: &str) -> AnyView {
    of(id, is_movable, moves)
}

/// The page of a household that some of its members leave.
pub fn split_page(id: &str) -> AnyView {
    of(id, is_there, splits)
}

/// The page of a household that joins another one.
pub fn join_page(id: &str) -> AnyView {
    of(id, is_there, joins)
}

fn of(id: &str, may: fn(&Household) -> bool, draw: fn(Arc<Household>) -> AnyView) -> AnyView {
    if !session::may(Permission::MoveHouseholds) {
        return load::missing();
    }
    let id = id.to_owned();
    let drawn = move |household: Arc<Household>| if may(&household) { draw(household) } else { load::missing() };
    load::show(load::load(move || api::households::read(&id)), drawn)
}

fn today() -> Option<String> {
    session::account().map(|account| account.today.to_string())
}

fn moves(household: Arc<Household>) -> AnyView {
    let (kind, state) = (Some(PairingKind::Household), Some(PairingState::Active));
    let query = PairingQuery { kind, state, household_id: Some(household.head.id), limit: Some(20), ..Default::default() };
    load::show(load::load(move || api::pairings::list(&query)), move |pairings| mover(&household, &pairings.items))
}

/// A pairing, and whether it goes along.
#[derive(Clone)]
struct Kept {
    pairing: Pairing,
    goes_on: RwSignal<bool>,
}

fn mover(household: &Household, pairings: &[Pairing]) -> AnyView {
    let kept: Vec<_> = pairings.iter().map(|pairing| Kept { pairing: pairing.clone(), goes_on: RwSignal::new(false) }).collect();
    let form = Form::new::<HouseholdMoveInput>(json!({ "moved_on": today(), "keep_pairings": [] }));
    let shown = keeping(&kept);
    let (path, version) = (household.location(), household.head.version);
    let (back, number) = (path.clone(), household.head.file_number.clone());
    let call = move || {
        let going = kept.iter().filter(|kept| kept.goes_on.get_untracked()).map(|kept| json!(kept.pairing.id));
        form.set("/keep_pairings", going.collect());
        let input = form.is_sound().then(|| form.read::<HouseholdMoveInput>())??;
        Some(api::households::move_to(&path, version, &input))
    };
    let fields = view! {
        {section(texts::households::MOVE, vec![
            form.field("/village_code").required().labelled(field("village_name")).pick(VILLAGES),
            form.field("/moved_on").required().date(),
            deed::note(form, texts::households::MOVE_NOTE),
        ])}
        {shown}
    };
    view! {
        {page::head(move || t!(households::move_of, number), ().into_any(), ().into_any())}
        <p>{t!(households::MOVE_TEXT)}</p>
        {deed::form(Deed { name: texts::households::MOVE, done: texts::households::MOVED }, form, fields.into_any(), back, call)}
    }
    .into_any()
}

/// The pairings that the household has, each with a box that lets it go along.
fn keeping(kept: &[Kept]) -> Option<AnyView> {
    let each = kept.iter().map(|kept| {
        let Kept { pairing, goes_on } = kept.clone();
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=goes_on on:change:target=move |event| goes_on.set(event.target().checked())/>
                {format!("{} · {}", pairing.organisation_name, pairing.campaign_title)}
            </label>
        }
        .into_any()
    });
    let boxes = view! { <div class="checks">{each.collect_view()}</div> }.into_any();
    let hint = view! { <p class="hint">{t!(households::KEEP_PAIRINGS_HINT)}</p> }.into_any();
    (!kept.is_empty()).then(|| section(field("keep_pairings"), vec![hint, boxes]))
}

fn splits(household: Arc<Household>) -> AnyView {
    let people: Vec<_> = household.members.iter().map(|member| person(&household, member, false, member.relation)).collect();
    let form = Form::new::<HouseholdSplitInput>(json!({ "members": [], "staying": [], "split_on": today() }));
    let (path, version, chosen) = (household.location(), household.head.version, people.clone());
    let (back, number) = (path.clone(), household.head.file_number.clone());
    let call = move || {
        let of = |leaves: bool| told(chosen.iter().filter(|person| person.chosen.get_untracked() == leaves));
        form.set("/members", of(true));
        form.set("/staying", of(false));
        let input = form.is_sound().then(|| form.read::<HouseholdSplitInput>())??;
        Some(api::households::split(&path, version, &input))
    };
    let fields = view! {
        {section(texts::households::WHO_LEAVES, vec![
            view! { <p class="hint">{t!(households::WHO_LEAVES_HINT)}</p> }.into_any(),
            table_of(&people, Some(texts::households::LEAVES)),
        ])}
        {section(texts::households::SPLIT, vec![
            form.field("/split_on").required().date(),
            form.field("/address").hint(texts::households::SPLIT_ADDRESS_HINT).text(),
            deed::note(form, texts::households::SPLIT_NOTE),
        ])}
    };
    view! {
        {page::head(move || t!(households::split_of, number), ().into_any(), ().into_any())}
        <p>{t!(households::SPLIT_TEXT)}</p>
        {deed::form(Deed { name: texts::households::SPLIT, done: texts::households::SPLIT_DONE }, form, fields.into_any(), back, call)}
    }
    .into_any()
}

fn joins(household: Arc<Household>) -> AnyView {
    let other = RwSignal::new(None::<Arc<Household>>);
    let number = household.head.file_number.clone();
    view! {
        {page::head(move || t!(households::join_of, number), ().into_any(), ().into_any())}
        <p>{t!(households::JOIN_TEXT)}</p>
        {finder(household.head.id, other)}
        {move || other.get().map(|other| joiner(&household, &other))}
    }
    .into_any()
}

fn joiner(household: &Household, into: &Household) -> AnyView {
    let people = united(household, into);
    let form = Form::new::<HouseholdJoinInput>(json!({
        "into_id": into.head.id, "into_version": into.head.version, "members": [], "joined_on": today(),
    }));
    let (path, version, all) = (household.location(), household.head.version, people.clone());
    let back = path.clone();
    let call = move || {
        form.set("/members", told(all.iter()));
        let input = form.is_sound().then(|| form.read::<HouseholdJoinInput>())??;
        Some(api::households::join(&path, version, &input))
    };
    let fields = view! {
        {section(texts::households::WHO_JOINS, vec![
            view! { <p class="hint">{t!(households::WHO_JOINS_HINT)}</p> }.into_any(),
            table_of(&people, None),
        ])}
        {section(texts::households::JOIN, vec![
            form.field("/joined_on").required().date(),
            deed::note(form, texts::households::JOIN_NOTE),
        ])}
    };
    deed::form(Deed { name: texts::households::JOIN, done: texts::households::JOINED }, form, fields.into_any(), back, call)
}

/// The people of both households; of the one that joins the other nobody is its head any more.
fn united(household: &Household, into: &Household) -> Vec<Person> {
    let theirs = household.members.iter().map(|member| {
        let relation = if member.relation == Relation::Head { Relation::Other } else { member.relation };
        person(household, member, true, relation)
    });
    into.members.iter().map(|member| person(into, member, true, member.relation)).chain(theirs).collect()
}
