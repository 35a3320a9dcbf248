//! The OpenAPI document: adds what follows from the kinds of operations, and what all operations share.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use contract::{CodedEnum, ErrorCode, Problem};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayItems, SchemaType};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, Content, ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder,
    OpenApi, OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema, ServerBuilder,
    Type,
};
use utoipa::{PartialSchema, ToSchema};

use super::api::BASE;
use super::example::Examples;
use super::extract::NotPersonal;
use super::principal::Gate;

/// What the header says, wherever words about a family may be written.
const NOT_PERSONAL: &str = "Fields of which the caller says that they hold no name and no number of the family, after `perhaps_personal` asked for a \
    second look: JSON pointers with commas between them. It is kept in the trail. Identity and mobile numbers and accounts are refused all the same.";

const RATE_HEADERS: [(&str, &str); 2] = [
    (
        "RateLimit-Policy",
        "How many requests (`q`) the caller may send in how many seconds (`w`): an account, or an address before signing in.",
    ),
    ("RateLimit", "How many requests are left (`r`), and in how many seconds (`t`) all are back."),
];

/// Builds the document from tags with their descriptions, operations by path and method, and the schemas that they use.
pub(super) fn write(
    tags: Vec<(&'static str, &'static str)>,
    mut operations: Vec<(String, Method, Operation)>,
    found: Vec<(String, RefOr<Schema>)>,
) -> OpenApi {
    let mut schemas: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    for (name, schema) in found {
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
    for (_, _, operation) in operations.iter_mut().filter(|(_, method, _)| *method == Method::PATCH) {
        patch_schema(operation, &mut schemas);
    }
    let examples = Examples(json(&schemas));
    let mut paths: BTreeMap<String, PathItem> = BTreeMap::new();
    for (path, method, mut operation) in operations {
        add_examples(&mut operation, &examples);
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
    let refusals: Vec<_> =
        ErrorCode::ALL.iter().map(|&code| (code.code().to_owned(), problem_response(code, &examples))).collect();
    let used = references(&paths, &refusals, &schemas);
    let components = schemas
        .into_iter()
        .filter(|(name, _)| used.contains(&format!("#/components/schemas/{name}")))
        .fold(ComponentsBuilder::new(), |components, (name, schema)| components.schema(name, schema));
    let components = refusals
        .into_iter()
        .filter(|(name, _)| used.contains(&format!("#/components/responses/{name}")))
        .fold(components, |components, (name, response)| components.response(name, response))
        .security_scheme("bearer", SecurityScheme::Http(bearer()))
        .build();
    let tags: Vec<_> =
        tags.into_iter().map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build()).collect();
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
                .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build())),
        )
        .servers(Some([ServerBuilder::new().url("/").description(Some("This deployment")).build()]))
        .tags(Some(tags))
        .paths(paths)
        .components(Some(components))
        .build()
}

fn bearer() -> Http {
    let mut http = Http::new(HttpAuthScheme::Bearer);
    http.bearer_format = Some("JWT".to_owned());
    http
}

/// Adds what follows from the kind of operation, so that no handler has to repeat it.
pub(super) fn finish<G: Gate>(operation: &mut Operation, method: &Method, path: &str) {
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
    let asks_again =
        |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.name == NotPersonal::HEADER);
    if operation.parameters.as_ref().is_some_and(|parameters| parameters.iter().any(asks_again)) {
        codes.push(ErrorCode::PerhapsPersonal);
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
            "Version the caller has seen, as `ETag` gave it, or several of them; another version answers 412. `*` goes for any.",
            if patch { Required::True } else { Required::False },
            100,
        ));
        if patch || *method == Method::POST {
            parameters.push(header_parameter(NotPersonal::HEADER, NOT_PERSONAL, Required::False, NotPersonal::LONGEST));
        }
        if *method == Method::POST {
            parameters.push(header_parameter(
                "Idempotency-Key",
                "Repeats of a request with the same key get its first answer, for 24 hours.",
                Required::False,
                100,
            ));
        }
    }
    for code in codes {
        let status = code.status().to_string();
        operation.responses.responses.entry(status).or_insert_with(|| RefOr::Ref(Ref::from_response_name(code.code())));
    }
    describe::<G>(operation, method, path);
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        common_headers(response);
        if let Some(what) = match status.as_str() {
            "201" => Some("Path of what was made."),
            "202" => Some("Path of what waits for somebody else."),
            _ => None,
        } {
            response.headers.insert("Location".to_owned(), text_header(what).into());
        }
    }
    if *method == Method::GET && operation.responses.responses.contains_key("200") {
        let mut unchanged = ResponseBuilder::new().description("Not modified since the `ETag` in `If-None-Match`.").build();
        common_headers(&mut unchanged);
        operation.responses.responses.insert("304".to_owned(), RefOr::T(unchanged));
    }
}

