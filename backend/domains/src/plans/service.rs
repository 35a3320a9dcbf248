//! Begins plans, records the family's agreement, and closes them.

use contract::plans::{Plan, PlanAction, PlanInput, PlanState, PlanStepInput};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, ObjectKind};
use entities::plans::{ActiveModel, Column, Entity, OBJECT, Row};
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Result, Tx, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, QueryOrder};

use super::list::Plans;
use crate::campaigns;
use crate::households;
use crate::households::consent::Ask;

/// Locks a plan in the caller's scope, after its household, until the transaction ends. So neither the plan's state nor the
/// family's consent changes while measures do.
///
/// # Errors
/// `not_found`.
pub async fn held(tx: &Tx, id: Uuid) -> Result<Row> {
    households::eligibility::hold(tx, Plans::row(&tx.asker()?, id).await?.household_id).await?;
    tx.hold::<Entity>(id).await?;
    Plans::row(&tx.asker()?, id).await
}

/// Begins a plan.
///
/// # Errors
/// `validation_failed`, `plan_exists`, `household_not_consented`, `household_lifted_out`.
pub async fn create(tx: &Tx, input: PlanInput) -> Result<Plan> {
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    let household = households::eligibility::named(tx, input.household_id, "/household_id").await?;
    households::eligibility::hold_assistable(tx, household.id).await?;
    let live = Plans::scope(tx.caller()?)
        .filter(Column::CampaignId.eq(campaign.id))
        .filter(Column::HouseholdId.eq(household.id))
        .filter(Column::State.is_in(codes(PlanState::LIVE)));
    if let Some(known) = live.one(&tx.connection).await? {
        return Err(Error::from(ErrorCode::PlanExists).because_of(ObjectKind::Plan, known.id));
    }
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
    let made = Plans::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`, `measures_missing`, `household_not_consented`.
pub async fn step(tx: &Tx, id: Uuid, action: PlanAction, input: PlanStepInput) -> Result<Plan> {
    let caller = tx.caller()?;
    let before = held(tx, id).await?;
    tx.check_version(before.version)?;
    let remarks = StepInput { note: input.note.clone(), on_behalf_reason: None };
    let step = workflow::step(PlanState::STEPS, before.state.0, action, caller.role, &remarks)?;
    households::eligibility::check_step(tx, before.household_id, &remarks).await?;
    let mut columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    if action == PlanAction::Agree {
        households::eligibility::hold_consenting(tx, before.household_id, Ask::Assistance).await?;
        let by = input.agreed_by.ok_or_else(|| Error::field("/agreed_by", "required"))?;
        let on = input.agreed_on.unwrap_or_else(|| tx.today());
        if on > tx.today() {
            return Err(Error::field("/agreed_on", "future"));
        }
        if before.measures_total == 0 {
            return Err(ErrorCode::MeasuresMissing.into());
        }
        columns.agreed_on = Set(Some(on));
        columns.agreed_by = Set(Some(tx.vault.seal(OBJECT, id, &by)?));
    }
    tx.write::<Entity>(id, before.version, columns).await?;
    let before = before.into_plan(&tx.vault, false, Vec::new());
    let after = Plans::read(&tx.asker()?, id).await?;
    let event = Event { note: input.note, ..Event::of(OBJECT, id, action.code()) };
    tx.record(event, &before, &after).await?;
    Ok(after)
}

/// Closes the plans of a household that has left or moved. The history calls this `action`. The household must be locked.
pub async fn close_of_household(tx: &Tx, household_id: Uuid, action: &str) -> Result<()> {
    let live = Column::HouseholdId.eq(household_id).and(Column::State.is_in(codes(PlanState::LIVE)));
    for plan in Entity::find().filter(live).order_by_asc(Column::Id).all(&tx.connection).await? {
        let closed = ActiveModel { state: Set(Code(PlanState::Closed)), ..Default::default() };
        tx.write::<Entity>(plan.id, plan.version, closed).await?;
        let fields = |state: PlanState| serde_json::json!({ "state": state });
        tx.record(Event::of(OBJECT, plan.id, action), &fields(plan.state.0), &fields(PlanState::Closed)).await?;
    }
    Ok(())
}

/// Deletes the names of members who agreed to a family's plans.
pub async fn forget_names(tx: &Tx, household_id: Uuid) -> Result<()> {
    let nobody = ActiveModel { agreed_by: Set(None), ..Default::default() };
    Entity::update_many().set(nobody).filter(Column::HouseholdId.eq(household_id)).exec(&tx.connection).await?;
    Ok(())
}
