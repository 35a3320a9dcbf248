//! How measures are planned, dropped, and seen to be fulfilled.

use chrono::NaiveDate;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::pairings::PairingKind;
use contract::plans::{Measure, MeasureAction, MeasureInput, MeasureQuery, MeasureSide, MeasureSort, MeasureState, PlanState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Month, Page, Permission};
use entities::measures::{ActiveModel, Column, Entity, OBJECT, Relation, Row};
use entities::scope;
use platform::audit::{self, Event};
use platform::coded::{Code, Written};
use platform::list::{self, Key};
use platform::{Caller, Error, Patch, Result, Tx, Vault, area, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, JoinType, QuerySelect, RelationTrait, Select};
use serde_json::{Map, Value};

use super::policy;
use crate::areas;
use crate::campaigns;
use crate::households;
use crate::households::consent::Ask;
use crate::pairings;
use crate::plans;

const KEY: (&str, &str) = (OBJECT, "id");

/// What a row shows besides.
fn joined(select: Select<Entity>) -> Select<Entity> {
    select
        .join(JoinType::LeftJoin, entities::households::Relation::Village.def())
        .join(JoinType::LeftJoin, entities::pairings::Relation::Organisation.def())
        .join(JoinType::LeftJoin, Relation::Member.def())
}

fn shown(caller: &Caller, vault: &Vault, row: Row) -> Measure {
    let may = caller.may(Permission::WritePlans);
    let (plan, state) = (row.plan_state.0, row.state());
    let allowed = if may { policy::allowed(plan, state, caller.role) } else { Vec::new() };
    let editable = may && row.consented && plan == PlanState::Draft && state == MeasureState::Planned;
    row.into_measure(vault, editable, allowed)
}

fn in_state(state: MeasureState) -> Condition {
    let records = || entities::assistance::of_measure(KEY).0;
    let dropped = |dropped: bool| Condition::all().add(Column::Dropped.eq(dropped));
    match state {
        MeasureState::Dropped => dropped(true),
        MeasureState::Planned => dropped(false).add(records().eq(0)),
        MeasureState::Fulfilled => dropped(false).add(records().gt(0)),
    }
}

/// The condition that a measure waits for a caller: it is theirs, its month has come, the family has agreed and still consents, and nothing fulfils it yet.
fn waits_for(caller: &Caller, today: NaiveDate) -> Condition {
    let sides = policy::sides(caller.role).iter().copied().map(Code);
    let mut waits = in_state(MeasureState::Planned)
        .add(Column::Responsible.is_in(sides))
        .add(Column::Month.lte(Written(Month::of(today))))
        .add(entities::plans::Column::State.eq(Code(PlanState::Agreed)))
        .add(entities::households::Column::Consented.eq(true));
    if let Some(id) = scope::organisation(caller) {
        // Another organisation's measure is not this one's.
        let own = Condition::any().add(Column::PairingId.is_null()).add(entities::pairings::Column::OrganisationId.eq(id));
        waits = waits.add(own);
    }
    waits
}

/// The measures that fit the filters.
async fn filtered(db: &DatabaseConnection, caller: &Caller, query: &MeasureQuery, today: NaiveDate) -> Result<Select<Entity>> {
    use entities::plans as plan;
    let mut select = scope::measures(caller);
    if let Some(id) = query.plan_id {
        select = select.filter(Column::PlanId.eq(id));
    }
    if let Some(id) = query.campaign_id {
        select = select.filter(plan::Column::CampaignId.eq(id));
    }
    if let Some(id) = query.household_id {
        select = select.filter(plan::Column::HouseholdId.eq(id));
    }
    if let Some(id) = query.pairing_id {
        select = select.filter(Column::PairingId.eq(id));
    }
    if let Some(month) = query.month {
        select = select.filter(Column::Month.eq(Written(month)));
    }
    if let Some(kind) = query.kind {
        select = select.filter(Column::Kind.eq(Code(kind)));
    }
    if let Some(side) = query.responsible {
        select = select.filter(Column::Responsible.eq(Code(side)));
    }
    if let Some(state) = query.state {
        select = select.filter(in_state(state));
    }
    if let Some(wanted) = query.waits_for_me {
        let waits = waits_for(caller, today);
        select = select.filter(if wanted { waits } else { waits.not() });
    }
    if let Some(code) = &query.within {
        select = select.filter(area::lies_in(Entity, code));
    }
    if let Some(q) = &query.q {
        select = select.filter(areas::service::called(db, (Entity, Column::VillageCode), q).await?);
    }
    Ok(select)
}

