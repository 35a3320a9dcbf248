//! The form of an account.

use contract::account_requests::Answered;
use contract::users::{Place, User, UserWithPassword};
use contract::{CodedEnum, Role};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::password;
use crate::api::areas::{COUNTIES, TOWNS, VILLAGE_AREAS};
use crate::api::users::{EXISTING_USER_ORGANISATIONS, OPEN_USER_INSTITUTIONS};
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::{api, router, session};

pub fn create() -> AnyView {
    form::create_then(texts::users::CREATE, json!({}), api::users::create, fields, made)
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit_then::<User, _>(texts::users::EDIT, move || api::users::read(&id), fields, changed)
}

fn made(answer: &Answered<UserWithPassword>) {
    match answer {
        Answered::Asked(asked) => password::show_half(asked, password::Part::First),
        Answered::Done(done) => password::show(done),
    }
}

fn changed(answer: &Answered<User>) {
    if let Answered::Asked(asked) = answer {
        password::show_half(asked, password::Part::First);
    }
}

fn fields(form: Form) -> AnyView {
    // Nobody changes the role or place of their own account.
    let own = session::account().is_some_and(|account| router::here().path == format!("/users/{}/edit", account.id));
    view! {
        {section(texts::users::PERSON, vec![
            form.field("/account").required().hint(texts::users::ACCOUNT_HINT).text(),
            form.field("/display_name").required().text(),
        ])}
        {(!own).then(|| section(texts::users::ROLE, vec![form.field("/role").required().select::<Role>(), place(form), reason(form)]))}
    }
    .into_any()
}

/// The reason, if another person has to confirm the change.
fn reason(form: Form) -> AnyView {
    let asked = Memo::new(move |_| form.get("/role").as_str().and_then(Role::from_code).is_some_and(Role::needs_two_persons));
    (move || asked.get().then(|| form.field("/reason").hint(texts::users::REASON_HINT).textarea())).into_any()
}

/// The place of an account with the selected role.
fn place(form: Form) -> AnyView {
    let place = Memo::new(move |_| form.get("/role").as_str().and_then(Role::from_code).map(Role::place));
    Effect::new(move |before: Option<Option<Place>>| {
        let now = place.get();
        if before.is_some_and(|before| before != now) {
            form.set("/area_code", Value::Null);
            form.set("/organisation_id", Value::Null);
            form.set("/institution_id", Value::Null);
        }
        now
    });
    (move || {
        let area = || form.field("/area_code").required().labelled(field("area_name"));
        place.get().map(|place| match place {
            Place::County => area().pick(COUNTIES),
            Place::Town => area().pick(TOWNS),
            Place::Village => area().pick(VILLAGE_AREAS),
            Place::Organisation => form.field("/organisation_id").required().pick(EXISTING_USER_ORGANISATIONS),
            Place::Institution => form.field("/institution_id").required().pick(OPEN_USER_INSTITUTIONS),
        })
    })
    .into_any()
}
