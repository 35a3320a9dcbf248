//! Ensures that nobody is a member of two households. Whoever enters a person of another file must learn that, but the answer
//! discloses who is known. So entered persons count against a budget.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use contract::FieldError;
use contract::households::{HouseholdInput, MemberInput};
use entities::households::{Column, Entity, OBJECT, Whole, file_number, member};
use entities::scope;
use platform::audit::Event;
use platform::budget::{self, Budget};
use platform::excel;
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QuerySelect};
use serde_json::Value;

use super::service::keeps;
use super::workbook::CHECK_IMPORT;

/// The action in the trail when a person of another file was entered, since the refusal disclosed as much as a search.
pub(super) const ENTER_KNOWN: &str = "enter_known";
/// The action in the trail when persons were entered whom no other file has, since the success disclosed as much.
const ENTER: &str = "enter";

/// How many persons one account may look up in a day, by dry runs and by entering them in single files. Only an import that is
/// written costs nothing, because it stores every person that it asks about.
pub(super) static LOOK_UPS: Budget =
    Budget { actions: &[ENTER, ENTER_KNOWN, CHECK_IMPORT], most: 5_000, within: TimeDelta::days(1) };
/// The cost of a refusal that says only that somebody is known, but not who.
pub(super) const UNDISCLOSED: u64 = 200;

/// The extent of a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The files that exist for the caller.
    Own,
    /// All files, since a number that is written must be free everywhere.
    All,
}

/// Refuses members of other households. The caller learns the number of the other file if they keep it, and otherwise only that
/// there is one.
pub(super) async fn check_elsewhere(tx: &Tx, before: Option<&Whole>, input: &HouseholdInput) -> Result<()> {
    let own: HashSet<_> = before.iter().flat_map(|file| &file.members).filter_map(|(_, member)| member.document_key()).collect();
    let keys: Vec<_> = input.members.iter().map(MemberInput::document_key).collect();
    let numbers: Vec<_> = keys.iter().flatten().filter(|key| !own.contains(*key)).map(String::as_str).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    let cost = numbers.len() as u64;
    LOOK_UPS.take(tx, cost).await?;
    let known = elsewhere(tx, Reach::All, &numbers).await?;
    if known.is_empty() {
        // Entered persons can be removed again, so that each of many changes of one file could ask about others.
        return tx.record(Event::of(OBJECT, "*", ENTER), &(), &budget::note(cost)).await;
    }
    let faults = keys.iter().enumerate().filter_map(|(index, key)| {
        let file = known.get(key.as_deref()?)?;
        Some(known_elsewhere(&format!("/members/{index}"), file.as_deref()))
    });
    let id = before.map_or_else(|| "*".to_owned(), |file| file.row.id.to_string());
    Err(Error::fields(faults.collect()).traced(OBJECT, id, ENTER_KNOWN).spending(&LOOK_UPS, cost))
}

/// The fault of a member who is in another file, with its number if the caller may know it.
pub(super) fn known_elsewhere(pointer: &str, file: Option<&str>) -> FieldError {
    let file = file.map(|file| ("file".to_owned(), Value::from(file)));
    FieldError::new(format!("{pointer}/identity_number"), "known_elsewhere", file.into_iter().collect())
}

/// Which documents, by their keys, belong to members of households, with the file's number if the caller keeps it. Each batch
/// takes one statement, whoever is found.
pub(super) async fn elsewhere<'a>(tx: &Tx, reach: Reach, numbers: &[&'a str]) -> Result<HashMap<&'a str, Option<String>>> {
    let caller = tx.caller()?;
    let household: RelationDef = member::Entity::belongs_to(Entity).from(member::Column::HouseholdId).to(Column::Id).into();
    let mut known = HashMap::new();
    for batch in numbers.chunks(excel::BATCH) {
        let hashes: HashMap<_, _> = batch.iter().map(|number| (tx.vault.hash("identity_number", number), *number)).collect();
        let mut taken = member::Entity::find()
            .join(JoinType::InnerJoin, household.clone())
            .filter(member::Column::IdentityHash.is_in(hashes.keys().cloned()));
        if reach == Reach::Own {
            taken = taken.filter(scope::of_files(caller));
        }
        let taken = taken
            .select_only()
            .column(member::Column::IdentityHash)
            .columns([Column::VillageCode, Column::NumberedIn, Column::Sequence])
            .into_tuple::<(Option<Vec<u8>>, String, String, i32)>()
            .all(&tx.connection)
            .await?;
        known.extend(taken.into_iter().filter_map(|(hash, village_code, numbered_in, sequence)| {
            // The number of a file is for those who keep it.
            let number = keeps(caller, &village_code).then(|| file_number(&numbered_in, sequence));
            Some((*hashes.get(&hash?)?, number))
        }));
    }
    Ok(known)
}
