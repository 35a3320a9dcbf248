//! The OpenAPI document as the judge of answers.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use contract::{CodedEnum, ErrorCode, Permission};
use jsonschema::Validator;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

/// An operation of the document.
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// The path with its parameters in braces.
    pub path: String,
    /// The permission that a caller needs; `None` if anybody may call.
    pub permission: Option<Permission>,
    pub value: Value,
}

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(baishe::api::operations().document()).expect("the document is JSON"));
static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(read_operations);
/// The schemas to refer to. For answers every object is closed, since undocumented fields must not be sent.
static COMPONENTS: LazyLock<[Value; 2]> = LazyLock::new(|| {
    let mut closed = DOCUMENT["components"].clone();
    close(&mut closed);
    [DOCUMENT["components"].clone(), closed]
});
/// Validators, compiled once in a run, by whether they are closed and by their schema.
type Validators = Mutex<HashMap<(bool, String), Arc<Validator>>>;
static VALIDATORS: LazyLock<Validators> = LazyLock::new(Mutex::default);

/// Every operation of the document.
pub fn operations() -> &'static [Operation] {
    &OPERATIONS
}

fn read_operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().expect("paths") {
        for (method, value) in item.as_object().expect("operations") {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let permission = value["x-permission"].as_str().map(|code| {
                let known = Permission::ALL.iter().find(|permission| permission.code() == code);
                *known.unwrap_or_else(|| panic!("{code} is no permission"))
            });
            let id = value["operationId"].as_str().expect("an operationId").to_owned();
            found.push(Operation { id, method, path: path.clone(), permission, value: value.clone() });
        }
    }
    found
}

/// The operation of a request. Literal segments take precedence over parameters.
pub fn find(method: &Method, path: &str) -> Option<&'static Operation> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let wanted: Vec<_> = path.split('/').collect();
    let fits = |operation: &&Operation| {
        let segments: Vec<_> = operation.path.split('/').collect();
        operation.method == *method
            && segments.len() == wanted.len()
            && segments.iter().zip(&wanted).all(|(known, given)| known == given || known.starts_with('{') && !given.is_empty())
    };
    OPERATIONS.iter().filter(fits).min_by_key(|operation| operation.path.matches('{').count())
}

/// The whole document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The documented response of an operation for a status, wherever it is defined.
pub fn response<'a>(operation: &'a Value, status: &str) -> &'a Value {
    let response = &operation["responses"][status];
    let reference = response["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.map_or(response, |pointer| DOCUMENT.pointer(pointer).unwrap_or(&Value::Null))
}

/// A request and its answer.
pub struct Exchange<'a> {
    pub method: &'a Method,
    /// The path without the query.
    pub path: &'a str,
    pub query: &'a str,
    /// Media type and content of a JSON body.
    pub sent: Option<(&'a str, &'a Value)>,
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub received: &'a [u8],
}

