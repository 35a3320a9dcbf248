//! The form of an organisation.

use contract::organisations::{Organisation, OrganisationKind, Rating};
use leptos::prelude::*;
use serde_json::json;

use crate::api;
use crate::components::form::{self, Form, section};
use crate::components::page::Crumb;
use crate::components::picker::{AREAS, VILLAGES};
use crate::i18n::texts;

pub fn create() -> AnyView {
    let blank = json!({ "directed_donations": [] });
    form::create::<Organisation>(texts::organisations::CREATE, crumbs(), blank, api::organisations::create, fields)
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Organisation>(texts::organisations::EDIT, crumbs(), move || api::organisations::read(&id), fields)
}

fn crumbs() -> Vec<Crumb> {
    vec![("/organisations".into(), texts::nav::ORGANISATIONS)]
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::detail::PROFILE, vec![
            form.field("/name").required().text(),
            form.field("/credit_code").required().hint(texts::organisations::CREDIT_HINT).code(),
            form.field("/kind").required().select::<OrganisationKind>(),
            form.field("/rating").select::<Rating>(),
            form.field("/area_code").required().labelled(crate::i18n::field("area_name")).pick(AREAS),
            form.field("/member_count").number(),
            form.field("/strengths").textarea(),
        ])}
        {section(texts::organisations::CONTACT, vec![
            form.field("/contact_name").text(),
            form.field("/contact_phone").phone(),
        ])}
        {section(texts::organisations::DONATIONS, vec![
            form.field("/directed_donations").rows(50, || json!({}), donation),
        ])}
    }
    .into_any()
}

fn donation(form: Form, at: &str) -> AnyView {
    view! {
        {form.field(format!("{at}/village_code")).required().labelled(crate::i18n::field("village_name")).pick(VILLAGES)}
        {form.field(format!("{at}/donated_on")).required().date()}
        {form.field(format!("{at}/amount_fen")).required().money()}
        {form.field(format!("{at}/purpose")).text()}
    }
    .into_any()
}
