//! A project's plan as a grid: a row is a task, a column a month (将具体任务分解到季度、落实到月).

use std::sync::Arc;

use contract::projects::{ResponsibleSide, Task, TaskState, quarter, quarter_words};
use contract::task_plans::{MOST_TASKS, TaskPlan};
use contract::{CodedEnum, Month, Permission, Resource, Role};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::components::form::{self, Form, Rows};
use crate::components::{load, page};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{api, dom, format, session, t};

/// The tasks of a project on a page of their own, which a plan leads to once it is saved.
pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    load::show(load::load(move || api::projects::plan(&id)), |plan: Arc<TaskPlan>| {
        let (title, path) = (plan.project_title.clone(), format!("/projects/{}", plan.project_id));
        let shown = plan.project_title.clone();
        view! {
            {page::head(move || format!("{title} · {}", t!(projects::TASKS)()), ().into_any(), ().into_any())}
            <p><a href=path>{shown}</a></p>
            {super::of_project(plan.project_id)}
        }
        .into_any()
    })
}

/// The grid.
pub fn edit(id: &str) -> AnyView {
    if !session::may(Permission::WriteProjects) {
        return load::missing();
    }
    let id = id.to_owned();
    let read = move || api::projects::plan(&id);
    load::show(load::load(read.clone()), move |plan: Arc<TaskPlan>| {
        let shown = plan.clone();
        form::edit_read(texts::task_plans::HEADING, &*plan, read.clone(), move |form| fields(form, &shown))
    })
}

fn fields(form: Form, plan: &Arc<TaskPlan>) -> AnyView {
    let rows = form::rows(form, "/tasks");
    let months = Arc::new(plan.months());
    let fixed: Vec<_> = plan.tasks.iter().filter(|task| task.state != TaskState::Open).cloned().collect();
    let columns = months.len();
    let (first, last) = (plan.starts_on, plan.ends_on);
    let title = plan.project_title.clone();
    let more = plan.left_out.clone().map(|list| {
        view! { <p class="notice" role="note">{t!(task_plans::LEFT_OUT)}" "<a href=list>{t!(tasks::HEADING)}</a></p> }
    });
    let each = months.clone();
    let body = view! {
        <tbody>
            {fixed.into_iter().map(|task| settled(task, columns)).collect_view()}
            {rows.each(move |index| row(form, rows, index, &each))}
        </tbody>
    };
    view! {
        <p><strong>{title}</strong>" "<span class="muted">{move || format!("{} – {}", format::date(first, lang()), format::date(last, lang()))}</span></p>
        <p class="hint">{t!(task_plans::HINT)}</p>
        {more}
        <div class="table-wrap" role="region" tabindex="0" aria-label=t!(task_plans::HEADING)>
            <table class="plan-grid">
                <caption class="visually-hidden">{t!(task_plans::HEADING)}</caption>
                <colgroup>
                    <col class="no"/><col class="title"/><col class="side"/>
                    {months.iter().map(|_| view! { <col class="month"/> }.into_any()).collect_view()}
                    <col class="due"/>
                </colgroup>
                {move || head(&months)}
                {body}
            </table>
        </div>
        {adders(form, rows, plan)}
    }
    .into_any()
}

/// The months below their quarters.
fn head(months: &[Month]) -> AnyView {
    let quarters = months.chunk_by(|a, b| quarter(*a) == quarter(*b)).map(|of| {
        let words = quarter_words(&quarter(of[0]), lang()).unwrap_or_default();
        view! { <th scope="colgroup" colspan=of.len().to_string()>{words}</th> }.into_any()
    });
    let each = months.iter().map(|month| view! { <th scope="col">{format::short_month(*month, lang())}</th> }.into_any());
    view! {
        <thead>
            <tr>
                <th scope="col" rowspan="2"><span class="visually-hidden">{t!(task_plans::ROW_HEAD)}</span></th>
                <th scope="col" rowspan="2">{reactive(field("title"))}</th>
                <th scope="col" rowspan="2">{reactive(field("responsible"))}</th>
                {quarters.collect_view()}
                <th scope="col" rowspan="2">{reactive(field("due_on"))}<br/><small>{t!(task_plans::DUE_HINT)}</small></th>
            </tr>
            <tr>{each.collect_view()}</tr>
        </thead>
    }
    .into_any()
}

