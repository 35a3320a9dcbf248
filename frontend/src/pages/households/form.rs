//! The form of a household's file. It contains the full file, which is read for the purpose of editing, and says so first.

use contract::codes::{DocumentKind, Sex, identity};
use contract::households::{
    Cause, ConsentScope, DisabilityKind, Group, Health, Household, HouseholdCategory, Labour, Relation, RevealInput,
    RevealPurpose, RevealedHousehold, Schooling,
};
use contract::{CodedEnum, Permission, typed};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api::villages::VILLAGES;
use crate::components::form::{self, Form, section};
use crate::components::load;
use crate::components::page;
use crate::i18n::{field, texts};
use crate::{api, session, t};

pub fn create() -> AnyView {
    let account = session::account();
    let village = account.as_ref().map(|account| account.area_code.clone()).filter(|code| code.len() == 12);
    let today = account.map(|account| account.today.to_string());
    let head = json!({ "relation": Relation::Head.code(), "document_kind": DocumentKind::IdentityCard.code(), "groups": [] });
    let blank = json!({ "village_code": village, "registered_on": today, "secondary_causes": [], "members": [head] });
    form::create::<Household>(texts::households::CREATE, blank, api::households::create, |form| {
        view! { {section(texts::households::PLACE, vec![village_field(form), registered_on(form)])}{fields(form)} }.into_any()
    })
}

fn village_field(form: Form) -> AnyView {
    form.field("/village_code").required().labelled(field("village_name")).pick(VILLAGES)
}

fn registered_on(form: Form) -> AnyView {
    form.field("/registered_on").required().date()
}

pub fn edit(id: &str) -> AnyView {
    if !session::may(Permission::WriteHouseholds) {
        return load::missing();
    }
    let id = id.to_owned();
    let agreed = RwSignal::new(false);
    (move || {
        let id = id.clone();
        if agreed.get() {
            let why = RevealInput { purpose: RevealPurpose::Edit, note: None };
            let read = move || api::households::reveal(&id, &why);
            return form::edit_of::<RevealedHousehold, Household>(texts::households::EDIT, read, |form| {
                let hint = view! { <p class="hint">{t!(households::PLACE_HINT)}</p> }.into_any();
                view! { {fields(form)}{section(texts::households::PLACE, vec![hint, village_field(form), registered_on(form)])} }.into_any()
            });
        }
        view! {
            {page::plain_head(texts::households::EDIT)}
            <div class="notice">
                <p>{t!(households::EDIT_TEXT)}</p>
                <div class="dialog-buttons">
                    <a class="button" href=format!("/households/{id}")>{t!(common::CANCEL)}</a>
                    <button type="button" class="button primary" on:click=move |_| agreed.set(true)>{t!(households::EDIT_GO)}</button>
                </div>
            </div>
        }
        .into_any()
    })
    .into_any()
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::households::FAMILY, vec![
            form.field("/category").required().select::<HouseholdCategory>(),
            form.field("/main_cause").required().select::<Cause>(),
            form.field("/secondary_causes").checks::<Cause>(),
            form.field("/income_per_head_fen").money(),
            form.field("/address").required().text(),
            form.field("/phone").phone(),
            form.field("/bank_account").hint(texts::households::BANK_HINT).code(),
        ])}
        {section(field("members"), vec![
            form.field("/members").required().rows(20, blank_member, member),
        ])}
        {section(texts::households::CONSENT, vec![consent(form)])}
    }
    .into_any()
}

/// A new member without data. Nearly everybody has an identity card.
fn blank_member() -> Value {
    json!({ "document_kind": DocumentKind::IdentityCard.code(), "groups": [] })
}

fn member(form: Form, at: &str) -> AnyView {
    follow_number(form, at);
    let place = |name: &str| format!("{at}/{name}");
    let (health, disability) = (place("health"), place("disability"));
    let disabled = {
        let health = health.clone();
        Memo::new(move |_| form.get(&health) == Health::Disabled.code())
    };
    let (number, document) = (place("identity_number"), place("document_kind"));
    let is_card = Memo::new(move |_| form.get(&document) == DocumentKind::IdentityCard.code());
    let gone = disability.clone();
    Effect::new(move || {
        if !disabled.get() && form.get(&gone) != Value::Null {
            form.set(&gone, Value::Null);
        }
    });
    view! {
        {form.field(place("name")).required().labelled(field("display_name")).text()}
        {form.field(place("relation")).required().select::<Relation>()}
        {form.field(place("document_kind")).required().select::<DocumentKind>()}
        {move || {
            let label = field(if is_card.get() { "identity_number" } else { "identity_document" });
            form.field(number.clone()).labelled(label).code()
        }}
        {form.field(place("sex")).select::<Sex>()}
        {form.field(place("born_on")).date()}
        {form.field(health).required().select::<Health>()}
        {move || disabled.get().then(|| view! {
            {form.field(format!("{disability}/kind")).required().labelled(texts::households::DISABILITY_KIND).select::<DisabilityKind>()}
            {form.field(format!("{disability}/level")).required().labelled(texts::households::DISABILITY_LEVEL).number()}
        })}
        {form.field(place("schooling")).required().select::<Schooling>()}
        {form.field(place("labour")).required().select::<Labour>()}
        {form.field(place("groups")).checks::<Group>()}
    }
    .into_any()
}

/// Fills in sex and birth date from a valid identity number.
fn follow_number(form: Form, at: &str) {
    let at = at.to_owned();
    let number = format!("{at}/identity_number");
    let told = Memo::new(move |_| form.get(&number).as_str().and_then(|number| identity(&typed::document_number(number)).ok()));
    Effect::new(move || {
        let Some(told) = told.get() else { return };
        for (name, value) in [("sex", json!(told.sex)), ("born_on", json!(told.born_on))] {
            let place = format!("{at}/{name}");
            if untrack(|| form.get(&place)) != value {
                form.set(&place, value);
            }
        }
    });
}

fn consent(form: Form) -> AnyView {
    let given = Memo::new(move |_| form.get("/consent").is_object());
    let begin = move |_| form.set("/consent", json!({ "scope": [ConsentScope::Assistance.code()] }));
    (move || {
        if !given.get() {
            return view! {
                <p class="hint">{t!(households::CONSENT_HINT)}</p>
                <button type="button" class="button" on:click=begin>{t!(households::CONSENT_GIVEN)}</button>
            }
            .into_any();
        }
        view! {
            {form.field("/consent/given_on").required().date()}
            {form.field("/consent/given_by").required().text()}
            {form.field("/consent/scope").required().checks::<ConsentScope>()}
            {form.field("/consent/withdrawn_on").date()}
        }
        .into_any()
    })
    .into_any()
}
