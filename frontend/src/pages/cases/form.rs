//! The form of a case or a good practice.

use std::sync::Arc;

use contract::campaigns::Goal;
use contract::cases::{Case, CaseKind};
use contract::villages::Industry;
use futures::FutureExt;
use leptos::prelude::*;
use serde_json::json;

use crate::api;
use crate::api::ApiError;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::pairings::BEGUN_PAIRINGS;
use crate::api::projects::PROJECTS;
use crate::components::form::{self, Form, section};
use crate::components::picker::Answer;
use crate::components::picker::Choice;
use crate::i18n::{field, texts};
use crate::pages::campaigns::current;

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["campaign_id", "kind", "pairing_id", "title", "practice", "found_in"]);
    if blank["kind"].is_null() {
        blank["kind"] = json!("case");
    }
    current::form_in(blank, |blank| {
        form::create::<Case>(texts::cases::CREATE, blank, api::cases::create, |form| {
            let which = vec![
                form.field("/kind").required().hint(texts::cases::KIND_HINT).select::<CaseKind>(),
                form.field("/campaign_id").required().labelled(field("campaign_title")).pick(CAMPAIGNS),
                form.field("/pairing_id").hint(texts::cases::PAIRING_HINT).pick(BEGUN_PAIRINGS),
            ];
            view! { {section(texts::pairings::PARTIES, which)}{fields(form)} }.into_any()
        })
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Case>(texts::cases::EDIT, move || api::cases::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    view! {
        <p class="notice" role="note">{crate::t!(cases::NO_FAMILY)}</p>
        {section(texts::cases::WHAT, vec![
            form.field("/title").required().text(),
            form.field("/goal").required().select::<Goal>(),
            form.field("/industry").select::<Industry>(),
            form.field("/project_id").labelled(field("project_title")).pick_by(PROJECTS.find, Arc::new(move |q| of_pairing(form, q))),
            form.field("/summary").textarea(),
        ])}
        {section(texts::cases::STORY, vec![
            form.field("/background").textarea(),
            form.field("/practice").required().textarea(),
            form.field("/effect").textarea(),
        ])}
        {section(texts::cases::LEARN, vec![
            form.field("/why_it_works").textarea(),
            form.field("/what_it_needs").textarea(),
            form.field("/found_in").hint(texts::cases::FOUND_HINT).text(),
        ])}
    }
    .into_any()
}

/// The projects of the pairing that is chosen.
fn of_pairing(form: Form, q: String) -> Answer<Vec<Choice>> {
    let pairing = form.get("/pairing_id").as_str().and_then(|id| id.parse().ok());
    async move {
        let Some(pairing) = pairing else { return Ok::<_, ApiError>(Vec::new()) };
        api::projects::of_pairing(q, pairing).await
    }
    .boxed_local()
}
