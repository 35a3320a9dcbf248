//! The form of a supervision order: for whom, and until when. What is behind there the service looks up.

use chrono::Days;
use contract::supervision_orders::SupervisionOrder;
use leptos::prelude::*;
use serde_json::json;

use crate::api::areas::OFFICES;
use crate::api::organisations::EXISTING_ORGANISATIONS;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::pages::campaigns::{OPEN_CAMPAIGNS, current};
use crate::{api, session, t};

/// The days that an addressee has, unless somebody says otherwise.
const USUAL: Days = Days::new(7);

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["area_code", "organisation_id"]);
    if let Some(account) = session::account() {
        blank["due_on"] = json!(account.today + USUAL);
    }
    current::form_in(blank, |blank| {
        form::create::<SupervisionOrder>(texts::supervision_orders::CREATE, blank, api::supervision_orders::create, |form| {
            let whom = vec![
                view! { <p class="hint">{t!(supervision_orders::WHOM_HINT)}</p> }.into_any(),
                form.field("/campaign_id").required().labelled(field("campaign_title")).pick(OPEN_CAMPAIGNS),
                form.field("/area_code").labelled(texts::supervision_orders::AREA).pick(OFFICES),
                form.field("/organisation_id").pick(EXISTING_ORGANISATIONS),
            ];
            view! { {section(texts::supervision_orders::WHOM, whom)}{what(form)} }.into_any()
        })
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<SupervisionOrder>(texts::supervision_orders::EDIT, move || api::supervision_orders::read(&id), what)
}

fn what(form: Form) -> AnyView {
    section(
        texts::supervision_orders::WHAT,
        vec![
            form.field("/due_on").required().date(),
            form.field("/demand").hint(texts::supervision_orders::DEMAND_HINT).textarea(),
        ],
    )
}
