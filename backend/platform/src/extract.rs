//! Extracts the arguments of handlers from a request: limited, parsed with the place of each fault, and validated.

use std::collections::HashSet;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use chrono::NaiveDate;
use contract::{CodedEnum, ErrorCode, FieldError, Lang, validation};
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use uuid::Uuid;
use validator::Validate;

use super::memory::Reservation;
use super::places::Place;
use super::principal::admitted;
use super::{Error, Result, strict_json};

/// The largest JSON body, in bytes.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// The largest body from a sender who is not signed in, in bytes.
const STRANGERS_LIMIT: usize = 16 * 1024;

/// How long the service waits for the next part of a body.
const PATIENCE: Duration = Duration::from_secs(10);

/// The limits on a body's size and time.
#[derive(Debug)]
pub struct Pace {
    /// The largest size, in bytes.
    pub limit: usize,
    /// Bytes per second, counted from the beginning, that extend the time beyond one pause.
    pub least: u32,
    /// How long the request may wait for memory before reading begins.
    pub room: Duration,
    /// The longest time for the body, and for the whole request from the beginning of the body.
    pub whole: Duration,
    pub request: Duration,
}

const JSON: Pace =
    Pace { limit: BODY_LIMIT, least: 4 * 1024, room: PATIENCE, whole: Duration::from_secs(20), request: Duration::from_secs(50) };

impl Pace {
    /// How long a body may have taken once this many bytes have arrived.
    fn time(&self, received: usize) -> Duration {
        (PATIENCE + Duration::from_secs_f64(received as f64 / f64::from(self.least))).min(self.whole)
    }
}

/// The fields of which somebody says that their words name nobody and hold nobody's number, after they were asked for a second
/// look: the header `Not-Personal`, JSON pointers with commas between them. It lets nothing pass that leaves no doubt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotPersonal(Vec<String>);

impl NotPersonal {
    /// The name of the header.
    pub const HEADER: &str = "Not-Personal";
    /// The most characters that it has.
    pub const LONGEST: usize = 1_000;

    pub(super) fn of(request: &HttpRequest) -> Result<Self> {
        let Some(value) = request.headers().get(Self::HEADER) else { return Ok(Self::default()) };
        let value = value.to_str().ok().filter(|value| (1..=Self::LONGEST).contains(&value.len()));
        let value = value.ok_or_else(|| Error::field(format!("/{}", Self::HEADER), "length"))?;
        Ok(Self(value.split(',').map(|pointer| pointer.trim().to_owned()).collect()))
    }

    /// Whether it is said of this field.
    pub fn says(&self, pointer: &str) -> bool {
        self.0.iter().any(|known| known == pointer)
    }
}

impl FromRequest for NotPersonal {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// A digest of the body, stored on the request for the idempotency key.
#[derive(Clone, Copy, Debug)]
pub struct BodyDigest(pub [u8; 32]);

/// A valid JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: Serialize + DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move { read_json(&request, payload, &["application/json"]).await.and_then(as_written).map(Self) })
    }
}

/// A JSON Merge Patch (RFC 7396).
#[derive(Debug)]
pub struct Patch(Value);

impl Patch {
    /// The patch that sets every field as in `wanted`.
    ///
    /// # Errors
    /// `internal` if it cannot be written as JSON.
    pub fn to(wanted: &impl Serialize) -> Result<Self> {
        serde_json::to_value(wanted).map(Self).map_err(Error::internal)
    }

    /// Applies the patch to `current`. `None` if that changes nothing: then nothing is to be written either, no version and no
    /// event.
    ///
    /// # Errors
    /// `validation_failed` if the result is not valid.
    pub fn changes<T: Serialize + DeserializeOwned + Validate>(self, current: &T) -> Result<Option<T>> {
        let before = serde_json::to_value(current).map_err(Error::internal)?;
        let mut document = before.clone();
        json_patch::merge(&mut document, &self.0);
        let patched = as_written(document)?;
        let is_same = before == serde_json::to_value(&patched).map_err(Error::internal)?;
        Ok((!is_same).then_some(patched))
    }
}

