//! A finding's page: what is wrong, how it was mended, and what those said who verified it.

use std::sync::Arc;

use contract::attachments::AttachmentObject;
use contract::findings::{Finding, FindingAction, FindingState};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;

use super::{chip, due, responsible, severity, steps};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::section;
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{field, lang, texts};
use crate::pages::attachments;
use crate::{api, format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::findings::read(&id), draw)
}

fn draw(finding: Arc<Finding>, reload: Callback<()>) -> Detail {
    let shown = finding.clone();
    // Who enters it shows what is wrong; who mends it, that it is mended.
    let may_add = finding.editable || finding.allowed_actions.contains(&FindingAction::Submit);
    Detail {
        title: format!("{} · {}", finding.village_name, finding.organisation_name),
        chips: view! { {severity(finding.details.severity)}{chip(finding.state)}{due(&finding)} }.into_any(),
        editable: finding.editable,
        actions: steps(&finding, reload),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || profile(&shown)),
            attachments::tab(AttachmentObject::Finding, finding.id.to_string(), may_add),
        ],
    }
}

fn profile(finding: &Finding) -> AnyView {
    let details = &finding.details;
    let link = |href: String, name: String| view! { <a href=href>{name}</a> }.into_any();
    let (found, day, first, closed) = (details.found_on, details.due_on, finding.first_due_on, finding.closed_on);
    let kind = finding.kind;
    let title = finding.round_title.clone();
    let mut rows = vec![
        (field("inspection_id"), link(format!("/inspections/{}", details.inspection_id), title)),
        fact_in("kind", move || kind.label(lang()).to_owned()),
        (
            field("pairing_id"),
            link(
                format!("/pairings/{}", finding.pairing_id),
                format!("{} · {}", finding.village_name, finding.organisation_name),
            ),
        ),
        fact("item_text", finding.item_text.clone()),
        (field("responsible"), responsible(finding)),
        fact_in("found_on", move || format::date(found, lang())),
        fact_in("due_on", move || format::date(day, lang())),
    ];
    if first != day {
        rows.push(fact_in("first_due_on", move || format::date(first, lang())));
    }
    if finding.reopenings > 0 {
        rows.push(fact("reopenings", format::count(finding.reopenings.into())));
    }
    if closed.is_some() {
        rows.push(fact_in("closed_on", move || closed.map(|day| format::date(day, lang())).unwrap_or_default()));
    }
    let why =
        (finding.state == FindingState::Reopened).then(|| timeline::why(finding.location(), FindingState::STEPS, finding.state));
    view! {
        {why}
        {facts(rows)}
        {told(vec![fact("problem", details.problem.clone())])}
        {rectification(finding)}
        {verification(finding)}
    }
    .into_any()
}

/// What was done, by whom, and on which day, which is that of its photos.
fn rectification(finding: &Finding) -> Option<AnyView> {
    let words = finding.rectification.clone()?;
    let (on, at) = (finding.rectified_on, finding.submitted_at);
    let about = facts(vec![
        fact_in("rectified_on", move || on.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()))),
        fact("rectified_by_name", finding.rectified_by_name.clone()),
        fact_in("submitted_at", move || at.map_or_else(|| "—".to_owned(), |at| format::instant(at, lang()))),
    ]);
    let behalf =
        finding.on_behalf_reason.clone().map(|reason| view! { <p class="muted">{t!(actions::ON_BEHALF)}": "{reason}</p> });
    let body = view! { {told(vec![fact("rectification", words)])}{about}{behalf} };
    Some(section(field("rectification"), body.into_any()))
}

/// What those said who looked at it again.
fn verification(finding: &Finding) -> Option<AnyView> {
    let at = finding.verified_at?;
    let about = facts(vec![
        fact("verified_by_name", finding.verified_by_name.clone()),
        fact_in("verified_at", move || format::instant(at, lang())),
        fact("verification", finding.verification.clone()),
    ]);
    Some(section(texts::findings::VERIFICATION, about))
}
