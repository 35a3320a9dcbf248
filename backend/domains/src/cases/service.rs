//! Nominates cases and good practices, and takes their steps.

use contract::campaigns::Campaign;
use contract::cases::{Case, CaseAction, CaseInput, CaseState, CaseStepInput};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::cases::{ActiveModel, Entity, OBJECT};
use entities::{pairings, projects, scope};
use platform::audit::Event;
use platform::coded::Code;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, spelling, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::list::{Cases, keeps};
use super::policy;
use crate::campaigns;
use crate::households::published::{self, concerned};
use crate::organisations;

/// Whom something is about: the area it lies in, and the organisation.
#[derive(Clone, Debug)]
pub struct Party {
    pub area_code: String,
    pub organisation_id: Option<Uuid>,
}

/// Whom something of a campaign is about: the sides of a pairing with a village that has begun, or whoever writes it.
///
/// # Errors
/// A fault at `/pairing_id` or `/campaign_id`, `pairing_not_confirmed`.
pub async fn party(tx: &Tx, campaign: &Campaign, pairing_id: Option<Uuid>) -> Result<Party> {
    let caller = tx.caller()?;
    let party = if let Some(id) = pairing_id {
        let pairing = begun(tx, id).await?;
        if pairing.campaign_id != campaign.id {
            return Err(Error::field("/pairing_id", "unknown"));
        }
        Party { area_code: pairing.village_code, organisation_id: Some(pairing.organisation_id) }
    } else if let Some(id) = scope::organisation(caller) {
        let own = organisations::service::existing(tx, id, "/campaign_id").await?;
        Party { area_code: own.details.area_code, organisation_id: Some(id) }
    } else {
        Party { area_code: caller.area_code.clone(), organisation_id: None }
    };
    let inside = party.area_code.starts_with(&campaign.details.area_code);
    if inside { Ok(party) } else { Err(Error::field("/campaign_id", "unknown")) }
}

/// The pairing with a village in a field of an input, which is or was active. Those with single families are told of nowhere here.
///
/// # Errors
/// A fault at `/pairing_id`, `pairing_not_confirmed`.
pub async fn begun(tx: &Tx, id: Uuid) -> Result<pairings::Model> {
    let own = scope::pairings(tx.caller()?).filter(pairings::Column::Id.eq(id)).filter(pairings::with_village());
    let pairing = own.one(&tx.connection).await?.ok_or_else(|| Error::field("/pairing_id", "unknown"))?;
    if pairing.active_since.is_some() { Ok(pairing) } else { Err(ErrorCode::PairingNotConfirmed.into()) }
}

/// Nominates a case, or a good practice. What an inspection has found becomes one by this: its words are the practice, and
/// `found_in` says where they are from.
///
/// # Errors
/// `validation_failed`, `pairing_not_confirmed`, `too_many_requests`.
pub async fn create(tx: &Tx, input: CaseInput) -> Result<Case> {
    let faults = input.faults();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    let party = party(tx, &campaign, input.pairing_id).await?;
    check(tx, &input, &party.area_code, party.organisation_id).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        organisation_id: Set(party.organisation_id),
        area_code: Set(party.area_code),
        state: Set(Code(CaseState::Nominated)),
        nominated_by: Set(Code(tx.caller()?.role)),
        reason: Set(None),
        people_shown: Set(None),
        shown_confirmed_by: Set(None),
        shown_confirmed_at: Set(None),
        published_on: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(&input)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &input).await?;
    Cases::read(&tx.asker()?, id).await
}

/// Checks what is written against what is there: the project is one of the pairing, and no word tells who a family is.
async fn check(tx: &Tx, input: &CaseInput, area_code: &str, organisation_id: Option<Uuid>) -> Result<()> {
    if let (Some(project), Some(pairing)) = (input.project_id, input.pairing_id) {
        let own = projects::Entity::find_by_id(project).filter(projects::Column::PairingId.eq(pairing));
        if own.count(&tx.connection).await? == 0 {
            return Err(Error::field("/project_id", "not_of_pairing_project"));
        }
    }
    published::check(tx, concerned(area_code, organisation_id), &input.texts()).await
}

/// Changes a case that is not published.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step`, `stale_version`, `validation_failed`, `too_many_requests`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Case> {
    tx.hold::<Entity>(id).await?;
    let row = Cases::row(&tx.asker()?, id).await?;
    let kept = keeps(tx.caller()?, &row);
    let before = Cases::shown(&tx.asker()?, row);
    tx.check_version(before.version)?;
    if !kept {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !before.editable {
        return Err(workflow::illegal(before.state, &before.allowed_actions));
    }
    let Some(input) = patch.changes::<CaseInput>(&before.details)? else { return Ok(before) };
    let fixed = [
        ("/campaign_id", input.campaign_id == before.details.campaign_id),
        ("/kind", input.kind == before.details.kind),
        ("/pairing_id", input.pairing_id == before.details.pairing_id),
    ];
    if let Some((pointer, _)) = fixed.into_iter().find(|(_, same)| !same) {
        return Err(Error::field(pointer, "fixed"));
    }
    let faults = input.faults();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    check(tx, &input, &before.area_code, before.organisation_id).await?;
    tx.write::<Entity>(id, before.version, columns(&input)).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &input).await?;
    Cases::read(&tx.asker()?, id).await
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `forbidden`, `illegal_step`, `stale_version`, `names_family`, `validation_failed`,
/// `too_many_requests`.
pub async fn step(tx: &Tx, id: Uuid, action: CaseAction, input: CaseStepInput) -> Result<Case> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let row = Cases::row(&tx.asker()?, id).await?;
    tx.check_version(row.version)?;
    let (step, shown) = policy::decide(row.state.0, action, caller.role, &input)?;
    if !keeps(caller, &row) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let concerned = concerned(&row.area_code, row.organisation_id);
    if let Some(note) = &input.note {
        // Everybody reads the reason of what is published.
        published::check(tx, concerned.clone(), &[("/note", note)]).await?;
    }
    let before = row.clone().into_case(Vec::new(), false);
    if action == CaseAction::Publish
        && let Some((family, _)) = published::told(tx, concerned, &before.details.texts()).await?
    {
        // The family may have come to the village after the case was written.
        return Err(published::traced(tx, ErrorCode::NamesFamily.into(), family)?);
    }
    let mut columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    if action == CaseAction::Publish {
        let name = entities::users::Entity::find_by_id(caller.user_id).one(&tx.connection).await?;
        columns.published_on = Set(Some(row.published_on.unwrap_or_else(|| tx.today())));
        columns.shown_confirmed_by = Set(name.map(|user| user.display_name));
        columns.shown_confirmed_at = Set(Some(tx.now));
    } else {
        columns.reason = Set(input.note.clone());
        columns.shown_confirmed_by = Set(None);
        columns.shown_confirmed_at = Set(None);
    }
    columns.people_shown = Set(shown.map(Code));
    tx.write::<Entity>(id, before.version, columns).await?;
    let after = Cases::read(&tx.asker()?, id).await?;
    let kept = Case { allowed_actions: Vec::new(), editable: false, ..after.clone() };
    let why = StepInput { note: input.note, on_behalf_reason: None };
    tx.record(Event::of(OBJECT, id, action.code()).because(why), &before, &kept).await?;
    Ok(after)
}

fn columns(input: &CaseInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel {
        name_key: Set(spelling::key(&input.title)),
        name_words: Set(spelling::words(&input.title)),
        ..input.{
            campaign_id, kind, pairing_id, project_id, title, goal, industry, summary, background, practice, effect,
            why_it_works, what_it_needs, found_in,
        }
    })
}
