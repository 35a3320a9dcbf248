//! How plans are begun, agreed with the family, and closed.

use contract::audit::{HistoryEntry, HistoryQuery};
use contract::plans::{Plan, PlanAction, PlanInput, PlanQuery, PlanSort, PlanState, PlanStepInput};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Page, Permission};
use entities::plans::{ActiveModel, Column, Entity, OBJECT, Relation, Row};
use entities::{names, scope};
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::list::{self, Key};
use platform::{Caller, Error, Result, Tx, Vault, area, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ActiveValue::Set, ConnectionTrait, JoinType, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::areas;
use crate::campaigns;
use crate::households;
use crate::households::consent::Ask;

/// What a row shows besides.
fn joined(select: Select<Entity>) -> Select<Entity> {
    names::on_household(select).join(JoinType::LeftJoin, Relation::Campaign.def())
}

fn shown(caller: &Caller, vault: &Vault, row: Row) -> Plan {
    let may = caller.may(Permission::WritePlans);
    let state = row.state.0;
    let mut allowed = if may { workflow::allowed(policy::STEPS, state, caller.role) } else { Vec::new() };
    // What is planned for a family that does not consent can only be closed.
    allowed.retain(|action| row.consented || *action == PlanAction::Close);
    let editable = may && row.consented && PlanState::LIVE.contains(&state);
    row.into_plan(vault, editable, allowed)
}

/// The plans that fit the filters.
async fn filtered(db: &DatabaseConnection, caller: &Caller, query: &PlanQuery) -> Result<Select<Entity>> {
    let mut select = scope::plans(caller);
    if let Some(id) = query.campaign_id {
        select = select.filter(Column::CampaignId.eq(id));
    }
    if let Some(id) = query.household_id {
        select = select.filter(Column::HouseholdId.eq(id));
    }
    if let Some(state) = query.state {
        select = select.filter(Column::State.eq(Code(state)));
    }
    if let Some(code) = &query.within {
        select = select.filter(area::lies_in(Entity, code));
    }
    if let Some(q) = &query.q {
        select = select.filter(areas::service::called(db, (Entity, Column::VillageCode), q).await?);
    }
    Ok(select)
}

fn order(PlanSort::UpdatedAt: PlanSort) -> SimpleExpr {
    list::column((Entity, Column::UpdatedAt))
}

fn keys(row: &Row, _: PlanSort) -> (Key, Key) {
    (Key::Instant(row.updated_at), Key::Id(row.id))
}

/// Lists plans.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(db: &DatabaseConnection, caller: &Caller, vault: &Vault, query: &PlanQuery) -> Result<Page<Plan>> {
    let select = filtered(db, caller, query).await?;
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
    query: &PlanQuery,
    mut take: impl AsyncFnMut(Vec<Plan>) -> Result<()>,
) -> Result<()> {
    let select = joined(filtered(db, caller, query).await?);
    list::each(db, select, query, (Entity, Column::Id), order, keys, async |_, rows: Vec<Row>| {
        take(rows.into_iter().map(|row| shown(caller, vault, row)).collect()).await
    })
    .await
}

async fn row(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<Row> {
    let row = joined(scope::plans(caller)).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    row.ok_or_else(|| ErrorCode::NotFound.into())
}

/// One plan.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, vault: &Vault, id: Uuid) -> Result<Plan> {
    Ok(shown(caller, vault, row(db, caller, id).await?))
}

/// Whether there is such a plan for a caller.
///
/// # Errors
/// `not_found`.
pub async fn exists(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<()> {
    row(db, caller, id).await.map(drop)
}

/// A plan in the caller's scope, held until the transaction ends behind its household: its state stays so while measures come and go, and so does the
/// family's consent.
///
/// # Errors
/// `not_found`.
pub async fn held(tx: &Tx, id: Uuid) -> Result<Row> {
    households::ground::hold(tx, row(&tx.connection, tx.caller()?, id).await?.household_id).await?;
    tx.hold::<Entity>(id).await?;
    row(&tx.connection, tx.caller()?, id).await
}

/// Begins a plan.
///
/// # Errors
/// `validation_failed`, `plan_exists`, `household_not_consented`, `household_lifted_out`.
pub async fn create(tx: &Tx, vault: &Vault, input: PlanInput) -> Result<Plan> {
    let caller = tx.caller()?;
    let campaign = campaigns::service::named(&tx.connection, caller, input.campaign_id, tx.today(), "/campaign_id").await?;
    let household = households::ground::named(tx, input.household_id, "/household_id").await?;
    households::ground::hold_assistable(tx, vault, household.id).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(campaign.id),
        household_id: Set(household.id),
        village_code: Set(household.village_code),
        state: Set(Code(PlanState::Draft)),
        agreed_on: Set(None),
        agreed_by: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::PlanExists)?;
    let made = read(&tx.connection, caller, vault, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`, `measures_missing`, `household_not_consented`.
pub async fn step(tx: &Tx, vault: &Vault, id: Uuid, action: PlanAction, input: PlanStepInput) -> Result<Plan> {
    let caller = tx.caller()?;
    let before = held(tx, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(policy::STEPS, before.state.0, action, caller.role, input.note.as_deref())?;
    let said = StepInput { note: input.note.clone(), on_behalf_reason: None };
    households::ground::check_step(tx, vault, before.household_id, &said).await?;
    let mut columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    if action == PlanAction::Agree {
        households::ground::hold_consenting(tx, vault, before.household_id, Ask::Assistance).await?;
        let by = input.agreed_by.ok_or_else(|| Error::field("/agreed_by", "required"))?;
        let on = input.agreed_on.unwrap_or_else(|| tx.today());
        if on > tx.today() {
            return Err(Error::field("/agreed_on", "future"));
        }
        if before.measures_total == 0 {
            return Err(ErrorCode::MeasuresMissing.into());
        }
        columns.agreed_on = Set(Some(on));
        columns.agreed_by = Set(Some(vault.seal(OBJECT, id, &by)?));
    }
    tx.write::<Entity>(id, before.version, columns).await?;
    let before = before.into_plan(vault, false, Vec::new());
    let after = read(&tx.connection, caller, vault, id).await?;
    let event = Event { note: input.note, ..Event::of(OBJECT, id, action.code()) };
    tx.record(event, &before, &after).await?;
    Ok(after)
}

/// Forgets who of a family agreed to its plans.
///
/// # Errors
/// What the database says.
pub async fn forget_names(tx: &Tx, household_id: Uuid) -> Result<()> {
    let nobody = ActiveModel { agreed_by: Set(None), ..Default::default() };
    Entity::update_many().set(nobody).filter(Column::HouseholdId.eq(household_id)).exec(&tx.connection).await?;
    Ok(())
}

/// The history of a plan.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(db: &DatabaseConnection, caller: &Caller, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let row = row(db, caller, id).await?;
    audit::history(db, OBJECT, row.id.to_string(), query).await
}
