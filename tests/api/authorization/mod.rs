//! Every operation of the document × every account, inside and outside of its scope.
//!
//! A new operation needs one line in the [`Domain`](super::Domain) of its file: this test fails until it is there.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};

use contract::ErrorCode::{self, Forbidden, NotFound, OutsideOwnScope, Unauthenticated};
use reqwest::Method;
use serde_json::{Value, json};

use super::{DOMAINS, leaks};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// How to call an operation, and who may. By default, everybody whose role has the permission may, for objects of their own
/// county; the other county gets `not_found`.
pub struct Entry {
    pub operation: &'static str,
    object: Option<Object>,
    /// The step to take on the object.
    action: Option<&'static str>,
    body: Option<fn(&TestApp, &Target) -> Value>,
    /// The fields and the file of a form.
    upload: Option<fn(&Target) -> Upload>,
    query: Option<fn(&Target) -> String>,
    only: Option<&'static [Who]>,
    otherwise: ErrorCode,
    foreign: Option<ErrorCode>,
    but: &'static [(Who, ErrorCode)],
    /// The callers whose answer may contain these identifying words, and the words.
    told: (&'static [Who], &'static [&'static str]),
}

/// Operations that anybody may call, signed in or not.
const OPEN: &[&str] = &[
    "login",
    "refresh_session",
    "logout",
    "list_public_cases",
    "read_public_case",
    "list_public_figures",
    "read_public_figures",
    "read_public_figures_file",
];

/// The rows of all domains.
pub fn table() -> impl Iterator<Item = &'static Entry> {
    DOMAINS.iter().flat_map(|domain| domain.operations)
}

/// A new number for each call, because codes must be unique.
pub fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A new campaign for each call.
pub fn next_campaign() -> Value {
    with(campaign(), "/document_number", json!(format!("晋政民〔2020〕{}号", next_number())))
}

/// Creates or finds the object that the call is about, again after a call has changed it. The argument is the caller.
type Object = for<'a> fn(&'a TestApp, Who) -> Made<'a>;
pub type Made<'a> = Pin<Box<dyn Future<Output = Target> + 'a>>;

