//! The number of an account's entries on this device, stored apart from them: browsers delete databases, and leave no trace that
//! anything was there. It is a cookie, because some browsers delete all other storage of a site at once. It contains the number,
//! and nothing else.

use uuid::Uuid;

use crate::dom;

fn name(account: Uuid) -> String {
    format!("baishe.unsent.{}", account.simple())
}

/// The number of entries that there should be.
pub fn count(account: Uuid) -> usize {
    dom::cookie(&name(account)).and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// Counts one more.
pub fn more(account: Uuid) {
    tell(account, count(account) + 1);
}

/// Subtracts entries that were sent or discarded.
pub fn less(account: Uuid, by: usize) {
    tell(account, count(account).saturating_sub(by));
}

/// How many entries are missing of which `found` are on the device. Those that another tab adds or sends while they are read are
/// in only one of the counts `before` and `after`.
pub fn missing(before: usize, found: usize, after: usize) -> usize {
    before.min(after).saturating_sub(found)
}

fn tell(account: Uuid, count: usize) {
    dom::set_cookie(&name(account), &count.to_string());
}
