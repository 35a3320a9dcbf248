//! How results are counted, confirmed and corrected.

use contract::audit::{HistoryEntry, HistoryQuery};
use contract::outcomes::{Outcome, OutcomeAction, OutcomeDetailsInput, OutcomeInput, OutcomeQuery, OutcomeSort, OutcomeState};
use contract::pairings::{Pairing, PairingKind};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Page, Permission};
use entities::outcomes::{ActiveModel, Column, Entity, OBJECT, Row};
use entities::{names, scope};
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::list::{self, Key};
use platform::search::Searched;
use platform::{Caller, Error, Patch, Result, Tx, area, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, Select};

use super::policy;
use crate::areas;
use crate::campaigns;
use crate::organisations;
use crate::pairings;
use crate::progress;
use crate::progress::policy::Facts;
use crate::projects;

const TEXTS: Searched = Searched { table: "outcomes", key: "id", texts: &["description"] };

fn shown(caller: &Caller, row: Row) -> Outcome {
    let may = caller.may(Permission::WriteProgress);
    let allowed = if may { workflow::allowed(policy::STEPS, row.state.0, caller.role) } else { Vec::new() };
    let editable = may && row.state.0 == OutcomeState::Recorded;
    row.into_outcome(editable, allowed)
}

/// The outcomes that a query asks for.
async fn filtered(db: &DatabaseConnection, caller: &Caller, query: &OutcomeQuery) -> Result<Select<Entity>> {
    use entities::pairings as pairing;
    let mut select = scope::outcomes(caller);
    if let Some(id) = query.campaign_id {
        select = select.filter(pairing::Column::CampaignId.eq(id));
    }
    if let Some(id) = query.pairing_id {
        select = select.filter(Column::PairingId.eq(id));
    }
    if let Some(id) = query.progress_update_id {
        select = select.filter(Column::ProgressUpdateId.eq(id));
    }
    if let Some(id) = query.project_id {
        select = select.filter(Column::ProjectId.eq(id));
    }
    if let Some(indicator) = query.indicator {
        select = select.filter(Column::Indicator.eq(Code(indicator)));
    }
    if let Some(month) = query.month {
        select = select.filter(Column::HappenedOn.between(month.first_day(), month.last_day()));
    }
    if let Some(state) = query.state {
        select = select.filter(Column::State.eq(Code(state)));
    }
    if let Some(wanted) = query.waits_for_me {
        let waits = Column::State.is_in(policy::waiting_for(caller.role).iter().copied().map(Code));
        select = select.filter(if wanted { waits } else { waits.not() });
    }
    if let Some(code) = &query.within {
        select = select.filter(area::lies_in(Entity, code));
    }
    if let Some(q) = &query.q {
        select = select.filter(
            Condition::any()
                .add(organisations::service::called(db, (pairing::Entity, pairing::Column::OrganisationId), q).await?)
                .add(areas::service::called(db, (pairing::Entity, pairing::Column::VillageCode), q).await?)
                .add(TEXTS.contain(db, (Entity, Column::Id), q).await?),
        );
    }
    Ok(select)
}

fn order(sort: OutcomeSort) -> Expr {
    match sort {
        OutcomeSort::UpdatedAt => list::column((Entity, Column::UpdatedAt)),
        OutcomeSort::HappenedOn => list::column((Entity, Column::HappenedOn)),
        OutcomeSort::Quantity => list::column((Entity, Column::Quantity)),
    }
}

fn keys(row: &Row, sort: OutcomeSort) -> (Key, Key) {
    let key = match sort {
        OutcomeSort::UpdatedAt => Key::Instant(row.updated_at),
        OutcomeSort::HappenedOn => Key::Date(row.happened_on),
        OutcomeSort::Quantity => Key::Number(row.quantity),
    };
    (key, Key::Id(row.id))
}

/// Lists outcomes.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(db: &DatabaseConnection, caller: &Caller, query: &OutcomeQuery) -> Result<Page<Outcome>> {
    let select = filtered(db, caller, query).await?;
    let page = list::page_of(db, select, names::on_pairing, query, (Entity, Column::Id), order, keys).await?;
    Ok(list::map(page, |row| shown(caller, row)))
}

/// Hands all that a list would show to `take`, in batches.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    db: &DatabaseConnection,
    caller: &Caller,
    query: &OutcomeQuery,
    mut take: impl AsyncFnMut(Vec<Outcome>) -> Result<()>,
) -> Result<()> {
    let select = names::on_pairing(filtered(db, caller, query).await?);
    list::each(db, select, query, (Entity, Column::Id), order, keys, async |_, rows: Vec<Row>| {
        take(rows.into_iter().map(|row| shown(caller, row)).collect()).await
    })
    .await
}

async fn row(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<Row> {
    let row = names::on_pairing(scope::outcomes(caller)).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    row.ok_or_else(|| ErrorCode::NotFound.into())
}

/// One outcome.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<Outcome> {
    Ok(shown(caller, row(db, caller, id).await?))
}

