//! How household files are kept, found and read in full.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::households::{
    Household, HouseholdAction, HouseholdInput, HouseholdQuery, HouseholdSearch, HouseholdSort, HouseholdStatus,
    HouseholdStepInput, HouseholdSummary, MemberInput, Relation as Kinship, RevealInput, RevealPurpose, RevealedHousehold,
    StatusEntry,
};
use contract::{CodedEnum, ErrorCode, FieldError, Page, Permission};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, Condition, ConnectionTrait, JoinType, QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select,
};
use serde_json::{Map, Value};

use super::entity::{
    ActiveModel, Column, Entity, Leave, Personal, Relation, Row, Whole, file_number, member, merge, parts, status, visit,
};
use super::{ledger, merging, policy};
use crate::modules::{areas, pairings, villages};
use crate::platform::audit::{self, Event};
use crate::platform::coded::{Code, Kept};
use crate::platform::error::OnUnique;
use crate::platform::excel;
use crate::platform::list::{self, Key};
use crate::platform::{Caller, Error, Patch, Result, Scope, Tx, Vault, scope, workflow};

/// Name in the history, and the place that sealed values are bound to.
pub const OBJECT: &str = "households";
/// The place that sealed members are bound to.
pub const MEMBERS: &str = "household_members";

/// Files that one person may read in full in an hour, and searches by name or number: more is not work on single families.
const REVEALS_PER_HOUR: u64 = 60;
const SEARCHES_PER_HOUR: u64 = 300;

/// The households that exist for a caller. A file that has been merged into another is none any more.
pub fn visible(caller: &Caller) -> Condition {
    reachable(caller).add(not_merged())
}

pub(super) fn not_merged() -> SimpleExpr {
    let merged = merge::Entity::find()
        .select_only()
        .column(merge::Column::Id)
        .filter(Expr::col((merge::Entity, merge::Column::MergedId)).equals((Entity, Column::Id)));
    Expr::exists(merged.into_query()).not()
}

/// The files that exist for a caller: those of one's area; for an organisation those it has an active pairing with, as long as they consent.
pub(super) fn reachable(caller: &Caller) -> Condition {
    match caller.scope() {
        Scope::Area(code) => Condition::all().add(scope::lies_in(Entity, &code)),
        Scope::Organisation(id) => {
            Condition::all().add(Column::Consented.eq(true)).add(Column::Id.in_subquery(pairings::service::active_households(id)))
        }
    }
}

fn in_scope(caller: &Caller) -> Select<Entity> {
    Entity::find().filter(visible(caller))
}

/// What a row shows besides.
fn with_areas(select: Select<Entity>) -> Select<Entity> {
    select.join(JoinType::LeftJoin, Relation::Village.def()).join_as(JoinType::LeftJoin, areas::service::town(), "town")
}

pub(super) fn keeps(caller: &Caller, village_code: &str) -> bool {
    caller.may(Permission::WriteHouseholds) && caller.scope().covers_area(village_code)
}

fn allowed(caller: &Caller, row: &Row) -> Vec<HouseholdAction> {
    let changes = keeps(caller, &row.village_code) && row.anonymised_on.is_none();
    if changes { workflow::allowed(policy::STEPS, row.status.0, caller.role) } else { Vec::new() }
}

/// Lists households, masked.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(
    db: &DatabaseConnection,
    caller: &Caller,
    vault: &Vault,
    query: &HouseholdQuery,
    today: NaiveDate,
) -> Result<Page<HouseholdSummary>> {
    page(db, caller, vault, filtered(db, caller, query, today).await?, query).await
}

