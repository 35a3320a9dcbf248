//! Duplicate records: organisation and village each record the same gift, or one of them records it twice.

use chrono::Days;
use contract::assistance::{RecordDetailsInput, RecordState};
use contract::problem::LikelyDouble;
use contract::{ObjectKind, amounts};
use entities::assistance::{Column, OBJECT, Row, Texts};
use platform::coded::{Code, codes};
use platform::object::Object;
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::list::AssistanceRecords;
use super::policy::{NEAR_DAYS, same_gift};

/// The most duplicates that a person is shown.
const MOST: u64 = 20;

/// Refuses a likely duplicate of a record that waits or counts already. It compares only records that the caller may read: an
/// organisation does not learn what others gave, and the village is asked when it confirms. `except` are the record itself and
/// the one that it corrects. The household must be locked, so that of two who record the same at once the second is asked.
///
/// # Errors
/// `likely_double`.
pub(super) async fn check(tx: &Tx, household_id: Uuid, except: &[Uuid], details: &RecordDetailsInput) -> Result<()> {
    let (day, near) = (details.happened_on, Days::new(NEAR_DAYS));
    let amount = match details.amount_fen {
        Some(fen) => Column::AmountFen.eq(fen),
        None => Column::AmountFen.is_null(),
    };
    let rows = AssistanceRecords::named(AssistanceRecords::scope(tx.caller()?))
        .filter(Column::HouseholdId.eq(household_id))
        .filter(Column::Kind.eq(Code(details.kind)))
        .filter(Column::HappenedOn.between(day - near, day + near))
        .filter(amount)
        .filter(Column::State.is_in(codes(&[RecordState::Recorded, RecordState::Confirmed])))
        .filter(Column::Id.is_not_in(except.iter().copied()))
        .order_by_desc(Column::Id)
        .limit(MOST)
        .into_partial_model::<Row>()
        .all(&tx.connection)
        .await?;
    let alike = |row: &Row| {
        let texts = tx.vault.show::<Texts>(OBJECT, row.id, &row.texts).unwrap_or_default();
        same_gift((day, details.amount_fen, &details.goods), (row.happened_on, row.amount_fen, &texts.goods))
    };
    let found: Vec<_> = rows.into_iter().filter(alike).map(shown).collect();
    if found.is_empty() { Ok(()) } else { Err(Error::likely_double(found)) }
}

fn shown(row: Row) -> LikelyDouble {
    let money = row.amount_fen.map(amounts::yuan);
    let parts = [Some(row.happened_on.to_string()), money, row.organisation_name.clone()];
    let path = ObjectKind::AssistanceRecord.location(row.id);
    LikelyDouble { id: row.id, path, name: parts.into_iter().flatten().collect::<Vec<_>>().join(" · ") }
}
