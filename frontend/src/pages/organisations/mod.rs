//! Social organisations: list, page, form, import.

mod detail;
mod form;
mod list;

use contract::Permission;
use leptos::prelude::*;

use crate::components::import::{self, Import};
use crate::i18n::texts;

const IMPORT: Import = Import {
    heading: texts::imports::ORGANISATIONS,
    path: "/organisations",
    list: texts::organisations::HEADING,
    hint: texts::imports::ORGANISATIONS_HINT,
    permission: Permission::ImportCatalogue,
};

/// The page of a path below `/organisations`.
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
