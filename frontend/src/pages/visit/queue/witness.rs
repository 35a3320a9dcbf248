//! How many entries of an account are on this device, told apart from them: browsers throw databases away, and nothing in what is left says that
//! anything was there. It is a cookie, because some of them throw all other storage of a site away at once. It tells a number, and nothing else.

use uuid::Uuid;

use crate::dom;

fn name(account: Uuid) -> String {
    format!("baishe.unsent.{}", account.simple())
}

/// How many there should be.
pub fn count(account: Uuid) -> usize {
    dom::cookie(&name(account)).and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// There is one more.
pub fn more(account: Uuid) {
    tell(account, count(account) + 1);
}

/// So many were sent or given up.
pub fn less(account: Uuid, by: usize) {
    tell(account, count(account).saturating_sub(by));
}

fn tell(account: Uuid, count: usize) {
    dom::set_cookie(&name(account), &count.to_string());
}
