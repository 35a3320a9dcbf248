//! The working calendar: list, page, form, import. A campaign's page says of which years it knows no holidays.

mod detail;
mod form;
mod list;

use contract::Permission;
use leptos::prelude::*;

use crate::components::import::{self, Import};
use crate::i18n::texts;

const IMPORT: Import = Import {
    heading: texts::calendar::IMPORT,
    path: "/calendar-days",
    list: texts::calendar::HEADING,
    hint: texts::calendar::IMPORT_HINT,
    permission: Permission::WriteCalendar,
};

/// The page of a path below `/calendar-days`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        ["import"] => Some(import::page(IMPORT)),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}
