//! The middleware that every request and answer passes through.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::body::{self, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{CustomizeResponder, HttpMessage, HttpResponse, Responder, web};
use contract::{CodedEnum, ErrorCode, Lang, Problem};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use tracing::Instrument;
use uuid::Uuid;

use super::database::Database;
use super::places::Place;
use super::rate::Allowance;
use super::trace::{Exported, Trace};
use super::{App, Error, refusals, telemetry};

/// The id of a request: the caller's, or the service's own.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// How long a request may take. One with a body gets more time once its caller is known, and an export with each batch of rows.
const LIMIT: Duration = Duration::from_secs(30);
/// How long a request may take before the service checks whether the database answers at all.
const UNEASY: Duration = Duration::from_secs(3);

/// How long recording a refusal may take.
const TRACE_LIMIT: Duration = Duration::from_secs(2);

/// The interactive page of the API needs inline styles.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

struct Request {
    id: String,
    trace: Option<Trace>,
    lang: Lang,
    path: String,
    method: Method,
    if_none_match: Option<HeaderValue>,
}

/// Gives a request its id, a span and a line in the log. Turns every error into a problem document. Adds the headers of all
/// answers. Answers 304 if the caller already has the answer.
pub async fn door(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let header = |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let id = header(&REQUEST_ID)
        .filter(|id| (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()))
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let mut known = Request {
        lang: header(&header::ACCEPT_LANGUAGE).map(Lang::from_accept_language).unwrap_or_default(),
        path: request.path().to_owned(),
        method: request.method().clone(),
        if_none_match: request.headers().get(header::IF_NONE_MATCH).cloned(),
        trace: header(&TRACEPARENT).and_then(Trace::parse),
        id,
    };
    if known.path.contains("%00") {
        // One database refuses it, the other treats it like any other code.
        let error = Error::from(ErrorCode::NotFound);
        return Err(InternalError::from_response("refused", failed(&known, Some(&error))).into());
    }
    request.extensions_mut().insert(RequestId(known.id.clone()));
    let method = counted(&known.method);
    let exported = telemetry::tracer().map(|tracer| Exported::begin(tracer, known.trace.as_ref(), method, &known.id));
    if let Some(exported) = &exported {
        known.trace = Some(exported.trace(known.trace.take()));
    }
    let trace = known.trace.as_ref();
    let span = tracing::info_span!(
        "request",
        request_id = %known.id,
        trace_id = trace.map(|trace| &trace.trace_id),
        parent_id = trace.and_then(|trace| trace.parent_id.as_ref()),
        span_id = trace.map(|trace| &trace.span_id),
        caller_id = tracing::field::Empty,
    );
    let work = async {
        let Some(place) = place(&request) else {
            metrics::counter!("http_requests_shed_total").increment(1);
            let error = Error::later(ErrorCode::Unavailable, 1);
            return Err(InternalError::from_response("shed", failed(&known, Some(&error))).into());
        };
        if let Some(place) = &place {
            request.extensions_mut().insert(place.clone());
        }
        let app = request.app_data::<web::Data<App>>().cloned();
        let answer = async {
            let answer = next.call(request);
            match place.clone() {
                Some(place) => place.work(answer).await,
                None => answer.await,
            }
        };
        let answer = AssertUnwindSafe(answer).catch_unwind();
        let given_up = async {
            match (&place, &app) {
                (Some(place), Some(app)) => tokio::select! {
                    () = place.time_is_over() => {}
                    () = silence(&app.database, place) => {}
                },
                _ => tokio::time::sleep(LIMIT).await,
            }
        };
        let outcome = tokio::select! { answer = answer => Some(answer), () = given_up => None };
        let response = match outcome {
            Some(Ok(Ok(response))) => response.map_into_boxed_body(),
            Some(Ok(Err(error))) => {
                return Err(InternalError::from_response("refused", failed(&known, error.as_error::<Error>())).into());
            }
            Some(Err(_)) => return Err(InternalError::from_response("panicked", failed(&known, None)).into()),
            None => {
                let error = Error::later(ErrorCode::Unavailable, 5);
                tracing::error!(method = %known.method, path = known.path, "a request took too long");
                return Err(InternalError::from_response("too slow", failed(&known, Some(&error))).into());
            }
        };
        let refused = response.response().error().and_then(|error| error.as_error::<Error>());
        // A traced error has left a fuller entry of its own.
        if let Some(code) = refused.filter(|error| error.trace.is_none()).map(|error| error.code) {
            // The answer waits only a moment for it, because the request still has its place.
            if tokio::time::timeout(TRACE_LIMIT, refusals::record(response.request(), code)).await.is_err() {
                tracing::error!(path = known.path, "a refusal could not be written down in time");
            }
        }
        let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
        let response = finish(&known, response).await?;
        let status = response.status().as_u16();
        let elapsed = started.elapsed();
        metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route.clone(), "status" => status.to_string())
            .record(elapsed.as_secs_f64());
        tracing::info!(method = %known.method, route, status, elapsed_us = elapsed.as_micros() as u64, "answered");
        Ok(response)
    };
    let outcome = work.instrument(span).await;
    if let Some(exported) = exported {
        exported.answered(method, &outcome);
    }
    outcome
}