/// Records an outcome, or the correction of a confirmed one.
///
/// # Errors
/// `validation_failed`, `pairing_not_active`, `illegal_step` where what it replaces is not confirmed, `already_corrected`.
pub async fn create(tx: &Tx, input: OutcomeInput) -> Result<Outcome> {
    let caller = tx.caller()?;
    let details = OutcomeDetailsInput {
        progress_update_id: input.progress_update_id,
        project_id: input.project_id,
        indicator: input.indicator,
        quantity: input.quantity,
        happened_on: input.happened_on,
        description: input.description,
    };
    let pairing = check(tx, input.pairing_id, &details).await?;
    if let Some(id) = input.replaces_id {
        let replaced = row(&tx.connection, caller, id).await.ok().filter(|row| row.pairing_id == input.pairing_id);
        let state = replaced.ok_or_else(|| Error::field("/replaces_id", "unknown"))?.state.0;
        if state != OutcomeState::Confirmed {
            return Err(workflow::illegal(state, &workflow::allowed(policy::STEPS, state, caller.role)));
        }
    }
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        pairing_id: Set(pairing.id),
        village_code: Set(pairing.village_code),
        replaces_id: Set(input.replaces_id),
        state: Set(Code(OutcomeState::Recorded)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(details)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::AlreadyCorrected)?;
    let made = read(&tx.connection, caller, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

async fn check(tx: &Tx, pairing_id: Uuid, details: &OutcomeDetailsInput) -> Result<Pairing> {
    let caller = tx.caller()?;
    let pairing = pairings::service::held(tx, PairingKind::Village, pairing_id, "/pairing_id").await?;
    let campaign = campaigns::service::named(&tx.connection, caller, pairing.campaign_id, tx.today(), "/pairing_id").await?;
    let facts = Facts {
        today: tx.today(),
        campaign_starts_on: campaign.details.starts_on,
        campaign_ends_on: campaign.details.ends_on,
        active_since: pairing.active_since,
        ended_on: pairing.ended_on,
    };
    policy::check_day(&facts, details.happened_on)?;
    if let Some(id) = details.progress_update_id {
        let update = progress::service::read(&tx.connection, caller, id).await;
        if !update.is_ok_and(|update| update.pairing_id == pairing_id) {
            return Err(Error::field("/progress_update_id", "unknown"));
        }
    }
    if let Some(id) = details.project_id {
        let project = projects::service::read(&tx.connection, caller, id, tx.today()).await;
        if !project.is_ok_and(|project| project.details.pairing_id == pairing_id) {
            return Err(Error::field("/project_id", "unknown"));
        }
    }
    Ok(pairing)
}

fn columns(details: OutcomeDetailsInput) -> ActiveModel {
    ActiveModel {
        progress_update_id: Set(details.progress_update_id),
        project_id: Set(details.project_id),
        indicator: Set(Code(details.indicator)),
        quantity: Set(details.quantity),
        happened_on: Set(details.happened_on),
        description: Set(details.description),
        ..Default::default()
    }
}

/// Changes what is not confirmed yet.
///
/// # Errors
/// `not_found`, `illegal_step`, `stale_version`, `validation_failed`, `pairing_not_active`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Outcome> {
    let caller = tx.caller()?;
    let before = row(&tx.connection, caller, id).await?;
    tx.check_version(before.version)?;
    let state = before.state.0;
    if state != OutcomeState::Recorded {
        return Err(workflow::illegal(state, &workflow::allowed(policy::STEPS, state, caller.role)));
    }
    let old = before.details();
    let new: OutcomeDetailsInput = patch.apply(&old)?;
    check(tx, before.pairing_id, &new).await?;
    tx.write::<Entity>(before.id, before.version, columns(new.clone())).await?;
    tx.record(Event::of(OBJECT, id, "update"), &old, &new).await?;
    read(&tx.connection, caller, id).await
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: OutcomeAction, input: StepInput) -> Result<Outcome> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = row(&tx.connection, caller, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(policy::STEPS, before.state.0, action, caller.role, input.note.as_deref())?;
    if let (OutcomeAction::Confirm, Some(replaced)) = (action, before.replaces_id) {
        tx.hold::<Entity>(replaced).await?;
        let replaced = row(&tx.connection, caller, replaced).await?;
        let state = replaced.state.0;
        // Withdrawn in the meantime: there is nothing left to correct.
        if state != OutcomeState::Confirmed {
            return Err(workflow::illegal(state, &[OutcomeAction::Withdraw]));
        }
        move_to(tx, replaced, OutcomeState::Corrected, Event::of(OBJECT, before.replaces_id.unwrap_or(id), "correct")).await?;
    }
    move_to(tx, before, step.to, Event::of(OBJECT, id, action.code()).because(input)).await?;
    read(&tx.connection, caller, id).await
}

async fn move_to(tx: &Tx, before: Row, state: OutcomeState, event: Event<'_>) -> Result<()> {
    tx.write::<Entity>(before.id, before.version, ActiveModel { state: Set(Code(state)), ..Default::default() }).await?;
    let before = before.into_outcome(false, Vec::new());
    let after = Outcome { state, ..before.clone() };
    tx.record(event, &before, &after).await
}

/// The history of an outcome.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(db: &DatabaseConnection, caller: &Caller, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let row = row(db, caller, id).await?;
    audit::history(db, OBJECT, row.id.to_string(), query).await
}
