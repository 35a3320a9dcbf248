//! How much waits for the person, list by list, as the work list last told it: what the menu counts.
//!
//! The front page loads the work list anyway. After a change it is loaded once more, with the next page that is opened.

use std::sync::LazyLock;

use contract::work::WorkList;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::navigation::Entry;
use crate::{api, session};

/// What the work list said.
struct Known {
    /// The lists that hold what waits, by path, and how much.
    lists: Vec<(String, u32)>,
    /// How many changes had been made by then. After another one nothing is shown rather than what may be wrong.
    changes: u32,
}

static KNOWN: LazyLock<ArcRwSignal<Option<Known>>> = LazyLock::new(ArcRwSignal::default);

/// How much waits in the list of an entry, tracked. The front page counts everything.
pub fn at(entry: &Entry) -> u32 {
    let changes = api::changes();
    KNOWN.with(|known| {
        let known = known.iter().filter(|known| known.changes == changes).flat_map(|known| &known.lists);
        known.filter(|(path, _)| entry.path == "/" || entry.holds(path)).map(|(_, total)| total).sum()
    })
}

/// The work list has been read.
pub fn told(work: &WorkList) {
    let path = |records: &str| records.split('?').next().unwrap_or_default().to_owned();
    let lists = work.groups.iter().map(|group| (path(&group.records), group.total)).collect();
    KNOWN.set(Some(Known { lists, changes: api::changes_now() }));
}

/// Reads the work list anew where a change has been made.
pub fn renew() {
    let changes = api::changes_now();
    if KNOWN.with_untracked(|known| known.as_ref().is_none_or(|known| known.changes == changes)) {
        return;
    }
    let person = || session::account_now().map(|account| account.id);
    let before = person();
    spawn_local(async move {
        let answer = api::work::list().send().await;
        if let Ok(work) = answer.as_ref()
            && person() == before
        {
            told(work);
        }
    });
}

/// Another person has come.
pub fn forget() {
    KNOWN.set(None);
}
