//! Decides what one administrator may do alone, and what needs a request. Accounts that open families' files, manage accounts or
//! read the trail take two persons to create, move, enable and reset. Taking power away (disabling, ending sessions, a lesser
//! role) takes one person, and happens at once.

use contract::ErrorCode;
use contract::account_requests::{AccountRequestKind, Answered};
use contract::users::{User, UserAction, UserInput, UserWithPassword};
use contract::workflow::StepInput;
use platform::{Error, Patch, Result, Tx};
use uuid::Uuid;

use super::service::{Ask, ask};
use crate::auth::password::OneTime;
use crate::users::service;

/// Creates an account, or requests one.
///
/// # Errors
/// `validation_failed`, also for a request without a reason; `request_open`.
pub async fn create(tx: &Tx, input: UserInput, password: OneTime) -> Result<Answered<UserWithPassword>> {
    if !input.role.needs_two_persons() {
        return service::create(tx, input, password).await.map(Answered::Done);
    }
    let area_code = service::place(tx, &input).await?;
    service::check_free(tx, &input.account).await?;
    let asked = Ask {
        kind: AccountRequestKind::Create,
        user: None,
        reason: why(input.reason, "/reason")?,
        account: input.account,
        display_name: input.display_name,
        role: input.role,
        area_code,
    };
    Ok(Answered::Asked(Box::new(ask(tx, asked).await?)))
}

/// Changes an account, or requests another role or place for it.
///
/// # Errors
/// `not_found`, `own_account`, `last_administrator`, `stale_version`, `validation_failed`, `request_open`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Answered<User>> {
    let before = service::seen(tx, id).await?;
    tx.check_version(before.version)?;
    let Some(input) = patch.changes::<UserInput>(&before.input())? else { return Ok(Answered::Done(before)) };
    let area_code = service::place(tx, &input).await?;
    let moved = service::is_moved(&before, &input, &area_code);
    if moved && tx.caller.as_ref().is_some_and(|caller| caller.user_id == id) {
        return Err(ErrorCode::OwnAccount.into());
    }
    if !moved || !input.role.needs_two_persons() {
        return service::change_to(tx, &before, input, area_code, None).await.map(Answered::Done);
    }
    if input.account != before.account {
        service::check_free(tx, &input.account).await?;
    }
    let asked = Ask {
        kind: AccountRequestKind::Change,
        user: Some(&before),
        reason: why(input.reason, "/reason")?,
        account: input.account,
        display_name: input.display_name,
        role: input.role,
        area_code,
    };
    Ok(Answered::Asked(Box::new(ask(tx, asked).await?)))
}

/// Takes a step of an account, or requests it.
///
/// # Errors
/// `not_found`, `own_account`, `last_administrator`, `illegal_step`, `stale_version`, `request_open`, a fault at `/note` for a
/// request without a reason.
pub async fn step(
    tx: &Tx,
    id: Uuid,
    action: UserAction,
    input: StepInput,
    password: Option<OneTime>,
) -> Result<Answered<UserWithPassword>> {
    let user = service::ready(tx, id, action).await?;
    let Some(kind) = asked_for(action).filter(|_| user.role.needs_two_persons()) else {
        return service::act(tx, &user, action, input, password).await.map(Answered::Done);
    };
    let asked = Ask {
        kind,
        user: Some(&user),
        reason: why(input.note, "/note")?,
        account: user.account.clone(),
        display_name: user.display_name.clone(),
        role: user.role,
        area_code: user.area_code.clone(),
    };
    Ok(Answered::Asked(Box::new(ask(tx, asked).await?)))
}

/// The request that a step needs; `None` if the step takes power away.
fn asked_for(action: UserAction) -> Option<AccountRequestKind> {
    match action {
        UserAction::ResetPassword => Some(AccountRequestKind::ResetPassword),
        UserAction::ResetSecondFactor => Some(AccountRequestKind::ResetSecondFactor),
        UserAction::Enable => Some(AccountRequestKind::Enable),
        UserAction::Disable | UserAction::Unlock => None,
    }
}

fn why(reason: Option<String>, pointer: &'static str) -> Result<String> {
    reason.ok_or_else(|| Error::field(pointer, "required"))
}
