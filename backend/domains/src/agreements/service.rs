//! Drafts, signs and ends agreements.

use chrono::Datelike;
use contract::agreements::{Agreement, AgreementAction, AgreementInput, AgreementState, SignInput};
use contract::attachments::AttachmentObject;
use contract::campaigns::Campaign;
use contract::pairings::{Pairing, PairingKind, PairingState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::agreements::{ActiveModel, Column, Entity, OBJECT, Relation, Row, counter};
use entities::names;
use platform::audit::Event;
use platform::coded::{AsJson, Code, codes};
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, JoinType, PaginatorTrait, QuerySelect, RelationTrait, Select};

use super::list::Agreements;
use super::policy;
use crate::campaigns;
use crate::pairings;
use crate::projects;

fn joined() -> Select<Entity> {
    names::on_pairing(Entity::find().join(JoinType::LeftJoin, Relation::Pairing.def()))
}

/// Drafts an agreement for a confirmed pairing, or for an active one whose agreement is over.
///
/// # Errors
/// `validation_failed`, `pairing_not_confirmed`, `agreement_exists`.
pub async fn create(tx: &Tx, input: AgreementInput) -> Result<Agreement> {
    let pairing = pairings::service::held(tx, PairingKind::Village, input.pairing_id, "/pairing_id").await?;
    let campaign = campaigns::service::named(&tx.asker()?, pairing.campaign_id, "/pairing_id").await?;
    if !PairingState::AGREED.contains(&pairing.state) {
        return Err(ErrorCode::PairingNotConfirmed.into());
    }
    let input = checked(input, &campaign)?;
    check_one_to_one(tx, &pairing).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        pairing_id: Set(pairing.id),
        village_code: Set(pairing.village_code.clone()),
        campaign_id: Set(pairing.campaign_id),
        number: Set(None),
        state: Set(Code(AgreementState::Draft)),
        signed_on: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::AgreementExists)?;
    let made = Agreements::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// “一对一”: an agreement outlives a pairing that was completed before its term. While it runs, the same two parties get no other
/// agreement. An index keeps a pairing from having two live agreements.
async fn check_one_to_one(tx: &Tx, pairing: &Pairing) -> Result<()> {
    use entities::pairings::Column as PairingColumn;
    let other = Entity::find()
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(Column::CampaignId.eq(pairing.campaign_id))
        .filter(Column::PairingId.ne(pairing.id))
        .filter(Column::State.is_in(codes(AgreementState::LIVE)))
        .filter(PairingColumn::OrganisationId.eq(pairing.organisation_id))
        .filter(PairingColumn::VillageCode.eq(&pairing.village_code))
        .count(&tx.connection)
        .await?;
    if other > 0 { Err(ErrorCode::AgreementExists.into()) } else { Ok(()) }
}

/// Changes a draft.
///
/// # Errors
/// `not_found`, `illegal_step` if it is no longer a draft, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Agreement> {
    let before = Agreements::read(&tx.asker()?, id).await?;
    tx.check_version(before.head.version)?;
    if !before.editable {
        return Err(workflow::illegal(before.head.state, &before.head.allowed_actions));
    }
    let Some(input) = patch.changes::<AgreementInput>(&before.details)? else { return Ok(before) };
    if input.pairing_id != before.details.pairing_id {
        return Err(Error::field("/pairing_id", "fixed"));
    }
    let campaign = campaigns::service::named(&tx.asker()?, before.head.campaign_id, "/pairing_id").await?;
    let input = checked(input, &campaign)?;
    tx.write::<Entity>(id, before.head.version, columns(input)).await?;
    let after = Agreements::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &after.details).await?;
    Ok(after)
}