impl FromRequest for Patch {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let patch = read_json(&request, payload, &["application/merge-patch+json", "application/json"]).await?;
            if patch.is_object() { Ok(Self(patch)) } else { Err(Error::field("", "type")) }
        })
    }
}

/// The object and the step in a path `…/{id}/{action}`.
#[derive(Debug)]
pub struct Step<A> {
    pub id: Uuid,
    pub action: A,
}

impl<A: CodedEnum> FromRequest for Step<A> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let path = request.match_info();
        let id = path.get("id").and_then(|id| Uuid::try_parse(id).ok());
        let action = path.get("action").and_then(A::from_code);
        ready(id.zip(action).map(|(id, action)| Self { id, action }).ok_or_else(|| ErrorCode::NotFound.into()))
    }
}

/// A valid query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: Serialize + DeserializeOwned + Validate + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            admitted(&request).await?;
            parse_query(request.query_string()).map(Self)
        })
    }
}

fn parse_query<T: Serialize + DeserializeOwned + Validate>(text: &str) -> Result<T> {
    let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(text).map_err(|_| ErrorCode::BadRequest)?;
    if let Some((name, _)) = pairs.iter().find(|(name, value)| name.contains('\0') || value.contains('\0')) {
        return Err(Error::field(format!("/{name}"), "control_character"));
    }
    let mut names = HashSet::new();
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !names.insert(name)) {
        return Err(Error::field(format!("/{name}"), "duplicate"));
    }
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    let value: T = serde_path_to_error::deserialize(deserializer).map_err(|error| path_fault(&error))?;
    let read = serde_json::to_value(&value).map_err(Error::internal)?;
    match pairs.iter().find(|(name, written)| read[name].as_str().is_some_and(|read| is_another_day(written, read))) {
        Some((name, _)) => Err(Error::field(format!("/{name}"), "type")),
        None => valid(value, &[]),
    }
}

/// The caller's language, for texts of the service: reports, workbooks.
#[derive(Clone, Copy, Debug)]
pub struct Language(pub Lang);

impl FromRequest for Language {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        ready(Ok(Self(header.map(Lang::from_accept_language).unwrap_or_default())))
    }
}

/// Reads a body to its end, into memory that is reserved for it. Meanwhile the request gives its place to others.
///
/// # Errors
/// `payload_too_large`; `bad_request` if the connection breaks; `request_timeout` if the body is too slow; `unavailable` if there
/// is no memory for it, or no place afterwards.
pub async fn read_bytes(request: &HttpRequest, mut payload: Payload, pace: &Pace) -> Result<(Bytes, Option<Reservation>)> {
    let place = Place::of(request);
    // A body of unknown length may have any allowed size.
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let expected = announced.map_or(pace.limit, |length: usize| length.min(pace.limit));
    let mut reservation = None;
    if let Some(place) = &place {
        place.allow(pace.request);
        reservation = Some(place.room(expected, pace.room).await?);
        place.allow(pace.request);
    }
    let began = Instant::now();
    // A buffer that grows by doubling would be in memory twice for a moment.
    let mut bytes = actix_web::web::BytesMut::with_capacity(announced.map_or(0, |_| expected));
    loop {
        let next = match payload.next().now_or_never() {
            Some(next) => next,
            None => {
                place.iter().for_each(|place| place.rest());
                let until = (began + pace.time(bytes.len())).min(Instant::now() + PATIENCE);
                tokio::time::timeout_at(until, payload.next()).await.map_err(|_| ErrorCode::RequestTimeout)?
            }
        };
        let Some(chunk) = next.transpose().map_err(|_| ErrorCode::BadRequest)? else { break };
        if bytes.len() + chunk.len() > pace.limit {
            return Err(ErrorCode::PayloadTooLarge.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    place.map_or(Ok(()), |place| place.resume())?;
    Ok((bytes.freeze(), reservation))
}

async fn read_json(request: &HttpRequest, payload: Payload, media_types: &[&str]) -> Result<Value> {
    let pace = if admitted(request).await? { JSON } else { Pace { limit: STRANGERS_LIMIT, ..JSON } };
    let (bytes, _held) = read_bytes(request, payload, &pace).await?;
    request.extensions_mut().insert(BodyDigest(Sha256::digest(&bytes).into()));
    if !media_types.contains(&request.content_type()) || request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ErrorCode::UnsupportedMediaType.into());
    }
    let value = strict_json::read(&bytes)?;
    match nul(&value, "") {
        // Text with a NUL is an error on one database and data on the other.
        Some(pointer) => Err(Error::field(pointer, "control_character")),
        None => Ok(value),
    }
}

fn nul(value: &Value, pointer: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(|| pointer.to_owned()),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| nul(item, &format!("{pointer}/{index}"))),
        Value::Object(fields) => fields.iter().find_map(|(name, item)| {
            if name.contains('\0') { Some(pointer.to_owned()) } else { nul(item, &format!("{pointer}/{}", token(name))) }
        }),
        _ => None,
    }
}

