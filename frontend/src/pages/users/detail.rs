//! An account's page: facts, sessions, history and steps.

use std::sync::Arc;

use contract::account_requests::Answered;
use contract::users::{User, UserAction, UserWithPassword};
use contract::{CodedEnum, Permission, Resource};
use leptos::prelude::*;
use serde_json::Value;

use super::password;
use crate::api::{self, Record};
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::page::{Tone, chip};
use crate::components::tabs::Tab;
use crate::format;
use crate::i18n::{field, lang, texts};
use crate::pages::sessions;
use crate::{router, session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::users::read(&id), draw)
}

/// Whether the account can be used to sign in, as a chip.
pub fn state(user: &User) -> AnyView {
    let one_time = user.one_time_until.is_some();
    let (text, tone) = match user.locked_until {
        _ if user.disabled => (field("disabled"), Tone::Neutral),
        Some(_) => (field("locked"), Tone::Bad),
        None if one_time => (texts::users::ONE_TIME, Tone::Warning),
        None => (texts::users::USABLE, Tone::Good),
    };
    chip(text, tone)
}

fn rule(action: UserAction) -> StepRule {
    StepRule { primary: action == UserAction::Enable || action == UserAction::Unlock, ..Default::default() }
}

/// The rule for an account that takes two persons, which asks for a reason.
fn rule_of_two(action: UserAction) -> StepRule {
    let asked = matches!(action, UserAction::ResetPassword | UserAction::ResetSecondFactor | UserAction::Enable);
    StepRule { note_required: asked, before: asked.then_some(before_asking as fn(&str) -> AnyView), ..rule(action) }
}

fn before_asking(_: &str) -> AnyView {
    view! { <p>{t!(users::TWO_PERSONS)}</p> }.into_any()
}

fn draw(user: Arc<User>, reload: Callback<()>) -> Detail {
    let shown = user.clone();
    let base = user.location();
    let steps: fn(UserAction) -> StepRule = if user.role.needs_two_persons() { rule_of_two } else { rule };
    let done = Callback::new(move |answer: Value| {
        let answer = serde_json::from_value::<Answered<UserWithPassword>>(answer);
        match &answer {
            Ok(asked @ Answered::Asked(half)) => {
                password::show_half(half, password::Part::First);
                router::navigate(&asked.location());
                return Some(asked.told());
            }
            Ok(Answered::Done(done)) => password::show(done),
            Err(_) => {}
        }
        reload.run(());
        None
    });
    Detail {
        title: user.display_name.clone(),
        chips: state(&user),
        editable: user.editable,
        actions: view! {
            {actions::buttons_then(&user.location(), &user.allowed_actions, steps, done)}
            {password::dialog(user.location())}
        }
        .into_any(),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
            Tab::new("sessions", texts::account::SESSIONS, move || sessions::of(&base, session::may(Permission::WriteUsers))),
        ],
    }
}

fn key_facts(user: &User) -> AnyView {
    let (role, created, updated) = (user.role, user.created_at, user.updated_at);
    let mut rows = vec![
        fact("account", user.account.clone()),
        fact("display_name", user.display_name.clone()),
        fact_in("role", move || role.label(lang()).to_owned()),
        fact("area_name", format!("{} {}", user.area_name, user.area_code)),
    ];
    if let Some(name) = user.organisation_name.clone() {
        rows.push(fact("organisation_name", name));
    }
    if let Some(name) = user.institution_name.clone() {
        rows.push(fact("institution_name", name));
    }
    let second = if user.second_factor { texts::common::YES } else { texts::common::NO };
    rows.push(fact_in("second_factor", move || second.get().to_owned()));
    for (name, at) in [("locked_until", user.locked_until), ("one_time_until", user.one_time_until)] {
        if let Some(at) = at {
            rows.push(fact_in(name, move || format::instant(at, lang())));
        }
    }
    rows.push(fact_in("created_at", move || format::instant(created, lang())));
    rows.push(fact_in("updated_at", move || format::instant(updated, lang())));
    let requests = format!("/account-requests?user_id={}", user.id);
    let requests = view! { <a href=requests>{t!(users::REQUESTS)}</a> };
    rows.push((field("account_requests"), requests.into_any()));
    facts(rows)
}
