//! One list of operations that feeds both the router and the OpenAPI document.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpResponse, Responder, Route, guard, web};
use contract::{CodedEnum, ErrorCode, Problem};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayItems, SchemaType};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, ContentBuilder, HeaderBuilder, InfoBuilder, License, ObjectBuilder, OpenApi,
    OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema, ServerBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};

use super::error::Error;
use super::principal::Gate;

/// Where the API begins.
pub const BASE: &str = "/api/v1";

const RATE_HEADERS: [(&str, &str); 2] = [
    (
        "RateLimit-Policy",
        "How many requests (`q`) the caller may send in how many seconds (`w`): an account, or an address before signing in.",
    ),
    ("RateLimit", "How many requests are left (`r`), and in how many seconds (`t`) all are back."),
];

/// The operations of the API.
#[derive(Default)]
pub struct Api {
    tag: &'static str,
    operations: Vec<Entry>,
    schemas: Vec<(String, RefOr<Schema>)>,
}

struct Entry {
    path: String,
    method: Method,
    route: Route,
    operation: Operation,
}

/// The arguments of a handler, whose first says who may call it.
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
        pastey::paste! { $( $api.add::<[<__path_ $handler>], _, _>($handler); )+ }
    };
}

impl Api {
    /// What follows belongs to this domain.
    pub fn tag(&mut self, tag: &'static str) -> &mut Self {
        self.tag = tag;
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
            let mut operation = P::operation();
            operation.tags = Some(vec![self.tag.to_owned()]);
            finish::<Args::Gate>(&mut operation, &method, &path);
            let route = if method == Method::GET {
                Route::new().guard(guard::Any(guard::Get()).or(guard::Head()))
            } else {
                Route::new().method(method.clone())
            };
            self.operations.push(Entry { path, method, route: route.to(handler.clone()), operation });
        }
        P::schemas(&mut self.schemas);
    }

    /// The router: one resource for each path, which answers 405 for a method it lacks.
    pub fn configure(self, config: &mut web::ServiceConfig) {
        let mut resources: BTreeMap<String, (Vec<Method>, Vec<Route>)> = BTreeMap::new();
        for entry in self.operations {
            let (methods, routes) = resources.entry(entry.path).or_default();
            methods.push(entry.method);
            routes.push(entry.route);
        }
        // Literal paths before those with parameters, which would swallow them.
        let mut resources: Vec<_> = resources.into_iter().collect();
        resources.sort_by_key(|(path, _)| path.split('/').map(|segment| segment.starts_with('{')).collect::<Vec<_>>());
        let mut scope = web::scope(BASE);
        for (path, (methods, routes)) in resources {
            let mut allow: Vec<_> = methods.iter().map(Method::as_str).collect();
            if methods.contains(&Method::GET) {
                allow.push("HEAD");
            }
            let allow = allow.join(", ");
            let resource = routes.into_iter().fold(web::resource(&path), actix_web::Resource::route);
            scope = scope.service(resource.default_service(web::to(move || {
                let allow = allow.clone();
                async move { HttpResponse::MethodNotAllowed().insert_header(("Allow", allow)).finish() }
            })));
        }
        config.service(scope.default_service(web::to(|| async { Err::<HttpResponse, Error>(ErrorCode::NotFound.into()) })));
    }

    /// The OpenAPI document.
    pub fn document(self) -> OpenApi {
        let mut schemas: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
        for (name, schema) in self.schemas {
            if let Some(other) = schemas.get(&name) {
                assert!(
                    serde_json::to_value(other).ok() == serde_json::to_value(&schema).ok(),
                    "two schemas are called {name}: name them after their domains"
                );
            }
            schemas.insert(name, schema);
        }
        let mut problem = Vec::new();
        Problem::schemas(&mut problem);
        schemas.extend(problem);
        schemas.insert(Problem::name().into_owned(), Problem::schema());
        flatten(&mut schemas);
        let mut paths: BTreeMap<String, PathItem> = BTreeMap::new();
        for Entry { path, method, mut operation, .. } in self.operations {
            if method == Method::PATCH {
                patch_schema(&mut operation, &mut schemas);
            }
            let item = paths.entry(format!("{BASE}{path}")).or_default();
            *match method {
                Method::GET => &mut item.get,
                Method::POST => &mut item.post,
                Method::PUT => &mut item.put,
                Method::PATCH => &mut item.patch,
                _ => &mut item.delete,
            } = Some(operation);
        }
        let paths = paths.into_iter().fold(PathsBuilder::new(), |paths, (path, item)| paths.path(path, item)).build();
        let components = schemas
            .into_iter()
            .fold(ComponentsBuilder::new(), |components, (name, schema)| components.schema(name, schema))
            .security_scheme("bearer", SecurityScheme::Http(bearer()))
            .build();
        OpenApiBuilder::new()
            .info(
                InfoBuilder::new()
                    .title("Baishe 百社")
                    .version(env!("CARGO_PKG_VERSION"))
                    .description(Some(
                        "Pairs social organisations with villages (百社解千难). Errors are problem documents (RFC 9457); \
                         lists are paged by cursor; changes take `If-Match` and `Idempotency-Key`. \
                         `X-Request-Id` (1 to 100 visible ASCII characters) is taken over and returned; a valid `traceparent` (W3C \
                         Trace Context) goes into the log and comes back, with the span of the service, as `traceresponse`.",
                    ))
                    .contact(Some(ContactBuilder::new().name(Some("Baishe")).build()))
                    .license(Some(License::new("Apache-2.0"))),
            )
            .servers(Some([ServerBuilder::new().url("/").description(Some("This deployment")).build()]))
            .paths(paths)
            .components(Some(components))
            .build()
    }
}

