//! A change that only some may make: first everybody else tries it, then it is made.
//!
//! ```ignore
//! let accepted = app.step(&pairing, "accept", reasons(), &[VillageA, TownA], &[(OrganisationA, IllegalStep)]).await;
//! ```
//!
//! The others are refused as the design says: 401 without a token; 403 if their role never may; exactly as if the object did not
//! exist if they do not see it; 403 if they see it but have no say in it. Those who may are refused with an old version (412) or
//! without one (428). None of this leaves anything in the database. A step cannot be taken twice (409, with the state and the
//! steps allowed now).

use contract::ErrorCode::{self, *};
use reqwest::Method;
use serde_json::{Value, json};

use super::answer::Answer;
use super::client::{Call, Client};
use super::databases::Db;
use super::document;
use super::server::TestApp;
use super::world::Who;

/// An id that no object has.
const ABSENT: &str = "0190a000-0000-7000-8000-000000000000";
/// A version that no object reaches.
const OUTDATED: &str = "\"999\"";

/// A change of an object, or of something below it, that not everybody sees.
struct Trial<'a, F> {
    app: &'a TestApp,
    about: &'a Answer,
    /// Those who may. The first of them makes the change.
    may: &'a [Who],
    /// The refusals of those who see the object, but are refused for another reason than scope.
    but: &'a [(Who, ErrorCode)],
    /// Makes the call for an object id.
    call: F,
}

impl TestApp {
    /// Takes a step of an object, after everybody else was refused.
    pub async fn step(&self, object: &Answer, action: &str, body: Value, may: &[Who], but: &[(Who, ErrorCode)]) -> Answer {
        let parents = object.path();
        let parents = parents.trim_end_matches(&object.id()).to_owned();
        let call = |client: &Client, id: &str| client.post(&format!("{parents}{id}/{action}"), body.clone());
        let trial = Trial { app: self, about: object, may, but, call };
        trial.everybody_else().await;
        let taken = trial.make(200).await;
        let again = trial.by(may[0]).await;
        if again.status != 200 {
            let again = again.refused(IllegalStep);
            assert_eq!(again["state"], taken["state"], "{action}: the state that refuses");
            assert_eq!(again["allowed_actions"], taken["allowed_actions"], "{action}: what is allowed instead");
        }
        taken.about(&object.path())
    }

    /// Makes something below the object that the body names at `pointer`, after everybody else was refused.
    pub async fn make(
        &self,
        path: &str,
        body: Value,
        pointer: &str,
        on: &Answer,
        may: &[Who],
        but: &[(Who, ErrorCode)],
    ) -> Answer {
        let call = |client: &Client, id: &str| {
            let mut body = body.clone();
            *body.pointer_mut(pointer).expect("what the pointer leads to") = json!(id);
            client.post(path, body)
        };
        let trial = Trial { app: self, about: on, may, but, call };
        trial.everybody_else().await;
        trial.make(201).await
    }

    /// Changes an object, after everybody else was refused.
    pub async fn edit(&self, object: &Answer, patch: Value, may: &[Who], but: &[(Who, ErrorCode)]) -> Answer {
        let parents = object.path();
        let parents = parents.trim_end_matches(&object.id()).to_owned();
        let call = |client: &Client, id: &str| client.patch(&format!("{parents}{id}"), patch.clone());
        let trial = Trial { app: self, about: object, may, but, call };
        trial.everybody_else().await;
        trial.make(200).await
    }

