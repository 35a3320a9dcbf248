//! Lists, creates and changes accounts.

use chrono::{DateTime, Utc};
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::auth::{SessionInfo, SessionQuery};
use contract::institutions::InstitutionState;
use contract::organisations::OrganisationState;
use contract::users::{Place, User, UserAction, UserInput, UserQuery, UserSort, UserWithPassword};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Page, Permission, Role};
use entities::auth::locked_until;
use entities::scope;
use entities::users::{ActiveModel, Column, Entity, Model, OBJECT, Relation, Row};
use platform::area::within;
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::list::{self, By, by};
use platform::object::Given;
use platform::spelling::{self, sought};
use platform::{Caller, Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, LockType, SimpleExpr};
use sea_orm::{ActiveValue::Set, ConnectionTrait, JoinType, QueryOrder, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::adoptions;
use crate::areas;
use crate::auth;
use crate::auth::password::OneTime;
use crate::institutions;
use crate::organisations;

/// Who views accounts, and when. A caller sees those of their area, the system itself all.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub caller: Option<&'a Caller>,
    pub now: DateTime<Utc>,
}

impl<'a> View<'a> {
    fn of(tx: &'a Tx) -> Self {
        Self { caller: tx.caller.as_ref(), now: tx.now }
    }

    /// The accounts that exist in this view, with the joins to names.
    fn accounts(self) -> Select<Entity> {
        scope::users(self.caller)
            .join(JoinType::InnerJoin, Relation::Area.def())
            .join(JoinType::LeftJoin, Relation::Organisation.def())
            .join(JoinType::LeftJoin, Relation::Institution.def())
    }

    fn locked(self) -> Expr {
        locked_until().gt(self.now)
    }

    fn shown(self, mut row: Row) -> User {
        row.locked_until = row.locked_until.filter(|until| *until > self.now);
        let editable = self.caller.is_none_or(|caller| caller.may(Permission::WriteUsers));
        let own = self.caller.is_some_and(|caller| caller.user_id == row.id);
        let allowed = if editable && !own {
            let ended = row.organisation_state.is_some_and(|state| state.0 != OrganisationState::Active)
                || row.institution_state.is_some_and(|state| state.0 != InstitutionState::Open);
            policy::allowed(row.disabled, ended, row.locked_until.is_some(), row.second_factor)
        } else {
            Vec::new()
        };
        row.into_user(editable, allowed)
    }
}

fn filtered(view: View, query: &UserQuery) -> Select<Entity> {
    let open = || locked_until().is_null().or(view.locked().not());
    view.accounts()
        .given(query.role, |role| Column::Role.eq(Code(role)))
        .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code))
        .given(query.organisation_id, |id| Column::OrganisationId.eq(id))
        .given(query.institution_id, |id| Column::InstitutionId.eq(id))
        .given(query.disabled, |disabled| Column::Disabled.eq(disabled))
        .given(query.locked, |locked| if locked { view.locked() } else { open() })
        .given(query.q.as_ref(), |q| {
            let name = list::contains((Entity, Column::NameWords), &sought(q));
            list::contains((Entity, Column::Account), q).or(name)
        })
}

fn order(sort: UserSort) -> By<Row> {
    match sort {
        UserSort::Account => by(Column::Account, |row| (&row.account).into()),
        UserSort::DisplayName => by(Column::NameKey, |row| (&row.name_key).into()),
        UserSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
    }
}

/// Lists accounts.
///
/// # Errors
/// `bad_cursor`.
pub async fn list(db: &impl ConnectionTrait, view: View<'_>, query: &UserQuery) -> Result<Page<User>> {
    let page = list::page(db, filtered(view, query), query, order).await?;
    Ok(list::map(page, |row| view.shown(row)))
}

/// One account.
///
/// # Errors
/// `not_found` outside the caller's area.
pub async fn read(db: &impl ConnectionTrait, view: View<'_>, id: Uuid) -> Result<User> {
    let row = view.accounts().filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    Ok(view.shown(row.ok_or(ErrorCode::NotFound)?))
}

/// The id of an account by its name, for the operator.
///
/// # Errors
/// `not_found`.
pub async fn called(db: &impl ConnectionTrait, account: &str) -> Result<Uuid> {
    let user = Entity::find().filter(Column::Account.eq(account)).one(db).await?;
    user.map(|user| user.id).ok_or_else(|| ErrorCode::NotFound.into())
}

/// Whether there is any account yet.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(Entity::find().one(db).await?.is_some())
}

/// Whether there are demo accounts, whose passwords are published.
pub async fn any_demo(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(Entity::find().filter(Column::Demo.eq(true)).one(db).await?.is_some())
}

