//! Lists requests, and makes and decides them.

use chrono::{DateTime, Utc};
use contract::account_requests::{
    AccountRequest, AccountRequestAction, AccountRequestKind, AccountRequestQuery, AccountRequestState, AccountRequestWithHalf,
};
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::users::{User, UserAction, UserInput};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Page, Role};
use entities::account_requests::{ActiveModel, Column, Entity, Model, OBJECT, OLD_AREA, Relation, Row};
use entities::scope;
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::list;
use platform::object::Given;
use platform::spelling::{self, sought};
use platform::{Asker, Caller, Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, IntoCondition};
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, JoinType, QuerySelect, RelationTrait, Select};
use serde::Serialize;

use super::policy::{self, Party};
use crate::auth::password::{self, OneTime};
use crate::users;

/// The requests that exist for a caller, with the joins to names.
fn named_requests(caller: Option<&Caller>) -> Select<Entity> {
    scope::account_requests(caller).join(JoinType::InnerJoin, Relation::Area.def()).join_as(
        JoinType::LeftJoin,
        Relation::OldArea.def(),
        OLD_AREA,
    )
}

fn shown(caller: Option<&Caller>, row: Row, now: DateTime<Utc>) -> AccountRequest {
    let state = policy::current(row.state.0, row.expires_at, now);
    let allowed = caller.map(|caller| policy::allowed(caller, Party::of(caller.user_id, row.asked_by, row.user_id), state));
    row.into_request(state, allowed.unwrap_or_default())
}

/// The condition that a request can still be decided on.
fn open(now: DateTime<Utc>) -> Condition {
    Condition::all().add(Column::State.eq(Code(AccountRequestState::Asked))).add(Column::ExpiresAt.gt(now))
}

fn filtered(caller: Option<&Caller>, now: DateTime<Utc>, query: &AccountRequestQuery) -> Select<Entity> {
    let mut select = named_requests(caller);
    select = match query.state {
        Some(AccountRequestState::Asked) => select.filter(open(now)),
        Some(AccountRequestState::Expired) => {
            let asked = Column::State.eq(Code(AccountRequestState::Asked)).and(Column::ExpiresAt.lte(now));
            select.filter(Column::State.eq(Code(AccountRequestState::Expired)).or(asked))
        }
        Some(state) => select.filter(Column::State.eq(Code(state))),
        None => select,
    };
    select = select.given(query.kind, |kind| Column::Kind.eq(Code(kind))).given(query.user_id, |id| Column::UserId.eq(id));
    if let (Some(wanted), Some(caller)) = (query.waits_for_me, caller) {
        let decides = policy::allowed(caller, Party::Other, AccountRequestState::Asked).contains(&AccountRequestAction::Confirm);
        let others = Column::UserId.is_null().or(Column::UserId.ne(caller.user_id));
        let mine = open(now).add(Expr::val(decides)).add(Column::AskedBy.ne(caller.user_id)).add(others);
        select = select.filter(if wanted { mine } else { mine.not() });
    }
    select.given(query.q.as_ref(), |q| {
        let name = list::contains((Entity, Column::NameWords), &sought(q));
        list::contains((Entity, Column::Account), q).or(name)
    })
}

/// Lists requests; all of them for the operator.
///
/// # Errors
/// `bad_cursor`.
pub async fn list(
    db: &impl ConnectionTrait,
    caller: Option<&Caller>,
    now: DateTime<Utc>,
    query: &AccountRequestQuery,
) -> Result<Page<AccountRequest>> {
    let order = |_| list::by(Column::CreatedAt, |row: &Row| row.created_at.into());
    let page = list::page(db, filtered(caller, now, query), query, order).await?;
    Ok(list::map(page, |row| shown(caller, row, now)))
}

async fn row(db: &impl ConnectionTrait, caller: Option<&Caller>, id: Uuid) -> Result<Row> {
    let row = named_requests(caller).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    row.ok_or_else(|| ErrorCode::NotFound.into())
}

/// One request.
///
/// # Errors
/// `not_found` outside the caller's area.
pub async fn read(db: &impl ConnectionTrait, caller: Option<&Caller>, now: DateTime<Utc>, id: Uuid) -> Result<AccountRequest> {
    Ok(shown(caller, row(db, caller, id).await?, now))
}

