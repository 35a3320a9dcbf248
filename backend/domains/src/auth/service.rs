//! Opens, continues and ends sessions.

use chrono::{DateTime, TimeDelta, Utc};
use contract::auth::{Account, LoginInput, Session, SessionInfo, SessionQuery};
use contract::{ErrorCode, Page};
use entities::auth::{failure, session};
use entities::users as user;
use entities::users::OBJECT as USERS;
use platform::audit::Event;
use platform::list;
use platform::principal::Open;
use platform::rate::Subject;
use platform::{App, Caller, Result, Tx, token};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, LockBehavior, LockType};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect, Select};

use super::password::Place;
use super::policy::{self, Counted};
use super::refresh::{RefreshToken, hash_of};
use super::throttle::Attempt;
use super::{own_history, second_factor};
use crate::areas;
use crate::institutions;
use crate::organisations;

/// For how many seconds another tab may still use a token that was just replaced. After that an old token counts as stolen.
const GRACE_SECONDS: i64 = 30;
/// The most rows of a kind that one statement deletes.
const CLEANED: u64 = 10_000;

/// A session that was opened or continued.
#[derive(Debug)]
pub struct Opened {
    pub session: Session,
    /// The new refresh token for the cookie; `None` if a racing tab has just got it.
    pub refresh_token: Option<String>,
}

/// The person of an open session. It is looked up with each request, so that signing out, disabling an account and changing its
/// role take effect at once.
///
/// # Errors
/// `session_ended`.
pub async fn caller(db: &impl ConnectionTrait, session_id: Uuid, now: DateTime<Utc>) -> Result<Caller> {
    let user = user::Entity::find()
        .join(sea_orm::JoinType::InnerJoin, session_user())
        .filter(session::Column::Id.eq(session_id))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(user::Column::Disabled.eq(false))
        .into_partial_model::<user::Calling>()
        .one(db)
        .await?
        .ok_or(ErrorCode::SessionEnded)?;
    Ok(caller_of(user, session_id))
}

fn session_user() -> RelationDef {
    user::Entity::belongs_to(session::Entity).from(user::Column::Id).to(session::Column::UserId).into()
}

/// The caller for a user in a session.
pub fn caller_of(user: impl Into<user::Calling>, session_id: Uuid) -> Caller {
    let user = user.into();
    Caller {
        lacks_second_factor: user.lacks_second_factor(),
        separate_duties: false,
        user_id: user.id,
        session_id,
        name: user.display_name,
        role: user.role.0,
        area_code: user.area_code,
        organisation_id: user.organisation_id,
        institution_id: user.institution_id,
        must_change_password: user.one_time_until.is_some(),
        address: None,
        request_id: String::new(),
    }
}

