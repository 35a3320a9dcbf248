//! The form of a month's progress.

use contract::month::Month;
use contract::progress::ProgressUpdate;
use leptos::prelude::*;
use serde_json::json;

use crate::api::pairings::BEGUN_PAIRINGS;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["pairing_id", "month"]);
    if blank["month"].is_null()
        && let Some(account) = session::account()
    {
        blank["month"] = json!(Month::of(account.today).to_string());
    }
    form::create::<ProgressUpdate>(texts::progress::CREATE, blank, api::progress::create, |form| {
        let which = vec![
            form.field("/pairing_id").required().labelled(field("pairing_id")).pick(BEGUN_PAIRINGS),
            form.field("/month").required().month(),
        ];
        view! { {section(texts::pairings::PARTIES, which)}{what(form)} }.into_any()
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<ProgressUpdate>(texts::progress::EDIT, move || api::progress::read(&id), what)
}

fn what(form: Form) -> AnyView {
    section(
        texts::progress::WHAT,
        vec![form.field("/content").required().textarea(), form.field("/progress").required().textarea()],
    )
}
