//! The year of a pair: what was planned and done by month, each mark a link to its record.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::attachments::AttachmentObject;
use contract::outcomes::{Outcome, OutcomeState};
use contract::pairing_year::{PairingYear, YearAid, YearIndicator, YearMonth, YearPhoto, YearProject};
use contract::pairings::PairingKind;
use contract::plans::{Measure, MeasureState};
use contract::progress::ProgressUpdate;
use contract::projects::{ProjectState, Task, TaskState};
use contract::{Month, ObjectKind, Permission, Resource};
use leptos::prelude::*;

use super::super::projects;
use super::{course, next};
use crate::components::table::{self, Row};
use crate::components::{load, page};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{api, format, session, t};

/// The tab of a pairing's year. The callback reads the pairing again, and the year with it.
pub fn tab(id: &str, reload: Callback<()>) -> AnyView {
    let id = id.to_owned();
    load::show(load::load(move || api::pairings::year(&id)), move |year| draw(year, reload))
}

fn draw(year: Arc<PairingYear>, reload: Callback<()>) -> AnyView {
    let village = year.pairing.kind == PairingKind::Village;
    let book = (village && session::may(Permission::ReadProjects))
        .then(|| page::link(format!("{}/task-book", year.pairing.location()), texts::pairing_year::TASK_BOOK));
    let shown = year.clone();
    view! {
        <div class="pair-year">
            {course::steps(&year)}
            {next::card(&year, reload)}
            {figures(&year)}
            <section class="card">
                <div class="card-head">
                    <h2>{t!(pairing_year::HEADING)}</h2>
                    <span class="muted">{t!(pairing_year::HINT)}</span>
                    <span class="row-actions">
                        {book}
                        <button type="button" class="button" on:click=|_| drop(window().print())>{t!(pairing_year::PRINT)}</button>
                    </span>
                </div>
                {move || { lang(); grid(&shown) }}
                {left_out(&year)}
            </section>
            {(!year.indicators.is_empty()).then(|| page::section(texts::pairing_year::TARGETS, targets(&year.indicators)))}
        </div>
    }
    .into_any()
}

/// The sums of the year.
fn figures(year: &PairingYear) -> AnyView {
    let live: Vec<_> = year.projects.iter().filter(|project| project.project.head.state != ProjectState::Cancelled).collect();
    let sum = |of: fn(&YearProject) -> i64| live.iter().map(|project| of(project)).sum::<i64>();
    let (done, total) = (sum(|one| one.project.head.tasks_done), sum(|one| one.project.head.tasks_total));
    let (spent, budget) = (sum(|one| one.project.spent_fen), sum(|one| one.project.budget_fen));
    let given = year.months.iter().filter_map(|month| month.aid.as_ref()).map(|aid| aid.amount_fen).sum::<i64>();
    let tasks = year.months.iter().flat_map(|month| &month.tasks).filter(|task| !is_off(task));
    let due = tasks.filter(|task| task.details.due_on <= year.today).count();
    let reached = |one: &&YearIndicator| one.target.is_some_and(|target| one.confirmed >= target);
    let (targets, met) =
        (year.indicators.iter().filter(|one| one.target.is_some()).count(), year.indicators.iter().filter(reached).count());
    let figure = |name: Text, figure: String, note: AnyView| {
        view! { <div><dt>{reactive(name)}</dt><dd>{figure}" "<small>{note}</small></dd></div> }.into_any()
    };
    let late = year.late;
    let late = move || if late == 0 { t!(pairing_year::NOTHING_LATE)().to_owned() } else { t!(pairing_year::late, late) };
    let planned = total > 0;
    let class = if year.late > 0 { "overdue" } else { "" };
    view! {
        <dl class="key-figures">
            {planned.then(|| figure(
                texts::pairing_year::TASKS,
                format!("{done} / {total}"),
                (move || t!(pairing_year::tasks_due, due)).into_any(),
            ))}
            {(!live.is_empty()).then(|| figure(
                texts::pairing_year::MONEY,
                format::money(spent),
                (move || t!(pairing_year::of_budget, format::money(budget))).into_any(),
            ))}
            {(targets > 0).then(|| figure(texts::pairing_year::TARGETS, format!("{met} / {targets}"), t!(pairing_year::TARGETS_MET).into_any()))}
            {(given > 0).then(|| figure(texts::pairing_year::AID, format::money(given), t!(pairing_year::CONFIRMED).into_any()))}
            <div class=class><dt>{t!(pairing_year::OVERDUE)}</dt><dd><small>{late}</small></dd></div>
        </dl>
    }
    .into_any()
}