/// The history of a request.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(asker: &Asker<'_>, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let request = row(&asker.db, Some(asker.caller), id).await?;
    audit::history(&asker.db, OBJECT, request.id.to_string(), query).await
}

/// The contents of a request.
#[derive(Debug)]
pub struct Ask<'a> {
    pub kind: AccountRequestKind,
    /// The account as it is; `None` if it is to be created.
    pub user: Option<&'a User>,
    pub account: String,
    pub display_name: String,
    pub role: Role,
    pub area_code: String,
    pub reason: String,
}

/// The fields of a request that the account's own history records.
#[derive(Serialize)]
struct ForHistory<'a> {
    kind: Option<AccountRequestKind>,
    role: Role,
    area_code: &'a str,
}

/// Stores a request until somebody else decides. The account itself stays as it is; its history records the request.
///
/// # Errors
/// `request_open`.
pub async fn ask(tx: &Tx, ask: Ask<'_>) -> Result<AccountRequestWithHalf> {
    let caller = tx.caller()?;
    // An expired request about the same account is no obstacle, even if it is not marked yet.
    let same = ask.user.map_or_else(|| Column::Account.eq(&ask.account), |user| Column::UserId.eq(user.id));
    expire_those(tx, same.into_condition()).await?;
    let id = Uuid::now_v7();
    let old_role = ask.user.map(|user| user.role);
    let half = policy::makes_password(ask.kind, old_role).then(|| password::first_half(&tx.vault, id));
    let row = Model {
        id,
        kind: Code(ask.kind),
        state: Code(AccountRequestState::Asked),
        user_id: ask.user.map(|user| user.id),
        user_version: ask.user.map(|user| user.version),
        account: ask.account,
        name_words: spelling::words(&ask.display_name),
        display_name: ask.display_name,
        role: Code(ask.role),
        area_code: ask.area_code,
        old_role: old_role.map(Code),
        old_area_code: ask.user.map(|user| user.area_code.clone()),
        reason: ask.reason.clone(),
        asked_by: caller.user_id,
        asked_by_name: caller.name.clone(),
        expires_at: tx.now + policy::OPEN,
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        created_at: tx.now,
        updated_at: tx.now,
        version: 1,
    };
    let (role, area_code) = (row.role.0, row.area_code.clone());
    Entity::insert(ActiveModel::from(row)).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::RequestOpen)?;
    let request = read(&tx.connection, Some(caller), tx.now, id).await?;
    let why = || StepInput { note: Some(ask.reason.clone()), on_behalf_reason: None };
    tx.record(Event::of(OBJECT, id, "create").because(why()), &(), &request).await?;
    if let Some(user) = ask.user {
        let before = ForHistory { kind: None, role: user.role, area_code: &user.area_code };
        let after = ForHistory { kind: Some(ask.kind), role, area_code: &area_code };
        tx.record(Event::of(entities::users::OBJECT, user.id, "ask").because(why()), &before, &after).await?;
    }
    Ok(AccountRequestWithHalf { request, password_half: half })
}

