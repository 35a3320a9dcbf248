//! A task's page.

use std::sync::Arc;

use contract::projects::{Task, TaskAction, TaskState, quarter_words};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;

use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::format;
use crate::i18n::{Text, field, lang, texts};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::tasks::read(&id), draw)
}

/// The state as a chip, which marks an overdue task.
pub fn chip(task: &Task) -> AnyView {
    match task.state {
        _ if task.overdue => page::chip(texts::tasks::OVERDUE, Tone::Bad),
        TaskState::Open => page::chip(Text::label(task.state), Tone::Warning),
        TaskState::Done => page::chip(Text::label(task.state), Tone::Good),
        TaskState::Cancelled => page::chip(Text::label(task.state), Tone::Neutral),
    }
}

/// What the steps of a task ask for.
pub fn rule(action: TaskAction) -> StepRule {
    StepRule { primary: action == TaskAction::Finish, ..StepRule::of(TaskState::STEPS, action) }
}

fn draw(task: Arc<Task>, reload: Callback<()>) -> Detail {
    let shown = task.clone();
    Detail {
        title: task.details.title.clone(),
        chips: chip(&task),
        editable: task.editable,
        actions: actions::buttons(&task.location(), &task.allowed_actions, rule, reload),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))],
    }
}

fn key_facts(task: &Task) -> AnyView {
    let details = task.details.clone();
    let quarter = task.quarter.clone();
    let (month, side, due, done) = (details.month, details.responsible, details.due_on, task.done_on);
    let project = view! { <a href=format!("/projects/{}", details.project_id)>{task.project_title.clone()}</a> };
    facts(vec![
        (field("project_title"), project.into_any()),
        fact_in("month", move || format::month(month, lang())),
        fact_in("quarter", move || quarter_words(&quarter, lang()).unwrap_or_else(|| quarter.clone())),
        fact_in("responsible", move || side.label(lang()).to_owned()),
        fact_in("due_on", move || format::date(due, lang())),
        fact_in("done_on", move || done.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()))),
        fact("weight", details.weight.to_string()),
    ])
}
