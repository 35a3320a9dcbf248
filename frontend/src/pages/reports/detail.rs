//! A town's form for a month: the annex, what to look at before sending, and its steps.

use std::sync::Arc;

use contract::reports::{Finding, Report, ReportAction, ReportStanding, ReportState};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::annex::annex;
use crate::api::{self, Record};
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::{load, toast};
use crate::i18n::{Text, lang, lang_now, reactive, texts};
use crate::{format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::reports::read(&id), draw)
}

/// The state in words and colour.
pub fn chip(state: ReportState) -> AnyView {
    let tone = match state {
        ReportState::Draft => Tone::Warning,
        ReportState::Submitted => Tone::Accent,
        ReportState::Returned => Tone::Bad,
        ReportState::Accepted => Tone::Good,
    };
    page::chip(Text::label(state), tone)
}

fn standing(report: &Report) -> AnyView {
    let tone = match report.standing {
        ReportStanding::NotDue => Tone::Neutral,
        ReportStanding::OnTime => Tone::Good,
        ReportStanding::Late | ReportStanding::Missing => Tone::Bad,
    };
    page::chip(Text::label(report.standing), tone)
}

fn rule(action: ReportAction) -> StepRule {
    StepRule {
        note_required: action == ReportAction::Return,
        primary: matches!(action, ReportAction::Submit | ReportAction::Accept),
        ..Default::default()
    }
}

fn draw(report: Arc<Report>, reload: Callback<()>) -> Detail {
    let (shown, id) = (report.clone(), report.id.to_string());
    Detail {
        crumbs: vec![("/reports".into(), texts::nav::REPORTS)],
        title: format!("{} · {}", report.town_name, format::month(report.month, lang_now())),
        chips: view! { {chip(report.state)}{standing(&report)} }.into_any(),
        editable: report.editable,
        actions: view! {
            {actions::buttons(&report.path(), &report.allowed_actions, rule, reload)}
            {workbook(&report)}
            <button type="button" class="button" on:click=|_| { let _ = window().print(); }>{t!(reports::PRINT)}</button>
        }
        .into_any(),
        tabs: vec![
            Tab::new("form", texts::reports::FORM, move || form(&shown)),
            Tab::new("preflight", texts::reports::PREFLIGHT, move || preflight(id.clone())),
        ],
    }
}

fn form(report: &Report) -> AnyView {
    let due = report.due_on;
    let reason = report.return_reason.clone().filter(|_| report.state == ReportState::Returned);
    view! {
        <p class="muted no-print">{move || t!(reports::due, format::date(due, lang()))}</p>
        {reason.map(|reason| view! { <p class="notice warning">{move || t!(reports::returned, reason)}</p> })}
        {annex(report)}
    }
    .into_any()
}

fn workbook(report: &Report) -> AnyView {
    let path = format!("{}/workbook", report.path());
    let name = format!("{}-{}.xlsx", report.town_name, report.month);
    let get = move |_| {
        let (path, name) = (path.clone(), name.clone());
        spawn_local(async move {
            if let Err(error) = api::download(path, &name).await {
                toast::say(error.message());
            }
        });
    };
    view! { <button type="button" class="button" on:click=get>{t!(reports::WORKBOOK)}</button> }.into_any()
}

fn preflight(id: String) -> AnyView {
    load::show(load::load(move || api::reports::preflight(&id)), |preflight| {
        if preflight.findings.is_empty() {
            return view! { <p class="muted">{t!(reports::CLEAN)}</p> }.into_any();
        }
        let items = preflight.findings.iter().map(finding).collect_view();
        view! { <ul>{items}</ul> }.into_any()
    })
}

fn finding(finding: &Finding) -> AnyView {
    let names: Vec<_> = [&finding.village_name, &finding.organisation_name].into_iter().flatten().cloned().collect();
    let names = names.join(" · ");
    let who = match finding.pairing_id {
        Some(id) => view! { <a href=format!("/pairings/{id}")>{names}</a> }.into_any(),
        None => names.into_any(),
    };
    view! { <li><strong>{reactive(Text::label(finding.kind))}</strong>" "{who}</li> }.into_any()
}
