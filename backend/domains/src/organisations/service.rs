//! Lists, reads and changes organisations.

use std::collections::HashMap;

use contract::audit::{HistoryEntry, HistoryQuery};
use contract::codes::organisation_code_is_sound;
use contract::organisations::{
    CONFIRMED_BY, DirectedDonation, ENTERED_BY, Organisation, OrganisationAction, OrganisationInput, OrganisationQuery,
    OrganisationSort, OrganisationState, OrganisationStepInput, OrganisationSummary, RATED_BY, REGISTERED_BY, Rating,
};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Page, Permission};
use entities::organisations::{ActiveModel, Column, Entity, Model, OBJECT, Relation, Row, donation};
use entities::scope;
use platform::area::within;
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::list::{self, By, by};
use platform::object::{Given, locked};
use platform::search::Searched;
use platform::spelling::{self, sought};
use platform::{App, Asker, Caller, Error, Patch, Result, Tx, columns, former, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{IntoColumnRef, LockType, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, JoinType, QueryOrder, QuerySelect, QueryTrait, RelationTrait, Select,
};
use serde_json::json;

use crate::areas;
use crate::areas::succession::{FOLLOWED, Succeeding};
use crate::villages;

pub(super) fn editable(caller: &Caller, id: Uuid, area_code: &str) -> bool {
    caller.may(Permission::WriteOrganisations) && scope::owns(caller, area_code, Some(id))
}

/// The organisations that match a query.
async fn filtered(asker: &Asker<'_>, query: &OrganisationQuery) -> Result<Select<Entity>> {
    let mut select = scope::organisations(asker.caller)
        .join(JoinType::InnerJoin, Relation::Area.def())
        .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code))
        .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
        .given(query.rating, |rating| Column::Rating.eq(Code(rating)))
        .given(query.state, |state| Column::State.eq(Code(state)));
    if let Some(q) = &query.q {
        select = select.filter(called(&asker.db, (Entity, Column::Id), q).await?);
    }
    Ok(select)
}

fn order(sort: OrganisationSort) -> By<Row> {
    match sort {
        OrganisationSort::Name => by(Column::NameKey, |row| (&row.name_key).into()),
        OrganisationSort::CreditCode => by(Column::CreditCode, |row| (&row.credit_code).into()),
        OrganisationSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
    }
}

/// Lists organisations.
///
/// # Errors
/// `bad_cursor`.
pub async fn list(asker: &Asker<'_>, query: &OrganisationQuery) -> Result<Page<OrganisationSummary>> {
    let page = list::page(&asker.db, filtered(asker, query).await?, query, order).await?;
    Ok(list::map(page, OrganisationSummary::from))
}

/// Passes all organisations of the list to `take`, in batches from one snapshot.
///
/// # Errors
/// Those of `take`.
pub async fn each(
    app: &App,
    caller: &Caller,
    query: &OrganisationQuery,
    take: impl AsyncFnMut(&DatabaseTransaction, Vec<Row>) -> Result<()>,
) -> Result<()> {
    list::each(&app.database.read, filtered(&Asker::of(app, caller), query).await?, query, order, take).await
}

/// One organisation.
///
/// # Errors
/// `not_found` outside the caller's catalogue.
pub async fn read(asker: &Asker<'_>, id: Uuid) -> Result<Organisation> {
    let (row, area) = scope::organisations(asker.caller)
        .filter(Column::Id.eq(id))
        .find_also_related(entities::areas::Entity)
        .one(&asker.db)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    let donations = donations(&asker.db, [id]).await?.remove(&id).unwrap_or_default();
    let successor_name = match row.successor_id {
        Some(id) => name(&asker.db, id).await?,
        None => None,
    };
    let mine = editable(asker.caller, row.id, &row.area_code);
    let state = row.state.0;
    Ok(Organisation {
        id: row.id,
        area_name: area.map(|area| area.name).unwrap_or_default(),
        credit_code_suspicious: !organisation_code_is_sound(&row.credit_code),
        state,
        ended_on: row.ended_on,
        successor_id: row.successor_id,
        successor_name,
        former_names: former::listed(row.former_names.as_deref()),
        editable: mine && state == OrganisationState::Active,
        allowed_actions: if mine { OrganisationState::STEPS.allowed(state, asker.caller.role) } else { Vec::new() },
        updated_at: row.updated_at,
        version: row.version,
        details: row.into_input(donations),
    })
}

