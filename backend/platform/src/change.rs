//! Changes: one transaction that holds the change, its history and the answer to a repeated request.

use std::convert::Infallible;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use chrono::TimeDelta;
use contract::permission::Needs;
use contract::{ErrorCode, Permission, Resource};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing::{Instrument, Span};

use super::audit::{self, Event};
use super::error::is_lock_timeout;
use super::extract::{BodyDigest, NotPersonal};
use super::principal::{Caller, Gate, Guard};
use super::tx::{IfMatch, Tx};
use super::{Error, Result, Vault, apart, api, budget};

/// How long the first answer is stored for repeats of its request.
pub const IDEMPOTENCY_HOURS: i64 = 24;

/// Stored answers for repeated requests.
pub mod repeats {
    use sea_orm::entity::prelude::*;

    use crate::crypto::Sealed;

    /// The place that sealed answers are bound to.
    pub const PLACE: &str = "idempotency_keys";

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub caller_id: Uuid,
        pub key: String,
        /// Keyed, because a body could be guessed.
        pub fingerprint: Vec<u8>,
        pub status: i32,
        pub location: Option<String>,
        pub etag: Option<String>,
        /// Sealed, because it may contain personal data. `None` until there is an answer.
        pub answer: Option<Sealed>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Deletes answers older than [`IDEMPOTENCY_HOURS`]. Returns how many.
pub async fn clean(tx: &Tx) -> Result<u64> {
    let past = tx.now - TimeDelta::hours(IDEMPOTENCY_HOURS);
    let gone = repeats::Entity::delete_many().filter(repeats::Column::CreatedAt.lt(past)).exec(&tx.connection).await?;
    Ok(gone.rows_affected)
}

/// The first argument of a handler that changes something: a caller with the permission `P`, `Idempotency-Key` and `If-Match`.
#[derive(Debug)]
pub struct Change<P> {
    guard: Guard<P>,
    request: HttpRequest,
    key: Option<String>,
    if_match: Option<IfMatch>,
    not_personal: NotPersonal,
}

impl<P> Deref for Change<P> {
    type Target = Guard<P>;

    fn deref(&self) -> &Guard<P> {
        &self.guard
    }
}

impl<P: Needs> FromRequest for Change<P> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let guard = Guard::<P>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let guard = guard.await?;
            // Only POST takes a key. Repeating a PUT, PATCH or DELETE does no harm. Without a key no digest remains of what they
            // contain, such as a password.
            let post = request.method() == actix_web::http::Method::POST;
            let key = match request.headers().get("idempotency-key").filter(|_| post).map(|value| value.to_str()) {
                None => None,
                Some(Ok(key)) if (1..=100).contains(&key.len()) => Some(key.to_owned()),
                Some(_) => return Err(Error::field("/Idempotency-Key", "length")),
            };
            let if_match = IfMatch::of(&request)?;
            if request.method() == actix_web::http::Method::PATCH && if_match.is_none() {
                return Err(ErrorCode::PreconditionRequired.into());
            }
            let not_personal = NotPersonal::of(&request)?;
            Ok(Self { guard, request, key, if_match, not_personal })
        })
    }
}

impl<P: Needs> Gate for Change<P> {
    const PERMISSION: Option<Permission> = Some(P::PERMISSION);
    const CHANGES: bool = true;
}

