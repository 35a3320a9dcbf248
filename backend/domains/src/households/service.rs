//! Lists, reads and changes household files.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::households::{
    Household, HouseholdAction, HouseholdInput, HouseholdQuery, HouseholdSort, HouseholdStatus, HouseholdStepInput,
    HouseholdSummary, LeaveReason, MemberInput, MergedFile, StatusEntry,
};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError, Month, Page, Permission};
use entities::households::{
    ActiveModel, Column, Entity, Leave, MEMBERS, OBJECT, Row, Whole, member, merge, parts, status, visit,
};
use entities::{names, scope};
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::glance::{self, Part};
use platform::list::{self, By, Total, by};
use platform::object::Given;
use platform::{Asker, Caller, Error, Patch, Result, Tx, area, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, QueryTrait, Select};

use super::consent::{self, Ask};
use super::names::Told;
use super::uniqueness::check_elsewhere;
use super::writing::{
    Change, New, columns, consent_at, digested, member_rows, numbers, open, past_rows, write_change, write_members,
};
use super::{correcting, days, doubles, ledger, merging, policy, retention, splitting, succession};
use crate::areas;
use crate::villages;

pub(super) fn keeps(caller: &Caller, village_code: &str) -> bool {
    caller.may(Permission::WriteHouseholds) && scope::covers(caller, village_code)
}

fn allowed(caller: &Caller, row: &Row) -> Vec<HouseholdAction> {
    let changes = keeps(caller, &row.village_code) && row.anonymised_on.is_none();
    let mut allowed = if changes { HouseholdStatus::STEPS.allowed(row.status.0, caller.role) } else { Vec::new() };
    allowed.retain(|action| row.consented || policy::needs_no_consent(*action));
    allowed
}

/// Lists households, masked.
///
/// # Errors
/// `bad_cursor`.
pub async fn list(asker: &Asker<'_>, query: &HouseholdQuery) -> Result<Page<HouseholdSummary>> {
    let mut page = page(asker, filtered(asker, query).await?, query).await?;
    if query.members == Some(true) {
        show_members(asker, &mut page.items).await?;
    }
    Ok(page)
}

/// The part that a query has in a [glance](platform::glance) at several lists, with these texts of its households.
///
/// # Errors
/// A fault of the query.
pub async fn part(asker: &Asker<'_>, query: &HouseholdQuery, texts: Vec<SimpleExpr>) -> Result<Part> {
    glance::part(filtered(asker, query).await?, names::on_household, query, order, texts, None)
}

/// Adds the members of each household, masked for the caller. Takes one statement.
async fn show_members(asker: &Asker<'_>, households: &mut [HouseholdSummary]) -> Result<()> {
    let Asker { db, caller, vault, today } = asker;
    let ids = households.iter().map(|household| household.head.id);
    let mut members: HashMap<_, Vec<_>> = HashMap::new();
    let rows = member::Entity::find().filter(member::Column::HouseholdId.is_in(ids)).filter(member::is_member());
    for row in rows.order_by_asc(member::Column::Position).all(db).await? {
        let Some(member) = vault.show(MEMBERS, row.id, &row.personal) else { continue };
        members.entry(row.household_id).or_default().push(policy::masked(row.id, member, caller.role, *today));
    }
    for household in households {
        household.members = Some(members.remove(&household.head.id).unwrap_or_default());
    }
    Ok(())
}

/// The households of a list.
///
/// # Errors
/// A fault of the query.
pub(super) async fn filtered(asker: &Asker<'_>, query: &HouseholdQuery) -> Result<Select<Entity>> {
    // Past months of the ledger include files that continue in others since.
    let all = if query.ledger.is_some() { scope::files(asker.caller) } else { scope::households(asker.caller) };
    // A month of a village lists files that the village has since then that replaced it, in the same town.
    let place = query.within.as_deref().map(|code| if query.ledger.is_some() { area::town_of(code) } else { code });
    // The file of a household that has left lacks nothing.
    let left = || Column::Status.eq(Code(HouseholdStatus::Left));
    let mut select = all
        .given(place, |code| area::lies_in(Entity, code))
        .given(query.status, |status| Column::Status.eq(Code(status)))
        .given(query.category, |category| Column::Category.eq(Code(category)))
        .given(query.cause, |cause| {
            Condition::any().add(Column::MainCause.eq(Code(cause))).add(holds(Column::SecondaryCauses, cause.code()))
        })
        .given(query.group, |group| holds(Column::Groups, group.code()))
        .given(query.incomplete, |incomplete| match incomplete {
            true => Condition::all().add(Column::Complete.eq(false)).add(left().not()),
            false => Condition::any().add(Column::Complete.eq(true)).add(left()),
        })
        .given(query.consented, |consented| Column::Consented.eq(consented))
        .given(query.not_visited_since, |day| Column::Id.not_in_subquery(visited_since(day)));
    if let Some(figure) = query.ledger {
        let month = query.ledger_month.ok_or_else(|| Error::field("/ledger_month", "required"))?;
        select = select.filter(ledger::condition(figure, month, asker.today, query.within.as_deref()));
    }
    if let Some(q) = &query.q {
        // Names are sealed, so this search covers only the name of the village and the number of a file.
        select = match parts(q) {
            Some((village, sequence)) => select.filter(Column::NumberedIn.eq(village)).filter(Column::Sequence.eq(sequence)),
            None => select.filter(areas::service::called(&asker.db, (Entity, Column::VillageCode), q).await?),
        };
    }
    Ok(select)
}