impl Exchange<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type of the answer, without parameters.
    fn media_type(&self) -> &str {
        self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim()
    }

    /// Reports what the document does not allow.
    pub fn judge(&self) -> Result<(), String> {
        self.header("x-request-id").ok_or("without X-Request-Id")?;
        if self.header("x-content-type-options") != Some("nosniff") {
            return Err("without nosniff".to_owned());
        }
        let outside = !self.path.starts_with(platform::api::BASE);
        // Pages of the portal are for people.
        if self.status >= 400 && *self.method != Method::HEAD && !(outside && self.media_type() == "text/html") {
            self.judge_problem()?;
        }
        let Some(operation) = find(self.method, self.path) else {
            return if outside || matches!(self.status, 404 | 405) { Ok(()) } else { Err("not in the document".to_owned()) };
        };
        let response = response(&operation.value, &self.status.to_string());
        if response.is_null() {
            return Err(format!("{} does not document status {}", operation.id, self.status));
        }
        self.judge_headers()?;
        self.judge_body(operation, response)?;
        if self.status < 300 { self.judge_request(operation) } else { Ok(()) }
    }

    fn judge_problem(&self) -> Result<(), String> {
        if self.media_type() != "application/problem+json" {
            return Err(format!("an error as {:?}", self.media_type()));
        }
        let problem: Value = serde_json::from_slice(self.received).map_err(|error| error.to_string())?;
        valid(true, &json!({ "$ref": "#/components/schemas/Problem" }), &problem)?;
        let code = problem["code"].as_str().and_then(ErrorCode::from_code).ok_or("no known code")?;
        let right = json!({
            "status": self.status, "type": format!("/problems/{}", code.code()), "request_id": self.header("x-request-id"), "instance": self.path,
        });
        for (field, value) in right.as_object().into_iter().flatten() {
            if problem[field] != *value {
                return Err(format!("a problem with {field} {} instead of {value}", problem[field]));
            }
        }
        let about = code == ErrorCode::ValidationFailed && problem["errors"].as_array().is_none_or(Vec::is_empty);
        if about || code.status() != self.status { Err("a problem that says too little".to_owned()) } else { Ok(()) }
    }

    /// Headers that the document does not repeat for each operation.
    fn judge_headers(&self) -> Result<(), String> {
        let needed: &[&str] = match self.status {
            200 if *self.method == Method::GET && self.media_type() == "application/json" => &["etag"],
            201 => &["location", "etag"],
            304 => &["etag"],
            401 => &["www-authenticate"],
            429 => &["retry-after", "ratelimit", "ratelimit-policy"],
            503 => &["retry-after"],
            _ => &[],
        };
        match needed.iter().find(|name| self.header(name).is_none()) {
            Some(missing) => Err(format!("status {} without {missing}", self.status)),
            None if self.header("cache-control").is_none() => Err("without Cache-Control".to_owned()),
            None => Ok(()),
        }
    }

    fn judge_body(&self, operation: &Operation, response: &Value) -> Result<(), String> {
        let Some(content) = response["content"].as_object() else {
            return if self.received.is_empty() { Ok(()) } else { Err("a body that is not documented".to_owned()) };
        };
        let media_type = self.media_type();
        let schema = content.get(media_type).map(|media| &media["schema"]);
        let schema = schema.ok_or_else(|| format!("{} does not document {media_type:?}", operation.id))?;
        if *self.method == Method::HEAD || !media_type.ends_with("json") {
            return Ok(());
        }
        let body = serde_json::from_slice(self.received).map_err(|error| format!("no JSON: {error}"))?;
        valid(true, schema, &body)
    }

    /// The document must allow what the service accepts.
    fn judge_request(&self, operation: &Operation) -> Result<(), String> {
        let parameters = operation.value["parameters"].as_array().cloned().unwrap_or_default();
        for name in self.query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap_or(pair)) {
            if !parameters.iter().any(|parameter| parameter["in"] == "query" && parameter["name"] == name) {
                return Err(format!("accepted a query parameter {name} that is not documented"));
            }
        }
        let Some((media_type, body)) = self.sent else { return Ok(()) };
        let content = &operation.value["requestBody"]["content"];
        // The service accepts a merge patch as plain JSON too.
        let media_type = media_type.split(';').next().unwrap_or(media_type);
        let media = content.get(media_type).or_else(|| content.get("application/merge-patch+json"));
        let media = media.ok_or_else(|| format!("accepted {media_type}, which is not documented"))?;
        valid(false, &media["schema"], body).map_err(|fault| format!("accepted a body that is not valid: {fault}"))
    }
}

/// Checks a value against a schema. If `closed`, fields that the schema does not name are errors.
pub fn valid(closed: bool, schema: &Value, instance: &Value) -> Result<(), String> {
    let validator = VALIDATORS
        .lock()
        .expect("nobody panicked here")
        .entry((closed, schema.to_string()))
        .or_insert_with(|| Arc::new(compile(closed, schema)))
        .clone();
    let faults: Vec<_> =
        validator.iter_errors(instance).take(5).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if faults.is_empty() { Ok(()) } else { Err(format!("not valid by its schema:\n  {}", faults.join("\n  "))) }
}

fn compile(closed: bool, schema: &Value) -> Validator {
    let mut whole = schema.clone();
    if closed {
        close(&mut whole);
    }
    whole["components"] = COMPONENTS[usize::from(closed)].clone();
    jsonschema::draft202012::options().should_validate_formats(true).build(&whole).expect("the schema is a schema")
}

/// Forbids undocumented fields in every object.
fn close(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            if map.get("properties").is_some_and(Value::is_object) && map.get("type") == Some(&json!("object")) {
                map.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The schemas that a schema refers to, itself included, by name.
pub fn schemas_behind(schema: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let mut open = vec![(String::new(), schema)];
    while let Some((name, schema)) = open.pop() {
        found.insert(name, schema.clone());
        let mut values = vec![schema];
        while let Some(value) = values.pop() {
            match value {
                Value::Object(map) => values.extend(map.values()),
                Value::Array(items) => values.extend(items),
                Value::String(text) => {
                    let Some(name) = text.strip_prefix("#/components/schemas/") else { continue };
                    if !found.contains_key(name) {
                        open.push((name.to_owned(), &DOCUMENT["components"]["schemas"][name]));
                    }
                }
                _ => {}
            }
        }
    }
    found
}
