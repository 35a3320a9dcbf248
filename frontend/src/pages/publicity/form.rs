//! The form of something that has appeared in public.

use contract::publicity::{Channel, PublicityItem};
use leptos::prelude::*;
use serde_json::json;

use crate::api::campaigns::CAMPAIGNS;
use crate::api::cases::PUBLISHED_CASES;
use crate::api::pairings::BEGUN_PAIRINGS;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::pages::campaigns::current;
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["campaign_id", "pairing_id", "case_id"]);
    if let Some(account) = session::account() {
        blank["appeared_on"] = json!(account.today);
    }
    current::form_in(blank, |blank| {
        form::create::<PublicityItem>(texts::publicity::CREATE, blank, api::publicity::create, |form| {
            let which = vec![
                form.field("/campaign_id").required().labelled(field("campaign_title")).pick(CAMPAIGNS),
                form.field("/pairing_id").hint(texts::publicity::PAIRING_HINT).pick(BEGUN_PAIRINGS),
            ];
            view! { {section(texts::publicity::ABOUT, which)}{fields(form)} }.into_any()
        })
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<PublicityItem>(texts::publicity::EDIT, move || api::publicity::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::publicity::WHAT, vec![
            form.field("/title").required().text(),
            form.field("/channel").required().select::<Channel>(),
            form.field("/outlet").required().hint(texts::publicity::OUTLET_HINT).text(),
            form.field("/feature").hint(texts::publicity::FEATURE_HINT).text(),
            form.field("/appeared_on").required().date(),
        ])}
        {section(texts::publicity::MORE, vec![
            form.field("/link").hint(texts::publicity::LINK_HINT).text(),
            form.field("/reach").number(),
            form.field("/reach_unit").hint(texts::publicity::UNIT_HINT).text(),
            form.field("/case_id").pick(PUBLISHED_CASES),
        ])}
    }
    .into_any()
}
