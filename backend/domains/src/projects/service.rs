//! How projects are planned, decided on and carried out.

use chrono::NaiveDate;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::campaigns::Campaign;
use contract::pairings::{Pairing, PairingKind, PairingState};
use contract::projects::{
    Project, ProjectAction, ProjectInput, ProjectQuery, ProjectSort, ProjectState, ProjectSummary, WRITERS,
};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError, Page, Permission, Role};
use entities::pairings::{Column as PairingColumn, Entity as Pairings};
use entities::projects::{ActiveModel, Column, Entity, OBJECT, Row, Whole};
use entities::{names, scope};
use platform::audit::{self, Event};
use platform::coded::{Code, Kept};
use platform::list::{self, Key};
use platform::search::Searched;
use platform::{Caller, Error, Patch, Result, Tx, area, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, PaginatorTrait, QueryOrder, Select};

use super::policy::{self, Facts};
use crate::areas;
use crate::campaigns;
use crate::organisations;
use crate::pairings;
use crate::pairings::policy::{Side, side};

const TEXTS: Searched = Searched { table: "projects", key: "id", texts: &["title"] };

fn facts(row: &Row) -> Facts {
    Facts {
        state: row.state.0,
        pairing_active: row.pairing_state.0 == PairingState::Active,
        organisation_consented: row.organisation_consented_at.is_some(),
        village_consented: row.village_consented_at.is_some(),
        tasks_total: row.tasks_total,
        tasks_open: row.tasks_total - row.tasks_done,
    }
}

fn allowed(caller: &Caller, row: &Row) -> Vec<ProjectAction> {
    if caller.may(Permission::WriteProjects) { policy::allowed(facts(row), caller.role) } else { Vec::new() }
}

fn shown(caller: &Caller, whole: Whole, today: NaiveDate) -> Project {
    let (state, role) = (whole.row.state.0, caller.role);
    let editable = policy::plan_editable(state, role) || policy::spending_editable(state, role);
    let allowed = allowed(caller, &whole.row);
    whole.into_project(allowed, editable, today)
}

