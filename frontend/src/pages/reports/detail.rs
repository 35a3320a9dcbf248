//! A town's form for a month: the annex, what to check before sending, and its steps.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::month::Month;
use contract::reports::{FindingKind, Report, ReportAction, ReportFinding, ReportStanding, ReportState};
use contract::{Permission, Resource};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::annex::annex;
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::{load, toast};
use crate::i18n::{Text, lang, lang_now, reactive, texts};
use crate::{format, session, t};

/// The most names of each kind in the dialog before sending.
const SHOWN: usize = 5;

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::reports::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: ReportState) -> AnyView {
    let tone = match state {
        ReportState::Draft => Tone::Warning,
        ReportState::Submitted | ReportState::Nil => Tone::Accent,
        ReportState::Returned => Tone::Bad,
        ReportState::Accepted => Tone::Good,
    };
    page::chip(Text::label(state), tone)
}

/// That an accepted form is a nil return, which the state of a sent one says itself.
pub fn nil(state: ReportState, nil: bool) -> Option<AnyView> {
    (nil && state != ReportState::Nil).then(|| page::chip(Text::label(ReportState::Nil), Tone::Neutral))
}

/// The town's standing as a chip.
pub fn standing(standing: ReportStanding) -> AnyView {
    let tone = match standing {
        ReportStanding::NotDue => Tone::Neutral,
        ReportStanding::OnTime => Tone::Good,
        ReportStanding::Late | ReportStanding::Missing => Tone::Bad,
    };
    page::chip(Text::label(standing), tone)
}

/// What the steps ask for. Sending first shows what to check.
pub fn rule(action: ReportAction) -> StepRule {
    StepRule {
        primary: matches!(action, ReportAction::Submit | ReportAction::Nil | ReportAction::Accept),
        before: match action {
            ReportAction::Submit | ReportAction::Nil => Some(before_sending),
            ReportAction::Reopen => Some(|_| view! { <p>{t!(reports::REOPEN)}</p> }.into_any()),
            _ => None,
        },
        ..StepRule::of(ReportState::STEPS, action)
    }
}

/// Why a form that was sent cannot be accepted yet, for those who accept forms: its month is not over.
pub fn not_yet(state: ReportState, month: Month) -> Option<AnyView> {
    let account = session::account()?;
    let accepts = ReportState::STEPS.allowed(state, account.role).contains(&ReportAction::Accept);
    let from = month.next().first_day();
    (accepts && account.today < from)
        .then(|| view! { <p class="muted">{move || t!(reports::accept_from, format::date(from, lang()))}</p> }.into_any())
}

fn draw(report: Arc<Report>, reload: Callback<()>) -> Detail {
    let (shown, looked_at) = (report.clone(), report.clone());
    Detail {
        title: format!("{} · {}", report.town_name, format::month(report.month, lang_now())),
        chips: view! { {chip(report.state)}{nil(report.state, report.nil)}{standing(report.standing)} }.into_any(),
        editable: report.editable,
        actions: view! {
            {actions::buttons(&report.location(), &report.allowed_actions, rule, reload)}
            {workbook(&report)}
            <button type="button" class="button" on:click=|_| { let _ = window().print(); }>{t!(reports::PRINT)}</button>
        }
        .into_any(),
        tabs: vec![
            Tab::new("form", texts::reports::FORM, move || form(&shown)),
            Tab::new("preflight", texts::reports::PREFLIGHT, move || preflight(&looked_at)),
        ],
    }
}

fn form(report: &Report) -> AnyView {
    let due = report.due_on;
    let reason = report.return_reason.clone().filter(|_| report.state == ReportState::Returned);
    let nil = report.allowed_actions.contains(&ReportAction::Nil);
    let sends = nil || report.allowed_actions.contains(&ReportAction::Submit);
    let carries = report.rows.iter().any(|row| row.carried.is_some()) && session::may(Permission::ReadAssistance);
    let records = carries.then(|| {
        let href = format!("/assistance-records?carried_in={}", report.id);
        view! { <p><a href=href>{t!(reports::CARRIED_RECORDS)}</a></p> }
    });
    view! {
        <div class="no-print">
            <p class="muted">{move || t!(reports::due, format::date(due, lang()))}</p>
            {not_yet(report.state, report.month)}
            {reason.map(|reason| view! { <p class="notice warning">{move || t!(reports::returned, reason)}</p> })}
            {nil.then(|| view! { <p class="notice">{t!(reports::NIL_HINT)}</p> })}
            {sends.then(|| look_first(report))}
            {records}
        </div>
        {annex(report)}
    }
    .into_any()
}