/// Waits until the database no longer answers. Its own limits on statements and locks do not help when the database hangs.
async fn silence(database: &Database, place: &Place) {
    loop {
        tokio::time::sleep(UNEASY).await;
        // A request that waits for its body sends the database nothing.
        if !place.rests() && !database.answers().await {
            return;
        }
    }
}

/// The method as a label of the metrics. Callers may invent methods, and each would become a metric that stays forever.
fn counted(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| method == known).unwrap_or("other")
}

/// A place for the request; `None` if all are taken. The endpoints that report the service's health to a proxy need none.
fn place(request: &ServiceRequest) -> Option<Option<Rc<Place>>> {
    match request.app_data::<web::Data<App>>() {
        Some(app) if !matches!(request.path(), "/livez" | "/readyz") => app.places.enter(LIMIT).map(Some),
        _ => Some(None),
    }
}

/// An answer without personal data. A browser may cache it, and revalidates it each time.
pub fn reference<R: Responder>(answer: R) -> CustomizeResponder<R> {
    let headers = [(header::CACHE_CONTROL, "private, no-cache"), (header::VARY, "Authorization, Accept-Language")];
    headers.into_iter().fold(answer.customize(), |answer, header| answer.insert_header(header))
}

/// An answer that is the same for everybody, and may be cached everywhere. What is taken back is gone at once, because each use is
/// preceded by a question whether it is still so.
pub fn public<R: Responder>(answer: R) -> CustomizeResponder<R> {
    answer.customize().insert_header((header::CACHE_CONTROL, "public, no-cache"))
}

fn failed(known: &Request, error: Option<&Error>) -> HttpResponse {
    let mut response =
        render(known, error, error.map_or(StatusCode::INTERNAL_SERVER_ERROR, actix_web::ResponseError::status_code));
    common_headers(known, response.headers_mut());
    response
}

async fn finish(known: &Request, response: ServiceResponse<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let status = response.status();
    let allowance = response.request().extensions().get::<Allowance>().copied();
    let mut response = if (status.is_client_error() || status.is_server_error()) && !is_for_people(&response) {
        let (request, refused) = response.into_parts();
        let mut rendered = render(known, refused.error().and_then(|error| error.as_error::<Error>()), status);
        for name in [header::ALLOW, header::RETRY_AFTER, header::SET_COOKIE] {
            if let Some(value) = refused.headers().get(&name) {
                rendered.headers_mut().insert(name, value.clone());
            }
        }
        ServiceResponse::new(request, rendered)
    } else if known.method == Method::GET && status == StatusCode::OK && is_tagged(&response) {
        tagged(known, response).await?
    } else {
        response
    };
    for (name, value) in allowance.into_iter().flat_map(Allowance::headers) {
        response.headers_mut().insert(
            HeaderName::from_static(name),
            HeaderValue::try_from(value).map_err(actix_web::error::ErrorInternalServerError)?,
        );
    }
    common_headers(known, response.headers_mut());
    let other = response.request().head().upgrade() || known.method == Method::CONNECT;
    if other && !response.headers().contains_key(header::CONTENT_ENCODING) {
        // If a client asks to upgrade the protocol, actix announces chunks for a compressed answer and then sends it in one
        // piece.
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    }
    Ok(response)
}

