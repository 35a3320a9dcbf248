//! What others did with one's own account: everybody reads it, and nobody can take anything out of it.

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

/// How much others have done with an account, or asked for, since its person last said to have seen it.
pub async fn unseen(db: &impl ConnectionTrait, user: &Model) -> Result<u64> {
    audit::count_by_others(db, OBJECT, user.id, user.history_seen_at.unwrap_or(user.created_at)).await
}

/// Notes until when the caller has seen what others did with the account. It never goes back.
pub async fn mark(tx: &Tx, until: DateTime<Utc>) -> Result<()> {
    let until = Ord::min(until, tx.now);
    let columns = ActiveModel { history_seen_at: Set(Some(until)), ..Default::default() };
    let later = Column::HistorySeenAt.is_null().or(Column::HistorySeenAt.lt(until));
    let own = Column::Id.eq(tx.caller()?.user_id);
    Entity::update_many().set(columns).filter(own).filter(later).exec(&tx.connection).await?;
    Ok(())
}
