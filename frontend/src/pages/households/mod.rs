//! Household files: list, search by number or name, page, form.
//!
//! The full data of a file is on the page only while somebody looks at it. No address and no storage contains it, and it
//! disappears with the dialog or form that asked for it.

pub mod choices;
mod consent;
mod deed;
mod detail;
mod export;
mod form;
mod list;
mod merge;
mod moving;
mod pairings;
mod people;
mod reveal;
mod search;
mod visits;

use contract::Permission;
use leptos::prelude::*;

use crate::components::import::{self, Import};
use crate::i18n::texts;

const IMPORT: Import = Import {
    heading: texts::imports::HOUSEHOLDS,
    path: "/households",
    list: texts::nav::HOUSEHOLDS,
    hint: texts::imports::HOUSEHOLDS_HINT,
    permission: Permission::WriteHouseholds,
};

/// The page of a path below `/households`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        ["search"] => Some(search::page()),
        ["import"] => Some(import::page(IMPORT)),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        [id, "merge"] => Some(merge::page(id)),
        [id, "move"] => Some(moving::page(id)),
        [id, "split"] => Some(moving::split_page(id)),
        [id, "join"] => Some(moving::join_page(id)),
        _ => None,
    }
}