/// The content of a new account.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub account: String,
    pub display_name: String,
    /// The hash of a password that is hard to guess, made by [`auth::password::hash`].
    pub password_hash: String,
    pub role: Role,
    pub area_code: String,
    pub organisation_id: Option<Uuid>,
    pub institution_id: Option<Uuid>,
    pub demo: bool,
    pub one_time_until: Option<DateTime<Utc>>,
}

/// Inserts an account whose place was already checked.
///
/// # Errors
/// A fault at `/account` if the name is taken, at `/area_code` if there is no such area.
pub async fn enter(tx: &Tx, new: NewUser) -> Result<Caller> {
    enter_because(tx, new, None).await
}

async fn enter_because(tx: &Tx, new: NewUser, reason: Option<String>) -> Result<Caller> {
    areas::service::named(tx, &new.area_code, None, "/area_code").await?;
    let row = Model {
        id: Uuid::now_v7(),
        account: new.account,
        name_key: spelling::key(&new.display_name),
        name_words: spelling::words(&new.display_name),
        display_name: new.display_name,
        password_hash: new.password_hash,
        role: Code(new.role),
        area_code: new.area_code,
        organisation_id: new.organisation_id,
        institution_id: new.institution_id,
        disabled: false,
        demo: new.demo,
        one_time_until: new.one_time_until,
        second_factor: None,
        second_factor_new: None,
        second_factor_step: None,
        history_seen_at: Some(tx.now),
        created_at: tx.now,
        updated_at: tx.now,
        version: 1,
    };
    let made = auth::service::caller_of(row.clone(), Uuid::nil());
    let after = read_back(&row);
    Entity::insert(ActiveModel::from(row)).exec_without_returning(&tx.connection).await.on_unique(taken())?;
    let why = StepInput { note: reason, on_behalf_reason: None };
    tx.record(Event::of(OBJECT, made.user_id, "create").because(why), &(), &after).await?;
    Ok(made)
}

/// The fields of a new account in the history.
fn read_back(row: &Model) -> UserInput {
    UserInput {
        account: row.account.clone(),
        display_name: row.display_name.clone(),
        role: row.role.0,
        area_code: Some(row.area_code.clone()),
        organisation_id: row.organisation_id,
        institution_id: row.institution_id,
        reason: None,
    }
}

/// Refuses a name that is already taken.
///
/// # Errors
/// A fault at `/account`.
pub async fn check_free(tx: &Tx, account: &str) -> Result<()> {
    match Entity::find().filter(Column::Account.eq(account)).one(&tx.connection).await? {
        None => Ok(()),
        Some(_) => Err(taken()),
    }
}

fn taken() -> Error {
    Error::field("/account", "taken")
}

/// The area of an account, if it fits the role and lies where the caller may create accounts.
pub async fn place(tx: &Tx, input: &UserInput) -> Result<String> {
    let place = input.role.place();
    // An account of an organisation or institution belongs where that does, any other one to an area.
    let parties = [
        (Place::Organisation, input.organisation_id.is_some(), "/organisation_id"),
        (Place::Institution, input.institution_id.is_some(), "/institution_id"),
    ];
    for (of, given, pointer) in parties {
        if given != (of == place) {
            return Err(Error::field(pointer, if given { "not_for_role" } else { "required" }));
        }
    }
    let (area_code, pointer) = match (&input.area_code, input.organisation_id, input.institution_id) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => return Err(Error::field("/area_code", "not_for_role")),
        (None, Some(id), _) => (organisations::service::area(tx, id, "/organisation_id").await?, "/organisation_id"),
        (None, _, Some(id)) => (institutions::service::area(tx, id, "/institution_id").await?, "/institution_id"),
        (None, None, None) => return Err(Error::field("/area_code", "required")),
        (Some(code), None, None) => (code.clone(), "/area_code"),
    };
    if !scope::keeps_accounts_of(tx.caller.as_ref(), &area_code) {
        return Err(Error::field(pointer, "unknown"));
    }
    areas::service::named(tx, &area_code, None, pointer).await?;
    if policy::fits(place, &area_code) { Ok(area_code) } else { Err(Error::field(pointer, "area_of_role")) }
}

/// Creates an account with a one-time password. The caller of this function must have decided that one person may do this alone.
///
/// # Errors
/// `validation_failed` if the place does not fit the role, or the account name is taken.
pub async fn create(tx: &Tx, input: UserInput, password: OneTime) -> Result<UserWithPassword> {
    let area_code = place(tx, &input).await?;
    let new = NewUser {
        account: input.account,
        display_name: input.display_name,
        password_hash: password.hash,
        role: input.role,
        area_code,
        organisation_id: input.organisation_id,
        institution_id: input.institution_id,
        demo: false,
        one_time_until: Some(tx.now + policy::ONE_TIME),
    };
    let id = enter_because(tx, new, input.reason).await?.user_id;
    let user = read(&tx.connection, View::of(tx), id).await?;
    Ok(UserWithPassword { user, one_time_password: Some(password.password) })
}

