//! The form that begins a plan.

use contract::plans::Plan;
use futures::FutureExt;
use leptos::prelude::*;
use serde_json::json;

use crate::api;
use crate::components::form::{self, section};
use crate::components::load::{self, Load};
use crate::components::picker::{CAMPAIGNS, HOUSEHOLDS};
use crate::i18n::texts;

pub fn create() -> AnyView {
    let current = Load::by(|abort| async move { api::campaigns::current(&abort).await }.boxed_local());
    load::show(current, |campaign| {
        let mut blank = form::from_address(&["household_id"]);
        if let Some(campaign) = campaign.as_ref() {
            blank["campaign_id"] = json!(campaign.id);
        }
        let crumbs = vec![("/assistance-plans".into(), texts::nav::PLANS)];
        form::create::<Plan>(texts::plans::CREATE, crumbs, blank, api::plans::create, |form| {
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