/// How a mark looks: a shape and a colour beside its words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Done,
    Late,
    Open,
    Off,
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Self::Done => "mark done",
            Self::Late => "mark late",
            Self::Open => "mark open",
            Self::Off => "mark off",
        }
    }

    fn shape(self) -> &'static str {
        match self {
            Self::Done => "✓",
            Self::Late => "!",
            Self::Open => "○",
            Self::Off => "×",
        }
    }

    /// What the shape says to those who do not see it.
    fn words(self) -> Text {
        match self {
            Self::Done => texts::pairing_year::DONE,
            Self::Late => texts::pairing_year::OVERDUE,
            Self::Open => texts::pairing_year::OPEN,
            Self::Off => texts::pairing_year::OFF,
        }
    }
}

/// A mark: what it is, and beside it what is to be said of it.
fn mark(look: Look, href: String, text: String, beside: String) -> AnyView {
    let beside = (!beside.is_empty()).then(|| view! { " "<small>{beside}</small> });
    view! {
        <a class=look.class() href=href>
            <span class="shape" aria-hidden="true">{look.shape()}</span>
            <span class="visually-hidden">{look.words().get()}" "</span>
            <span>{text}{beside}</span>
        </a>
    }
    .into_any()
}

/// A line of the year: its heading with the list behind it, and its marks by month.
struct Lane {
    heading: AnyView,
    cells: Vec<Vec<AnyView>>,
}

fn lane(text: Text, list: Option<String>, year: &PairingYear, cell: impl Fn(&YearMonth) -> Vec<AnyView>) -> Lane {
    let cells: Vec<_> = year.months.iter().map(cell).collect();
    let heading = match list {
        Some(list) => view! { <a href=list>{reactive(text)}</a> }.into_any(),
        None => reactive(text).into_any(),
    };
    Lane { heading, cells }
}

/// The lines that there are for this pair and this person.
fn lanes(year: &PairingYear) -> Vec<Lane> {
    let id = year.pairing.id;
    let list = |kind: ObjectKind| format!("{}?pairing_id={id}", kind.path());
    let village = year.pairing.kind == PairingKind::Village;
    let agreements = (village && session::may(Permission::ReadAgreements)).then(|| list(ObjectKind::Agreement));
    let mut lanes = vec![lane(texts::pairing_year::PAIRING, agreements, year, |month| course::of_month(year, month.month))];
    lanes.extend(year.projects.iter().map(|project| of_project(year, project)));
    if village && session::may(Permission::ReadProgress) {
        let months = |month: &YearMonth| month.update.iter().map(told).chain(owed(year, month)).collect();
        lanes.push(lane(Text::label(ObjectKind::ProgressUpdate), Some(list(ObjectKind::ProgressUpdate)), year, months));
        let outcomes = |month: &YearMonth| month.outcomes.iter().map(outcome).collect();
        lanes.push(lane(Text::label(ObjectKind::Outcome), Some(list(ObjectKind::Outcome)), year, outcomes));
    }
    if !village && session::may(Permission::ReadPlans) {
        let measures = |month: &YearMonth| month.measures.iter().map(|one| measure(one, year.today)).collect();
        lanes.push(lane(Text::label(ObjectKind::Measure), Some(list(ObjectKind::Measure)), year, measures));
    }
    if session::may(Permission::ReadAssistance) {
        let records = (!village).then(|| list(ObjectKind::AssistanceRecord));
        lanes.push(lane(texts::pairing_year::AID, records, year, |month| month.aid.iter().map(aid).collect()));
    }
    if year.months.iter().any(|month| !month.photos.is_empty()) {
        lanes.push(lane(texts::pairing_year::PHOTO_LANE, None, year, photos));
    }
    lanes
}

