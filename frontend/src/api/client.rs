//! Sends requests: base path, headers, one retry after the session is renewed, and abortion when the page is left.

use std::cell::{Cell, RefCell};
use std::sync::LazyLock;

use contract::{ErrorCode, Problem};
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use gloo_net::http::{Method, RequestBuilder, Response};
use leptos::prelude::{ArcRwSignal, Callable, Callback, Get, GetUntracked, Update, document};
use serde::Serialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, AbortSignal, FormData, ProgressEvent, RequestCache, ResponseInit, XmlHttpRequest};

use super::{ApiError, BASE, Request, Verb};
use crate::components::second_look;
use crate::{dom, i18n};

/// Gets another token than the refused one. Returns false if there is none.
pub type Renew = fn(Option<String>) -> LocalBoxFuture<'static, bool>;

thread_local! {
    /// The current access token, set by the session.
    static TOKEN: RefCell<Option<String>> = const { RefCell::new(None) };
    /// How to get another token; `None` while nobody is signed in.
    static RENEW: Cell<Option<Renew>> = const { Cell::new(None) };
}

static CHANGES: LazyLock<ArcRwSignal<u32>> = LazyLock::new(ArcRwSignal::default);

/// The current access token.
pub fn token() -> Option<String> {
    TOKEN.with_borrow(Clone::clone)
}

/// Sets or removes the access token.
pub fn set_token(token: Option<String>) {
    TOKEN.set(token);
}

/// Sets how to get a token if there is none, or if it was refused. With `None` nobody is signed in, and requests are sent without
/// a token.
pub fn set_renewal(renew: Option<Renew>) {
    RENEW.set(renew);
}

/// The number of requests so far that have changed something, tracked.
pub fn changes() -> u32 {
    CHANGES.get()
}

/// The same, untracked.
pub fn changes_now() -> u32 {
    CHANGES.get_untracked()
}

/// The signal that aborts a request when its page is left.
#[derive(Clone, Debug, Default)]
pub struct Abort(Option<AbortSignal>);

/// Aborts its requests when it is dropped.
#[derive(Debug)]
pub struct AbortOwner(Option<AbortController>);

impl Default for AbortOwner {
    fn default() -> Self {
        Self(AbortController::new().ok())
    }
}

