//! The session. The access token is only in memory, and the refresh token in a cookie that scripts cannot read.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use contract::auth::{Account, Session};
use contract::{Permission, Role};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, Shared};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::{dom, router};

/// How many seconds before its end an access token is renewed.
const RENEW_AHEAD: u32 = 60;

/// Remembers in this browser that somebody has signed in and not signed out, but not who.
const VISITED_KEY: &str = "baishe.visited";

/// The state of the session.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Not known yet: the cookie is being tried.
    Starting,
    SignedOut,
    SignedIn(Arc<Account>),
    /// The session has ended while somebody works. The page stays, and a dialog asks them to sign in again.
    Expired(Arc<Account>),
    /// The service could not be reached at the start.
    Unreachable,
}

static STATE: LazyLock<ArcRwSignal<State>> = LazyLock::new(|| ArcRwSignal::new(State::Starting));

thread_local! {
    static RENEWAL: RefCell<Option<Shared<LocalBoxFuture<'static, bool>>>> = const { RefCell::new(None) };
    static TIMER: RefCell<Option<TimeoutHandle>> = const { RefCell::new(None) };
    /// Requests that wait for the person to sign in again.
    static WAITING: RefCell<Vec<oneshot::Sender<()>>> = const { RefCell::new(Vec::new()) };
}

/// The state, tracked.
pub fn state() -> State {
    STATE.get()
}

/// The state, untracked.
pub fn state_now() -> State {
    STATE.get_untracked()
}

/// The signed-in account, untracked.
pub fn account_now() -> Option<Arc<Account>> {
    match state_now() {
        State::SignedIn(account) | State::Expired(account) => Some(account),
        _ => None,
    }
}

/// Whether requests can be sent: there is a token, or the session of a person who started offline can be resumed.
pub async fn is_ready() -> bool {
    api::token().is_some() || renew(None).await
}

/// The signed-in account, tracked.
pub fn account() -> Option<Arc<Account>> {
    match state() {
        State::SignedIn(account) | State::Expired(account) => Some(account),
        _ => None,
    }
}

/// Whether the person has this permission, tracked.
pub fn may(permission: Permission) -> bool {
    account().is_some_and(|account| account.permissions.contains(&permission))
}

/// Whether the person has one of these roles, tracked.
pub fn is_one_of(roles: &[Role]) -> bool {
    account().is_some_and(|account| roles.contains(&account.role))
}

/// Tries the cookie of an earlier visit. A browser in which nobody has signed in skips that, since it would only be refused.
/// Offline, `known` returns the account that the device knows.
pub fn start(known: fn() -> LocalBoxFuture<'static, Option<Account>>) {
    if dom::stored(dom::local_storage(), VISITED_KEY).is_none() {
        return set_signed_out();
    }
    set_renewable();
    STATE.set(State::Starting);
    spawn_local(async move {
        match api::auth::refresh().send().await {
            Ok(session) => begin(session),
            Err(ApiError::Problem(problem)) if problem.status < 500 => set_signed_out(),
            // The device knows a person who works offline. The session is resumed once there is a connection.
            Err(_) => match known().await {
                Some(account) => STATE.set(State::SignedIn(Arc::new(account))),
                None => STATE.set(State::Unreachable),
            },
        }
    });
}

/// Takes over a session. Another person than before starts on a new front page.
pub fn begin(session: Session) {
    let account = Arc::new(session.account);
    api::set_token(Some(session.access_token));
    set_renewable();
    dom::store(dom::local_storage(), VISITED_KEY, "1");
    let pause = session.expires_in.saturating_sub(RENEW_AHEAD).max(5);
    let timer = set_timeout_with_handle(renew_in_time, Duration::from_secs(pause.into())).ok();
    if let Some(old) = TIMER.replace(timer) {
        old.clear();
    }
    let other = matches!(STATE.get_untracked(), State::Expired(before) if before.id != account.id);
    if other {
        // Pending requests of the other person are not sent in this one's name.
        WAITING.take();
        router::unguard();
        STATE.set(State::Starting);
        router::navigate("/");
    }
    STATE.set(State::SignedIn(account));
    for request in WAITING.take() {
        let _ = request.send(());
    }
}

/// Renews the session after `used` was refused, once for all who ask at the same time. Returns false if it has ended.
pub async fn renew(used: Option<String>) -> bool {
    if api::token() != used {
        return api::token().is_some();
    }
    let running = RENEWAL.with_borrow_mut(|renewal| renewal.get_or_insert_with(|| try_cookie().boxed_local().shared()).clone());
    running.await
}

/// Signs out at the service and here. Waits for `leave` while the person is still known.
pub async fn sign_out(leave: impl Future<Output = ()>) -> Result<(), ApiError> {
    api::auth::logout().send().await?;
    leave.await;
    forget();
    router::unguard();
    set_signed_out();
    Ok(())
}

fn set_signed_out() {
    api::set_renewal(None);
    STATE.set(State::SignedOut);
}

/// From now on a request with a missing or refused token tries the cookie. If the session has ended, it waits until the same
/// person has signed in again, so that nothing needs to be pressed twice.
fn set_renewable() {
    api::set_renewal(Some(|used| async { renew(used).await || signed_in_again().await }.boxed_local()));
}

/// Waits until somebody has signed in through the dialog. Returns false if none is open, or if it was somebody else.
async fn signed_in_again() -> bool {
    if !matches!(state_now(), State::Expired(_)) {
        return false;
    }
    let (sender, receiver) = oneshot::channel();
    WAITING.with_borrow_mut(|waiting| waiting.push(sender));
    receiver.await.is_ok()
}

async fn try_cookie() -> bool {
    let answer = api::auth::refresh().send().await;
    RENEWAL.set(None);
    match answer {
        Ok(session) => {
            begin(session);
            true
        }
        Err(ApiError::Problem(problem)) if problem.status == 401 => {
            forget();
            if let State::SignedIn(account) = STATE.get_untracked() {
                STATE.set(State::Expired(account));
            }
            false
        }
        Err(_) => false,
    }
}

fn renew_in_time() {
    spawn_local(async {
        renew(api::token()).await;
    });
}

fn forget() {
    api::set_token(None);
    dom::forget(dom::local_storage(), VISITED_KEY);
    if let Some(timer) = TIMER.take() {
        timer.clear();
    }
}