fn of_project(year: &PairingYear, project: &YearProject) -> Lane {
    let id = project.project.head.id;
    let own = |month: &YearMonth| {
        let own = month.tasks.iter().filter(|task| task.details.project_id == id);
        own.map(|one| task(one, year.today)).collect()
    };
    let cells = year.months.iter().map(own).collect();
    let href = ObjectKind::Project.location(id);
    let state = projects::chip(project.project.head.state);
    let heading = view! { <a href=href>{project.project.title.clone()}</a>" "{state} }.into_any();
    Lane { heading, cells }
}

fn days_late(due_on: NaiveDate, today: NaiveDate) -> String {
    t!(pairing_year::days_late, (today - due_on).num_days())
}

/// Whether a task is cancelled, or its project is.
fn is_off(task: &Task) -> bool {
    task.state == TaskState::Cancelled || task.project_state == ProjectState::Cancelled
}

fn task(task: &Task, today: NaiveDate) -> AnyView {
    let (look, beside) = match task.state {
        TaskState::Done => (Look::Done, String::new()),
        _ if is_off(task) => (Look::Off, t!(pairing_year::OFF)().to_owned()),
        _ if task.overdue => (Look::Late, days_late(task.details.due_on, today)),
        _ => (Look::Open, Text::label(task.details.responsible).get().to_owned()),
    };
    mark(look, task.location(), task.details.title.clone(), beside)
}

fn measure(measure: &Measure, today: NaiveDate) -> AnyView {
    let due = measure.month.last_day();
    let (look, beside) = match measure.state {
        MeasureState::Fulfilled => (Look::Done, String::new()),
        MeasureState::Dropped => (Look::Off, t!(pairing_year::OFF)().to_owned()),
        MeasureState::Planned if due < today => (Look::Late, days_late(due, today)),
        MeasureState::Planned => (Look::Open, Text::label(measure.responsible).get().to_owned()),
    };
    mark(look, measure.location(), Text::label(measure.kind).get().to_owned(), beside)
}

fn told(update: &ProgressUpdate) -> AnyView {
    mark(Look::Done, update.location(), t!(pairing_year::TOLD)().to_owned(), String::new())
}

/// The progress that nobody has written, as a link to its form where the person may write it.
fn owed(year: &PairingYear, month: &YearMonth) -> Option<AnyView> {
    let owed = month.owed_update.as_ref()?;
    let look = if owed.overdue { Look::Late } else { Look::Open };
    let text = t!(pairing_year::NOT_TOLD)().to_owned();
    let beside = if owed.overdue { days_late(owed.due_on, year.today) } else { String::new() };
    if session::may(Permission::WriteProgress) {
        return Some(mark(look, next::form_of(year.pairing.id, month.month), text, beside));
    }
    Some(
        view! {
            <span class=look.class()>
                <span class="shape" aria-hidden="true">{look.shape()}</span>
                <span class="visually-hidden">{look.words().get()}" "</span>
                <span>{text}" "<small>{beside}</small></span>
            </span>
        }
        .into_any(),
    )
}

fn outcome(outcome: &Outcome) -> AnyView {
    let confirmed = outcome.state == OutcomeState::Confirmed;
    let figure = if outcome.indicator.is_money() { format::money(outcome.quantity) } else { format::count(outcome.quantity) };
    let text = format!("{} {figure}", Text::label(outcome.indicator).get());
    let beside = if confirmed { String::new() } else { Text::label(outcome.state).get().to_owned() };
    mark(if confirmed { Look::Done } else { Look::Open }, outcome.location(), text, beside)
}

fn aid(aid: &YearAid) -> AnyView {
    let mut text = t!(pairing_year::families, aid.households);
    if aid.amount_fen > 0 {
        text = format!("{text} {}", format::money(aid.amount_fen));
    }
    let beside = if aid.recorded > 0 { t!(pairing_year::to_confirm, aid.recorded) } else { String::new() };
    let look = if aid.confirmed > 0 { Look::Done } else { Look::Open };
    mark(look, aid.records.clone(), text, beside)
}

