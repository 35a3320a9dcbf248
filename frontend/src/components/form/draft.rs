//! Drafts in the tab's storage, which survive a reload, a crash and the end of the session.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{dom, session};

/// What was typed, and the version that it is based on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Draft {
    pub base: Value,
    pub version: i32,
    pub value: Value,
}

/// The storage key of a person's draft on a page; `None` if nobody is signed in.
pub(super) fn key(path: &str) -> String {
    let person = session::account().map(|account| account.id.to_string()).unwrap_or_default();
    format!("baishe.draft:{person}:{path}")
}

pub(super) fn read(key: &str) -> Option<Draft> {
    serde_json::from_str(&dom::stored(dom::session_storage(), key)?).ok()
}

pub(super) fn keep(key: &str, draft: &Draft) {
    if let Ok(text) = serde_json::to_string(draft) {
        dom::store(dom::session_storage(), key, &text);
    }
}

pub(super) fn forget(key: &str) {
    dom::forget(dom::session_storage(), key);
}
