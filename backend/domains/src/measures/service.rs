//! Plans, drops and fulfils measures.

use contract::pairings::PairingKind;
use contract::plans::{Measure, MeasureAction, MeasureInput, MeasureSide, MeasureState, PlanState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Month};
use entities::measures::{ActiveModel, Column, Entity, OBJECT, Relation, Row};
use platform::audit::{self, Event};
use platform::clock::local_date;
use platform::coded::Code;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, Vault, columns, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, JoinType, QuerySelect, RelationTrait};
use serde_json::{Map, Value};

use super::list::Measures;
use super::policy;
use crate::campaigns;
use crate::households;
use crate::households::consent::Ask;
use crate::households::eligibility::Membership;
use crate::pairings;
use crate::plans;

/// Why nothing given on a day can fulfil a measure: the household has no such measure, it is dropped, or its plan is not agreed.
/// What was given before an agreed plan was closed still fulfils its measures.
pub async fn closed_to_records(
    db: &impl ConnectionTrait,
    household_id: Uuid,
    id: Uuid,
    day: Date,
) -> Result<Option<&'static str>> {
    use entities::plans as plan;
    let found = Entity::find_by_id(id)
        .select_only()
        .columns([plan::Column::State, plan::Column::AgreedOn, plan::Column::UpdatedAt])
        .column(Column::Dropped)
        .join(JoinType::InnerJoin, Relation::Plan.def())
        .filter(plan::Column::HouseholdId.eq(household_id));
    let found = found.into_tuple::<(Code<PlanState>, Option<Date>, DateTimeUtc, bool)>().one(db).await?;
    Ok(found.map_or(Some("unknown"), |(state, agreed_on, changed_at, dropped)| {
        // Closing is the last change of a plan.
        let open = match state.0 {
            PlanState::Draft => false,
            PlanState::Agreed => true,
            PlanState::Closed => agreed_on.is_some() && day <= local_date(changed_at),
        };
        if dropped { Some("measure_dropped") } else { (!open).then_some("plan_not_agreed") }
    }))
}

/// Adds a measure to a plan.
///
/// # Errors
/// `validation_failed`, `illegal_step` if the plan is closed, `household_not_consented`.
pub async fn create(tx: &Tx, input: MeasureInput) -> Result<Measure> {
    let caller = tx.caller()?;
    let plan = plans::service::held(tx, input.plan_id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field("/plan_id", "unknown"),
        _ => error,
    })?;
    let state = plan.state.0;
    if !PlanState::LIVE.contains(&state) {
        return Err(workflow::illegal(state, &PlanState::STEPS.allowed(state, caller.role)));
    }
    check(tx, &plan, &input).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        plan_id: Set(plan.id),
        village_code: Set(plan.own.village_code),
        dropped: Set(false),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(&tx.vault, id, &input)?
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let made = Measures::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &for_history(&tx.vault, &made)).await?;
    Ok(made)
}

async fn check(tx: &Tx, plan: &entities::plans::Row, input: &MeasureInput) -> Result<()> {
    households::eligibility::hold_consenting(tx, plan.household_id, Ask::Assistance).await?;
    let campaign = campaigns::service::named(&tx.asker()?, plan.campaign_id, "/plan_id").await?;
    let span = Month::of(campaign.details.starts_on)..=Month::of(campaign.details.ends_on);
    if !span.contains(&input.month) {
        return Err(Error::field("/month", "date_outside_campaign"));
    }
    if let Some(id) = input.member_id
        && households::eligibility::membership(&tx.connection, plan.household_id, id).await? != Membership::Member
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
    let texts = [("/description".to_owned(), &*input.description)];
    households::eligibility::check_words(tx, plan.household_id, &texts).await
}

fn columns(vault: &Vault, id: Uuid, input: &MeasureInput) -> Result<ActiveModel> {
    Ok(columns!(ActiveModel {
        texts: Set(vault.seal(OBJECT, id, &input.description)?),
        ..input.{ month, kind, responsible, pairing_id, member_id, amount_fen }
    }))
}

/// A measure for the history, with a keyed digest of its free text.
fn for_history(vault: &Vault, measure: &impl serde::Serialize) -> Map<String, Value> {
    let mut fields = audit::to_map(measure);
    vault.digest_field(&mut fields, "description");
    fields
}

/// Changes a measure of a draft plan. Once the family has agreed, a measure is dropped and another one is added instead.
///
/// # Errors
/// `not_found`, `illegal_step`, `household_not_consented`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Measure> {
    let caller = tx.caller()?;
    let (plan, before) = held(tx, id).await?;
    tx.check_version(before.version)?;
    if plan.state.0 != PlanState::Draft || before.state() != MeasureState::Planned {
        return Err(workflow::illegal(before.state(), &policy::allowed(plan.state.0, before.state(), caller.role)));
    }
    let old = before.input(&tx.vault)?;
    let Some(new) = patch.changes::<MeasureInput>(&old)? else { return Measures::read(&tx.asker()?, id).await };
    if new.plan_id != old.plan_id {
        return Err(Error::field("/plan_id", "fixed"));
    }
    check(tx, &plan, &new).await?;
    tx.write::<Entity>(id, before.version, columns(&tx.vault, id, &new)?).await?;
    tx.record(Event::of(OBJECT, id, "update"), &for_history(&tx.vault, &old), &for_history(&tx.vault, &new)).await?;
    Measures::read(&tx.asker()?, id).await
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: MeasureAction, input: StepInput) -> Result<Measure> {
    let caller = tx.caller()?;
    let (plan, before) = held(tx, id).await?;
    tx.check_version(before.version)?;
    let from = before.state();
    let to = policy::decide(plan.state.0, from, action, caller.role, &input)?;
    households::eligibility::check_step(tx, plan.household_id, &input).await?;
    let columns = ActiveModel { dropped: Set(to == MeasureState::Dropped), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    let fields = |state: MeasureState| serde_json::json!({ "state": state });
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &fields(from), &fields(to)).await?;
    Measures::read(&tx.asker()?, id).await
}

/// Locks the plan of a measure in the caller's scope, and then reads the measure.
async fn held(tx: &Tx, id: Uuid) -> Result<(entities::plans::Row, Row)> {
    let plan = plans::service::held(tx, Measures::row(&tx.asker()?, id).await?.plan_id).await?;
    tx.hold::<Entity>(id).await?;
    Ok((plan, Measures::row(&tx.asker()?, id).await?))
}

/// Deletes the free text of a family's measures.
pub async fn forget_words(tx: &Tx, household_id: Uuid) -> Result<()> {
    let ids = Entity::find()
        .select_only()
        .column(Column::Id)
        .join(JoinType::InnerJoin, Relation::Plan.def())
        .filter(entities::plans::Column::HouseholdId.eq(household_id));
    for id in ids.into_tuple::<Uuid>().all(&tx.connection).await? {
        let texts = Set(tx.vault.seal(OBJECT, id, &String::new())?);
        Entity::update(ActiveModel { id: Set(id), texts, ..Default::default() }).exec(&tx.connection).await?;
    }
    Ok(())
}
