//! Nobody is a member of two households.

use std::collections::HashMap;

use contract::FieldError;
use contract::households::HouseholdInput;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use serde_json::Value;

use super::entity::{Column, Entity, file_number, member};
use super::reveal::check_rate;
use super::search::SEARCHES_PER_HOUR;
use super::service::{OBJECT, reachable};
use crate::platform::excel;
use crate::platform::{Error, Result, Tx, Vault};

/// Somebody was entered who is in another file, which the refusal has told: as good as a search.
pub(super) const ENTER_KNOWN: &str = "enter_known";

/// Refuses members of other households. Where theirs is in the caller's area too, its file number is told; to anybody else only that there is one.
pub(super) async fn check_elsewhere(tx: &Tx, vault: &Vault, own: Option<Uuid>, input: &HouseholdInput) -> Result<()> {
    let numbers: Vec<_> = input.members.iter().filter_map(|member| member.identity_number.as_deref()).collect();
    let known = elsewhere(tx, vault, own, &numbers).await?;
    if known.is_empty() {
        return Ok(());
    }
    let faults = input.members.iter().enumerate().filter_map(|(index, member)| {
        let file = known.get(member.identity_number.as_deref()?)?;
        Some(known_elsewhere(&format!("/members/{index}"), file.as_deref()))
    });
    check_rate(tx, ENTER_KNOWN, SEARCHES_PER_HOUR).await?;
    Err(Error::fields(faults.collect()).traced(OBJECT, own.map_or_else(|| "*".to_owned(), |id| id.to_string()), ENTER_KNOWN))
}

/// The fault of a member who is in another file; with its number where the caller may know it.
pub(super) fn known_elsewhere(pointer: &str, file: Option<&str>) -> FieldError {
    let file = file.map(|file| ("file".to_owned(), Value::from(file)));
    FieldError::new(format!("{pointer}/identity_number"), "known_elsewhere", file.into_iter().collect())
}

/// Which of some identity numbers are those of members of other households; with the number of the file where that is in the caller's area.
///
/// # Errors
/// What the database says.
pub(super) async fn elsewhere<'a>(
    tx: &Tx,
    vault: &Vault,
    own: Option<Uuid>,
    numbers: &[&'a str],
) -> Result<HashMap<&'a str, Option<String>>> {
    let mut known = HashMap::new();
    for batch in numbers.chunks(excel::BATCH) {
        let hashes: HashMap<_, _> = batch.iter().map(|number| (vault.hash("identity_number", number), *number)).collect();
        let mut taken = member::Entity::find().filter(member::Column::IdentityHash.is_in(hashes.keys().cloned()));
        if let Some(own) = own {
            taken = taken.filter(member::Column::HouseholdId.ne(own));
        }
        let taken = taken
            .select_only()
            .columns([member::Column::IdentityHash, member::Column::HouseholdId])
            .into_tuple::<(Option<Vec<u8>>, Uuid)>()
            .all(&tx.connection)
            .await?;
        if taken.is_empty() {
            continue;
        }
        let files: HashMap<_, _> = Entity::find()
            .filter(Column::Id.is_in(taken.iter().map(|(_, id)| *id)))
            .filter(reachable(tx.caller()?))
            .select_only()
            .columns([Column::Id, Column::VillageCode, Column::Sequence])
            .into_tuple::<(Uuid, String, i32)>()
            .all(&tx.connection)
            .await?
            .into_iter()
            .map(|(id, village_code, sequence)| (id, file_number(&village_code, sequence)))
            .collect();
        known.extend(taken.into_iter().filter_map(|(hash, id)| Some((*hashes.get(&hash?)?, files.get(&id).cloned()))));
    }
    Ok(known)
}
