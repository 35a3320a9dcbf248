//! The form of an uptake.

use contract::Role;
use contract::cases::Uptake;
use leptos::prelude::*;
use serde_json::json;

use crate::api::cases::PUBLISHED_CASES;
use crate::api::pairings::BEGUN_PAIRINGS;
use crate::components::form::{self, Form, section};
use crate::i18n::texts;
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["case_id", "pairing_id"]);
    if let Some(account) = session::account() {
        blank["taken_on"] = json!(account.today);
    }
    form::create::<Uptake>(texts::uptakes::CREATE, blank, api::cases::take_up, |form| {
        let pairing = form.field("/pairing_id").hint(texts::uptakes::PAIRING_HINT);
        // A town takes nothing up itself.
        let pairing = if session::is_one_of(&[Role::Town]) { pairing.required() } else { pairing };
        let which = vec![form.field("/case_id").required().pick(PUBLISHED_CASES), pairing.pick(BEGUN_PAIRINGS)];
        view! { {section(texts::pairings::PARTIES, which)}{what(form)} }.into_any()
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Uptake>(texts::uptakes::EDIT, move || api::cases::uptake(&id), what)
}

fn what(form: Form) -> AnyView {
    section(
        texts::uptakes::WHAT,
        vec![
            form.field("/taken_on").required().date(),
            form.field("/words").required().hint(texts::uptakes::WORDS_HINT).textarea(),
        ],
    )
}
