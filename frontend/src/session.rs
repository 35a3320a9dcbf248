//! Who is signed in. The access token lives in memory only; the refresh token in a cookie that scripts cannot read.

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

/// Seconds before its end at which an access token is renewed.
const RENEW_AHEAD: u32 = 60;

/// Remembers, on this machine, that somebody signed in and has not signed out: nothing of whom.
const VISITED_KEY: &str = "baishe.visited";

/// How it stands with signing in.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Not known yet: the cookie is being tried.
    Starting,
    SignedOut,
    SignedIn(Arc<Account>),
    /// The session is over while somebody works: the page stays, a dialog asks to sign in again.
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

/// How it stands, tracked.
pub fn state() -> State {
    STATE.get()
}

/// How it stands, untracked.
pub fn state_now() -> State {
    STATE.get_untracked()
}

/// The person signed in, untracked.
pub fn account_now() -> Option<Arc<Account>> {
    match state_now() {
        State::SignedIn(account) | State::Expired(account) => Some(account),
        _ => None,
    }
}

/// Whether something can be asked: true with a token, or when the session of a person who came without a connection has been taken up.
pub async fn is_ready() -> bool {
    api::token().is_some() || renew(None).await
}

/// The person signed in, tracked.
pub fn account() -> Option<Arc<Account>> {
    match state() {
        State::SignedIn(account) | State::Expired(account) => Some(account),
        _ => None,
    }
}

/// Whether the person may do this, tracked.
pub fn may(permission: Permission) -> bool {
    account().is_some_and(|account| account.permissions.contains(&permission))
}

/// Whether the person has one of some roles.
pub fn is_one_of(roles: &[Role]) -> bool {
    account().is_some_and(|account| roles.contains(&account.role))
}

/// Tries the cookie of an earlier visit. A browser that nobody has signed in with is not asked: it would only get a refusal. Without
/// a connection `known` tells whom the device knows.
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
            // Who works without a connection is known from the device; the session is taken up when there is one.
            Err(_) => match known().await {
                Some(account) => STATE.set(State::SignedIn(Arc::new(account))),
                None => STATE.set(State::Unreachable),
            },
        }
    });
}

/// Takes a session in use. Another person than before starts on a fresh front page.
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
        // What the other person has asked for is not sent in this one's name.
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

/// Renews the session after `used` was refused, once for all who ask at the same time. False where it is over.
pub async fn renew(used: Option<String>) -> bool {
    if api::token() != used {
        return api::token().is_some();
    }
    let running = RENEWAL.with_borrow_mut(|renewal| renewal.get_or_insert_with(|| try_cookie().boxed_local().shared()).clone());
    running.await
}

/// Signs out here; the service ends the session. `leave` is waited for while the person is still known.
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

/// From here on whoever sends something tries the cookie where the token is missing or refused, and where the session is over, waits
/// until the same person has signed in again: what was pressed before needs no second press.
fn set_renewable() {
    api::set_renewal(Some(|used| async { renew(used).await || signed_in_again().await }.boxed_local()));
}

/// Waits for the dialog to be answered. False where none is open, or somebody else answers it.
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