/// Whether an answer gets a digest as its entity tag: JSON, and the pages and files of the public. Files of the app have none.
fn is_tagged(response: &ServiceResponse<BoxBody>) -> bool {
    let of = |name| response.headers().get(name).map_or(&b""[..], HeaderValue::as_bytes);
    of(header::CONTENT_TYPE).starts_with(b"application/json") || of(header::CACHE_CONTROL) == b"public, no-cache"
}

/// Whether an error is a page that says so already.
fn is_for_people(response: &ServiceResponse<BoxBody>) -> bool {
    let page = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    page && response.response().error().is_none()
}

/// Adds the entity tag: the object's version, if it has one, and a digest of the answer, which differs between callers.
async fn tagged(known: &Request, response: ServiceResponse<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (request, response) = response.into_parts();
    let (mut response, sent) = response.into_parts();
    let bytes = body::to_bytes(sent).await?;
    let digest = Sha256::digest(&bytes);
    let version =
        response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(|tag| tag.trim_matches('"').to_owned());
    let tag =
        format!("\"{}-{:08x}\"", version.unwrap_or_default(), u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]));
    let same = known.if_none_match.as_ref().and_then(|value| value.to_str().ok()).is_some_and(|tags| {
        tags.split(',')
            .any(|known| matches!(known.trim().trim_start_matches("W/"), "*") || known.trim().trim_start_matches("W/") == tag)
    });
    let value = HeaderValue::from_str(&tag).map_err(actix_web::error::ErrorInternalServerError)?;
    response.headers_mut().insert(header::ETAG, value);
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(header::CONTENT_TYPE);
        return Ok(ServiceResponse::new(request, response.set_body(BoxBody::new(()))));
    }
    Ok(ServiceResponse::new(request, response.set_body(BoxBody::new(bytes))))
}

fn common_headers(known: &Request, headers: &mut header::HeaderMap) {
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
    let docs = known.path.starts_with("/api/docs/");
    set(header::CONTENT_SECURITY_POLICY, if docs { DOCS_POLICY } else { "default-src 'none'; frame-ancestors 'none'" });
    if known.path.starts_with("/api/") {
        set(header::CACHE_CONTROL, "no-store");
    }
    if let Ok(id) = HeaderValue::from_str(&known.id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(Ok(trace)) = known.trace.as_ref().map(|trace| HeaderValue::try_from(trace.to_string())) {
        headers.insert(TRACERESPONSE, trace);
    }
}

/// The code for an answer that is not from our own error type.
fn code_of(status: StatusCode) -> ErrorCode {
    ErrorCode::ALL.iter().copied().find(|code| code.status() == status.as_u16()).unwrap_or(if status.is_client_error() {
        ErrorCode::BadRequest
    } else {
        ErrorCode::Internal
    })
}

fn render(known: &Request, error: Option<&Error>, status: StatusCode) -> HttpResponse {
    let code = error.map_or_else(|| code_of(status), |error| error.code);
    if let Some(error) = error {
        error.log();
    }
    let problem = Problem {
        kind: format!("/problems/{}", code.code()),
        title: code.label(known.lang).to_owned(),
        status: code.status(),
        detail: error.and_then(|error| error.detail.as_deref()).map(|detail| known.lang.half(detail).to_owned()),
        instance: known.path.chars().take(2000).collect(),
        code,
        request_id: known.id.clone(),
        errors: error
            .map(|error| error.errors.iter().cloned().map(|fault| fault.localised(known.lang)).collect())
            .unwrap_or_default(),
        state: error.and_then(|error| error.state).map(str::to_owned),
        allowed_actions: error
            .and_then(|error| error.allowed_actions.as_ref())
            .map(|actions| actions.iter().map(|&action| action.to_owned()).collect()),
        likely_doubles: error.map(|error| error.likely_doubles.clone()).unwrap_or_default(),
        existing: error.and_then(|error| error.existing.clone()),
    };
    let mut response = HttpResponse::build(StatusCode::from_u16(code.status()).unwrap_or(status));
    if let Some(seconds) = error.and_then(|error| error.retry_after) {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    if code.status() == 401 {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    response
        .insert_header((header::CONTENT_LANGUAGE, known.lang.tag()))
        .content_type("application/problem+json")
        .body(serde_json::to_string(&problem).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_method_is_no_figure_of_its_own() {
        let of = |name: &str| counted(&name.parse().unwrap());
        assert_eq!((of("GET"), of("PATCH"), of("BREW"), of("get")), ("GET", "PATCH", "other", "other"));
    }
}
