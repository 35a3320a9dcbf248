//! The caller, and whether they may call.

use std::future::Future;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use contract::permission::Needs;
use contract::{ErrorCode, Permission, Role};
use futures_util::FutureExt;
use futures_util::future::Shared;
use sea_orm::DatabaseConnection;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::http::RequestId;
use super::places::Place;
use super::rate::Subject;
use super::{App, Asker, Error, Result};

/// A signed-in person, as the database knows them now.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user_id: Uuid,
    pub session_id: Uuid,
    pub name: String,
    pub role: Role,
    pub area_code: String,
    pub organisation_id: Option<Uuid>,
    pub institution_id: Option<Uuid>,
    /// Whether they signed in with a one-time password.
    pub must_change_password: bool,
    /// Whether their role must have a second factor and they have none.
    pub lacks_second_factor: bool,
    /// Whether this deployment separates the duties of administrators.
    pub separate_duties: bool,
    /// The request's address and id, for the audit trail.
    pub address: Option<String>,
    pub request_id: String,
}

impl Caller {
    /// Whether the role has a permission.
    pub fn may(&self, permission: Permission) -> bool {
        permission.held_by(self.role, self.separate_duties)
    }
}

/// The first argument of every handler. It declares what the operation needs, also for the OpenAPI document.
pub trait Gate: FromRequest {
    /// The permission that the caller needs; `None` if anybody may call.
    const PERMISSION: Option<Permission>;
    /// Whether it changes something, and so takes `Idempotency-Key` and `If-Match`.
    const CHANGES: bool;
}

/// A caller who has the permission `P`.
#[derive(Debug)]
pub struct Guard<P> {
    pub caller: Caller,
    app: web::Data<App>,
    permission: PhantomData<P>,
}

impl<P> Guard<P> {
    /// The service's state.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The caller, reading outside a transaction.
    pub fn asker(&self) -> Asker<'_> {
        Asker::of(&self.app, &self.caller)
    }

    /// The connection to read from.
    pub fn db(&self) -> &DatabaseConnection {
        &self.app.database.read
    }
}

impl<P> Deref for Guard<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<P: Needs> FromRequest for Guard<P> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        let (admit, admitted) = oneshot::channel();
        request.extensions_mut().insert(Admitted(admitted.shared()));
        Box::pin(async move {
            let app = app(&request)?;
            let caller = authenticate(&app, &request).await?;
            if caller.must_change_password && P::PERMISSION != Permission::UseAccount {
                return Err(ErrorCode::PasswordChangeRequired.into());
            }
            if caller.lacks_second_factor && app.config.require_second_factor && P::PERMISSION != Permission::UseAccount {
                return Err(ErrorCode::SecondFactorSetupRequired.into());
            }
            if !caller.may(P::PERMISSION) {
                return Err(ErrorCode::Forbidden.into());
            }
            // Nobody waits for it if a handler has neither query nor body.
            let _ = admit.send(());
            Ok(Self { caller, app, permission: PhantomData })
        })
    }
}

impl<P: Needs> Gate for Guard<P> {
    const PERMISSION: Option<Permission> = Some(P::PERMISSION);
    const CHANGES: bool = false;
}

/// The first argument of an operation that anybody may call.
#[derive(Debug)]
pub struct Open {
    app: web::Data<App>,
    pub address: Option<String>,
    pub request_id: String,
}

impl Open {
    /// The service's state.
    pub fn app(&self) -> &App {
        &self.app
    }
}

impl FromRequest for Open {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(app(request).and_then(|app| {
            let address = address(request, app.config.trust_proxy);
            count(&app, request, &Subject::of(address.as_deref()))?;
            Ok(Self { address, request_id: request_id(request), app })
        }))
    }
}

impl Gate for Open {
    const PERMISSION: Option<Permission> = None;
    const CHANGES: bool = false;
}

/// Resolves when the gate has admitted the caller. All arguments of a handler are extracted at once, but query and body are read
/// only for callers who may send them. Everybody else learns only that they may not, whatever they have sent.
struct Admitted(Shared<oneshot::Receiver<()>>);

/// Waits until the gate has admitted the caller. Returns false if anybody may call.
///
/// # Errors
/// `unauthenticated` if it does not admit them. The gate itself gives the reason.
pub async fn admitted(request: &HttpRequest) -> Result<bool> {
    let gate = request.extensions().get::<Admitted>().map(|Admitted(gate)| gate.clone());
    match gate {
        None => Ok(false),
        Some(gate) => gate.await.map(|()| true).map_err(|_| ErrorCode::Unauthenticated.into()),
    }
}

/// The service's state.
pub fn app(request: &HttpRequest) -> Result<web::Data<App>> {
    request.app_data::<web::Data<App>>().cloned().ok_or_else(|| Error::internal("the application state is not there"))
}

/// The id that the middleware gave to the request.
pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// The address of a request: the next hop, or what a trusted next hop forwards. A proxy appends or replaces an address;
/// everything before it may be the caller's invention.
pub fn address(request: &HttpRequest, trust_proxy: bool) -> Option<String> {
    let peer = request.peer_addr().map(|address| address.ip());
    let forwarded = || {
        let last = request.headers().get_all(header::X_FORWARDED_FOR).last()?.to_str().ok()?.rsplit(',').next()?;
        last.trim().parse().ok()
    };
    let address: Option<IpAddr> = if trust_proxy { forwarded().or(peer) } else { peer };
    address.map(|address| address.to_canonical().to_string())
}

/// Counts a request against both limits, and stores on it what its caller has left.
fn count(app: &App, request: &HttpRequest, subject: &Subject) -> Result<()> {
    let (allowance, outcome) = match app.rates.take(subject) {
        Ok(allowance) => (allowance, Ok(())),
        Err((allowance, error)) => (Some(allowance), Err(error)),
    };
    if let Some(allowance) = allowance {
        request.extensions_mut().insert(allowance);
    }
    outcome.and_then(|()| Place::of(request).map_or(Ok(()), |place| place.belongs_to(subject)))
}

async fn authenticate(app: &App, request: &HttpRequest) -> Result<Caller> {
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let claims = bearer.ok_or(ErrorCode::Unauthenticated.into()).and_then(|token| app.tokens.verify(token, app.clock.now()));
    let address = address(request, app.config.trust_proxy);
    // This precedes any query. Requests without a valid token count for their address.
    let subject = claims.as_ref().map_or_else(|_| Subject::of(address.as_deref()), |claims| Subject::Account(claims.sub));
    count(app, request, &subject)?;
    let caller = app.host.caller(&app.database.read, claims?.sid, app.clock.now()).await?;
    let separate_duties = app.config.separate_duties;
    let caller = Caller { address, request_id: request_id(request), separate_duties, ..caller };
    tracing::Span::current().record("caller_id", tracing::field::display(caller.user_id));
    request.extensions_mut().insert(caller.clone());
    Ok(caller)
}
