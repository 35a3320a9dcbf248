//! Limits how often an account may look up, read or export families within some time. The trail holds the count.

use chrono::TimeDelta;
use contract::ErrorCode;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use serde_json::{Value, json};

use super::audit::{Column, Entity};
use super::coded::Legible;
use super::{Error, Result, Tx};

/// The field of an entry with its cost, if that is more than one.
const COST: &str = "looked_up";

/// How much one account may spend on some actions within some time.
#[derive(Debug, PartialEq, Eq)]
pub struct Budget {
    pub actions: &'static [&'static str],
    pub most: u64,
    pub within: TimeDelta,
}

impl Budget {
    /// How much is left. Other requests of the account may spend it meanwhile.
    pub async fn left(&self, tx: &Tx) -> Result<u64> {
        Ok(self.most.saturating_sub(self.spent(tx).await?))
    }

    /// Checks that this much is left, before anything is disclosed. So whoever asks for too much gets the same answer, whatever
    /// they ask about.
    ///
    /// # Errors
    /// `too_many_requests` if less is left.
    pub async fn check(&self, tx: &Tx, cost: u64) -> Result<()> {
        let enough = cost <= self.left(tx).await?;
        let wait = self.within.num_seconds().unsigned_abs();
        if enough { Ok(()) } else { Err(Error::later(ErrorCode::TooManyRequests, wait)) }
    }

    /// [`Self::check`] that is valid until the transaction ends, because simultaneous requests of the account queue here. The
    /// entry that the transaction writes spends the cost.
    ///
    /// # Errors
    /// `too_many_requests` if less is left.
    pub async fn take(&self, tx: &Tx, cost: u64) -> Result<()> {
        tx.host.hold_account(tx).await?;
        self.check(tx, cost).await
    }

    /// Each entry costs at least one, so there are never more entries than `most`.
    async fn spent(&self, tx: &Tx) -> Result<u64> {
        let entries = Entity::find()
            .filter(Column::ActorId.eq(tx.caller()?.user_id))
            .filter(Column::Action.is_in(self.actions.iter().copied()))
            .filter(Column::At.gt(tx.now - self.within));
        let changes = entries.select_only().column(Column::Changes).into_tuple::<Legible<Value>>().all(&tx.connection).await?;
        let cost = |changes: &Legible<Value>| {
            let cost = changes.0.as_ref()?.as_array()?.iter().find(|change| change["field"] == COST)?;
            cost["to"].as_u64()
        };
        Ok(changes.iter().map(|changes| cost(changes).unwrap_or(1)).sum())
    }
}

/// The fields of an entry that state its cost.
pub fn note(cost: u64) -> Value {
    if cost > 1 { json!({ COST: cost }) } else { Value::Null }
}
