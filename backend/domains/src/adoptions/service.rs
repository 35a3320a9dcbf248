//! Begins adoptions, and takes their steps.

use chrono::Days;
use contract::adoptions::{
    Adoption, AdoptionAction, AdoptionInput, AdoptionProposer, AdoptionState, Cadre, CadreQuery, CadreSort,
};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, ObjectKind, Page, Role};
use entities::adoptions::{ActiveModel, Column, Entity, OBJECT, Row};
use entities::{institutions, scope, users};
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::error::OnUnique;
use platform::list::{self, By, by};
use platform::object::{Given, Object};
use platform::spelling::sought;
use platform::{Asker, Error, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{QuerySelect, Select};

use super::list::{Adoptions, facts};
use super::policy::{self, Side};
use crate::campaigns;

/// The cadres of the caller's county who can be proposed to.
fn cadres(asker: &Asker<'_>) -> Select<users::Entity> {
    scope::cadres(asker.caller).filter(users::Column::Role.eq(Code(Role::Cadre))).filter(users::Column::Disabled.eq(false))
}

/// Lists cadres.
///
/// # Errors
/// `bad_cursor`.
pub async fn list_cadres(asker: &Asker<'_>, query: &CadreQuery) -> Result<Page<Cadre>> {
    let called = |q: &String| list::contains((users::Entity, users::Column::NameWords), &sought(q));
    let order = |sort| -> By<users::Model> {
        match sort {
            CadreSort::DisplayName => by(users::Column::NameKey, |row| (&row.name_key).into()),
        }
    };
    let page = list::page(&asker.db, cadres(asker).given(query.q.as_ref(), called), query, order).await?;
    Ok(list::map(page, |row: users::Model| Cadre { id: row.id, display_name: row.display_name }))
}

/// The name of a cadre that exists for the caller.
///
/// # Errors
/// A fault at `pointer`.
pub async fn cadre_name(asker: &Asker<'_>, id: Uuid, pointer: &str) -> Result<String> {
    let cadre = scope::cadres(asker.caller).filter(users::Column::Id.eq(id)).one(&asker.db).await?;
    cadre.map(|cadre| cadre.display_name).ok_or_else(|| Error::field(pointer, "unknown"))
}

/// Proposes an adoption, or recommends one.
///
/// # Errors
/// `validation_failed`, `forbidden`, `outside_own_scope`, `outside_phase`, `institution_closed`, `adoption_exists`.
pub async fn create(tx: &Tx, input: AdoptionInput) -> Result<Adoption> {
    let caller = tx.caller()?;
    let proposed_by = policy::proposed_by(caller.role).ok_or(ErrorCode::Forbidden)?;
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    // Both are locked, so that neither leaves before the transaction ends. The own account of a cadre is locked already.
    let cadre = cadres(&tx.asker()?).filter(users::Column::Id.eq(input.cadre_id)).lock(LockType::Share);
    if cadre.one(&tx.connection).await?.is_none() {
        return Err(Error::field("/cadre_id", "unknown"));
    }
    let institution = scope::institutions(caller).filter(institutions::Column::Id.eq(input.institution_id));
    let institution = institution.lock(LockType::Share).one(&tx.connection).await?;
    let institution = institution.ok_or_else(|| Error::field("/institution_id", "unknown"))?;
    if institution.state.0 != contract::institutions::InstitutionState::Open {
        return Err(Error::field("/institution_id", "institution_closed"));
    }
    if caller.role == Role::Cadre && input.cadre_id != caller.user_id {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !institution.area_code.starts_with(&campaign.details.area_code) {
        return Err(Error::field("/campaign_id", "unknown"));
    }
    if !policy::can_make(campaign.current_phase) {
        return Err(ErrorCode::OutsidePhase.into());
    }
    let live = scope::adoptions(caller)
        .filter(Column::CampaignId.eq(campaign.id))
        .filter(Column::CadreId.eq(input.cadre_id))
        .filter(Column::InstitutionId.eq(institution.id))
        .filter(Column::State.is_in(codes(AdoptionState::LIVE)));
    if let Some(known) = live.one(&tx.connection).await? {
        return Err(Error::from(ErrorCode::AdoptionExists).because_of(ObjectKind::Adoption, known.id));
    }
    let id = Uuid::now_v7();
    let days = campaign.details.settings.answer_days.unsigned_abs();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(campaign.id),
        cadre_id: Set(input.cadre_id),
        institution_id: Set(institution.id),
        state: Set(Code(AdoptionState::Proposed)),
        proposed_by: Set(Code(proposed_by)),
        cadre_accepted_at: Set((proposed_by == AdoptionProposer::Cadre).then_some(tx.now)),
        institution_accepted_at: Set((proposed_by == AdoptionProposer::Institution).then_some(tx.now)),
        answer_due_on: Set(tx.today() + Days::new(days.into())),
        note: Set(input.note.clone()),
        active_since: Set(None),
        ended_on: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::AdoptionExists)?;
    let made = Adoptions::read(&tx.asker()?, id).await?;
    let why = StepInput { note: input.note, on_behalf_reason: None };
    tx.record(Event::of(OBJECT, id, "propose").because(why), &(), &made).await?;
    Ok(made)
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `outside_phase`, `stale_version`, `validation_failed`, `help_open`.
pub async fn step(tx: &Tx, id: Uuid, action: AdoptionAction, input: StepInput) -> Result<Adoption> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = Adoptions::row(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let decision = policy::decide(facts(&before, tx.today()), action, caller.role, &input)?;
    let mut columns = state_columns(tx, decision.state);
    match decision.accepts {
        Some(Side::Cadre) => columns.cadre_accepted_at = Set(Some(tx.now)),
        Some(Side::Institution) => columns.institution_accepted_at = Set(Some(tx.now)),
        None => {}
    }
    tx.write::<Entity>(id, before.version, columns).await?;
    // What was given is confirmed or rejected before the adoption is completed.
    if action == AdoptionAction::Complete && entities::help_records::any_recorded(&tx.connection, id).await? {
        return Err(ErrorCode::RecordsOpen.into());
    }
    let before = before.into_adoption(Vec::new());
    let after = Adoptions::read(&tx.asker()?, id).await?;
    let kept = Adoption { allowed_actions: Vec::new(), ..after.clone() };
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &kept).await?;
    Ok(after)
}

/// The columns of an adoption that changes its state today.
pub(super) fn state_columns(tx: &Tx, state: AdoptionState) -> ActiveModel {
    let ended = matches!(state, AdoptionState::Completed | AdoptionState::Terminated);
    let mut columns = ActiveModel { state: Set(Code(state)), ended_on: Set(ended.then(|| tx.today())), ..Default::default() };
    if state == AdoptionState::Active {
        columns.active_since = Set(Some(tx.today()));
    }
    columns
}

/// Locks the adoption in a field of an input, and returns it with the days that what belongs to it depends on.
///
/// # Errors
/// A fault at `/adoption_id` if there is no such adoption.
pub async fn held(tx: &Tx, id: Uuid) -> Result<(Row, policy::Days)> {
    let unknown = || Error::field("/adoption_id", "unknown");
    let exists = Adoptions::row(&tx.asker()?, id).await;
    exists.map_err(|error| if error.code == ErrorCode::NotFound { unknown() } else { error })?;
    tx.hold::<Entity>(id).await?;
    let row = Adoptions::row(&tx.asker()?, id).await?;
    let campaign = campaigns::service::named(&tx.asker()?, row.campaign_id, "/adoption_id").await?;
    let days = policy::Days {
        today: tx.today(),
        campaign_starts_on: campaign.details.starts_on,
        campaign_ends_on: campaign.details.ends_on,
        active_since: row.active_since,
        ended_on: row.ended_on,
    };
    Ok((row, days))
}