/// An account as the caller of this transaction sees it.
///
/// # Errors
/// `not_found` outside the caller's area.
pub async fn seen(tx: &Tx, id: Uuid) -> Result<User> {
    read(&tx.connection, View::of(tx), id).await
}

/// Whether a change gives an account another role or place.
pub fn is_moved(before: &User, input: &UserInput, area_code: &str) -> bool {
    let now = (before.role, before.area_code.as_str(), before.organisation_id, before.institution_id);
    (input.role, area_code, input.organisation_id, input.institution_id) != now
}

/// Changes an account. Another role or place ends its sessions. A fresh password replaces all earlier means of signing in.
///
/// # Errors
/// `last_administrator`, `stale_version`, a fault at `/account`.
pub async fn change_to(tx: &Tx, before: &User, input: UserInput, area_code: String, fresh: Option<OneTime>) -> Result<User> {
    if is_moved(before, &input, &area_code) {
        keep_an_overseer(tx, before).await?;
        auth::service::end_all(tx, before.id).await?;
        adoptions::ending::end_of_cadre(tx, before.id).await?;
    }
    let mut columns = ActiveModel {
        account: Set(input.account),
        name_key: Set(spelling::key(&input.display_name)),
        name_words: Set(spelling::words(&input.display_name)),
        display_name: Set(input.display_name),
        role: Set(Code(input.role)),
        area_code: Set(area_code),
        organisation_id: Set(input.organisation_id),
        institution_id: Set(input.institution_id),
        ..Default::default()
    };
    if let Some(fresh) = fresh {
        columns.password_hash = Set(fresh.hash);
        columns.one_time_until = Set(Some(tx.now + policy::ONE_TIME));
        columns.second_factor = Set(None);
        columns.second_factor_new = Set(None);
    }
    change(tx, before, columns).await?;
    let after = seen(tx, before.id).await?;
    let why = StepInput { note: input.reason, on_behalf_reason: None };
    tx.record(Event::of(OBJECT, before.id, "update").because(why), before, &after).await?;
    Ok(after)
}

/// Takes a step that nobody else has to confirm, with the new password if it is reset.
///
/// # Errors
/// `not_found`, `own_account`, `last_administrator`, `illegal_step`, `stale_version`.
pub async fn step(
    tx: &Tx,
    id: Uuid,
    action: UserAction,
    input: StepInput,
    password: Option<OneTime>,
) -> Result<UserWithPassword> {
    let before = ready(tx, id, action).await?;
    act(tx, &before, action, input, password).await
}

/// Locks an account, and checks that a step may be taken.
///
/// # Errors
/// `not_found`, `own_account`, `illegal_step`, `stale_version`.
pub async fn ready(tx: &Tx, id: Uuid, action: UserAction) -> Result<User> {
    if action == UserAction::Disable {
        // First all overseers, who may disable each other at once, always in the same order; then the account itself.
        overseers(tx).await?;
    }
    tx.hold::<Entity>(id).await?;
    let before = seen(tx, id).await?;
    tx.check_version(before.version)?;
    if tx.caller.as_ref().is_some_and(|caller| caller.user_id == id) {
        return Err(ErrorCode::OwnAccount.into());
    }
    if !before.allowed_actions.contains(&action) {
        let state = if before.disabled { "disabled" } else { "enabled" };
        return Err(Error::illegal_step(state, before.allowed_actions.iter().map(|action| action.code()).collect()));
    }
    Ok(before)
}

/// Carries out a step for a locked account.
///
/// # Errors
/// `last_administrator`, `stale_version`.
pub async fn act(
    tx: &Tx,
    before: &User,
    action: UserAction,
    input: StepInput,
    password: Option<OneTime>,
) -> Result<UserWithPassword> {
    let id = before.id;
    let mut columns = ActiveModel { ..Default::default() };
    match action {
        UserAction::Disable => {
            keep_an_overseer(tx, before).await?;
            auth::service::end_all(tx, id).await?;
            adoptions::ending::end_of_cadre(tx, id).await?;
            columns.disabled = Set(true);
        }
        UserAction::Enable => columns.disabled = Set(false),
        UserAction::Unlock => auth::throttle::unlock(tx, &before.account).await?,
        UserAction::ResetPassword => {
            let hash = password.as_ref().map(|password| password.hash.clone());
            columns.password_hash = Set(hash.ok_or_else(|| Error::internal("a reset without a password"))?);
            columns.one_time_until = Set(Some(tx.now + policy::ONE_TIME));
            auth::throttle::unlock(tx, &before.account).await?;
            auth::service::end_all(tx, id).await?;
        }
        // Somebody who has lost the authenticator proves to the administrator in person who they are.
        UserAction::ResetSecondFactor => {
            columns.second_factor = Set(None);
            columns.second_factor_new = Set(None);
            auth::service::end_all(tx, id).await?;
        }
    }
    change(tx, before, columns).await?;
    let after = seen(tx, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), before, &after).await?;
    Ok(UserWithPassword { user: after, one_time_password: password.map(|password| password.password) })
}

