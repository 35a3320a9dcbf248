//! Likely duplicates are shown before an entry is saved anyway.

use contract::ErrorCode;
use contract::problem::LikelyDouble;
use leptos::prelude::*;
use serde_json::json;

use super::form::Form;
use crate::api::ApiError;
use crate::t;

/// The field of a form that says that the object differs from its likely duplicates.
const NOT_A_DOUBLE: &str = "/not_a_double";

/// The likely duplicates that a refusal names, if it is about these.
pub fn of(error: &ApiError) -> Vec<LikelyDouble> {
    match error {
        ApiError::Problem(problem) if problem.code == ErrorCode::LikelyDouble => problem.likely_doubles.clone(),
        _ => Vec::new(),
    }
}

/// Keeps the likely duplicates that a form was refused for. A statement that there are none was about an earlier input, so it is
/// withdrawn.
pub fn keep(form: Form, found: RwSignal<Vec<LikelyDouble>>, error: &ApiError) {
    let said = form.value.try_with_untracked(|value| value.pointer(NOT_A_DOUBLE).is_some());
    if said == Some(true) {
        form.set(NOT_A_DOUBLE, json!(false));
    }
    found.try_set(of(error));
}

/// The question of a form about the likely duplicates that were kept.
pub fn question(form: Form, found: RwSignal<Vec<LikelyDouble>>) -> AnyView {
    let differs = Callback::new(move |()| form.set(NOT_A_DOUBLE, json!(true)));
    (move || {
        let found = found.get();
        (!found.is_empty()).then(|| notice(found, differs))
    })
    .into_any()
}

/// Links to the duplicates, and a button that submits the surrounding form again. `differs` runs first.
pub fn notice(found: Vec<LikelyDouble>, differs: Callback<()>) -> AnyView {
    let link =
        |double: LikelyDouble| view! { <li><a href=double.path target="_blank" rel="noopener">{double.name}</a></li> }.into_any();
    view! {
        <div class="notice warning" role="alert">
            <p>{t!(form::DOUBLES)}</p>
            <ul>{found.into_iter().map(link).collect_view()}</ul>
            <p><button type="submit" class="button" on:click=move |_| differs.run(())>{t!(form::NOT_A_DOUBLE)}</button></p>
        </div>
    }
    .into_any()
}
