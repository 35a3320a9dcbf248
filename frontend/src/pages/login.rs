//! The login form: a page, or a dialog over the current page after the session has ended.

use contract::ErrorCode;
use contract::auth::LoginInput;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
use crate::components::dialog;
use crate::components::language::LanguageSwitch;
use crate::session::State;
use crate::{api, dom, i18n, session, t};

/// The page for signing in.
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

/// Asks the person to sign in again, while the page below keeps what was typed.
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
    // Asked for if the account has a second factor.
    let code = RwSignal::new(None::<String>);
    // A code saves the wait that failed attempts of others cause.
    let optional = RwSignal::new(false);
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let [account_id, password_id, code_id, fault_id] =
        ["account", "password", "code", "fault"].map(|name| format!("{prefix}-{name}"));
    let focus_first = if account.with_untracked(String::is_empty) { account_id.clone() } else { password_id.clone() };
    Effect::new(move || dom::focus_soon(focus_first.clone()));
    let (back_to, code_at) = (password_id.clone(), code_id.clone());

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let input = LoginInput {
            account: account.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            verification_code: code
                .get_untracked()
                .map(|code| code.trim().to_owned())
                .filter(|code| !(optional.get_untracked() && code.is_empty())),
        };
        if input.account.is_empty() || input.password.is_empty() {
            return fault.set(Some(t!(login::BOTH)().to_owned()));
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        fault.set(None);
        let (back_to, code_at) = (back_to.clone(), code_at.clone());
        spawn_local(async move {
            match api::auth::login(&input).send().await {
                Ok(opened) => session::begin(opened),
                Err(error) => {
                    let asks = |wanted: ErrorCode| matches!(&error, ApiError::Problem(problem) if problem.code == wanted);
                    let (first, again) = (asks(ErrorCode::SecondFactorRequired), asks(ErrorCode::SecondFactorWrong));
                    let delayed = asks(ErrorCode::TooManyRequests) && input.verification_code.is_none();
                    if first || again || delayed {
                        let _ = code.try_set(Some(String::new()));
                        let _ = optional.try_set(delayed);
                    }
                    // The first request for the code is no fault.
                    let _ = fault.try_set((!first).then(|| error.message()));
                    let _ = busy.try_set(false);
                    dom::focus_soon(if first || again { code_at } else { back_to });
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
                    aria-required="true" aria-describedby=fault_id.clone() prop:value=password
                    on:input:target=move |event| password.set(event.target().value())/>
            </div>
            {move || {
                code.with(Option::is_some).then(|| {
                    let (id, hint) = (code_id.clone(), format!("{code_id}-hint"));
                    view! {
                        <div class="field">
                            <label for=id.clone()>{i18n::reactive(i18n::field("verification_code"))}</label>
                            <input id=id type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="6"
                                aria-required=move || (!optional.get()).to_string() aria-describedby=hint.clone() prop:value=move || code.get().unwrap_or_default()
                                on:input:target=move |event| code.set(Some(event.target().value()))/>
                            <p class="hint" id=hint>
                                {move || if optional.get() { t!(login::DELAYED_HINT)() } else { t!(login::CODE_HINT)() }}
                            </p>
                        </div>
                    }
                })
            }}
            <button type="submit" class="button primary wide" aria-disabled=move || busy.get().to_string()>
                {move || if busy.get() { t!(login::BUSY)() } else { t!(login::SUBMIT)() }}
            </button>
        </form>
    }
}