    /// The number of rows of each table, and the number of their changes, which a refusal must not alter.
    pub async fn written(&self) -> Vec<String> {
        let tables = match self.db {
            Db::Sqlite => {
                "SELECT m.name || CASE WHEN EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'version') \
                 THEN ':version' ELSE '' END FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> 'seaql_migrations'"
            }
            Db::Postgres => {
                "SELECT t.table_name || CASE WHEN EXISTS (SELECT 1 FROM information_schema.columns c \
                 WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.column_name = 'version') \
                 THEN ':version' ELSE '' END FROM information_schema.tables t WHERE t.table_schema = 'public' AND t.table_name <> 'seaql_migrations'"
            }
        };
        let count = |table: &String| match table.strip_suffix(":version") {
            Some(table) => format!("SELECT '{table} ' || COUNT(*) || ' ' || COALESCE(SUM(version), 0) FROM {table}"),
            // Events of refused access are written, and change nothing else.
            None if table == "audit_events" => format!("SELECT '{table} ' || COUNT(*) FROM {table} WHERE action <> 'access'"),
            None => format!("SELECT '{table} ' || COUNT(*) FROM {table}"),
        };
        let counts: Vec<_> = self.texts(tables).await.iter().map(count).collect();
        assert!(counts.len() > 10, "the tables are found");
        let mut counts = self.texts(&counts.join(" UNION ALL ")).await;
        counts.sort();
        counts
    }
}

impl<F: Fn(&Client, &str) -> Call> Trial<'_, F> {
    /// The call as this caller, with the current version.
    fn by(&self, who: Who) -> Call {
        self.call(&self.app.as_(who), &self.about.id())
    }

    fn call(&self, client: &Client, id: &str) -> Call {
        let call = (self.call)(client, id);
        if call.method() == Method::PATCH { call.if_match(&self.about.etag()) } else { call }
    }

    async fn make(&self, status: u16) -> Answer {
        self.by(self.may[0]).await.is(status)
    }

    async fn everybody_else(&self) {
        let before = self.app.written().await;
        self.by_nobody().await;
        for who in Who::ALL.into_iter().filter(|who| !self.may.contains(who)) {
            self.refused(who).await;
        }
        self.outdated().await;
        assert_eq!(self.app.written().await, before, "a refusal leaves nothing behind");
    }

    async fn by_nobody(&self) {
        self.call(&self.app.anonymous(), &self.about.id()).await.refused(Unauthenticated);
    }

    async fn refused(&self, who: Who) {
        let client = self.app.as_(who);
        let call = self.by(who);
        let operation = document::find(call.method(), call.path()).expect("an operation of the document");
        let permitted = operation.permission.is_some_and(|permission| permission.roles().contains(&who.role()));
        let (what, answer) = (format!("{} by {who:?}", operation.id), call.await);
        let exception = self.but.iter().find(|(but, _)| *but == who);
        if let Some((_, code)) = exception {
            drop(answer.refused(*code));
        } else if !permitted {
            drop(answer.refused(Forbidden));
        } else if client.get(&self.about.path()).await.status == 200 {
            let code = answer["code"].as_str().unwrap_or_default();
            assert!(["forbidden", "outside_own_scope"].contains(&code), "{what}: {}", answer.body);
        } else {
            let absent = self.call(&client, ABSENT).await;
            assert_eq!(told(&answer, &self.about.id()), told(&absent, ABSENT), "{what}: it exists, as the answer betrays");
            assert!([404, 422, 403].contains(&answer.status), "{what}: {}", answer.body);
        }
    }

    /// A change with an old version is refused, and so is one without a version.
    async fn outdated(&self) {
        let client = self.app.as_(self.may[0]);
        let call = (self.call)(&client, &self.about.id());
        if !call.path().contains(&self.about.id()) {
            return;
        }
        if call.method() == Method::PATCH {
            (self.call)(&client, &self.about.id()).await.refused(PreconditionRequired);
        }
        call.if_match(OUTDATED).await.refused(StaleVersion);
    }
}

/// A problem without the values that differ with every request.
fn told(answer: &Answer, id: &str) -> Value {
    let mut body = answer.body.clone();
    body["request_id"] = Value::Null;
    body["instance"] = json!(body["instance"].as_str().unwrap_or_default().replace(id, ""));
    body
}