/// The households that a list shows.
///
/// # Errors
/// A fault of the query, or what the database says.
pub(super) async fn filtered(
    db: &DatabaseConnection,
    caller: &Caller,
    query: &HouseholdQuery,
    today: NaiveDate,
) -> Result<Select<Entity>> {
    let mut select = in_scope(caller);
    if let Some(code) = &query.within {
        select = select.filter(scope::lies_in(Entity, code));
    }
    if let Some(status) = query.status {
        select = select.filter(Column::Status.eq(Code(status)));
    }
    if let Some(category) = query.category {
        select = select.filter(Column::Category.eq(Code(category)));
    }
    if let Some(cause) = query.cause {
        select = select
            .filter(Condition::any().add(Column::MainCause.eq(Code(cause))).add(holds(Column::SecondaryCauses, cause.code())));
    }
    if let Some(group) = query.group {
        select = select.filter(holds(Column::Groups, group.code()));
    }
    if let Some(incomplete) = query.incomplete {
        select = select.filter(Column::Complete.eq(!incomplete));
    }
    if let Some(consented) = query.consented {
        select = select.filter(Column::Consented.eq(consented));
    }
    if let Some(day) = query.not_visited_since {
        let visited = visit::Entity::find().select_only().column(visit::Column::HouseholdId);
        let visited = visited.filter(visit::Column::VisitedOn.gte(day)).into_query();
        select = select.filter(Column::Id.not_in_subquery(visited));
    }
    if let Some(figure) = query.ledger {
        let month = query.ledger_month.ok_or_else(|| Error::field("/ledger_month", "required"))?;
        select = select.filter(ledger::condition(figure, month, today));
    }
    if let Some(q) = &query.q {
        // Names are sealed: what can be searched here is the village's, and the number of a file.
        select = match parts(q) {
            Some((village, sequence)) => select.filter(Column::VillageCode.eq(village)).filter(Column::Sequence.eq(sequence)),
            None => select.filter(areas::service::called(db, (Entity, Column::VillageCode), q).await?),
        };
    }
    Ok(select)
}

/// The condition that a JSON array of codes holds one of them, of which none is a part of another in quotation marks.
fn holds(column: Column, code: &str) -> Expr {
    Expr::col((Entity, column)).cast_as("text").like(format!("%\"{code}\"%"))
}

fn order(sort: HouseholdSort) -> SimpleExpr {
    match sort {
        // Numbers rise with the ids, in each village.
        HouseholdSort::FileNumber => list::column((Entity, Column::VillageCode)),
        HouseholdSort::StatusSince => list::column((Entity, Column::StatusSince)),
        HouseholdSort::UpdatedAt => list::column((Entity, Column::UpdatedAt)),
    }
}

fn keys(row: &Row, sort: HouseholdSort) -> (Key, Key) {
    let key = match sort {
        HouseholdSort::FileNumber => Key::Text(row.village_code.clone()),
        HouseholdSort::StatusSince => Key::Date(row.status_since),
        HouseholdSort::UpdatedAt => Key::Instant(row.updated_at),
    };
    (key, Key::Id(row.id))
}

/// Hands all households of a list to `take`, in batches.
///
/// # Errors
/// What the database or `take` says.
pub(super) async fn each(
    db: &DatabaseConnection,
    select: Select<Entity>,
    query: &HouseholdQuery,
    take: impl AsyncFnMut(Vec<Row>) -> Result<()>,
) -> Result<()> {
    list::each(db, with_areas(select), query, (Entity, Column::Id), order, keys, take).await
}

async fn page(
    db: &impl ConnectionTrait,
    caller: &Caller,
    vault: &Vault,
    select: Select<Entity>,
    query: &HouseholdQuery,
) -> Result<Page<HouseholdSummary>> {
    let page = list::page_of(db, select, with_areas, query, (Entity, Column::Id), order, keys).await?;
    let items = page.items.into_iter().map(|row: Row| {
        let allowed = allowed(caller, &row);
        row.into_summary(vault, allowed)
    });
    Ok(Page {
        items: items.collect::<Result<_>>()?,
        next_cursor: page.next_cursor,
        total: page.total,
        total_capped: page.total_capped,
    })
}

