//! What looks like something that is there already is shown before it is saved once more.

use contract::ErrorCode;
use contract::problem::LikelyDouble;
use leptos::prelude::*;

use crate::api::ApiError;
use crate::t;

/// What a refusal names, where it is that of a likely double.
pub fn of(error: &ApiError) -> Vec<LikelyDouble> {
    match error {
        ApiError::Problem(problem) if problem.code == ErrorCode::LikelyDouble => problem.likely_doubles.clone(),
        _ => Vec::new(),
    }
}

/// Links to them, and a button that submits the form around it once more. `differs` runs before that.
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
