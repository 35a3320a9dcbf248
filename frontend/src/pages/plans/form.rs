//! The form that creates a plan.

use contract::plans::Plan;
use leptos::prelude::*;

use crate::api;
use crate::api::households::POOR_HOUSEHOLDS;
use crate::components::form::{self, section};
use crate::i18n::texts;
use crate::pages::campaigns::OPEN_CAMPAIGNS;
use crate::pages::campaigns::current;

pub fn create() -> AnyView {
    current::form_in(form::from_address(&["household_id"]), |blank| {
        form::create::<Plan>(texts::plans::CREATE, blank, api::plans::create, |form| {
            section(
                texts::plans::FOR_WHOM,
                vec![
                    form.field("/household_id").required().hint(texts::plans::HOUSEHOLD_HINT).pick(POOR_HOUSEHOLDS),
                    form.field("/campaign_id").required().pick(OPEN_CAMPAIGNS),
                ],
            )
        })
    })
}