/// A name as a segment of a JSON Pointer (RFC 6901).
fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Parses a value from JSON and validates it.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn checked<T: DeserializeOwned + Validate>(value: Value) -> Result<T> {
    checked_without(value, &[])
}

/// [`checked`] for a value that holds stand-ins at some pointers ([`validation::faults_without`]).
///
/// # Errors
/// `validation_failed` with every fault.
pub fn checked_without<T: DeserializeOwned + Validate>(value: Value, unread: &[String]) -> Result<T> {
    valid(parsed(value)?, unread)
}

fn parsed<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| path_fault(&error))
}

fn valid<T: Validate>(value: T, unread: &[String]) -> Result<T> {
    match validation::faults_without(&value, unread) {
        faults if faults.is_empty() => Ok(value),
        faults => Err(Error::fields(faults)),
    }
}

/// [`checked`], which also refuses what the document does not allow. Derived deserializers would accept an array of the fields'
/// values as an object, and an empty array if all fields are optional. They would also accept the days `2020-11-3` and
/// `+2020-11-03`.
fn as_written<T: Serialize + DeserializeOwned + Validate>(value: Value) -> Result<T> {
    let read: T = parsed(value.clone())?;
    match otherwise(&value, &serde_json::to_value(&read).map_err(Error::internal)?, "") {
        Some(pointer) => Err(Error::field(pointer, "type")),
        None => valid(read, &[]),
    }
}

/// The place of an array that was read as an object, or of a day in another form.
fn otherwise(written: &Value, read: &Value, pointer: &str) -> Option<String> {
    match (written, read) {
        (Value::Array(_), Value::Object(_)) => Some(pointer.to_owned()),
        (Value::String(written), Value::String(read)) => is_another_day(written, read).then(|| pointer.to_owned()),
        (Value::Array(written), Value::Array(read)) => written
            .iter()
            .zip(read)
            .enumerate()
            .find_map(|(index, (written, read))| otherwise(written, read, &format!("{pointer}/{index}"))),
        (Value::Object(written), Value::Object(read)) => {
            written.iter().find_map(|(name, written)| otherwise(written, read.get(name)?, &format!("{pointer}/{name}")))
        }
        _ => None,
    }
}

/// Whether a day was written in another form than `2020-11-03`.
fn is_another_day(written: &str, read: &str) -> bool {
    written != read && read.parse::<NaiveDate>().is_ok()
}