/// The fields of a form, its file and the file's media type.
pub type Upload = (Vec<(&'static str, String)>, &'static str, Vec<u8>);

/// The object of a call: its path below the API's base, id, version, and further values where a call needs more.
#[derive(Default)]
pub struct Target {
    pub path: String,
    pub id: String,
    pub etag: Option<String>,
    pub body: Value,
}

impl Target {
    pub fn at(path: String) -> Self {
        Self { id: path.rsplit('/').next().unwrap_or_default().to_owned(), path, ..Self::default() }
    }
}

impl From<Answer> for Target {
    fn from(answer: Answer) -> Self {
        Self { etag: answer.header("etag").map(str::to_owned), ..Self::at(answer.path()) }
    }
}

pub const fn op(operation: &'static str) -> Entry {
    Entry {
        operation,
        object: None,
        action: None,
        body: None,
        upload: None,
        query: None,
        only: None,
        otherwise: OutsideOwnScope,
        foreign: None,
        but: &[],
        told: (&[], &[]),
    }
}

impl Entry {
    /// Calls it on the object that the path names, or that the body refers to.
    pub const fn on(self, object: Object) -> Self {
        Self { object: Some(object), foreign: Some(NotFound), ..self }
    }

    /// Takes a step of the object that the path names.
    pub const fn step(self, action: &'static str) -> Self {
        Self { action: Some(action), ..self }
    }

    pub const fn body(self, body: fn(&TestApp, &Target) -> Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Sends every reason that a step could ask for.
    pub const fn reasons(self) -> Self {
        self.body(|_, _| json!({ "note": "村里人手不够", "on_behalf_reason": "村委会暂无账号" }))
    }

    pub const fn upload(self, upload: fn(&Target) -> Upload) -> Self {
        Self { upload: Some(upload), ..self }
    }

    /// Adds required parameters.
    pub const fn query(self, query: fn(&Target) -> String) -> Self {
        Self { query: Some(query), ..self }
    }

    /// Of those with the permission only these may call it. The others may read the object and get `outside_own_scope`, unless
    /// [`Entry::or`] says otherwise.
    pub const fn only(self, who: &'static [Who]) -> Self {
        Self { only: Some(who), ..self }
    }

    /// The refusal that the others get instead of `outside_own_scope`.
    pub const fn or(self, code: ErrorCode) -> Self {
        Self { otherwise: code, ..self }
    }

    /// Lets the other county call it too.
    pub const fn everywhere(self) -> Self {
        Self { foreign: None, ..self }
    }

    /// The refusal that the other county gets instead of `not_found`.
    pub const fn foreign(self, code: ErrorCode) -> Self {
        Self { foreign: Some(code), ..self }
    }

    /// Lists exceptions.
    pub const fn but(self, but: &'static [(Who, ErrorCode)]) -> Self {
        Self { but, ..self }
    }

    /// The answer may contain these identifying words for these callers.
    pub const fn tells(self, who: &'static [Who], words: &'static [&'static str]) -> Self {
        Self { told: (who, words), ..self }
    }

    /// The identifying words that an answer to this caller may contain.
    pub fn told_to(&self, who: Option<Who>) -> &'static [&'static str] {
        let (told, words) = self.told;
        if who.is_some_and(|who| told.contains(&who)) { words } else { &[] }
    }

    /// Makes the object for a call of this caller.
    async fn target(&self, app: &TestApp, who: Who) -> Target {
        let target = match self.object {
            Some(object) => object(app, who).await,
            None => Target::default(),
        };
        match self.action {
            Some(action) => Target { path: format!("{}/{action}", target.path), ..target },
            None => target,
        }
    }

    /// The expected refusal; `None` if the call is allowed.
    fn refusal(&self, who: Who, operation: &Operation) -> Option<ErrorCode> {
        let permitted = operation.permission.is_some_and(|permission| permission.roles().contains(&who.role()));
        if !permitted {
            return Some(Forbidden);
        }
        if let Some((_, code)) = self.but.iter().find(|(exception, _)| *exception == who) {
            return Some(*code);
        }
        if who == OtherBureau && self.foreign.is_some() {
            return self.foreign;
        }
        match self.only {
            Some(only) if !only.contains(&who) => Some(self.otherwise),
            _ => None,
        }
    }

    fn path(&self, operation: &Operation, target: &Target) -> String {
        let template = operation.path.trim_start_matches(platform::api::BASE);
        // The part after the last parameter is the sub-collection or the step.
        let path = match template.rsplit_once('}') {
            Some((_, rest)) => format!("{}{rest}", target.path),
            None => template.to_owned(),
        };
        self.query.map_or(path.clone(), |query| format!("{path}?{}", query(target)))
    }

    async fn call(&self, app: &TestApp, operation: &Operation, client: &Client, target: &Target) -> Answer {
        let path = self.path(operation, target);
        if let Some(upload) = self.upload {
            let (fields, media_type, file) = upload(target);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            return client.upload(&path, &fields, ("file", media_type, &file)).await;
        }
        let mut call = client.call(operation.method.clone(), &path);
        if let Some(body) = self.body {
            call = call.json(body(app, target));
        }
        if let (&Method::PATCH, Some(etag)) = (&operation.method, &target.etag) {
            call = call.if_match(etag);
        }
        call.await
    }
}

/// A call with a JSON body, ready to succeed.
pub struct Ready {
    pub operation: &'static Operation,
    pub client: Client,
    pub method: Method,
    pub path: String,
    pub etag: Option<String>,
    pub body: Value,
}

/// Every operation with a JSON body, ready to be sent by somebody who may.
pub async fn ready_to_send(app: &TestApp) -> Vec<Ready> {
    let mut found = Vec::new();
    for entry in table() {
        let Some(operation) = operations().iter().find(|operation| operation.id == entry.operation) else { continue };
        let Some(body) = entry.body else { continue };
        let Some(who) = Who::ALL.into_iter().find(|who| entry.refusal(*who, operation).is_none()) else { continue };
        let target = entry.target(app, who).await;
        let (path, body) = (entry.path(operation, &target), body(app, &target));
        found.push(Ready { operation, client: app.as_(who), method: operation.method.clone(), path, etag: target.etag, body });
    }
    found
}

#[test]
fn every_operation_of_the_document_is_in_the_table() {
    let documented: BTreeSet<_> = operations().iter().map(|operation| operation.id.as_str()).collect();
    let known: BTreeSet<_> = table().map(|entry| entry.operation).chain(OPEN.iter().copied()).collect();
    assert_eq!(documented, known, "the document (left) and the operations of tests/api/*.rs (right) differ");
    let open = operations().iter().filter(|operation| operation.permission.is_none()).map(|operation| operation.id.as_str());
    assert_eq!(
        open.collect::<BTreeSet<_>>(),
        BTreeSet::from_iter(OPEN.iter().copied()),
        "what needs no permission is a decision: name it here"
    );
}

/// The number of tests that share the table.
const PARTS: usize = 4;
const _: () = assert!(PARTS == 4, "a test for each part");

/// Calls the operations in one part of the table as everybody, signed in or not. Those who may get an answer, the others get the
/// right refusal, and no answer contains identifying words that its row does not allow.
async fn part(app: &TestApp, part: usize) {
    app.families().await;
    let (mut wrong, mut told) = (Vec::new(), Vec::new());
    for entry in table().skip(part).step_by(PARTS) {
        let Some(operation) = operations().iter().find(|operation| operation.id == entry.operation) else { continue };
        let mut target = None;
        for who in [None].into_iter().chain(Who::ALL.map(Some)) {
            let refusal = who.map_or(Some(Unauthenticated), |who| entry.refusal(who, operation));
            let made = match target.take() {
                Some(made) if refusal.is_some() || operation.method == Method::GET => made,
                _ => entry.target(app, who.unwrap_or(Bureau)).await,
            };
            let client = who.map_or_else(|| app.anonymous(), |who| app.as_(who));
            let answer = entry.call(app, operation, &client, &made).await;
            // An object that no call has changed is used again.
            target = (operation.method == Method::GET || answer.status >= 400).then_some(made);
            let as_it_should = match refusal {
                Some(code) => answer["code"] == contract::CodedEnum::code(code),
                None => (200..300).contains(&answer.status),
            };
            if !as_it_should {
                let body = String::from_utf8_lossy(&answer.bytes);
                wrong.push(format!("{} by {who:?}: {} instead of {refusal:?}: {body}", entry.operation, answer.status));
            }
            let leaks = leaks::of_answer(entry.told_to(who), &answer);
            if !leaks.is_empty() {
                told.push(format!("{} to {who:?} ({}): {leaks:?}", entry.operation, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// Rows are dealt out by turns, so that each part takes about as long as the others.
mod every_operation_tells_the_right_people_alone {
    use super::*;

    both_databases!(part_1, async |app| { part(app, 0).await });
    both_databases!(part_2, async |app| { part(app, 1).await });
    both_databases!(part_3, async |app| { part(app, 2).await });
    both_databases!(part_4, async |app| { part(app, 3).await });
}
