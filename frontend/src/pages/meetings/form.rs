//! The form of a meeting.

use contract::meetings::{Meeting, MeetingKind};
use leptos::prelude::*;
use serde_json::json;

use super::parties;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::pages::campaigns::{OPEN_CAMPAIGNS, current};
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = json!({ "participants": [] });
    if let Some(account) = session::account() {
        blank["held_on"] = json!(account.today);
    }
    current::form_in(blank, |blank| {
        form::create::<Meeting>(texts::meetings::CREATE, blank, api::meetings::create, |form| {
            let campaign = form.field("/campaign_id").required().labelled(field("campaign_title")).pick(OPEN_CAMPAIGNS);
            fields(form, vec![campaign], None)
        })
    })
}

pub fn edit(id: &str) -> AnyView {
    let (id, of) = (id.to_owned(), id.to_owned());
    let fields = move |form| fields(form, Vec::new(), Some(of.clone()));
    form::edit::<Meeting>(texts::meetings::EDIT, move || api::meetings::read(&id), fields)
}

fn fields(form: Form, mut what: Vec<AnyView>, id: Option<String>) -> AnyView {
    what.extend([
        form.field("/kind").required().select::<MeetingKind>(),
        form.field("/title").required().text(),
        form.field("/held_on").required().date(),
        form.field("/place").required().text(),
        form.field("/chair").required().text(),
    ]);
    let mut who = parties::fields(form, id);
    who.push(form.field("/person_count").number());
    view! {
        {section(texts::meetings::WHAT, what)}
        {section(texts::meetings::WHO, who)}
        {section(texts::meetings::OUTCOME, vec![
            form.field("/resolutions").hint(texts::meetings::RESOLUTIONS_HINT).textarea(),
        ])}
    }
    .into_any()
}