/// Opens a session.
///
/// If failures of strangers delay an account, its owner is admitted with both password and code. Every other attempt meanwhile
/// gets the same answer and counts the same, so that nobody learns whether one of the two was right.
///
/// # Errors
/// `invalid_credentials`, the same and as slow for an account that does not exist; `second_factor_required`,
/// `second_factor_wrong`; `too_many_requests` after failures.
pub async fn login(app: &App, open: &Open, input: LoginInput, user_agent: Option<String>) -> Result<Opened> {
    let now = app.clock.now();
    let address = open.address.as_deref();
    let attempt = Attempt::to_sign_in(app, &input.account, address, &open.request_id);
    // Locked until a failure is counted. Otherwise many simultaneous guesses would all be made before the first one counts.
    let place = Place::of(app, &Subject::of(address)).await?;
    let (mut delayed, mut code_is_free) = (Ok(()), true);
    if input.verification_code.is_none() {
        attempt.check(app, &[Counted::Address, Counted::Pair, Counted::Account, Counted::Halfway]).await?;
    } else {
        attempt.check(app, &[Counted::Address, Counted::Pair]).await?;
        delayed = attempt.check(app, &[Counted::Account]).await;
        let codes = attempt.check(app, &[Counted::Code]).await;
        code_is_free = codes.is_ok();
        if delayed.is_ok() {
            codes?;
        }
    }
    let user = user::Entity::find().filter(user::Column::Account.eq(&input.account)).one(&app.database.read).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = place.verify(input.password, hash).await?;
    let good = |user: &user::Model| {
        !user.disabled && (app.config.allow_demo || !user.demo) && user.one_time_until.is_none_or(|until| now < until)
    };
    let usable = user.as_ref().filter(|user| right && good(user));
    let Some(user) = usable.filter(|user| delayed.is_ok() || user.second_factor.is_some()) else {
        // During a delay a wrong password counts like a right one without its code, so that the last attempt gets the same
        // answer either way.
        let counted = [Counted::Pair, Counted::Address, Counted::Account, Counted::Halfway];
        attempt.failed(app, user.as_ref(), "login", if delayed.is_ok() { &counted[..3] } else { &counted }).await?;
        delayed?;
        return Err(ErrorCode::InvalidCredentials.into());
    };
    let code = input.verification_code.filter(|_| user.second_factor.is_some());
    if user.second_factor.is_some() && code.is_none() {
        attempt.failed(app, Some(user), "login_halfway", &[Counted::Halfway]).await?;
        return Err(ErrorCode::SecondFactorRequired.into());
    }
    let wrong_code = async |delayed: Result<()>| -> Result<Opened> {
        let counted = [Counted::Pair, Counted::Address, Counted::Account, Counted::Code];
        attempt.failed(app, Some(user), "login", &counted).await?;
        delayed?;
        Err(ErrorCode::SecondFactorWrong.into())
    };
    // Before the transaction, since the time to begin one would reveal that the password was right.
    if let Some(code) = &code
        && !(code_is_free && second_factor::fits(&app.vault, user, code, now)?)
    {
        return wrong_code(delayed).await;
    }
    let token = RefreshToken::of(Uuid::now_v7());
    let id = token.session_id;
    let tx =
        Tx::of(app, Caller { address: open.address.clone(), request_id: open.request_id.clone(), ..caller_of(user.clone(), id) })
            .await?;
    // The proof may no longer hold: the password may have changed meanwhile, or the account been disabled.
    let held = user::Entity::find_by_id(user.id).lock(LockType::NoKeyUpdate).one(&tx.connection).await?;
    let known = |user: &user::Model| (user.password_hash.clone(), user.second_factor.clone(), user.disabled);
    if held.is_none_or(|held| known(&held) != known(user)) {
        return Err(ErrorCode::InvalidCredentials.into());
    }
    if let Some(code) = &code
        && !second_factor::take(&tx, user, code).await?
    {
        drop(tx);
        return wrong_code(delayed).await;
    }
    drop(place);
    attempt.succeeded(&tx).await?;
    make_room(&tx, user.id, app.config.sessions).await?;
    session::Entity::insert(session::ActiveModel {
        id: Set(id),
        user_id: Set(user.id),
        family_hash: Set(Some(hash_of(&token.family))),
        refresh_hash: Set(hash_of(&token.secret)),
        previous_hash: Set(None),
        rotated_at: Set(now),
        created_at: Set(now),
        last_used_at: Set(now),
        expires_at: Set(policy::session_ends(&app.config, now, now)),
        ended_at: Set(None),
        user_agent: Set(user_agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(300).collect())),
        address: Set(open.address.clone()),
    })
    .exec_without_returning(&tx.connection)
    .await?;
    record(&tx, id, "login").await?;
    tx.commit().await?;
    opened(app, user.clone(), id, Some(token.to_string())).await
}

/// Ends the least recently used sessions of an account that has the most it may have. The account is locked, so of two who sign
/// in at once the second sees the first.
async fn make_room(tx: &Tx, user_id: Uuid, most: u32) -> Result<()> {
    let live = going_on(user_id, tx.now).order_by_desc(session::Column::LastUsedAt).order_by_desc(session::Column::Id);
    for least in live.offset(u64::from(most) - 1).limit(100).all(&tx.connection).await? {
        end(tx, session::Column::Id.eq(least.id)).await?;
        record(tx, least.id, "end_unused").await?;
    }
    Ok(())
}

/// The open sessions of an account.
fn going_on(user_id: Uuid, now: DateTime<Utc>) -> Select<session::Entity> {
    session::Entity::find()
        .filter(session::Column::UserId.eq(user_id))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
}

