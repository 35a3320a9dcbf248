//! Tasks: list, page, form; the tasks of a project by month, and its plan as a grid.

mod detail;
mod form;
mod list;
pub mod plan;

use contract::projects::{Task, TaskQuery, TaskSort, WRITERS};
use contract::{Resource, Sort};
use leptos::prelude::*;
use uuid::Uuid;

use crate::api;
use crate::components::table::{self, Row};
use crate::components::{actions, load, page};
use crate::i18n::{Text, field, lang, texts};
use crate::{format, session, t};

/// The page of a path below `/tasks`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}

/// The tasks of a project by month, each with its steps.
pub fn of_project(project_id: Uuid) -> AnyView {
    let tasks = load::load(move || {
        let sort = Some(Sort { by: TaskSort::Month, descending: false });
        api::tasks::list(&TaskQuery { project_id: Some(project_id), sort, limit: Some(200), ..Default::default() })
    });
    let reload = Callback::new(move |()| tasks.reload());
    let ways = session::is_one_of(WRITERS).then(|| {
        view! {
            {page::primary_link(format!("/projects/{project_id}/plan/edit"), texts::task_plans::PLAN)}
            {page::link(format!("/tasks/new?project_id={project_id}"), texts::projects::ADD_TASK)}
        }
    });
    let shown = load::show(tasks, move |page| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(projects::NO_TASKS)}</p> }.into_any();
        }
        let anything = page.items.iter().any(|task| !task.allowed_actions.is_empty());
        let heads = ["title", "month", "responsible", "due_on", "state"].into_iter().chain(anything.then_some("allowed_actions"));
        let rows = page.items.iter().map(|task| row(task, reload));
        table::rows(texts::projects::TASKS, heads.map(|name| (field(name), false)).collect(), rows)
    });
    view! { {shown}<p class="row-actions below-table">{ways}</p> }.into_any()
}

fn row(task: &Task, reload: Callback<()>) -> Row {
    let (month, due) = (task.details.month, task.details.due_on);
    let steps = (!task.allowed_actions.is_empty())
        .then(|| actions::buttons(&task.location(), &task.allowed_actions, detail::rule, reload));
    Row::to(task.location())
        .text(task.details.title.clone())
        .said(move || format::month(month, lang()))
        .label(Text::label(task.details.responsible))
        .said(move || format::date(due, lang()))
        .mark(Some(detail::chip(task)))
        .mark(steps)
}
