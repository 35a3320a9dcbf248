//! Turns the chosen lines of a draft into recommended pairings, and computes it anew where its data has changed.

use std::sync::Arc;

use contract::assignments::{AcceptInput, Assignment, AssignmentAction, AssignmentInput, AssignmentPair, AssignmentState};
use contract::{ErrorCode, Permission, Resource};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::Work;
use crate::api::{self, ApiError};
use crate::components::actions::{self, StepRule};
use crate::components::{dialog, page, toast};
use crate::i18n::texts;
use crate::{router, session, t};

/// The buttons of a draft.
pub fn actions(work: Work, draft: &Arc<Assignment>, reload: Callback<()>) -> AnyView {
    let again = session::may(Permission::WriteAssignments)
        .then(|| page::link(format!("/assignments/new?from={}", draft.id), texts::assignments::VARY));
    let busy = RwSignal::new(false);
    let key = StoredValue::new(api::new_key());
    let details = draft.details.clone();
    let accept = move |_| {
        if busy.get_untracked() {
            return;
        }
        let pairs = chosen(work);
        if pairs.is_empty() {
            return toast::fault(texts::assignments::NONE_CHOSEN.get());
        }
        let details = details.clone();
        spawn_local(async move {
            let text = t!(assignments::accept_text, pairs.len());
            if !dialog::confirm(texts::assignments::ACCEPT, text, texts::assignments::ACCEPT).await {
                return;
            }
            busy.try_set(true);
            let call = api::assignments::accept(work.id, work.version.get_untracked(), &AcceptInput { lines: pairs });
            let answer = call.keyed(key.get_value()).send().await;
            busy.try_set(false);
            match answer {
                Ok(draft) => {
                    toast::say(t!(assignments::accepted, draft.recommended));
                    work.lines.reload();
                    reload.run(());
                }
                Err(error) => {
                    if !error.outcome_unknown() {
                        key.try_update_value(|key| *key = api::new_key());
                    }
                    refused(error, details, reload).await;
                }
            }
        });
    };
    let accept = draft.acceptable().then(|| {
        let count = move || t!(assignments::accept_count, work.chosen.with(|chosen| chosen.len()));
        view! { <button type="button" class="button primary" aria-disabled=move || busy.get().to_string() on:click=accept>{count}</button> }
    });
    // Turning it asks which lines; the other steps ask for nothing.
    let steps: Vec<_> = draft.allowed_actions.iter().copied().filter(|action| *action != AssignmentAction::Accept).collect();
    let steps = actions::buttons(&draft.location(), &steps, |action| StepRule::of(AssignmentState::STEPS, action), reload);
    view! { {again}{accept}{steps} }.into_any()
}

/// The chosen lines, in their order.
fn chosen(work: Work) -> Vec<AssignmentPair> {
    let lines = work.lines.data.get_untracked().unwrap_or_default();
    let chosen = work.chosen.get_untracked();
    let pair = |line: &contract::assignments::AssignmentLine| AssignmentPair {
        organisation_id: line.organisation_id,
        village_code: line.village_code.clone(),
    };
    lines.iter().filter(|line| chosen.contains(&line.id)).map(pair).collect()
}

/// What to do where it was refused: data that has changed is computed anew, and of what somebody else did the page tells.
async fn refused(error: ApiError, details: AssignmentInput, reload: Callback<()>) {
    let code = match &error {
        ApiError::Problem(problem) => Some(problem.code),
        _ => None,
    };
    match code {
        Some(ErrorCode::AssignmentStale) => {
            if dialog::confirm(texts::assignments::STALE, error.message(), texts::assignments::AGAIN).await {
                compute_again(details).await;
            }
        }
        Some(ErrorCode::IllegalStep | ErrorCode::StaleVersion) => {
            toast::fault(error.message());
            reload.try_run(());
        }
        _ => toast::fault(error.first_fault()),
    }
}

/// Computes the same draft with the data of now, and opens it.
pub async fn compute_again(details: AssignmentInput) {
    match api::assignments::create(&json!(details)).send().await {
        Ok(draft) => {
            toast::say(texts::assignments::COMPUTED.get());
            router::navigate(&draft.location());
        }
        Err(error) => toast::fault(error.first_fault()),
    }
}
