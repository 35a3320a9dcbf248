//! What a pair has to do next: what, who, until when; with the button that does it where it is this person's turn.

use contract::pairing_year::{PairingStep, PairingStepKind as Kind, PairingYear};
use contract::projects::{ProjectAction, ProjectState, TaskAction, TaskState, WRITERS};
use contract::{Month, ObjectKind, Permission, Resource};
use leptos::prelude::*;
use uuid::Uuid;

use crate::components::actions::{self, StepRule};
use crate::components::page;
use crate::i18n::{Text, lang, texts};
use crate::{format, session, t};

/// The form of a month's progress.
pub fn form_of(pairing_id: Uuid, month: Month) -> String {
    format!("/progress-updates/new?pairing_id={pairing_id}&month={month}")
}

/// The next step, and below it the others.
pub fn card(year: &PairingYear, reload: Callback<()>) -> AnyView {
    let Some((first, others)) = year.steps.split_first() else { return ().into_any() };
    let more = others.len();
    let others = (more > 0).then(|| {
        let items = others.iter().map(|step| view! { <li>{told(step)}</li> }.into_any()).collect_view();
        view! { <details class="no-print"><summary>{move || t!(pairing_year::others, more)}</summary><ol>{items}</ol></details> }
    });
    let class = if first.days_late > 0 { "card next-step overdue" } else { "card next-step" };
    view! {
        <section class=class>
            <h2>{t!(pairing_year::NEXT)}</h2>
            <div class="next-what"><p>{told(first)}</p><div class="row-actions">{act(year, first, reload)}</div></div>
            {others}
        </section>
    }
    .into_any()
}

/// What, who, until when, and how late.
fn told(step: &PairingStep) -> AnyView {
    let (kind, by, month, due, late) = (step.kind, step.by, step.month, step.due_on, step.days_late);
    let title = step.title.clone();
    let what = move || {
        let about = title.clone().or_else(|| month.map(|month| format::month(month, lang())));
        let kind = Text::label(kind).get();
        about.map_or_else(|| kind.to_owned(), |about| format!("{kind} · {about}"))
    };
    let who = move || t!(pairing_year::by, Text::label(by).get());
    let until = move || due.map(|due| t!(pairing_year::until, format::date(due, lang())));
    let late = (late > 0).then(|| view! { " "<span class="chip bad">{move || t!(pairing_year::days_late, late)}</span> });
    view! {
        <a href=step.object.location(step.id)><strong>{what}</strong></a>" "
        <span class="muted">{who}" "{until}</span>
        {late}
    }
    .into_any()
}

/// The buttons or the link that take the step, where it is the person's turn. A pairing's own are in the head of its page.
fn act(year: &PairingYear, step: &PairingStep, reload: Callback<()>) -> AnyView {
    match step.kind {
        Kind::FinishTask => {
            let mut tasks = year.months.iter().flat_map(|month| &month.tasks);
            let Some(task) = tasks.find(|task| task.id == step.id) else { return ().into_any() };
            let finish: Vec<_> = task.allowed_actions.iter().copied().filter(|one| *one == TaskAction::Finish).collect();
            let rule = |action| StepRule { primary: true, ..StepRule::of(TaskState::STEPS, action) };
            actions::buttons(&task.location(), &finish, rule, reload)
        }
        Kind::ConsentProject => of_project(year, step, ProjectAction::Consent, reload),
        Kind::SubmitProject => of_project(year, step, ProjectAction::Submit, reload),
        Kind::ApproveProject => of_project(year, step, ProjectAction::Approve, reload),
        Kind::StartProject => of_project(year, step, ProjectAction::Start, reload),
        Kind::CompleteProject => of_project(year, step, ProjectAction::Complete, reload),
        Kind::AcceptProject => of_project(year, step, ProjectAction::Accept, reload),
        Kind::PlanTasks if session::is_one_of(WRITERS) => {
            page::primary_link(format!("{}/plan/edit", ObjectKind::Project.location(step.id)), texts::task_plans::PLAN)
        }
        Kind::WriteProgress if session::may(Permission::WriteProgress) => match step.month {
            Some(month) => page::primary_link(form_of(year.pairing.id, month), texts::pairings::REPORT_PROGRESS),
            None => ().into_any(),
        },
        _ => ().into_any(),
    }
}

fn of_project(year: &PairingYear, step: &PairingStep, action: ProjectAction, reload: Callback<()>) -> AnyView {
    let project = year.projects.iter().find(|project| project.project.head.id == step.id);
    let allowed = project.is_some_and(|project| project.project.head.allowed_actions.contains(&action));
    if !allowed {
        return ().into_any();
    }
    let rule = |action| StepRule { primary: true, ..StepRule::of(ProjectState::STEPS, action) };
    actions::buttons(&ObjectKind::Project.location(step.id), &[action], rule, reload)
}
