//! The form of what was done in a month.

use contract::adoptions::AdoptionUpdate;
use contract::month::Month;
use leptos::prelude::*;
use serde_json::json;

use crate::api::adoptions::ACTIVE_ADOPTIONS;
use crate::components::form::{self, Form, section};
use crate::i18n::texts;
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["adoption_id", "month"]);
    if blank["month"].is_null()
        && let Some(account) = session::account()
    {
        blank["month"] = json!(Month::of(account.today).to_string());
    }
    form::create::<AdoptionUpdate>(texts::adoption_updates::CREATE, blank, api::adoption_updates::create, |form| {
        let which = vec![form.field("/adoption_id").required().pick(ACTIVE_ADOPTIONS), form.field("/month").required().month()];
        view! { {section(texts::pairings::PARTIES, which)}{what(form)} }.into_any()
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<AdoptionUpdate>(texts::adoption_updates::EDIT, move || api::adoption_updates::read(&id), what)
}

fn what(form: Form) -> AnyView {
    section(texts::progress::WHAT, vec![form.field("/content").required().hint(texts::adoption_updates::HINT).textarea()])
}