/// Signs an agreement. It gets its number, and its pairing becomes active in the same transaction. From now on it keeps its
/// current names and projects.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`, `scan_missing`, `pairing_not_confirmed`,
/// `agreement_mismatch`, `outside_phase`.
pub async fn sign(tx: &Tx, id: Uuid, input: SignInput) -> Result<Agreement> {
    let caller = tx.caller()?;
    let before = Agreements::read(&tx.asker()?, id).await?;
    // The pairing is locked first, so that whoever changes it, or counts what belongs to it, queues here.
    let pairing = pairings::service::held(tx, PairingKind::Village, before.details.pairing_id, "/pairing_id").await?;
    tx.hold::<Entity>(id).await?;
    let before = Agreements::read(&tx.asker()?, id).await?;
    tx.check_version(before.head.version)?;
    workflow::step(AgreementState::STEPS, before.head.state, AgreementAction::Sign, caller.role, &StepInput::default())?;
    let ends_on = before.details.ends_on.unwrap_or(before.details.starts_on);
    let faults = policy::signing_faults(input.signed_on, ends_on, tx.today());
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let campaign = campaigns::service::named(&tx.asker()?, pairing.campaign_id, "/pairing_id").await?;
    check_fit(&before, &pairing, &campaign, &input)?;
    if !entities::attachments::has_scan(tx, AttachmentObject::Agreement, id).await? {
        return Err(ErrorCode::ScanMissing.into());
    }
    let number = next_number(tx, &campaign, input.signed_on.year()).await?;
    let head = before.head.clone();
    let signed = ActiveModel {
        campaign_title: Set(Some(head.campaign_title)),
        organisation_name: Set(Some(head.organisation_name)),
        village_name: Set(Some(head.village_name)),
        town_name: Set(Some(head.town_name)),
        projects: Set(Some(AsJson(projects::service::planned(&tx.connection, pairing.id).await?))),
        state: Set(Code(AgreementState::Signed)),
        number: Set(Some(number)),
        signed_on: Set(Some(input.signed_on)),
        ..Default::default()
    };
    tx.write::<Entity>(id, before.head.version, signed).await?;
    if pairing.state == PairingState::Confirmed {
        pairings::service::activate(tx, pairing.id, input.signed_on).await?;
    } else {
        let expired = Column::State.eq(Code(AgreementState::Expired));
        end_all(tx, pairing.id, expired, AgreementState::Renewed, "renew", &StepInput::default()).await?;
    }
    let after = Agreements::read(&tx.asker()?, id).await?;
    let why = StepInput { note: input.note, on_behalf_reason: None };
    tx.record(Event::of(OBJECT, id, "sign").because(why), &before, &after).await?;
    Ok(after)
}

/// Checks that an agreement still fits its pairing and campaign, which may have changed since it was drafted.
fn check_fit(agreement: &Agreement, pairing: &Pairing, campaign: &Campaign, input: &SignInput) -> Result<()> {
    match pairing.state {
        // An agreement that was signed in time may be entered later. The day of signing counts, not today.
        PairingState::Confirmed => {
            let phase = campaigns::policy::phase_on(&campaign.details.phases, input.signed_on);
            if !pairings::policy::can_make(phase) {
                return Err(ErrorCode::OutsidePhase.into());
            }
        }
        PairingState::Active => {}
        _ => return Err(ErrorCode::PairingNotConfirmed.into()),
    }
    let fits = pairing.organisation_id == agreement.head.organisation_id && pairing.village_code == agreement.head.village_code;
    if fits && policy::term_faults(&agreement.details, &campaign.details).is_empty() {
        Ok(())
    } else {
        Err(ErrorCode::AgreementMismatch.into())
    }
}

/// The next number of a campaign and year. Its row is locked until the transaction ends, and a failed signing returns the number.
async fn next_number(tx: &Tx, campaign: &Campaign, year: i32) -> Result<String> {
    let first = counter::ActiveModel { campaign_id: Set(campaign.id), year: Set(year), last: Set(1) };
    let counted = counter::Entity::insert(first)
        .on_conflict(
            OnConflict::columns([counter::Column::CampaignId, counter::Column::Year])
                .value(counter::Column::Last, Expr::col((counter::Entity, counter::Column::Last)).add(1))
                .to_owned(),
        )
        .exec_with_returning(&tx.connection)
        .await?;
    Ok(policy::number(&campaign.details.agreement_prefix, year, counted.last))
}

