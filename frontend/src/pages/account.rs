//! One's own account: data, sessions, password.

use contract::CodedEnum;
use contract::auth::{PasswordInput, SessionInfo};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::components::detail::{fact, fact_in, facts};
use crate::components::form::Form;
use crate::components::load::{self, Load};
use crate::components::page::{Tone, chip, plain_head, section};
use crate::components::{dialog, table, toast};
use crate::i18n::{lang, texts};
use crate::{api, format, session, t};

pub fn page() -> AnyView {
    let sessions = load::load(api::auth::sessions);
    let devices = load::show(sessions, move |page| list(&page.items, sessions));
    view! {
        {plain_head(Vec::new(), texts::account::HEADING)}
        {section(texts::account::OWN, own())}
        {section(texts::account::SESSIONS, devices)}
        {section(texts::account::PASSWORD, password())}
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

fn list(sessions: &[SessionInfo], load: Load<contract::Page<SessionInfo>>) -> AnyView {
    let rows = sessions.iter().map(|info| row(info, load)).collect_view();
    use texts::account::{ACTIONS, ADDRESS, DEVICE, EXPIRES, USED};
    let heads = [DEVICE, ADDRESS, USED, EXPIRES, ACTIONS].map(|text| (text, false));
    table::table(texts::account::SESSIONS, heads.to_vec(), view! { <tbody>{rows}</tbody> }.into_any())
}

fn row(info: &SessionInfo, load: Load<contract::Page<SessionInfo>>) -> AnyView {
    let (id, used, expires) = (info.id, info.last_used_at, info.expires_at);
    let end = move |_| {
        spawn_local(async move {
            if !dialog::confirm(texts::account::END, texts::account::END_TEXT.get(), texts::account::END).await {
                return;
            }
            match api::auth::end_session(id).send().await {
                Ok(()) => {
                    toast::say(texts::account::ENDED.get());
                    load.reload();
                }
                Err(error) => toast::fault(error.message()),
            }
        });
    };
    let action = if info.current {
        chip(texts::account::CURRENT, Tone::Good)
    } else {
        view! { <button type="button" class="button" on:click=end>{t!(account::END)}</button> }.into_any()
    };
    let agent = info.user_agent.clone();
    let device = move || agent.clone().unwrap_or_else(|| t!(account::UNKNOWN_DEVICE)().to_owned());
    view! {
        <tr>
            <th scope="row" class="device">{device}</th>
            <td>{info.address.clone().unwrap_or_else(|| "—".into())}</td>
            <td>{move || format::instant(used, lang())}</td>
            <td>{move || format::instant(expires, lang())}</td>
            <td>{action}</td>
        </tr>
    }
    .into_any()
}

fn password() -> AnyView {
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