/// The households with an uncorrected visit on a day or later.
fn visited_since(day: NaiveDate) -> SelectStatement {
    let corrected = visit::Entity::find().select_only().column(visit::Column::CorrectsId);
    let corrected = corrected.filter(visit::Column::CorrectsId.is_not_null()).into_query();
    let visited = visit::Entity::find().select_only().column(visit::Column::HouseholdId);
    visited.filter(visit::Column::VisitedOn.gte(day)).filter(visit::Column::Id.not_in_subquery(corrected)).into_query()
}

/// The condition that a JSON array of codes contains a code. Within quotation marks no code is part of another.
fn holds(column: Column, code: &str) -> Expr {
    Expr::col((Entity, column)).cast_as("text").like(format!("%\"{code}\"%"))
}

fn order(sort: HouseholdSort) -> By<Row> {
    match sort {
        // Within a village the numbers increase with the ids.
        HouseholdSort::FileNumber => by(Column::VillageCode, |row| (&row.village_code).into()),
        HouseholdSort::StatusSince => by(Column::StatusSince, |row| row.status_since.into()),
        HouseholdSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
    }
}

/// Passes all households of a list to `take`, in batches from one snapshot.
///
/// # Errors
/// Those of `take`.
pub(super) async fn each(
    db: &DatabaseConnection,
    select: Select<Entity>,
    query: &HouseholdQuery,
    take: impl AsyncFnMut(&DatabaseTransaction, Vec<Row>) -> Result<()>,
) -> Result<()> {
    list::each(db, names::on_household(select), query, order, take).await
}

pub(super) async fn page(asker: &Asker<'_>, select: Select<Entity>, query: &HouseholdQuery) -> Result<Page<HouseholdSummary>> {
    let total = Total::of(select.clone());
    let page = list::page_of(&asker.db, names::on_household(select), query, order, total).await?;
    Ok(list::map(page, |row: Row| {
        let allowed = allowed(asker.caller, &row);
        row.into_summary(asker.vault, allowed)
    }))
}

/// One household, masked.
///
/// # Errors
/// `not_found` outside the caller's scope.
pub async fn read(asker: &Asker<'_>, id: Uuid) -> Result<Household> {
    let Asker { db, caller, vault, today } = asker;
    let (row, members) = found(db, names::on_household(scope::files(caller)).filter(Column::Id.eq(id))).await?;
    let member = |row: member::Model| Some((row.id, vault.show(MEMBERS, row.id, &row.personal)?));
    let whole = Whole { personal: row.open_or_unreadable(vault), members: members.into_iter().filter_map(member).collect(), row };
    let merged_into = merging::merged_into(asker, id).await?;
    // A merged or anonymised file no longer changes.
    let known = whole.row.anonymised_on.is_none();
    let is_closed = whole.row.status.0 == HouseholdStatus::Transferred;
    let editable = keeps(caller, &whole.row.village_code) && !is_closed && known;
    let undone = |file: MergedFile| MergedFile { undoable: file.undoable && known, ..file };
    let (split_from, split_files) = splitting::files(asker, &whole.row).await?;
    let leave = Leave {
        role: caller.role,
        allowed_actions: if editable { allowed(caller, &whole.row) } else { Vec::new() },
        editable,
        revealable: caller.may(Permission::RevealHouseholds) && known && !whole.row.has_moved(),
        merged_into: merged_into.map(undone),
        merged_files: merging::merged_files(asker, id).await?.into_iter().map(undone).collect(),
        split_from,
        split_files,
    };
    let members = whole.members.iter().map(|(id, member)| policy::masked(*id, member.clone(), leave.role, *today)).collect();
    Ok(whole.into_household(leave, members))
}