/// Finds households by a number or a full name, in the caller's area. The search is kept in the audit trail, what was searched for is not.
///
/// # Errors
/// A fault where not one of the three is given, `too_many_requests`, `bad_cursor`.
pub async fn search(tx: &Tx, vault: &Vault, search: HouseholdSearch) -> Result<Page<HouseholdSummary>> {
    let caller = tx.caller()?;
    let members = |column: member::Column, hash: Vec<u8>| {
        let found = member::Entity::find().select_only().column(member::Column::HouseholdId).filter(column.eq(hash));
        Column::Id.in_subquery(found.into_query())
    };
    let (by, found) = match (&search.identity_number, &search.phone, &search.name) {
        (Some(number), None, None) => {
            ("identity_number", members(member::Column::IdentityHash, vault.hash("identity_number", number)))
        }
        (None, Some(phone), None) => ("phone", Column::PhoneHash.eq(vault.hash("phone", phone))),
        (None, None, Some(name)) => ("name", members(member::Column::NameHash, vault.hash("name", name))),
        _ => return Err(Error::field("", "one_of_three")),
    };
    check_rate(tx, "search", SEARCHES_PER_HOUR).await?;
    let query = HouseholdQuery { cursor: search.cursor, limit: search.limit, ..Default::default() };
    let mut select = in_scope(caller).filter(found);
    if let Some(code) = &search.within {
        select = select.filter(scope::lies_in(Entity, code));
    }
    let page = page(&tx.connection, caller, vault, select, &query).await?;
    let after = serde_json::json!({ "by": by, "found": page.total });
    tx.record(Event::of(OBJECT, "", "search"), &(), &after).await?;
    Ok(page)
}

/// One household, masked.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, vault: &Vault, id: Uuid, today: NaiveDate) -> Result<Household> {
    let whole = whole(db, caller, vault, id).await?;
    let merged_into = merging::merged_into(db, caller, id).await?;
    // In a file that is merged, or that nobody is known by, nothing changes any more.
    let known = whole.row.anonymised_on.is_none();
    let editable = keeps(caller, &whole.row.village_code) && merged_into.is_none() && known;
    let leave = Leave {
        role: caller.role,
        allowed_actions: if editable { allowed(caller, &whole.row) } else { Vec::new() },
        editable,
        revealable: caller.may(Permission::RevealHouseholds) && known,
        merged_into,
        merged_files: merging::merged_files(db, caller, id).await?,
    };
    Ok(whole.into_household(leave, today))
}

pub(super) async fn whole(db: &impl ConnectionTrait, caller: &Caller, vault: &Vault, id: Uuid) -> Result<Whole> {
    opened(db, vault, with_areas(Entity::find()).filter(reachable(caller)).filter(Column::Id.eq(id))).await
}

/// A file as it is written, whoever asks: for what is decided by it and not shown.
///
/// # Errors
/// `not_found`.
pub(super) async fn file(db: &impl ConnectionTrait, vault: &Vault, id: Uuid) -> Result<HouseholdInput> {
    Ok(opened(db, vault, with_areas(Entity::find()).filter(Column::Id.eq(id))).await?.details())
}

async fn opened(db: &impl ConnectionTrait, vault: &Vault, one: Select<Entity>) -> Result<Whole> {
    let row = one.into_partial_model::<Row>().one(db).await?.ok_or(ErrorCode::NotFound)?;
    let id = row.id;
    let personal = row.open(vault)?;
    let members =
        member::Entity::find().filter(member::Column::HouseholdId.eq(id)).order_by_asc(member::Column::Position).all(db).await?;
    let members = members.iter().map(|row| Ok((row.id, vault.open(MEMBERS, row.id, &row.personal)?)));
    Ok(Whole { members: members.collect::<Result<_>>()?, row, personal })
}

/// A file in full. It leaves an entry that says who read it and what for, in the same transaction: there is no reading without it.
///
/// # Errors
/// `not_found`, `household_anonymised`, `too_many_requests`.
pub async fn reveal(tx: &Tx, vault: &Vault, id: Uuid, why: RevealInput) -> Result<RevealedHousehold> {
    let caller = tx.caller()?;
    let whole = whole(&tx.connection, caller, vault, id).await?;
    if whole.row.anonymised_on.is_some() {
        return Err(ErrorCode::HouseholdAnonymised.into());
    }
    check_rate(tx, "reveal", REVEALS_PER_HOUR).await?;
    check_remark(&whole.details(), "/note", why.note.as_deref())?;
    let event = Event { note: why.note, ..Event::of(OBJECT, id, "reveal") };
    tx.record(event, &(), &serde_json::json!({ "purpose": why.purpose })).await?;
    let mut details = whole.details();
    details.members = details.members.into_iter().map(|member| policy::revealed(member, why.purpose, tx.today())).collect();
    Ok(RevealedHousehold { id, version: whole.row.version, details })
}