/// The photos of a month, together where they belong to the same object.
fn photos(month: &YearMonth) -> Vec<AnyView> {
    let same = |a: &YearPhoto, b: &YearPhoto| a.object_id == b.object_id;
    let mut photos: Vec<_> = month.photos.clone();
    photos.sort_by(|a, b| a.object_id.cmp(&b.object_id));
    let of = |photos: &[YearPhoto]| {
        let kind = match photos[0].object_type {
            AttachmentObject::Project => ObjectKind::Project,
            AttachmentObject::Outcome => ObjectKind::Outcome,
            _ => ObjectKind::ProgressUpdate,
        };
        let href = format!("{}?tab=attachments", kind.location(&photos[0].object_id));
        mark(Look::Done, href, t!(pairing_year::photos, photos.len()), String::new())
    };
    photos.chunk_by(same).map(of).collect()
}

/// The year as a table: a line of it a row, a month a column. On a phone each line is a card.
fn grid(year: &PairingYear) -> AnyView {
    let current = Month::of(year.today);
    let name = |month: Month| format::short_month(month, lang());
    let heads = year.months.iter().enumerate().map(|(index, month)| {
        let month = month.month;
        let begins = (index == 0 || month.number() == 1).then(|| view! { <small>{month.year()}</small>" " });
        let is_now = month == current;
        let today =
            is_now.then(|| view! { <small class="today">{t!(pairing_year::today, format::short_day(year.today))}</small> });
        view! { <th scope="col" aria-current=is_now.then_some("date")>{begins}{name(month)}{today}</th> }.into_any()
    });
    let rows = lanes(year).into_iter().map(|lane| {
        let cells = lane.cells.into_iter().zip(&year.months).map(|(marks, month)| {
            let mut class = if marks.is_empty() { "empty".to_owned() } else { String::new() };
            if month.month == current {
                class.push_str(" now");
            }
            view! { <td class=class data-label=name(month.month)><div class="marks">{marks}</div></td> }.into_any()
        });
        view! { <tr><th scope="row">{lane.heading}</th>{cells.collect_view()}</tr> }.into_any()
    });
    view! {
        <div class="list">
            <div class="table-wrap" role="region" tabindex="0" aria-label=t!(pairing_year::HEADING)>
                <table class="data pair-grid">
                    <caption class="visually-hidden">{t!(pairing_year::HEADING)}</caption>
                    <thead><tr><th scope="col">{t!(pairing_year::LANE)}</th>{heads.collect_view()}</tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </div>
        <p class="legend muted">
            {[Look::Done, Look::Late, Look::Open].map(|look| view! {
                <span class=look.class()><span class="shape" aria-hidden="true">{look.shape()}</span><span>{look.words().get()}</span></span>
            }
            .into_any())}
        </p>
    }
    .into_any()
}

/// The lists of what there was no room for.
fn left_out(year: &PairingYear) -> AnyView {
    let lists = year
        .left_out
        .iter()
        .map(|left| view! { <li><a href=left.records.clone()>{reactive(Text::label(left.object))}</a></li> }.into_any());
    let lists: Vec<_> = lists.collect();
    if lists.is_empty() {
        return ().into_any();
    }
    view! { <div class="notice" role="note"><p>{t!(pairing_year::LEFT_OUT)}</p><ul class="shortcuts">{lists}</ul></div> }
        .into_any()
}

/// What was to be reached, beside what was.
fn targets(indicators: &[YearIndicator]) -> AnyView {
    let heads = vec![
        (field("indicator"), false),
        (texts::pairing_year::TARGET, true),
        (texts::pairing_year::CONFIRMED, true),
        (texts::pairing_year::RECORDED, true),
    ];
    let rows = indicators.iter().map(|one| {
        let money = one.indicator.is_money();
        let write = move |number: i64| if money { format::money(number) } else { format::count(number) };
        Row::to(one.records.clone())
            .label(Text::label(one.indicator))
            .text(one.target.map(write))
            .text(write(one.confirmed))
            .text((one.recorded > 0).then(|| write(one.recorded)))
    });
    table::rows(texts::pairing_year::TARGETS, heads, rows)
}
