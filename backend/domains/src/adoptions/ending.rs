//! Ends adoptions without a step of their own: a side has gone, or nobody answered in time.

use contract::adoptions::AdoptionState;
use entities::adoptions::{ActiveModel, Column, Entity, OBJECT};
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::object::locked;
use platform::{Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ActiveValue::Set, QuerySelect};
use serde_json::json;

use super::policy;
use super::service::state_columns;

/// Ends the adoptions of a cadre whose account is disabled, or who gets another role or place. They do not pass to a successor:
/// nobody agrees for another (自愿). What was done until then stays recorded.
pub async fn end_of_cadre(tx: &Tx, cadre_id: Uuid) -> Result<()> {
    end(tx, Column::CadreId.eq(cadre_id), "cadre_left").await
}

/// Ends the adoptions of an institution that has closed.
pub async fn end_of_institution(tx: &Tx, institution_id: Uuid) -> Result<()> {
    end(tx, Column::InstitutionId.eq(institution_id), "institution_closed").await
}

async fn end(tx: &Tx, of: SimpleExpr, action: &str) -> Result<()> {
    let live = Entity::find().filter(of).filter(Column::State.is_in(codes(AdoptionState::LIVE)));
    for row in locked(live, Column::Id).all(&tx.connection).await? {
        let Some(state) = policy::left(row.state.0) else { continue };
        tx.write::<Entity>(row.id, row.version, state_columns(tx, state)).await?;
        let (before, after) = (json!({ "state": row.state.0 }), json!({ "state": state }));
        tx.record(Event::of(OBJECT, row.id, action), &before, &after).await?;
    }
    Ok(())
}

/// Marks proposals as expired that nobody answered in time. Returns how many.
pub async fn expire(tx: &Tx) -> Result<usize> {
    let due = Entity::find()
        .filter(Column::State.eq(Code(AdoptionState::Proposed)))
        .filter(Column::AnswerDueOn.lt(tx.today()))
        .limit(1_000);
    let due = locked(due, Column::Id).all(&tx.connection).await?;
    for row in &due {
        let columns = ActiveModel { state: Set(Code(AdoptionState::Expired)), ..Default::default() };
        tx.write::<Entity>(row.id, row.version, columns).await?;
        let (before, after) = (json!({ "state": row.state.0 }), json!({ "state": AdoptionState::Expired }));
        tx.record(Event::of(OBJECT, row.id, "expire"), &before, &after).await?;
    }
    Ok(due.len())
}