/// Continues a session with a new access token and a new refresh token.
///
/// # Errors
/// `session_ended`, also if an old token returns after its grace period. Then the session ends for both who hold a token of it.
pub async fn refresh(app: &App, presented: &str) -> Result<Opened> {
    let now = app.clock.now();
    let presented: RefreshToken = presented.parse()?;
    let (id, hash, fresh) = (presented.session_id, hash_of(&presented.secret), presented.next());
    let tx = Tx::system(app).await?;
    let session = session::Entity::find_by_id(id).one(&tx.connection).await?.ok_or(ErrorCode::SessionEnded)?;
    if session.family_hash != Some(hash_of(&presented.family)) {
        // Forged: it never belonged to this session.
        return Err(ErrorCode::SessionEnded.into());
    }
    if policy::session_ends(&app.config, session.created_at, session.last_used_at) <= now {
        return Err(ErrorCode::SessionEnded.into());
    }
    let rotated = session::Entity::update_many()
        .col_expr(session::Column::PreviousHash, Expr::col(session::Column::RefreshHash))
        .col_expr(session::Column::RefreshHash, Expr::value(hash_of(&fresh.secret)))
        .col_expr(session::Column::RotatedAt, Expr::value(now))
        .col_expr(session::Column::LastUsedAt, Expr::value(now))
        .col_expr(session::Column::ExpiresAt, Expr::value(policy::session_ends(&app.config, session.created_at, now)))
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::RefreshHash.eq(&hash))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .exec(&tx.connection)
        .await?;
    let mut token = Some(fresh.to_string());
    if rotated.rows_affected == 0 {
        let session = session::Entity::find_by_id(id).one(&tx.connection).await?.ok_or(ErrorCode::SessionEnded)?;
        let previous = session.previous_hash.as_ref() == Some(&hash);
        let raced = previous && now - session.rotated_at <= TimeDelta::seconds(GRACE_SECONDS);
        if !raced {
            // However old the token, it once belonged to this session, so somebody has copied it.
            if end(&tx, session::Column::Id.eq(id)).await? > 0 {
                record(&tx, id, "refresh_reused").await?;
                tx.commit().await?;
            }
            return Err(ErrorCode::SessionEnded.into());
        }
        token = None;
    }
    let user_id = caller(&tx.connection, id, now).await?.user_id;
    let user = user::Entity::find_by_id(user_id).one(&tx.connection).await?.ok_or(ErrorCode::SessionEnded)?;
    tx.commit().await?;
    opened(app, user, id, token).await
}

/// Ends the session of a refresh token. An unknown token's session is over already.
pub async fn logout(app: &App, open: &Open, presented: Option<&str>) -> Result<()> {
    let Some(Ok(token)) = presented.map(str::parse::<RefreshToken>) else { return Ok(()) };
    let mut tx = Tx::system(app).await?;
    // The owner of the session. A session that is over has none.
    let caller = match caller(&tx.connection, token.session_id, tx.now).await {
        Err(error) if error.code == ErrorCode::SessionEnded => return Ok(()),
        found => found?,
    };
    tx.caller = Some(Caller { address: open.address.clone(), request_id: open.request_id.clone(), ..caller });
    let hash = hash_of(&token.secret);
    let ended = end(
        &tx,
        session::Column::Id
            .eq(token.session_id)
            .and(session::Column::RefreshHash.eq(&hash).or(session::Column::PreviousHash.eq(&hash))),
    )
    .await?;
    if ended > 0 {
        record(&tx, token.session_id, "logout").await?;
    }
    tx.commit().await
}

/// The signed-in person's account.
pub async fn account(app: &App, user_id: Uuid) -> Result<Account> {
    let user = user::Entity::find_by_id(user_id).one(&app.database.read).await?.ok_or(ErrorCode::SessionEnded)?;
    account_of(app, user).await
}

async fn account_of(app: &App, user: user::Model) -> Result<Account> {
    let db = &app.database.read;
    let area = areas::service::read(db, &user.area_code).await?;
    let organisation_name = match user.organisation_id {
        Some(id) => organisations::service::name(db, id).await?,
        None => None,
    };
    let institution_name = match user.institution_id {
        Some(id) => institutions::service::name(db, id).await?,
        None => None,
    };
    let unseen = own_history::unseen(db, &user).await?;
    Ok(Account {
        unseen_changes: u32::try_from(unseen).unwrap_or(u32::MAX),
        must_add_second_factor: app.config.require_second_factor && user::Calling::from(user.clone()).lacks_second_factor(),
        id: user.id,
        account: user.account,
        display_name: user.display_name,
        role: user.role.0,
        permissions: user.role.0.permissions(app.config.separate_duties),
        area_code: user.area_code,
        area_name: area.name,
        organisation_id: user.organisation_id,
        organisation_name,
        institution_id: user.institution_id,
        institution_name,
        must_change_password: user.one_time_until.is_some(),
        second_factor: user.second_factor.is_some(),
        demo: app.config.allow_demo,
        today: app.clock.today(),
    })
}

