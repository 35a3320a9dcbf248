//! The list of requests.

use contract::account_requests::{AccountRequest, AccountRequestKind, AccountRequestQuery, AccountRequestState};
use contract::{CodedEnum, Lang};
use leptos::prelude::*;

use super::detail::chip;
use crate::api;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<AccountRequestQuery, AccountRequest> {
        heading: texts::account_requests::HEADING,
        columns: vec![
            Column::of("display_name"),
            Column::of("account"),
            Column::of("kind"),
            Column::of("role"),
            Column::of("area_name"),
            Column::of("state"),
            Column::of("asked_by_name"),
            Column::of("created_at").sorted("created_at"),
        ],
        filters: vec![
            Filter::coded::<AccountRequestState>("state"),
            Filter::coded::<AccountRequestKind>("kind"),
            Filter::yes_no("waits_for_me"),
            Filter::text("user_id").when_set(),
        ],
        call: api::account_requests::list,
        row,
        empty: texts::account_requests::EMPTY,
        create: None,
        export: None,
    })
}

fn row(request: &AccountRequest, lang: Lang) -> Row {
    Row::to(format!("/account-requests/{}", request.id))
        .text(request.display_name.clone())
        .text(request.account.clone())
        .text(request.kind.label(lang).to_owned())
        .text(request.role.label(lang).to_owned())
        .text(request.area_name.clone())
        .mark(Some(chip(request.state)))
        .text(request.asked_by_name.clone())
        .text(format::instant(request.created_at, lang))
}