async fn change(tx: &Tx, before: &User, columns: ActiveModel) -> Result<()> {
    tx.write::<Entity>(before.id, before.version, columns).await.on_unique(taken())
}

/// Those who manage accounts, decide on them, or watch. An administrator who could remove the last of them would be alone.
const OVERSEERS: [Role; 3] = [Role::Admin, Role::SecurityAdmin, Role::Auditor];

/// Refuses to remove the last active overseer of a role in an account's area.
async fn keep_an_overseer(tx: &Tx, user: &User) -> Result<()> {
    if !OVERSEERS.contains(&user.role) || user.disabled {
        return Ok(());
    }
    let mut others = overseers(tx).await?.into_iter().filter(|other| other.id != user.id && other.role.0 == user.role);
    let remains = others.any(|other| user.area_code.starts_with(&other.area_code));
    if remains { Ok(()) } else { Err(ErrorCode::LastAdministrator.into()) }
}

/// Locks the active overseers until the transaction ends: of two who disable each other at once, one remains. Rows that only
/// refer to one of them can still be written meanwhile. Otherwise their writers could hold a lock for which the next step here
/// waits.
pub async fn overseers(tx: &Tx) -> Result<Vec<Model>> {
    let active = Entity::find().filter(Column::Role.is_in(OVERSEERS.map(Code))).filter(Column::Disabled.eq(false));
    Ok(active.order_by_asc(Column::Id).lock(LockType::NoKeyUpdate).all(&tx.connection).await?)
}

/// Whom accounts act for.
#[derive(Clone, Copy, Debug)]
pub enum Party {
    Organisation(Uuid),
    Institution(Uuid),
}

impl Party {
    fn accounts(self) -> SimpleExpr {
        match self {
            Self::Organisation(id) => Column::OrganisationId.eq(id),
            Self::Institution(id) => Column::InstitutionId.eq(id),
        }
    }

    /// What has happened to it when its accounts are disabled.
    fn ended(self) -> &'static str {
        match self {
            Self::Organisation(_) => "organisation_ended",
            Self::Institution(_) => "institution_closed",
        }
    }
}

/// Locks the accounts of an organisation or institution until the transaction ends. Whoever acts for it at this moment has locked
/// their own first.
pub async fn hold_those_of(tx: &Tx, party: Party) -> Result<()> {
    let accounts = Entity::find().filter(party.accounts());
    accounts.order_by_asc(Column::Id).lock(LockType::NoKeyUpdate).all(&tx.connection).await?;
    Ok(())
}

/// Disables the accounts of an organisation or institution that has ended, and ends their sessions.
pub async fn disable_those_of(tx: &Tx, party: Party) -> Result<()> {
    let whole = View { caller: None, now: tx.now };
    let open = whole.accounts().filter(party.accounts()).filter(Column::Disabled.eq(false));
    for before in open.order_by_asc(Column::Id).into_partial_model::<Row>().all(&tx.connection).await? {
        let before = whole.shown(before);
        auth::service::end_all(tx, before.id).await?;
        change(tx, &before, ActiveModel { disabled: Set(true), ..Default::default() }).await?;
        let after = read(&tx.connection, whole, before.id).await?;
        tx.record(Event::of(OBJECT, before.id, party.ended()), &before, &after).await?;
    }
    Ok(())
}

/// Lists the open sessions of an account.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn sessions(
    db: &DatabaseConnection,
    caller: &Caller,
    now: DateTime<Utc>,
    id: Uuid,
    query: &SessionQuery,
) -> Result<Page<SessionInfo>> {
    let user = read(db, View { caller: Some(caller), now }, id).await?;
    auth::service::sessions(db, user.id, query, caller.session_id, now).await
}

/// Ends one session of an account, or all open ones.
///
/// # Errors
/// `not_found`.
pub async fn end_sessions(tx: &Tx, id: Uuid, session_id: Option<Uuid>) -> Result<()> {
    let user = read(&tx.connection, View::of(tx), id).await?;
    match session_id {
        Some(session_id) => auth::service::end_one(tx, user.id, session_id).await?,
        None => auth::service::end_all(tx, user.id).await?,
    }
    tx.record(Event::of(OBJECT, id, "end_sessions"), &(), &()).await
}

/// The history of an account.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(db: &DatabaseConnection, view: View<'_>, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let user = read(db, view, id).await?;
    audit::history(db, OBJECT, user.id.to_string(), query).await
}