impl<P> Change<P> {
    /// Runs a change that creates something: 201 with `Location`, or 202 if it only requests it.
    ///
    /// # Errors
    /// Those of `work`. The change is then rolled back.
    pub async fn create<T: Resource>(self, work: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<HttpResponse> {
        self.run(async |tx| {
            let made = work(tx).await?;
            let status = if made.is_asked_for() { StatusCode::ACCEPTED } else { StatusCode::CREATED };
            Ok(Answer::of_resource(status, &made)?.located(made.location()))
        })
        .await
    }

    /// Runs a change of something: 200, or 202 with `Location` if it only requests it.
    ///
    /// # Errors
    /// Those of `work`. The change is then rolled back.
    pub async fn update<T: Resource>(self, work: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<HttpResponse> {
        self.run(async |tx| {
            let changed = work(tx).await?;
            let status = if changed.is_asked_for() { StatusCode::ACCEPTED } else { StatusCode::OK };
            Ok(Answer::of_resource(status, &changed)?.located(changed.location()))
        })
        .await
    }

    /// Runs a change and answers 200 with any JSON.
    ///
    /// # Errors
    /// Those of `work`. The change is then rolled back.
    pub async fn answer<T: Serialize>(self, work: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<HttpResponse> {
        self.run(async |tx| Answer::of(StatusCode::OK, &work(tx).await?)).await
    }

    /// Runs a change whose answer contains a secret: 200. The answer is not stored, not even for a repeat of the request.
    ///
    /// # Errors
    /// Those of `work`. The change is then rolled back.
    pub async fn answer_once<T: Serialize>(mut self, work: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<HttpResponse> {
        self.key = None;
        self.answer(work).await
    }

    /// Runs a change without an answer: 204.
    ///
    /// # Errors
    /// Those of `work`. The change is then rolled back.
    pub async fn finish(self, work: impl AsyncFnOnce(&Tx) -> Result<()>) -> Result<HttpResponse> {
        self.run(async |tx| {
            work(tx).await?;
            Ok(Answer { status: StatusCode::NO_CONTENT, body: String::new(), location: None, etag: None, secret: None })
        })
        .await
    }

    /// Runs a change that computes for long, such as an import: 200 with any JSON. It has a thread of its own, so that others are
    /// answered meanwhile. If the request is given up, it ends at its next statement, and nothing is written.
    ///
    /// # Errors
    /// Those of `work`. The change is then rolled back.
    pub async fn answer_apart<T>(self, work: impl AsyncFnOnce(&Tx) -> Result<T> + Send + 'static) -> Result<HttpResponse>
    where
        T: Serialize + Send + 'static,
    {
        self.traced(async |tx| {
            let (runtime, span) = (Handle::current(), Span::current());
            let (_waiting, gone) = oneshot::channel::<Infallible>();
            let work = async move || {
                let done = tokio::select! { done = work(&tx) => done?, _ = gone => return Err(ErrorCode::Unavailable.into()) };
                Ok::<_, Error>((tx, done))
            };
            let (tx, done) = apart(move || runtime.block_on(work().instrument(span))).await??;
            Ok((tx, Answer::of(StatusCode::OK, &done)?))
        })
        .await
    }

    /// Runs a change where requests are answered.
    async fn run(self, work: impl AsyncFnOnce(&Tx) -> Result<Answer>) -> Result<HttpResponse> {
        self.traced(async |tx| {
            let answer = work(&tx).await?;
            Ok((tx, answer))
        })
        .await
    }

    /// Runs a change. A refusal that discloses something leaves an entry in the trail after the transaction is rolled back.
    async fn traced(self, work: impl AsyncFnOnce(Tx) -> Result<(Tx, Answer)>) -> Result<HttpResponse> {
        let outcome = self.transact(work).await;
        if let Err(Some(trace)) = outcome.as_ref().map_err(|error| error.trace.as_ref()) {
            let tx = Tx::of(self.guard.app(), self.guard.caller.clone()).await?;
            let mut note = serde_json::Value::Null;
            if let Some((budget, cost)) = trace.spends {
                budget.take(&tx, cost).await?;
                note = budget::note(cost);
            }
            let entry = tx.entry(Event::of(trace.object_type, &trace.object_id, trace.action), &(), &note);
            audit::record_all(&tx, vec![audit::refused(entry)]).await?;
            tx.commit().await?;
        }
        outcome
    }

    /// Takes the key first and writes the answer last, in the transaction of the change itself. So a repeat finds neither a
    /// change without its answer nor an answer without its change, and two simultaneous repeats queue at the row of the key.
    async fn transact(&self, work: impl AsyncFnOnce(Tx) -> Result<(Tx, Answer)>) -> Result<HttpResponse> {
        let app = self.guard.app();
        let (if_match, not_personal) = (self.if_match.clone(), self.not_personal.clone());
        let tx = Tx { if_match, not_personal, ..Tx::of(app, self.guard.caller.clone()).await? };
        let Some(key) = self.key.clone() else {
            let (tx, answer) = work(tx).await?;
            tx.commit().await?;
            return Ok(answer.into_response());
        };
        let vault = &app.vault;
        let fingerprint = self.fingerprint();
        let id = match take_key(&tx, self.guard.caller.user_id, &key, &fingerprint).await? {
            Taken::Now(id) => id,
            Taken::Before(first) if first.fingerprint == fingerprint => {
                if let Some((collection, id)) = first.location.as_deref().and_then(object_at) {
                    tx.host.check_readable(&tx, collection, id).await.map_err(|error| match error.code {
                        ErrorCode::NotFound => Error::new(ErrorCode::IdempotencyKeyReused, CLOSED),
                        _ => error,
                    })?;
                }
                return Ok(Answer::of_first(vault, *first)?.into_response());
            }
            Taken::Before(_) => return Err(ErrorCode::IdempotencyKeyReused.into()),
        };
        let (tx, answer) = work(tx).await?;
        let row = repeats::ActiveModel {
            id: Set(id),
            status: Set(i32::from(answer.status.as_u16())),
            location: Set(answer.location.clone()),
            etag: Set(answer.etag.clone()),
            answer: Set(Some(vault.seal(repeats::PLACE, id, &answer.body_to_keep()?)?)),
            ..Default::default()
        };
        repeats::Entity::update(row).exec(&tx.connection).await?;
        tx.commit().await?;
        Ok(answer.into_response())
    }

    /// Two requests are the same if method, path, query, body, and the caller's role and place are. A caller who has another role
    /// or place by now does not get the former one's answer.
    fn fingerprint(&self) -> Vec<u8> {
        let body = self.request.extensions().get::<BodyDigest>().map(|BodyDigest(body)| *body).unwrap_or_default();
        let Caller { role, area_code, organisation_id, institution_id, .. } = &self.guard.caller;
        let caller = format!("{role:?} {area_code} {organisation_id:?} {institution_id:?}");
        let request = format!("{caller} {} {} {body:?}", self.request.method(), self.request.uri());
        self.guard.app().vault.hash("request", &request)
    }
}

/// Why a repeat does not get the first answer.
const CLOSED: &str = "首次答复的内容您现在无权查看 / what the first answer says is not yours to read any more";

/// The collection and id of the object at a location.
fn object_at(location: &str) -> Option<(&str, Uuid)> {
    let (collection, rest) = location.strip_prefix(api::BASE)?.trim_start_matches('/').split_once('/')?;
    Some((collection, Uuid::try_parse(rest.split('/').next()?).ok()?))
}

/// Which request has taken a key.
enum Taken {
    /// This request. Its answer goes into this row.
    Now(Uuid),
    /// An earlier request.
    Before(Box<repeats::Model>),
}

/// Takes a key, or finds its first answer. If another transaction has the key, the database makes this one wait.
async fn take_key(tx: &Tx, caller_id: Uuid, key: &str, fingerprint: &[u8]) -> Result<Taken> {
    use repeats::{ActiveModel, Column, Entity};
    Entity::delete_many()
        .filter(Column::CallerId.eq(caller_id))
        .filter(Column::Key.eq(key))
        .filter(Column::CreatedAt.lt(tx.now - TimeDelta::hours(IDEMPOTENCY_HOURS)))
        .exec(&tx.connection)
        .await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        caller_id: Set(caller_id),
        key: Set(key.to_owned()),
        fingerprint: Set(fingerprint.to_vec()),
        status: Set(0),
        location: Set(None),
        etag: Set(None),
        answer: Set(None),
        created_at: Set(tx.now),
    };
    let taken = Entity::insert(row)
        .on_conflict(OnConflict::columns([Column::CallerId, Column::Key]).do_nothing().to_owned())
        .exec_without_returning(&tx.connection)
        .await
        // The first request is still running.
        .map_err(|error| if is_lock_timeout(&error) { Error::later(ErrorCode::RequestInProgress, 2) } else { error.into() })?;
    if taken == 1 {
        return Ok(Taken::Now(id));
    }
    let first = Entity::find().filter(Column::CallerId.eq(caller_id)).filter(Column::Key.eq(key)).one(&tx.connection).await?;
    first.map(|first| Taken::Before(Box::new(first))).ok_or_else(|| ErrorCode::RequestInProgress.into())
}

/// An answer that can be stored.
struct Answer {
    status: StatusCode,
    body: String,
    location: Option<String>,
    etag: Option<String>,
    secret: Option<&'static str>,
}

impl Answer {
    fn of(status: StatusCode, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Self { status, body, location: None, etag: None, secret: None })
    }

    fn of_resource<T: Resource>(status: StatusCode, resource: &T) -> Result<Self> {
        let etag = Some(format!("\"{}\"", resource.version()));
        Ok(Self { etag, secret: resource.secret(), ..Self::of(status, resource)? })
    }

    /// Sets the location to a path below the API's base.
    fn located(self, path: String) -> Self {
        Self { location: Some(format!("{}{path}", api::BASE)), ..self }
    }

    /// The body for repeats, without the secret.
    fn body_to_keep(&self) -> Result<String> {
        let Some(field) = self.secret else { return Ok(self.body.clone()) };
        let mut body: serde_json::Value = serde_json::from_str(&self.body).map_err(Error::internal)?;
        body[field] = serde_json::Value::Null;
        Ok(body.to_string())
    }

    fn of_first(vault: &Vault, first: repeats::Model) -> Result<Self> {
        let status = u16::try_from(first.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let sealed = first.answer.ok_or(ErrorCode::RequestInProgress)?;
        Ok(Self {
            status: status.unwrap_or(StatusCode::OK),
            body: vault.open(repeats::PLACE, first.id, &sealed)?,
            location: first.location,
            etag: first.etag,
            secret: None,
        })
    }

    fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        let is_new = matches!(self.status, StatusCode::CREATED | StatusCode::ACCEPTED);
        if let Some(location) = self.location.filter(|_| is_new) {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        if self.status == StatusCode::NO_CONTENT {
            response.finish()
        } else {
            response.content_type("application/json").body(self.body)
        }
    }
}

/// The answer to reading one object: 200 with its version as `ETag`.
pub fn read<T: Resource>(object: &T) -> Result<HttpResponse> {
    Ok(Answer::of_resource(StatusCode::OK, object)?.into_response())
}
