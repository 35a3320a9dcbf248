//! A request's page: what is requested, by whom and why, and the steps of those who may decide.

use std::sync::Arc;

use contract::account_requests::{
    AccountRequest, AccountRequestAction, AccountRequestKind, AccountRequestState, AccountRequestWithHalf,
};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;
use serde_json::Value;

use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, field, lang, texts};
use crate::pages::users::password;
use crate::{format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::account_requests::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: AccountRequestState) -> AnyView {
    let tone = match state {
        AccountRequestState::Asked => Tone::Warning,
        AccountRequestState::Confirmed => Tone::Good,
        AccountRequestState::Refused => Tone::Bad,
        AccountRequestState::Withdrawn | AccountRequestState::Expired => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

fn rule(action: AccountRequestAction) -> StepRule {
    let confirms = action == AccountRequestAction::Confirm;
    StepRule {
        primary: confirms,
        before: confirms.then_some(before_confirming as fn(&str) -> AnyView),
        ..StepRule::of(AccountRequestState::STEPS, action)
    }
}

/// What whoever confirms takes responsibility for.
fn before_confirming(_: &str) -> AnyView {
    view! { <p>{t!(account_requests::BEFORE)}</p> }.into_any()
}

fn draw(request: Arc<AccountRequest>, reload: Callback<()>) -> Detail {
    let (shown, path) = (request.clone(), request.location());
    let done = Callback::new(move |answer: Value| {
        if let Ok(answer) = serde_json::from_value::<AccountRequestWithHalf>(answer) {
            password::show_half(&answer, password::Part::Second);
        }
        reload.run(());
        None
    });
    Detail {
        title: format!("{} · {}", request.kind.label(lang()), request.display_name),
        chips: chip(request.state),
        editable: false,
        actions: view! {
            {actions::buttons_then(&path, &request.allowed_actions, rule, done)}
            {password::dialog(path.clone())}
        }
        .into_any(),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))],
    }
}

fn key_facts(request: &AccountRequest) -> AnyView {
    let (kind, role, old_role) = (request.kind, request.role, request.old_role);
    let (created, expires, decided) = (request.created_at, request.expires_at, request.decided_at);
    let account = request.account.clone();
    let account = match request.user_id {
        Some(id) => view! { <a href=format!("/users/{id}")>{account}</a> }.into_any(),
        None => account.into_any(),
    };
    let place = |name: &str, code: &str| format!("{name} {code}");
    let mut rows = vec![
        fact_in("kind", move || kind.label(lang()).to_owned()),
        fact("reason", request.reason.clone()),
        (field("account"), account),
        fact("display_name", request.display_name.clone()),
    ];
    if kind == AccountRequestKind::Change {
        rows.push(fact_in("old_role", move || old_role.map_or("—", |role| role.label(lang())).to_owned()));
        let old = request.old_area_name.as_deref().zip(request.old_area_code.as_deref());
        rows.push(fact("old_area_name", old.map(|(name, code)| place(name, code))));
    }
    rows.push(fact_in("role", move || role.label(lang()).to_owned()));
    rows.push(fact("area_name", place(&request.area_name, &request.area_code)));
    rows.push(fact("asked_by_name", request.asked_by_name.clone()));
    rows.push(fact_in("created_at", move || format::instant(created, lang())));
    match decided {
        Some(decided) => {
            rows.push(fact("decided_by_name", request.decided_by_name.clone()));
            rows.push(fact_in("decided_at", move || format::instant(decided, lang())));
        }
        None => rows.push(fact_in("expires_at", move || format::instant(expires, lang()))),
    }
    let why = matches!(request.state, AccountRequestState::Refused | AccountRequestState::Withdrawn)
        .then(|| timeline::why(request.location(), AccountRequestState::STEPS, request.state));
    let waits = (request.state == AccountRequestState::Asked)
        .then(|| view! { <p class="notice" role="note">{t!(account_requests::WAITS)}</p> });
    view! { {why}{waits}{facts(rows)} }.into_any()
}
