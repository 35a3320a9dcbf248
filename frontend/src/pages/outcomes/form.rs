//! The form of an outcome.

use contract::campaigns::Indicator;
use contract::outcomes::Outcome;
use leptos::prelude::*;
use serde_json::json;

use crate::api::pairings::BEGUN_PAIRINGS;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["pairing_id"]);
    if let Some(account) = session::account() {
        blank["happened_on"] = json!(account.today);
    }
    form::create::<Outcome>(texts::outcomes::CREATE, blank, api::outcomes::create, |form| {
        let which = vec![form.field("/pairing_id").required().labelled(field("pairing_id")).pick(BEGUN_PAIRINGS)];
        view! { {section(texts::pairings::PARTIES, which)}{fields(form)} }.into_any()
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Outcome>(texts::outcomes::EDIT, move || api::outcomes::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    section(
        texts::outcomes::WHAT,
        vec![
            form.field("/indicator").required().select::<Indicator>(),
            form.field("/quantity").required().counted_by("/indicator".into()),
            form.field("/happened_on").required().date(),
            form.field("/description").textarea(),
        ],
    )
}
