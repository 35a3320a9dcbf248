//! The screen: the login form, or the frame with the page of the current path.

use futures::FutureExt;
use leptos::prelude::*;

use crate::components::{dialog, load, toast};
use crate::layout::Shell;
use crate::pages::login::{ExpiredDialog, LoginPage};
use crate::pages::visit::device;
use crate::session::{self, State};
use crate::{pages, router};

/// The whole app.
pub fn app() -> impl IntoView {
    router::start();
    start();
    // Another person gets a new frame. A session that ends and begins again leaves the page alone.
    let person = Memo::new(|_| {
        session::account().map(|account| (account.id, account.must_change_password, account.must_add_second_factor))
    });
    view! {
        {move || match person.get() {
            // Untracked: a signal that the page reads while it is built must not rebuild it and lose what was typed.
            Some((_, true, _)) => untrack(|| pages::at("/account/password")),
            Some((_, _, true)) => untrack(|| pages::at("/account/second-factor")),
            Some(_) => view! { <Shell page/> }.into_any(),
            None => signed_out(),
        }}
        <ExpiredDialog/>
        {dialog::host()}
        {toast::region()}
    }
}

/// Resumes the session of an earlier visit. Offline, takes the account that this device knows.
fn start() {
    session::start(|| device::last_account().boxed_local());
}

fn signed_out() -> AnyView {
    (move || match session::state() {
        State::SignedOut => view! { <LoginPage/> }.into_any(),
        State::Unreachable => view! {
            <main id="main" class="login-page">{load::fault(&crate::api::ApiError::Network, Callback::new(|()| start()))}</main>
        }
        .into_any(),
        _ => view! { <main id="main" class="login-page" aria-busy="true"></main> }.into_any(),
    })
    .into_any()
}

fn page() -> AnyView {
    let path = Memo::new(|_| router::path());
    // Only a new path builds a new page: a signal that the page reads while it is built must not rebuild it and lose what was
    // typed.
    (move || {
        let path = path.get();
        untrack(move || pages::at(&path))
    })
    .into_any()
}