/// The projects that a query asks for.
async fn filtered(db: &DatabaseConnection, caller: &Caller, query: &ProjectQuery, today: NaiveDate) -> Result<Select<Entity>> {
    let mut select = scope::projects(caller);
    if let Some(id) = query.campaign_id {
        select = select.filter(PairingColumn::CampaignId.eq(id));
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
    if let Some(goal) = query.goal {
        select = select.filter(Column::Goal.eq(Code(goal)));
    }
    if let Some(over) = query.over_budget {
        let (spent, budget) = (Expr::col((Entity, Column::SpentFen)), Expr::col((Entity, Column::BudgetFen)));
        select = select.filter(if over { spent.gt(budget) } else { spent.lte(budget) });
    }
    if let Some(wanted) = query.overdue {
        let overdue = overdue(today);
        select = select.filter(if wanted { overdue } else { overdue.not() });
    }
    if let Some(wanted) = query.waits_for_me {
        let waits = waits_for(caller.role);
        select = select.filter(if wanted { waits } else { waits.not() });
    }
    if let Some(wanted) = query.ready {
        let ready = ready();
        select = select.filter(if wanted { ready } else { ready.not() });
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

fn order(sort: ProjectSort) -> SimpleExpr {
    match sort {
        ProjectSort::UpdatedAt => list::column((Entity, Column::UpdatedAt)),
        ProjectSort::Title => list::column((Entity, Column::Title)),
        ProjectSort::EndsOn => list::column((Entity, Column::EndsOn)),
        ProjectSort::VillageCode => list::column((Entity, Column::VillageCode)),
    }
}

fn keys(row: &Row, sort: ProjectSort) -> (Key, Key) {
    let key = match sort {
        ProjectSort::UpdatedAt => Key::Instant(row.updated_at),
        ProjectSort::Title => Key::Text(row.title.clone()),
        ProjectSort::EndsOn => Key::Date(row.ends_on),
        ProjectSort::VillageCode => Key::Text(row.village_code.clone()),
    };
    (key, Key::Id(row.id))
}

/// Lists projects.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(
    db: &DatabaseConnection,
    caller: &Caller,
    query: &ProjectQuery,
    today: NaiveDate,
) -> Result<Page<ProjectSummary>> {
    let select = filtered(db, caller, query, today).await?;
    let page = list::page_of(db, select, names::on_pairing, query, (Entity, Column::Id), order, keys).await?;
    Ok(list::map(page, |row: Row| {
        let allowed = allowed(caller, &row);
        row.into_summary(allowed, today)
    }))
}

/// Hands all that a list would show to `take`, in batches.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    db: &DatabaseConnection,
    caller: &Caller,
    query: &ProjectQuery,
    today: NaiveDate,
    mut take: impl AsyncFnMut(Vec<ProjectSummary>) -> Result<()>,
) -> Result<()> {
    let select = names::on_pairing(filtered(db, caller, query, today).await?);
    list::each(db, select, query, (Entity, Column::Id), order, keys, async |_, rows: Vec<Row>| {
        take(rows.into_iter().map(|row| row.into_summary(Vec::new(), today)).collect()).await
    })
    .await
}

/// The condition that a running project has a task overdue.
fn overdue(today: NaiveDate) -> Condition {
    Condition::all().add(running()).add(Column::Id.in_subquery(entities::tasks::late(today)))
}

/// The condition that a project runs, so that its tasks are due.
pub fn running() -> Condition {
    Condition::all().add(Column::State.is_in(ProjectState::RUNNING.iter().copied().map(Code)))
}

/// The condition that the two sides can carry on with a project: submit, start or complete it.
fn ready() -> Condition {
    let state = |state| Column::State.eq(Code(state));
    let agreed = Condition::all()
        .add(Column::State.is_in(ProjectState::OPEN.iter().copied().map(Code)))
        .add(Column::OrganisationConsentedAt.is_not_null())
        .add(Column::VillageConsentedAt.is_not_null());
    let done = Condition::all().add(state(ProjectState::InProgress)).add(Column::Id.not_in_subquery(entities::tasks::open()));
    Condition::any().add(agreed).add(state(ProjectState::Approved)).add(done)
}

/// The condition that a project waits for a role: for its side's consent, or for the bureau's decision.
fn waits_for(role: Role) -> Condition {
    let open = Condition::all().add(Column::State.is_in(ProjectState::OPEN.iter().copied().map(Code)));
    match (role, side(role)) {
        (Role::Bureau, _) => {
            Condition::all().add(Column::State.is_in([ProjectState::Submitted, ProjectState::Completed].map(Code)))
        }
        (_, Some(Side::Organisation)) => open.add(Column::OrganisationConsentedAt.is_null()),
        (_, Some(Side::Village)) => open.add(Column::VillageConsentedAt.is_null()),
        _ => Condition::all().add(Expr::val(false)),
    }
}

/// One project.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, id: Uuid, today: NaiveDate) -> Result<Project> {
    Ok(shown(caller, whole(db, caller, id).await?, today))
}

/// The state of one project, for those who only need that.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn state(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<ProjectState> {
    Ok(whole(db, caller, id).await?.row.state.0)
}