/// Whether the caller may change an organisation.
///
/// # Errors
/// `not_found` outside the caller's catalogue.
pub async fn may_change(asker: &Asker<'_>, id: Uuid) -> Result<bool> {
    let row = scope::organisations(asker.caller).filter(Column::Id.eq(id)).one(&asker.db).await?.ok_or(ErrorCode::NotFound)?;
    Ok(editable(asker.caller, row.id, &row.area_code) && row.state.0 == OrganisationState::Active)
}

/// Creates an organisation.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`, `forbidden` for an organisation, which exists already.
pub async fn create(tx: &Tx, input: OrganisationInput) -> Result<Organisation> {
    let caller = tx.caller()?;
    if !ENTERED_BY.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    check(tx, None, &input).await?;
    if !scope::covers(caller, &input.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let id = Uuid::now_v7();
    let row = begun(tx, id, &input);
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(taken())?;
    write_donations(tx, id, &input.directed_donations).await?;
    let event = Event::of(OBJECT, id, "create");
    tx.record(event, &(), &input).await?;
    read(&tx.asker()?, id).await
}

/// Changes an organisation.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `organisation_ended`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Organisation> {
    let caller = tx.caller()?;
    let before = read(&tx.asker()?, id).await?;
    if before.state != OrganisationState::Active {
        return Err(ErrorCode::OrganisationEnded.into());
    }
    if !before.editable {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.version)?;
    let Some(input) = patch.changes::<OrganisationInput>(&before.details)? else { return Ok(before) };
    if !REGISTERED_BY.contains(&caller.role) {
        as_registered(&before.details, &input)?;
    }
    let input = if CONFIRMED_BY.contains(&caller.role) { input } else { input.by_itself(&before.details) };
    check(tx, before.details.rating, &input).await?;
    if !editable(caller, id, &input.area_code) {
        return Err(Error::field("/area_code", "unknown"));
    }
    let former_names = former::kept(&before.former_names, &before.details.name, &input.name);
    let name_words = Set(former::found_by(&input.name, former_names.as_deref()));
    let columns = ActiveModel { name_words, former_names: Set(former_names), ..columns(&input) };
    tx.write::<Entity>(id, before.version, columns).await.on_unique(taken())?;
    if input.directed_donations != before.details.directed_donations {
        donation::Entity::delete_many().filter(donation::Column::OrganisationId.eq(id)).exec(&tx.connection).await?;
        write_donations(tx, id, &input.directed_donations).await?;
    }
    let event = Event::of(OBJECT, id, "update");
    tx.record(event, &before.details, &input).await?;
    read(&tx.asker()?, id).await
}

