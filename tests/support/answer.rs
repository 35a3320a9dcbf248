//! Answers, and what tests expect of them.

use std::ops::Index;

use contract::{CodedEnum, ErrorCode};
use platform::api::BASE;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer that the document allows.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body, if it is JSON.
    pub body: Value,
    pub bytes: Vec<u8>,
    what: String,
    path: String,
}

impl Answer {
    pub fn new(what: String, path: String, status: u16, headers: HeaderMap, bytes: Vec<u8>) -> Self {
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { status, headers, body, bytes, what, path }
    }

    /// Expects a status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.what, String::from_utf8_lossy(&self.bytes));
        self
    }

    /// Expects a refusal with this code.
    #[track_caller]
    pub fn refused(self, code: ErrorCode) -> Self {
        assert_eq!(self.body["code"], code.code(), "{}: {}", self.what, String::from_utf8_lossy(&self.bytes));
        self.is(code.status())
    }

    /// Expects a refusal that names this field, with this code.
    #[track_caller]
    pub fn fault(self, pointer: &str, code: &str) -> Self {
        let answer = self.refused(ErrorCode::ValidationFailed);
        let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
        let found = errors.iter().any(|error| error["pointer"] == pointer && error["code"] == code);
        assert!(found, "{}: no {code} at {pointer:?} in {}", answer.what, answer.body["errors"]);
        answer
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The entity tag, for `If-Match` and `If-None-Match`.
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("{}: no ETag", self.what)).to_owned()
    }

    /// The path of the object below the API's base: its location if it was made, otherwise the path that was read.
    pub fn path(&self) -> String {
        let path = self.header("location").unwrap_or(&self.path);
        path.strip_prefix(BASE).unwrap_or(path).to_owned()
    }

    /// The same answer under another path: a step answers with the object of the step.
    pub fn about(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    #[track_caller]
    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("{}: no id", self.what)).to_owned()
    }

    /// The items of a page.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().unwrap_or_else(|| panic!("{}: no items", self.what))
    }

    /// The value of a cookie in the answer.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let mut cookies = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let cookie = cookies.find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))?;
        cookie.split(';').next().map(str::to_owned)
    }
}

impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, field: &str) -> &Value {
        &self.body[field]
    }
}
