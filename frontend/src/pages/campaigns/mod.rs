//! Campaigns: list, calendar, form.

pub mod calendar;
pub mod current;
pub mod detail;
pub mod form;
mod list;

use futures::FutureExt;
use leptos::prelude::*;

use crate::api::campaigns::{CAMPAIGNS, search};
use crate::components::picker::Source;
use crate::session;

/// Campaigns that are not over, for something new.
pub const OPEN_CAMPAIGNS: Source =
    Source { search: |q| search(q, session::account_now().map(|account| account.today)).boxed_local(), ..CAMPAIGNS };

/// The page of a path below `/campaigns`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}
