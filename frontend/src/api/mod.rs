//! The one HTTP client, and the calls of each domain.
//!
//! The file of each domain lists its requests as [`Call`]s. Sending one returns the contract's type or an [`ApiError`].

pub mod account_requests;
pub mod adoption_updates;
pub mod adoptions;
pub mod agreements;
pub mod areas;
pub mod assignments;
pub mod assistance;
pub mod attachments;
pub mod audit;
pub mod auth;
pub mod calendar;
pub mod campaigns;
pub mod cases;
pub mod catalogue;
pub mod checklists;
mod client;
pub mod dashboard;
pub mod difficulties;
pub mod enrolments;
pub mod findings;
pub mod forecast;
pub mod help;
pub mod households;
pub mod imports;
pub mod inspections;
pub mod institutions;
pub mod ledger;
pub mod meetings;
pub mod organisations;
pub mod outcomes;
pub mod pairings;
pub mod plans;
pub mod progress;
pub mod projects;
pub mod publications;
pub mod publicity;
pub mod rankings;
pub mod recommendations;
pub mod reports;
pub mod rounds;
pub mod supervision_orders;
pub mod tasks;
pub mod users;
pub mod villages;
pub mod work;

use std::marker::PhantomData;

use contract::{Permission, Problem, Resource, labels};
use leptos::prelude::Callback;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use web_sys::FormData;

pub use client::{Abort, AbortOwner, changes, changes_now, download, download_for, is_outdated, set_renewal, set_token, token};

use crate::i18n::{Text, lang_now, texts};
use crate::query;

/// The root path of the API.
const BASE: &str = "/api/v1";

/// Why a call failed.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiError {
    /// The service refused the request, and says why.
    Problem(Box<Problem>),
    /// There was no answer, or an unreadable one. Nobody knows whether the service acted.
    Network,
    /// The page that sent the request was left.
    Aborted,
    /// The service has a newer app, and no longer the files of this one.
    Outdated,
}

impl ApiError {
    /// The message for the person.
    pub fn message(&self) -> String {
        match self {
            Self::Problem(problem) => problem.detail.clone().unwrap_or_else(|| problem.title.clone()),
            Self::Network | Self::Aborted => texts::common::NETWORK.get().to_owned(),
            Self::Outdated => texts::common::OUTDATED.get().to_owned(),
        }
    }

    /// The message for a form without visible fields: the first fault, if there is one.
    pub fn first_fault(&self) -> String {
        match self {
            Self::Problem(problem) => match problem.errors.first() {
                Some(fault) => match fault.pointer.rsplit('/').next().filter(|name| !name.is_empty()) {
                    Some(name) => format!("{}{}{}", labels::label(name, lang_now()), lang_now().pick("：", ": "), fault.message),
                    None => fault.message.clone(),
                },
                None => self.message(),
            },
            _ => self.message(),
        }
    }

    /// The page of the existing object that caused the refusal.
    pub fn existing(&self) -> Option<String> {
        match self {
            Self::Problem(problem) => problem.existing.clone(),
            _ => None,
        }
    }

    /// The status of the answer; 0 without an answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Problem(problem) => problem.status,
            Self::Network | Self::Aborted | Self::Outdated => 0,
        }
    }

    /// True if the service may have acted anyway, so that a retry must have the same idempotency key.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.status >= 500 || problem.code == contract::ErrorCode::RequestInProgress,
            Self::Network | Self::Aborted => true,
            Self::Outdated => false,
        }
    }
}

/// The HTTP methods of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A request, without the type of its answer.
#[derive(Clone, Debug)]
pub struct Request {
    verb: Verb,
    path: String,
    body: Option<String>,
    /// A multipart form, instead of a body.
    form: Option<FormData>,
    version: Option<i32>,
    key: Option<String>,
    anonymous: bool,
    /// The fields of which whoever wrote them has said that they name nobody.
    not_personal: Vec<String>,
    /// Whether somebody is there to be asked for a second look.
    attended: bool,
    /// Called with the share of the body that has been sent, from 0 to 1.
    sent: Option<Callback<f64>>,
}

impl Request {
    fn new(verb: Verb, path: String, body: Option<String>) -> Self {
        let not_personal = Vec::new();
        Self {
            verb,
            path,
            body,
            form: None,
            version: None,
            key: None,
            anonymous: false,
            not_personal,
            attended: true,
            sent: None,
        }
    }
}

/// A request with the type of its answer.
#[derive(Debug)]
pub struct Call<T> {
    request: Request,
    answer: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    fn new(verb: Verb, path: String, body: Option<String>) -> Self {
        Self { request: Request::new(verb, path, body), answer: PhantomData }
    }

