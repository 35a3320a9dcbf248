//! How agreements are drafted, signed and end.

use chrono::Datelike;
use contract::agreements::{
    Agreement, AgreementAction, AgreementInput, AgreementQuery, AgreementSort, AgreementState, AgreementSummary, SignInput,
};
use contract::attachments::AttachmentObject;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::campaigns::Campaign;
use contract::pairings::{Pairing, PairingKind, PairingState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Page, Permission};
use entities::agreements::{ActiveModel, Column, Entity, OBJECT, Relation, Row, Whole, counter};
use entities::{names, scope};
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::list::{self, Key};
use platform::search::Searched;
use platform::{Caller, Error, Patch, Result, Tx, area, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, JoinType, PaginatorTrait, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::areas;
use crate::campaigns;
use crate::organisations;
use crate::pairings;

const TEXTS: Searched = Searched { table: "agreements", key: "id", texts: &["number"] };

fn joined() -> Select<Entity> {
    names::on_pairing(Entity::find().join(JoinType::LeftJoin, Relation::Pairing.def()))
}

fn allowed(caller: &Caller, state: AgreementState) -> Vec<AgreementAction> {
    let may = caller.may(Permission::WriteAgreements);
    if may { workflow::allowed(policy::STEPS, state, caller.role) } else { Vec::new() }
}

fn shown(caller: &Caller, whole: Whole) -> Agreement {
    let state = whole.row.state.0;
    let editable = caller.may(Permission::WriteAgreements) && state == AgreementState::Draft;
    whole.into_agreement(allowed(caller, state), editable)
}

/// The agreements that a query asks for.
async fn filtered(db: &DatabaseConnection, caller: &Caller, query: &AgreementQuery) -> Result<Select<Entity>> {
    use entities::pairings::{Column as PairingColumn, Entity as Pairings};
    let mut select = scope::agreements(caller);
    if let Some(id) = query.campaign_id {
        select = select.filter(Column::CampaignId.eq(id));
    }
    if let Some(id) = query.pairing_id {
        select = select.filter(Column::PairingId.eq(id));
    }
    if let Some(id) = query.organisation_id {
        select = select.filter(PairingColumn::OrganisationId.eq(id));
    }
    if let Some(state) = query.state {
        select = select.filter(Column::State.eq(Code(state)));
    }
    if let Some(day) = query.ends_by {
        select = select.filter(Column::EndsOn.lte(day));
    }
    if let Some(code) = &query.within {
        select = select.filter(area::lies_in(Entity, code));
    }
    if let Some(q) = &query.q {
        select = select.filter(
            Condition::any()
                .add(organisations::service::called(db, (Pairings, PairingColumn::OrganisationId), q).await?)
                .add(areas::service::called(db, (Pairings, PairingColumn::VillageCode), q).await?)
                .add(TEXTS.contain(db, (Entity, Column::Id), q).await?),
        );
    }
    Ok(select)
}

fn order(sort: AgreementSort) -> Expr {
    match sort {
        AgreementSort::UpdatedAt => list::column((Entity, Column::UpdatedAt)),
        AgreementSort::EndsOn => list::column((Entity, Column::EndsOn)),
        AgreementSort::OrganisationName => list::column((entities::organisations::Entity, entities::organisations::Column::Name)),
    }
}

fn keys(row: &Row, sort: AgreementSort) -> (Key, Key) {
    let key = match sort {
        AgreementSort::UpdatedAt => Key::Instant(row.updated_at),
        AgreementSort::EndsOn => Key::Date(row.ends_on),
        AgreementSort::OrganisationName => Key::Text(row.organisation_name.clone()),
    };
    (key, Key::Id(row.id))
}

/// Lists agreements.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(db: &DatabaseConnection, caller: &Caller, query: &AgreementQuery) -> Result<Page<AgreementSummary>> {
    let select = filtered(db, caller, query).await?;
    let page = list::page_of(db, select, names::on_pairing, query, (Entity, Column::Id), order, keys).await?;
    Ok(list::map(page, |row: Row| {
        let allowed = allowed(caller, row.state.0);
        row.into_summary(allowed)
    }))
}

/// Hands all that a list would show to `take`, in batches.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    db: &DatabaseConnection,
    caller: &Caller,
    query: &AgreementQuery,
    mut take: impl AsyncFnMut(Vec<AgreementSummary>) -> Result<()>,
) -> Result<()> {
    let select = names::on_pairing(filtered(db, caller, query).await?);
    list::each(db, select, query, (Entity, Column::Id), order, keys, async |_, rows: Vec<Row>| {
        take(rows.into_iter().map(|row| row.into_summary(Vec::new())).collect()).await
    })
    .await
}

/// One agreement.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<Agreement> {
    let whole =
        names::on_pairing(scope::agreements(caller)).filter(Column::Id.eq(id)).into_partial_model::<Whole>().one(db).await?;
    Ok(shown(caller, whole.ok_or(ErrorCode::NotFound)?))
}

