//! Who takes part in a campaign.

use contract::audit::{HistoryEntry, HistoryQuery};
use contract::campaigns::Phase;
use contract::enrolments::{
    Enrolment, EnrolmentAction, EnrolmentInput, EnrolmentKind, EnrolmentQuery, EnrolmentSort, EnrolmentState,
};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Page, Permission};
use entities::enrolments::{ActiveModel, Column, Entity, Member, OBJECT, Relation, Row, name};
use entities::scope;
use platform::area::within;
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::list::{self, Key};
use platform::{Caller, Error, Result, Tx, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, JoinType, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::areas;
use crate::campaigns;
use crate::organisations;
use crate::villages;

/// The phases in which one can still enter.
const OPEN: &[Phase] = &[Phase::Preparation, Phase::Implementation];

/// The enrolments that exist for a caller, with their names.
fn named_enrolments(caller: &Caller) -> Select<Entity> {
    scope::enrolments(caller)
        .join(JoinType::LeftJoin, Relation::Area.def())
        .join(JoinType::LeftJoin, Relation::Organisation.def())
}

fn shown(caller: &Caller, row: Row) -> Enrolment {
    let mine = caller.may(Permission::WriteEnrolments) && scope::owns(caller, &row.area_code, row.organisation_id);
    let allowed = if mine { workflow::allowed(policy::STEPS, row.state.0, caller.role) } else { Vec::new() };
    row.into_enrolment(allowed)
}

/// The enrolments that a query asks for.
async fn filtered(db: &DatabaseConnection, caller: &Caller, query: &EnrolmentQuery) -> Result<Select<Entity>> {
    let mut select = named_enrolments(caller);
    if let Some(id) = query.campaign_id {
        select = select.filter(Column::CampaignId.eq(id));
    }
    if let Some(kind) = query.kind {
        select = select.filter(Column::Kind.eq(Code(kind)));
    }
    if let Some(state) = query.state {
        select = select.filter(Column::State.eq(Code(state)));
    }
    if let Some(wanted) = query.waits_for_me {
        let waits = Column::State.is_in(policy::waiting_for(caller.role).iter().copied().map(Code));
        select = select.filter(if wanted { waits } else { waits.not() });
    }
    if let Some(code) = &query.within {
        select = select.filter(within((Entity, Column::AreaCode), code));
    }
    if let Some(q) = &query.q {
        select = select.filter(
            Condition::any()
                .add(organisations::service::called(db, (Entity, Column::OrganisationId), q).await?)
                .add(areas::service::called(db, (Entity, Column::VillageCode), q).await?),
        );
    }
    Ok(select)
}

/// How many enrolments a query asks for.
///
/// # Errors
/// What the database says.
pub async fn count(db: &DatabaseConnection, caller: &Caller, query: &EnrolmentQuery) -> Result<i64> {
    list::count(db, filtered(db, caller, query).await?).await
}

fn order(sort: EnrolmentSort) -> Expr {
    match sort {
        EnrolmentSort::UpdatedAt => list::column((Entity, Column::UpdatedAt)),
        EnrolmentSort::Name => name(),
    }
}

fn keys(row: &Row, sort: EnrolmentSort) -> (Key, Key) {
    let key = match sort {
        EnrolmentSort::UpdatedAt => Key::Instant(row.updated_at),
        EnrolmentSort::Name => Key::Text(row.name.clone()),
    };
    (key, Key::Id(row.id))
}

/// Lists enrolments.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(db: &DatabaseConnection, caller: &Caller, query: &EnrolmentQuery) -> Result<Page<Enrolment>> {
    let page = list::page(db, filtered(db, caller, query).await?, query, (Entity, Column::Id), order, keys).await?;
    Ok(list::map(page, |row| shown(caller, row)))
}

/// Hands all that a list would show to `take`, in batches.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    db: &DatabaseConnection,
    caller: &Caller,
    query: &EnrolmentQuery,
    mut take: impl AsyncFnMut(Vec<Enrolment>) -> Result<()>,
) -> Result<()> {
    let select = filtered(db, caller, query).await?;
    list::each(db, select, query, (Entity, Column::Id), order, keys, async |_, rows: Vec<Row>| {
        take(rows.into_iter().map(|row| shown(caller, row)).collect()).await
    })
    .await
}