/// The place and kind of a value that could not be read. Serde gives both only as text, so the text is parsed.
fn path_fault<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> Error {
    let mut pointer: String = error
        .path()
        .iter()
        .filter_map(|segment| match segment {
            serde_path_to_error::Segment::Seq { index } => Some(format!("/{index}")),
            serde_path_to_error::Segment::Map { key } => Some(format!("/{}", token(key))),
            _ => None,
        })
        .collect();
    let words = error.inner().to_string();
    let named = words.split('`').nth(1).unwrap_or_default();
    let code = if words.starts_with("unknown field") {
        if !pointer.ends_with(&format!("/{named}")) {
            pointer = format!("{pointer}/{named}");
        }
        "unknown_field"
    } else if words.starts_with("missing field") {
        pointer = format!("{pointer}/{named}");
        "required"
    } else {
        "type"
    };
    Error::fields(vec![FieldError::at(pointer, code)])
}

#[cfg(test)]
mod tests {
    use contract::households::{HouseholdInput, HouseholdQuery};
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::json;

    use super::*;

    fn family() -> HouseholdInput {
        let member =
            json!({ "name": "许清水", "relation": "head", "health": "healthy", "schooling": "primary", "labour": "skilled" });
        let family = json!({ "village_code": "350582104201", "registered_on": "2020-04-01", "category": "minimum_living",
            "main_cause": "illness", "secondary_causes": ["disability"], "address": "永湖村12号", "phone": "13805950137", "members": [member] });
        serde_json::from_value(family).expect("a family")
    }

    /// Any JSON, with the names that have a meaning.
    fn anything() -> impl Strategy<Value = Value> {
        let names =
            ["members", "name", "relation", "phone", "consent", "main_cause", "secondary_causes", "income_per_head_fen", "~/"];
        let texts = ["illness", "head", "2020-05-01", "350582104201", "13805950137", "-0"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            select(texts.to_vec()).prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
        ];
        let leaf = leaf.boxed();
        leaf.prop_recursive(3, 24, 6, move |inner| {
            let fields = prop::collection::vec((select(names.to_vec()), inner.clone()), 0..6);
            let object = fields.prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
            prop_oneof![prop::collection::vec(inner, 0..4).prop_map(Value::from), object.prop_map(Value::Object)]
        })
    }

    #[test]
    fn a_body_has_the_more_time_the_more_of_it_is_here_and_never_more_than_all_of_it() {
        let seconds = |received: usize| JSON.time(received).as_secs();
        assert_eq!((seconds(0), seconds(4 * 1024 - 1), seconds(4 * 1024), seconds(40 * 1024)), (10, 10, 11, 20));
        assert_eq!(JSON.time(BODY_LIMIT), JSON.whole);
    }

    proptest! {
        #[test]
        fn a_patch_leads_to_what_is_valid_or_says_what_is_not(patch in anything()) {
            let before = family();
            match Patch(patch.clone()).changes(&before) {
                Ok(None) => prop_assert_eq!(Patch::to(&before).unwrap().changes(&before).unwrap(), None),
                Ok(Some(after)) => {
                    prop_assert_ne!(&after, &before);
                    prop_assert_eq!(Patch(patch).changes(&after).unwrap(), None, "applied twice");
                    prop_assert_eq!(Patch::to(&after).unwrap().changes(&before).unwrap(), Some(after), "written as a patch");
                }
                Err(error) => {
                    prop_assert_eq!(error.code, ErrorCode::ValidationFailed);
                    prop_assert!(!error.errors.is_empty());
                }
            }
        }

        #[test]
        fn a_query_is_read_or_refused(text in "(([a-z_]{1,12}|within|sort|limit|q|cause)(=([\\PC&&[^&=]]{0,12}|%[0-9a-f]{0,2}|350582))?&?){0,5}") {
            if let Err(error) = parse_query::<HouseholdQuery>(&text) {
                prop_assert!([ErrorCode::ValidationFailed, ErrorCode::BadRequest].contains(&error.code), "{:?}", error.code);
            }
        }
    }
}
