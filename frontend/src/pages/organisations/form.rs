//! The form of an organisation.

use contract::CodedEnum;
use contract::organisations::{CONFIRMED_BY, Organisation, OrganisationKind, RATED_BY, REGISTERED_BY, Rating};
use leptos::prelude::*;
use serde_json::json;

use crate::api;
use crate::api::areas::AREAS;
use crate::api::villages::VILLAGES;
use crate::components::detail::{fact_in, facts};
use crate::components::form::{self, Form, section};
use crate::i18n::{lang, reactive, texts};
use crate::session;

pub fn create() -> AnyView {
    let blank = json!({ "directed_donations": [] });
    form::create::<Organisation>(texts::organisations::CREATE, blank, api::organisations::create, fields)
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Organisation>(texts::organisations::EDIT, move || api::organisations::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::detail::PROFILE, vec![
            registered(form),
            rating(form),
            form.field("/member_count").number(),
            form.field("/strengths").textarea(),
        ])}
        {section(texts::organisations::CONTACT, vec![
            form.field("/contact_name").text(),
            form.field("/contact_phone").phone(),
        ])}
        {section(texts::organisations::DONATIONS, vec![
            form.field("/directed_donations").rows(50, || json!({ "confirmed": confirms() }), donation),
        ])}
    }
    .into_any()
}

/// What it is registered as. An organisation sees it, and those who keep the catalogue change it.
fn registered(form: Form) -> AnyView {
    if session::is_one_of(REGISTERED_BY) {
        return view! {
            {form.field("/name").required().text()}
            {form.field("/credit_code").required().hint(texts::organisations::CREDIT_HINT).code()}
            {form.field("/kind").required().select::<OrganisationKind>()}
            {form.field("/area_code").required().labelled(crate::i18n::field("area_name")).pick(AREAS)}
        }
        .into_any();
    }
    let said = move |at: &'static str| move || form.get(at).as_str().unwrap_or("—").to_owned();
    let kind = move || {
        let kind = form.get("/kind");
        kind.as_str().and_then(OrganisationKind::from_code).map_or("—", |kind| kind.label(lang())).to_owned()
    };
    view! {
        {facts(vec![fact_in("name", said("/name")), fact_in("credit_code", said("/credit_code")), fact_in("kind", kind)])}
        <p class="hint">{reactive(texts::organisations::REGISTERED_HINT)}</p>
    }
    .into_any()
}

/// The bureau sets it; others see it.
fn rating(form: Form) -> AnyView {
    if session::is_one_of(RATED_BY) {
        return form.field("/rating").select::<Rating>();
    }
    let said = move || {
        let rating = form.get("/rating");
        rating.as_str().and_then(Rating::from_code).map_or("—", |rating| rating.label(lang())).to_owned()
    };
    facts(vec![fact_in("rating", said)])
}

fn confirms() -> bool {
    session::is_one_of(CONFIRMED_BY)
}

fn donation(form: Form, at: &str) -> AnyView {
    let confirmed = form.field(format!("{at}/confirmed"));
    let confirmed = match confirms() {
        true => confirmed.checkbox(),
        false => view! { <p class="hint">{reactive(texts::organisations::CONFIRMED_HINT)}</p> }.into_any(),
    };
    view! {
        {form.field(format!("{at}/village_code")).required().labelled(crate::i18n::field("village_name")).pick(VILLAGES)}
        {form.field(format!("{at}/donated_on")).required().date()}
        {form.field(format!("{at}/amount_fen")).required().money()}
        {form.field(format!("{at}/purpose")).text()}
        {confirmed}
    }
    .into_any()
}