/// Writes down that something attached to a file, or to what was done for a family, is read, and what for.
///
/// # Errors
/// `validation_failed` without a purpose, `too_many_requests`.
pub async fn record_download(
    tx: &Tx,
    object: &'static str,
    id: &str,
    attachment_id: Uuid,
    purpose: Option<RevealPurpose>,
) -> Result<()> {
    let purpose = purpose.ok_or_else(|| Error::field("/purpose", "required"))?;
    check_rate(tx, "download", REVEALS_PER_HOUR).await?;
    let after = serde_json::json!({ "purpose": purpose, "attachment_id": attachment_id });
    tx.record(Event::of(object, id, "download"), &(), &after).await
}

async fn check_rate(tx: &Tx, action: &'static str, per_hour: u64) -> Result<()> {
    let caller = tx.caller()?;
    let done = audit::count_since(&tx.connection, caller.user_id, action, tx.now - TimeDelta::hours(1)).await?;
    if done < per_hour { Ok(()) } else { Err(Error::later(ErrorCode::TooManyRequests, 3600)) }
}

/// Opens a file.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`.
pub async fn create(tx: &Tx, vault: &Vault, input: HouseholdInput) -> Result<Household> {
    let caller = tx.caller()?;
    let village = villages::service::named(&tx.connection, caller, &input.village_code, "/village_code").await?;
    if !keeps(caller, &village.code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let input = checked(tx, vault, None, input).await?;
    let last = numbers(tx, std::slice::from_ref(&village.code)).await?;
    let id = Uuid::now_v7();
    open(tx, vec![New::of(tx, vault, id, last.get(&village.code).unwrap_or(&0) + 1, &input)?]).await?;
    read(&tx.connection, caller, vault, id, tx.today()).await
}

/// The highest file number of each of some villages, which are held until the transaction ends. Their codes are in order.
///
/// # Errors
/// What the database says.
pub(super) async fn numbers(tx: &Tx, villages: &[String]) -> Result<HashMap<String, i32>> {
    villages::service::hold_all(tx, villages).await?;
    let mut last = HashMap::new();
    for batch in villages.chunks(excel::BATCH) {
        let rows = Entity::find()
            .select_only()
            .column(Column::VillageCode)
            .column_as(Column::Sequence.max(), "last")
            .filter(Column::VillageCode.is_in(batch))
            .group_by(Column::VillageCode);
        last.extend(rows.into_tuple::<(String, i32)>().all(&tx.connection).await?);
    }
    Ok(last)
}

/// The rows of a file that is opened, and its entry in the history.
#[derive(Debug)]
pub(super) struct New {
    household: ActiveModel,
    members: Vec<member::ActiveModel>,
    status: status::ActiveModel,
    entry: audit::ActiveModel,
}

impl New {
    /// A file with the number it has in its village. All members have their ids.
    ///
    /// # Errors
    /// Internal only.
    pub fn of(tx: &Tx, vault: &Vault, id: Uuid, sequence: i32, input: &HouseholdInput) -> Result<Self> {
        let household = ActiveModel {
            id: Set(id),
            village_code: Set(input.village_code.clone()),
            sequence: Set(sequence),
            status: Set(Code(HouseholdStatus::Registered)),
            status_since: Set(input.registered_on),
            registered_on: Set(input.registered_on),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            version: Set(1),
            ..columns(vault, id, input)?
        };
        Ok(Self {
            household,
            members: member_rows(vault, id, &input.members)?,
            status: status_row(id, HouseholdStatus::Registered, input.registered_on, None),
            entry: tx.entry(Event::of(OBJECT, id, "create"), &(), &digested(vault, input)?),
        })
    }
}

/// Opens files, with a statement for each kind of row and batch.
///
/// # Errors
/// `known_elsewhere` where two who enter the same person at once have both found nobody: the database decides.
pub(super) async fn open(tx: &Tx, files: Vec<New>) -> Result<()> {
    let (mut households, mut members, mut statuses, mut entries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for file in files {
        households.push(file.household);
        members.extend(file.members);
        statuses.push(file.status);
        entries.push(file.entry);
    }
    Entity::insert_many(households).exec_without_returning(&tx.connection).await?;
    write_members(tx, members).await?;
    status::Entity::insert_many(statuses).exec_without_returning(&tx.connection).await?;
    audit::record_all(&tx.connection, entries).await
}

/// Changes a file.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, vault: &Vault, id: Uuid, patch: Patch) -> Result<Household> {
    let caller = tx.caller()?;
    let before = held(tx, vault, id).await?;
    if !keeps(caller, &before.row.village_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.row.version)?;
    let old = before.details();
    let input: HouseholdInput = patch.apply(&old)?;
    for (pointer, same) in
        [("/village_code", input.village_code == old.village_code), ("/registered_on", input.registered_on == old.registered_on)]
    {
        if !same {
            return Err(Error::field(pointer, "fixed"));
        }
    }
    let input = checked(tx, vault, Some(&before), input).await?;
    tx.write::<Entity>(id, before.row.version, columns(vault, id, &input)?).await?;
    if input.members != old.members {
        // Written anew as a whole: a number may move from one member to another, which one by one the database would refuse.
        member::Entity::delete_many().filter(member::Column::HouseholdId.eq(id)).exec(&tx.connection).await?;
        write_members(tx, member_rows(vault, id, &input.members)?).await?;
    }
    tx.record(Event::of(OBJECT, id, "update"), &digested(vault, &old)?, &digested(vault, &input)?).await?;
    if old.consented() && !input.consented() {
        pairings::service::end_of_household(tx, id).await?;
    }
    read(&tx.connection, caller, vault, id, tx.today()).await
}

/// Takes a step: the household has another status from a day on.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, vault: &Vault, id: Uuid, action: HouseholdAction, input: HouseholdStepInput) -> Result<Household> {
    let caller = tx.caller()?;
    let whole = held(tx, vault, id).await?;
    let before = &whole.row;
    tx.check_version(before.version)?;
    let step = workflow::step(policy::STEPS, before.status.0, action, caller.role, input.note.as_deref())?;
    let since = input.since.unwrap_or_else(|| tx.today());
    if since > tx.today() {
        return Err(Error::field("/since", "future"));
    }
    if since < before.status_since {
        return Err(Error::field("/since", "before_status"));
    }
    check_remark(&whole.details(), "/note", input.note.as_deref())?;
    let columns = ActiveModel { status: Set(Code(step.to)), status_since: Set(since), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    write_status(tx, id, step.to, since, input.note.clone()).await?;
    let said = |status: HouseholdStatus, since: NaiveDate| serde_json::json!({ "status": status, "status_since": since });
    let event = Event { note: input.note, ..Event::of(OBJECT, id, action.code()) };
    tx.record(event, &said(before.status.0, before.status_since), &said(step.to, since)).await?;
    read(&tx.connection, caller, vault, id, tx.today()).await
}

/// The statuses a household has had, the latest first.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn statuses(db: &DatabaseConnection, caller: &Caller, id: Uuid) -> Result<Vec<StatusEntry>> {
    exists(db, caller, id).await?;
    let rows = status::Entity::find()
        .filter(status::Column::HouseholdId.eq(id))
        .order_by_desc(status::Column::Id)
        .limit(MOST_STATUSES)
        .all(db)
        .await?;
    // What a status rests on may be an illness: that is for those who keep files.
    let keeps_files = caller.may(Permission::RevealHouseholds);
    let entry =
        |row: status::Model| StatusEntry { status: row.status.0, since: row.since, note: row.note.filter(|_| keeps_files) };
    Ok(rows.into_iter().map(entry).collect())
}

