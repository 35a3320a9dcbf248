//! Loading data: an outline of the page while it loads, a way out when it fails.

use std::sync::Arc;

use contract::ErrorCode;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api::{Abort, AbortOwner, ApiError, Call};
use crate::i18n::{reactive, texts};
use crate::t;

/// Data that is read for a page, and again whenever its dependencies change. Leaving the page aborts it.
pub struct Load<T: 'static> {
    /// The latest data, which stays while newer data loads.
    pub data: RwSignal<Option<Arc<T>>>,
    /// Why loading failed.
    pub fault: RwSignal<Option<ApiError>>,
    /// True while loading.
    pub busy: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl<T> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Load<T> {}

impl<T: Send + Sync + 'static> Load<T> {
    /// Reads the data again.
    pub fn reload(self) {
        self.again.update(|count| *count += 1);
    }

    /// Reads with `fetch`, which runs again when the signals that it reads change.
    pub fn by(fetch: impl Fn(Abort) -> LocalBoxFuture<'static, Result<T, ApiError>> + 'static) -> Self {
        let load =
            Self { data: RwSignal::new(None), fault: RwSignal::new(None), busy: RwSignal::new(true), again: RwSignal::new(0) };
        let running = StoredValue::new_local(AbortOwner::default());
        Effect::new(move || {
            load.again.track();
            let owner = AbortOwner::default();
            let answer = fetch(owner.abort());
            running.set_value(owner);
            load.busy.set(true);
            spawn_local(async move {
                match answer.await {
                    Err(ApiError::Aborted) => return,
                    Err(error) => {
                        load.data.try_set(None);
                        load.fault.try_set(Some(error));
                    }
                    Ok(data) => {
                        load.fault.try_set(None);
                        load.data.try_set(Some(Arc::new(data)));
                    }
                }
                load.busy.try_set(false);
            });
        });
        load
    }
}

/// Reads with a call, made again when the signals that it reads change.
pub fn load<T: DeserializeOwned + Send + Sync + 'static>(call: impl Fn() -> Call<T> + 'static) -> Load<T> {
    Load::by(move |abort| {
        let call = call();
        async move { call.send_within(&abort).await }.boxed_local()
    })
}

/// Shows the loaded data, and before that an outline or the fault. Only new data redraws it; signals that `draw` reads do not.
pub fn show<T: Send + Sync + 'static>(load: Load<T>, draw: impl Fn(Arc<T>) -> AnyView + Send + 'static) -> AnyView {
    (move || match (load.data.get(), load.fault.get()) {
        (Some(data), _) => untrack(|| draw(data)),
        (None, Some(error)) => fault(&error, Callback::new(move |()| load.reload())),
        (None, None) => skeleton(),
    })
    .into_any()
}

/// The fault, with a button to try again if that may help.
pub fn fault(error: &ApiError, retry: Callback<()>) -> AnyView {
    if let ApiError::Problem(problem) = error
        && problem.code == ErrorCode::NotFound
    {
        return missing();
    }
    let id = match error {
        ApiError::Problem(problem) => Some(problem.request_id.clone()).filter(|id| !id.is_empty()),
        _ => None,
    };
    let outdated = *error == ApiError::Outdated;
    let act = move |_| {
        if outdated {
            let _ = window().location().reload();
        } else {
            retry.run(());
        }
    };
    view! {
        <div class="notice fault" role="alert">
            <p><strong>{error.message()}</strong></p>
            {id.map(|id| view! { <p class="muted">{t!(common::REQUEST_ID)} " " <code>{id}</code></p> })}
            <button type="button" class="button" on:click=act>
                {reactive(if outdated { texts::common::RELOAD } else { texts::common::RETRY })}
            </button>
        </div>
    }
    .into_any()
}

/// Says that the page does not exist, or not for this person.
pub fn missing() -> AnyView {
    view! {
        <div class="notice">
            <h1>{t!(common::MISSING_TITLE)}</h1>
            <p>{t!(common::MISSING_TEXT)}</p>
            <p><a class="button" href="/">{t!(common::TO_FRONT)}</a></p>
        </div>
    }
    .into_any()
}

/// The outline of a page that is loading.
pub fn skeleton() -> AnyView {
    view! {
        <div class="skeleton" aria-busy="true">
            <span class="visually-hidden">{t!(common::LOADING)}</span>
            <div></div><div></div><div></div><div></div>
        </div>
    }
    .into_any()
}
