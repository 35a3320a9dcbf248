//! A one-time password: shown once, to be handed over.

use std::sync::LazyLock;

use contract::users::UserWithPassword;
use leptos::prelude::*;
use uuid::Uuid;

use crate::components::{dialog, toast};
use crate::i18n::{field, reactive, texts};
use crate::{dom, t};

/// Just answered and not closed yet: of which account, its name, and the password. In memory alone.
static ANSWERED: LazyLock<ArcRwSignal<Option<(Uuid, String, String)>>> = LazyLock::new(|| ArcRwSignal::new(None));

/// Shows the password of an answer on the account's page, if it has one.
pub fn show(answer: &UserWithPassword) {
    if let Some(password) = answer.one_time_password.clone() {
        ANSWERED.set(Some((answer.user.id, answer.user.account.clone(), password)));
    }
}

/// Where it appears: on the page of that account and no other.
pub fn dialog(id: Uuid) -> AnyView {
    on_cleanup(move || {
        // Left by a link or the back button: it is not shown again to whoever comes later.
        if crate::router::here().path != format!("/users/{id}") {
            ANSWERED.set(None);
        }
    });
    (move || ANSWERED.get().filter(|(of, ..)| *of == id).map(|(_, account, password)| draw(account, password))).into_any()
}

fn draw(account: String, password: String) -> AnyView {
    let close = Callback::new(|()| ANSWERED.set(None));
    let copy = move |_| {
        let said = if dom::copy("one-time-password") { texts::users::COPIED } else { texts::users::NOT_COPIED };
        toast::say(said.get());
    };
    let body = view! {
        <p>{move || t!(users::handing_over, account)}</p>
        <div class="field">
            <label for="one-time-password">{reactive(field("one_time_password"))}</label>
            <input id="one-time-password" class="code" type="text" readonly autocomplete="off" prop:value=password/>
        </div>
        <div class="dialog-buttons">
            <button type="button" class="button" on:click=copy>{t!(users::COPY)}</button>
            <button type="button" class="button primary" on:click=move |_| close.run(())>{t!(users::HANDED_OVER)}</button>
        </div>
    };
    // No Escape: what is closed by mistake is gone.
    dialog::modal(texts::users::PASSWORD, None, body.into_any())
}
