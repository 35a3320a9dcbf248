//! The task book and timetable of a pair (任务书、时间表), to read, to print on one page, and to save as an official document.

use contract::Resource;
use contract::agreements::AgreementState;
use contract::pairing_year::{PairingYear, YearProject};
use contract::projects::{ProjectState, Task, TaskState, quarter_words};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::detail::{fact, fact_in, facts};
use crate::components::table::{self, Row};
use crate::components::{load, page, toast};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{api, format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    load::show(load::load(move || api::pairings::year(&id)), move |year| draw(&year))
}

fn draw(year: &PairingYear) -> AnyView {
    let pairing = &year.pairing;
    let title = format!("{} · {}", pairing.village_name, pairing.organisation_name);
    let path = format!("{}/task-book", pairing.location());
    let name = format!("{title}-{}.docx", texts::pairing_year::TASK_BOOK.zh);
    let save = move |_| {
        let (path, name) = (path.clone(), name.clone());
        spawn_local(async move {
            if let Err(error) = api::download(path, &name).await {
                toast::fault(error.message());
            }
        });
    };
    let buttons = view! {
        <button type="button" class="button" on:click=save>{t!(pairing_year::SAVE_DOCUMENT)}</button>
        <button type="button" class="button primary" on:click=|_| drop(window().print())>{t!(pairing_year::PRINT)}</button>
    };
    let signed = year.agreements.iter().find(|agreement| agreement.head.state == AgreementState::Signed).cloned();
    let term = signed.map(|agreement| {
        let (number, from, to) = (agreement.head.number.unwrap_or_default(), agreement.starts_on, agreement.ends_on);
        let told = move || format!("{number} {} – {}", format::date(from, lang()), format::date(to, lang()));
        view! { <p>{told}</p> }
    });
    let live: Vec<_> = year.projects.iter().filter(|project| project.project.head.state != ProjectState::Cancelled).collect();
    let none = live.is_empty().then(|| view! { <p class="muted">{t!(pairing_year::NO_PROJECT)}</p> });
    let projects = live.into_iter().map(|one| project(year, one)).collect_view();
    view! {
        {page::head(move || format!("{} {}", title, t!(pairing_year::TASK_BOOK)()), ().into_any(), buttons.into_any())}
        <div class="task-book">{term}{none}{projects}</div>
    }
    .into_any()
}

fn project(year: &PairingYear, one: &YearProject) -> AnyView {
    let project = &one.project;
    let (goal, from, to) = (project.goal, project.starts_on, project.ends_on);
    let expected = one.expected_outcomes.clone();
    let reach = move || {
        let each = expected.iter().map(|target| {
            let wanted = if target.indicator.is_money() { format::money(target.target) } else { format::count(target.target) };
            format!("{} {wanted}", Text::label(target.indicator).get())
        });
        each.collect::<Vec<_>>().join(lang().pick("，", ", "))
    };
    let lines = facts(vec![
        fact_in("goal", move || Text::label(goal).get().to_owned()),
        fact_in("starts_on", move || format::date(from, lang())),
        fact_in("ends_on", move || format::date(to, lang())),
        fact("budget_fen", format::money(project.budget_fen)),
        fact_in("expected_outcomes", reach),
        fact("cooperation_form", one.cooperation_form.clone()),
    ]);
    let tasks = year.months.iter().flat_map(|month| &month.tasks);
    let own: Vec<_> =
        tasks.filter(|task| task.details.project_id == project.head.id && task.state != TaskState::Cancelled).map(row).collect();
    let heads = ["month", "title", "responsible", "due_on", "done_on"].map(|name| (field(name), false)).to_vec();
    let table = if own.is_empty() {
        view! { <p class="muted">{t!(projects::NO_TASKS)}</p> }.into_any()
    } else {
        table::rows((project.title.clone(), texts::pairing_year::TIMETABLE), heads, own)
    };
    view! {
        <section class="booklet">
            <h2>{project.title.clone()}</h2>
            {lines}
            <h3>{reactive(texts::pairing_year::TIMETABLE)}</h3>
            {table}
        </section>
    }
    .into_any()
}

fn row(task: &Task) -> Row {
    let (month, due, done, quarter) = (task.details.month, task.details.due_on, task.done_on, task.quarter.clone());
    let when = move || format!("{} {}", quarter_words(&quarter, lang()).unwrap_or_default(), format::short_month(month, lang()));
    Row::default()
        .said(when)
        .mark(Some(view! { <a href=task.location()>{task.details.title.clone()}</a> }.into_any()))
        .label(Text::label(task.details.responsible))
        .said(move || format::date(due, lang()))
        .said(move || done.map_or_else(|| "—".to_owned(), |day| format::date(day, lang())))
}
