//! The form of a project.

use std::sync::Arc;

use contract::campaigns::{Goal, Indicator};
use contract::catalogue::CatalogueEntryQuery;
use contract::projects::{FundingSource, Project};
use contract::villages::Industry;
use futures::FutureExt;
use leptos::prelude::*;
use serde_json::json;

use crate::api;
use crate::api::catalogue::open_entries;
use crate::api::pairings::AGREED_PAIRINGS;
use crate::components::form::{self, Form, section};
use crate::components::picker::{Answer, Choice};
use crate::i18n::{field, texts};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["pairing_id"]);
    blank["funding"] = json!([]);
    blank["expected_outcomes"] = json!([]);
    blank["commitments"] = json!([]);
    form::create::<Project>(texts::projects::CREATE, blank, api::projects::create, |form| {
        let which = vec![form.field("/pairing_id").required().labelled(field("pairing_id")).pick(AGREED_PAIRINGS)];
        view! { {section(texts::pairings::PARTIES, which)}{fields(form)} }.into_any()
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Project>(
        texts::projects::EDIT,
        move || api::projects::read(&id),
        |form| {
            let spent = vec![form.field("/spent_fen").money()];
            view! { {fields(form)}{section(field("spent_fen"), spent)} }.into_any()
        },
    )
}

/// The entries from which a project of the chosen pairing can take.
fn of_pairing(form: Form, q: String) -> Answer<Vec<Choice>> {
    let pairing = untrack(|| form.get("/pairing_id").as_str().and_then(|id| id.parse().ok()));
    async move {
        match pairing {
            Some(id) => {
                let of_pairing = CatalogueEntryQuery { pairing_id: Some(id), remains: Some(true), ..Default::default() };
                open_entries(q, of_pairing).await
            }
            None => Ok(Vec::new()),
        }
    }
    .boxed_local()
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::projects::WHAT, vec![
            form.field("/title").required().text(),
            form.field("/goal").required().select::<Goal>(),
            form.field("/industry").select::<Industry>(),
            form.field("/cooperation_form").required().textarea(),
            form.field("/plan").required().textarea(),
        ])}
        {section(texts::projects::DATES, vec![
            form.field("/starts_on").required().date(),
            form.field("/ends_on").required().date(),
        ])}
        {section(texts::projects::MONEY, vec![
            form.field("/budget_fen").required().money(),
            form.field("/funding").rows(5, || json!({}), |form, at| view! {
                {form.field(format!("{at}/source")).required().select::<FundingSource>()}
                {form.field(format!("{at}/amount_fen")).required().money()}
            }.into_any()),
        ])}
        {section(texts::catalogue::TAKES, vec![
            form.field("/commitments").hint(texts::catalogue::TAKES_HINT).rows(20, || json!({}), |form, at| view! {
                {form.field(format!("{at}/entry_id")).required().pick_by(api::catalogue::find, Arc::new(move |q| of_pairing(form, q)))}
                {form.field(format!("{at}/quantity")).required().number()}
            }.into_any()),
        ])}
        {section(texts::projects::OUTCOMES, vec![
            form.field("/expected_outcomes").rows(30, || json!({}), |form, at| view! {
                {form.field(format!("{at}/indicator")).required().select::<Indicator>()}
                {form.field(format!("{at}/target")).required().counted_by(format!("{at}/indicator"))}
            }.into_any()),
        ])}
    }
    .into_any()
}
