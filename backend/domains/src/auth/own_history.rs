//! What others did with the caller's account: everybody reads their own, and nobody can remove anything from it.

use chrono::{DateTime, Utc};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use entities::users::{ActiveModel, Column, Entity, Model, OBJECT};
use platform::{Asker, Result, Tx, audit};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, ExprTrait};

/// The history of the caller's own account.
///
/// # Errors
/// `bad_cursor`.
pub async fn list(asker: &Asker<'_>, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    audit::history(&asker.db, OBJECT, asker.caller.user_id.to_string(), query).await
}

/// The number of actions and requests of others on an account that its owner has not marked as seen.
pub async fn unseen(db: &impl ConnectionTrait, user: &Model) -> Result<u64> {
    audit::count_by_others(db, OBJECT, user.id, user.history_seen_at.unwrap_or(user.created_at)).await
}

/// Marks what others did with the account until an instant as seen. The mark never moves back.
pub async fn mark(tx: &Tx, until: DateTime<Utc>) -> Result<()> {
    let until = Ord::min(until, tx.now);
    let columns = ActiveModel { history_seen_at: Set(Some(until)), ..Default::default() };
    let later = Column::HistorySeenAt.is_null().or(Column::HistorySeenAt.lt(until));
    let own = Column::Id.eq(tx.caller()?.user_id);
    Entity::update_many().set(columns).filter(own).filter(later).exec(&tx.connection).await?;
    Ok(())
}
