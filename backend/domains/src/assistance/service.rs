//! Records, confirms and corrects assistance.

use contract::assistance::{AssistanceRecord, RecordAction, RecordDetailsInput, RecordInput, RecordState, RecordStepInput};
use contract::catalogue::Commitment;
use contract::households::HouseholdStatus;
use contract::pairings::PairingKind;
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Permission};
use entities::assistance::{ActiveModel, Column, Entity, OBJECT, Row, Texts};
use entities::commitments::Holder;
use entities::scope;
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::object::{Asker, Object};
use platform::{Error, Patch, Result, Tx, Vault, columns, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, QuerySelect};
use serde_json::{Map, Value};

use super::doubles;
use super::list::AssistanceRecords;
use super::policy::{self, Span};
use crate::catalogue::commitments::{self, Taker};
use crate::households;
use crate::households::consent::Ask;
use crate::households::eligibility::Membership;
use crate::measures;
use crate::pairings;

/// Whether the caller may attach evidence to a record.
///
/// # Errors
/// `not_found` outside the caller's scope.
pub async fn may_change(asker: &Asker<'_>, id: Uuid) -> Result<bool> {
    let row = AssistanceRecords::row(asker, id).await?;
    Ok(row.state.0 == RecordState::Recorded && asker.caller.may(Permission::WriteAssistance))
}

