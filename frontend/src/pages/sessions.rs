//! The sessions of an account: the devices on which it is signed in.

mod device;

use contract::Page;
use contract::auth::SessionInfo;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Call};
use crate::components::load::{self, Load};
use crate::components::page::{Tone, chip};
use crate::components::table::{self, Row};
use crate::components::{dialog, toast};
use crate::i18n::{Text, lang, texts};
use crate::{format, t};

/// The sessions below an API path. Those who may end them get buttons that end one, or all but the current one.
pub fn of(base: &str, may_end: bool) -> AnyView {
    let base = StoredValue::new(base.to_owned());
    let sessions = load::load(move || base.with_value(|base| api::auth::sessions(base)));
    load::show(sessions, move |page| draw(&page.items, base, may_end, sessions))
}

fn draw(sessions: &[SessionInfo], base: StoredValue<String>, may_end: bool, load: Load<Page<SessionInfo>>) -> AnyView {
    if sessions.is_empty() {
        return view! { <p class="muted">{t!(account::NO_SESSIONS)}</p> }.into_any();
    }
    use texts::account::{
        ACTIONS, ADDRESS, DEVICE, END, END_ALL, END_ALL_TEXT, END_OTHERS, END_OTHERS_TEXT, END_TEXT, EXPIRES, USED,
    };
    let rows = sessions.iter().map(|info| {
        let id = info.id;
        let end = (may_end && !info.current)
            .then(|| button(END, END_TEXT, load, move || base.with_value(|base| api::auth::end_session(base, id))));
        row(info, end)
    });
    let heads = [DEVICE, ADDRESS, USED, EXPIRES].into_iter().chain(may_end.then_some(ACTIONS)).map(|text| (text, false));
    let table = table::rows(texts::account::SESSIONS, heads.collect(), rows);
    let others = sessions.iter().filter(|info| !info.current).count();
    let own = others < sessions.len();
    let (title, text) = if own { (END_OTHERS, END_OTHERS_TEXT) } else { (END_ALL, END_ALL_TEXT) };
    let all =
        (may_end && others > 0).then(|| button(title, text, load, move || base.with_value(|base| api::auth::end_sessions(base))));
    view! {
        {table}
        {all.map(|all| view! { <p class="below-table">{all}</p> })}
    }
    .into_any()
}

fn row(info: &SessionInfo, end: Option<AnyView>) -> Row {
    let (used, expires) = (info.last_used_at, info.expires_at);
    let agent = info.user_agent.clone();
    let device = move || agent.as_deref().and_then(device::name).unwrap_or_else(|| t!(account::UNKNOWN_DEVICE)().to_owned());
    Row::default()
        .mark(Some(view! { {device} " " {info.current.then(|| chip(texts::account::CURRENT, Tone::Good))} }.into_any()))
        .text(info.address.clone())
        .said(move || format::instant(used, lang()))
        .said(move || format::instant(expires, lang()))
        .mark(end)
}

fn button(title: Text, text: Text, load: Load<Page<SessionInfo>>, call: impl Fn() -> Call<()> + Send + 'static) -> AnyView {
    let end = move |_| {
        let call = call();
        spawn_local(async move {
            if !dialog::confirm(title, text.get(), title).await {
                return;
            }
            match call.send().await {
                Ok(()) => {
                    toast::say(texts::account::ENDED.get());
                    load.reload();
                }
                Err(error) => toast::fault(error.message()),
            }
        });
    };
    view! { <button type="button" class="button" on:click=end>{move || title.get()}</button> }.into_any()
}
