//! The form of a task.

use contract::projects::{ResponsibleSide, Task};
use leptos::prelude::*;
use serde_json::json;

use crate::api;
use crate::api::projects::PROJECTS;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["project_id"]);
    blank["weight"] = json!(1);
    form::create::<Task>(texts::tasks::CREATE, blank, api::tasks::create, |form| {
        let which = vec![form.field("/project_id").required().labelled(field("project_title")).pick(PROJECTS)];
        view! { {section(field("project_title"), which)}{fields(form)} }.into_any()
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Task>(texts::tasks::EDIT, move || api::tasks::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    section(
        texts::detail::PROFILE,
        vec![
            form.field("/title").required().text(),
            form.field("/month").required().month(),
            form.field("/responsible").required().select::<ResponsibleSide>(),
            form.field("/due_on").required().date(),
            form.field("/weight").required().number(),
            form.field("/position").number(),
        ],
    )
}
