//! Finds families that are entered twice without identity numbers that would show it.

use std::collections::{HashMap, HashSet};

use contract::ObjectKind;
use contract::households::{HouseholdInput, MemberInput, Relation as Kinship};
use contract::problem::LikelyDouble;
use entities::households::{Column, Entity, MEMBERS, file_number, member, not_merged};
use entities::scope;
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QuerySelect};

use super::names;

/// The most duplicates that a person is shown.
const MOST: usize = 20;

/// A family's village, and the hash of its head's name. Two files of the same family have the same key.
pub(super) type Key = (String, Vec<u8>);

/// The key of a file, and whether its head has an identity number.
pub(super) fn key(tx: &Tx, file: &HouseholdInput) -> Option<(Key, bool)> {
    let head = file.members.iter().find(|member| member.relation == Kinship::Head)?;
    Some(((file.village_code.clone(), names::hash(&tx.vault, &head.name)), head.identity_number.is_some()))
}

/// An existing file.
#[derive(Clone, Debug)]
pub(super) struct Known {
    id: Uuid,
    pub file_number: String,
    /// Whether its head has an identity number.
    numbered: bool,
}

impl Known {
    /// Whether it is likely the file of a head with the same name and village, other than the file `own`. If both heads have
    /// numbers, these decide.
    pub fn is_like(&self, numbered: bool, own: Option<Uuid>) -> bool {
        own != Some(self.id) && !(self.numbered && numbered)
    }
}

/// Whether a change makes a file likely to resemble files that it did not resemble before: another name of its head or another
/// village, or no number of the head any more.
pub(super) fn is_other(tx: &Tx, before: &HouseholdInput, after: &HouseholdInput) -> bool {
    let before = key(tx, before);
    key(tx, after).is_some_and(|(new, numbered)| before.is_none_or(|(old, was)| old != new || (was && !numbered)))
}

/// The files in the caller's scope with these keys.
pub(super) async fn known(tx: &Tx, keys: &HashSet<Key>) -> Result<HashMap<Key, Vec<Known>>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let household: RelationDef = member::Entity::belongs_to(Entity).from(member::Column::HouseholdId).to(Column::Id).into();
    let rows = member::Entity::find()
        .join(JoinType::InnerJoin, household)
        .filter(scope::of_files(tx.caller()?))
        .filter(member::is_member())
        .filter(member::Column::NameHash.is_in(keys.iter().map(|(_, name)| name.clone())))
        .filter(Column::VillageCode.is_in(keys.iter().map(|(village, _)| village)))
        .filter(Column::AnonymisedOn.is_null())
        .filter(not_merged((Entity, Column::Id)))
        .select_only()
        .columns([member::Column::Id, member::Column::NameHash, member::Column::IdentityHash, member::Column::Personal])
        .columns([Column::Id, Column::VillageCode, Column::NumberedIn, Column::Sequence])
        .into_tuple::<(Uuid, Vec<u8>, Option<Vec<u8>>, platform::crypto::Sealed, Uuid, String, String, i32)>()
        .all(&tx.connection)
        .await?;
    for (member_id, name, number, personal, id, village, numbered_in, sequence) in rows {
        let member = tx.vault.show::<MemberInput>(MEMBERS, member_id, &personal);
        if member.is_some_and(|member| member.relation == Kinship::Head) {
            let known = Known { id, file_number: file_number(&numbered_in, sequence), numbered: number.is_some() };
            found.entry((village, name)).or_default().push(known);
        }
    }
    Ok(found)
}

/// Refuses a new or changed file that is likely about a family that has another one; `own` is the changed file itself. The village
/// must be locked, so that of two who enter the same family at once the second is asked.
///
/// # Errors
/// `likely_double`.
pub(super) async fn check(tx: &Tx, file: &HouseholdInput, own: Option<Uuid>) -> Result<()> {
    let Some((key, numbered)) = key(tx, file) else { return Ok(()) };
    let known = known(tx, &HashSet::from([key])).await?;
    let alike = known.into_values().flatten().filter(|known| known.is_like(numbered, own)).take(MOST);
    let shown =
        |known: Known| LikelyDouble { id: known.id, path: ObjectKind::Household.location(known.id), name: known.file_number };
    let found: Vec<_> = alike.map(shown).collect();
    if found.is_empty() { Ok(()) } else { Err(Error::likely_double(found)) }
}
