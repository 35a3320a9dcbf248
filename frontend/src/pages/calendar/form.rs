//! The form of a day.

use contract::calendar::{CalendarDay, CalendarDayKind};
use leptos::prelude::*;
use serde_json::json;

use crate::api;
use crate::components::form::{self, Form, section};
use crate::i18n::texts;

pub fn create() -> AnyView {
    form::create::<CalendarDay>(texts::calendar::CREATE, json!({}), api::calendar::create, fields)
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<CalendarDay>(texts::calendar::EDIT, move || api::calendar::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    section(
        texts::calendar::HEADING,
        vec![
            form.field("/day").required().date(),
            form.field("/kind").required().hint(texts::calendar::KIND_HINT).select::<CalendarDayKind>(),
            form.field("/name").required().hint(texts::calendar::NAME_HINT).text(),
        ],
    )
}
