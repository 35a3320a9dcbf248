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
use crate::villages;

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

/// Refuses new or changed files that are likely about families that have others; `own` are the files that a deed changes or closes
/// itself. The villages must be locked, so that of two who enter the same family at once the second is asked.
///
/// # Errors
/// `likely_double`.
pub(super) async fn check(tx: &Tx, files: &[&HouseholdInput], own: &[Uuid]) -> Result<()> {
    let mut keys = HashMap::new();
    for (key, numbered) in files.iter().filter_map(|file| key(tx, file)) {
        keys.entry(key).and_modify(|all| *all &= numbered).or_insert(numbered);
    }
    let mut alike = Vec::new();
    for (key, files) in known(tx, &keys.keys().cloned().collect()).await? {
        let others = files.into_iter().filter(|known| !own.contains(&known.id) && known.is_like(keys[&key], None));
        alike.extend(others);
    }
    alike.sort_by(|a, b| a.file_number.cmp(&b.file_number));
    let shown =
        |known: Known| LikelyDouble { id: known.id, path: ObjectKind::Household.location(known.id), name: known.file_number };
    let found: Vec<_> = alike.into_iter().take(MOST).map(shown).collect();
    if found.is_empty() { Ok(()) } else { Err(Error::likely_double(found)) }
}

/// Asks about a file whose household a deed changes from `before`: only where it resembles others that it did not resemble. `said` is
/// what the caller says of such files. Returns whether there was anything to say it of.
///
/// # Errors
/// `likely_double`.
pub(super) async fn check_changed(
    tx: &Tx,
    before: &[&HouseholdInput],
    after: &HouseholdInput,
    (own, said): (&[Uuid], bool),
) -> Result<bool> {
    let asks = before.iter().all(|before| is_other(tx, before, after));
    if asks {
        villages::service::hold_all(tx, std::slice::from_ref(&after.village_code)).await?;
        if !said {
            check(tx, &[after], own).await?;
        }
    }
    Ok(asks && said)
}
