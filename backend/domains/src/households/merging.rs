//! Merges two files of the same family, and undoes merges.
//!
//! Member rows move, and nothing is deleted. What belongs to a file stays with it. So each file keeps its history, and a merge
//! can be undone. In the ledger a merge is an event of its own month: the other file leaves on that day, and earlier months do
//! not change.

use std::collections::HashMap;

use contract::ErrorCode;
use contract::households::{
    HouseholdInput, HouseholdMergeInput, HouseholdStatus, HouseholdUnmergeInput, LeaveReason, MemberInput, MergePart, MergedFile,
};
use contract::ledger::LedgerFigure;
use contract::{FieldError, Month, Permission};
use entities::households::merge::Origin;
use entities::households::{ActiveModel, Column, Entity, OBJECT, Row, Whole, file_number, member, merge, status};
use entities::scope;
use platform::audit::Event;
use platform::coded::{AsJson, Code};
use platform::object::locked;
use platform::{Asker, Caller, Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, PaginatorTrait, QueryOrder, QuerySelect};
use serde_json::json;

use super::doubles;
use super::service::{self, Withdrawn, keeps, whole};
use super::succession;
use super::uniqueness::{ENTER_KNOWN, LOOK_UPS};
use super::writing::{Change, columns, consent_at, digested, member_rows, write_change, write_members, write_status};

/// The place to which sealed values of a merge are bound.
pub(super) const MERGES: &str = "household_merges";
/// The most merges that an answer lists.
const MOST_MERGES: u64 = 20;

/// Merges another file into one.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `stale_version`, `household_merged`, `household_anonymised`, `likely_double`,
/// `has_merged_files`, `validation_failed`.
pub async fn merge(tx: &Tx, id: Uuid, input: HouseholdMergeInput) -> Result<Withdrawn> {
    if input.other_id == id {
        return Err(Error::field("/other_id", "duplicate"));
    }
    hold(tx, [id, input.other_id]).await?;
    let kept = whole(tx, id).await?;
    let other = whole(tx, input.other_id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field("/other_id", "unknown"),
        _ => error,
    })?;
    check_keeps(tx.caller()?, [&kept, &other])?;
    refuse_closed(tx, id).await?;
    refuse_closed(tx, input.other_id).await?;
    // Whoever helps under the merged file first ends that pairing, or begins one under the file that stays.
    if entities::pairings::any_live_with(&tx.connection, input.other_id).await? {
        return Err(ErrorCode::PairingsLive.into());
    }
    if latest(tx, input.other_id).await?.is_some() {
        return Err(ErrorCode::HasMergedFiles.into());
    }
    tx.check_version(kept.row.version)?;
    if other.row.version != input.other_version {
        return Err(ErrorCode::StaleVersion.into());
    }
    let (mine, theirs) = (kept.details(), other.details());
    check_remarks(tx, &input.note, [(id, &mine), (input.other_id, &theirs)]).await?;
    let mut merged = mine.clone();
    input.take.iter().for_each(|&part| take(part, &mut merged, &theirs));
    merged.members = Vec::new();
    let mut pool = pool([&mine, &theirs]);
    for (index, chosen) in input.members.iter().enumerate() {
        let member = pool.remove(&chosen.id).ok_or_else(|| Error::field(format!("/members/{index}/id"), "unknown"))?;
        merged.members.push(MemberInput { relation: chosen.relation, ..member });
    }
    check(tx, &merged)?;
    let own = [id, input.other_id];
    merged.not_a_double = doubles::check_changed(tx, &[&mine, &theirs], &merged, (&own, input.not_a_double)).await?;
    let left: Vec<_> = mine.members.iter().chain(&theirs.members).filter(|member| holds(&pool, member)).cloned().collect();
    let origins = [(id, &mine), (input.other_id, &theirs)].into_iter().flat_map(|(household_id, file)| {
        let origin =
            move |member: &MemberInput| member.id.map(|member_id| Origin { member_id, household_id, relation: member.relation });
        file.members.iter().filter_map(origin).collect::<Vec<_>>()
    });
    let merge_id = Uuid::now_v7();
    let row = merge::ActiveModel {
        id: Set(merge_id),
        kept_id: Set(id),
        merged_id: Set(input.other_id),
        merged_at: Set(tx.now),
        origins: Set(AsJson(origins.collect())),
        taken: Set(AsJson(input.take)),
        personal: Set(tx.vault.seal(MERGES, merge_id, &HouseholdInput { members: Vec::new(), ..mine.clone() })?),
        moved_on: Set(None),
    };
    merge::Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let columns = ActiveModel { consent_at: consent_at(tx, &mine, &merged), ..columns(&tx.vault, id, &merged)? };
    tx.write::<Entity>(id, kept.row.version, columns).await?;
    let gone = Change {
        note: Some(input.note.clone()),
        heading: other.row.status.0.in_difficulty().then_some(LedgerFigure::Left),
        leave_reason: Some(LeaveReason::Duplicate),
        ..Change::to(HouseholdStatus::Transferred, tx.today())
    };
    write_change(tx, (input.other_id, &other.row.village_code), other.row.version, gone).await?;
    let mut left = member_rows(&tx.vault, input.other_id, &left)?;
    // Members who are left behind no longer stand for a person. Their identity numbers may be entered for members who stay.
    left.iter_mut().for_each(|row| row.identity_hash = Set(None));
    write_both(tx, [id, input.other_id], [member_rows(&tx.vault, id, &merged.members)?, left]).await?;
    let event = Event { note: Some(input.note.clone()), ..Event::of(OBJECT, id, "merge") };
    let mut after = digested(&tx.vault, &merged)?;
    after.insert("merged_files".to_owned(), number(&other).into());
    tx.record(event, &digested(&tx.vault, &mine)?, &after).await?;
    let event = Event { note: Some(input.note), ..Event::of(OBJECT, input.other_id, "merge") };
    tx.record(event, &(), &json!({ "merged_into": number(&kept) })).await?;
    Ok(Withdrawn(mine.consented() && !merged.consented()))
}

