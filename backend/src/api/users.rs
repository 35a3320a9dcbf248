//! Operations on accounts.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::account_requests::AccountRequestWithHalf;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::auth::{SessionInfo, SessionQuery};
use contract::institutions::{Institution, InstitutionQuery, InstitutionState};
use contract::organisations::{OrganisationQuery, OrganisationState, OrganisationSummary};
use contract::permission::need::{ReadUsers, WriteUsers};
use contract::users::{User, UserAction, UserInput, UserQuery, UserWithPassword};
use contract::workflow::StepInput;
use domains::account_requests::asking;
use domains::auth::password::{OneTime, Place};
use domains::institutions::list::Institutions;
use domains::organisations;
use domains::users::service::{self, View};
use platform::api::Api;
use platform::extract::Step;
use platform::object::Listed;
use platform::rate::Subject;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_users,
        create_user,
        list_user_organisations,
        list_user_institutions,
        read_user,
        update_user,
        list_user_sessions,
        end_user_sessions,
        end_user_session,
        step_user,
        list_user_history
    );
}

fn view<P>(guard: &Guard<P>) -> View<'_> {
    View { caller: Some(&guard.caller), now: guard.app().clock.now() }
}

/// List accounts
///
/// Those that belong to the caller's area.
#[utoipa::path(get, path = "/users", params(UserQuery), responses((status = 200, description = "A page of accounts", body = Page<User>)))]
pub async fn list_users(guard: Guard<ReadUsers>, query: Query<UserQuery>) -> Result<Json<Page<User>>> {
    service::list(guard.db(), view(&guard), &query.0).await.map(Json)
}

/// Make an account
///
/// The one-time password is in this answer and nowhere else; with it nothing works but changing it. An account that opens families' files, keeps
/// accounts or reads the audit trail is asked for, with a reason (202): somebody else confirms the request, and until then there is none.
#[utoipa::path(post, path = "/users", request_body = UserInput, responses(
    (status = 201, description = "The account and its one-time password", body = UserWithPassword),
    (status = 202, description = "The request that somebody else has to confirm", body = AccountRequestWithHalf)))]
pub async fn create_user(change: Change<WriteUsers>, body: Body<UserInput>) -> Result<HttpResponse> {
    let place = Place::of(change.app(), &Subject::Account(change.user_id)).await?;
    let password = OneTime::new(&place).await?;
    drop(place);
    change.create(async |tx| asking::create(tx, body.0, password).await).await
}

/// List organisations for accounts
///
/// Those an account can be made for: for administrators, who have no other business with organisations. Those that have ended are
/// listed only where `state` asks for them.
#[utoipa::path(get, path = "/users/organisations", params(OrganisationQuery),
    responses((status = 200, description = "A page of organisations", body = Page<OrganisationSummary>)))]
pub async fn list_user_organisations(
    guard: Guard<ReadUsers>,
    query: Query<OrganisationQuery>,
) -> Result<Json<Page<OrganisationSummary>>> {
    let offered = OrganisationQuery { state: query.0.state.or(Some(OrganisationState::Active)), ..query.0 };
    organisations::service::list(&guard.asker(), &offered).await.map(Json)
}

/// List institutions for accounts
///
/// Those an account can be made for, as with organisations: for administrators. Those that have closed are listed only where `state`
/// asks for them.
#[utoipa::path(get, path = "/users/institutions", params(InstitutionQuery),
    responses((status = 200, description = "A page of institutions", body = Page<Institution>)))]
pub async fn list_user_institutions(guard: Guard<ReadUsers>, query: Query<InstitutionQuery>) -> Result<Json<Page<Institution>>> {
    let offered = InstitutionQuery { state: query.0.state.or(Some(InstitutionState::Open)), ..query.0 };
    Institutions::list(&guard.asker(), &offered).await.map(Json)
}

/// Read an account
#[utoipa::path(get, path = "/users/{id}", params(("id" = Uuid, Path, description = "Id of the account")),
    responses((status = 200, description = "The account", body = User)))]
pub async fn read_user(guard: Guard<ReadUsers>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), view(&guard), *id).await?)
}

/// Change an account
///
/// Another role or place ends its sessions. Nobody changes those of their own account, and the last active administrator stays one. To or within
/// the roles that open families' files, keep accounts or read the audit trail it is asked for, with a reason (202).
#[utoipa::path(patch, path = "/users/{id}", request_body = UserInput, params(("id" = Uuid, Path, description = "Id of the account")), responses(
    (status = 200, description = "The account as it is now", body = User),
    (status = 202, description = "The request that somebody else has to confirm", body = AccountRequestWithHalf)))]
pub async fn update_user(change: Change<WriteUsers>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| asking::update(tx, *id, patch).await).await
}

/// List the sessions of an account
#[utoipa::path(get, path = "/users/{id}/sessions", params(("id" = Uuid, Path, description = "Id of the account"), SessionQuery),
    responses((status = 200, description = "A page of the sessions that go on, last used first", body = Page<SessionInfo>)))]
pub async fn list_user_sessions(
    guard: Guard<ReadUsers>,
    id: Path<Uuid>,
    query: Query<SessionQuery>,
) -> Result<Json<Page<SessionInfo>>> {
    service::sessions(guard.db(), &guard, guard.app().clock.now(), *id, &query.0).await.map(Json)
}

/// End all sessions of an account
#[utoipa::path(delete, path = "/users/{id}/sessions", params(("id" = Uuid, Path, description = "Id of the account")),
    responses((status = 204, description = "Ended")))]
pub async fn end_user_sessions(change: Change<WriteUsers>, id: Path<Uuid>) -> Result<HttpResponse> {
    change.finish(async |tx| service::end_sessions(tx, *id, None).await).await
}

/// End a session of an account
#[utoipa::path(delete, path = "/users/{id}/sessions/{session_id}", params(
        ("id" = Uuid, Path, description = "Id of the account"), ("session_id" = Uuid, Path, description = "Id of the session")),
    responses((status = 204, description = "Ended")))]
pub async fn end_user_session(change: Change<WriteUsers>, path: Path<(Uuid, Uuid)>) -> Result<HttpResponse> {
    let (id, session_id) = path.into_inner();
    change.finish(async |tx| service::end_sessions(tx, id, Some(session_id)).await).await
}

/// Take a step of an account
///
/// `reset_password` answers with a one-time password and ends all sessions; `disable` ends them too. Nobody takes a step of their own account.
/// Resets and `enable` of an account that opens families' files, keeps accounts or reads the audit trail are asked for, with a note (202).
#[utoipa::path(post, path = "/users/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the account"), ("action" = UserAction, Path, description = "The step")),
    responses(
        (status = 200, description = "The account as it is now", body = UserWithPassword),
        (status = 202, description = "The request that somebody else has to confirm", body = AccountRequestWithHalf)))]
pub async fn step_user(change: Change<WriteUsers>, step: Step<UserAction>, body: Body<StepInput>) -> Result<HttpResponse> {
    let mut password = None;
    if step.action == UserAction::ResetPassword {
        // Making a password is costly. It is done only if the account exists for the caller.
        service::read(change.db(), view(&change), step.id).await?;
        let place = Place::of(change.app(), &Subject::Account(change.user_id)).await?;
        password = Some(OneTime::new(&place).await?);
    }
    change.update(async |tx| asking::step(tx, step.id, step.action, body.0, password).await).await
}

/// List the history of an account
#[utoipa::path(get, path = "/users/{id}/history", params(("id" = Uuid, Path, description = "Id of the account"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_user_history(
    guard: Guard<ReadUsers>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), view(&guard), *id, query.0).await.map(Json)
}
