//! The form of an entry.

use contract::Role;
use contract::campaigns::Goal;
use contract::catalogue::{CatalogueEntry, SupplyKind, Urgency};
use contract::households::Group;
use contract::villages::Industry;
use leptos::prelude::*;
use serde_json::json;

use crate::api::campaigns::CAMPAIGNS;
use crate::api::organisations::EXISTING_ORGANISATIONS;
use crate::api::villages::VILLAGES;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::pages::campaigns::current;
use crate::{api, session};

pub fn create() -> AnyView {
    // Villages and organisations say what they need and offer themselves.
    let account = session::account();
    let mut blank = match account.as_deref() {
        Some(account) if account.role == Role::Village => json!({ "village_code": account.area_code }),
        Some(account) if account.role == Role::Organisation => json!({ "organisation_id": account.organisation_id }),
        _ => form::from_address(&["village_code", "organisation_id"]),
    };
    if let Some(campaign) = form::from_address(&["campaign_id"]).get("campaign_id") {
        blank["campaign_id"] = campaign.clone();
    }
    blank["urgency"] = json!("normal");
    current::form_in(blank, |blank| {
        form::create::<CatalogueEntry>(texts::catalogue::CREATE, blank, api::catalogue::create, |form| {
            let who = vec![
                form.field("/campaign_id").required().labelled(field("campaign_title")).pick(CAMPAIGNS),
                form.field("/village_code").labelled(field("village_name")).pick(VILLAGES),
                form.field("/organisation_id").labelled(field("organisation_name")).pick(EXISTING_ORGANISATIONS),
            ];
            view! { {section(texts::catalogue::WHO, who)}{fields(form)} }.into_any()
        })
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<CatalogueEntry>(texts::catalogue::EDIT, move || api::catalogue::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::catalogue::WHAT, vec![
            form.field("/title").required().text(),
            form.field("/goal").required().select::<Goal>(),
            form.field("/kind").required().select::<SupplyKind>(),
            form.field("/industry").select::<Industry>(),
            form.field("/for_group").hint(texts::catalogue::GROUP_HINT).select::<Group>(),
            form.field("/description").required().textarea(),
        ])}
        {section(texts::catalogue::AMOUNTS, vec![
            form.field("/quantity").required().number(),
            form.field("/quantity_unit").required().hint(texts::catalogue::UNIT_HINT).text(),
            form.field("/amount_fen").money(),
        ])}
        {section(texts::catalogue::WHEN, vec![
            form.field("/urgency").required().select::<Urgency>(),
            form.field("/from_month").month(),
            form.field("/to_month").month(),
            form.field("/place").text(),
            form.field("/contact_name").text(),
            form.field("/contact_phone").phone(),
        ])}
    }
    .into_any()
}
