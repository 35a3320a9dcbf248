//! Writes entries of the catalogue.

use contract::campaigns::{Campaign, Phase};
use contract::catalogue::{CatalogueEntry, CatalogueEntryAction, CatalogueEntryInput, CatalogueEntryState};
use contract::organisations::OrganisationState;
use contract::problem::LikelyDouble;
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, ObjectKind};
use entities::catalogue::{ActiveModel, Column, Entity, Model, OBJECT};
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, spelling, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};

use super::commitments;
use super::list::{CatalogueEntries, keeps};
use crate::areas;
use crate::campaigns;
use crate::households::published::{self, concerned};
use crate::organisations;
use crate::villages;

/// The phases in which entries are published.
const OPEN: &[Phase] = &[Phase::Preparation, Phase::Implementation];
/// The most similar entries that are shown.
const MOST: u64 = 20;

/// Whether entries of a campaign can be published now.
pub fn is_open(phase: Option<Phase>) -> bool {
    phase.is_some_and(|phase| OPEN.contains(&phase))
}

/// Drafts an entry.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`, `outside_phase`, `likely_double`, `too_many_requests`.
pub async fn create(tx: &Tx, input: CatalogueEntryInput) -> Result<CatalogueEntry> {
    let caller = tx.caller()?;
    let faults = input.faults();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    let area_code = party(tx, &input).await?;
    if !keeps(caller, &area_code, input.organisation_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !area_code.starts_with(&campaign.details.area_code) {
        return Err(Error::field("/campaign_id", "unknown"));
    }
    if !is_open(campaign.current_phase) {
        return Err(ErrorCode::OutsidePhase.into());
    }
    check_months(tx, &input, &campaign)?;
    check_doubles(tx, None, &input).await?;
    published::check(tx, concerned(&area_code, input.organisation_id), &input.texts()).await?;
    let id = Uuid::now_v7();
    let row = begun(tx, id, &input, area_code, CatalogueEntryState::Draft);
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let made = CatalogueEntries::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &saying(&made, &input)).await?;
    Ok(made)
}

/// The area of the village or organisation of an entry. It is locked: no other entry of it is made, and it does not end, before
/// the transaction does.
async fn party(tx: &Tx, input: &CatalogueEntryInput) -> Result<String> {
    if let Some(code) = &input.village_code {
        let village = villages::service::named(tx, code, "/village_code").await?;
        villages::service::hold(tx, code).await?;
        return Ok(village.code);
    }
    let id = input.organisation_id.unwrap_or_default();
    tx.hold::<entities::organisations::Entity>(id).await?;
    Ok(organisations::service::existing(tx, id, "/organisation_id").await?.details.area_code)
}

/// Refuses what looks like another entry of the same village or organisation.
///
/// # Errors
/// `likely_double`.
async fn check_doubles(tx: &Tx, except: Option<Uuid>, input: &CatalogueEntryInput) -> Result<()> {
    if input.not_a_double {
        return Ok(());
    }
    let similar = Entity::find()
        .filter(Column::CampaignId.eq(input.campaign_id))
        .filter(of_party(input.village_code.as_deref(), input.organisation_id))
        .filter(Column::Goal.eq(Code(input.goal)))
        .filter(Column::Kind.eq(Code(input.kind)))
        .filter(Column::State.is_in(codes(CatalogueEntryState::LIVE)))
        .filter(Column::Id.is_not_in(except))
        .order_by_desc(Column::Id)
        .limit(MOST)
        .all(&tx.connection)
        .await?;
    let shown = |row: Model| LikelyDouble { id: row.id, path: ObjectKind::CatalogueEntry.location(row.id), name: row.title };
    let similar: Vec<_> = similar.into_iter().map(shown).collect();
    if similar.is_empty() { Ok(()) } else { Err(Error::likely_double(similar)) }
}

fn of_party(village_code: Option<&str>, organisation_id: Option<Uuid>) -> Expr {
    match (village_code, organisation_id) {
        (Some(code), _) => Column::VillageCode.eq(code),
        (None, id) => Column::OrganisationId.eq(id.unwrap_or_default()),
    }
}

/// The entry as its history tells of it: also who has said that it is no double.
fn saying(entry: &CatalogueEntry, input: &CatalogueEntryInput) -> CatalogueEntry {
    let mut entry = entry.clone();
    entry.details.not_a_double = input.not_a_double;
    entry
}

/// Locks an entry behind its village or organisation, and reads it.
async fn held(tx: &Tx, id: Uuid) -> Result<CatalogueEntry> {
    let seen = CatalogueEntries::row(&tx.asker()?, id).await?;
    match (&seen.village_code, seen.organisation_id) {
        (Some(code), _) => villages::service::hold(tx, code).await?,
        (None, id) => tx.hold::<entities::organisations::Entity>(id.unwrap_or_default()).await?,
    }
    tx.hold::<Entity>(id).await?;
    CatalogueEntries::read(&tx.asker()?, id).await
}