/// Lists the open sessions of an account, the last used first, as seen from the session `current`.
///
/// # Errors
/// `bad_cursor`.
pub async fn sessions(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    query: &SessionQuery,
    current: Uuid,
    now: DateTime<Utc>,
) -> Result<Page<SessionInfo>> {
    let order = |_| list::by(session::Column::LastUsedAt, |row: &session::Model| row.last_used_at.into());
    let page = list::page(db, going_on(user_id, now), query, order).await?;
    Ok(list::map(page, |row| row.into_info(current)))
}

/// Locks the caller's account until the transaction ends, so that requests that count against it queue.
pub async fn hold_account(tx: &Tx) -> Result<()> {
    tx.hold::<user::Entity>(tx.caller()?.user_id).await
}

/// Ends one session of an account.
///
/// # Errors
/// `not_found` for a session of somebody else.
pub async fn end_one(tx: &Tx, user_id: Uuid, id: Uuid) -> Result<()> {
    if end(tx, session::Column::Id.eq(id).and(session::Column::UserId.eq(user_id))).await? == 0 {
        return Err(ErrorCode::NotFound.into());
    }
    record(tx, id, "end").await
}

/// Ends all sessions of an account at once. The account is locked first, as when somebody signs in or changes their password, so
/// that no two transactions wait for each other.
pub async fn end_all(tx: &Tx, user_id: Uuid) -> Result<()> {
    tx.hold::<user::Entity>(user_id).await?;
    end(tx, session::Column::UserId.eq(user_id)).await.map(drop)
}

/// Ends all sessions of the caller except the current one.
pub async fn end_others(tx: &Tx) -> Result<()> {
    let caller = tx.caller()?;
    hold_account(tx).await?;
    end(tx, session::Column::UserId.eq(caller.user_id).and(session::Column::Id.ne(caller.session_id))).await?;
    tx.record(Event::of(USERS, caller.user_id, "end_sessions"), &(), &()).await
}

/// Ends every session.
pub async fn end_everybody(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now))
        .filter(session::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes sessions that ended long ago, and old failures. Returns the number of rows.
pub async fn clean(tx: &Tx) -> Result<u64> {
    let mut gone = 0;
    loop {
        let some = clean_some(tx).await?;
        gone += some;
        // Each statement found fewer rows than its limit, so none are left.
        if some < CLEANED {
            return Ok(gone);
        }
    }
}

async fn clean_some(tx: &Tx) -> Result<u64> {
    let (db, past) = (&tx.connection, tx.now - TimeDelta::days(30));
    let sessions = session::Entity::find().filter(session::Column::ExpiresAt.lt(past));
    let sessions = unheld(sessions, session::Column::Id).into_tuple::<Uuid>().all(db).await?;
    let sessions = session::Entity::delete_many().filter(session::Column::Id.is_in(sessions)).exec(db).await?;
    let failures = failure::Entity::find().filter(failure::Column::LastAt.lt(tx.now - TimeDelta::days(1)));
    let failures = unheld(failures, failure::Column::Subject).into_tuple::<String>().all(db).await?;
    let failures = failure::Entity::delete_many().filter(failure::Column::Subject.is_in(failures)).exec(db).await?;
    Ok(sessions.rows_affected + failures.rows_affected)
}

/// Some of the rows, locked by this transaction. The next run handles rows that others have locked: a transaction that waits for
/// nobody cannot take part in a deadlock, in whatever order it finds rows.
fn unheld<E: EntityTrait>(rows: Select<E>, key: E::Column) -> Select<E> {
    rows.select_only().column(key).limit(CLEANED).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
}

async fn opened(app: &App, user: user::Model, session_id: Uuid, refresh_token: Option<String>) -> Result<Opened> {
    let access_token = app.tokens.issue(user.id, session_id, app.clock.now())?;
    let account = account_of(app, user).await?;
    let session = Session { access_token, expires_in: u32::try_from(token::LIFETIME).unwrap_or_default(), account };
    Ok(Opened { session, refresh_token })
}

pub(super) async fn end(tx: &Tx, which: impl sea_orm::sea_query::IntoCondition) -> Result<u64> {
    let ended = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(tx.now))
        .filter(session::Column::EndedAt.is_null())
        .filter(which)
        .exec(&tx.connection)
        .await?;
    Ok(ended.rows_affected)
}

async fn record(tx: &Tx, session_id: Uuid, action: &str) -> Result<()> {
    let event = Event::of("sessions", session_id, action);
    tx.record(event, &(), &()).await
}
