//! Enters what has appeared in public, corrects and withdraws it.

use chrono::NaiveDate;
use contract::publicity::{PublicityAction, PublicityInput, PublicityItem, PublicityState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::publicity::{ActiveModel, Entity, OBJECT};
use platform::audit::Event;
use platform::coded::Code;
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, spelling, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::list::{PublicityItems, keeps};
use crate::campaigns;
use crate::cases;
use crate::cases::list::Cases;
use crate::households::published;

/// Enters an item.
///
/// # Errors
/// `validation_failed`, `pairing_not_confirmed`, `publicity_exists`, `too_many_requests`.
pub async fn create(tx: &Tx, input: PublicityInput) -> Result<PublicityItem> {
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    let party = cases::service::party(tx, &campaign, input.pairing_id).await?;
    check_case(tx, &input).await?;
    check(tx, &input, campaign.details.starts_on, &party.area_code, party.organisation_id).await?;
    let id = Uuid::now_v7();
    let row =
        ActiveModel { area_code: Set(party.area_code), organisation_id: Set(party.organisation_id), ..begun(tx, id, &input) };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::PublicityExists)?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &input).await?;
    PublicityItems::read(&tx.asker()?, id).await
}

/// Refuses a case that does not exist for the caller.
async fn check_case(tx: &Tx, input: &PublicityInput) -> Result<()> {
    let Some(id) = input.case_id else { return Ok(()) };
    let unknown = |error: Error| if error.code == ErrorCode::NotFound { Error::field("/case_id", "unknown") } else { error };
    Cases::row(&tx.asker()?, id).await.map(drop).map_err(unknown)
}

async fn check(tx: &Tx, input: &PublicityInput, from: NaiveDate, area_code: &str, organisation_id: Option<Uuid>) -> Result<()> {
    let mut faults = input.faults();
    faults.extend(day_fault(input.appeared_on, from, tx.today()).map(|code| contract::FieldError::at("/appeared_on", code)));
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    published::check(tx, published::concerned(area_code, organisation_id), &texts(input)).await
}

/// Why something of a campaign cannot have appeared on a day. It may appear when the campaign is over.
pub(super) fn day_fault(day: NaiveDate, from: NaiveDate, today: NaiveDate) -> Option<&'static str> {
    if day > today { Some("future") } else { (day < from).then_some("date_outside_campaign") }
}

/// The fields that hold words, and their words.
pub(super) fn texts(input: &PublicityInput) -> Vec<(&'static str, &str)> {
    let feature = input.feature.as_deref().map(|words| ("/feature", words));
    [("/title", &*input.title), ("/outlet", &*input.outlet)].into_iter().chain(feature).collect()
}

/// Changes an item.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step`, `stale_version`, `publicity_exists`, `validation_failed`, `too_many_requests`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<PublicityItem> {
    let before = held(tx, id).await?;
    if !before.editable {
        return Err(workflow::illegal(before.state, &before.allowed_actions));
    }
    let Some(input) = patch.changes::<PublicityInput>(&before.details)? else { return Ok(before) };
    if let Some(pointer) = fixed(&before.details, &input) {
        return Err(Error::field(format!("/{pointer}"), "fixed"));
    }
    if input.case_id != before.details.case_id {
        check_case(tx, &input).await?;
    }
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    check(tx, &input, campaign.details.starts_on, &before.area_code, before.organisation_id).await?;
    tx.write::<Entity>(id, before.version, columns(&input)).await.on_unique(ErrorCode::PublicityExists)?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &input).await?;
    PublicityItems::read(&tx.asker()?, id).await
}

/// A field that stays as it is, and does not.
pub(super) fn fixed(before: &PublicityInput, input: &PublicityInput) -> Option<&'static str> {
    [("campaign_id", input.campaign_id == before.campaign_id), ("pairing_id", input.pairing_id == before.pairing_id)]
        .into_iter()
        .find_map(|(field, same)| (!same).then_some(field))
}

/// Locks an item that the caller keeps, and reads it.
async fn held(tx: &Tx, id: Uuid) -> Result<PublicityItem> {
    tx.hold::<Entity>(id).await?;
    let row = PublicityItems::row(&tx.asker()?, id).await?;
    tx.check_version(row.version)?;
    if !keeps(tx.caller()?, &row) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    Ok(PublicityItems::shown(&tx.asker()?, row))
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `forbidden`, `illegal_step`, `stale_version`, `publicity_exists`, `validation_failed`, `too_many_requests`.
pub async fn step(tx: &Tx, id: Uuid, action: PublicityAction, input: StepInput) -> Result<PublicityItem> {
    let before = held(tx, id).await?;
    let step = workflow::step(PublicityState::STEPS, before.state, action, tx.caller()?.role, &input)?;
    if let Some(note) = &input.note {
        let concerned = published::concerned(&before.area_code, before.organisation_id);
        published::check(tx, concerned, &[("/note", note)]).await?;
    }
    let columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await.on_unique(ErrorCode::PublicityExists)?;
    let (from, to) = (json!({ "state": before.state }), json!({ "state": step.to }));
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &from, &to).await?;
    PublicityItems::read(&tx.asker()?, id).await
}

/// The row of a new item, but for whose it is.
pub(super) fn begun(tx: &Tx, id: Uuid, input: &PublicityInput) -> ActiveModel {
    ActiveModel {
        id: Set(id),
        state: Set(Code(PublicityState::Recorded)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input)
    }
}

fn columns(input: &PublicityInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel {
        name_key: Set(spelling::key(&input.title)),
        name_words: Set(spelling::words(&input.title)),
        ..input.{
            campaign_id, channel, feature, title, outlet, appeared_on, link, reach, reach_unit, pairing_id, case_id,
        }
    })
}
