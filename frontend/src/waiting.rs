//! How much waits for the person, list by list, as the work list last told it: what the menu counts.
//!
//! The front page loads the work list anyway. After a change it is loaded once more, with the next page that is opened.

use std::sync::LazyLock;

use contract::work::WorkList;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::navigation::Entry;
use crate::{api, session};

/// What is known.
#[derive(Clone, Debug, Default, PartialEq)]
enum Known {
    /// The work list has not been seen.
    #[default]
    Nothing,
    /// A change has been made since.
    Outdated,
    /// The lists that hold what waits, by path, and how much.
    Lists(Vec<(String, u32)>),
}

static KNOWN: LazyLock<ArcRwSignal<Known>> = LazyLock::new(ArcRwSignal::default);

/// How much waits in the list of an entry, tracked. The front page counts everything.
pub fn at(entry: &Entry) -> u32 {
    KNOWN.with(|known| match known {
        Known::Lists(lists) => {
            lists.iter().filter(|(path, _)| entry.path == "/" || entry.holds(path)).map(|(_, total)| total).sum()
        }
        _ => 0,
    })
}

/// The work list has been read.
pub fn told(work: &WorkList) {
    let path = |records: &str| records.split('?').next().unwrap_or_default().to_owned();
    KNOWN.set(Known::Lists(work.groups.iter().map(|group| (path(&group.records), group.total)).collect()));
}

/// Something has been changed: nothing is shown rather than what may be wrong.
pub fn outdate() {
    if KNOWN.with_untracked(|known| matches!(known, Known::Lists(_))) {
        KNOWN.set(Known::Outdated);
    }
}

/// Reads the work list anew where a change has been made.
pub fn renew() {
    if KNOWN.get_untracked() != Known::Outdated {
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
    KNOWN.set(Known::Nothing);
}