/// Changes an entry that is not over.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step` if the state does not allow it, `likely_double`, `stale_version`,
/// `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<CatalogueEntry> {
    let before = held(tx, id).await?;
    tx.check_version(before.version)?;
    if !keeps(tx.caller()?, &before.area_code, before.details.organisation_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !before.editable {
        return Err(workflow::illegal(before.state, &before.allowed_actions));
    }
    let Some(input) = patch.changes::<CatalogueEntryInput>(&before.details)? else { return Ok(before) };
    if let Some((pointer, code)) = fault(&before, &input) {
        return Err(Error::field(format!("/{pointer}"), code));
    }
    let faults = input.faults();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    if !input.has_months_of(&before.details) {
        let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
        check_months(tx, &input, &campaign)?;
    }
    if !input.is_like(&before.details) {
        check_doubles(tx, Some(id), &input).await?;
    }
    published::check(tx, concerned(&before.area_code, input.organisation_id), &input.texts()).await?;
    tx.write::<Entity>(id, before.version, columns(&input)).await?;
    let after = CatalogueEntries::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before, &saying(&after, &input)).await?;
    // Whoever needs no more than was fulfilled needs nothing any more.
    commitments::settle(tx, vec![id]).await?;
    CatalogueEntries::read(&tx.asker()?, id).await
}

/// Why an entry cannot be changed in this way: the field, and the code of the fault.
pub(super) fn fault(before: &CatalogueEntry, input: &CatalogueEntryInput) -> Option<(&'static str, &'static str)> {
    let taken = before.requested + before.committed + before.fulfilled;
    let details = &before.details;
    [
        ("campaign_id", "fixed", input.campaign_id != details.campaign_id),
        ("village_code", "fixed", input.village_code != details.village_code),
        ("organisation_id", "fixed", input.organisation_id != details.organisation_id),
        ("quantity", "below_committed", input.quantity < taken),
        ("quantity_unit", "fixed", taken > 0 && input.quantity_unit != details.quantity_unit),
    ]
    .into_iter()
    .find_map(|(field, code, is_so)| is_so.then_some((field, code)))
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `forbidden`, `illegal_step`, `entry_committed`, `outside_phase`, `village_ended`,
/// `organisation_ended`, `names_family`, `likely_double`, `stale_version`, `validation_failed`, `too_many_requests`.
pub async fn step(tx: &Tx, id: Uuid, action: CatalogueEntryAction, input: StepInput) -> Result<CatalogueEntry> {
    let caller = tx.caller()?;
    let before = held(tx, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(CatalogueEntryState::STEPS, before.state, action, caller.role, &input)?;
    if !keeps(caller, &before.area_code, before.details.organisation_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    match action {
        CatalogueEntryAction::Withdraw if before.requested + before.committed > 0 => {
            return Err(ErrorCode::EntryCommitted.into());
        }
        CatalogueEntryAction::Publish => check_publishable(tx, &before).await?,
        // Another one may have been made of it while it was withdrawn.
        CatalogueEntryAction::Reopen => check_doubles(tx, Some(id), &before.details).await?,
        _ => {}
    }
    let columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    let after = CatalogueEntries::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    // One that was withdrawn when all of it was fulfilled is over again.
    commitments::settle(tx, vec![id]).await?;
    CatalogueEntries::read(&tx.asker()?, id).await
}

/// Refuses months outside of the campaign, and those that are over: nobody can meet them any more.
fn check_months(tx: &Tx, input: &CatalogueEntryInput, campaign: &Campaign) -> Result<()> {
    let faults = input.month_faults(&campaign.details, tx.today());
    if faults.is_empty() { Ok(()) } else { Err(Error::fields(faults)) }
}

/// Refuses to publish an entry of whom there is no more, or outside of its campaign.
async fn check_publishable(tx: &Tx, entry: &CatalogueEntry) -> Result<()> {
    let details = &entry.details;
    let campaign = campaigns::service::named(&tx.asker()?, details.campaign_id, "/campaign_id").await?;
    if !is_open(campaign.current_phase) {
        return Err(ErrorCode::OutsidePhase.into());
    }
    check_months(tx, details, &campaign)?;
    // The family may have come to the village after the entry was drafted.
    let told = published::told(tx, concerned(&entry.area_code, details.organisation_id), &details.texts()).await?;
    if let Some((family, _)) = told {
        return Err(published::traced(tx, ErrorCode::NamesFamily.into(), family)?);
    }
    if !areas::service::ended(&tx.connection, details.village_code.as_deref()).await?.is_empty() {
        return Err(ErrorCode::VillageEnded.into());
    }
    if let Some(id) = details.organisation_id {
        let organisation = entities::organisations::Entity::find_by_id(id).one(&tx.connection).await?;
        if organisation.is_none_or(|organisation| organisation.state.0 != OrganisationState::Active) {
            return Err(ErrorCode::OrganisationEnded.into());
        }
    }
    Ok(())
}

/// The row of a new entry.
pub(super) fn begun(
    tx: &Tx,
    id: Uuid,
    input: &CatalogueEntryInput,
    area_code: String,
    state: CatalogueEntryState,
) -> ActiveModel {
    ActiveModel {
        id: Set(id),
        side: Set(Code(input.side())),
        area_code: Set(area_code),
        state: Set(Code(state)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input)
    }
}

pub(super) fn columns(input: &CatalogueEntryInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel {
        name_key: Set(spelling::key(&input.title)),
        name_words: Set(spelling::words(&input.title)),
        ..input.{
            campaign_id, village_code, organisation_id, title, goal, industry, kind, for_group, description, quantity,
            quantity_unit, amount_fen, from_month, to_month, urgency, place, contact_name, contact_phone,
        }
    })
}