/// The first half of a step: decides, and writes the new state. The workflow then ends what belongs to the organisation, and
/// calls [`finish`]. Returns the organisation as it was.
///
/// # Errors
/// `not_found`, `forbidden`, `outside_own_scope`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn take(tx: &Tx, id: Uuid, action: OrganisationAction, input: &OrganisationStepInput) -> Result<Organisation> {
    let caller = tx.caller()?;
    // Locks both parties of a merger, always in the same order: of two that are merged into each other at once, one is.
    let both = Entity::find().filter(Column::Id.is_in([Some(id), input.successor_id].into_iter().flatten()));
    both.order_by_asc(Column::Id).lock(LockType::NoKeyUpdate).all(&tx.connection).await?;
    let before = read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let why = StepInput { note: input.note.clone(), on_behalf_reason: None };
    let step = workflow::step(OrganisationState::STEPS, before.state, action, caller.role, &why)?;
    if !scope::covers(caller, &before.details.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if action != OrganisationAction::MergeInto && input.successor_id.is_some() {
        return Err(Error::field("/successor_id", "not_for_step"));
    }
    if action == OrganisationAction::Reinstate && input.ended_on.is_some() {
        return Err(Error::field("/ended_on", "not_for_step"));
    }
    let (ended_on, successor_id) = match action {
        OrganisationAction::Deregister => (Some(last_day(tx, input)?), None),
        OrganisationAction::MergeInto => {
            let successor = input.successor_id.ok_or_else(|| Error::field("/successor_id", "required"))?;
            if successor == id {
                return Err(Error::field("/successor_id", "itself"));
            }
            existing(tx, successor, "/successor_id").await?;
            (Some(last_day(tx, input)?), Some(successor))
        }
        OrganisationAction::Reinstate => (None, None),
    };
    let columns =
        ActiveModel { state: Set(Code(step.to)), ended_on: Set(ended_on), successor_id: Set(successor_id), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    Ok(before)
}

/// The day on which an organisation ended.
fn last_day(tx: &Tx, input: &OrganisationStepInput) -> Result<Date> {
    let day = input.ended_on.ok_or_else(|| Error::field("/ended_on", "required"))?;
    if day > tx.today() { Err(Error::field("/ended_on", "future")) } else { Ok(day) }
}

/// The second half of a step: writes its history and answers.
pub async fn finish(
    tx: &Tx,
    before: Organisation,
    action: OrganisationAction,
    input: OrganisationStepInput,
) -> Result<Organisation> {
    let after = read(&tx.asker()?, before.id).await?;
    let why = StepInput { note: input.note, on_behalf_reason: None };
    // What the caller may do with it is no part of the history.
    let kept = |organisation: Organisation| Organisation { editable: false, allowed_actions: Vec::new(), ..organisation };
    tx.record(Event::of(OBJECT, before.id, action.code()).because(why), &kept(before), &kept(after.clone())).await?;
    Ok(after)
}

/// The history of an organisation.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(asker: &Asker<'_>, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let organisation =
        scope::organisations(asker.caller).filter(Column::Id.eq(id)).one(&asker.db).await?.ok_or(ErrorCode::NotFound)?;
    audit::history(&asker.db, OBJECT, organisation.id.to_string(), query).await
}

/// The name of an organisation.
pub async fn name(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<String>> {
    Ok(Entity::find_by_id(id).one(db).await?.map(|row: Model| row.name))
}

/// The area of the organisation in a field of an account. It is locked, so that it does not end before the transaction does.
///
/// # Errors
/// A fault at `pointer` if there is no such organisation, or it has ended.
pub async fn area(tx: &Tx, id: Uuid, pointer: &str) -> Result<String> {
    let row = Entity::find_by_id(id).lock(LockType::Share).one(&tx.connection).await?;
    let row = row.ok_or_else(|| Error::field(pointer, "unknown"))?;
    if row.state.0 == OrganisationState::Active { Ok(row.area_code) } else { Err(Error::field(pointer, "organisation_ended")) }
}

/// The condition that the typed text occurs in the name of the organisation whose id is in `column`, in characters or pinyin. The
/// statement must have joined the organisation under its own name.
pub async fn called(db: &impl ConnectionTrait, column: impl IntoColumnRef, typed: &str) -> Result<SimpleExpr> {
    Searched { table: "organisations", key: "id", texts: &["name_words"] }.contain(db, column, &sought(typed)).await
}

/// The organisation in a field of a new object, within the caller's catalogue. It is locked, so that it does not end before the
/// transaction does.
///
/// # Errors
/// A fault at `pointer` if there is no such organisation, or it has ended.
pub async fn existing(tx: &Tx, id: Uuid, pointer: &str) -> Result<Organisation> {
    Entity::find_by_id(id).lock(LockType::Share).one(&tx.connection).await?;
    let organisation = read(&tx.asker()?, id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field(pointer, "unknown"),
        _ => error,
    })?;
    if organisation.state == OrganisationState::Active {
        Ok(organisation)
    } else {
        Err(Error::field(pointer, "organisation_ended"))
    }
}

/// Refuses what an organisation would change of what it is registered as: agreements, searches and reports go by it.
fn as_registered(before: &OrganisationInput, after: &OrganisationInput) -> Result<()> {
    let changed = [
        ("/name", before.name != after.name),
        ("/credit_code", before.credit_code != after.credit_code),
        ("/kind", before.kind != after.kind),
        ("/area_code", before.area_code != after.area_code),
    ];
    match changed.into_iter().find(|(_, changed)| *changed) {
        Some((pointer, _)) => Err(Error::field(pointer, "as_registered")),
        None => Ok(()),
    }
}

/// Whether a caller may change the rating of an organisation in this way.
pub(super) fn rates(caller: &Caller, before: Option<Rating>, after: Option<Rating>) -> bool {
    before == after || RATED_BY.contains(&caller.role)
}