/// Drafts an agreement for a confirmed pairing, or for an active one whose agreement is over.
///
/// # Errors
/// `validation_failed`, `pairing_not_confirmed`, `agreement_exists`.
pub async fn create(tx: &Tx, input: AgreementInput) -> Result<Agreement> {
    let caller = tx.caller()?;
    let pairing = pairings::service::held(tx, PairingKind::Village, input.pairing_id, "/pairing_id").await?;
    let campaign = campaigns::service::named(&tx.connection, caller, pairing.campaign_id, tx.today(), "/pairing_id").await?;
    if !matches!(pairing.state, PairingState::Confirmed | PairingState::Active) {
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
    let made = read(&tx.connection, caller, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// “一对一”: while the agreement of an earlier pairing of the same two runs, which outlives a pairing that was completed before its term, they
/// have no other. That a pairing has one live agreement at most is its index's doing.
async fn check_one_to_one(tx: &Tx, pairing: &Pairing) -> Result<()> {
    use entities::pairings::Column as PairingColumn;
    let other = Entity::find()
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(Column::CampaignId.eq(pairing.campaign_id))
        .filter(Column::PairingId.ne(pairing.id))
        .filter(Column::State.is_in(AgreementState::LIVE.iter().copied().map(Code)))
        .filter(PairingColumn::OrganisationId.eq(pairing.organisation_id))
        .filter(PairingColumn::VillageCode.eq(&pairing.village_code))
        .count(&tx.connection)
        .await?;
    if other > 0 { Err(ErrorCode::AgreementExists.into()) } else { Ok(()) }
}

/// Changes a draft.
///
/// # Errors
/// `not_found`, `illegal_step` where it is no draft any more, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Agreement> {
    let caller = tx.caller()?;
    let before = read(&tx.connection, caller, id).await?;
    tx.check_version(before.head.version)?;
    if !before.editable {
        return Err(workflow::illegal(before.head.state, &before.head.allowed_actions));
    }
    let input: AgreementInput = patch.apply(&before.details)?;
    if input.pairing_id != before.details.pairing_id {
        return Err(Error::field("/pairing_id", "fixed"));
    }
    let campaign = campaigns::service::named(&tx.connection, caller, before.head.campaign_id, tx.today(), "/pairing_id").await?;
    let input = checked(input, &campaign)?;
    tx.write::<Entity>(id, before.head.version, columns(input)).await?;
    let after = read(&tx.connection, caller, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &after.details).await?;
    Ok(after)
}

/// Signs: the agreement gets its number, and its pairing becomes active in the same transaction.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`, `scan_missing`, `pairing_not_confirmed`,
/// `agreement_mismatch`, `outside_phase`.
pub async fn sign(tx: &Tx, id: Uuid, input: SignInput) -> Result<Agreement> {
    let caller = tx.caller()?;
    let before = read(&tx.connection, caller, id).await?;
    // The pairing first: whoever changes it or counts below it queues here.
    let pairing = pairings::service::held(tx, PairingKind::Village, before.details.pairing_id, "/pairing_id").await?;
    tx.hold::<Entity>(id).await?;
    let before = read(&tx.connection, caller, id).await?;
    tx.check_version(before.head.version)?;
    workflow::step(policy::STEPS, before.head.state, AgreementAction::Sign, caller.role, None)?;
    let ends_on = before.details.ends_on.unwrap_or(before.details.starts_on);
    let faults = policy::signing_faults(input.signed_on, ends_on, tx.today());
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let campaign = campaigns::service::named(&tx.connection, caller, pairing.campaign_id, tx.today(), "/pairing_id").await?;
    check_fit(&before, &pairing, &campaign, &input)?;
    if !entities::attachments::has_scan(tx, AttachmentObject::Agreement, id).await? {
        return Err(ErrorCode::ScanMissing.into());
    }
    let number = next_number(tx, &campaign, input.signed_on.year()).await?;
    let signed = ActiveModel {
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
    let after = read(&tx.connection, caller, id).await?;
    let why = StepInput { note: input.note, on_behalf_reason: None };
    tx.record(Event::of(OBJECT, id, "sign").because(why), &before, &after).await?;
    Ok(after)
}

/// Whether an agreement still fits what it binds: both may have changed since it was drafted.
fn check_fit(agreement: &Agreement, pairing: &Pairing, campaign: &Campaign, input: &SignInput) -> Result<()> {
    match pairing.state {
        // What was signed in time may be entered later: the day of signing decides, not today.
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

/// The next number of a campaign and year. Its row is locked until the transaction ends, and a signing that fails gives it back.
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

/// Ends an agreement, or gives up a draft.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn terminate(tx: &Tx, id: Uuid, input: StepInput) -> Result<Agreement> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = read(&tx.connection, caller, id).await?;
    tx.check_version(before.head.version)?;
    let action = AgreementAction::Terminate;
    let step = workflow::step(policy::STEPS, before.head.state, action, caller.role, input.note.as_deref())?;
    let ended = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    tx.write::<Entity>(id, before.head.version, ended).await?;
    let after = read(&tx.connection, caller, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

/// Ends the agreement of a pairing that is terminated, in its transaction.
///
/// # Errors
/// What the database says.
pub async fn terminate_with(tx: &Tx, pairing_id: Uuid, why: &StepInput) -> Result<()> {
    let live = Column::State.is_in(AgreementState::LIVE.iter().copied().map(Code));
    end_all(tx, pairing_id, live, AgreementState::Terminated, AgreementAction::Terminate.code(), why).await
}

/// Gives up the draft of a pairing that is completed, in its transaction. What was signed runs to the end of its term.
///
/// # Errors
/// What the database says.
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

/// Lets agreements expire whose term is over. Returns how many.
///
/// # Errors
/// What the database says.
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

/// The history of an agreement.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(db: &DatabaseConnection, caller: &Caller, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let agreement = read(db, caller, id).await?;
    audit::history(db, OBJECT, agreement.head.id.to_string(), query).await
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
    ActiveModel {
        ends_on: Set(input.ends_on.unwrap_or(input.starts_on)),
        starts_on: Set(input.starts_on),
        organisation_signatory: Set(input.organisation_signatory),
        village_signatory: Set(input.village_signatory),
        witness: Set(input.witness),
        cooperation_content: Set(input.cooperation_content.unwrap_or_default()),
        organisation_obligations: Set(input.organisation_obligations.unwrap_or_default()),
        village_obligations: Set(input.village_obligations.unwrap_or_default()),
        ..Default::default()
    }
}
