//! Every operation of the document × every account, inside and outside of its scope.
//!
//! A new operation needs one line in [`table`]: this test fails until it is there.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};

use contract::ErrorCode::{self, Forbidden, NotFound, OutsideOwnScope, Unauthenticated};
use reqwest::Method;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// How an operation is called, and who may. Unless it says otherwise: all whose role has the permission, and where the path names an object,
/// those of its county; for the county next door it is not there.
struct Entry {
    operation: &'static str,
    object: Option<Object>,
    body: Option<fn(&TestApp) -> Value>,
    only: Option<&'static [Who]>,
    otherwise: ErrorCode,
    foreign: Option<ErrorCode>,
    but: &'static [(Who, ErrorCode)],
}

/// Makes or finds what the path names, anew for each call, of which the caller is told.
type Object = for<'a> fn(&'a TestApp, Who) -> Pin<Box<dyn Future<Output = Target> + 'a>>;

/// Path below the API's base, and the version.
struct Target {
    path: String,
    etag: Option<String>,
}

impl From<Answer> for Target {
    fn from(answer: Answer) -> Self {
        Self { path: answer.path(), etag: answer.header("etag").map(str::to_owned) }
    }
}

fn op(operation: &'static str) -> Entry {
    Entry { operation, object: None, body: None, only: None, otherwise: OutsideOwnScope, foreign: None, but: &[] }
}

impl Entry {
    /// The object that the path names.
    fn on(self, object: Object) -> Self {
        Self { object: Some(object), foreign: Some(NotFound), ..self }
    }

    fn body(self, body: fn(&TestApp) -> Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Of those with the permission only these may; the others read it and get `outside_own_scope`, unless [`Entry::or`].
    fn only(self, who: &'static [Who]) -> Self {
        Self { only: Some(who), ..self }
    }

    /// What the others get, where it is not `outside_own_scope`.
    #[allow(dead_code, reason = "for domains whose objects are not readable by all")]
    fn or(self, code: ErrorCode) -> Self {
        Self { otherwise: code, ..self }
    }

    /// The county next door may as well.
    fn everywhere(self) -> Self {
        Self { foreign: None, ..self }
    }

    /// What the county next door gets, where it is not `not_found`.
    fn foreign(self, code: ErrorCode) -> Self {
        Self { foreign: Some(code), ..self }
    }

    /// Exceptions.
    fn but(self, but: &'static [(Who, ErrorCode)]) -> Self {
        Self { but, ..self }
    }

    /// None where it is allowed.
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

    async fn call(&self, app: &TestApp, operation: &Operation, client: &Client, target: Option<Target>) -> Answer {
        let template = operation.path.trim_start_matches(baishe::platform::api::BASE);
        let (path, etag) = match target {
            // What stands behind the last parameter is the step or the sub-collection.
            Some(target) => (format!("{}{}", target.path, template.rsplit('}').next().unwrap_or_default()), target.etag),
            None => (template.to_owned(), None),
        };
        let mut call = client.call(operation.method.clone(), &path);
        if let Some(body) = self.body {
            call = call.json(body(app));
        }
        if let (&Method::PATCH, Some(etag)) = (&operation.method, &etag) {
            call = call.if_match(etag);
        }
        call.await
    }
}

fn village_a(app: &TestApp, _: Who) -> Pin<Box<dyn Future<Output = Target> + '_>> {
    Box::pin(async { app.bureau().get(&format!("/villages/{VILLAGE_A}")).await.is(200).into() })
}

fn area(_: &TestApp, _: Who) -> Pin<Box<dyn Future<Output = Target> + '_>> {
    Box::pin(async { Target { path: format!("/areas/{VILLAGE_A}"), etag: None } })
}

/// The organisation of an account, of which everybody in the county may read.
fn organisation_a(app: &TestApp, _: Who) -> Pin<Box<dyn Future<Output = Target> + '_>> {
    Box::pin(async { app.bureau().get(&app.organisation_a_path()).await.is(200).into() })
}

fn campaign_2020(app: &TestApp, _: Who) -> Pin<Box<dyn Future<Output = Target> + '_>> {
    Box::pin(async {
        let list = app.bureau().get("/campaigns").await.is(200);
        match list.items().first().and_then(|campaign| campaign["id"].as_str()) {
            Some(id) => app.bureau().get(&format!("/campaigns/{id}")).await.is(200).into(),
            None => app.open_campaign().await.into(),
        }
    })
}

