//! The form of a village's profile.

use contract::villages::{Industry, Village};
use leptos::prelude::*;

use crate::api;
use crate::components::form::{self, Form, section};
use crate::i18n::texts;

pub fn edit(code: &str) -> AnyView {
    let code = code.to_owned();
    form::edit::<Village>(texts::villages::EDIT, move || api::villages::read(&code), fields)
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::villages::PROFILE, vec![
            form.field("/resources").textarea(),
            form.field("/industries").checks::<Industry>(),
            form.field("/old_base").checkbox(),
            form.field("/population").number(),
            form.field("/low_income_households").required().number(),
            form.field("/collective_income_fen").money(),
        ])}
        {section(texts::villages::CONTACT, vec![
            form.field("/contact_name").text(),
            form.field("/contact_phone").phone(),
        ])}
    }
    .into_any()
}
