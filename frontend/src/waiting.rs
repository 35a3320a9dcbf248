//! The number of waiting items in each list, as the work list last reported it. The menu shows these numbers.
//!
//! The front page loads the work list anyway. After a change it is loaded again with the next page.

use std::sync::LazyLock;

use contract::work::WorkList;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::navigation::Entry;
use crate::{api, session};

/// What the work list reported.
struct Known {
    /// The lists with waiting items, by path, and how many.
    lists: Vec<(String, u32)>,
    /// The number of changes at that time. After another change nothing is shown, since it may be wrong.
    changes: u32,
}

static KNOWN: LazyLock<ArcRwSignal<Option<Known>>> = LazyLock::new(ArcRwSignal::default);

/// The number of waiting items in the list of an entry, tracked. The front page counts all.
pub fn at(entry: &Entry) -> u32 {
    let changes = api::changes();
    KNOWN.with(|known| {
        let known = known.iter().filter(|known| known.changes == changes).flat_map(|known| &known.lists);
        known.filter(|(path, _)| entry.path == "/" || entry.holds(path)).map(|(_, total)| total).sum()
    })
}

/// Stores what the work list reported.
pub fn told(work: &WorkList) {
    let path = |records: &str| records.split('?').next().unwrap_or_default().to_owned();
    let lists = work.groups.iter().map(|group| (path(&group.records), group.total)).collect();
    KNOWN.set(Some(Known { lists, changes: api::changes_now() }));
}

/// Reads the work list again if something has changed.
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

/// Forgets the numbers, because another person has signed in.
pub fn forget() {
    KNOWN.set(None);
}
