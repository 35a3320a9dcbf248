//! Members leave a household and found one of their own (分户).
//!
//! They get a file in the same village. What was given and planned stays in the file where it was written down, and names them.
//! Nothing that others have agreed to passes by itself: neither the consent of the family that they leave, nor a pairing with it.
//! Only a No passes: of a family that has withdrawn its consent, the new file has none either until its own head gives it.

use contract::households::{
    HeadFault, HouseholdInput, HouseholdSplitInput, HouseholdStatus, MemberInput, MergeMember, SplitFile,
};
use contract::ledger::LedgerFigure;
use contract::{ErrorCode, FieldError};
use entities::households::{ActiveModel, Column, Entity, OBJECT, Row, file_number};
use entities::scope;
use platform::audit::Event;
use platform::{Asker, Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};
use serde_json::Value;

use super::days;
use super::doubles;
use super::merging::pool;
use super::service::{check_remark, file, held, identified, write_family};
use super::writing::{Change, New, columns, digested, numbers, open};

/// The most files that an answer lists.
const MOST: u64 = 20;

/// Opens a file for members who leave a household. Returns its id.
///
/// The ledger counts the new household as newly registered: it is one more in the village, and nobody's success or failure. One
/// that was lifted out before stays so, and is not counted.
///
/// # Errors
/// `not_found`, `household_moved`, `household_merged`, `household_anonymised`, `household_left`, `likely_double`, `stale_version`,
/// `validation_failed`.
pub async fn split(tx: &Tx, id: Uuid, input: HouseholdSplitInput) -> Result<Uuid> {
    let whole = held(tx, id).await?;
    let row = &whole.row;
    tx.check_version(row.version)?;
    if row.status.0 == HouseholdStatus::Left {
        return Err(ErrorCode::HouseholdLeft.into());
    }
    days::check(tx, row, input.split_on, "/split_on").await?;
    check_remark(tx, id, &file(tx, id).await?, "/note", Some(&input.note)).await?;
    let old = whole.details();
    let (there, here) = parted(&old, &input)?;
    let waiting = entities::measures::members_awaiting(&tx.connection, id).await?;
    let bound = |member: &MergeMember| waiting.contains(&member.id);
    let faults = input.members.iter().enumerate().filter(|(_, member)| bound(member));
    let faults: Vec<_> = faults.map(|(index, _)| FieldError::at(format!("/members/{index}/id"), "in_live_plan")).collect();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let number = numbers(tx, std::slice::from_ref(&row.village_code)).await?.get(&row.village_code).unwrap_or(&0) + 1;
    let stays = HouseholdInput { members: here, ..old.clone() };
    let renamed = doubles::is_other(tx, &old, &stays);
    let stays = HouseholdInput { not_a_double: renamed && input.not_a_double, ..stays };
    let founded = identified(HouseholdInput {
        registered_on: input.split_on,
        address: input.address.unwrap_or_else(|| old.address.clone()),
        income_per_head_fen: None,
        phone: None,
        bank_account: None,
        consent: old.consent.clone().filter(|consent| consent.withdrawn_on.is_some()),
        members: there.into_iter().map(|member| MemberInput { id: None, ..member }).collect(),
        not_a_double: input.not_a_double,
        ..old.clone()
    });
    if !input.not_a_double {
        let both = [&founded, &stays];
        doubles::check(tx, if renamed { &both } else { &both[..1] }, &[id]).await?;
    }
    let before = Entity::find_by_id(id).one(&tx.connection).await?.ok_or(ErrorCode::NotFound)?;
    tx.write::<Entity>(id, row.version, ActiveModel { ..columns(&tx.vault, id, &stays)? }).await?;
    // First out of the one file: nobody is a member of two households.
    write_family(tx, id, &old.members, &stays.members, input.split_on).await?;
    let change = if row.status.0.in_difficulty() {
        Change::to(HouseholdStatus::Registered, input.split_on).counted(LedgerFigure::Registered)
    } else {
        Change::to(row.status.0, row.status_since)
    };
    let change = Change { note: Some(input.note.clone()), ..change };
    let new_id = Uuid::now_v7();
    open(tx, vec![New::split(tx, new_id, number, &founded, &before, change)?]).await?;
    let mut after = digested(&tx.vault, &stays)?;
    after.insert("split_into".to_owned(), file_number(&row.village_code, number).into());
    after.insert("split_on".to_owned(), Value::from(input.split_on.to_string()));
    let event = Event { note: Some(input.note), ..Event::of(OBJECT, id, "split") };
    tx.record(event, &digested(&tx.vault, &old)?, &after).await?;
    Ok(new_id)
}

/// Those who leave and those who stay, each with what they are to the head of their file.
fn parted(old: &HouseholdInput, input: &HouseholdSplitInput) -> Result<(Vec<MemberInput>, Vec<MemberInput>)> {
    let mut pool = pool([old]);
    let mut faults = Vec::new();
    let mut there = Vec::new();
    for (index, chosen) in input.members.iter().enumerate() {
        match pool.remove(&chosen.id) {
            Some(member) => there.push(MemberInput { relation: chosen.relation, ..member }),
            None => faults.push(FieldError::at(format!("/members/{index}/id"), "unknown")),
        }
    }
    for (index, chosen) in input.staying.iter().enumerate() {
        match pool.get_mut(&chosen.id) {
            Some(member) => member.relation = chosen.relation,
            None => faults.push(FieldError::at(format!("/staying/{index}/id"), "unknown")),
        }
    }
    let here: Vec<_> = old.members.iter().filter_map(|member| pool.remove(&member.id?)).collect();
    if here.is_empty() {
        faults.push(FieldError::at("/members", "all_leave"));
    }
    for (members, pointer) in [(&there, "/members"), (&here, "/staying")] {
        match HeadFault::of(members).filter(|_| !members.is_empty()) {
            Some(HeadFault::Missing) => faults.push(FieldError::at(pointer, "head_missing")),
            Some(HeadFault::Second(_)) => faults.push(FieldError::at(pointer, "several_heads")),
            None => {}
        }
    }
    if faults.is_empty() { Ok((there, here)) } else { Err(Error::fields(faults)) }
}

/// The file that the members of a household left, and those of the households that members of this one have founded, as far as
/// the caller sees them.
pub(super) async fn files(asker: &Asker<'_>, row: &Row) -> Result<(Option<SplitFile>, Vec<SplitFile>)> {
    let related = Condition::any().add(Column::SplitFromId.eq(row.id)).add(Column::Id.is_in(row.split_from_id));
    let rows = scope::files(asker.caller)
        .filter(related)
        .order_by_desc(Column::Id)
        .limit(MOST)
        .select_only()
        .columns([Column::Id, Column::NumberedIn, Column::Sequence, Column::RegisteredOn])
        .into_tuple::<(Uuid, String, i32, Date)>();
    let (mut from, mut founded) = (None, Vec::new());
    for (id, numbered_in, sequence, registered_on) in rows.all(&asker.db).await? {
        let file = |split_on| SplitFile { id, file_number: file_number(&numbered_in, sequence), split_on };
        if Some(id) == row.split_from_id {
            from = Some(file(row.registered_on));
        } else {
            founded.push(file(registered_on));
        }
    }
    Ok((from, founded))
}
