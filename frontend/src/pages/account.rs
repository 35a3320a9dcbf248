//! The person's own account: data, sessions, password.

use contract::CodedEnum;
use contract::auth::{NewSecondFactor, PasswordInput, SecondFactorInput, SecondFactorProof, SeenInput};
use contract::users::User;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::sessions;
use super::visit::queue;
use crate::api::{ApiError, Record};
use crate::components::detail::{fact, fact_in, facts};
use crate::components::form::Form;
use crate::components::language::LanguageSwitch;
use crate::components::page::{plain_head, section};
use crate::components::{load, timeline, toast};
use crate::i18n::{Text, lang, reactive, texts};
use crate::{api, session, t};

/// The page of a path below `/account`. A person with a one-time password, or in a role that needs a second factor, gets only one
/// page.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    use texts::account::{FORCED, FORCED_TEXT, SECOND_FACTOR_FORCED, SECOND_FACTOR_FORCED_TEXT};
    let account = session::account()?;
    match rest {
        ["password"] if account.must_change_password => Some(forced(FORCED, FORCED_TEXT, password(renew))),
        ["second-factor"] if account.must_add_second_factor => {
            Some(forced(SECOND_FACTOR_FORCED, SECOND_FACTOR_FORCED_TEXT, second_factor()))
        }
        [] => Some(page()),
        _ => None,
    }
}

fn page() -> AnyView {
    view! {
        {plain_head(texts::account::HEADING)}
        {section(texts::account::OWN, own())}
        {section(texts::account::HISTORY, history())}
        {section(texts::account::SESSIONS, sessions::of("/me", true))}
        {section(texts::account::PASSWORD, password(|| ()))}
        {section(texts::account::SECOND_FACTOR, second_factor())}
    }
    .into_any()
}

/// The history of the account. Only the person can mark what others did as seen.
fn history() -> AnyView {
    let unseen = session::account().map_or(0, |account| account.unseen_changes);
    let latest = load::load(|| api::auth::history(1));
    let mark = move |_| {
        // Marks entries up to the last one on the page, so that those that come later are still reported.
        let Some(until) = latest.data.get_untracked().and_then(|page| page.items.first().map(|entry| entry.at)) else { return };
        spawn_local(async move {
            match api::auth::mark_history(&SeenInput { until }).send().await {
                Ok(()) => renew(),
                Err(error) => toast::fault(error.message()),
            }
        });
    };
    let told = (unseen > 0).then(|| {
        view! {
            <div class="notice" role="note">
                <p>{move || t!(account::unseen, unseen)}</p>
                <button type="button" class="button" on:click=mark>{t!(account::MARK_SEEN)}</button>
            </div>
        }
    });
    view! { {told}{timeline::timeline("/me".to_owned(), User::coded)} }.into_any()
}

/// Renews the session, because the account's permissions have changed.
fn renew() {
    spawn_local(async {
        let _ = session::renew(api::token()).await;
    });
}

/// A page that comes before everything else.
fn forced(title: Text, text: Text, body: AnyView) -> AnyView {
    Effect::new(|| document().set_title(t!(nav::PRODUCT)()));
    let sign_out = |_| {
        spawn_local(async {
            if let Err(error) = session::sign_out(queue::leave()).await {
                toast::fault(error.message());
            }
        });
    };
    view! {
        <main id="main" class="login-page" tabindex="-1">
            <div class="login-card">
                <h1>{reactive(title)}</h1>
                <p class="muted">{reactive(text)}</p>
                {body}
            </div>
            <div>
                <LanguageSwitch/>
                <button type="button" class="button plain" on:click=sign_out>{t!(nav::SIGN_OUT)}</button>
            </div>
        </main>
    }
    .into_any()
}

fn own() -> AnyView {
    let Some(account) = session::account() else { return ().into_any() };
    let role = account.role;
    let mut rows = vec![
        fact("display_name", account.display_name.clone()),
        fact("account", account.account.clone()),
        fact_in("role", move || role.label(lang()).to_owned()),
        fact("area_name", account.area_name.clone()),
    ];
    if let Some(name) = account.organisation_name.clone() {
        rows.push(fact("organisation_name", name));
    }
    if let Some(name) = account.institution_name.clone() {
        rows.push(fact("institution_name", name));
    }
    facts(rows)
}

