//! Entries end by themselves: their months are over, or their village or organisation has ended.

use contract::Month;
use contract::catalogue::{CatalogueEntryAction, CatalogueEntryState};
use entities::campaigns;
use entities::catalogue::{ActiveModel, Column, Entity, Model, OBJECT};
use platform::audit::{self, Event};
use platform::coded::{Code, Written, codes};
use platform::object::locked;
use platform::{Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, Condition, QuerySelect, QueryTrait, Select};
use serde_json::{Value, json};

use super::policy;
use crate::areas::succession::{FOLLOWED, Succeeding};

/// Marks published entries as expired whose last month, or whose campaign, is over. Returns how many. What projects take of them
/// stays theirs.
pub async fn expire(tx: &Tx) -> Result<u64> {
    let over = campaigns::Entity::find().filter(campaigns::Column::EndsOn.lt(tx.today()));
    let over = over.select_only().column(campaigns::Column::Id).into_query();
    let due = Entity::find()
        .filter(Column::State.eq(Code(CatalogueEntryState::Published)))
        .filter(
            Condition::any().add(Column::ToMonth.lt(Written(Month::of(tx.today())))).add(Column::CampaignId.in_subquery(over)),
        )
        .limit(1_000);
    let Some(step) = policy::by_itself(CatalogueEntryState::Published, CatalogueEntryAction::Expire) else { return Ok(0) };
    end(tx, due, step.to, "expire").await
}

/// Withdraws what an organisation that has ended offers.
pub async fn withdraw_of_organisation(tx: &Tx, organisation_id: Uuid) -> Result<()> {
    let offers = live().filter(Column::OrganisationId.eq(organisation_id));
    end(tx, offers, CatalogueEntryState::Withdrawn, "organisation_ended").await?;
    Ok(())
}

/// Lets what a village needs follow into the one that replaces it. Returns how many entries do.
pub async fn follow(succeeding: &Succeeding<'_>) -> Result<u64> {
    let Succeeding { tx, from, to, dry_run } = *succeeding;
    let needs = locked(live().filter(Column::VillageCode.eq(from)), Column::Id).all(&tx.connection).await?;
    if !dry_run {
        let columns = ActiveModel { village_code: Set(Some(to.to_owned())), area_code: Set(to.to_owned()), ..Default::default() };
        let said = |_: &Model| (json!({ "village_code": from }), json!({ "village_code": to }));
        change(tx, &needs, columns, FOLLOWED, said).await?;
    }
    Ok(needs.len() as u64)
}

fn live() -> Select<Entity> {
    Entity::find().filter(Column::State.is_in(codes(CatalogueEntryState::LIVE)))
}

async fn end(tx: &Tx, entries: Select<Entity>, to: CatalogueEntryState, action: &str) -> Result<u64> {
    let rows = locked(entries, Column::Id).all(&tx.connection).await?;
    let columns = ActiveModel { state: Set(Code(to)), ..Default::default() };
    change(tx, &rows, columns, action, |row| (json!({ "state": row.state.0 }), json!({ "state": to }))).await?;
    Ok(rows.len() as u64)
}

/// Writes the same columns to entries that are locked, with one statement, and their history.
async fn change(
    tx: &Tx,
    rows: &[Model],
    columns: ActiveModel,
    action: &str,
    said: impl Fn(&Model) -> (Value, Value),
) -> Result<()> {
    Entity::update_many()
        .set(ActiveModel { updated_at: Set(tx.now), ..columns })
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
        .exec(&tx.connection)
        .await?;
    let entry = |row: &Model| {
        let (before, after) = said(row);
        tx.entry(Event::of(OBJECT, row.id, action), &before, &after)
    };
    audit::record_all(tx, rows.iter().map(entry).collect()).await
}