fn header_parameter(name: &str, description: &str, required: Required, most: usize) -> RefOr<Parameter> {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .required(required)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(most))))
        .build()
        .into()
}

fn text_header(description: &str) -> utoipa::openapi::header::Header {
    HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).description(Some(description)).build()
}

/// The headers of every answer.
fn common_headers(response: &mut Response) {
    let headers = &mut response.headers;
    headers.insert("X-Request-Id".to_owned(), text_header("Id of the request, also in the log.").into());
    for (name, description) in RATE_HEADERS {
        headers.insert(name.to_owned(), text_header(description).into());
    }
}

/// A problem document with a code.
fn problem_example(code: ErrorCode, examples: &Examples) -> serde_json::Value {
    let mut example = examples.of(&json(&Problem::schema()));
    example["type"] = format!("/problems/{}", code.code()).into();
    example["title"] = code.label(contract::Lang::ZhCn).into();
    example["status"] = code.status().into();
    example["code"] = code.code().into();
    example["instance"] = format!("{BASE}/me").into();
    if let Some(fields) = example.as_object_mut() {
        let faulty = matches!(code, ErrorCode::ValidationFailed | ErrorCode::PerhapsPersonal);
        fields.retain(|name, _| match name.as_str() {
            "errors" => faulty,
            "likely_doubles" => code == ErrorCode::LikelyDouble,
            "detail" | "state" | "allowed_actions" | "existing" => false,
            _ => true,
        });
    }
    example
}

fn problem_response(code: ErrorCode, examples: &Examples) -> Response {
    let example = problem_example(code, examples);
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).example(Some(example)).build();
    let response = ResponseBuilder::new().description(code.label(contract::Lang::En));
    let mut response = response.content("application/problem+json", content).build();
    common_headers(&mut response);
    if matches!(code, ErrorCode::TooManyRequests | ErrorCode::Unavailable) {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(86_400));
        let description = "Seconds after which another try makes sense.";
        let header = HeaderBuilder::new().schema(Some(seconds)).description(Some(description)).build();
        response.headers.insert("Retry-After".to_owned(), header.into());
    }
    response
}

/// Adds to the description what holds for every operation of its kind, and who may use it.
fn describe<G: Gate>(operation: &mut Operation, method: &Method, path: &str) {
    let last = path.rsplit('/').next().unwrap_or_default();
    let kind = match *method {
        Method::GET if last == "history" => "The newest change first: who changed what, when and why.",
        Method::GET if last.starts_with('{') => "A change names the `ETag` of this answer in `If-Match`.",
        Method::PATCH => "A JSON Merge Patch: fields that are absent stay, and the outcome is checked as a whole.",
        Method::POST if last == "{action}" => {
            "Which steps the caller may take now is said by `allowed_actions`; another answers 409 with the state and those."
        }
        _ => "",
    };
    let who = match G::PERMISSION {
        Some(permission) => {
            let roles: Vec<_> = permission.roles().iter().map(|role| format!("`{}`", role.code())).collect();
            format!("Needs the permission `{}`, which these roles have: {}.", permission.code(), roles.join(", "))
        }
        None => "Open to everybody.".to_owned(),
    };
    let own = operation.description.take().unwrap_or_default();
    let parts: Vec<_> = [own.as_str(), kind, &who].into_iter().filter(|part| !part.is_empty()).collect();
    operation.description = Some(parts.join("\n\n"));
    for parameter in operation.parameters.iter_mut().flatten() {
        // If a function makes the schema, the derive macro leaves out the description of the field.
        let RefOr::T(parameter) = parameter else { continue };
        if let (None, Some(RefOr::T(Schema::Object(schema)))) = (&parameter.description, &mut parameter.schema) {
            parameter.description = schema.description.take();
        }
    }
}

