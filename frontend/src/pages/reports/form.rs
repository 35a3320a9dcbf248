//! Compiling and editing a month's form.

use contract::Role;
use contract::month::Month;
use contract::reports::Report;
use leptos::prelude::*;
use serde_json::json;

use crate::components::form::{self, Form, section};
use crate::components::page::Crumb;
use crate::components::picker::{AREAS, CAMPAIGNS};
use crate::i18n::{field, texts};
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["campaign_id", "town_code", "month"]);
    if let Some(account) = session::account() {
        if account.role == Role::Town {
            blank["town_code"] = json!(account.area_code);
        }
        // 每月5日前: it is last month's form that is due.
        if blank["month"].is_null() {
            blank["month"] = json!(Month::of(account.today).previous().to_string());
        }
    }
    form::create::<Report>(texts::reports::CREATE, crumbs(), blank, api::reports::create, |form| {
        section(
            texts::reports::WHICH,
            vec![
                form.field("/campaign_id").required().labelled(field("campaign_title")).pick(CAMPAIGNS),
                form.field("/town_code").required().labelled(field("town_name")).pick(AREAS),
                form.field("/month").required().month(),
            ],
        )
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Report>(texts::reports::EDIT, crumbs(), move || api::reports::read(&id), fields)
}

fn crumbs() -> Vec<Crumb> {
    vec![("/reports".into(), texts::nav::REPORTS)]
}

fn fields(form: Form) -> AnyView {
    let blank = || json!({ "village_name": "", "organisation_name": "", "content": "", "progress": "" });
    view! {
        {section(texts::reports::HEAD, vec![form.field("/unit").required().text(), form.field("/filled_on").date()])}
        {section(texts::reports::ROWS, vec![form.field("/rows").rows(500, blank, |form, at| view! {
            {form.field(format!("{at}/village_name")).required().text()}
            {form.field(format!("{at}/organisation_name")).required().text()}
            {form.field(format!("{at}/content")).textarea_or_empty()}
            {form.field(format!("{at}/progress")).textarea_or_empty()}
        }.into_any())])}
    }
    .into_any()
}
