//! Refused accesses: the trail shows who has tried to access what is not theirs.
//!
//! An account leaves an entry with the first refusal of an operation in an hour, then the tenth, the hundredth and so on. So a
//! flood of refusals writes a few rows and delays nobody.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use actix_web::{HttpMessage, HttpRequest};
use contract::{CodedEnum, ErrorCode};
use serde_json::json;
use uuid::Uuid;

use super::api::BASE;
use super::audit::{self, Event};
use super::principal::app;
use super::{App, Caller, Result, Tx};

/// The action of such an entry.
pub const ACTION: &str = "access";
const HOUR: i64 = 3_600;

/// How often each account was refused each operation in this hour, by reason.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<(i64, HashMap<Key, Count>)>);

#[derive(Debug, Default)]
struct Count {
    times: u64,
    /// Whether a refusal should have been recorded and was not.
    owed: bool,
}

type Key = (Uuid, String, ErrorCode);

impl Refusals {
    /// Counts a refusal. Returns their number if an entry is due.
    fn count(&self, now: i64, key: Key) -> Option<u64> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (hour, times) = &mut *counted;
        if *hour != now / HOUR {
            *hour = now / HOUR;
            times.clear();
        }
        let count = times.entry(key).or_default();
        count.times += 1;
        let due = std::mem::take(&mut count.owed) || 10u64.pow(count.times.ilog10()) == count.times;
        due.then_some(count.times)
    }

    /// Makes the next refusal leave an entry in place of one that could not be recorded.
    fn owe(&self, key: &Key) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counted.1.get_mut(key) {
            count.owed = true;
        }
    }
}

/// An entry that is due. If recording fails or is cancelled, it stays owed.
struct Due<'a> {
    refusals: &'a Refusals,
    key: Key,
    written: bool,
}

impl Drop for Due<'_> {
    fn drop(&mut self) {
        if !self.written {
            self.refusals.owe(&self.key);
        }
    }
}

/// Records a refusal that shows an attempt, unless the account has left enough entries.
pub async fn record(request: &HttpRequest, code: ErrorCode) {
    let caller = request.extensions().get::<Caller>().cloned();
    let (Some(caller), Some(route), Ok(app)) = (caller, request.match_pattern(), app(request)) else { return };
    let route = route.trim_start_matches(BASE);
    if !tells(route, code) {
        return;
    }
    let operation = format!("{} {route}", request.method());
    let key = (caller.user_id, operation.clone(), code);
    let Some(times) = app.refusals.count(app.clock.now().timestamp(), key.clone()) else { return };
    let mut due = Due { refusals: &app.refusals, key, written: false };
    let object_type = route.split('/').nth(1).unwrap_or_default().replace('-', "_");
    let named = ["id", "code"].iter().find_map(|name| request.match_info().get(name));
    // Text that is not an id is not recorded, because it may be anything.
    let named = named.filter(|name| name.parse::<Uuid>().is_ok() || contract::codes::is_area_code(name));
    let refusal = json!({ "operation": operation, "refused_because": code.code(), "times": times });
    match write(&app, caller, &object_type, named.unwrap_or("*"), &refusal).await {
        Ok(()) => due.written = true,
        Err(error) => tracing::error!(%error, "a refusal could not be written down"),
    }
}

/// The collections that lead to families: files, help, pairings, and attachments.
const OF_FAMILIES: [&str; 4] = ["/households", "/assistance-", "/pairings", "/attachments"];

/// Whether a refusal shows an attempt on what is not the caller's: an operation is forbidden, or a family outside their scope is
/// not found. Reading too much about families counts as well.
fn tells(route: &str, code: ErrorCode) -> bool {
    let about_families = OF_FAMILIES.iter().any(|begin| route.starts_with(begin));
    match code {
        ErrorCode::Forbidden | ErrorCode::OutsideOwnScope => true,
        ErrorCode::NotFound | ErrorCode::TooManyRequests => about_families,
        _ => false,
    }
}

async fn write(app: &App, caller: Caller, object_type: &str, object_id: &str, refusal: &serde_json::Value) -> Result<()> {
    let tx = Tx::of(app, caller).await?;
    let entry = audit::refused(tx.entry(Event::of(object_type, object_id, ACTION), &(), refusal));
    audit::record_all(&tx, vec![entry]).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_written_down_a_few_times_an_hour() {
        let refusals = Refusals::default();
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let count = |now, who, code| refusals.count(now, (who, "GET /households/{id}".to_owned(), code));
        let written: Vec<_> = (0..100_000).filter_map(|_| count(0, one, ErrorCode::NotFound)).collect();
        assert_eq!(written, [1, 10, 100, 1_000, 10_000, 100_000]);
        assert_eq!(count(HOUR - 1, one, ErrorCode::NotFound), None);
        assert_eq!(count(HOUR - 1, one, ErrorCode::Forbidden), Some(1));
        assert_eq!(count(HOUR - 1, other, ErrorCode::NotFound), Some(1));
        assert_eq!(count(HOUR, one, ErrorCode::NotFound), Some(1));
    }

    #[test]
    fn one_that_could_not_be_written_down_is_made_up_for_by_the_next() {
        let refusals = Refusals::default();
        let key = || (Uuid::from_u128(1), "GET /households/{id}".to_owned(), ErrorCode::NotFound);
        let due = |written| drop(Due { refusals: &refusals, key: key(), written });
        assert_eq!(refusals.count(0, key()), Some(1));
        due(false);
        assert_eq!(refusals.count(0, key()), Some(2), "in its place");
        due(true);
        assert_eq!(refusals.count(0, key()), None);
    }
}
