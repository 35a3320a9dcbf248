//! A one-time password, or the caller's half of one: shown once, to be handed over.

use std::sync::LazyLock;

use contract::Resource;
use contract::account_requests::AccountRequestWithHalf;
use contract::users::UserWithPassword;
use leptos::prelude::*;

use crate::components::{dialog, toast};
use crate::i18n::{field, reactive, texts};
use crate::{dom, t};

/// Which part of a password the caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// The half for the person who asks.
    First,
    /// The half for the person who confirms.
    Second,
}

/// An answer with a password.
#[derive(Clone, Debug)]
struct Answered {
    /// The path of the page that shows it.
    path: String,
    account: String,
    secret: String,
    part: Part,
}

/// The answer until its dialog is closed. It is stored in memory only.
static ANSWERED: LazyLock<ArcRwSignal<Option<Answered>>> = LazyLock::new(|| ArcRwSignal::new(None));

/// Shows the password of an answer on the account's page, if it has one.
pub fn show(answer: &UserWithPassword) {
    if let Some(secret) = answer.one_time_password.clone() {
        let (path, account) = (answer.location(), answer.user.account.clone());
        ANSWERED.set(Some(Answered { path, account, secret, part: Part::Whole }));
    }
}

/// Shows half of a password on the request's page, if there is one.
pub fn show_half(answer: &AccountRequestWithHalf, part: Part) {
    if let Some(secret) = answer.password_half.clone() {
        let (path, account) = (answer.request.location(), answer.request.account.clone());
        ANSWERED.set(Some(Answered { path, account, secret, part }));
    }
}

/// The place of the dialog: the page at this path, and no other.
pub fn dialog(path: String) -> AnyView {
    let own = path.clone();
    on_cleanup(move || {
        // The page was left through a link or the back button, so the password is not shown to whoever comes later. One that
        // another page is about to show stays.
        if crate::router::here().path != own {
            ANSWERED.update(|answered| _ = answered.take_if(|answered| answered.path == own));
        }
    });
    (move || ANSWERED.get().filter(|answered| answered.path == path).map(draw)).into_any()
}

fn draw(answered: Answered) -> AnyView {
    let close = Callback::new(|()| ANSWERED.set(None));
    let copy = move |_| {
        let said = if dom::copy("one-time-password") { texts::users::COPIED } else { texts::users::NOT_COPIED };
        toast::say(said.get());
    };
    let Answered { account, secret, part, .. } = answered;
    let (title, label) = match part {
        Part::Whole => (texts::users::PASSWORD, "one_time_password"),
        Part::First | Part::Second => (texts::users::PASSWORD_HALF, "password_half"),
    };
    let told = move || match part {
        Part::Whole => t!(users::handing_over, account),
        Part::First => t!(users::first_half, account),
        Part::Second => t!(users::second_half, account),
    };
    let body = view! {
        <p>{told}</p>
        <div class="field">
            <label for="one-time-password">{reactive(field(label))}</label>
            <input id="one-time-password" class="code" type="text" readonly autocomplete="off" prop:value=secret/>
        </div>
        <div class="dialog-buttons">
            <button type="button" class="button" on:click=copy>{t!(users::COPY)}</button>
            <button type="button" class="button primary" on:click=move |_| close.run(())>{t!(users::HANDED_OVER)}</button>
        </div>
    };
    // Escape does not close it: a password closed by mistake would be lost.
    dialog::modal(title, None, body.into_any())
}