impl Drop for AbortOwner {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

impl AbortOwner {
    /// The signal for its requests.
    pub fn abort(&self) -> Abort {
        Abort(self.0.as_ref().map(AbortController::signal))
    }
}

/// Sends a request and returns the text of the answer; `null` if it has none.
pub(super) async fn exchange(request: Request, abort: &Abort) -> Result<String, ApiError> {
    let signal = abort.0.as_ref();
    let (verb, anonymous) = (request.verb, request.anonymous);
    let response = looked_over(request, signal).await?;
    if verb != Verb::Get && !anonymous {
        CHANGES.update(|changes| *changes += 1);
    }
    if response.status() == 204 {
        return Ok("null".to_owned());
    }
    response.text().await.map_err(|_| network(signal))
}

/// True if the service no longer has the files of this app, because it has a newer one.
pub async fn is_outdated() -> bool {
    let script = document().query_selector("script[type=module]").ok().flatten();
    let Some(path) = script.and_then(|script| script.get_attribute("src")) else { return false };
    let asked = RequestBuilder::new(&path).method(Method::HEAD).cache(RequestCache::NoStore).send().await;
    asked.is_ok_and(|answer| answer.status() == 404)
}

/// Downloads a file with the session's token and saves it for the person.
///
/// # Errors
///
/// Those of [`Call::send`](super::Call::send).
pub async fn download(path: String, file_name: &str) -> Result<(), ApiError> {
    save(Verb::Get, path, None, file_name).await
}

/// Downloads a file with a request whose body states the purpose.
pub async fn download_for(path: String, body: &impl Serialize, file_name: &str) -> Result<(), ApiError> {
    save(Verb::Post, path, super::json(body), file_name).await
}

async fn save(verb: Verb, path: String, body: Option<String>, file_name: &str) -> Result<(), ApiError> {
    let response = looked_over(Request::new(verb, path, body), None).await?;
    let promise = web_sys::Response::from(response).blob().map_err(|_| ApiError::Network)?;
    let blob = wasm_bindgen_futures::JsFuture::from(promise).await.map_err(|_| ApiError::Network)?;
    dom::save_file(&blob.into(), file_name);
    Ok(())
}

/// Sends a request. Where the service asks for a second look at some words, the person who wrote them is asked, and it is sent
/// once more if they say that nobody is named.
async fn looked_over(mut request: Request, signal: Option<&AbortSignal>) -> Result<Response, ApiError> {
    loop {
        let problem = match authorised(&request, signal).await {
            Err(ApiError::Problem(problem)) if request.attended && problem.code == ErrorCode::PerhapsPersonal => problem,
            other => return other,
        };
        if !second_look::confirm(&problem).await {
            return Err(ApiError::Problem(problem));
        }
        request.not_personal.extend(second_look::fields(&problem));
    }
}

async fn authorised(request: &Request, signal: Option<&AbortSignal>) -> Result<Response, ApiError> {
    let renew = RENEW.get().filter(|_| !request.anonymous);
    if let Some(renew) = renew
        && token().is_none()
        && !renew(None).await
    {
        return Err(network(signal));
    }
    let used = token().filter(|_| !request.anonymous);
    let mut response = fetch(request, used.as_deref(), signal).await?;
    if let Some(renew) = renew
        && response.status() == 401
        && used.is_some()
        && renew(used).await
    {
        response = fetch(request, token().as_deref(), signal).await?;
    }
    if response.ok() {
        return Ok(response);
    }
    let text = response.text().await.map_err(|_| network(signal))?;
    Err(serde_json::from_str::<Problem>(&text).map_or(ApiError::Network, |problem| ApiError::Problem(Box::new(problem))))
}

async fn fetch(request: &Request, token: Option<&str>, signal: Option<&AbortSignal>) -> Result<Response, ApiError> {
    let (method, content_type) = match request.verb {
        Verb::Get => (Method::GET, ""),
        Verb::Post => (Method::POST, "application/json"),
        Verb::Put => (Method::PUT, "application/json"),
        Verb::Patch => (Method::PATCH, "application/merge-patch+json"),
        Verb::Delete => (Method::DELETE, ""),
    };
    let url = format!("{BASE}{}", request.path);
    let mut headers = vec![
        ("Accept", "application/json, application/problem+json, */*;q=0.5".to_owned()),
        ("Accept-Language", i18n::lang_now().tag().to_owned()),
    ];
    headers.extend(token.map(|token| ("Authorization", format!("Bearer {token}"))));
    headers.extend(request.key.clone().map(|key| ("Idempotency-Key", key)));
    headers.extend(request.version.map(|version| ("If-Match", format!("\"{version}\""))));
    if !request.not_personal.is_empty() {
        headers.push(("Not-Personal", request.not_personal.join(",")));
    }
    if let (Some(form), Some(sent)) = (&request.form, request.sent) {
        return watched(&url, &headers, form, sent).await;
    }
    let mut builder = RequestBuilder::new(&url).method(method).abort_signal(signal);
    for (name, value) in &headers {
        builder = builder.header(name, value);
    }
    let built = match (&request.form, &request.body) {
        // The browser writes the boundary between the parts into the header itself.
        (Some(form), _) => builder.body(form),
        (None, Some(body)) => builder.header("Content-Type", content_type).body(body.as_str()),
        (None, None) => builder.build(),
    };
    built.map_err(|_| ApiError::Network)?.send().await.map_err(|_| network(signal))
}

/// Posts a form and reports how much of it has been sent. Only the browser's older interface can do that.
async fn watched(url: &str, headers: &[(&str, String)], form: &FormData, sent: Callback<f64>) -> Result<Response, ApiError> {
    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() {
            sent.try_run(event.loaded() / event.total());
        }
    });
    let (sender, receiver) = oneshot::channel();
    let end = Closure::once_into_js(move || sender.send(()).is_ok());
    let exchange = || -> Result<XmlHttpRequest, JsValue> {
        let exchange = XmlHttpRequest::new()?;
        exchange.open("POST", url)?;
        for (name, value) in headers {
            exchange.set_request_header(name, value)?;
        }
        exchange.upload()?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
        exchange.set_onloadend(Some(end.unchecked_ref()));
        exchange.send_with_opt_form_data(Some(form))?;
        Ok(exchange)
    };
    let exchange = exchange().map_err(|_| ApiError::Network)?;
    receiver.await.map_err(|_| ApiError::Network)?;
    let (Ok(status @ 200..), Ok(text)) = (exchange.status(), exchange.response_text()) else { return Err(ApiError::Network) };
    let how = ResponseInit::new();
    how.set_status(status);
    let answer = web_sys::Response::new_with_opt_str_and_init(text.as_deref(), &how);
    answer.map(Response::from).map_err(|_| ApiError::Network)
}

fn network(signal: Option<&AbortSignal>) -> ApiError {
    if signal.is_some_and(AbortSignal::aborted) { ApiError::Aborted } else { ApiError::Network }
}
