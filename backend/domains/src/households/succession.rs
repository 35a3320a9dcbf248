//! Another village replaces one, and has its files from then on. They keep their ids and numbers, and all that hangs on them.

use contract::households::HouseholdStatus;
use contract::ledger::LedgerFigure;
use entities::households::{Column, Entity, OBJECT, status};
use platform::coded::Code;
use platform::excel;
use platform::object::locked;
use platform::{Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QuerySelect};

use super::writing::Change;
use crate::areas::succession::Succeeding;

/// Lets the files of a village follow, and returns how many they are.
pub async fn follow(succeeding: &Succeeding<'_>) -> Result<u64> {
    let Succeeding { tx, from, to, .. } = *succeeding;
    let open = Entity::find().select_only().columns([Column::Id, Column::Status]).filter(Column::VillageCode.eq(from));
    let open = locked(open, Column::Id).into_tuple::<(Uuid, Code<HouseholdStatus>)>().all(&tx.connection).await?;
    let open: Vec<_> = open.into_iter().map(|(id, status)| (id, status.0)).filter(|(_, status)| status.in_difficulty()).collect();
    if !succeeding.dry_run {
        pass_on(tx, &open, [from, to]).await?;
    }
    succeeding.objects::<Entity>(OBJECT, Column::VillageCode, Condition::all()).await
}

/// Lets the ledger count households in difficulty in another village from today on: out of the one and into the other, and so both in
/// the town around them. The months that are over stay with the village that they were counted in.
pub(super) async fn pass_on(tx: &Tx, households: &[(Uuid, HouseholdStatus)], [from, to]: [&str; 2]) -> Result<()> {
    let counted = |status, figure| Change::to(status, tx.today()).counted(figure);
    let rows = households.iter().flat_map(|&(id, status)| {
        [counted(status, LedgerFigure::MovedOut).row(id, from), counted(status, LedgerFigure::MovedIn).row(id, to)]
    });
    for rows in rows.collect::<Vec<_>>().chunks(excel::BATCH) {
        status::Entity::insert_many(rows.to_vec()).exec_without_returning(&tx.connection).await?;
    }
    Ok(())
}

/// Leaves out of the statuses of a household, the latest first, what only the ledger knows: that another village has counted it since.
pub(super) fn without(rows: Vec<status::Model>) -> Vec<status::Model> {
    let passed_on = |row: &status::Model| row.heading == Some(Code(LedgerFigure::MovedOut)) && row.status.0.in_difficulty();
    let mut rows = rows.into_iter().peekable();
    let mut others = Vec::new();
    while let Some(row) = rows.next() {
        // It went out of the one village just before it came into the other.
        if rows.next_if(passed_on).is_none() {
            others.push(row);
        }
    }
    others
}
