//! Enrols villages and organisations in campaigns.

use contract::campaigns::Phase;
use contract::enrolments::{Enrolment, EnrolmentAction, EnrolmentDetails, EnrolmentInput, EnrolmentKind, EnrolmentState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Role};
use entities::enrolments::{ActiveModel, Column, Entity, Member, OBJECT, Relation, name};
use entities::scope;
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::error::OnUnique;
use platform::object::{Object, locked};
use platform::{Error, Patch, Result, Tx, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, JoinType, QuerySelect, QueryTrait, RelationTrait};

use super::list::Enrolments;
use super::policy;
use crate::campaigns;
use crate::organisations;
use crate::villages;

/// The phases in which enrolment is open.
const OPEN: &[Phase] = &[Phase::Preparation, Phase::Implementation];

/// Enrols a village or an organisation in a campaign: by its own application, or by a nomination of its town or the bureau.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`, `outside_phase`, `already_enrolled`.
pub async fn create(tx: &Tx, input: EnrolmentInput) -> Result<Enrolment> {
    let caller = tx.caller()?;
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    let (kind, area_code) = match (&input.village_code, input.organisation_id) {
        (Some(code), _) => (EnrolmentKind::Village, villages::service::named(tx, code, "/village_code").await?.code),
        (None, Some(id)) => {
            let organisation = organisations::service::existing(tx, id, "/organisation_id").await?;
            (EnrolmentKind::Organisation, organisation.details.area_code)
        }
        (None, None) => return Err(Error::field("/village_code", "one_of_two")),
    };
    if !scope::owns(caller, &area_code, input.organisation_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !area_code.starts_with(&campaign.details.area_code) {
        return Err(Error::field("/campaign_id", "unknown"));
    }
    if !campaign.current_phase.is_some_and(|phase| OPEN.contains(&phase)) {
        return Err(ErrorCode::OutsidePhase.into());
    }
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(input.campaign_id),
        kind: Set(Code(kind)),
        village_code: Set(input.village_code.clone()),
        organisation_id: Set(input.organisation_id),
        area_code: Set(area_code),
        state: Set(Code(policy::first_state(caller.role))),
        note: Set(input.note.clone()),
        places: Set(input.places),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::AlreadyEnrolled)?;
    let made = Enrolments::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// Changes how many pairs it can take on, and its note.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `ranking_closed` after the deadline of the rankings, `illegal_step` if it takes no part any more,
/// `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Enrolment> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = Enrolments::read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    if !scope::owns(caller, &before.area_code, before.organisation_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !before.editable {
        let takes_part = policy::editable(before.state, Role::Bureau, before.places_until, tx.today());
        let closed = || ErrorCode::RankingClosed.into();
        return Err(if takes_part { closed() } else { workflow::illegal(before.state, &before.allowed_actions) });
    }
    let old = EnrolmentDetails { places: before.places, note: before.note.clone() };
    let Some(EnrolmentDetails { places, note }) = patch.changes(&old)? else { return Ok(before) };
    if places.is_some_and(|places| places > before.kind.most_places()) {
        return Err(Error::field("/places", "too_many"));
    }
    let columns = ActiveModel { places: Set(places), note: Set(note), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    let after = Enrolments::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before, &after).await?;
    Ok(after)
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `forbidden`, `illegal_step`, `pairings_live`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: EnrolmentAction, input: StepInput) -> Result<Enrolment> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = Enrolments::read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(EnrolmentState::STEPS, before.state, action, caller.role, &input)?;
    if !scope::owns(caller, &before.area_code, before.organisation_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    // A participant with a pairing or a proposal leaves only after that was withdrawn or ended.
    if action == EnrolmentAction::Withdraw
        && entities::pairings::live(&tx.connection, before.campaign_id, party(member(&before))).await? > 0
    {
        return Err(ErrorCode::PairingsLive.into());
    }
    let columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    let after = Enrolments::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

/// Withdraws an organisation that has ended from the campaigns that are not over.
pub async fn withdraw_ended(tx: &Tx, organisation_id: Uuid) -> Result<()> {
    let running = entities::campaigns::Entity::find()
        .select_only()
        .column(entities::campaigns::Column::Id)
        .filter(entities::campaigns::Column::EndsOn.gte(tx.today()));
    let entered = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::OrganisationId.eq(organisation_id))
        .filter(Column::State.is_in(codes(&[EnrolmentState::Applied, EnrolmentState::Nominated, EnrolmentState::Confirmed])))
        .filter(Column::CampaignId.in_subquery(running.into_query()));
    for id in locked(entered, Column::Id).into_tuple::<Uuid>().all(&tx.connection).await? {
        let before = Enrolments::read(&tx.asker()?, id).await?;
        let columns = ActiveModel { state: Set(Code(EnrolmentState::Withdrawn)), ..Default::default() };
        tx.write::<Entity>(id, before.version, columns).await?;
        let after = Enrolments::read(&tx.asker()?, id).await?;
        tx.record(Event::of(OBJECT, id, "organisation_ended"), &before, &after).await?;
    }
    Ok(())
}

/// Locks a confirmed enrolment until the transaction ends, so that counts that depend on it stay correct.
///
/// # Errors
/// `not_enrolled`.
pub async fn hold(tx: &Tx, campaign_id: Uuid, member: Member<'_>) -> Result<()> {
    let member = match member {
        Member::Village(code) => Column::VillageCode.eq(code),
        Member::Organisation(id) => Column::OrganisationId.eq(id),
    };
    Entity::find()
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(member)
        .filter(Column::State.eq(Code(EnrolmentState::Confirmed)))
        .lock_exclusive()
        .one(&tx.connection)
        .await?
        .map(|_| ())
        .ok_or_else(|| ErrorCode::NotEnrolled.into())
}

/// A village or organisation by its code or id, and its name.
pub type Named = (Option<String>, Option<Uuid>, String);

/// Which of these villages and organisations are confirmed in a campaign, and their names.
pub async fn confirmed(tx: &Tx, campaign_id: Uuid, villages: &[&str], organisations: &[Uuid]) -> Result<Vec<Named>> {
    let named = Entity::find()
        .join(JoinType::LeftJoin, Relation::Area.def())
        .join(JoinType::LeftJoin, Relation::Organisation.def())
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(Column::State.eq(Code(EnrolmentState::Confirmed)))
        .filter(
            Condition::any()
                .add(Column::VillageCode.is_in(villages.iter().copied()))
                .add(Column::OrganisationId.is_in(organisations.iter().copied())),
        )
        .select_only()
        .columns([Column::VillageCode, Column::OrganisationId])
        .column_as(name(), "name");
    Ok(named.into_tuple().all(&tx.connection).await?)
}

fn member(enrolment: &Enrolment) -> Member<'_> {
    match (&enrolment.village_code, enrolment.organisation_id) {
        (Some(code), _) => Member::Village(code),
        (None, id) => Member::Organisation(id.unwrap_or_default()),
    }
}

/// The pairings of a village or an organisation.
fn party(member: Member<'_>) -> Expr {
    match member {
        Member::Village(code) => entities::pairings::Column::VillageCode.eq(code),
        Member::Organisation(id) => entities::pairings::Column::OrganisationId.eq(id),
    }
}