/// One enrolment.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<Enrolment> {
    let row = named_enrolments(caller).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    Ok(shown(caller, row.ok_or(ErrorCode::NotFound)?))
}

/// Enters a village or an organisation into a campaign: an application of its own, or a nomination by its town or the bureau.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`, `outside_phase`, `already_enrolled`.
pub async fn create(tx: &Tx, input: EnrolmentInput) -> Result<Enrolment> {
    let caller = tx.caller()?;
    let campaign = campaigns::service::named(&tx.connection, caller, input.campaign_id, tx.today(), "/campaign_id").await?;
    let (kind, area_code) = match (&input.village_code, input.organisation_id) {
        (Some(code), _) => {
            (EnrolmentKind::Village, villages::service::named(&tx.connection, caller, code, "/village_code").await?.code)
        }
        (None, Some(id)) => {
            let organisation = organisations::service::named(&tx.connection, caller, id, "/organisation_id").await?;
            (EnrolmentKind::Organisation, organisation.details.area_code)
        }
        (None, None) => return Err(Error::field("/village_code", "one_of_two")),
    };
    if !scope::owns(caller, &area_code, input.organisation_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !area_code.starts_with(&campaign.details.area_code) {
        return Err(Error::field("/campaign_id", "unknown"));
    }
    if !campaign.current_phase.is_some_and(|phase| OPEN.contains(&phase)) {
        return Err(ErrorCode::OutsidePhase.into());
    }
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(input.campaign_id),
        kind: Set(Code(kind)),
        village_code: Set(input.village_code.clone()),
        organisation_id: Set(input.organisation_id),
        area_code: Set(area_code),
        state: Set(Code(policy::first_state(caller.role))),
        note: Set(input.note.clone()),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::AlreadyEnrolled)?;
    let made = read(&tx.connection, caller, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `forbidden`, `illegal_step`, `pairings_live`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: EnrolmentAction, input: StepInput) -> Result<Enrolment> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = read(&tx.connection, caller, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(policy::STEPS, before.state, action, caller.role, input.note.as_deref())?;
    if !scope::owns(caller, &before.area_code, before.organisation_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    // Who is bound, or about to be, has taken part: first the pairing is taken back or ended, then one leaves.
    if action == EnrolmentAction::Withdraw
        && entities::pairings::live(&tx.connection, before.campaign_id, party(member(&before))).await? > 0
    {
        return Err(ErrorCode::PairingsLive.into());
    }
    let columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    let after = read(&tx.connection, caller, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

/// Holds a confirmed enrolment until the transaction ends, so that counts behind it stay true.
///
/// # Errors
/// `not_enrolled`.
pub async fn hold(tx: &Tx, campaign_id: Uuid, member: Member<'_>) -> Result<()> {
    let member = match member {
        Member::Village(code) => Column::VillageCode.eq(code),
        Member::Organisation(id) => Column::OrganisationId.eq(id),
    };
    Entity::find()
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(member)
        .filter(Column::State.eq(Code(EnrolmentState::Confirmed)))
        .lock_exclusive()
        .one(&tx.connection)
        .await?
        .map(|_| ())
        .ok_or_else(|| ErrorCode::NotEnrolled.into())
}

fn member(enrolment: &Enrolment) -> Member<'_> {
    match (&enrolment.village_code, enrolment.organisation_id) {
        (Some(code), _) => Member::Village(code),
        (None, id) => Member::Organisation(id.unwrap_or_default()),
    }
}

/// The pairings of one of the two.
fn party(member: Member<'_>) -> Expr {
    match member {
        Member::Village(code) => entities::pairings::Column::VillageCode.eq(code),
        Member::Organisation(id) => entities::pairings::Column::OrganisationId.eq(id),
    }
}

/// The history of an enrolment.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(db: &DatabaseConnection, caller: &Caller, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let enrolment = read(db, caller, id).await?;
    audit::history(db, OBJECT, enrolment.id.to_string(), query).await
}
