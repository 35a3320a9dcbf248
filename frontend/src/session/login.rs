//! The login form: a page of its own, or a dialog over the page of somebody whose session is over.

use contract::auth::LoginInput;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::State;
use crate::components::dialog;
use crate::layout::LanguageSwitch;
use crate::{api, dom, i18n, session, t};

/// The page before signing in.
#[component]
pub fn LoginPage() -> impl IntoView {
    Effect::new(|| document().set_title(t!(nav::PRODUCT)()));
    view! {
        <main id="main" class="login-page" tabindex="-1">
            <div class="login-card">
                <h1>{t!(nav::PRODUCT)}</h1>
                <p class="muted">{t!(login::SUBTITLE)}</p>
                <LoginForm prefix="login" account=String::new()/>
            </div>
            <LanguageSwitch/>
        </main>
    }
}

/// Asks to sign in again while the page below keeps what was typed.
#[component]
pub fn ExpiredDialog() -> impl IntoView {
    move || match session::state() {
        State::Expired(account) => Some(dialog::modal(
            i18n::texts::login::EXPIRED_TITLE,
            None,
            view! {
                <p>{t!(login::EXPIRED_TEXT)}</p>
                <LoginForm prefix="relogin" account=account.account.clone()/>
            }
            .into_any(),
        )),
        _ => None,
    }
}

#[component]
fn LoginForm(prefix: &'static str, account: String) -> impl IntoView {
    let account = RwSignal::new(account);
    let password = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let (account_id, password_id, fault_id) =
        (format!("{prefix}-account"), format!("{prefix}-password"), format!("{prefix}-fault"));
    let focus_first = if account.with_untracked(String::is_empty) { account_id.clone() } else { password_id.clone() };
    Effect::new(move || dom::focus_soon(focus_first.clone()));
    let back_to = password_id.clone();

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let input = LoginInput { account: account.get_untracked().trim().to_owned(), password: password.get_untracked() };
        if input.account.is_empty() || input.password.is_empty() {
            return fault.set(Some(t!(login::BOTH)().to_owned()));
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        fault.set(None);
        let back_to = back_to.clone();
        spawn_local(async move {
            match api::auth::login(&input).send().await {
                Ok(opened) => session::begin(opened),
                Err(error) => {
                    let _ = fault.try_set(Some(error.message()));
                    let _ = busy.try_set(false);
                    dom::focus_soon(back_to);
                }
            }
        });
    };

    view! {
        <form class="login-form" on:submit=submit novalidate>
            <p class="form-fault" role="alert" id=fault_id.clone()>{move || fault.get()}</p>
            <div class="field">
                <label for=account_id.clone()>{i18n::reactive(i18n::field("account"))}</label>
                <input id=account_id.clone() type="text" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="60"
                    aria-required="true" aria-describedby=fault_id.clone() prop:value=account
                    on:input:target=move |event| account.set(event.target().value())/>
            </div>
            <div class="field">
                <label for=password_id.clone()>{i18n::reactive(i18n::field("password"))}</label>
                <input id=password_id.clone() type="password" autocomplete="current-password" maxlength="200"
                    aria-required="true" aria-describedby=fault_id prop:value=password
                    on:input:target=move |event| password.set(event.target().value())/>
            </div>
            <button type="submit" class="button primary wide" aria-disabled=move || busy.get().to_string()>
                {move || if busy.get() { t!(login::BUSY)() } else { t!(login::SUBMIT)() }}
            </button>
        </form>
    }
}
