//! One's own account: data, sessions, password.

use contract::CodedEnum;
use contract::auth::PasswordInput;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::sessions;
use crate::components::detail::{fact, fact_in, facts};
use crate::components::form::Form;
use crate::components::page::{plain_head, section};
use crate::components::toast;
use crate::i18n::{lang, texts};
use crate::layout::LanguageSwitch;
use crate::{api, session, t};

/// The page of a path below `/account`. Somebody with a one-time password has but the one.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    let must_change = session::account().is_some_and(|account| account.must_change_password);
    match rest {
        ["password"] if must_change => Some(forced()),
        [] => Some(page()),
        _ => None,
    }
}

fn page() -> AnyView {
    view! {
        {plain_head(Vec::new(), texts::account::HEADING)}
        {section(texts::account::OWN, own())}
        {section(texts::account::SESSIONS, sessions::of("/me", true))}
        {section(texts::account::PASSWORD, password(|| ()))}
    }
    .into_any()
}

fn forced() -> AnyView {
    Effect::new(|| document().set_title(t!(nav::PRODUCT)()));
    let changed = || {
        spawn_local(async {
            let _ = session::renew(session::token()).await;
        })
    };
    let sign_out = |_| {
        spawn_local(async {
            if let Err(error) = session::sign_out().await {
                toast::fault(error.message());
            }
        });
    };
    view! {
        <main id="main" class="login-page" tabindex="-1">
            <div class="login-card">
                <h1>{t!(account::FORCED)}</h1>
                <p class="muted">{t!(account::FORCED_TEXT)}</p>
                {password(changed)}
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
    facts(rows)
}

/// The form; `changed` runs after it was done.
fn password(changed: fn()) -> AnyView {
    let form = Form::new::<PasswordInput>(json!({}));
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !form.is_sound() {
            return;
        }
        let Some(input) = form.read::<PasswordInput>() else { return };
        busy.set(true);
        spawn_local(async move {
            match api::auth::change_password(&input).send().await {
                Ok(()) => {
                    toast::say(texts::account::CHANGED.get());
                    form.begin(json!({}));
                    changed();
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
    let name = session::account().map(|account| account.account.clone()).unwrap_or_default();
    view! {
        <form class="form" novalidate on:submit=submit>
            <input type="text" hidden autocomplete="username" readonly value=name/>
            {form.summary()}
            {form.field("/current_password").required().password("current-password")}
            {form.field("/new_password").required().hint(texts::account::PASSWORD_HINT).password("new-password")}
            <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{t!(account::CHANGE)}</button>
        </form>
    }
    .into_any()
}