async fn whole(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<Whole> {
    let whole =
        names::on_pairing(scope::projects(caller)).filter(Column::Id.eq(id)).into_partial_model::<Whole>().one(db).await?;
    whole.ok_or_else(|| ErrorCode::NotFound.into())
}

/// Holds a project, and its pairing before it, until the transaction ends: what hangs on either stays true.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn held(tx: &Tx, id: Uuid) -> Result<Project> {
    let caller = tx.caller()?;
    let seen = whole(&tx.connection, caller, id).await?;
    pairings::service::held(tx, PairingKind::Village, seen.row.pairing_id, "/pairing_id").await?;
    tx.hold::<Entity>(id).await?;
    read(&tx.connection, caller, id, tx.today()).await
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
    let campaign = campaign(tx, caller, pairing.campaign_id).await?;
    if !matches!(pairing.state, PairingState::Confirmed | PairingState::Active) {
        return Err(ErrorCode::PairingNotConfirmed.into());
    }
    check(&input, &campaign)?;
    if input.spent_fen != 0 {
        return Err(Error::field("/spent_fen", "not_started"));
    }
    check_limit(tx, &pairing, &campaign).await?;
    let id = Uuid::now_v7();
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
    let made = read(&tx.connection, caller, id, tx.today()).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// 研究选定1-2个合作项目: counted while the pairing is held, so that of two who draft the last one at once one is refused.
async fn check_limit(tx: &Tx, pairing: &Pairing, campaign: &Campaign) -> Result<()> {
    let live = Entity::find()
        .filter(Column::PairingId.eq(pairing.id))
        .filter(Column::State.is_in(ProjectState::LIVE.iter().copied().map(Code)))
        .count(&tx.connection)
        .await?;
    let limit = u64::from(campaign.details.settings.max_projects.unsigned_abs());
    if live >= limit { Err(ErrorCode::ProjectLimit.into()) } else { Ok(()) }
}

/// Changes a plan before it is submitted, or what is spent once it runs.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step` where the state does not allow it, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Project> {
    let caller = tx.caller()?;
    let before = held(tx, id).await?;
    tx.check_version(before.head.version)?;
    let state = before.head.state;
    if !WRITERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    let input: ProjectInput = patch.apply(&before.details)?;
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
    if plans {
        check(&input, &campaign(tx, caller, before.head.campaign_id).await?)?;
        if entities::tasks::any_outside(&tx.connection, id, input.starts_on, input.ends_on).await? {
            return Err(Error::field("/ends_on", "tasks_outside"));
        }
        withdraw(&mut columns, caller.role);
    }
    tx.write::<Entity>(before.head.id, before.head.version, columns).await?;
    let after = read(&tx.connection, caller, id, tx.today()).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before, &after).await?;
    Ok(after)
}

/// Withdraws the consents that a change of a plan's tasks takes away, as any change of the plan does.
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
    let after = read(&tx.connection, caller, before.head.id, tx.today()).await?;
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
    held(tx, id).await?;
    let whole = whole(&tx.connection, caller, id).await?;
    let facts = facts(&whole.row);
    let before = shown(caller, whole, tx.today());
    tx.check_version(before.head.version)?;
    let outcome = policy::decide(facts, action, caller.role, input.note.as_deref(), input.on_behalf_reason.as_deref())?;
    let mut columns = ActiveModel { state: Set(Code(outcome.state)), ..Default::default() };
    match outcome.consents {
        Some(Side::Organisation) => columns.organisation_consented_at = Set(Some(tx.now)),
        Some(Side::Village) => columns.village_consented_at = Set(Some(tx.now)),
        None => {}
    }
    tx.write::<Entity>(before.head.id, before.head.version, columns).await?;
    let after = read(&tx.connection, caller, id, tx.today()).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

/// A project the two have planned.
#[derive(Clone, Debug)]
pub struct Planned {
    pub title: String,
    pub cooperation_form: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub budget_fen: i64,
}

/// The projects of a pairing that its agreement names.
///
/// # Errors
/// What the database says.
pub async fn planned(db: &impl ConnectionTrait, pairing_id: Uuid) -> Result<Vec<Planned>> {
    let rows = Entity::find()
        .filter(Column::PairingId.eq(pairing_id))
        .filter(Column::State.is_in(ProjectState::LIVE.iter().copied().map(Code)))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let planned = rows.into_iter().map(|row| Planned {
        title: row.title,
        cooperation_form: row.cooperation_form,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        budget_fen: row.budget_fen,
    });
    Ok(planned.collect())
}

/// The history of a project.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(
    db: &DatabaseConnection,
    caller: &Caller,
    id: Uuid,
    today: NaiveDate,
    query: HistoryQuery,
) -> Result<Page<HistoryEntry>> {
    let project = read(db, caller, id, today).await?;
    audit::history(db, OBJECT, project.head.id.to_string(), query).await
}

async fn campaign(tx: &Tx, caller: &Caller, id: Uuid) -> Result<Campaign> {
    campaigns::service::named(&tx.connection, caller, id, tx.today(), "/pairing_id").await
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
    ActiveModel {
        title: Set(input.title),
        goal: Set(Code(input.goal)),
        industry: Set(input.industry.map(Code)),
        cooperation_form: Set(input.cooperation_form),
        plan: Set(input.plan),
        budget_fen: Set(input.budget_fen),
        spent_fen: Set(input.spent_fen),
        funding: Set(Kept(input.funding)),
        expected_outcomes: Set(Kept(input.expected_outcomes)),
        starts_on: Set(input.starts_on),
        ends_on: Set(input.ends_on),
        ..Default::default()
    }
}
