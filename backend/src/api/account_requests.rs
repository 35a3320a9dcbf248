//! Operations on requests for accounts.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::account_requests::{
    AccountRequest, AccountRequestAction, AccountRequestQuery, AccountRequestState, AccountRequestWithHalf,
};
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::permission::need::{DecideAccounts, ReadUsers};
use contract::workflow::StepInput;
use domains::account_requests::service;
use domains::auth::password::{OneTime, Place};
use platform::api::Api;
use platform::extract::Step;
use platform::rate::Subject;
use platform::routes;
use platform::{Body, Change, Guard, Query, Result, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(api, list_account_requests, read_account_request, step_account_request, list_account_request_history);
}

/// List account requests
///
/// What administrators of the caller's area have asked for: changes of accounts that hold power, which somebody else confirms.
#[utoipa::path(get, path = "/account-requests", params(AccountRequestQuery),
    responses((status = 200, description = "A page of requests", body = Page<AccountRequest>)))]
pub async fn list_account_requests(
    guard: Guard<ReadUsers>,
    query: Query<AccountRequestQuery>,
) -> Result<Json<Page<AccountRequest>>> {
    service::list(guard.db(), Some(&guard.caller), guard.app().clock.now(), &query.0).await.map(Json)
}

/// Read an account request
#[utoipa::path(get, path = "/account-requests/{id}", params(("id" = Uuid, Path, description = "Id of the request")),
    responses((status = 200, description = "The request", body = AccountRequest)))]
pub async fn read_account_request(guard: Guard<ReadUsers>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), Some(&guard.caller), guard.app().clock.now(), *id).await?)
}

/// Take a step of an account request
///
/// `confirm` does what was asked for, and answers with the second half of the one-time password where one is made; the first went to whoever
/// asked. Nobody confirms what they have asked for themselves (`own_request`), or what is about their own account (`own_account`). An account
/// that has changed since, or an asker who is no administrator any more, ends it (`account_changed`).
#[utoipa::path(post, path = "/account-requests/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the request"), ("action" = AccountRequestAction, Path, description = "The step")),
    responses((status = 200, description = "The request as it is now", body = AccountRequestWithHalf)))]
pub async fn step_account_request(
    change: Change<DecideAccounts>,
    step: Step<AccountRequestAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    let confirms = step.action == AccountRequestAction::Confirm;
    let app = change.app();
    let mut fresh = None;
    // Making a password is costly. It is done only if the request still waits for an answer.
    if confirms
        && service::read(change.db(), Some(&change.caller), app.clock.now(), step.id).await?.state == AccountRequestState::Asked
    {
        let place = Place::of(app, &Subject::Account(change.user_id)).await?;
        fresh = Some(OneTime::of_two(&place, &app.vault, step.id).await?);
    }
    change.update(async |tx| service::step(tx, step.id, step.action, body.0, fresh).await).await
}

/// List the history of an account request
#[utoipa::path(get, path = "/account-requests/{id}/history",
    params(("id" = Uuid, Path, description = "Id of the request"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_account_request_history(
    guard: Guard<ReadUsers>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(&guard.asker(), *id, query.0).await.map(Json)
}
