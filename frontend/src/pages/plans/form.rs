//! The form that begins a plan.

use contract::plans::Plan;
use leptos::prelude::*;

use crate::api;
use crate::components::form::{self, section};
use crate::components::picker::{CAMPAIGNS, HOUSEHOLDS};
use crate::i18n::texts;

pub fn create() -> AnyView {
    form::in_campaign(form::from_address(&["household_id"]), |blank| {
        form::create::<Plan>(texts::plans::CREATE, blank, api::plans::create, |form| {
            section(
                texts::plans::FOR_WHOM,
                vec![
                    form.field("/household_id").required().hint(texts::plans::HOUSEHOLD_HINT).pick(HOUSEHOLDS),
                    form.field("/campaign_id").required().pick(CAMPAIGNS),
                ],
            )
        })
    })
}
