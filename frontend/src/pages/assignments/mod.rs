//! Assignments: list, form, and the page of one with its board, its table and its reasons.

mod accept;
mod board;
mod comparison;
mod detail;
mod form;
mod layout;
mod line;
mod list;
mod proof;
mod reasons;
mod table;
mod why_not;

use std::collections::BTreeSet;

use contract::assignments::{AssignmentLine, AssignmentReasons, MatchWorth};
use leptos::prelude::*;
use uuid::Uuid;

use crate::components::load::Load;
use crate::format;
use crate::t;

/// The page of a path below `/assignments`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::page()),
        [id] => Some(detail::page(id)),
        _ => None,
    }
}

/// What the tabs of an assignment share.
#[derive(Clone, Copy)]
struct Work {
    id: Uuid,
    /// The version that was read, which accepting names.
    version: RwSignal<i32>,
    acceptable: RwSignal<bool>,
    lines: Load<Vec<AssignmentLine>>,
    reasons: Load<AssignmentReasons>,
    /// The lines that are to become pairings.
    chosen: RwSignal<BTreeSet<Uuid>>,
    /// The code of the town that board and table show; all where it is empty.
    town: RwSignal<String>,
    /// The line whose terms are open.
    open: RwSignal<Option<AssignmentLine>>,
}

impl Work {
    /// The work of the page around.
    fn here() -> Self {
        expect_context()
    }

    /// Whether villages of this code are shown, tracked.
    fn shows(self, village_code: &str) -> bool {
        self.town.with(|town| village_code.starts_with(town.as_str()))
    }
}

/// What something is worth, in words that follow the language.
fn worth(worth: MatchWorth) -> String {
    let points = t!(assignments::points, format::count(worth.points));
    match worth.wishes {
        0 => points,
        wishes => format!("{} + {points}", t!(assignments::chambers_worth, wishes)),
    }
}

/// The query of a page of the draft, or of the form, that is about two.
fn of_two(organisation_id: Uuid, village_code: &str) -> String {
    format!("organisation_id={organisation_id}&village_code={village_code}")
}
