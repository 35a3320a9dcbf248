//! A whole household joins another one (并户): an old mother's file goes up in that of her son.
//!
//! Its members go to the other file, and its own one ends. What was given and planned under it stays there, and names them. From
//! then on both are one family for consent and retention, as after a move.

use contract::ErrorCode;
use contract::households::{HouseholdInput, HouseholdJoinInput, HouseholdStatus, LeaveReason, MemberInput};
use contract::ledger::LedgerFigure;
use entities::households::{ActiveModel, Entity, OBJECT, Whole};
use platform::audit::Event;
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::days;
use super::doubles;
use super::merging::{self, check, number, pool, write_both};
use super::moving::{close, link};
use super::service::{check_remark, file, whole};
use super::writing::{Change, columns, digested, member_rows};

/// Puts the members of a household into the file of another, and closes its own. Whoever calls this must end what rests on the
/// closed file.
///
/// The ledger counts the household as one that left, and not as lifted out; nothing changes in the status of the other one.
///
/// # Errors
/// `not_found`, `household_moved`, `household_merged`, `household_anonymised`, `household_left`, `household_not_consented`,
/// `likely_double`, `stale_version`, `validation_failed`.
pub async fn join(tx: &Tx, id: Uuid, input: HouseholdJoinInput) -> Result<()> {
    if input.into_id == id {
        return Err(Error::field("/into_id", "duplicate"));
    }
    merging::hold(tx, [id, input.into_id]).await?;
    let joining = whole(tx, id).await?;
    merging::refuse_closed(tx, id).await?;
    if joining.row.status.0 == HouseholdStatus::Left {
        return Err(ErrorCode::HouseholdLeft.into());
    }
    let into = receiving(tx, input.into_id).await?;
    tx.check_version(joining.row.version)?;
    if into.row.version != input.into_version {
        return Err(ErrorCode::StaleVersion.into());
    }
    let (theirs, mine) = (joining.details(), into.details());
    days::check(tx, &joining.row, input.joined_on, "/joined_on").await?;
    if input.joined_on < into.row.registered_on {
        return Err(Error::field("/joined_on", "date_before_file"));
    }
    for file_id in [id, input.into_id] {
        check_remark(tx, file_id, &file(tx, file_id).await?, "/note", Some(&input.note)).await?;
    }
    check_consent(&theirs, &mine)?;
    let joined = HouseholdInput { members: united([&theirs, &mine], &input)?, ..mine.clone() };
    check(tx, &joined)?;
    let own = [id, input.into_id];
    let not_a_double = doubles::check_changed(tx, &[&mine], &joined, (&own, input.not_a_double)).await?;
    let joined = HouseholdInput { not_a_double, ..joined };
    tx.write::<Entity>(input.into_id, into.row.version, ActiveModel { ..columns(&tx.vault, input.into_id, &joined)? }).await?;
    write_both(tx, [input.into_id, id], [member_rows(&tx.vault, input.into_id, &joined.members)?, Vec::new()]).await?;
    let gone = Change {
        note: Some(input.note.clone()),
        heading: joining.row.status.0.in_difficulty().then_some(LedgerFigure::Left),
        leave_reason: Some(LeaveReason::Joined),
        ..Change::to(HouseholdStatus::Transferred, input.joined_on)
    };
    close(tx, &joining, gone).await?;
    link(tx, id, input.into_id, input.joined_on).await?;
    let event = Event { note: Some(input.note.clone()), ..Event::of(OBJECT, input.into_id, "take_in") };
    let mut after = digested(&tx.vault, &joined)?;
    after.insert("merged_files".to_owned(), number(&joining).into());
    tx.record(event, &digested(&tx.vault, &mine)?, &after).await?;
    let event = Event { note: Some(input.note), ..Event::of(OBJECT, id, "join") };
    tx.record(event, &(), &json!({ "merged_into": number(&into), "joined_on": input.joined_on })).await
}

/// The file that a household joins.
async fn receiving(tx: &Tx, id: Uuid) -> Result<Whole> {
    let into = whole(tx, id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field("/into_id", "unknown"),
        _ => error,
    })?;
    if !into.row.status.0.is_there() || into.row.anonymised_on.is_some() {
        return Err(Error::field("/into_id", "file_closed"));
    }
    Ok(into)
}

/// Refuses to put a family that has withdrawn its consent under that of another one: it would be shown again to those who help.
fn check_consent(theirs: &HouseholdInput, mine: &HouseholdInput) -> Result<()> {
    let withdrawn = theirs.consent.as_ref().is_some_and(|consent| consent.withdrawn_on.is_some());
    if withdrawn && mine.consented() {
        return Err(Error::new(
            ErrorCode::HouseholdNotConsented,
            "该户已撤回知情同意，不能并入已同意的家庭；重新同意并登记后再办理 / \
             the household has withdrawn its consent; it joins one that consents only after it has consented anew",
        ));
    }
    Ok(())
}

/// The members of two households as those of one: all of them.
fn united(files: [&HouseholdInput; 2], input: &HouseholdJoinInput) -> Result<Vec<MemberInput>> {
    let mut pool = pool(files);
    let mut united = Vec::new();
    for (index, chosen) in input.members.iter().enumerate() {
        let member = pool.remove(&chosen.id).ok_or_else(|| Error::field(format!("/members/{index}/id"), "unknown"))?;
        united.push(MemberInput { relation: chosen.relation, ..member });
    }
    if pool.is_empty() { Ok(united) } else { Err(Error::field("/members", "members_missing")) }
}