/// Undoes the merge of a file. A consent that was withdrawn meanwhile is withdrawn in both files. Returns the files without
/// consent: the caller of this function must end what rests on it.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `stale_version`, `household_anonymised`, `merge_not_undoable`.
pub async fn unmerge(tx: &Tx, id: Uuid, input: HouseholdUnmergeInput) -> Result<Vec<Uuid>> {
    let found = of(tx, id).await?;
    hold(tx, found.iter().flat_map(|merge| [merge.kept_id, merge.merged_id])).await?;
    let other = whole(tx, id).await?;
    // Somebody may have undone it while this request waited.
    let not_undoable = |why: &'static str| Error::new(ErrorCode::MergeNotUndoable, why);
    let merge = of(tx, id).await?.ok_or_else(|| not_undoable("该档案未并入其他档案 / the file has not been merged"))?;
    if merge.moved_on.is_some() {
        return Err(not_undoable(
            "该户已迁往他村或并入他户，不是合并重复档案 / the household has moved or joined another; its file was not merged",
        ));
    }
    let kept = whole(tx, merge.kept_id).await?;
    refuse_closed(tx, merge.kept_id).await?;
    check_keeps(tx.caller()?, [&kept, &other])?;
    tx.check_version(other.row.version)?;
    if latest(tx, merge.kept_id).await? != Some(merge.id) {
        return Err(not_undoable(
            "请先撤销后来的合并；其后办理过迁移的不能撤销 / undo the later merge first; after a move nothing can be undone",
        ));
    }
    let (mine, theirs) = (kept.details(), other.details());
    check_remarks(tx, &input.note, [(kept.row.id, &mine), (id, &theirs)]).await?;
    let before: HouseholdInput = tx.vault.open(MERGES, merge.id, &merge.personal)?;
    let (mut own, mut apart) = (mine.clone(), theirs.clone());
    for &part in &merge.taken.0 {
        let mut retaken = own.clone();
        take(part, &mut retaken, &theirs);
        // A part that was changed since is no longer what was taken.
        if retaken == own {
            take(part, &mut own, &before);
        }
    }
    let withdrawn_on = mine.consent.as_ref().and_then(|consent| consent.withdrawn_on);
    for consent in [&mut own.consent, &mut apart.consent].into_iter().flatten() {
        consent.withdrawn_on = consent.withdrawn_on.or(withdrawn_on);
    }
    (own.members, apart.members) = (Vec::new(), Vec::new());
    let mut pool = pool([&mine, &theirs]);
    for origin in &merge.origins.0 {
        let Some(member) = pool.remove(&origin.member_id) else { continue };
        let home = if origin.household_id == id { &mut apart } else { &mut own };
        home.members.push(MemberInput { relation: origin.relation, ..member });
    }
    own.members.extend(mine.members.iter().filter(|member| holds(&pool, member)).cloned());
    for file in [&own, &apart] {
        check(tx, file).map_err(|_| not_undoable("撤销后两份档案须各有且仅有一名户主 / each file needs one head afterwards"))?;
    }
    let members = (own.members.len() + apart.members.len()) as u64;
    LOOK_UPS.check(tx, members).await?;
    merge::Entity::delete_by_id(merge.id).exec(&tx.connection).await?;
    let again = ActiveModel { consent_at: consent_at(tx, &mine, &own), ..columns(&tx.vault, kept.row.id, &own)? };
    tx.write::<Entity>(kept.row.id, kept.row.version, again).await?;
    let back = come_back(tx, &other.row).await?;
    let back = ActiveModel {
        status: back.status,
        status_since: back.status_since,
        status_at: back.status_at,
        leave_reason: back.leave_reason,
        consent_at: consent_at(tx, &theirs, &apart),
        ..columns(&tx.vault, id, &apart)?
    };
    tx.write::<Entity>(id, other.row.version, back).await?;
    let rows = [member_rows(&tx.vault, kept.row.id, &own.members)?, member_rows(&tx.vault, id, &apart.members)?];
    write_both(tx, [kept.row.id, id], rows).await.map_err(|error| match error.code {
        ErrorCode::ValidationFailed => {
            let known = "有成员的身份证号已登记在其他人名下 / a member's identity number is somebody else's by now";
            not_undoable(known).traced(OBJECT, id, ENTER_KNOWN).spending(&LOOK_UPS, members)
        }
        _ => error,
    })?;
    let event = Event { note: Some(input.note.clone()), ..Event::of(OBJECT, kept.row.id, "unmerge") };
    let mut gone = digested(&tx.vault, &mine)?;
    gone.insert("merged_files".to_owned(), number(&other).into());
    tx.record(event, &gone, &digested(&tx.vault, &own)?).await?;
    let event = Event { note: Some(input.note), ..Event::of(OBJECT, id, "unmerge") };
    tx.record(event, &json!({ "merged_into": number(&kept) }), &()).await?;
    let files = [(kept.row.id, &own), (id, &apart)].into_iter();
    Ok(files.filter(|(_, file)| !file.consented()).map(|(id, _)| id).collect())
}