/// The number of findings to check before sending, above the form, with a link to them.
fn look_first(report: &Report) -> AnyView {
    let (id, path) = (report.id.to_string(), report.location());
    load::show(load::load(move || api::reports::preflight(&id)), move |preflight| {
        let count = preflight.findings.len();
        let late = preflight.late.then(|| late(preflight.due_on));
        let found = (count > 0).then(|| {
            let href = format!("{path}?tab=preflight");
            view! { <p class="notice warning">{move || t!(reports::found, count)} " " <a href=href>{t!(reports::LOOK)}</a></p> }
        });
        view! { {late}{found} }.into_any()
    })
}

fn late(due: NaiveDate) -> AnyView {
    view! { <p class="notice fault">{move || t!(reports::late, format::date(due, lang()))}</p> }.into_any()
}

/// The beginning of the dialog before sending: that it is late, and what was found.
fn before_sending(path: &str) -> AnyView {
    let id = path.rsplit('/').next().unwrap_or_default().to_owned();
    load::show(load::load(move || api::reports::preflight(&id)), |preflight| {
        let late = preflight.late.then(|| late(preflight.due_on));
        let text = if preflight.findings.is_empty() {
            view! { <p>{t!(reports::SEND_CLEAN)}</p> }.into_any()
        } else {
            let kinds = by_kind(&preflight.findings).into_iter().map(|(kind, findings)| {
                let names: Vec<_> = findings.iter().map(|finding| names(finding)).filter(|name| !name.is_empty()).collect();
                let more = names.len().saturating_sub(SHOWN);
                let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
                let rest = (more > 0).then(|| view! { <li>{move || t!(reports::more, more)}</li> });
                view! {
                    <li>
                        {reactive(Text::label(kind))}
                        <ul>{shown.into_iter().map(|name| view! { <li>{name}</li> }).collect_view()}{rest}</ul>
                    </li>
                }
                .into_any()
            });
            view! { <p><strong>{t!(reports::SEND_ANYWAY)}</strong></p><ul class="found">{kinds.collect_view()}</ul> }.into_any()
        };
        view! { {late}{text} }.into_any()
    })
}

fn workbook(report: &Report) -> AnyView {
    let path = format!("{}/workbook", report.location());
    let name = format!("{}-{}.xlsx", report.town_name, report.month);
    let get = move |_| {
        let (path, name) = (path.clone(), name.clone());
        spawn_local(async move {
            if let Err(error) = api::download(path, &name).await {
                toast::fault(error.message());
            }
        });
    };
    view! { <button type="button" class="button" on:click=get>{t!(reports::WORKBOOK)}</button> }.into_any()
}

fn preflight(report: &Report) -> AnyView {
    let (id, path, month, editable) = (report.id.to_string(), report.location(), report.month, report.editable);
    load::show(load::load(move || api::reports::preflight(&id)), move |preflight| {
        if preflight.findings.is_empty() {
            return view! { <p class="muted">{t!(reports::CLEAN)}</p> }.into_any();
        }
        let kinds = by_kind(&preflight.findings).into_iter().map(|(kind, findings)| {
            let count = findings.len();
            let items = findings.into_iter().map(|finding| item(finding, &path, month, editable)).collect_view();
            view! {
                <section class="found">
                    <h3>{reactive(Text::label(kind))} " " {page::chip_text(count.to_string(), Tone::Warning)}</h3>
                    <ul>{items}</ul>
                </section>
            }
            .into_any()
        });
        kinds.collect_view().into_any()
    })
}

