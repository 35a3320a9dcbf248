//! The one HTTP client, and the calls of each domain.
//!
//! A domain's file says what can be asked, as [`Call`]s; whoever sends one gets the contract's type or an [`ApiError`].

pub mod account_requests;
pub mod agreements;
pub mod areas;
pub mod assistance;
pub mod attachments;
pub mod audit;
pub mod auth;
pub mod campaigns;
mod client;
pub mod dashboard;
pub mod enrolments;
pub mod households;
pub mod imports;
pub mod ledger;
pub mod organisations;
pub mod outcomes;
pub mod pairings;
pub mod plans;
pub mod progress;
pub mod projects;
pub mod reports;
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

/// Where the API lives.
const BASE: &str = "/api/v1";

/// Why a call gave no answer to work with.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiError {
    /// The service refused, and says why.
    Problem(Box<Problem>),
    /// No answer, or one that cannot be read. Whether the service acted is not known.
    Network,
    /// The page that asked is gone.
    Aborted,
    /// A newer app has taken the place of this one, whose files are gone.
    Outdated,
}

impl ApiError {
    /// What a person reads.
    pub fn message(&self) -> String {
        match self {
            Self::Problem(problem) => problem.detail.clone().unwrap_or_else(|| problem.title.clone()),
            Self::Network | Self::Aborted => texts::common::NETWORK.get().to_owned(),
            Self::Outdated => texts::common::OUTDATED.get().to_owned(),
        }
    }

    /// What a person reads where no field is shown: the first of the faults, where there are any.
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

    /// The page of the object that stands in the way.
    pub fn existing(&self) -> Option<String> {
        match self {
            Self::Problem(problem) => problem.existing.clone(),
            _ => None,
        }
    }

    /// The status of the answer, 0 without one.
    pub fn status(&self) -> u16 {
        match self {
            Self::Problem(problem) => problem.status,
            Self::Network | Self::Aborted | Self::Outdated => 0,
        }
    }

    /// True where the service may have acted all the same, so that a retry must carry the same idempotency key.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.status >= 500 || problem.code == contract::ErrorCode::RequestInProgress,
            Self::Network | Self::Aborted => true,
            Self::Outdated => false,
        }
    }
}

/// The verbs the API knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What is sent, without the type of the answer.
#[derive(Clone, Debug)]
pub struct Request {
    verb: Verb,
    path: String,
    body: Option<String>,
    /// Files with their fields, instead of a body.
    form: Option<FormData>,
    version: Option<i32>,
    key: Option<String>,
    anonymous: bool,
    /// Told of the share of the body that has been sent, from 0 to 1.
    sent: Option<Callback<f64>>,
}

/// A request and the type of its answer.
#[derive(Debug)]
pub struct Call<T> {
    request: Request,
    answer: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    fn new(verb: Verb, path: String, body: Option<String>) -> Self {
        Self {
            request: Request { verb, path, body, form: None, version: None, key: None, anonymous: false, sent: None },
            answer: PhantomData,
        }
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

    /// Creates something, or takes a step, under a fresh idempotency key.
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

    /// Sends a file with its fields.
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

    /// Changes something by a merge patch, if it still has this version.
    pub fn patch(path: impl Into<String>, version: i32, patch: &Value) -> Self {
        let mut call = Self::new(Verb::Patch, path.into(), json(patch));
        call.request.version = Some(version);
        call
    }

    /// Ends something.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Verb::Delete, path.into(), None)
    }

    /// The same call without the access token: the cookie alone counts.
    pub fn anonymous(mut self) -> Self {
        self.request.anonymous = true;
        self
    }

    /// The same call, telling how much of it has been sent.
    pub fn watched(mut self, sent: Callback<f64>) -> Self {
        self.request.sent = Some(sent);
        self
    }

    /// The same call, refused unless the object still has the version that was seen.
    pub fn seen(mut self, version: i32) -> Self {
        self.request.version = Some(version);
        self
    }

    /// The same call, whose answer is read as something else.
    pub fn answering<U>(self) -> Call<U> {
        Call { request: self.request, answer: PhantomData }
    }

    /// The same call under the key of an earlier try.
    pub fn keyed(mut self, key: String) -> Self {
        self.request.key = Some(key);
        self
    }
}

impl<T: DeserializeOwned> Call<T> {
    /// Sends it and waits for the answer.
    ///
    /// # Errors
    /// The problem the service answers with, or that it did not answer.
    pub async fn send(self) -> Result<T, ApiError> {
        self.send_within(&Abort::default()).await
    }

    /// Sends it for a page that may be left before the answer comes.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_within(self, abort: &Abort) -> Result<T, ApiError> {
        let text = client::exchange(self.request, abort).await?;
        serde_json::from_str(&text).map_err(|_| ApiError::Network)
    }
}

/// A fresh idempotency key.
pub fn new_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A contract type that has a page, at the path that it has in the API.
pub trait Record: Resource + DeserializeOwned + Send + Sync + 'static {
    /// What makes one.
    type Input: Serialize + DeserializeOwned + validator::Validate;
    /// The permission to make and change it.
    const WRITE: Permission;
    /// What its history needs beyond seeing it.
    const HISTORY: Option<Permission> = None;
    /// It speaks of persons: what is typed of it is kept nowhere but on the page.
    const PRIVATE: bool = false;

    /// The label of a coded field's value.
    fn coded(field: &str, code: &str, lang: contract::Lang) -> Option<&'static str>;
    /// What a person is told when a form is answered with it.
    fn told(&self) -> Text {
        texts::form::SAVED
    }
}

/// A record that is changed by a form, and not only by its steps.
pub trait Editable: Record {
    /// What of it can be changed.
    type Edit: Serialize + DeserializeOwned + validator::Validate;

    /// What can be changed, as it stands.
    fn edit(&self) -> Self::Edit;
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
