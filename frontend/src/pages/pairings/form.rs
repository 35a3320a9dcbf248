//! The form that proposes a pairing.

use contract::Role;
use contract::pairings::Pairing;
use leptos::prelude::*;
use serde_json::json;

use crate::api::organisations::EXISTING_ORGANISATIONS;
use crate::api::villages::VILLAGES;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::pages::campaigns::OPEN_CAMPAIGNS;
use crate::pages::campaigns::current;
use crate::{api, session};

pub fn create() -> AnyView {
    let account = session::account();
    let family = form::from_address(&["household_id"]);
    // What a recommendation knows of the two, and why.
    let mut known = form::from_address(&["campaign_id", "organisation_id", "village_code", "note"]);
    let blank = match account.as_deref() {
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
    section(texts::pairings::PARTIES, parts)
}
