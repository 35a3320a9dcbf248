//! Begins and ends pairings.

use chrono::{Days, NaiveDate};
use contract::pairings::{Pairing, PairingAction, PairingInput, PairingKind, PairingState, ProposedBy};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, ObjectKind};
use entities::commitments::Holder;
use entities::enrolments::Member;
use entities::pairings::{ActiveModel, Column, Entity, OBJECT, Relation, Row};
use entities::{names, scope};
use platform::audit::{self, Event};
use platform::coded::{Code, codes};
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Asker, Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ActiveValue::Set, Condition, FromQueryResult, JoinType, QueryOrder, QuerySelect};

use super::list::{Pairings, facts, knows_family};
use super::policy::{self, Side};
use crate::campaigns;
use crate::catalogue::commitments::{self, Taker};
use crate::enrolments;
use crate::households;
use crate::organisations;
use crate::villages;

/// The caller's own pairing with a household to which what was given on a day belongs: one that was active on that day, even if it
/// has ended since, or else the one that comes nearest. `None` if the two were never paired.
pub async fn with_on(asker: &Asker<'_>, household_id: Uuid, day: NaiveDate) -> Result<Option<Uuid>> {
    let true_first = |is: Condition| SimpleExpr::Case(Box::new(Expr::case(is, 1).finally(0)));
    let own = scope::pairings(asker.caller)
        .select_only()
        .column(Column::Id)
        .filter(Column::HouseholdId.eq(household_id))
        .filter(Column::ActiveSince.is_not_null())
        .order_by_desc(true_first(entities::pairings::active_between(day, day)))
        .order_by_desc(true_first(Condition::all().add(Column::EndedOn.is_null())))
        .order_by_desc(Column::Id);
    Ok(own.into_tuple().one(&asker.db).await?)
}

/// Checks that a pairing exists for the caller, including what it says about a family.
///
/// # Errors
/// `not_found`.
pub async fn exists(asker: &Asker<'_>, id: Uuid) -> Result<()> {
    let row = Pairings::row(asker, id).await?;
    if knows_family(asker.caller, &row) { Ok(()) } else { Err(ErrorCode::NotFound.into()) }
}

/// Locks the pairing in a field of an input, if it is of this kind and in the caller's scope, until the transaction ends, so that
/// counts of what belongs to it stay correct.
///
/// # Errors
/// A fault at `pointer` if there is no such pairing.
pub async fn held(tx: &Tx, kind: PairingKind, id: Uuid, pointer: &str) -> Result<Pairing> {
    let caller = tx.caller()?;
    scope::pairings(caller)
        .filter(Column::Id.eq(id))
        .filter(Column::Kind.eq(Code(kind)))
        .lock_exclusive()
        .one(&tx.connection)
        .await?
        .ok_or_else(|| Error::field(pointer, "unknown"))?;
    Pairings::read(&tx.asker()?, id).await
}

