//! The form of a difficulty, which the institution itself tells of.

use contract::adoptions::Difficulty;
use leptos::prelude::*;
use serde_json::json;

use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::pages::campaigns::{OPEN_CAMPAIGNS, current};
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = json!({});
    if let Some(account) = session::account() {
        blank["institution_id"] = json!(account.institution_id);
        blank["raised_on"] = json!(account.today);
    }
    current::form_in(blank, |blank| {
        form::create::<Difficulty>(texts::difficulties::CREATE, blank, api::difficulties::create, |form| {
            let campaign = form.field("/campaign_id").required().labelled(field("campaign_title")).pick(OPEN_CAMPAIGNS);
            what(form, vec![campaign])
        })
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    let fields = |form| what(form, Vec::new());
    form::edit::<Difficulty>(texts::difficulties::EDIT, move || api::difficulties::read(&id), fields)
}

fn what(form: Form, mut parts: Vec<AnyView>) -> AnyView {
    parts.extend([
        form.field("/title").required().text(),
        form.field("/description").hint(texts::institutions::DIFFICULTIES_HINT).textarea(),
        form.field("/raised_on").required().date(),
    ]);
    section(texts::difficulties::WHAT, parts)
}
