//! The form of a record of help.

use contract::adoptions::{HelpKind, HelpRecord};
use leptos::prelude::*;
use serde_json::json;

use crate::api::adoptions::ACTIVE_ADOPTIONS;
use crate::components::form::{self, Form, section};
use crate::i18n::texts;
use crate::pages::assistance::goods;
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["adoption_id"]);
    blank["goods"] = json!([]);
    if let Some(account) = session::account() {
        blank["happened_on"] = json!(account.today);
    }
    form::create::<HelpRecord>(texts::help::CREATE, blank, api::help::create, |form| {
        let whom = vec![form.field("/adoption_id").required().pick(ACTIVE_ADOPTIONS)];
        view! { {section(texts::pairings::PARTIES, whom)}{what(form)} }.into_any()
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<HelpRecord>(texts::help::EDIT, move || api::help::read(&id), what)
}

fn what(form: Form) -> AnyView {
    section(
        texts::help::WHAT,
        vec![
            form.field("/kind").required().select::<HelpKind>(),
            form.field("/happened_on").required().date(),
            form.field("/amount_fen").money(),
            form.field("/goods").rows(10, || json!({ "quantity": 1 }), goods),
            form.field("/hours").number(),
            form.field("/description").hint(texts::help::HINT).textarea(),
        ],
    )
}
