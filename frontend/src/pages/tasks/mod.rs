//! Tasks: list, page, form; and those of a project, month by month.

mod detail;
mod form;
mod list;

use contract::Sort;
use contract::projects::{Task, TaskQuery, TaskSort};
use leptos::prelude::*;
use uuid::Uuid;

use crate::api::{self, Record};
use crate::components::{actions, load, page};
use crate::i18n::{field, lang, reactive, texts};
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

/// The tasks of a project in the order of their months, each with what can be done.
pub fn of_project(project_id: Uuid) -> AnyView {
    let tasks = load::load(move || {
        let sort = Some(Sort { by: TaskSort::Month, descending: false });
        api::tasks::list(&TaskQuery { project_id: Some(project_id), sort, limit: Some(200), ..Default::default() })
    });
    let reload = Callback::new(move |()| tasks.reload());
    let add = session::may(Task::WRITE)
        .then(|| page::primary_link(format!("/tasks/new?project_id={project_id}"), texts::projects::ADD_TASK));
    let shown = load::show(tasks, move |page| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(projects::NO_TASKS)}</p> }.into_any();
        }
        let head = |name| view! { <th scope="col">{reactive(field(name))}</th> };
        let rows = page.items.iter().map(|task| row(task, reload)).collect_view();
        view! {
            <div class="table-wrap">
                <table class="data plain">
                    <caption class="visually-hidden">{t!(projects::TASKS)}</caption>
                    <thead><tr>
                        {head("title")}{head("month")}{head("responsible")}{head("due_on")}{head("state")}{head("allowed_actions")}
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    });
    view! { {shown}<p>{add}</p> }.into_any()
}

fn row(task: &Task, reload: Callback<()>) -> AnyView {
    let (month, side, due) = (task.details.month, task.details.responsible, task.details.due_on);
    view! {
        <tr>
            <th scope="row"><a href=task.path()>{task.details.title.clone()}</a></th>
            <td>{move || format::month(month, lang())}</td>
            <td>{reactive(crate::i18n::Text::label(side))}</td>
            <td>{move || format::date(due, lang())}</td>
            <td>{detail::chip(task)}</td>
            <td>{actions::buttons(&task.path(), &task.allowed_actions, detail::rule, reload)}</td>
        </tr>
    }
    .into_any()
}
