//! The form of an institution.

use contract::CodedEnum;
use contract::institutions::{ENTERED_BY, Institution, InstitutionKind};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api;
use crate::api::areas::AREAS;
use crate::components::detail::{fact_in, facts};
use crate::components::form::{self, Form, section};
use crate::format;
use crate::i18n::{field, lang, reactive, texts};
use crate::session;

pub fn create() -> AnyView {
    form::create::<Institution>(texts::institutions::CREATE, json!({}), api::institutions::create, fields)
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Institution>(texts::institutions::EDIT, move || api::institutions::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::institutions::WHAT, vec![
            registered(form),
            form.field("/served_count").number(),
            form.field("/difficulties").hint(texts::institutions::DIFFICULTIES_HINT).textarea(),
        ])}
        {section(texts::institutions::CONTACT, vec![
            form.field("/contact_name").text(),
            form.field("/contact_phone").phone(),
        ])}
    }
    .into_any()
}

/// What it is registered as. An institution sees it, and those who keep the register change it.
fn registered(form: Form) -> AnyView {
    if session::is_one_of(ENTERED_BY) {
        return view! {
            {form.field("/name").required().text()}
            {form.field("/code").required().hint(texts::institutions::CODE_HINT).code()}
            {form.field("/kind").required().select::<InstitutionKind>()}
            {form.field("/area_code").required().labelled(field("area_name")).pick(AREAS)}
            {form.field("/address").text()}
            {form.field("/bed_count").number()}
            {form.field("/staff_count").number()}
        }
        .into_any();
    }
    let said = move |at: &'static str| {
        move || match form.get(at) {
            Value::Number(number) => format::count(number.as_i64().unwrap_or_default()),
            value => value.as_str().unwrap_or("—").to_owned(),
        }
    };
    let kind = move || {
        let kind = form.get("/kind");
        kind.as_str().and_then(InstitutionKind::from_code).map_or("—", |kind| kind.label(lang())).to_owned()
    };
    view! {
        {facts(vec![
            fact_in("name", said("/name")),
            fact_in("code", said("/code")),
            fact_in("kind", kind),
            fact_in("address", said("/address")),
            fact_in("bed_count", said("/bed_count")),
            fact_in("staff_count", said("/staff_count")),
        ])}
        <p class="hint">{reactive(texts::institutions::REGISTERED_HINT)}</p>
    }
    .into_any()
}