fn order(sort: MeasureSort) -> SimpleExpr {
    match sort {
        MeasureSort::Month => list::column((Entity, Column::Month)),
        MeasureSort::UpdatedAt => list::column((Entity, Column::UpdatedAt)),
    }
}

fn keys(row: &Row, sort: MeasureSort) -> (Key, Key) {
    let key = match sort {
        MeasureSort::Month => Key::Text(row.month.0.to_string()),
        MeasureSort::UpdatedAt => Key::Instant(row.updated_at),
    };
    (key, Key::Id(row.id))
}

/// Lists measures.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(
    db: &DatabaseConnection,
    caller: &Caller,
    vault: &Vault,
    query: &MeasureQuery,
    today: NaiveDate,
) -> Result<Page<Measure>> {
    let select = filtered(db, caller, query, today).await?;
    let page = list::page_of(db, select, joined, query, (Entity, Column::Id), order, keys).await?;
    Ok(list::map(page, |row| shown(caller, vault, row)))
}

/// Everything the list shows with the same filters, in batches.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    db: &DatabaseConnection,
    caller: &Caller,
    vault: &Vault,
    query: &MeasureQuery,
    today: NaiveDate,
    mut take: impl AsyncFnMut(Vec<Measure>) -> Result<()>,
) -> Result<()> {
    let select = joined(filtered(db, caller, query, today).await?);
    list::each(db, select, query, (Entity, Column::Id), order, keys, async |_, rows: Vec<Row>| {
        take(rows.into_iter().map(|row| shown(caller, vault, row)).collect()).await
    })
    .await
}

async fn row(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<Row> {
    let row = joined(scope::measures(caller)).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    row.ok_or_else(|| ErrorCode::NotFound.into())
}

/// One measure.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, vault: &Vault, id: Uuid) -> Result<Measure> {
    Ok(shown(caller, vault, row(db, caller, id).await?))
}

/// Whether there is such a measure for a caller.
///
/// # Errors
/// `not_found`.
pub async fn exists(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<()> {
    row(db, caller, id).await.map(drop)
}

/// Whether a measure is one of a household, of a plan that is agreed, and not dropped: whether a record can fulfil it.
///
/// # Errors
/// What the database says.
pub async fn open_to_records(db: &impl ConnectionTrait, household_id: Uuid, id: Uuid) -> Result<bool> {
    use entities::plans as plan;
    let found = Entity::find_by_id(id)
        .select_only()
        .column(Column::Version)
        .join(JoinType::InnerJoin, Relation::Plan.def())
        .filter(plan::Column::HouseholdId.eq(household_id))
        .filter(plan::Column::State.eq(Code(PlanState::Agreed)))
        .filter(Column::Dropped.eq(false));
    Ok(found.into_tuple::<i32>().one(db).await?.is_some())
}

/// Adds a measure to a plan.
///
/// # Errors
/// `validation_failed`, `illegal_step` where the plan is closed, `household_not_consented`.
pub async fn create(tx: &Tx, vault: &Vault, input: MeasureInput) -> Result<Measure> {
    let caller = tx.caller()?;
    let plan = plans::service::held(tx, input.plan_id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field("/plan_id", "unknown"),
        _ => error,
    })?;
    let state = plan.state.0;
    if !PlanState::LIVE.contains(&state) {
        return Err(workflow::illegal(state, &workflow::allowed(plans::policy::STEPS, state, caller.role)));
    }
    check(tx, vault, &plan, &input).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        plan_id: Set(plan.id),
        village_code: Set(plan.village_code),
        dropped: Set(false),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(vault, id, &input)?
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let made = read(&tx.connection, caller, vault, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &kept(vault, &made)).await?;
    Ok(made)
}

async fn check(tx: &Tx, vault: &Vault, plan: &entities::plans::Row, input: &MeasureInput) -> Result<()> {
    let caller = tx.caller()?;
    households::ground::hold_consenting(tx, vault, plan.household_id, Ask::Assistance).await?;
    let campaign = campaigns::service::named(&tx.connection, caller, plan.campaign_id, tx.today(), "/plan_id").await?;
    let span = Month::of(campaign.details.starts_on)..=Month::of(campaign.details.ends_on);
    if !span.contains(&input.month) {
        return Err(Error::field("/month", "date_outside_campaign"));
    }
    if let Some(id) = input.member_id
        && !households::ground::has_member(&tx.connection, plan.household_id, id).await?
    {
        return Err(Error::field("/member_id", "unknown"));
    }
    if let Some(id) = input.pairing_id {
        if input.responsible != MeasureSide::Organisation {
            return Err(Error::field("/pairing_id", "not_for_side"));
        }
        let pairing = pairings::service::held(tx, PairingKind::Household, id, "/pairing_id").await?;
        if pairing.household.map(|household| household.id) != Some(plan.household_id) {
            return Err(Error::field("/pairing_id", "unknown"));
        }
    }
    let told = [("/description".to_owned(), &*input.description)];
    households::ground::check_told(tx, vault, plan.household_id, &told).await
}