pub(super) async fn whole(tx: &Tx, id: Uuid) -> Result<Whole> {
    opened(tx, names::on_household(scope::files(tx.caller()?)).filter(Column::Id.eq(id))).await
}

/// A full file, whoever the caller: for decisions that depend on it, never to show it. It includes former members and, if the
/// file continues in another one, the contents of that one.
///
/// # Errors
/// `not_found`.
pub(super) async fn file(tx: &Tx, id: Uuid) -> Result<HouseholdInput> {
    let kept = merge::Entity::find().filter(merge::Column::MergedId.eq(id)).select_only().column(merge::Column::KeptId);
    let kept = kept.into_tuple().one(&tx.connection).await?.unwrap_or(id);
    let whole = opened(tx, names::on_household(Entity::find()).filter(Column::Id.eq(kept))).await?;
    let mut file = whole.details();
    let past = member::Entity::find().filter(member::Column::HouseholdId.is_in([id, kept])).filter(member::is_member().not());
    for row in past.all(&tx.connection).await? {
        file.members.push(tx.vault.open(MEMBERS, row.id, &row.personal)?);
    }
    Ok(file)
}

async fn opened(tx: &Tx, one: Select<Entity>) -> Result<Whole> {
    let (row, members) = found(&tx.connection, one).await?;
    let members = members.iter().map(|row| Ok((row.id, tx.vault.open(MEMBERS, row.id, &row.personal)?)));
    Ok(Whole { members: members.collect::<Result<_>>()?, personal: row.open(&tx.vault)?, row })
}

async fn found(db: &impl ConnectionTrait, one: Select<Entity>) -> Result<(Row, Vec<member::Model>)> {
    let row = one.into_partial_model::<Row>().one(db).await?.ok_or(ErrorCode::NotFound)?;
    let members = member::Entity::find().filter(member::Column::HouseholdId.eq(row.id)).filter(member::is_member());
    let members = members.order_by_asc(member::Column::Position).all(db).await?;
    Ok((row, members))
}

/// Opens a file.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`, `likely_double`.
pub async fn create(tx: &Tx, input: HouseholdInput) -> Result<Household> {
    let caller = tx.caller()?;
    let village = villages::service::named(tx, &input.village_code, "/village_code").await?;
    if !keeps(caller, &village.code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let input = checked(tx, None, input).await?;
    let last = numbers(tx, std::slice::from_ref(&village.code)).await?;
    if !input.not_a_double {
        doubles::check(tx, &[&input], &[]).await?;
    }
    let id = Uuid::now_v7();
    open(tx, vec![New::of(tx, id, last.get(&village.code).unwrap_or(&0) + 1, &input)?]).await?;
    read(&tx.asker()?, id).await
}

/// Whether a change has withdrawn the family's consent. Whoever makes the change must then end what rests on the consent.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawn(pub bool);

/// Changes a file.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `likely_double`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Withdrawn> {
    let caller = tx.caller()?;
    let before = held(tx, id).await?;
    if !keeps(caller, &before.row.village_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.row.version)?;
    let old = before.details();
    let Some(input) = patch.changes::<HouseholdInput>(&old)? else { return Ok(Withdrawn(false)) };
    let place = correcting::place(tx, &before.row, &old, &input).await?;
    let input = checked(tx, Some(&before), input).await?;
    let not_a_double = doubles::check_changed(tx, &[&old], &input, (&[id], input.not_a_double)).await?;
    let input = HouseholdInput { not_a_double, ..input };
    let columns = ActiveModel {
        consent_at: consent_at(tx, &old, &input),
        village_code: place.village_code,
        numbered_in: place.numbered_in,
        sequence: place.sequence,
        registered_on: place.registered_on,
        status_since: place.status_since,
        ..columns(&tx.vault, id, &input)?
    };
    tx.write::<Entity>(id, before.row.version, columns).await?;
    if input.members != old.members {
        write_family(tx, id, &old.members, &input.members, tx.today()).await?;
    }
    tx.record(Event::of(OBJECT, id, "update"), &digested(&tx.vault, &old)?, &digested(&tx.vault, &input)?).await?;
    Ok(Withdrawn(old.consented() && !input.consented()))
}