/// Another session of the caller's own.
fn own_session(app: &TestApp, who: Who) -> Pin<Box<dyn Future<Output = Target> + '_>> {
    Box::pin(async move {
        let login = json!({ "account": who.account(), "password": PASSWORD });
        app.anonymous().post("/auth/login", login).await.is(200);
        let sessions = app.as_(who).get("/me/sessions").await.is(200);
        let other = sessions.items().iter().find(|session| session["current"] == false).expect("the session just opened");
        Target { path: format!("/me/sessions/{}", other["id"].as_str().expect("an id")), etag: None }
    })
}

/// A number for each call: codes must not repeat.
fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn new_campaign(_: &TestApp) -> Value {
    with(campaign(), "/document_number", json!(format!("晋政民〔2020〕{}号", next_number())))
}

/// What everybody may call, signed in or not.
const OPEN: &[&str] = &["login", "refresh_session", "logout"];

fn table() -> Vec<Entry> {
    vec![
        op("read_me"),
        op("change_password").body(|_| json!({ "current_password": PASSWORD, "new_password": PASSWORD })),
        op("list_sessions"),
        op("end_session").on(own_session).everywhere(),
        op("list_areas"),
        op("read_area").on(area).everywhere(),
        op("list_campaigns"),
        op("create_campaign").body(new_campaign).foreign(OutsideOwnScope),
        op("read_campaign").on(campaign_2020),
        op("update_campaign").on(campaign_2020).body(|_| json!({ "title": "百社解千难" })),
        op("list_campaign_history").on(campaign_2020),
        op("list_villages"),
        op("read_village").on(village_a),
        op("update_village").on(village_a).body(|_| json!({ "old_base": true })).only(&[Bureau, TownA, VillageA]),
        op("list_village_history").on(village_a),
        op("list_organisations"),
        op("create_organisation")
            .body(|_| organisation(next_number(), TOWN_A))
            .only(&[Bureau, TownA])
            .but(&[(OrganisationA, Forbidden), (OrganisationB, Forbidden)]),
        op("read_organisation").on(organisation_a),
        op("update_organisation").on(organisation_a).body(|_| json!({ "strengths": "助学" })).only(&[Bureau, OrganisationA]),
        op("list_organisation_history").on(organisation_a),
    ]
}

#[test]
fn every_operation_of_the_document_is_in_the_table() {
    let documented: BTreeSet<_> = operations().iter().map(|operation| operation.id.as_str()).collect();
    let known: Vec<_> = table().iter().map(|entry| entry.operation).chain(OPEN.iter().copied()).collect();
    let unique: BTreeSet<_> = known.iter().copied().collect();
    assert_eq!(known.len(), unique.len(), "an operation is in the table twice");
    assert_eq!(documented, unique, "the document (left) and the table of tests/api/authorization.rs (right) differ");
    let open = operations().iter().filter(|operation| operation.permission.is_none()).map(|operation| operation.id.as_str());
    assert_eq!(
        open.collect::<BTreeSet<_>>(),
        BTreeSet::from_iter(OPEN.iter().copied()),
        "what needs no permission is a decision: name it here"
    );
}

both_databases!(every_operation_is_open_to_the_right_people, async |app| {
    let mut wrong = Vec::new();
    for entry in table() {
        let Some(operation) = operations().iter().find(|operation| operation.id == entry.operation) else { continue };
        for who in [None].into_iter().chain(Who::ALL.map(Some)) {
            let target = match entry.object {
                Some(object) => Some(object(app, who.unwrap_or(Bureau)).await),
                None => None,
            };
            let client = who.map_or_else(|| app.anonymous(), |who| app.as_(who));
            let answer = entry.call(app, operation, &client, target).await;
            let refusal = who.map_or(Some(Unauthenticated), |who| entry.refusal(who, operation));
            let as_it_should = match refusal {
                Some(code) => answer["code"] == contract::CodedEnum::code(code),
                None => (200..300).contains(&answer.status),
            };
            if !as_it_should {
                let body = String::from_utf8_lossy(&answer.bytes);
                wrong.push(format!("{} by {who:?}: {} instead of {refusal:?}: {body}", entry.operation, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});
