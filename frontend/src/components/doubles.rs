//! Likely duplicates are shown before an entry is saved anyway.

use contract::ErrorCode;
use contract::problem::LikelyDouble;
use leptos::prelude::*;

use crate::api::ApiError;
use crate::t;

/// The likely duplicates that a refusal names, if it is about these.
pub fn of(error: &ApiError) -> Vec<LikelyDouble> {
    match error {
        ApiError::Problem(problem) if problem.code == ErrorCode::LikelyDouble => problem.likely_doubles.clone(),
        _ => Vec::new(),
    }
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
