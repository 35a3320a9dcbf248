//! Sending: base, headers, the one repeat after a renewed session, and giving up with the page.

use contract::Problem;
use gloo_net::http::{Method, RequestBuilder, Response};
use web_sys::{AbortController, AbortSignal};

use super::{ApiError, BASE, Request, Verb};
use crate::{dom, i18n, session};

/// What a request listens to, to be given up with the page that asked.
#[derive(Clone, Debug, Default)]
pub struct Abort(Option<AbortSignal>);

/// Gives up the requests that listen to it when it is dropped.
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
    /// What requests listen to.
    pub fn abort(&self) -> Abort {
        Abort(self.0.as_ref().map(AbortController::signal))
    }
}

/// Sends a request and gives the text of the answer; `null` where there is none.
pub(super) async fn exchange(request: Request, abort: &Abort) -> Result<String, ApiError> {
    let signal = abort.0.as_ref();
    let response = authorised(&request, signal).await?;
    if response.status() == 204 {
        return Ok("null".to_owned());
    }
    response.text().await.map_err(|_| network(signal))
}

/// Fetches a file with the session's token and hands it to the person.
///
/// # Errors
/// As any call.
pub async fn download(path: String, file_name: &str) -> Result<(), ApiError> {
    let request = Request { verb: Verb::Get, path, body: None, form: None, version: None, key: None, anonymous: false };
    let response = authorised(&request, None).await?;
    let promise = web_sys::Response::from(response).blob().map_err(|_| ApiError::Network)?;
    let blob = wasm_bindgen_futures::JsFuture::from(promise).await.map_err(|_| ApiError::Network)?;
    dom::save_file(&blob.into(), file_name);
    Ok(())
}

async fn authorised(request: &Request, signal: Option<&AbortSignal>) -> Result<Response, ApiError> {
    let used = if request.anonymous { None } else { session::token() };
    let mut response = fetch(request, used.as_deref(), signal).await?;
    if response.status() == 401 && used.is_some() && session::renew(used).await {
        response = fetch(request, session::token().as_deref(), signal).await?;
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
    let mut builder = RequestBuilder::new(&format!("{BASE}{}", request.path))
        .method(method)
        .header("Accept", "application/json, application/problem+json, */*;q=0.5")
        .header("Accept-Language", i18n::lang_now().tag())
        .abort_signal(signal);
    if let Some(token) = token {
        builder = builder.header("Authorization", &format!("Bearer {token}"));
    }
    if let Some(key) = &request.key {
        builder = builder.header("Idempotency-Key", key);
    }
    if let Some(version) = request.version {
        builder = builder.header("If-Match", &format!("\"{version}\""));
    }
    let built = match (&request.form, &request.body) {
        // The browser writes the boundary between the parts into the header itself.
        (Some(form), _) => builder.body(form),
        (None, Some(body)) => builder.header("Content-Type", content_type).body(body.as_str()),
        (None, None) => builder.build(),
    };
    built.map_err(|_| ApiError::Network)?.send().await.map_err(|_| network(signal))
}

fn network(signal: Option<&AbortSignal>) -> ApiError {
    if signal.is_some_and(AbortSignal::aborted) { ApiError::Aborted } else { ApiError::Network }
}
