//! The form of an agreement.

use contract::agreements::Agreement;
use leptos::prelude::*;
use serde_json::json;

use crate::api::pairings::UNSIGNED_PAIRINGS;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["pairing_id"]);
    if let Some(account) = session::account() {
        blank["starts_on"] = json!(account.today);
    }
    form::create::<Agreement>(texts::agreements::CREATE, blank, api::agreements::create, |form| {
        let which = vec![form.field("/pairing_id").required().labelled(field("pairing_id")).pick(UNSIGNED_PAIRINGS)];
        view! { {section(texts::pairings::PARTIES, which)}{fields(form)} }.into_any()
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Agreement>(texts::agreements::EDIT, move || api::agreements::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::agreements::TERM, vec![
            form.field("/starts_on").required().date(),
            form.field("/ends_on").hint(texts::agreements::TERM_HINT).date(),
        ])}
        {section(texts::agreements::SIGNATORIES, vec![
            form.field("/organisation_signatory").required().text(),
            form.field("/village_signatory").required().text(),
            form.field("/witness").text(),
        ])}
        {section(texts::agreements::TEXTS, vec![
            form.field("/cooperation_content").hint(texts::agreements::TEXTS_HINT).textarea(),
            form.field("/organisation_obligations").textarea(),
            form.field("/village_obligations").textarea(),
        ])}
    }
    .into_any()
}