fn bearer() -> Http {
    let mut http = Http::new(HttpAuthScheme::Bearer);
    http.bearer_format = Some("JWT".to_owned());
    http
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

/// Adds what follows from the kind of operation, so that no handler has to repeat it.
fn finish<G: Gate>(operation: &mut Operation, method: &Method, path: &str) {
    let mut codes = vec![
        ErrorCode::BadRequest,
        ErrorCode::NotAcceptable,
        ErrorCode::TooManyRequests,
        ErrorCode::Internal,
        ErrorCode::Unavailable,
    ];
    if let Some(permission) = G::PERMISSION {
        codes.extend([ErrorCode::Unauthenticated, ErrorCode::Forbidden]);
        operation.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
        operation.extensions = Some(ExtensionsBuilder::new().add("x-permission", permission.code()).build());
    } else {
        operation.security = Some(Vec::new());
    }
    if path.contains('{') {
        codes.push(ErrorCode::NotFound);
    }
    if operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty())
        || operation.request_body.is_some()
        || G::CHANGES
    {
        codes.push(ErrorCode::ValidationFailed);
    }
    if let Some(body) = &mut operation.request_body {
        codes.extend([ErrorCode::RequestTimeout, ErrorCode::PayloadTooLarge, ErrorCode::UnsupportedMediaType]);
        if let RefOr::T(body) = body {
            body.required.get_or_insert(Required::True);
        }
    }
    if G::CHANGES {
        codes.push(ErrorCode::Conflict);
        codes.push(ErrorCode::StaleVersion);
        let patch = *method == Method::PATCH;
        if patch {
            codes.push(ErrorCode::PreconditionRequired);
        }
        let parameters = operation.parameters.get_or_insert_default();
        parameters.push(header_parameter(
            "If-Match",
            "Version the caller has seen, as `ETag` gave it; another version answers 412.",
            if patch { Required::True } else { Required::False },
        ));
        if *method == Method::POST {
            parameters.push(header_parameter(
                "Idempotency-Key",
                "Repeats of a request with the same key get its first answer, for 24 hours.",
                Required::False,
            ));
        }
    }
    for code in codes {
        let status = code.status().to_string();
        operation.responses.responses.entry(status).or_insert_with(|| RefOr::T(problem_response(code)));
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        response
            .headers
            .entry("X-Request-Id".to_owned())
            .or_insert_with(|| text_header("Id of the request, also in the log.").into());
        for (name, description) in RATE_HEADERS {
            response.headers.insert(name.to_owned(), text_header(description).into());
        }
        if matches!(status.as_str(), "429" | "503") {
            let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(3600));
            let header =
                HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds after which another try makes sense."));
            response.headers.insert("Retry-After".to_owned(), header.build().into());
        }
        if status == "201" {
            response.headers.insert("Location".to_owned(), text_header("Path of what was made.").into());
        }
    }
    if *method == Method::GET && operation.responses.responses.contains_key("200") {
        let unchanged = ResponseBuilder::new().description("Not modified since the `ETag` in `If-None-Match`.").build();
        operation.responses.responses.insert("304".to_owned(), RefOr::T(unchanged));
    }
}

