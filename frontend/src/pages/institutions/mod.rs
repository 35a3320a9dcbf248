//! Civil-affairs service institutions: list, page, form, import.

mod detail;
mod form;
mod list;

use contract::Permission;
use leptos::prelude::*;

use crate::components::import::{self, Import};
use crate::format;
use crate::i18n::texts;

const IMPORT: Import = Import {
    heading: texts::imports::INSTITUTIONS,
    path: "/institutions",
    list: texts::institutions::HEADING,
    hint: texts::imports::INSTITUTIONS_HINT,
    permission: Permission::ImportCatalogue,
};

/// The page of a path below `/institutions`.
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

/// A number of beds or people, if it is known.
fn number(of: Option<i32>) -> Option<String> {
    of.map(|number| format::count(number.into()))
}