/// The file into which this one was merged.
pub async fn merged_into(asker: &Asker<'_>, id: Uuid) -> Result<Option<MergedFile>> {
    let db = &asker.db;
    let Some(merge) = merge::Entity::find().filter(merge::Column::MergedId.eq(id)).one(db).await? else { return Ok(None) };
    let last = last_into(merge.kept_id).one(db).await?;
    let undoable = last == Some(merge.id) && merge.moved_on.is_none();
    Ok(files(asker, vec![(merge.kept_id, merge, undoable)]).await?.pop())
}

/// The files merged into this one, latest first.
pub async fn merged_files(asker: &Asker<'_>, id: Uuid) -> Result<Vec<MergedFile>> {
    let merges = merge::Entity::find()
        .filter(merge::Column::KeptId.eq(id))
        .order_by_desc(merge::Column::Id)
        .limit(MOST_MERGES)
        .all(&asker.db)
        .await?;
    let merges = merges.into_iter().enumerate().map(|(index, merge)| {
        let undoable = index == 0 && merge.moved_on.is_none();
        (merge.merged_id, merge, undoable)
    });
    files(asker, merges.collect()).await
}

/// Refuses changes of a file that is merged or anonymised, or whose family has moved or joined another.
///
/// # Errors
/// `household_moved`, `household_merged`, `household_anonymised`.
pub async fn refuse_closed(tx: &Tx, id: Uuid) -> Result<()> {
    if has_moved(tx, id).await? { Err(moved()) } else { Ok(()) }
}

