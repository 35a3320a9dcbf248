//! The page of a meeting: when and where, who took part, what was resolved, and the minutes.

use std::sync::Arc;

use contract::attachments::AttachmentObject;
use contract::meetings::{Attendance, Meeting, MeetingAction, MeetingState};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;

use super::chip;
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{lang, texts};
use crate::pages::attachments;
use crate::{format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::meetings::read(&id), draw)
}

fn rule(action: MeetingAction) -> StepRule {
    StepRule { primary: action == MeetingAction::Hold, ..StepRule::of(MeetingState::STEPS, action) }
}

fn draw(meeting: Arc<Meeting>, reload: Callback<()>) -> Detail {
    let shown = meeting.clone();
    let head = &meeting.head;
    Detail {
        title: meeting.details.title.clone(),
        chips: chip(head.state),
        editable: meeting.editable,
        actions: actions::buttons(&meeting.location(), &head.allowed_actions, rule, reload),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
            attachments::tab(AttachmentObject::Meeting, head.id.to_string(), meeting.editable),
        ],
    }
}

fn key_facts(meeting: &Meeting) -> AnyView {
    let (head, details) = (meeting.head.clone(), meeting.details.clone());
    let (held_on, kind) = (details.held_on, details.kind);
    let why = (head.state == MeetingState::Cancelled).then(|| timeline::why(meeting.location(), MeetingState::STEPS, head.state));
    let about = facts(vec![
        fact_in("held_on", move || format::date(held_on, lang())),
        fact_in("kind", move || kind.label(lang()).to_owned()),
        fact("place", details.place),
        fact("chair", details.chair),
        fact("area_name", head.area_name),
        fact("campaign_title", head.campaign_title),
        fact("unit_count", head.unit_count.to_string()),
        fact("person_count", details.person_count.map(|count| format::count(count.into()))),
    ]);
    let who = meeting.attendance.iter().map(party).collect_view();
    let words = told(vec![fact("resolutions", details.resolutions)]);
    view! {
        {why}
        {about}
        {words}
        <h2>{t!(meetings::WHO)}</h2>
        <ul>{who}</ul>
    }
    .into_any()
}

fn party(party: &Attendance) -> AnyView {
    let name = party.name.clone();
    let href = match (&party.area_code, party.organisation_id) {
        (_, Some(id)) => Some(format!("/organisations/{id}")),
        (Some(code), None) if code.len() > 9 => Some(format!("/villages/{code}")),
        _ => None,
    };
    match href {
        Some(href) => view! { <li><a href=href>{name}</a></li> }.into_any(),
        None => view! { <li>{name}</li> }.into_any(),
    }
}
