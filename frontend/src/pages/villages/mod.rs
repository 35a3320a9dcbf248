//! Villages and communities: list, profile, form.

mod detail;
mod form;
mod list;
mod succession;

use contract::Permission;
use leptos::prelude::*;

use crate::components::import::{self, Import};
use crate::i18n::texts;

const IMPORT: Import = Import {
    heading: texts::imports::VILLAGES,
    path: "/villages",
    list: texts::villages::HEADING,
    hint: texts::imports::VILLAGES_HINT,
    permission: Permission::ImportCatalogue,
};

/// The page of a path below `/villages`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["import"] => Some(import::page(IMPORT)),
        [code] => Some(detail::page(code)),
        [code, "edit"] => Some(form::edit(code)),
        [code, "replace"] => Some(succession::page(code)),
        _ => None,
    }
}