/// Whether the family of a file has moved or joined another. Refuses all changes of a file that is merged or anonymised.
///
/// # Errors
/// `household_merged`, `household_anonymised`.
pub(super) async fn has_moved(tx: &Tx, id: Uuid) -> Result<bool> {
    let anonymised = Entity::find_by_id(id).filter(Column::AnonymisedOn.is_not_null());
    if anonymised.count(&tx.connection).await? > 0 {
        return Err(ErrorCode::HouseholdAnonymised.into());
    }
    match of(tx, id).await? {
        Some(merge) if merge.moved_on.is_none() => Err(ErrorCode::HouseholdMerged.into()),
        merge => Ok(merge.is_some()),
    }
}

/// The answer to a change of a file whose family has moved or joined another.
fn moved() -> Error {
    Error::new(
        ErrorCode::HouseholdMoved,
        "该户的档案已在他处继续，本档案不再更改：迁出或并户当天及以前的走访和帮扶仍可在此登记，此后的登记在新的档案中 / \
         the household goes on in another file, and this one changes no more: visits and help until the day on which it moved or \
         joined another can still be entered here, later ones belong to that file",
    )
}

/// Restores the status of a file before its merge, and returns its columns. A merge that is undone within its month leaves no
/// trace in the ledger. One of an earlier month stays there, and the household is registered again.
async fn come_back(tx: &Tx, row: &Row) -> Result<ActiveModel> {
    let statuses = status::Entity::find().filter(status::Column::HouseholdId.eq(row.id)).order_by_desc(status::Column::Id);
    let rows = statuses.limit(2).all(&tx.connection).await?;
    let [gone, before] = &rows[..] else { return Err(ErrorCode::Internal.into()) };
    let leave_reason = before.leave_reason.map(|reason| reason.0);
    if Month::of(gone.since) == Month::of(tx.today()) {
        status::Entity::delete_by_id(gone.id).exec(&tx.connection).await?;
        if before.village_code != row.village_code && before.status.0.in_difficulty() {
            // Meanwhile another village has replaced the one that counts it.
            succession::pass_on(tx, &[(row.id, before.status.0)], [&before.village_code, &row.village_code]).await?;
        }
        return Ok(Change { leave_reason, ..Change::to(before.status.0, before.since) }.columns(tx));
    }
    let heading = gone.heading.map(|_| LedgerFigure::Registered);
    let again = Change { leave_reason, heading, ..Change::to(before.status.0, tx.today()) };
    let columns = again.columns(tx);
    write_status(tx, (row.id, &row.village_code), again).await?;
    Ok(columns)
}

/// The other files of these merges, in the same order, without those that do not exist for the caller.
async fn files(asker: &Asker<'_>, merges: Vec<(Uuid, merge::Model, bool)>) -> Result<Vec<MergedFile>> {
    if merges.is_empty() {
        return Ok(Vec::new());
    }
    let rows: HashMap<_, _> = scope::files(asker.caller)
        .filter(Column::Id.is_in(merges.iter().flat_map(|(id, merge, _)| [*id, merge.merged_id])))
        .select_only()
        .columns([Column::Id, Column::NumberedIn, Column::Sequence, Column::LeaveReason])
        .into_tuple::<(Uuid, String, i32, Option<Code<LeaveReason>>)>()
        .all(&asker.db)
        .await?
        .into_iter()
        .map(|(id, numbered_in, sequence, reason)| (id, (file_number(&numbered_in, sequence), reason.map(|reason| reason.0))))
        .collect();
    let may = asker.caller.may(Permission::WriteHouseholds);
    let file = |(id, merge, undoable): (Uuid, merge::Model, bool)| {
        let (merged_at, moved_on) = (merge.merged_at, merge.moved_on);
        let joined = rows.get(&merge.merged_id).is_some_and(|(_, reason)| *reason == Some(LeaveReason::Joined));
        Some(MergedFile { id, file_number: rows.get(&id)?.0.clone(), merged_at, moved_on, joined, undoable: may && undoable })
    };
    Ok(merges.into_iter().filter_map(file).collect())
}

