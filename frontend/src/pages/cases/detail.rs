//! The page of a case: its story, who has taken it up, what has appeared of it, and its photos.

use std::sync::Arc;

use contract::attachments::AttachmentObject;
use contract::cases::{Case, CaseAction, CaseState, PeopleShown, UptakeQuery};
use contract::publicity::PublicityQuery;
use contract::{CodedEnum, Permission, Resource};
use leptos::prelude::*;

use super::chip;
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{Text, field, lang, texts};
use crate::pages::{attachments, publicity, uptakes};
use crate::{format, session};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::cases::read(&id), draw)
}

fn shown() -> Vec<(&'static str, Text)> {
    PeopleShown::ALL.iter().map(|&shown| (shown.code(), Text::label(shown))).collect()
}

fn rule(action: CaseAction) -> StepRule {
    let rule = StepRule::of(CaseState::STEPS, action);
    match action {
        // 肖像: whoever publishes says that those who are shown have agreed.
        CaseAction::Publish => StepRule { primary: true, choice: Some(("people_shown", shown)), ..rule },
        CaseAction::Select | CaseAction::Nominate => StepRule { primary: true, ..rule },
        CaseAction::Return | CaseAction::Unpublish => rule,
    }
}

fn draw(case: Arc<Case>, reload: Callback<()>) -> Detail {
    let about = case.clone();
    let published = case.state == CaseState::Published;
    let take_up = (published && session::may(Permission::TakeUpCases))
        .then(|| page::primary_link(format!("/case-uptakes/new?case_id={}", case.id), texts::uptakes::CREATE));
    let print = page::link(format!("{}/print", case.location()), texts::cases::PRINT_VIEW);
    let mut tabs = vec![
        Tab::new("profile", texts::detail::PROFILE, move || key_facts(&about)),
        uptakes::tab(UptakeQuery { case_id: Some(case.id), ..Default::default() }),
        publicity::tab(PublicityQuery { case_id: Some(case.id), ..Default::default() }),
    ];
    if session::may(Permission::ReadAttachments) {
        tabs.push(attachments::tab(AttachmentObject::Case, case.id.to_string(), case.editable));
    }
    let steps = actions::buttons(&case.location(), &case.allowed_actions, rule, reload);
    Detail {
        title: case.details.title.clone(),
        chips: view! { {page::chip(Text::label(case.details.kind), Tone::Neutral)}{chip(case.state)} }.into_any(),
        editable: case.editable,
        actions: view! { {take_up}{print}{steps} }.into_any(),
        tabs,
    }
}

fn key_facts(case: &Case) -> AnyView {
    let details = case.details.clone();
    let link = |href: String, name: String| view! { <a href=href>{name}</a> }.into_any();
    let (goal, industry, by) = (details.goal, details.industry, case.nominated_by);
    let (published, confirmed, people) = (case.published_on, case.shown_confirmed_at, case.people_shown);
    let none = || "—".to_owned();
    let mut rows = vec![
        fact("area_name", case.area_name.clone()),
        fact("town_name", case.town_name.clone()),
        fact("organisation_name", case.organisation_name.clone()),
        (field("campaign_title"), link(format!("/campaigns/{}", details.campaign_id), case.campaign_title.clone())),
        fact("project_title", case.project_title.clone()),
        fact_in("goal", move || goal.label(lang()).to_owned()),
        fact_in("industry", move || industry.map_or("—", |industry| industry.label(lang())).to_owned()),
        fact_in("nominated_by", move || by.label(lang()).to_owned()),
        fact("found_in", details.found_in),
        fact_in("published_on", move || published.map_or_else(none, |day| format::date(day, lang()))),
        fact("uptakes", format::count(case.uptakes)),
    ];
    if case.state == CaseState::Published {
        rows.extend([
            fact_in("people_shown", move || people.map_or("—", |people| people.label(lang())).to_owned()),
            fact("shown_confirmed_by", case.shown_confirmed_by.clone()),
            fact_in("shown_confirmed_at", move || confirmed.map_or_else(none, |at| format::instant(at, lang()))),
        ]);
    }
    let why = matches!(case.state, CaseState::Returned | CaseState::Unpublished)
        .then(|| timeline::why(case.location(), CaseState::STEPS, case.state));
    let story = told(vec![
        fact("summary", details.summary),
        fact("background", details.background),
        fact("practice", details.practice),
        fact("effect", details.effect),
        fact("why_it_works", details.why_it_works),
        fact("what_it_needs", details.what_it_needs),
    ]);
    view! { {why}{story}{facts(rows)} }.into_any()
}
