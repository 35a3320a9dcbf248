//! `baishe user …`: lets the operator of the machine manage accounts, even if nobody can sign in any more.

use std::fmt::Write;

use clap::Subcommand;
use contract::account_requests::{AccountRequestAction, AccountRequestQuery, AccountRequestState};
use contract::users::{UserAction, UserQuery};
use contract::workflow::StepInput;
use contract::{CodedEnum, Role};
use domains::account_requests;
use domains::auth::password::{OneTime, Place};
use domains::users::service::{self, View};
use platform::{App, Result, Tx, extract};
use uuid::Uuid;

use super::words;

/// A command on accounts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes an account and prints its one-time password.
    Create {
        account: String,
        /// Name of the person.
        #[arg(long)]
        name: String,
        #[arg(long, value_parser = role)]
        role: Role,
        /// Code of the county, town or village that goes with the role.
        #[arg(long)]
        area: Option<String>,
        /// Id of the organisation, for an account of one.
        #[arg(long)]
        organisation: Option<Uuid>,
        /// Id of the institution, for an account of one.
        #[arg(long)]
        institution: Option<Uuid>,
    },
    /// Prints the accounts.
    List {
        /// Only those of a role.
        #[arg(long, value_parser = role)]
        role: Option<Role>,
    },
    /// Lets nobody sign in with an account any more, and ends its sessions.
    Disable { account: String },
    /// Lets a disabled account be used again.
    Enable { account: String },
    /// Prints a new one-time password of an account, and ends its sessions.
    ResetPassword { account: String },
    /// Takes the second factor of an account away, for whoever has lost it, and ends its sessions.
    ResetSecondFactor { account: String },
    /// Prints what administrators have asked for and nobody has confirmed yet.
    Requests,
    /// Confirms what an administrator has asked for, where nobody else can; prints the second half of its one-time password.
    Confirm {
        /// Id of the request, as the app and `requests` show it
        id: Uuid,
    },
}

fn role(code: &str) -> Result<Role, String> {
    let known: Vec<_> = Role::ALL.iter().map(|role| role.code()).collect();
    Role::from_code(code).ok_or_else(|| format!("expected one of {}", known.join(", ")))
}

/// Runs a command and returns its output.
///
/// # Errors
/// The reason of a refusal, in words for the operator.
pub async fn run(app: &App, command: Command) -> Result<String, String> {
    match command {
        Command::Create { account, name, role, area, organisation, institution } => {
            let input = serde_json::json!({
                "account": account, "display_name": name, "role": role, "area_code": area, "organisation_id": organisation,
                "institution_id": institution,
            });
            create(app, input).await
        }
        Command::List { role } => list(app, role).await,
        Command::Disable { account } => step(app, &account, UserAction::Disable).await,
        Command::Enable { account } => step(app, &account, UserAction::Enable).await,
        Command::ResetPassword { account } => step(app, &account, UserAction::ResetPassword).await,
        Command::ResetSecondFactor { account } => step(app, &account, UserAction::ResetSecondFactor).await,
        Command::Requests => requests(app).await,
        Command::Confirm { id } => confirm(app, id).await,
    }
    .map_err(|error| words(&error))
}

async fn create(app: &App, input: serde_json::Value) -> Result<String> {
    let (input, password) = (extract::checked(input)?, OneTime::new(&Place::wait().await?).await?);
    let tx = Tx::system(app).await?;
    let made = service::create(&tx, input, password).await?;
    tx.commit().await?;
    Ok(summary(&made.user.account, "made", made.one_time_password))
}

async fn step(app: &App, account: &str, action: UserAction) -> Result<String> {
    let password = if action == UserAction::ResetPassword { Some(OneTime::new(&Place::wait().await?).await?) } else { None };
    let tx = Tx::system(app).await?;
    let id = service::called(&tx.connection, account).await?;
    let done = service::step(&tx, id, action, StepInput::default(), password).await?;
    tx.commit().await?;
    let word = match action {
        UserAction::Disable => "disabled",
        UserAction::Enable => "enabled",
        UserAction::ResetPassword | UserAction::ResetSecondFactor | UserAction::Unlock => "reset",
    };
    Ok(summary(account, word, done.one_time_password))
}

async fn requests(app: &App) -> Result<String> {
    let now = app.clock.now();
    let mut query = AccountRequestQuery { state: Some(AccountRequestState::Asked), limit: Some(200), ..Default::default() };
    let mut text = String::new();
    loop {
        let page = account_requests::service::list(&app.database.read, None, now, &query).await?;
        for request in page.items {
            let (kind, role) = (request.kind.code(), request.role.code());
            let _ = writeln!(
                text,
                "{} {kind:<20} {:<28} {role:<14} {:<12} asked by {}",
                request.id, request.account, request.area_code, request.asked_by_name
            );
        }
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok(text);
        }
    }
}

async fn confirm(app: &App, id: Uuid) -> Result<String> {
    let fresh = OneTime::of_two(&Place::wait().await?, &app.vault, id).await?;
    let tx = Tx::system(app).await?;
    let action = AccountRequestAction::Confirm;
    let done = account_requests::service::step(&tx, id, action, StepInput::default(), Some(fresh)).await?;
    tx.commit().await?;
    let half = done.password_half.map(|half| format!(", second half of the one-time password {half} (shown once)"));
    Ok(format!("{} {} confirmed{}\n", done.request.account, done.request.kind.code(), half.unwrap_or_default()))
}

fn summary(account: &str, word: &str, password: Option<String>) -> String {
    let password =
        password.map(|password| format!(", one-time password {password} (shown once; it must be changed at the first sign-in)"));
    format!("{account} {word}{}\n", password.unwrap_or_default())
}

async fn list(app: &App, role: Option<Role>) -> Result<String> {
    let view = View { caller: None, now: app.clock.now() };
    let mut query = UserQuery { role, limit: Some(200), ..Default::default() };
    let mut text = String::new();
    loop {
        let page = service::list(&app.database.read, view, &query).await?;
        for user in page.items {
            let state = if user.disabled { "disabled" } else { "" };
            let _ = writeln!(
                text,
                "{:<28} {:<14} {:<12} {:<9} {}",
                user.account,
                user.role.code(),
                user.area_code,
                state,
                user.display_name
            );
        }
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok(text);
        }
    }
}
