//! Data on its way: the shape of the page while it comes, a way out when it does not.

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

/// Something that is read for a page, again whenever what it depends on changes; given up with the page.
pub struct Load<T: 'static> {
    /// What came last; kept while newer data is on its way.
    pub data: RwSignal<Option<Arc<T>>>,
    /// Why nothing came.
    pub fault: RwSignal<Option<ApiError>>,
    /// True while an answer is awaited.
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
    /// Reads it again.
    pub fn reload(self) {
        self.again.update(|count| *count += 1);
    }

    /// Reads by `fetch`, which runs again when the signals it reads change.
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

/// Reads by a call, made again when the signals it reads change.
pub fn load<T: DeserializeOwned + Send + Sync + 'static>(call: impl Fn() -> Call<T> + 'static) -> Load<T> {
    Load::by(move |abort| {
        let call = call();
        async move { call.send_within(&abort).await }.boxed_local()
    })
}

/// Draws what was loaded; until then its shape, or what went wrong. Only new data draws again, not what `draw` reads by the way.
pub fn show<T: Send + Sync + 'static>(load: Load<T>, draw: impl Fn(Arc<T>) -> AnyView + Send + 'static) -> AnyView {
    (move || match (load.data.get(), load.fault.get()) {
        (Some(data), _) => untrack(|| draw(data)),
        (None, Some(error)) => fault(&error, Callback::new(move |()| load.reload())),
        (None, None) => skeleton(),
    })
    .into_any()
}

/// What went wrong, and a way to try again where that may help.
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

/// Says that there is no such thing, or not for this person.
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

/// The shape of a page that is on its way.
pub fn skeleton() -> AnyView {
    view! {
        <div class="skeleton" aria-busy="true">
            <span class="visually-hidden">{t!(common::LOADING)}</span>
            <div></div><div></div><div></div><div></div>
        </div>
    }
    .into_any()
}