/// Proposes a pairing, or recommends one.
///
/// # Errors
/// `validation_failed`, `forbidden`, `outside_own_scope`, `outside_phase`, `not_enrolled`, `pairing_exists`,
/// `pairing_limit`, faults below `/commitments`; for a household `village_pairing_missing`, `household_not_consented`, `household_lifted_out`.
pub async fn create(tx: &Tx, input: PairingInput) -> Result<Pairing> {
    let caller = tx.caller()?;
    let kind = if input.household_id.is_some() { PairingKind::Household } else { PairingKind::Village };
    let proposed_by = policy::proposed_by(kind, caller.role, input.on_behalf_reason.is_some()).ok_or(ErrorCode::Forbidden)?;
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    let organisation = organisations::service::existing(tx, input.organisation_id, "/organisation_id").await?;
    let village_code = match (input.household_id, input.village_code) {
        (Some(id), _) => households::eligibility::named(tx, id, "/household_id").await?.village_code,
        (None, Some(code)) => villages::service::named(tx, &code, "/village_code").await?.code,
        (None, None) => return Err(Error::field("/village_code", "one_of_two")),
    };
    if !scope::owns(caller, &village_code, Some(organisation.id)) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !policy::can_make(campaign.current_phase) {
        return Err(ErrorCode::OutsidePhase.into());
    }
    let settings = &campaign.details.settings;
    match input.household_id {
        None => {
            enrolments::service::hold(tx, campaign.id, Member::Organisation(organisation.id)).await?;
            enrolments::service::hold(tx, campaign.id, Member::Village(&village_code)).await?;
            check_cap(tx, campaign.id, Column::OrganisationId.eq(organisation.id), settings.max_pairings_per_organisation)
                .await?;
            check_cap(tx, campaign.id, Column::VillageCode.eq(&village_code), settings.max_pairings_per_village).await?;
        }
        Some(id) => {
            hold_village_pairing(tx, campaign.id, organisation.id, &village_code).await?;
            households::eligibility::hold_assistable(tx, id).await?;
            let remarks = StepInput { note: input.note.clone(), on_behalf_reason: input.on_behalf_reason.clone() };
            households::eligibility::check_step(tx, id, &remarks).await?;
        }
    }
    let of_two = match input.household_id {
        Some(id) => Column::HouseholdId.eq(id),
        None => Column::VillageCode.eq(&village_code),
    };
    let live = scope::pairings(caller)
        .filter(Column::CampaignId.eq(campaign.id))
        .filter(Column::OrganisationId.eq(organisation.id))
        .filter(Column::Kind.eq(Code(kind)))
        .filter(Column::State.is_in(codes(PairingState::LIVE)))
        .filter(of_two);
    if let Some(known) = live.one(&tx.connection).await? {
        return Err(Error::from(ErrorCode::PairingExists).because_of(ObjectKind::Pairing, known.id));
    }
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(campaign.id),
        organisation_id: Set(organisation.id),
        kind: Set(Code(kind)),
        village_code: Set(village_code),
        household_id: Set(input.household_id),
        state: Set(Code(PairingState::Proposed)),
        proposed_by: Set(Code(proposed_by)),
        organisation_accepted_at: Set((proposed_by == ProposedBy::Organisation).then_some(tx.now)),
        village_accepted_at: Set((proposed_by == ProposedBy::Village).then_some(tx.now)),
        answer_due_on: Set(tx.today() + Days::new(settings.answer_days.unsigned_abs().into())),
        note: Set(input.note.clone()),
        active_since: Set(None),
        ended_on: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::PairingExists)?;
    let made = Pairings::read(&tx.asker()?, id).await?;
    let taker = Taker {
        holder: Holder::Pairing(id),
        campaign_id: Some(made.campaign_id),
        village_code: &made.village_code,
        organisation_id: Some(made.organisation_id),
        goal: None,
        corrects_id: None,
        pointer: commitments::listed,
    };
    commitments::write(tx, taker, &input.commitments).await?;
    let why = StepInput { note: input.note, on_behalf_reason: input.on_behalf_reason };
    let mut told = audit::to_map(&made);
    if !input.commitments.is_empty() {
        told.insert("commitments".to_owned(), serde_json::json!(input.commitments));
    }
    tx.record(Event::of(OBJECT, id, "propose").because(why), &(), &told).await?;
    Ok(made)
}

/// Locks the organisation's active pairing with the village, on which a pairing with a household depends.
pub(super) async fn hold_village_pairing(tx: &Tx, campaign_id: Uuid, organisation_id: Uuid, village_code: &str) -> Result<()> {
    let pairing = Entity::find()
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(Column::OrganisationId.eq(organisation_id))
        .filter(Column::VillageCode.eq(village_code))
        .filter(entities::pairings::with_village())
        .filter(Column::State.eq(Code(PairingState::Active)))
        .lock_exclusive()
        .one(&tx.connection)
        .await?;
    pairing.map(|_| ()).ok_or_else(|| ErrorCode::VillagePairingMissing.into())
}

async fn check_cap(tx: &Tx, campaign_id: Uuid, party: SimpleExpr, cap: Option<i32>) -> Result<()> {
    let Some(cap) = cap else { return Ok(()) };
    if entities::pairings::live(&tx.connection, campaign_id, party).await? >= u64::from(cap.unsigned_abs()) {
        Err(ErrorCode::PairingLimit.into())
    } else {
        Ok(())
    }
}