async fn check(tx: &Tx, rating: Option<Rating>, input: &OrganisationInput) -> Result<()> {
    if !rates(tx.caller()?, rating, input.rating) {
        return Err(Error::field("/rating", "bureau_only"));
    }
    areas::service::named(tx, &input.area_code, None, "/area_code").await?;
    for (index, donation) in input.directed_donations.iter().enumerate() {
        let pointer = format!("/directed_donations/{index}/village_code");
        villages::service::named(tx, &donation.village_code, &pointer).await?;
    }
    Ok(())
}

fn taken() -> Error {
    Error::field("/credit_code", "taken")
}

/// The row of a new organisation.
pub(super) fn begun(tx: &Tx, id: Uuid, input: &OrganisationInput) -> ActiveModel {
    ActiveModel {
        id: Set(id),
        state: Set(Code(OrganisationState::Active)),
        ended_on: Set(None),
        successor_id: Set(None),
        former_names: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input)
    }
}

pub(super) fn columns(input: &OrganisationInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel {
        name_key: Set(spelling::key(&input.name)),
        name_words: Set(spelling::words(&input.name)),
        ..input.{ name, credit_code, kind, rating, area_code, strengths, member_count, contact_name, contact_phone }
    })
}

/// The donations of these organisations, by date.
pub(super) async fn donations(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<DirectedDonation>>> {
    let rows = rows_of_donations(db, ids).await?.into_iter();
    Ok(rows.map(|(id, rows)| (id, rows.into_iter().map(DirectedDonation::from).collect())).collect())
}

/// The rows of the donations of these organisations, by date.
pub(super) async fn rows_of_donations(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<donation::Model>>> {
    let rows = donation::Entity::find()
        .filter(donation::Column::OrganisationId.is_in(ids))
        .order_by_asc(donation::Column::DonatedOn)
        .order_by_asc(donation::Column::Id)
        .all(db)
        .await?;
    let mut donations: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        donations.entry(row.organisation_id).or_default().push(row);
    }
    Ok(donations)
}

pub(super) fn donation_rows(
    organisation_id: Uuid,
    donations: &[DirectedDonation],
) -> impl Iterator<Item = donation::ActiveModel> {
    donations.iter().map(move |donation| donation::ActiveModel {
        id: Set(Uuid::now_v7()),
        organisation_id: Set(organisation_id),
        village_code: Set(donation.village_code.clone()),
        donated_on: Set(donation.donated_on),
        amount_fen: Set(donation.amount_fen),
        purpose: Set(donation.purpose.clone()),
        confirmed: Set(donation.confirmed),
    })
}

/// Lets the donations to a village follow into the one that replaces it. Returns how many organisations these are of.
pub async fn follow(succeeding: &Succeeding<'_>) -> Result<u64> {
    let Succeeding { tx, from, to, dry_run } = *succeeding;
    let theirs = donation::Entity::find().select_only().column(donation::Column::OrganisationId);
    let givers = theirs.filter(donation::Column::VillageCode.eq(from)).distinct().into_query();
    let givers = Entity::find().filter(Column::Id.in_subquery(givers));
    let givers = locked(givers, Column::Id).all(&tx.connection).await?;
    if !dry_run {
        donation::Entity::update_many()
            .col_expr(donation::Column::VillageCode, Expr::value(to))
            .filter(donation::Column::VillageCode.eq(from))
            .exec(&tx.connection)
            .await?;
        for giver in &givers {
            // Its donations are a part of what is shown of it.
            tx.write::<Entity>(giver.id, giver.version, ActiveModel { ..Default::default() }).await?;
            let (before, after) = (json!({ "village_code": from }), json!({ "village_code": to }));
            tx.record(Event::of(OBJECT, giver.id, FOLLOWED), &before, &after).await?;
        }
    }
    Ok(givers.len() as u64)
}

async fn write_donations(tx: &Tx, organisation_id: Uuid, donations: &[DirectedDonation]) -> Result<()> {
    if donations.is_empty() {
        return Ok(());
    }
    donation::Entity::insert_many(donation_rows(organisation_id, donations)).exec_without_returning(&tx.connection).await?;
    Ok(())
}