/// Records help, or a correction of a confirmed record.
///
/// # Errors
/// `validation_failed`, `household_not_paired` for an organisation, `household_not_consented`, `illegal_step` if the corrected
/// record is not confirmed, `already_corrected`, `already_entered`, `likely_double`.
pub async fn create(tx: &Tx, input: RecordInput) -> Result<AssistanceRecord> {
    let caller = tx.caller()?;
    let id = tx.new_id::<Entity>(input.id).await?;
    let Basis { village_code, pairing, span, corrected } = hold_basis(tx, &input).await?;
    let pairing_id = pairing.as_ref().map(|(id, ..)| *id);
    let (member_id, measure_id) = corrected.as_ref().map(|row| (row.member_id, row.measure_id)).unwrap_or_default();
    let entry = corrected.as_ref().map(|row| (row.entry_id, row.entry_quantity)).unwrap_or_default();
    let details = RecordDetailsInput {
        member_id: input.member_id.unwrap_or(member_id),
        measure_id: input.measure_id.unwrap_or(measure_id),
        entry_id: input.entry_id.unwrap_or(entry.0),
        entry_quantity: input.entry_quantity.or(entry.1.filter(|_| input.entry_id.is_none_or(|id| id == entry.0))),
        kind: input.kind,
        happened_on: input.happened_on,
        amount_fen: input.amount_fen,
        goods: input.goods,
        description: input.description,
        not_a_double: input.not_a_double,
    };
    check(tx, input.household_id, span, measure_id, &details).await?;
    if let Some(state) = corrected.map(|row| row.state.0).filter(|state| *state != RecordState::Confirmed) {
        return Err(workflow::illegal(state, &RecordState::STEPS.allowed(state, caller.role)));
    }
    // A correction resembles the record that it corrects, which can have only one.
    if !details.not_a_double && input.corrects_id.is_none() {
        doubles::check(tx, input.household_id, &[id], &details).await?;
    }
    let row = ActiveModel {
        id: Set(id),
        household_id: Set(input.household_id),
        village_code: Set(village_code.clone()),
        pairing_id: Set(pairing_id),
        corrects_id: Set(input.corrects_id),
        recorded_by: Set(Code(caller.role)),
        state: Set(Code(RecordState::Recorded)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(&tx.vault, id, &details)?
    };
    let faster = if input.corrects_id.is_some() { ErrorCode::AlreadyCorrected } else { ErrorCode::AlreadyEntered };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(faster)?;
    take(tx, id, (&village_code, pairing), input.corrects_id, &details).await?;
    let made = AssistanceRecords::read(&tx.asker()?, id).await?;
    let mut after = for_history(&tx.vault, &made);
    if details.not_a_double {
        after.insert(NOT_A_DOUBLE.to_owned(), true.into());
    }
    tx.record(Event::of(OBJECT, id, "create"), &(), &after).await?;
    Ok(made)
}

/// The field in the history that records that somebody has ruled out a duplicate.
const NOT_A_DOUBLE: &str = "not_a_double";

/// The basis of a record.
struct Basis {
    village_code: String,
    /// The pairing with its campaign and organisation.
    pairing: Option<(Uuid, Uuid, Uuid)>,
    span: Span,
    /// The record that it corrects.
    corrected: Option<Row>,
}

/// Finds and locks the basis of a record: the pairing that it names; the pairing of the record that it corrects; the
/// organisation's own pairing with the household that was active on its day; or only the file. Checks the family's consent.
async fn hold_basis(tx: &Tx, input: &RecordInput) -> Result<Basis> {
    let organisation = scope::organisation(tx.caller()?);
    let (household, own) = match organisation {
        Some(_) => {
            // For an organisation, a household that it was never paired with does not exist. The answer is the same as for an
            // unknown id.
            let own = pairings::service::with_on(&tx.asker()?, input.household_id, input.happened_on).await?;
            let own = own.ok_or(ErrorCode::HouseholdNotPaired)?;
            (households::eligibility::hold_consenting(tx, input.household_id, Ask::Assistance).await?, Some(own))
        }
        // A wrong record may be corrected even if the family no longer consents.
        None => match input.corrects_id {
            None => {
                let named = households::eligibility::named_here(tx, input.household_id, "/household_id").await?;
                (households::eligibility::hold_consenting(tx, named.id, Ask::Assistance).await?, None)
            }
            Some(_) => {
                let named = households::eligibility::named_file(tx, input.household_id, "/household_id").await?;
                (households::eligibility::hold(tx, named.id).await?, None)
            }
        },
    };
    let corrected = match input.corrects_id {
        Some(id) => {
            let row = AssistanceRecords::row(&tx.asker()?, id).await.ok();
            let is_meant = |row: &Row| {
                row.household_id == input.household_id && input.pairing_id.is_none_or(|named| row.pairing_id == Some(named))
            };
            Some(row.filter(is_meant).ok_or_else(|| Error::field("/corrects_id", "unknown"))?)
        }
        None => None,
    };
    let pairing_id = match &corrected {
        Some(row) => row.pairing_id,
        None => input.pairing_id.or(own),
    };
    let Some(id) = pairing_id else {
        let span = span_of(&household);
        return Ok(Basis { village_code: household.village_code, pairing: None, span, corrected });
    };
    let foreign = || match organisation {
        Some(_) => Error::from(ErrorCode::HouseholdNotPaired),
        None => Error::field("/pairing_id", "unknown"),
    };
    let pairing = pairings::service::held(tx, PairingKind::Household, id, "/pairing_id").await.map_err(|_| foreign())?;
    if pairing.household.as_ref().map(|household| household.id) != Some(input.household_id) {
        return Err(foreign());
    }
    let span = Span::Pairing(pairing.active_since, pairing.ended_on);
    let named = Some((id, pairing.campaign_id, pairing.organisation_id));
    Ok(Basis { village_code: pairing.village_code, pairing: named, span, corrected })
}

/// The days on which help can be given to a household without a pairing.
fn span_of(household: &entities::households::Model) -> Span {
    let last = (!household.status.0.is_there()).then_some(household.status_since);
    Span::File { since: household.registered_on, last, moved: household.status.0 == HouseholdStatus::Transferred }
}

/// Checks the input of a record. `kept` is the measure that the record, or the one that it corrects, has already: it may have
/// ended since.
async fn check(tx: &Tx, household_id: Uuid, span: Span, kept: Option<Uuid>, details: &RecordDetailsInput) -> Result<()> {
    if let Some(fault) = policy::day_fault(span, details.happened_on, tx.today()) {
        return Err(Error::field("/happened_on", fault));
    }
    if let Some(id) = details.member_id {
        // Help to members before they died or left stays theirs, and can still be corrected.
        match households::eligibility::membership(&tx.connection, household_id, id).await? {
            Membership::None => return Err(Error::field("/member_id", "unknown")),
            Membership::Until(day) if details.happened_on > day => return Err(Error::field("/member_id", "after_leaving")),
            Membership::Until(_) | Membership::Member => {}
        }
    }
    if let Some(id) = details.measure_id.filter(|_| details.measure_id != kept)
        && let Some(fault) = measures::service::closed_to_records(&tx.connection, household_id, id, details.happened_on).await?
    {
        return Err(Error::field("/measure_id", fault));
    }
    let goods = details.goods.iter().enumerate();
    let texts: Vec<_> = goods
        .flat_map(|(at, goods)| [(format!("/goods/{at}/name"), &*goods.name), (format!("/goods/{at}/unit"), &*goods.unit)])
        .chain(details.description.iter().map(|words| ("/description".to_owned(), &**words)))
        .collect();
    households::eligibility::check_words(tx, household_id, &texts).await
}

fn columns(vault: &Vault, id: Uuid, details: &RecordDetailsInput) -> Result<ActiveModel> {
    let texts = Texts { goods: details.goods.clone(), description: details.description.clone() };
    Ok(columns!(ActiveModel {
        texts: Set(vault.seal(OBJECT, id, &texts)?),
        ..details.{ member_id, measure_id, kind, happened_on, amount_fen }
    }))
}

/// A record for the history, with keyed digests of its free text.
fn for_history(vault: &Vault, record: &impl serde::Serialize) -> Map<String, Value> {
    let mut fields = audit::to_map(record);
    for field in ["goods", "description"] {
        vault.digest_field(&mut fields, field);
    }
    fields
}

/// Changes a record that is not confirmed yet.
///
/// # Errors
/// `not_found`, `illegal_step`, `likely_double`, `stale_version`, `validation_failed`, `household_anonymised`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<AssistanceRecord> {
    let caller = tx.caller()?;
    // Locked before the record itself, as when a family is forgotten.
    let household = households::eligibility::hold_known(tx, AssistanceRecords::row(&tx.asker()?, id).await?.household_id).await?;
    tx.hold::<Entity>(id).await?;
    let before = AssistanceRecords::row(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let state = before.state.0;
    if state != RecordState::Recorded {
        return Err(workflow::illegal(state, &RecordState::STEPS.allowed(state, caller.role)));
    }
    let old = details_of(&before, before.open(&tx.vault)?);
    let Some(new) = patch.changes::<RecordDetailsInput>(&old)? else { return AssistanceRecords::read(&tx.asker()?, id).await };
    // Another remark, or another member, makes no other gift.
    let asks = policy::is_other_gift(&old, &new);
    let new = RecordDetailsInput { not_a_double: asks && new.not_a_double, ..new };
    let (span, pairing) = match before.pairing_id {
        Some(id) => {
            let pairing = pairings::service::held(tx, PairingKind::Household, id, "/pairing_id").await?;
            let named = (id, pairing.campaign_id, pairing.organisation_id);
            (Span::Pairing(pairing.active_since, pairing.ended_on), Some(named))
        }
        None => (span_of(&household), None),
    };
    check(tx, before.household_id, span, before.measure_id, &new).await?;
    if asks && !new.not_a_double {
        doubles::check(tx, before.household_id, &itself(&before), &new).await?;
    }
    tx.write::<Entity>(id, before.version, columns(&tx.vault, id, &new)?).await?;
    if (new.entry_id, new.entry_quantity, new.kind) != (old.entry_id, old.entry_quantity, old.kind) {
        take(tx, id, (&before.village_code, pairing), before.corrects_id, &new).await?;
    }
    tx.record(Event::of(OBJECT, id, "update"), &for_history(&tx.vault, &old), &for_history(&tx.vault, &new)).await?;
    AssistanceRecords::read(&tx.asker()?, id).await
}

/// Takes what the record fulfils out of the catalogue.
async fn take(
    tx: &Tx,
    id: Uuid,
    (village_code, pairing): (&str, Option<(Uuid, Uuid, Uuid)>),
    corrects_id: Option<Uuid>,
    details: &RecordDetailsInput,
) -> Result<()> {
    let wanted: Vec<_> = match (details.entry_id, details.entry_quantity) {
        (Some(entry_id), Some(quantity)) => vec![Commitment { entry_id, quantity }],
        (Some(_), None) => return Err(Error::field("/entry_quantity", "required")),
        (None, Some(_)) => return Err(Error::field("/entry_id", "required")),
        (None, None) => Vec::new(),
    };
    let taker = Taker {
        holder: Holder::Record(id),
        campaign_id: pairing.map(|(_, campaign, _)| campaign),
        village_code,
        organisation_id: pairing.map(|(.., organisation)| organisation),
        goal: Some(details.kind.goal()),
        corrects_id,
        pointer: |_, field| if field == "quantity" { "/entry_quantity".to_owned() } else { "/entry_id".to_owned() },
    };
    commitments::write(tx, taker, &wanted).await
}

fn details_of(row: &Row, texts: Texts) -> RecordDetailsInput {
    RecordDetailsInput {
        member_id: row.member_id,
        measure_id: row.measure_id,
        entry_id: row.entry_id,
        entry_quantity: row.entry_quantity,
        kind: row.kind.0,
        happened_on: row.happened_on,
        amount_fen: row.amount_fen,
        goods: texts.goods,
        description: texts.description,
        not_a_double: false,
    }
}

/// The record and the one that it corrects, of which it is no duplicate.
fn itself(record: &Row) -> Vec<Uuid> {
    [Some(record.id), record.corrects_id].into_iter().flatten().collect()
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `likely_double`, `entry_exceeded`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: RecordAction, input: RecordStepInput) -> Result<AssistanceRecord> {
    let caller = tx.caller()?;
    let not_a_double = input.not_a_double;
    let input = StepInput { note: input.note, on_behalf_reason: input.on_behalf_reason };
    tx.hold::<Entity>(id).await?;
    let before = AssistanceRecords::row(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(RecordState::STEPS, before.state.0, action, caller.role, &input)?;
    households::eligibility::check_step(tx, before.household_id, &input).await?;
    if action == RecordAction::Confirm && !not_a_double {
        let texts = tx.vault.show(OBJECT, id, &before.texts).unwrap_or_default();
        doubles::check(tx, before.household_id, &itself(&before), &details_of(&before, texts)).await?;
    }
    if let (RecordAction::Confirm, Some(corrected)) = (action, before.corrects_id) {
        tx.hold::<Entity>(corrected).await?;
        let old = AssistanceRecords::row(&tx.asker()?, corrected).await?;
        if old.state.0 != RecordState::Confirmed {
            return Err(workflow::illegal(old.state.0, &[RecordAction::Reject]));
        }
        move_to(tx, &old, RecordState::Corrected, false, Event::of(OBJECT, corrected, "correct")).await?;
    }
    move_to(tx, &before, step.to, not_a_double, Event::of(OBJECT, id, action.code()).because(input)).await?;
    commitments::settle_of(tx, itself(&before).into_iter().map(Holder::Record)).await?;
    AssistanceRecords::read(&tx.asker()?, id).await
}

async fn move_to(tx: &Tx, before: &Row, state: RecordState, not_a_double: bool, event: Event<'_>) -> Result<()> {
    tx.write::<Entity>(before.id, before.version, ActiveModel { state: Set(Code(state)), ..Default::default() }).await?;
    let fields = |state: RecordState| serde_json::json!({ "state": state });
    let mut after = fields(state);
    if not_a_double {
        after[NOT_A_DOUBLE] = true.into();
    }
    tx.record(event, &fields(before.state.0), &after).await
}

/// The household of a record.
///
/// # Errors
/// `not_found`.
pub async fn household_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Uuid> {
    let found = Entity::find_by_id(id).select_only().column(Column::HouseholdId).into_tuple::<Uuid>().one(db).await?;
    found.ok_or_else(|| ErrorCode::NotFound.into())
}

/// Deletes the free text of a family's records, and returns their ids.
pub async fn forget_words(tx: &Tx, household_id: Uuid) -> Result<Vec<Uuid>> {
    let ids = Entity::find().select_only().column(Column::Id).filter(Column::HouseholdId.eq(household_id));
    let ids = ids.into_tuple::<Uuid>().all(&tx.connection).await?;
    for &id in &ids {
        let texts = Set(tx.vault.seal(OBJECT, id, &Texts::default())?);
        Entity::update(ActiveModel { id: Set(id), texts, ..Default::default() }).exec(&tx.connection).await?;
    }
    Ok(ids)
}