/// The findings of each kind. They arrive in the order of kinds.
fn by_kind(findings: &[ReportFinding]) -> Vec<(FindingKind, Vec<&ReportFinding>)> {
    let mut kinds: Vec<(FindingKind, Vec<&ReportFinding>)> = Vec::new();
    for finding in findings {
        match kinds.last_mut() {
            Some((kind, of_kind)) if *kind == finding.kind => of_kind.push(finding),
            _ => kinds.push((finding.kind, vec![finding])),
        }
    }
    kinds
}

fn names(finding: &ReportFinding) -> String {
    let names: Vec<_> = [&finding.village_name, &finding.organisation_name].into_iter().flatten().map(String::as_str).collect();
    names.join(" · ")
}

/// Whom a finding is about, with a link to mend it.
fn item(finding: &ReportFinding, path: &str, month: Month, editable: bool) -> AnyView {
    let names = names(finding);
    let who = match finding.pairing_id {
        Some(id) => view! { <a href=format!("/pairings/{id}")>{names}</a> }.into_any(),
        None => names.into_any(),
    };
    let row = finding.position.map(|position| view! { <span class="muted">{move || t!(reports::row, position)}</span> });
    let mend = mend(finding, path, month, editable);
    view! { <li>{who} " " {row} " " {mend.map(|(href, text)| view! { <a href=href>{reactive(text)}</a> })}</li> }.into_any()
}

fn mend(finding: &ReportFinding, path: &str, month: Month, editable: bool) -> Option<(String, Text)> {
    let edit = || finding.position.filter(|_| editable).map(|row| format!("{path}/edit?row={row}"));
    match finding.kind {
        FindingKind::UpdateMissing => {
            let pairing = finding.pairing_id.filter(|_| session::may(Permission::WriteProgress))?;
            Some((format!("/progress-updates/new?pairing_id={pairing}&month={month}"), texts::progress::CREATE))
        }
        FindingKind::TooManyProjects | FindingKind::ProjectMissing => {
            Some((format!("/projects?pairing_id={}", finding.pairing_id?), texts::nav::PROJECTS))
        }
        FindingKind::ProgressStale | FindingKind::TextEmpty => Some((edit()?, texts::reports::TO_ROW)),
        FindingKind::LeftOut => Some((format!("{path}/edit"), texts::reports::PUT_BACK)).filter(|_| editable),
        FindingKind::MonthRunning | FindingKind::Outdated => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(kind: FindingKind, position: Option<u32>) -> ReportFinding {
        let pairing_id = Some(uuid::Uuid::nil());
        ReportFinding {
            kind, position, pairing_id, village_name: Some("永湖村".into()), organisation_name: Some("商会".into())
        }
    }

    #[test]
    fn findings_stand_together_by_their_kinds() {
        use FindingKind::{TextEmpty, UpdateMissing};
        let all = [(UpdateMissing, None), (UpdateMissing, Some(2)), (TextEmpty, Some(2))].map(|(kind, at)| finding(kind, at));
        let kinds: Vec<_> = by_kind(&all).into_iter().map(|(kind, of_kind)| (kind, of_kind.len())).collect();
        assert_eq!(kinds, [(UpdateMissing, 2), (TextEmpty, 1)]);
        assert_eq!(names(&all[0]), "永湖村 · 商会");
    }

    #[test]
    fn what_is_found_leads_to_where_it_is_mended() {
        let href = |kind, position, editable| {
            mend(&finding(kind, position), "/reports/1", "2020-06".parse().unwrap(), editable).map(|(href, _)| href)
        };
        assert_eq!(href(FindingKind::TextEmpty, Some(3), true).as_deref(), Some("/reports/1/edit?row=3"));
        assert_eq!(href(FindingKind::TextEmpty, Some(3), false), None);
        assert_eq!(href(FindingKind::MonthRunning, None, true), None);
        let projects = href(FindingKind::TooManyProjects, Some(1), false).unwrap();
        assert!(projects.starts_with("/projects?pairing_id="));
    }
}