/// Rewrites all members of a family, because a number may move from one member to another, which the database would refuse row by
/// row. Former members stay if something was given or promised to them.
pub(super) async fn write_family(tx: &Tx, id: Uuid, old: &[MemberInput], new: &[MemberInput], left_on: NaiveDate) -> Result<()> {
    let gone: Vec<_> = old.iter().filter(|member| new.iter().all(|other| other.id != member.id)).cloned().collect();
    let past = past_members(tx, id, gone).await?;
    member::Entity::delete_many()
        .filter(member::Column::HouseholdId.eq(id))
        .filter(member::is_member())
        .exec(&tx.connection)
        .await?;
    let mut rows = member_rows(&tx.vault, id, new)?;
    rows.extend(past_rows(tx, id, &past, left_on)?);
    write_members(tx, rows).await
}

/// Those of these former members who are named in something given or planned.
async fn past_members(tx: &Tx, id: Uuid, mut members: Vec<MemberInput>) -> Result<Vec<MemberInput>> {
    if !members.is_empty() {
        let files = retention::family(&tx.connection, id).await?;
        let mut named = entities::assistance::members_named(&tx.connection, &files).await?;
        named.extend(entities::measures::members_named(&tx.connection, &files).await?);
        members.retain(|member| member.id.is_some_and(|id| named.contains(&id)));
    }
    Ok(members)
}

/// Takes a step, which gives the household another status from a day on. If the household leaves, the caller of this function
/// must end what rests on it.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step`, `household_not_consented`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: HouseholdAction, input: HouseholdStepInput) -> Result<()> {
    let caller = tx.caller()?;
    let whole = held(tx, id).await?;
    let before = &whole.row;
    tx.check_version(before.version)?;
    let remarks = StepInput { note: input.note.clone(), on_behalf_reason: None };
    let step = workflow::step(HouseholdStatus::STEPS, before.status.0, action, caller.role, &remarks)?;
    // A file can be closed without the family's consent, but reopened only with it.
    if !policy::needs_no_consent(action) {
        consent::require(whole.personal.consent.as_ref(), Ask::Assistance)?;
    }
    if (action == HouseholdAction::Leave) != input.leave_reason.is_some() {
        let fault = if input.leave_reason.is_none() { "required" } else { "only_when_leaving" };
        return Err(Error::field("/leave_reason", fault));
    }
    if input.leave_reason == Some(LeaveReason::Joined) {
        return Err(Error::field("/leave_reason", "by_joining"));
    }
    let since = input.since.unwrap_or_else(|| tx.today());
    days::check(tx, before, since, "/since").await?;
    check_remark(tx, id, &file(tx, id).await?, "/note", input.note.as_deref()).await?;
    let heading = policy::heading(before.status.0, step.to);
    let change = Change { note: input.note.clone(), heading, leave_reason: input.leave_reason, ..Change::to(step.to, since) };
    write_change(tx, (id, &before.village_code), before.version, change).await?;
    let event = Event { note: input.note, ..Event::of(OBJECT, id, action.code()) };
    let then = for_history(before.status.0, before.status_since, before.leave_reason.map(|reason| reason.0));
    tx.record(event, &then, &for_history(step.to, since, input.leave_reason)).await
}

/// A status for the history.
fn for_history(status: HouseholdStatus, since: NaiveDate, leave_reason: Option<LeaveReason>) -> serde_json::Value {
    serde_json::json!({ "status": status, "status_since": since, "leave_reason": leave_reason })
}

/// The statuses of a household, latest first.
///
/// # Errors
/// `not_found` outside the caller's scope.
pub async fn statuses(asker: &Asker<'_>, id: Uuid) -> Result<Vec<StatusEntry>> {
    exists(asker, id).await?;
    let rows = status::Entity::find()
        .filter(status::Column::HouseholdId.eq(id))
        .order_by_desc(status::Column::Id)
        .limit(MOST_STATUSES)
        .all(&asker.db)
        .await?;
    // The note may name an illness, so only those who keep files see it.
    let keeps_files = consent::keeps_files(asker.caller);
    let entry = |row: status::Model| StatusEntry {
        status: row.status.0,
        since: row.since,
        leave_reason: row.leave_reason.map(|reason| reason.0).filter(|_| keeps_files),
        note: row.note.filter(|_| keeps_files),
        counted_in: row.heading.map(|_| Month::of(row.counted_on)).filter(|month| *month != Month::of(row.since)),
    };
    Ok(succession::without(rows).into_iter().map(entry).collect())
}