fn header_parameter(name: &str, description: &str, required: Required) -> RefOr<utoipa::openapi::path::Parameter> {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .required(required)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(100))))
        .build()
        .into()
}

fn text_header(description: &str) -> utoipa::openapi::header::Header {
    HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).description(Some(description)).build()
}

fn problem_response(code: ErrorCode) -> Response {
    ResponseBuilder::new()
        .description(code.label(contract::Lang::En))
        .content("application/problem+json", ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build())
        .build()
}

/// A merge patch has the fields of what it patches, none required and every one nullable.
fn patch_schema(operation: &mut Operation, schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let Some(RefOr::T(content)) = body.content.values().next() else { return };
    let Some(RefOr::Ref(reference)) = &content.schema else { return };
    let name = reference.ref_location.rsplit('/').next().unwrap_or_default().to_owned();
    let Some(RefOr::T(Schema::Object(input))) = schemas.get(&name).cloned() else { return };
    let mut patch = input;
    patch.description = Some("A JSON Merge Patch (RFC 7396): fields that are absent stay, `null` clears.".to_owned());
    for (field, schema) in &mut patch.properties {
        // What must be there cannot be cleared.
        if !patch.required.contains(field) {
            *schema = nullable(schema);
        }
        without_default(schema);
    }
    patch.required.clear();
    let patch_name = name.replace("Input", "Patch");
    schemas.insert(patch_name.clone(), RefOr::T(Schema::Object(patch)));
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(patch_name))).build();
    body.content.clear();
    body.content.insert("application/merge-patch+json".to_owned(), content.into());
}

/// Also `null`, unless it is allowed already: a value must fit exactly one alternative.
fn nullable(schema: &RefOr<Schema>) -> RefOr<Schema> {
    let null = RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::Null).build()));
    let allowed = match schema {
        RefOr::T(Schema::Object(object)) => match &object.schema_type {
            SchemaType::Array(types) => types.contains(&Type::Null),
            _ => false,
        },
        RefOr::T(Schema::OneOf(alternatives)) => alternatives.items.contains(&null),
        _ => false,
    };
    if allowed { schema.clone() } else { utoipa::openapi::OneOfBuilder::new().item(null).item(schema.clone()).into() }
}

/// A field that is absent from a patch stays: it has no default.
fn without_default(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => object.default = None,
        RefOr::T(Schema::Array(array)) => array.default = None,
        RefOr::T(Schema::OneOf(alternatives)) => {
            alternatives.default = None;
            alternatives.items.iter_mut().for_each(without_default);
        }
        _ => {}
    }
}

/// Makes one object of what answers are composed of: an input, which is closed, and further fields. As `allOf` nothing would fit both.
/// Items of pages become references to what they repeat.
fn flatten(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let known = schemas.clone();
    for (name, schema) in schemas {
        if let RefOr::T(Schema::AllOf(composed)) = schema {
            let mut whole = ObjectBuilder::new().schema_type(Type::Object).build();
            whole.description.clone_from(&composed.description);
            for part in &composed.items {
                let part = match part {
                    RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().and_then(|name| known.get(name)),
                    part => Some(part),
                };
                let Some(RefOr::T(Schema::Object(part))) = part else { continue };
                whole.properties.extend(part.properties.clone());
                whole.required.extend(part.required.clone());
            }
            *schema = RefOr::T(Schema::Object(whole));
        } else if let (Some(item), RefOr::T(Schema::Object(page))) = (name.strip_prefix("Page_"), schema)
            && known.contains_key(item)
            && let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items")
        {
            items.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(item).into()));
        }
    }
}