/// The first half of a step: locks the pairing, decides, writes its new state, and refuses if anything that belongs to it is
/// open. The workflow then ends what belongs to the pairing and calls [`finish`]. Returns the pairing as it was.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `outside_phase`, `stale_version`, `validation_failed`, `projects_open`,
/// `records_open`.
pub async fn take(tx: &Tx, id: Uuid, action: PairingAction, input: &StepInput) -> Result<Row> {
    let caller = tx.caller()?;
    if action == PairingAction::Activate {
        // Locked before the pairing itself, as when a pairing ends because the family withdraws its consent.
        let household_id = Pairings::row(&tx.asker()?, id).await?.household_id;
        if let Some(id) = household_id {
            households::eligibility::hold(tx, id).await?;
        }
    }
    tx.hold::<Entity>(id).await?;
    let before = Pairings::row(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let decision = policy::decide(facts(&before, tx.today()), action, caller.role, input)?;
    if let Some(id) = before.household_id {
        households::eligibility::check_step(tx, id, input).await?;
    }
    let mut columns = state_columns(tx, decision.state);
    match decision.accepts {
        Some(Side::Organisation) => columns.organisation_accepted_at = Set(Some(tx.now)),
        Some(Side::Village) => columns.village_accepted_at = Set(Some(tx.now)),
        None => {}
    }
    write(tx, &before, columns).await?;
    // The state is written first, so that nobody drafts an agreement or project for it, or records assistance, any more.
    match (action, before.household_id) {
        (PairingAction::Activate, Some(household_id)) => households::eligibility::begin_assistance(tx, household_id).await?,
        // 发放的要有人确认: all records are confirmed or rejected before the pairing is completed.
        (PairingAction::Complete, Some(_)) if entities::assistance::any_recorded(&tx.connection, id).await? => {
            return Err(ErrorCode::RecordsOpen.into());
        }
        (PairingAction::Complete, None) if entities::projects::any_open(&tx.connection, id).await? => {
            return Err(ErrorCode::ProjectsOpen.into());
        }
        // 为期一年: ending it earlier requires a reason.
        (PairingAction::Complete, None)
            if input.note.is_none() && entities::agreements::in_force(&tx.connection, id, tx.today()).await? =>
        {
            return Err(Error::field("/note", "required"));
        }
        _ => {}
    }
    Ok(before)
}

/// The second half of a step: writes its history and answers.
pub async fn finish(tx: &Tx, before: Row, action: PairingAction, input: StepInput) -> Result<Pairing> {
    let id = before.id;
    let before = before.into_pairing(Vec::new());
    let after = Pairings::read(&tx.asker()?, id).await?;
    tx.record(
        Event::of(OBJECT, id, action.code()).because(input),
        &before,
        &Pairing { allowed_actions: Vec::new(), ..after.clone() },
    )
    .await?;
    Ok(after)
}

/// Activates a confirmed pairing from a day on. Signing its agreement does this, in the same transaction.
///
/// # Errors
/// `illegal_step` if it is not confirmed.
pub async fn activate(tx: &Tx, id: Uuid, on: NaiveDate) -> Result<()> {
    let caller = tx.caller()?;
    let before = Pairings::row(&tx.asker()?, id).await?;
    if before.state.0 != PairingState::Confirmed {
        let allowed = policy::allowed(facts(&before, tx.today()), caller.role);
        return Err(Error::illegal_step(before.state.0.code(), allowed.into_iter().map(CodedEnum::code).collect()));
    }
    let columns = ActiveModel { state: Set(Code(PairingState::Active)), active_since: Set(Some(on)), ..Default::default() };
    write(tx, &before, columns).await?;
    let before = before.into_pairing(Vec::new());
    let after = Pairings::row(&tx.asker()?, id).await?.into_pairing(Vec::new());
    tx.record(Event::of(OBJECT, id, "activate"), &before, &after).await
}

/// The columns of a pairing that changes its state today.
pub(super) fn state_columns(tx: &Tx, state: PairingState) -> ActiveModel {
    let ended = matches!(state, PairingState::Completed | PairingState::Terminated);
    let mut columns = ActiveModel { state: Set(Code(state)), ended_on: Set(ended.then(|| tx.today())), ..Default::default() };
    if state == PairingState::Active {
        columns.active_since = Set(Some(tx.today()));
    }
    columns
}

pub(super) async fn write(tx: &Tx, before: &Row, columns: ActiveModel) -> Result<()> {
    tx.write::<Entity>(before.id, before.version, columns).await.on_unique(ErrorCode::PairingExists)
}

/// The number of pairings of a town in a state.
#[derive(Clone, Debug, FromQueryResult)]
pub struct TownCount {
    pub town_code: String,
    pub town_name: String,
    pub state: Code<PairingState>,
    pub pairings: i64,
}

/// Counts a campaign's pairings with villages that a caller may see, ordered by town.
pub async fn count_by_town(asker: &Asker<'_>, campaign_id: Uuid, area_code: Option<&str>) -> Result<Vec<TownCount>> {
    let town = |column: entities::areas::Column| Expr::col(("town", column));
    let parties = names::village_and_town(scope::pairings(asker.caller), JoinType::InnerJoin, Relation::Village);
    let mut select = parties
        .select_only()
        .column_as(town(entities::areas::Column::Code), "town_code")
        .column_as(town(entities::areas::Column::Name), "town_name")
        .column(Column::State)
        .column_as(Column::Id.count(), "pairings")
        .filter(entities::pairings::with_village())
        .filter(Column::CampaignId.eq(campaign_id))
        .group_by(town(entities::areas::Column::Code))
        .group_by(town(entities::areas::Column::Name))
        .group_by(Column::State)
        .order_by_asc(town(entities::areas::Column::Code));
    if let Some(code) = area_code {
        select = select.filter(entities::pairings::lies_in(code));
    }
    Ok(select.into_model().all(&asker.db).await?)
}

/// Deletes the notes of pairings with a household.
pub async fn forget_notes(tx: &Tx, household_id: Uuid) -> Result<()> {
    let silent = ActiveModel { note: Set(None), ..Default::default() };
    Entity::update_many().set(silent).filter(Column::HouseholdId.eq(household_id)).exec(&tx.connection).await?;
    Ok(())
}