async fn of(tx: &Tx, id: Uuid) -> Result<Option<merge::Model>> {
    Ok(merge::Entity::find().filter(merge::Column::MergedId.eq(id)).one(&tx.connection).await?)
}

async fn latest(tx: &Tx, kept_id: Uuid) -> Result<Option<Uuid>> {
    Ok(last_into(kept_id).one(&tx.connection).await?)
}

fn last_into(kept_id: Uuid) -> sea_orm::Selector<sea_orm::SelectGetableTuple<Uuid>> {
    let merges = merge::Entity::find().filter(merge::Column::KeptId.eq(kept_id)).order_by_desc(merge::Column::Id);
    merges.select_only().column(merge::Column::Id).into_tuple()
}

/// Locks files until the transaction ends.
pub(super) async fn hold(tx: &Tx, ids: impl IntoIterator<Item = Uuid>) -> Result<()> {
    let rows = locked(Entity::find().filter(Column::Id.is_in(ids)), Column::Id);
    rows.select_only().column(Column::Id).into_tuple::<Uuid>().all(&tx.connection).await?;
    Ok(())
}

fn check_keeps(caller: &Caller, files: [&Whole; 2]) -> Result<()> {
    let kept = files.iter().all(|file| keeps(caller, &file.row.village_code));
    if kept { Ok(()) } else { Err(ErrorCode::OutsideOwnScope.into()) }
}

async fn check_remarks(tx: &Tx, note: &str, files: [(Uuid, &HouseholdInput); 2]) -> Result<()> {
    for (id, file) in files {
        service::check_remark(tx, id, file, "/note", Some(note)).await?;
    }
    Ok(())
}

pub(super) fn check(tx: &Tx, file: &HouseholdInput) -> Result<()> {
    let mut faults = file.faults(tx.today());
    if file.members.is_empty() {
        faults.push(FieldError::at("/members", "head_missing"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::fields(faults)) }
}

fn take(part: MergePart, into: &mut HouseholdInput, from: &HouseholdInput) {
    match part {
        MergePart::Income => into.income_per_head_fen = from.income_per_head_fen,
        MergePart::Address => into.address.clone_from(&from.address),
        MergePart::Phone => into.phone.clone_from(&from.phone),
        MergePart::BankAccount => into.bank_account.clone_from(&from.bank_account),
        MergePart::Consent => into.consent.clone_from(&from.consent),
    }
}

pub(super) fn pool<const N: usize>(files: [&HouseholdInput; N]) -> HashMap<Uuid, MemberInput> {
    files.iter().flat_map(|file| &file.members).filter_map(|member| Some((member.id?, member.clone()))).collect()
}

fn holds(pool: &HashMap<Uuid, MemberInput>, member: &MemberInput) -> bool {
    member.id.is_some_and(|id| pool.contains_key(&id))
}

/// Rewrites the members of both files, each with the file that it now belongs to.
pub(super) async fn write_both(tx: &Tx, both: [Uuid; 2], rows: [Vec<member::ActiveModel>; 2]) -> Result<()> {
    member::Entity::delete_many()
        .filter(member::Column::HouseholdId.is_in(both))
        .filter(member::is_member())
        .exec(&tx.connection)
        .await?;
    write_members(tx, rows.into_iter().flatten().collect()).await
}

pub(super) fn number(file: &Whole) -> String {
    file.row.file_number()
}