    /// Reads something.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Verb::Get, path.into(), None)
    }

    /// Reads a list.
    pub fn list(path: &str, query: &impl Serialize) -> Self {
        let query = query::of(query);
        Self::get(if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
    }

    /// Creates something or takes a step, under a new idempotency key.
    pub fn post(path: impl Into<String>, body: &impl Serialize) -> Self {
        let mut call = Self::new(Verb::Post, path.into(), json(body));
        call.request.key = Some(new_key());
        call
    }

    /// Posts without a body.
    pub fn post_empty(path: impl Into<String>) -> Self {
        let mut call = Self::new(Verb::Post, path.into(), None);
        call.request.key = Some(new_key());
        call
    }

    /// Uploads a file with its fields.
    pub fn upload(path: impl Into<String>, form: FormData) -> Self {
        let mut call = Self::new(Verb::Post, path.into(), None);
        call.request.form = Some(form);
        call.request.key = Some(new_key());
        call
    }

    /// Replaces something.
    pub fn put(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self::new(Verb::Put, path.into(), json(body))
    }

    /// Changes something with a merge patch, if it still has this version.
    pub fn patch(path: impl Into<String>, version: i32, patch: &Value) -> Self {
        let mut call = Self::new(Verb::Patch, path.into(), json(patch));
        call.request.version = Some(version);
        call
    }

    /// Deletes something.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Verb::Delete, path.into(), None)
    }

    /// The same call without an access token, which relies on the cookie.
    pub fn anonymous(mut self) -> Self {
        self.request.anonymous = true;
        self
    }

    /// The same call, which reports how much of it has been sent.
    pub fn watched(mut self, sent: Callback<f64>) -> Self {
        self.request.sent = Some(sent);
        self
    }

    /// The same call, refused unless the object still has this version.
    pub fn seen(mut self, version: i32) -> Self {
        self.request.version = Some(version);
        self
    }

    /// The same call with another type of answer.
    pub fn answering<U>(self) -> Call<U> {
        Call { request: self.request, answer: PhantomData }
    }

    /// The same call, made while nobody looks: whoever wrote it has said of these fields that they name nobody, and is asked
    /// about others later.
    pub fn unattended(mut self, not_personal: Vec<String>) -> Self {
        self.request.not_personal = not_personal;
        self.request.attended = false;
        self
    }

    /// The same call under the key of an earlier attempt.
    pub fn keyed(mut self, key: String) -> Self {
        self.request.key = Some(key);
        self
    }
}

impl<T: DeserializeOwned> Call<T> {
    /// Sends the request and waits for the answer.
    ///
    /// # Errors
    ///
    /// The problem that the service answers with, or that it did not answer.
    pub async fn send(self) -> Result<T, ApiError> {
        self.send_within(&Abort::default()).await
    }

    /// Sends the request for a page that may be left before the answer comes.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send), and [`ApiError::Aborted`].
    pub async fn send_within(self, abort: &Abort) -> Result<T, ApiError> {
        let text = client::exchange(self.request, abort).await?;
        serde_json::from_str(&text).map_err(|_| ApiError::Network)
    }
}

/// A new idempotency key.
pub fn new_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A contract type with a page, at the path that it has in the API.
pub trait Record: Resource + DeserializeOwned + Send + Sync + 'static {
    /// The input that creates one.
    type Input: Serialize + DeserializeOwned + validator::Validate;
    /// The permission to create and change it.
    const WRITE: Permission;
    /// The permission that its history needs beyond reading it.
    const HISTORY: Option<Permission> = None;
    /// Whether it contains personal data. If so, what is typed is stored nowhere but on the page.
    const PRIVATE: bool = false;

    /// The label of a coded field's value.
    fn coded(field: &str, code: &str, lang: contract::Lang) -> Option<&'static str>;
    /// The message after a form was saved.
    fn told(&self) -> Text {
        texts::form::SAVED
    }
}

/// A record that a form can change, besides its steps.
pub trait Editable: Record {
    /// The fields that can be changed.
    type Edit: Serialize + DeserializeOwned + validator::Validate;

    /// The current values of the fields that can be changed.
    fn edit(&self) -> Self::Edit;

    /// What is sent of a patch to the edited values.
    fn sent(patch: Value) -> Value {
        patch
    }
}

fn json(body: &impl Serialize) -> Option<String> {
    serde_json::to_string(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_carry_a_fresh_key_and_patches_a_version() {
        let post = || Call::<Value>::post("/campaigns", &1).request.key;
        assert_ne!(post(), post());
        assert_eq!(Call::<Value>::patch("/villages/1", 7, &Value::Null).request.version, Some(7));
    }

    #[test]
    fn only_an_unknown_outcome_keeps_the_key() {
        assert!(ApiError::Network.outcome_unknown());
        let problem: Problem = serde_json::from_value(serde_json::json!({
            "type": "/problems/validation_failed", "title": "", "status": 422, "instance": "", "code": "validation_failed", "request_id": ""
        }))
        .unwrap();
        assert!(!ApiError::Problem(Box::new(problem)).outcome_unknown());
    }
}