/// More than this no family goes through.
const MOST_STATUSES: u64 = 200;

/// The history of a file, without what it says of persons.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(db: &DatabaseConnection, caller: &Caller, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    exists(db, caller, id).await?;
    audit::history(db, OBJECT, id.to_string(), query).await
}

/// Whether there is such a file for a caller.
///
/// # Errors
/// `not_found`.
pub async fn exists(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<()> {
    let found =
        Entity::find_by_id(id).filter(reachable(caller)).select_only().column(Column::Version).into_tuple::<i32>().one(db);
    found.await?.map(|_| ()).ok_or_else(|| ErrorCode::NotFound.into())
}

/// A file held until the transaction ends.
async fn held(tx: &Tx, vault: &Vault, id: Uuid) -> Result<Whole> {
    let caller = tx.caller()?;
    let held = Entity::find_by_id(id).filter(reachable(caller)).lock_exclusive().one(&tx.connection).await?;
    held.ok_or(ErrorCode::NotFound)?;
    merging::refuse_closed(tx, id).await?;
    whole(&tx.connection, caller, vault, id).await
}

/// Whether the caller keeps a file.
///
/// # Errors
/// `not_found`.
pub async fn may_change(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<bool> {
    let village = Entity::find_by_id(id).filter(visible(caller)).select_only().column(Column::VillageCode);
    let village: Option<String> = village.into_tuple().one(db).await?;
    Ok(keeps(caller, &village.ok_or(ErrorCode::NotFound)?))
}

/// A file that the caller keeps, held until the transaction ends, with all that is sealed of it.
///
/// # Errors
/// `not_found`, `outside_own_scope`.
pub async fn kept(tx: &Tx, vault: &Vault, id: Uuid) -> Result<HouseholdInput> {
    let whole = held(tx, vault, id).await?;
    if keeps(tx.caller()?, &whole.row.village_code) { Ok(whole.details()) } else { Err(ErrorCode::OutsideOwnScope.into()) }
}

/// Refuses a remark that tells who the family is.
///
/// # Errors
/// `validation_failed` at `pointer`.
pub fn check_remark(file: &HouseholdInput, pointer: &'static str, remark: Option<&str>) -> Result<()> {
    match remark {
        Some(remark) if policy::tells_who(remark, file) => Err(Error::field(pointer, "personal_data")),
        _ => Ok(()),
    }
}

/// The input with what follows from it, if nothing in it contradicts.
async fn checked(tx: &Tx, vault: &Vault, before: Option<&Whole>, input: HouseholdInput) -> Result<HouseholdInput> {
    let known: HashSet<_> = before.iter().flat_map(|whole| whole.members.iter().map(|(id, _)| *id)).collect();
    let mut faults = input.faults(tx.today());
    for (index, member) in input.members.iter().enumerate() {
        if member.id.is_some_and(|id| !known.contains(&id)) {
            faults.push(FieldError::at(format!("/members/{index}/id"), "unknown"));
        }
    }
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let input = identified(input);
    check_elsewhere(tx, vault, before.map(|whole| whole.row.id), &input).await?;
    Ok(input)
}

/// The input with what follows from it, and an id for each member.
pub(super) fn identified(input: HouseholdInput) -> HouseholdInput {
    let mut input = input.completed();
    for member in &mut input.members {
        member.id.get_or_insert_with(Uuid::now_v7);
    }
    input
}

/// Refuses members of other households. Where theirs is in the caller's area too, its file number is told; to anybody else only that there is one.
async fn check_elsewhere(tx: &Tx, vault: &Vault, own: Option<Uuid>, input: &HouseholdInput) -> Result<()> {
    let numbers: Vec<_> = input.members.iter().filter_map(|member| member.identity_number.as_deref()).collect();
    let known = elsewhere(tx, vault, own, &numbers).await?;
    if known.is_empty() {
        return Ok(());
    }
    let faults = input.members.iter().enumerate().filter_map(|(index, member)| {
        let file = known.get(member.identity_number.as_deref()?)?;
        Some(known_elsewhere(&format!("/members/{index}"), file.as_deref()))
    });
    Err(Error::fields(faults.collect()))
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

/// The rows of a household's members.
///
/// # Errors
/// Internal only.
pub fn member_rows(vault: &Vault, household_id: Uuid, members: &[MemberInput]) -> Result<Vec<member::ActiveModel>> {
    let rows = (1..).zip(members).map(|(position, input)| {
        let id = input.id.unwrap_or_else(Uuid::now_v7);
        Ok(member::ActiveModel {
            id: Set(id),
            household_id: Set(household_id),
            position: Set(position),
            name_hash: Set(vault.hash("name", &input.name)),
            identity_hash: Set(input.identity_number.as_deref().map(|number| vault.hash("identity_number", number))),
            personal: Set(vault.seal(MEMBERS, id, &MemberInput { id: None, ..input.clone() })?),
        })
    });
    rows.collect()
}

pub(super) async fn write_members(tx: &Tx, mut rows: Vec<member::ActiveModel>) -> Result<()> {
    // Two who enter the same person at once have both found nobody: the database decides.
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(excel::BATCH));
        let written = member::Entity::insert_many(rows).exec_without_returning(&tx.connection).await;
        written.on_unique(Error::field("/members", "known_elsewhere"))?;
        rows = rest;
    }
    Ok(())
}

pub(super) async fn write_status(
    tx: &Tx,
    household_id: Uuid,
    status: HouseholdStatus,
    since: NaiveDate,
    note: Option<String>,
) -> Result<()> {
    let row = status_row(household_id, status, since, note);
    status::Entity::insert(row).exec_without_returning(&tx.connection).await?;
    Ok(())
}

fn status_row(household_id: Uuid, status: HouseholdStatus, since: NaiveDate, note: Option<String>) -> status::ActiveModel {
    status::ActiveModel {
        id: Set(Uuid::now_v7()),
        household_id: Set(household_id),
        status: Set(Code(status)),
        since: Set(since),
        note: Set(note),
    }
}

/// What a file's columns are for what is written in it.
///
/// # Errors
/// Internal only.
pub fn columns(vault: &Vault, id: Uuid, input: &HouseholdInput) -> Result<ActiveModel> {
    let head = input.members.iter().find(|member| member.relation == Kinship::Head);
    let personal = Personal {
        head_name: head.map(|member| member.name.clone()).unwrap_or_default(),
        address: input.address.clone(),
        phone: input.phone.clone(),
        bank_account: input.bank_account.clone(),
        consent: input.consent.clone(),
    };
    let missing = input.missing();
    Ok(ActiveModel {
        category: Set(Code(input.category)),
        main_cause: Set(Code(input.main_cause)),
        secondary_causes: Set(Kept(input.secondary_causes.clone())),
        groups: Set(Kept(input.groups())),
        income_per_head_fen: Set(input.income_per_head_fen),
        member_count: Set(i32::try_from(input.members.len()).unwrap_or(i32::MAX)),
        consented: Set(input.consented()),
        complete: Set(missing.is_empty()),
        missing: Set(Kept(missing)),
        personal: Set(vault.seal(OBJECT, id, &personal)?),
        phone_hash: Set(input.phone.as_deref().map(|phone| vault.hash("phone", phone))),
        ..Default::default()
    })
}

/// The file as the history keeps it: of what is personal a keyed digest, so that it shows that something changed and not what it says.
pub(super) fn digested(vault: &Vault, input: &HouseholdInput) -> Result<Map<String, Value>> {
    let mut file = audit::to_map(input);
    for field in ["address", "phone", "bank_account", "consent"] {
        vault.digest_field(&mut file, field);
    }
    let members = input.members.iter().map(|member| {
        let value = serde_json::to_value(member).map_err(Error::internal)?;
        Ok((member.id.unwrap_or_default().to_string(), vault.digest(&value)))
    });
    file.insert("members".to_owned(), Value::Object(members.collect::<Result<_>>()?));
    Ok(file)
}
