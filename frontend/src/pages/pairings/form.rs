//! The form that proposes a pairing.

use std::sync::Arc;

use contract::Role;
use contract::catalogue::{CatalogueEntryQuery, CatalogueSide};
use contract::pairings::Pairing;
use futures::FutureExt;
use leptos::prelude::*;
use serde_json::json;

use crate::api::catalogue::open_entries;
use crate::api::organisations::EXISTING_ORGANISATIONS;
use crate::api::villages::VILLAGES;
use crate::components::form::{self, Form, section};
use crate::components::picker::{Answer, Choice};
use crate::i18n::{field, texts};
use crate::pages::campaigns::OPEN_CAMPAIGNS;
use crate::pages::campaigns::current;
use crate::{api, session};

pub fn create() -> AnyView {
    let account = session::account();
    let family = form::from_address(&["household_id"]);
    // What a recommendation knows of the two, and why.
    let mut known = form::from_address(&["campaign_id", "organisation_id", "village_code", "note"]);
    let mut blank = match account.as_deref() {
        _ if family["household_id"].is_string() => family,
        Some(account) if account.role == Role::Village => {
            known["village_code"] = json!(account.area_code);
            known
        }
        Some(account) if account.role == Role::Organisation => {
            known["organisation_id"] = json!(account.organisation_id);
            known
        }
        _ => known,
    };
    if !blank["household_id"].is_string() {
        blank["commitments"] = json!([]);
    }
    current::form_in(blank, |blank| form::create::<Pairing>(texts::pairings::CREATE, blank, api::pairings::create, fields))
}

fn fields(form: Form) -> AnyView {
    let town = session::account().is_some_and(|account| account.role == Role::Town);
    // The form for a household opens from its page; the pairing's village is the household's.
    let family = form.get("/household_id").is_string();
    let mut parts = vec![form.field("/campaign_id").required().labelled(field("campaign_title")).pick(OPEN_CAMPAIGNS)];
    if !family {
        parts.push(form.field("/village_code").required().labelled(field("village_name")).pick(VILLAGES));
    }
    parts.extend([
        form.field("/organisation_id").required().labelled(field("organisation_name")).pick(EXISTING_ORGANISATIONS),
        form.field("/note").hint(texts::pairings::PROPOSE_HINT).textarea(),
    ]);
    if town {
        parts.push(form.field("/on_behalf_reason").labelled(texts::pairings::ON_BEHALF).textarea());
    }
    let takes = (!family).then(|| {
        section(
            texts::catalogue::TAKES,
            vec![form.field("/commitments").hint(texts::catalogue::PAIR_TAKES_HINT).rows(20, || json!({}), taking)],
        )
    });
    view! { {section(texts::pairings::PARTIES, parts)}{takes} }.into_any()
}

fn taking(form: Form, at: &str) -> AnyView {
    let entries = Arc::new(move |q| of_the_two(form, q));
    view! {
        {form.field(format!("{at}/entry_id")).required().pick_by(api::catalogue::find, entries)}
        {form.field(format!("{at}/quantity")).required().number()}
    }
    .into_any()
}

/// What the chosen village needs, and what the chosen organisation offers.
fn of_the_two(form: Form, q: String) -> Answer<Vec<Choice>> {
    let chosen = |at: &str| untrack(|| form.get(at).as_str().map(str::to_owned));
    let campaign_id = chosen("/campaign_id").and_then(|id| id.parse().ok());
    let needs = chosen("/village_code").map(|code| CatalogueEntryQuery {
        within: Some(code),
        side: Some(CatalogueSide::Need),
        ..Default::default()
    });
    let offers = chosen("/organisation_id")
        .and_then(|id| id.parse().ok())
        .map(|id| CatalogueEntryQuery { organisation_id: Some(id), ..Default::default() });
    async move {
        let mut found = Vec::new();
        for which in needs.into_iter().chain(offers) {
            let which = CatalogueEntryQuery { campaign_id, remains: Some(true), ..which };
            found.extend(open_entries(q.clone(), which).await?);
        }
        Ok(found)
    }
    .boxed_local()
}
