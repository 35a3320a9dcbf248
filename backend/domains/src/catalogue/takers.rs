//! Who takes what of an entry, as far as the caller may know it.

use contract::Permission;
use contract::catalogue::{CommitmentStage, CommittedEntries, EntryCommitment, EntryCommitments};
use contract::objects::ObjectKind;
use entities::commitments::{self, Column, Entity, Holder, Relation, Taking, counted};
use entities::{assistance, pairings, projects, scope};
use platform::object::Object;
use platform::{Asker, Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, JoinType, QueryOrder, QuerySelect, QueryTrait, RelationTrait};

use super::list::CatalogueEntries;

/// The most that are named one by one.
const MOST: u64 = 100;

/// Who takes what of an entry. What the caller may not see is in one sum with all that is not named, so that nobody learns from it
/// that a family was helped, let alone which.
///
/// # Errors
/// `not_found` outside the caller's scope.
pub async fn of_entry(asker: &Asker<'_>, id: Uuid) -> Result<EntryCommitments> {
    let entry = CatalogueEntries::read(asker, id).await?;
    let rows = [Relation::Project, Relation::Record, Relation::Pairing]
        .into_iter()
        .fold(Entity::find(), |select, relation| select.join(JoinType::LeftJoin, relation.def()))
        .filter(Column::EntryId.eq(id))
        .filter(counts_for(asker.caller))
        .order_by_desc(Column::Id)
        .limit(MOST)
        .into_partial_model::<Taking>()
        .all(&asker.db)
        .await?;
    let items: Vec<_> = rows.into_iter().filter_map(shown).collect();
    let others = |stage, all: i64| all - items.iter().filter(|item| item.stage == stage).map(|item| item.quantity).sum::<i64>();
    Ok(EntryCommitments {
        others_requested: others(CommitmentStage::Requested, entry.requested),
        others_committed: others(CommitmentStage::Committed, entry.committed),
        others_fulfilled: others(CommitmentStage::Fulfilled, entry.fulfilled),
        items,
    })
}

/// The condition that a commitment counts, and that whoever takes it exists for the caller.
fn counts_for(caller: &Caller) -> Condition {
    let mut known = Condition::any();
    if caller.may(Permission::ReadProjects) {
        let projects = scope::projects(caller).select_only().column(projects::Column::Id);
        known = known.add(Column::ProjectId.in_subquery(projects.into_query()));
    }
    if caller.may(Permission::ReadPairings) {
        let pairings = scope::pairings(caller).select_only().column(pairings::Column::Id);
        known = known.add(Column::PairingId.in_subquery(pairings.into_query()));
    }
    if caller.may(Permission::ReadAssistance) {
        let records = scope::assistance(caller).select_only().column(assistance::Column::Id);
        known = known.add(Column::RecordId.in_subquery(records.into_query()));
    }
    if known.is_empty() {
        known = known.add(Expr::val(false));
    }
    Condition::all().add(counted()).add(known)
}

fn shown(row: Taking) -> Option<EntryCommitment> {
    let stage = row.stage()?;
    let (object_type, object_id) = match (row.project_id, row.pairing_id, row.record_id) {
        (Some(id), ..) => (ObjectKind::Project, id),
        (_, Some(id), _) => (ObjectKind::Pairing, id),
        (.., id) => (ObjectKind::AssistanceRecord, id?),
    };
    let village_name = row.village_name.unwrap_or_default();
    let Taking { title, organisation_name, quantity, .. } = row;
    Some(EntryCommitment { object_type, object_id, title, organisation_name, village_name, stage, quantity })
}

/// The entries of which a pairing takes something. It must exist for the caller.
///
/// # Errors
/// Any error of the database.
pub async fn of_pairing(asker: &Asker<'_>, id: Uuid) -> Result<CommittedEntries> {
    Ok(CommittedEntries { items: commitments::entries_of(&asker.db, Holder::Pairing(id)).await? })
}