fn add_examples(operation: &mut Operation, examples: &Examples) {
    let fill = |content: &mut RefOr<Content>| {
        let RefOr::T(content) = content else { return };
        if let Some(schema) = content.schema.as_ref().filter(|_| content.example.is_none()) {
            content.example = Some(examples.of(&json(schema)));
        }
    };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(fill);
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let codes = || ErrorCode::ALL.iter().copied().filter(|code| code.status().to_string() == *status);
        let code = codes().find(|code| code.label(contract::Lang::En) == response.description).or_else(|| codes().next());
        for (media_type, content) in &mut response.content {
            match (media_type.as_str(), code, content) {
                ("application/json", _, content) => fill(content),
                ("application/problem+json", Some(code), RefOr::T(content)) => {
                    content.example = Some(problem_example(code, examples));
                }
                _ => {}
            }
        }
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(known) = &*parameter else { continue };
        if let Some(schema) = known.schema.as_ref().filter(|_| known.parameter_in == ParameterIn::Path) {
            let example = examples.of(&json(schema));
            *parameter = ParameterBuilder::from(known.clone()).example(Some(example)).build().into();
        }
    }
}

fn json(value: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The schemas that operations refer to, directly or through others.
fn references(
    paths: &impl serde::Serialize,
    refusals: &[(String, Response)],
    schemas: &BTreeMap<String, RefOr<Schema>>,
) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut open = vec![json(paths)];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Object(fields) => open.extend(fields.into_iter().map(|(_, field)| field)),
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::String(text) if text.starts_with("#/components/") && used.insert(text.clone()) => {
                let name = text.rsplit('/').next().unwrap_or_default();
                open.extend(schemas.get(name).map(json));
                open.extend(refusals.iter().find(|(code, _)| code == name).map(|(_, response)| json(response)));
            }
            _ => {}
        }
    }
    used
}

/// The schema of a merge patch: all fields of the object, none required and every one nullable.
fn patch_schema(operation: &mut Operation, schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let Some(RefOr::T(content)) = body.content.values().next() else { return };
    let Some(RefOr::Ref(reference)) = &content.schema else { return };
    let name = reference.ref_location.rsplit('/').next().unwrap_or_default().to_owned();
    let Some(patch_name) = patch_of(&name, schemas) else { return };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(patch_name))).build();
    body.content.clear();
    body.content.insert("application/merge-patch+json".to_owned(), content.into());
}

/// Makes the schema of a patch of an object, and returns its name. A field that is an object is patched in its turn.
fn patch_of(name: &str, schemas: &mut BTreeMap<String, RefOr<Schema>>) -> Option<String> {
    let Some(RefOr::T(Schema::Object(mut patch))) = schemas.get(name).cloned() else { return None };
    if patch.properties.is_empty() {
        return None;
    }
    let patch_name = format!("{}Patch", name.trim_end_matches("Input"));
    patch.description = Some("A JSON Merge Patch (RFC 7396): fields that are absent stay, `null` clears.".to_owned());
    for (field, schema) in &mut patch.properties {
        partial(schema, schemas);
        // A required field cannot be cleared.
        if !patch.required.contains(field) {
            *schema = nullable(schema);
        }
        without_default(schema);
    }
    patch.required.clear();
    schemas.insert(patch_name.clone(), RefOr::T(Schema::Object(patch)));
    Some(patch_name)
}

fn partial(schema: &mut RefOr<Schema>, schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    match schema {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default().to_owned();
            if let Some(patch) = patch_of(&name, schemas) {
                *reference = Ref::from_schema_name(patch);
            }
        }
        RefOr::T(Schema::OneOf(alternatives)) => alternatives.items.iter_mut().for_each(|one| partial(one, schemas)),
        RefOr::T(_) => {}
    }
}

/// Allows `null` as well, unless it is allowed already: a value must match exactly one alternative.
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

/// A field that is absent from a patch stays as it is, so it has no default.
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

/// Merges the parts of an answer into one object: an input, which is closed, and further fields. As `allOf` nothing would
/// match both. Items of pages become references to the schema that they repeat.
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