/// The form. `changed` runs after the change.
fn password(changed: fn()) -> AnyView {
    let form = Form::new::<PasswordInput>(json!({}));
    let name = session::account().map(|account| account.account.clone()).unwrap_or_default();
    let send = move |input: PasswordInput| async move { api::auth::change_password(&input).send().await };
    let done = move |()| {
        toast::say(texts::account::CHANGED.get());
        changed();
    };
    small_form(
        form,
        texts::account::CHANGE,
        send,
        done,
        view! {
            <input type="text" hidden autocomplete="username" readonly value=name/>
            {form.summary()}
            {form.field("/current_password").required().password("current-password")}
            {form.field("/new_password").required().hint(texts::account::PASSWORD_HINT).password("new-password")}
        }
        .into_any(),
    )
}

/// Adds or replaces a second factor: first the password, then the code that the authenticator displays.
fn second_factor() -> AnyView {
    let begun = RwSignal::new(None::<NewSecondFactor>);
    let on = session::account().is_some_and(|account| account.second_factor);
    (move || match begun.get() {
        Some(begun) => confirm(begun),
        None => begin(on, begun),
    })
    .into_any()
}

fn begin(on: bool, begun: RwSignal<Option<NewSecondFactor>>) -> AnyView {
    let form = Form::new::<SecondFactorInput>(json!({}));
    let state = if on { texts::account::SECOND_FACTOR_ON } else { texts::account::SECOND_FACTOR_OFF };
    let button = if on { texts::account::SECOND_FACTOR_REPLACE } else { texts::account::SECOND_FACTOR_BEGIN };
    let code = on.then(|| form.field("/verification_code").required().one_time_code());
    let send = move |input: SecondFactorInput| async move { api::auth::begin_second_factor(&input).send().await };
    small_form(
        form,
        button,
        send,
        move |made| begun.set(Some(made)),
        view! {
            <p>{reactive(state)}</p>
            {form.summary()}
            {form.field("/current_password").required().password("current-password")}
            {code}
        }
        .into_any(),
    )
}

fn confirm(made: NewSecondFactor) -> AnyView {
    let form = Form::new::<SecondFactorProof>(json!({}));
    let send = move |input: SecondFactorProof| async move { api::auth::confirm_second_factor(&input).send().await };
    let done = move |()| {
        toast::say(texts::account::SECOND_FACTOR_ADDED.get());
        renew();
    };
    small_form(
        form,
        texts::account::SECOND_FACTOR_CONFIRM,
        send,
        done,
        view! {
            <ol class="steps">
                <li>
                    {t!(account::SECOND_FACTOR_SCAN)}
                    <div class="qr" role="img" aria-label=t!(account::SECOND_FACTOR_QR) inner_html=made.qr_svg></div>
                    <a href=made.uri>{t!(account::SECOND_FACTOR_OPEN)}</a>
                    <p>{t!(account::SECOND_FACTOR_TYPE)}" "<code class="secret">{made.secret}</code></p>
                </li>
                <li>{t!(account::SECOND_FACTOR_CODE)}</li>
            </ol>
            {form.summary()}
            {form.field("/verification_code").required().one_time_code()}
        }
        .into_any(),
    )
}

/// A form that stays on its page. `done` gets the answer.
fn small_form<I, A, F>(
    form: Form,
    button: Text,
    send: impl Fn(I) -> F + Copy + 'static,
    done: impl Fn(A) + Copy + 'static,
    fields: AnyView,
) -> AnyView
where
    I: DeserializeOwned + 'static,
    A: 'static,
    F: Future<Output = Result<A, ApiError>> + 'static,
{
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !form.is_sound() {
            return;
        }
        let Some(input) = form.read::<I>() else { return };
        busy.set(true);
        spawn_local(async move {
            match send(input).await {
                Ok(answer) => {
                    form.begin(json!({}));
                    done(answer);
                }
                Err(error) => {
                    if !form.refuse(&error) {
                        toast::fault(error.message());
                    }
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="form" novalidate on:submit=submit>
            {fields}
            <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{reactive(button)}</button>
        </form>
    }
    .into_any()
}
