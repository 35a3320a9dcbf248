//! Plans, decides and carries out projects.

use contract::agreements::AgreedProject;
use contract::campaigns::Campaign;
use contract::pairings::{Pairing, PairingKind, PairingState};
use contract::projects::{Project, ProjectAction, ProjectInput, ProjectState, WRITERS};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError, Role};
use entities::commitments::Holder;
use entities::projects::{ActiveModel, Column, Entity, OBJECT};
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, object, spelling, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, PaginatorTrait, QueryOrder};

use super::list::{Projects, facts};
use super::policy;
use crate::campaigns;
use crate::catalogue::commitments::{self, Taker};
use crate::pairings;
use crate::pairings::policy::Side;

/// Locks a project, and its pairing before it, until the transaction ends, so that neither changes meanwhile.
///
/// # Errors
/// `not_found` outside the caller's scope.
pub async fn held(tx: &Tx, id: Uuid) -> Result<Project> {
    let seen = Projects::row(&tx.asker()?, id).await?;
    pairings::service::held(tx, PairingKind::Village, seen.row.pairing_id, "/pairing_id").await?;
    tx.hold::<Entity>(id).await?;
    Projects::read(&tx.asker()?, id).await
}

/// Drafts a project.
///
/// # Errors
/// `validation_failed`, `forbidden`, `pairing_not_confirmed`, `project_limit`.
pub async fn create(tx: &Tx, input: ProjectInput) -> Result<Project> {
    let caller = tx.caller()?;
    if !WRITERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    let pairing = pairings::service::held(tx, PairingKind::Village, input.pairing_id, "/pairing_id").await?;
    let campaign = campaign(tx, pairing.campaign_id).await?;
    if !PairingState::AGREED.contains(&pairing.state) {
        return Err(ErrorCode::PairingNotConfirmed.into());
    }
    check(&input, &campaign)?;
    if input.spent_fen != 0 {
        return Err(Error::field("/spent_fen", "not_started"));
    }
    check_limit(tx, &pairing, &campaign).await?;
    let id = Uuid::now_v7();
    let commitments = input.commitments.clone();
    let row = ActiveModel {
        id: Set(id),
        pairing_id: Set(pairing.id),
        village_code: Set(pairing.village_code.clone()),
        state: Set(Code(ProjectState::Draft)),
        organisation_consented_at: Set(None),
        village_consented_at: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let taker = taker(id, pairing.campaign_id, &pairing.village_code, pairing.organisation_id);
    commitments::write(tx, taker, &commitments).await?;
    let made = Projects::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// 研究选定1-2个合作项目: counted while the pairing is locked, so that of two who draft the last project at once, one is refused.
async fn check_limit(tx: &Tx, pairing: &Pairing, campaign: &Campaign) -> Result<()> {
    let live = Entity::find()
        .filter(Column::PairingId.eq(pairing.id))
        .filter(Column::State.is_in(codes(ProjectState::LIVE)))
        .count(&tx.connection)
        .await?;
    let limit = u64::from(campaign.details.settings.max_projects.unsigned_abs());
    if live >= limit { Err(ErrorCode::ProjectLimit.into()) } else { Ok(()) }
}

/// Changes a plan before it is submitted, or the expenses of a running project.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step` if the state does not allow it, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Project> {
    let caller = tx.caller()?;
    let before = held(tx, id).await?;
    tx.check_version(before.head.version)?;
    let state = before.head.state;
    if !WRITERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    let Some(input) = patch.changes::<ProjectInput>(&before.details)? else { return Ok(before) };
    if input.pairing_id != before.details.pairing_id {
        return Err(Error::field("/pairing_id", "fixed"));
    }
    let spends = input.spent_fen != before.details.spent_fen;
    let plans = ProjectInput { spent_fen: before.details.spent_fen, ..input.clone() } != before.details;
    if spends && ProjectState::SPENDING.contains(&state) && !policy::spending_editable(state, caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    if spends && ProjectState::OPEN.contains(&state) {
        return Err(Error::field("/spent_fen", "not_started"));
    }
    if !before.editable || (plans && !policy::plan_editable(state, caller.role)) {
        return Err(workflow::illegal(state, &before.head.allowed_actions));
    }
    let mut columns = columns(input.clone());
    if input.commitments != before.details.commitments {
        let head = &before.head;
        let taker = taker(id, head.campaign_id, &head.village_code, head.organisation_id);
        commitments::write(tx, taker, &input.commitments).await?;
    }
    if plans {
        check(&input, &campaign(tx, before.head.campaign_id).await?)?;
        if entities::tasks::any_outside(&tx.connection, id, input.starts_on, input.ends_on).await? {
            return Err(Error::field("/ends_on", "tasks_outside"));
        }
        withdraw(&mut columns, caller.role);
    }
    tx.write::<Entity>(before.head.id, before.head.version, columns).await?;
    let after = Projects::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before, &after).await?;
    Ok(after)
}

/// Withdraws consents after a change of tasks, like any change of the plan.
///
/// # Errors
/// `stale_version`.
pub async fn plan_changed(tx: &Tx, before: &Project) -> Result<()> {
    let caller = tx.caller()?;
    let withdrawn = policy::withdrawn_by(caller.role).iter().any(|side| match side {
        Side::Organisation => before.head.organisation_consented_at.is_some(),
        Side::Village => before.head.village_consented_at.is_some(),
    });
    if !withdrawn || !ProjectState::OPEN.contains(&before.head.state) {
        return Ok(());
    }
    let mut columns = ActiveModel { ..Default::default() };
    withdraw(&mut columns, caller.role);
    tx.write::<Entity>(before.head.id, before.head.version, columns).await?;
    let after = Projects::read(&tx.asker()?, before.head.id).await?;
    tx.record(Event::of(OBJECT, before.head.id, "change_tasks"), before, &after).await
}

fn withdraw(columns: &mut ActiveModel, role: Role) {
    for side in policy::withdrawn_by(role) {
        match side {
            Side::Organisation => columns.organisation_consented_at = Set(None),
            Side::Village => columns.village_consented_at = Set(None),
        }
    }
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `pairing_not_active`, `consent_missing`, `tasks_missing`, `tasks_open`,
/// `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: ProjectAction, input: StepInput) -> Result<Project> {
    let caller = tx.caller()?;
    let before = held(tx, id).await?;
    let asker = tx.asker()?;
    let facts = facts(&Projects::row(&asker, id).await?.row);
    tx.check_version(before.head.version)?;
    let decision = policy::decide(facts, action, caller.role, &input)?;
    let mut columns = ActiveModel { state: Set(Code(decision.state)), ..Default::default() };
    match decision.consents {
        Some(Side::Organisation) => columns.organisation_consented_at = Set(Some(tx.now)),
        Some(Side::Village) => columns.village_consented_at = Set(Some(tx.now)),
        None => {}
    }
    tx.write::<Entity>(before.head.id, before.head.version, columns).await?;
    commitments::settle_of(tx, [Holder::Project(id)]).await?;
    let after = Projects::read(&asker, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

fn taker(id: Uuid, campaign_id: Uuid, village_code: &str, organisation_id: Uuid) -> Taker<'_> {
    Taker {
        holder: Holder::Project(id),
        campaign_id: Some(campaign_id),
        village_code,
        organisation_id: Some(organisation_id),
        goal: None,
        corrects_id: None,
        pointer: commitments::listed,
    }
}

/// The projects of a pairing that its agreement names.
pub async fn planned(db: &impl ConnectionTrait, pairing_id: Uuid) -> Result<Vec<AgreedProject>> {
    let rows = Entity::find()
        .filter(Column::PairingId.eq(pairing_id))
        .filter(Column::State.is_in(codes(ProjectState::LIVE)))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let planned = rows.into_iter().map(|row| {
        object!(AgreedProject {
            ..row.{ id, title, cooperation_form, starts_on, ends_on, budget_fen }
        })
    });
    Ok(planned.collect())
}

async fn campaign(tx: &Tx, id: Uuid) -> Result<Campaign> {
    campaigns::service::named(&tx.asker()?, id, "/pairing_id").await
}

fn check(input: &ProjectInput, campaign: &Campaign) -> Result<()> {
    let days = campaign.details.starts_on..=campaign.details.ends_on;
    let mut faults = input.faults();
    for (pointer, day) in [("/starts_on", input.starts_on), ("/ends_on", input.ends_on)] {
        if !days.contains(&day) {
            faults.push(FieldError::at(pointer, "date_outside_campaign"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::fields(faults)) }
}

fn columns(input: ProjectInput) -> ActiveModel {
    columns!(ActiveModel {
        name_words: Set(spelling::words(&input.title)),
        ..input.{
            title, goal, industry, cooperation_form, plan, budget_fen, spent_fen, funding, expected_outcomes, starts_on, ends_on,
        }
    })
}
