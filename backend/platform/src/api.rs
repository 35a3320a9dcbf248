//! One list of operations that feeds both the router and the OpenAPI document.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, Route, guard, web};
use contract::ErrorCode;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use super::document;
use super::error::Error;
use super::principal::Gate;

/// The base path of the API.
pub const BASE: &str = "/api/v1";

/// The operations of the API.
#[derive(Default)]
pub struct Api {
    tags: Vec<(&'static str, &'static str)>,
    operations: Vec<Entry>,
    schemas: Vec<fn(&mut Schemas)>,
}

/// Schemas by their names.
type Schemas = Vec<(String, RefOr<Schema>)>;

struct Entry {
    path: String,
    method: Method,
    route: Route,
    /// Builds the operation of the document. It takes megabytes, so not every worker builds it for its router.
    operation: Box<dyn FnOnce() -> Operation>,
}

/// The arguments of a handler. The first one declares who may call it.
pub trait Gated {
    type Gate: Gate;
}

macro_rules! gated {
    ($($rest:ident),*) => {
        impl<G: Gate, $($rest),*> Gated for (G, $($rest,)*) {
            type Gate = G;
        }
    };
}
gated!();
gated!(A);
gated!(A, B);
gated!(A, B, C);
gated!(A, B, C, D);

/// Adds handlers with their documentation: `routes!(api, list_villages, read_village)`.
#[macro_export]
macro_rules! routes {
    ($api:expr, $($handler:ident),+ $(,)?) => {
        $crate::pastey::paste! { $( $api.add::<[<__path_ $handler>], _, _>($handler); )+ }
    };
}

impl Api {
    /// Assigns the operations that follow to this domain.
    pub fn tag(&mut self, name: &'static str, description: &'static str) -> &mut Self {
        self.tags.push((name, description));
        self
    }

    /// Adds an operation; use [`routes!`](crate::routes).
    pub fn add<P, F, Args>(&mut self, handler: F)
    where
        P: utoipa::Path + utoipa::__dev::SchemaReferences,
        F: Handler<Args>,
        Args: FromRequest + Gated + 'static,
        F::Output: Responder + 'static,
    {
        for method in P::methods() {
            let method = actix_method(&method);
            let path = P::path();
            let operation = {
                let (tag, method, path) = (self.tags.last().map(|(name, _)| (*name).to_owned()), method.clone(), path.clone());
                Box::new(move || {
                    let mut operation = P::operation();
                    operation.tags = tag.map(|tag| vec![tag]);
                    document::finish::<Args::Gate>(&mut operation, &method, &path);
                    operation
                })
            };
            let route = if method == Method::GET { get() } else { Route::new().method(method.clone()) };
            self.operations.push(Entry { path, method, route: route.to(handler.clone()), operation });
        }
        self.schemas.push(P::schemas);
    }

    /// The router: one resource for each path, which answers 405 for a method it lacks.
    pub fn configure(self, config: &mut web::ServiceConfig) {
        let mut resources: BTreeMap<String, (Vec<Method>, Vec<Route>)> = BTreeMap::new();
        for entry in self.operations {
            let (methods, routes) = resources.entry(entry.path).or_default();
            methods.push(entry.method);
            routes.push(entry.route);
        }
        // Literal paths must come before paths with parameters, which would match them too.
        let mut resources: Vec<_> = resources.into_iter().collect();
        resources.sort_by_key(|(path, _)| path.split('/').map(|segment| segment.starts_with('{')).collect::<Vec<_>>());
        let mut scope = web::scope(BASE);
        for (path, (methods, routes)) in resources {
            let mut allow: Vec<_> = methods.iter().map(Method::as_str).collect();
            if methods.contains(&Method::GET) {
                allow.push("HEAD");
            }
            scope = scope.service(resource(&path, routes, allow.join(", ")));
        }
        config.service(scope.default_service(web::to(|| async { Err::<HttpResponse, Error>(ErrorCode::NotFound.into()) })));
    }

    /// The OpenAPI document.
    pub fn document(self) -> OpenApi {
        let operations = self.operations.into_iter().map(|entry| (entry.path, entry.method, (entry.operation)())).collect();
        let mut schemas = Vec::new();
        self.schemas.into_iter().for_each(|add| add(&mut schemas));
        document::write(self.tags, operations, schemas)
    }
}

/// The route of a read. HEAD is answered like GET.
pub fn get() -> Route {
    Route::new().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// The resource of a path. Other methods answer 405 with those that are allowed.
pub fn resource(path: &str, routes: impl IntoIterator<Item = Route>, allow: impl Into<String>) -> Resource {
    let allow = allow.into();
    routes.into_iter().fold(web::resource(path), Resource::route).default_service(web::to(move || {
        let allow = allow.clone();
        async move { HttpResponse::MethodNotAllowed().insert_header(("Allow", allow)).finish() }
    }))
}

fn actix_method(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Patch => Method::PATCH,
        _ => Method::DELETE,
    }
}
