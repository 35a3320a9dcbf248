//! The list of accounts.

use contract::users::{User, UserQuery};
use contract::{CodedEnum, Lang, Permission, Role};
use leptos::prelude::*;

use super::detail::state;
use crate::api;
use crate::api::areas::within;
use crate::api::users::{USER_INSTITUTIONS, USER_ORGANISATIONS};
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<UserQuery, User> {
        heading: texts::users::HEADING,
        columns: vec![
            Column::of("account").sorted("account"),
            Column::of("display_name").sorted("display_name"),
            Column::of("role"),
            Column::of("area_name"),
            Column::of("organisation_name"),
            Column::of("institution_name"),
            Column::of("state"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            Filter::coded::<Role>("role"),
            within(),
            Filter::pick("organisation_id", USER_ORGANISATIONS),
            Filter::pick("institution_id", USER_INSTITUTIONS),
            Filter::yes_no("disabled"),
            Filter::yes_no("locked"),
        ],
        call: api::users::list,
        row,
        empty: texts::users::EMPTY,
        create: Some(Create { href: "/users/new", text: texts::users::CREATE, permission: Permission::WriteUsers }),
        export: None,
    })
}

fn row(user: &User, lang: Lang) -> Row {
    Row::to(format!("/users/{}", user.id))
        .text(user.account.clone())
        .text(user.display_name.clone())
        .text(user.role.label(lang).to_owned())
        .text(user.area_name.clone())
        .text(user.organisation_name.clone())
        .text(user.institution_name.clone())
        .mark(Some(state(user)))
        .text(format::instant(user.updated_at, lang))
}