/// A task that is done or cancelled: it stays as it is.
fn settled(task: Task, columns: usize) -> AnyView {
    let (month, due, state, side) = (task.details.month, task.details.due_on, task.state, task.details.responsible);
    let tone = if state == TaskState::Done { page::Tone::Good } else { page::Tone::Neutral };
    view! {
        <tr class="settled">
            <td class="no"></td>
            <td data-label=reactive(field("title"))><a href=task.location()>{task.details.title.clone()}</a></td>
            <td data-label=reactive(field("responsible"))>{reactive(Text::label(side))}</td>
            <td colspan=columns.to_string() data-label=reactive(field("month"))>
                {move || format::month(month, lang())}" "{page::chip(Text::label(state), tone)}
            </td>
            <td data-label=reactive(field("due_on"))>{move || format::date(due, lang())}</td>
        </tr>
    }
    .into_any()
}

/// A task that is planned. One that there is already ends by its own steps, a new one is simply taken away.
fn row(form: Form, rows: Rows, index: usize, months: &Arc<Vec<Month>>) -> AnyView {
    let at = format!("/tasks/{index}");
    let number = index + 1;
    let is_new = rows.get(index)["id"].is_null();
    let take = move |_| {
        rows.remove(index);
        dom::focus_soon("plan-add");
    };
    let remove = is_new.then(|| {
        view! {
            <button type="button" class="tool" aria-label=move || t!(form::row_remove, number) title=move || t!(form::row_remove, number)
                on:click=take>"×"</button>
        }
    });
    let options =
        months.iter().map(|&month| (Some(month.to_string()), Signal::derive(move || format::short_month(month, lang()))));
    let title = form.field(format!("{at}/title")).required();
    let name = move || format!("{} {}", t!(task_plans::row, number), field("title").get());
    let due = format!("{at}/due_on");
    let moved = move |_| form.set(&due, Value::Null);
    view! {
        <tr>
            <td class="no"><span>{number}</span>{remove}</td>
            <td data-label=reactive(field("title"))>{title.cell(name, false)}</td>
            <td>{form.field(format!("{at}/responsible")).required().select::<ResponsibleSide>()}</td>
            // Another month has another last day.
            <td colspan=months.len().to_string() class="months" on:change=moved>
                {form.field(format!("{at}/month")).required().tiles(options.collect())}
            </td>
            <td>{form.field(format!("{at}/due_on")).date()}</td>
        </tr>
    }
    .into_any()
}

/// Adds a row, or one for each month that has none: by rule, 落实到月.
fn adders(form: Form, rows: Rows, plan: &Arc<TaskPlan>) -> AnyView {
    let months = plan.months();
    let (every, taken) = (months.clone(), plan.tasks.clone());
    let one = move |_| {
        let all = untrack(|| rows.all());
        let last = all.last().and_then(|row| row["month"].as_str()?.parse().ok());
        let next = last.map_or(months.first().copied(), |last: Month| Some(last.next().min(*months.last()?)));
        rows.insert(usize::MAX, blank(next, all.last()), "title");
    };
    let each = move |_| {
        let all = untrack(|| rows.all());
        let has = |month: &Month| {
            let text = month.to_string();
            all.iter().any(|row| row["month"] == text.as_str()) || taken.iter().any(|task| task.details.month == *month)
        };
        let first = all.len();
        for month in every.iter().filter(|month| !has(month)) {
            rows.insert(usize::MAX, blank(Some(*month), all.last()), "title");
        }
        rows.focus(first, "title");
    };
    let is_full = move || form.get("/tasks").as_array().map_or(0, Vec::len) >= MOST_TASKS;
    view! {
        <p class="row-actions">
            <button type="button" class="button" id="plan-add" disabled=is_full on:click=one>{t!(task_plans::ADD)}</button>
            <button type="button" class="button" disabled=is_full on:click=each>{t!(task_plans::EACH_MONTH)}</button>
        </p>
    }
    .into_any()
}

/// A new row: of the side of the row above, or of whoever plans.
fn blank(month: Option<Month>, above: Option<&Value>) -> Value {
    let own = match session::account_now().map(|account| account.role) {
        Some(Role::Village) => ResponsibleSide::Village,
        Some(Role::Town) => ResponsibleSide::Town,
        _ => ResponsibleSide::Organisation,
    };
    let side = above.map(|row| row["responsible"].clone()).filter(Value::is_string).unwrap_or_else(|| json!(own.code()));
    json!({ "title": "", "responsible": side, "month": month.map(|month| month.to_string()), "due_on": null, "weight": 1 })
}