fn columns(vault: &Vault, id: Uuid, input: &MeasureInput) -> Result<ActiveModel> {
    Ok(ActiveModel {
        month: Set(Written(input.month)),
        kind: Set(Code(input.kind)),
        responsible: Set(Code(input.responsible)),
        pairing_id: Set(input.pairing_id),
        member_id: Set(input.member_id),
        amount_fen: Set(input.amount_fen),
        texts: Set(vault.seal(OBJECT, id, &input.description)?),
        ..Default::default()
    })
}

/// A measure as the history keeps it: of what is written in words a keyed digest.
fn kept(vault: &Vault, measure: &impl serde::Serialize) -> Map<String, Value> {
    let mut fields = audit::to_map(measure);
    vault.digest_field(&mut fields, "description");
    fields
}

/// Changes a measure of a plan that is still a draft. Once the family has agreed, a measure is dropped and another one added.
///
/// # Errors
/// `not_found`, `illegal_step`, `household_not_consented`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, vault: &Vault, id: Uuid, patch: Patch) -> Result<Measure> {
    let caller = tx.caller()?;
    let (plan, before) = held(tx, id).await?;
    tx.check_version(before.version)?;
    if plan.state.0 != PlanState::Draft || before.state() != MeasureState::Planned {
        return Err(workflow::illegal(before.state(), &policy::allowed(plan.state.0, before.state(), caller.role)));
    }
    let old = before.input(vault)?;
    let new: MeasureInput = patch.apply(&old)?;
    if new.plan_id != old.plan_id {
        return Err(Error::field("/plan_id", "fixed"));
    }
    check(tx, vault, &plan, &new).await?;
    tx.write::<Entity>(id, before.version, columns(vault, id, &new)?).await?;
    tx.record(Event::of(OBJECT, id, "update"), &kept(vault, &old), &kept(vault, &new)).await?;
    read(&tx.connection, caller, vault, id).await
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, vault: &Vault, id: Uuid, action: MeasureAction, input: StepInput) -> Result<Measure> {
    let caller = tx.caller()?;
    let (plan, before) = held(tx, id).await?;
    tx.check_version(before.version)?;
    let from = before.state();
    let to = policy::decide(plan.state.0, from, action, caller.role, input.note.as_deref())?;
    households::ground::check_step(tx, vault, plan.household_id, &input).await?;
    let columns = ActiveModel { dropped: Set(to == MeasureState::Dropped), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    let said = |state: MeasureState| serde_json::json!({ "state": state });
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &said(from), &said(to)).await?;
    read(&tx.connection, caller, vault, id).await
}

/// A measure in the caller's scope, behind its plan, which is held.
async fn held(tx: &Tx, id: Uuid) -> Result<(entities::plans::Row, Row)> {
    let caller = tx.caller()?;
    let plan_id = row(&tx.connection, caller, id).await?.plan_id;
    let plan = plans::service::held(tx, plan_id).await?;
    tx.hold::<Entity>(id).await?;
    Ok((plan, row(&tx.connection, caller, id).await?))
}

/// Forgets what measures for a family say in words.
///
/// # Errors
/// What the database says.
pub async fn forget_words(tx: &Tx, vault: &Vault, household_id: Uuid) -> Result<()> {
    let ids = Entity::find()
        .select_only()
        .column(Column::Id)
        .join(JoinType::InnerJoin, Relation::Plan.def())
        .filter(entities::plans::Column::HouseholdId.eq(household_id));
    for id in ids.into_tuple::<Uuid>().all(&tx.connection).await? {
        let texts = Set(vault.seal(OBJECT, id, &String::new())?);
        Entity::update(ActiveModel { id: Set(id), texts, ..Default::default() }).exec(&tx.connection).await?;
    }
    Ok(())
}

/// The history of a measure, without what it says in words.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(db: &DatabaseConnection, caller: &Caller, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let row = row(db, caller, id).await?;
    audit::history(db, OBJECT, row.id.to_string(), query).await
}