/// Ends an agreement, or discards a draft.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn terminate(tx: &Tx, id: Uuid, input: StepInput) -> Result<Agreement> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = Agreements::read(&tx.asker()?, id).await?;
    tx.check_version(before.head.version)?;
    let action = AgreementAction::Terminate;
    let step = workflow::step(AgreementState::STEPS, before.head.state, action, caller.role, &input)?;
    let ended = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    tx.write::<Entity>(id, before.head.version, ended).await?;
    let after = Agreements::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

/// Ends the agreement of a pairing that is being terminated, in its transaction.
pub async fn terminate_with(tx: &Tx, pairing_id: Uuid, why: &StepInput) -> Result<()> {
    let live = Column::State.is_in(codes(AgreementState::LIVE));
    end_all(tx, pairing_id, live, AgreementState::Terminated, AgreementAction::Terminate.code(), why).await
}

/// Discards the draft of a completed pairing, in its transaction. A signed agreement runs to the end of its term.
pub async fn give_up_drafts(tx: &Tx, pairing_id: Uuid, why: &StepInput) -> Result<()> {
    let draft = Column::State.eq(Code(AgreementState::Draft));
    end_all(tx, pairing_id, draft, AgreementState::Terminated, AgreementAction::Terminate.code(), why).await
}

async fn end_all(
    tx: &Tx,
    pairing_id: Uuid,
    which: sea_orm::sea_query::SimpleExpr,
    to: AgreementState,
    action: &str,
    why: &StepInput,
) -> Result<()> {
    let ending =
        joined().filter(Column::PairingId.eq(pairing_id)).filter(which).into_partial_model::<Row>().all(&tx.connection).await?;
    for row in ending {
        end(tx, row, to, action, why).await?;
    }
    Ok(())
}

async fn end(tx: &Tx, row: Row, to: AgreementState, action: &str, why: &StepInput) -> Result<()> {
    tx.write::<Entity>(row.id, row.version, ActiveModel { state: Set(Code(to)), ..Default::default() }).await?;
    let before = row.clone().into_summary(Vec::new());
    let after = Row { state: Code(to), ..row }.into_summary(Vec::new());
    tx.record(Event::of(OBJECT, before.head.id, action).because(why.clone()), &before, &after).await
}

/// Marks agreements as expired whose term is over. Returns how many.
pub async fn expire(tx: &Tx) -> Result<usize> {
    let due = joined()
        .filter(Column::State.eq(Code(AgreementState::Signed)))
        .filter(Column::EndsOn.lt(tx.today()))
        .limit(1_000)
        .into_partial_model::<Row>()
        .all(&tx.connection)
        .await?;
    let count = due.len();
    for row in due {
        end(tx, row, AgreementState::Expired, "expire", &StepInput::default()).await?;
    }
    Ok(count)
}

fn checked(input: AgreementInput, campaign: &Campaign) -> Result<AgreementInput> {
    let input = input.completed(campaign.details.settings.agreement_months.unsigned_abs());
    match policy::term_faults(&input, &campaign.details) {
        faults if faults.is_empty() => Ok(input),
        faults => Err(Error::fields(faults)),
    }
}

/// The columns of an input that is [`completed`](AgreementInput::completed).
fn columns(input: AgreementInput) -> ActiveModel {
    columns!(ActiveModel {
        ends_on: Set(input.ends_on.unwrap_or(input.starts_on)),
        cooperation_content: Set(input.cooperation_content.unwrap_or_default()),
        organisation_obligations: Set(input.organisation_obligations.unwrap_or_default()),
        village_obligations: Set(input.village_obligations.unwrap_or_default()),
        ..input.{ starts_on, organisation_signatory, village_signatory, witness }
    })
}