/// More statuses than any family has.
const MOST_STATUSES: u64 = 200;

/// The history of a file, without personal data.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(asker: &Asker<'_>, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    exists(asker, id).await?;
    audit::history(&asker.db, OBJECT, id.to_string(), query).await
}

/// Checks that a file exists for the caller.
///
/// # Errors
/// `not_found`.
pub async fn exists(asker: &Asker<'_>, id: Uuid) -> Result<()> {
    let found = scope::files(asker.caller).filter(Column::Id.eq(id)).select_only().column(Column::Version).into_tuple::<i32>();
    found.one(&asker.db).await?.map(|_| ()).ok_or_else(|| ErrorCode::NotFound.into())
}

/// Locks a file that can still change until the transaction ends.
pub(super) async fn held(tx: &Tx, id: Uuid) -> Result<Whole> {
    lock(tx, id).await?;
    merging::refuse_closed(tx, id).await?;
    whole(tx, id).await
}

async fn lock(tx: &Tx, id: Uuid) -> Result<()> {
    let row = scope::files(tx.caller()?).filter(Column::Id.eq(id)).lock_exclusive().one(&tx.connection).await?;
    row.map(drop).ok_or_else(|| ErrorCode::NotFound.into())
}

/// Whether the caller may change a file: they keep it, and it is not anonymised.
///
/// # Errors
/// `not_found`.
pub async fn may_change(asker: &Asker<'_>, id: Uuid) -> Result<bool> {
    let file = scope::households(asker.caller)
        .filter(Column::Id.eq(id))
        .select_only()
        .columns([Column::VillageCode, Column::AnonymisedOn]);
    let file: Option<(String, Option<NaiveDate>)> = file.into_tuple().one(&asker.db).await?;
    let (village, anonymised_on) = file.ok_or(ErrorCode::NotFound)?;
    Ok(keeps(asker.caller, &village) && anonymised_on.is_none())
}

/// Locks a file that the caller keeps, and opens it, to write down what happened: of a family that has moved, until then.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `household_merged`, `household_anonymised`.
pub(super) async fn held_own(tx: &Tx, id: Uuid) -> Result<Whole> {
    lock(tx, id).await?;
    merging::has_moved(tx, id).await?;
    let whole = whole(tx, id).await?;
    if keeps(tx.caller()?, &whole.row.village_code) { Ok(whole) } else { Err(ErrorCode::OutsideOwnScope.into()) }
}

/// Refuses a remark that identifies the family `id`, and asks for a second look at one that may.
///
/// # Errors
/// `validation_failed` or `perhaps_personal` at `pointer`.
pub async fn check_remark(tx: &Tx, id: Uuid, file: &HouseholdInput, pointer: &'static str, remark: Option<&str>) -> Result<()> {
    match remark.and_then(|remark| policy::tells_who(remark, file)) {
        None => Ok(()),
        Some(Told::Surely) => Err(Error::field(pointer, "personal_data")),
        Some(Told::Perhaps) => looked_twice(tx, id, vec![pointer.to_owned()]).await,
    }
}

/// The action in the trail of somebody who says of words that they tell nobody.
const NOT_PERSONAL: &str = "not_personal";

/// Refuses fields whose words may tell who a family is, but for those of which the caller says that they do not. That is kept.
///
/// # Errors
/// `perhaps_personal`.
pub(super) async fn looked_twice(tx: &Tx, id: Uuid, doubtful: Vec<String>) -> Result<()> {
    if doubtful.is_empty() {
        return Ok(());
    }
    let open: Vec<_> = doubtful.iter().filter(|pointer| !tx.not_personal.says(pointer)).cloned().collect();
    if !open.is_empty() {
        return Err(Error::perhaps_personal(open));
    }
    tx.record(Event::of(OBJECT, id, NOT_PERSONAL), &(), &serde_json::json!({ "not_personal": doubtful })).await
}

/// Completes and checks an input.
async fn checked(tx: &Tx, before: Option<&Whole>, input: HouseholdInput) -> Result<HouseholdInput> {
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
    check_elsewhere(tx, before, &input).await?;
    Ok(input)
}

/// Completes an input and gives each member an id.
pub(super) fn identified(input: HouseholdInput) -> HouseholdInput {
    let mut input = input.completed();
    for member in &mut input.members {
        member.id.get_or_insert_with(Uuid::now_v7);
    }
    input
}
