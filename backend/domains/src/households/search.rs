//! Finds families by personal data, but only by whole values, through the keyed hashes beside the sealed values.

use chrono::TimeDelta;
use contract::codes::DocumentKind;
use contract::households::{HouseholdQuery, HouseholdSearch, HouseholdSummary};
use contract::{Page, phone};
use entities::households::{Column, Entity, OBJECT, member};
use entities::scope;
use platform::audit::Event;
use platform::budget::Budget;
use platform::{Error, Result, Tx, area};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{QuerySelect, QueryTrait};

use super::names;
use super::service::page;

const SEARCH: &str = "search";
/// Searches of one person in an hour. More would not be work on single families.
static SEARCHES: Budget = Budget { actions: &[SEARCH], most: 300, within: TimeDelta::hours(1) };

/// Finds households by a number or a full name, in the caller's area. The audit trail records the search, but not its text.
///
/// # Errors
/// A fault unless exactly one of the three is given, `too_many_requests`, `bad_cursor`.
pub async fn search(tx: &Tx, search: HouseholdSearch) -> Result<Page<HouseholdSummary>> {
    let members = |column: member::Column, hashes: Vec<Vec<u8>>| {
        let found = member::Entity::find().select_only().column(member::Column::HouseholdId).filter(column.is_in(hashes));
        let found = found.filter(member::is_member());
        Column::Id.in_subquery(found.into_query())
    };
    let (by, found) = match (&search.identity_number, &search.phone, &search.name) {
        (Some(number), None, None) => {
            let hashes = DocumentKind::keys(number).iter().map(|key| tx.vault.hash("identity_number", key)).collect();
            ("identity_number", members(member::Column::IdentityHash, hashes))
        }
        (None, Some(phone), None) => {
            let hashes: Vec<_> = phone::keys(phone).iter().map(|key| tx.vault.hash("phone", key)).collect();
            ("phone", Column::PhoneHash.is_in(hashes.clone()).or(Column::SecondPhoneHash.is_in(hashes)))
        }
        (None, None, Some(name)) => ("name", members(member::Column::NameHash, vec![names::hash(&tx.vault, name)])),
        _ => return Err(Error::field("", "one_of_three")),
    };
    SEARCHES.take(tx, 1).await?;
    let query = HouseholdQuery { cursor: search.cursor, limit: search.limit, ..Default::default() };
    let mut select = scope::households(tx.caller()?).filter(found);
    if let Some(code) = &search.within {
        select = select.filter(area::lies_in(Entity, code));
    }
    let page = page(&tx.asker()?, select, &query).await?;
    let after = serde_json::json!({ "by": by, "found": page.total });
    tx.record(Event::of(OBJECT, "", SEARCH), &(), &after).await?;
    Ok(page)
}
