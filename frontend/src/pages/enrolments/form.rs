//! The form that enrols a village or an organisation in a campaign.

use contract::Role;
use contract::enrolments::Enrolment;
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
    // Villages and organisations enrol themselves.
    let account = session::account();
    let blank = match account.as_deref() {
        Some(account) if account.role == Role::Village => json!({ "village_code": account.area_code }),
        Some(account) if account.role == Role::Organisation => json!({ "organisation_id": account.organisation_id }),
        _ => json!({}),
    };
    current::form_in(blank, |blank| form::create::<Enrolment>(texts::enrolments::CREATE, blank, api::enrolments::create, fields))
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Enrolment>(
        texts::enrolments::EDIT,
        move || api::enrolments::read(&id),
        |form| {
            let places = form.field("/places").hint(texts::enrolments::PLACES_HINT).number();
            section(texts::enrolments::WHAT, vec![places, form.field("/note").textarea()])
        },
    )
}

fn fields(form: Form) -> AnyView {
    section(
        texts::enrolments::WHO,
        vec![
            form.field("/campaign_id").required().labelled(field("campaign_title")).pick(OPEN_CAMPAIGNS),
            form.field("/village_code").labelled(field("village_name")).pick(VILLAGES),
            form.field("/organisation_id").labelled(field("organisation_name")).pick(EXISTING_ORGANISATIONS),
            form.field("/places").hint(texts::enrolments::PLACES_HINT).number(),
            form.field("/note").textarea(),
        ],
    )
}