/// Takes a step. Confirming carries out the request in the same transaction.
///
/// # Errors
/// `not_found`, `forbidden`, `own_request`, `own_account`, `outside_own_scope`, `illegal_step`, `account_changed`,
/// `last_administrator`, `stale_version`, `validation_failed`.
pub async fn step(
    tx: &Tx,
    id: Uuid,
    action: AccountRequestAction,
    input: StepInput,
    fresh: Option<OneTime>,
) -> Result<AccountRequestWithHalf> {
    let caller = tx.caller.as_ref();
    tx.hold::<Entity>(id).await?;
    let row = row(&tx.connection, caller, id).await?;
    tx.check_version(row.version)?;
    let state = policy::current(row.state.0, row.expires_at, tx.now);
    let to = match caller {
        Some(caller) => {
            let party = Party::of(caller.user_id, row.asked_by, row.user_id);
            let decided = policy::decide(caller, party, state, action, &input);
            // An attempt to decide on one's own request is recorded.
            decided.map_err(|error| match error.code {
                ErrorCode::OwnRequest | ErrorCode::OwnAccount => error.traced(OBJECT, id, action.code()),
                _ => error,
            })?
        }
        None => policy::by_operator(state, action)?,
    };
    let mut columns = ActiveModel { state: Set(Code(to)), ..Default::default() };
    let mut password_half = None;
    if action == AccountRequestAction::Confirm {
        let makes = policy::makes_password(row.kind.0, row.old_role.map(|role| role.0));
        let fresh = fresh.filter(|_| makes);
        password_half = fresh.as_ref().map(OneTime::second_half);
        columns.user_id = Set(Some(carry_out(tx, &row, fresh).await?));
    }
    if action != AccountRequestAction::Withdraw {
        columns.decided_by = Set(caller.map(|caller| caller.user_id));
        columns.decided_by_name = Set(caller.map(|caller| caller.name.clone()));
        columns.decided_at = Set(Some(tx.now));
    }
    let before = shown(caller, row.clone(), tx.now);
    tx.write::<Entity>(id, row.version, columns).await?;
    let request = read(&tx.connection, caller, tx.now, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &request).await?;
    Ok(AccountRequestWithHalf { request, password_half })
}

/// Carries out a request. Returns the account.
async fn carry_out(tx: &Tx, row: &Row, fresh: Option<OneTime>) -> Result<Uuid> {
    // Always locked before an account itself, so that no two transactions wait for each other.
    let overseers = users::service::overseers(tx).await?;
    let asker = overseers.iter().find(|other| other.id == row.asked_by && other.role.0 == Role::Admin);
    let keeps = |area: &str| asker.is_some_and(|asker| area.starts_with(&asker.area_code));
    if !keeps(&row.area_code) || !row.old_area_code.as_deref().is_none_or(keeps) {
        return Err(ErrorCode::AccountChanged.into());
    }
    let input = UserInput {
        account: row.account.clone(),
        display_name: row.display_name.clone(),
        role: row.role.0,
        area_code: Some(row.area_code.clone()),
        organisation_id: None,
        institution_id: None,
        reason: Some(row.reason.clone()),
    };
    let Some(user_id) = row.user_id else {
        let fresh = fresh.ok_or_else(|| Error::internal("a new account without a password"))?;
        return Ok(users::service::create(tx, input, fresh).await?.user.id);
    };
    tx.hold::<entities::users::Entity>(user_id).await?;
    let user = users::service::seen(tx, user_id).await?;
    if Some(user.version) != row.user_version {
        return Err(ErrorCode::AccountChanged.into());
    }
    let why = StepInput { note: input.reason.clone(), on_behalf_reason: None };
    let action = match row.kind.0 {
        AccountRequestKind::Create | AccountRequestKind::Change => {
            users::service::change_to(tx, &user, input, row.area_code.clone(), fresh).await?;
            return Ok(user_id);
        }
        AccountRequestKind::ResetPassword => UserAction::ResetPassword,
        AccountRequestKind::ResetSecondFactor => UserAction::ResetSecondFactor,
        AccountRequestKind::Enable => UserAction::Enable,
    };
    users::service::act(tx, &user, action, why, fresh).await?;
    Ok(user_id)
}

/// Marks requests as expired that nobody decided on in time. Returns how many.
pub async fn expire(tx: &Tx) -> Result<u64> {
    expire_those(tx, Condition::all()).await
}

async fn expire_those(tx: &Tx, which: Condition) -> Result<u64> {
    let due = named_requests(None)
        .filter(which)
        .filter(Column::State.eq(Code(AccountRequestState::Asked)))
        .filter(Column::ExpiresAt.lte(tx.now))
        .limit(1_000)
        .into_partial_model::<Row>()
        .all(&tx.connection)
        .await?;
    for row in &due {
        let columns = ActiveModel { state: Set(Code(AccountRequestState::Expired)), ..Default::default() };
        tx.write::<Entity>(row.id, row.version, columns).await?;
        let before = row.clone().into_request(AccountRequestState::Asked, Vec::new());
        let after = AccountRequest { state: AccountRequestState::Expired, ..before.clone() };
        tx.record(Event::of(OBJECT, row.id, "expire"), &before, &after).await?;
    }
    Ok(due.len() as u64)
}
