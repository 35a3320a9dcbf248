//! The audit trail as auditors see it.

mod forging;
mod sealing;
mod tampering;

use contract::ErrorCode::*;
use contract::{Lang, labels};
use domains::audit::seal;
use domains::audit::verify::{Finding, Verdict, verify};
use platform::Tx;
use platform::audit::{Entry, Event, record_all};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Domain;
use super::authorization::{Made, Target, next_number, op};
use crate::both_databases;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_audit_events"),
        op("export_audit_events"),
        op("read_audit_event").on(audit_event),
        op("list_audit_blocks").everywhere(),
    ],
    pages: &[("auditor", "/audit-events"), ("auditor", "/audit-events/{}"), ("auditor", "/audit-events/blocks")],
    ..Domain::EMPTY
};

/// The latest event of the bureau.
fn audit_event(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        act(app, &format!("助学 {}", next_number())).await;
        let events = app.admin().get("/audit-events?object_type=organisations&action=update").await.is(200);
        Target::at(format!("/audit-events/{}", events.items()[0]["id"].as_str().expect("an id")))
    })
}

/// Makes a change that leaves an event in the trail.
pub async fn act(app: &TestApp, what: &str) {
    let (bureau, path) = (app.bureau(), app.organisation_a_path());
    let seen = bureau.get(&path).await.is(200);
    bureau.patch(&path, json!({ "strengths": what })).if_match(&seen.etag()).await.is(200);
}

pub async fn sealed(app: &TestApp) -> u64 {
    seal::all(&app.app).await.expect("the trail is sealed")
}

pub async fn verdict(app: &TestApp) -> Verdict {
    verify(&app.app, None).await.expect("a verdict")
}

pub async fn findings(app: &TestApp) -> Vec<Finding> {
    verdict(app).await.findings
}

/// The condition that selects the row with this id, as each database writes it.
pub fn row(app: &TestApp, id: Uuid) -> String {
    match app.db {
        Db::Sqlite => format!("id = X'{}'", id.simple()),
        Db::Postgres => format!("id = '{id}'"),
    }
}

/// Makes a trail of several blocks, and returns the ids of its events by block.
pub async fn trail(app: &TestApp, blocks: usize, events: usize) -> Vec<Vec<Uuid>> {
    let mut ids = Vec::new();
    sealed(app).await;
    let first = verdict(app).await.blocks;
    for block in 0..blocks {
        for event in 0..events {
            act(app, &format!("助学 {block}/{event}")).await;
        }
        assert_eq!(sealed(app).await, events as u64);
        let number = first + block as u64 + 1;
        let page = app.as_(Who::Auditor).get("/audit-events?sort=at&limit=200&object_type=organisations").await.is(200);
        let of_block = page.items().iter().filter(|event| event["block"] == number);
        ids.push(of_block.map(|event| event["id"].as_str().expect("an id").parse().expect("a UUID")).collect());
    }
    ids
}

both_databases!(whoever_reads_no_families_reads_nothing_of_one_in_the_trail, async |app| {
    const OF_FAMILIES: [&str; 8] = [
        "agreed_by",
        "category",
        "head_name",
        "household",
        "income_per_head_fen",
        "main_cause",
        "member_name",
        "secondary_causes",
    ];
    let (family, with_family) = app.helped(campaign(), 1).await;
    app.village_a().post("/assistance-records", gift(&family.id())).await.is(201);
    let (mut seen, mut hidden) = (0, 0);
    for who in [Who::Auditor, Who::Admin] {
        for kind in ["households", "pairings", "assistance_records"] {
            let page = app.as_(who).get(&format!("/audit-events?object_type={kind}&limit=200")).await.is(200);
            for change in page.items().iter().flat_map(|entry| entry["changes"].as_array().expect("a list")) {
                seen += 1;
                if OF_FAMILIES.contains(&change["field"].as_str().expect("a name")) {
                    assert_eq!((&change["from"], &change["to"]), (&Value::Null, &Value::Null), "{who:?} {kind} {change}");
                    hidden += 1;
                }
            }
        }
    }
    assert!(hidden >= 10 && seen > hidden, "{hidden} of {seen}");
    // What was said of a pairing with a family is about the family; of a pairing with a village it is not.
    let words = "老人过世，子女已外出务工";
    let ended = |pairing: &Answer, note: &str| {
        app.bureau().post(&format!("{}/terminate", pairing.path()), json!({ "note": note })).if_match("*").into_future()
    };
    ended(&with_family, words).await.is(200);
    let village = app.bureau().get("/pairings?kind=village").await.is(200);
    let village = app.bureau().get(&format!("/pairings/{}", village.items()[0]["id"].as_str().expect("an id"))).await.is(200);
    ended(&village, "对接任务完成").await.is(200);
    for who in [Who::Auditor, Who::Admin] {
        let page = app.as_(who).get("/audit-events?object_type=pairings&action=terminate").await.is(200);
        let notes: Vec<_> = page.items().iter().map(|entry| entry["note"].clone()).collect();
        assert!(notes.contains(&json!("对接任务完成")) && notes.contains(&Value::Null), "{who:?} {notes:?}");
        assert!(!page.body.to_string().contains(words), "{who:?} {}", page.body);
    }
    let told = app.bureau().get(&format!("{}/history", with_family.path())).await.is(200);
    assert!(told.body.to_string().contains(words), "{}", told.body);
    // Those who keep the file read more in its history.
    let history = app.village_a().get(&format!("{}/history", family.path())).await.is(200);
    assert!(history.body.to_string().contains("\"illness\""), "{}", history.body);
});

both_databases!(an_auditor_sees_who_did_what_and_from_where, async |app| {
    let auditor = app.as_(Who::Auditor);
    act(app, "助学").await;
    let events = auditor.get("/audit-events?object_type=organisations&action=update").await.is(200);
    let event = &events.items()[0];
    assert_eq!(
        (&event["actor_role"], &event["outcome"], &event["address"]),
        (&json!("bureau"), &json!("done"), &json!("127.0.0.1"))
    );
    assert_eq!(event["changes"][0]["to"], "助学");
    assert_eq!(event["block"], json!(null));
    let id = event["id"].as_str().expect("an id");
    auditor.get(&format!("/audit-events/{id}")).await.is(200);

    let bureau = app.world.accounts[&Who::Bureau].user_id;
    let request = event["request_id"].as_str().expect("a request");
    for (filter, found) in [
        (format!("actor_id={bureau}"), true),
        (format!("request_id={request}"), true),
        ("actor_role=bureau&outcome=done&since=2020-04-20&until=2020-04-20".to_owned(), true),
        ("until=2020-04-19".to_owned(), false),
        ("since=2020-04-21".to_owned(), false),
        (format!("actor_id={}", Uuid::nil()), false),
        ("outcome=refused".to_owned(), false),
    ] {
        let page = auditor.get(&format!("/audit-events?{filter}&limit=200")).await.is(200);
        assert_eq!(page.items().iter().any(|event| event["id"] == id), found, "{filter}");
    }
    auditor.get("/audit-events?object_type=Users!").await.fault("/object_type", "malformed");
    for day in ["2020-4-20", "%2B2020-04-20"] {
        auditor.get(&format!("/audit-events?until={day}")).await.fault("/until", "type");
    }

    auditor.get("/audit-events/export").await.is(200);
    let exports = auditor.get("/audit-events?action=export&object_type=audit_events").await.is(200);
    assert_eq!(exports.items().len(), 1, "looking at the whole trail is an act");
});

both_databases!(what_the_trail_speaks_of_has_a_name_in_both_languages, async |app| {
    app.one_of_everything().await;
    let by = json!({ "identity_number": "350582196503120012" });
    app.bureau().post("/households/search", by).await.is(200);
    let mut names = app.texts("SELECT action FROM audit_events UNION SELECT object_type FROM audit_events").await;
    let said = app.as_(Who::Auditor).get("/audit-events?limit=200").await.is(200);
    assert_eq!(said["next_cursor"], Value::Null, "all of it");
    let changes = said.items().iter().flat_map(|event| event["changes"].as_array().expect("changes"));
    names.extend(changes.map(|change| change["field"].as_str().expect("a field").to_owned()));
    // An event of a refused access names the first segment of the path.
    names.extend(
        operations()
            .iter()
            .filter(|one| one.permission.is_some())
            .map(|one| one.path.split('/').nth(3).expect("a place").replace('-', "_")),
    );
    names.sort_unstable();
    names.dedup();
    let nameless: Vec<_> =
        names.iter().filter(|name| [Lang::ZhCn, Lang::En].iter().any(|&lang| labels::find(name, lang).is_none())).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
});

both_databases!(who_fails_to_sign_in_is_in_the_trail_without_what_was_typed, async |app| {
    let typed = json!({ "account": Who::TownA.account(), "password": "not-the-Password-1" });
    app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    let typed = json!({ "account": "my-secret-password", "password": "oops-the-other-field" });
    app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    let town = app.world.accounts[&Who::TownA].user_id.to_string();
    let objects = async |auditor: &Client| {
        let refused = auditor.get("/audit-events?outcome=refused").await.is(200);
        assert!(refused.items().iter().all(|event| event["address"] == "127.0.0.1" && event["actor_id"].is_null()));
        assert!(!refused.body.to_string().contains("my-secret-password"));
        let listed: Vec<_> =
            refused.items().iter().map(|event| event["object_id"].as_str().expect("an object").to_owned()).collect();
        for event in refused.items() {
            auditor.get(&format!("/audit-events/{}", event["id"].as_str().expect("an id"))).await.is(200);
        }
        listed
    };
    // What names no account may be a slip of anybody, also of somebody in the other county.
    let (auditor, next_door) =
        (app.as_(Who::Auditor), app.joined("auditor-next-door", contract::Role::Auditor, OTHER_COUNTY, None).await);
    assert_eq!(objects(&auditor).await, [&*town]);
    assert_eq!(objects(&next_door).await, [""; 0]);
    // Without accounts of another county, the slip must be of the auditor's own.
    app.sql("UPDATE users SET area_code = '350582' WHERE area_code LIKE '350583%'").await;
    assert_eq!(objects(&auditor).await, ["*", &*town]);
});

both_databases!(auditors_see_what_was_done_in_their_own_county, async |app| {
    let next_door = app.joined("auditor-next-door", contract::Role::Auditor, OTHER_COUNTY, None).await;
    act(app, "助学").await;
    for who in [Who::OtherBureau, Who::TownA] {
        app.as_(who).get("/villages/export").await.is(200);
    }
    for who in [Who::Bureau, Who::OtherBureau] {
        let typed = json!({ "account": who.account(), "password": "not-the-Password-1" });
        app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    }
    let all = app.number("SELECT COUNT(*) FROM audit_events WHERE actor_id IS NOT NULL").await;
    let mut listed = 0;
    for (auditor, own) in [(app.as_(Who::Auditor), COUNTY), (next_door, OTHER_COUNTY)] {
        let events = auditor.walk("/audit-events", 200).await;
        let actors = events.iter().filter(|event| !event["actor_id"].is_null());
        for event in actors {
            let actor: Uuid = event["actor_id"].as_str().expect("an id").parse().expect("a UUID");
            let area = app.texts(&format!("SELECT area_code FROM users WHERE {}", row(app, actor))).await;
            assert!(area[0].starts_with(own), "{event} is of {}", area[0]);
            listed += 1;
        }
        let failed: Vec<_> =
            events.iter().filter(|event| event["outcome"] == "refused").map(|event| &event["object_id"]).collect();
        let account = if own == COUNTY { Who::Bureau } else { Who::OtherBureau };
        assert_eq!(failed, [&json!(app.world.accounts[&account].user_id)]);
        // Events without an actor come from the service itself, and everybody may see them.
        let system = events.iter().filter(|event| event["actor_id"].is_null() && event["outcome"] == "done").count();
        assert_eq!(
            app.number("SELECT COUNT(*) FROM audit_events WHERE actor_id IS NULL AND outcome = 'done'").await,
            system as i64
        );
        assert!(system > 0);
        let total = auditor.get("/audit-events?limit=1").await.is(200)["total"].clone();
        assert_eq!(total, events.len(), "what is counted is what is listed");
    }
    assert_eq!(listed, all, "what one does not see the other does");
    // Reading a single event by its id follows the same rule.
    let event = app.as_(Who::Auditor).get("/audit-events?object_type=organisations&limit=1").await.is(200);
    let path = format!("/audit-events/{}", event.items()[0]["id"].as_str().expect("an id"));
    app.as_(Who::Auditor).get(&path).await.is(200);
    app.joined("another-next-door", contract::Role::Auditor, OTHER_COUNTY, None).await.get(&path).await.refused(NotFound);
});

/// Copies an event to a new row, with the given values in the named columns.
pub async fn forge(app: &TestApp, from: Uuid, values: &[(&str, &str)]) -> Uuid {
    let id = Uuid::now_v7();
    let columns = "id, at, actor_id, actor_name, actor_role, actor_area_code, on_behalf_reason, note, action, \
                   object_type, object_id, outcome, changes, address, request_id, block, proof";
    let taken = columns.split(", ").map(|column| match values.iter().find(|(name, _)| *name == column) {
        Some((_, value)) => (*value).to_owned(),
        None if column == "id" => bytes_of(app, id),
        None => column.to_owned(),
    });
    let taken: Vec<_> = taken.collect();
    let here = row(app, from);
    app.sql(&format!("INSERT INTO audit_events ({columns}) SELECT {} FROM audit_events WHERE {here}", taken.join(", "))).await;
    id
}

/// An id as a literal of each database.
pub fn bytes_of(app: &TestApp, id: Uuid) -> String {
    row(app, id).trim_start_matches("id = ").to_owned()
}

/// Events of the system itself that are not written yet.
pub async fn entries(app: &TestApp, count: usize) -> Vec<Entry> {
    let tx = Tx::system(&app.app).await.expect("a transaction");
    (0..count).map(|number| tx.entry(Event::of("users", number, "login"), &(), &())).collect()
}

pub async fn write(app: &TestApp, entries: Vec<Entry>) {
    let tx = Tx::system(&app.app).await.expect("a transaction");
    record_all(&tx, entries).await.expect("they are written");
    tx.commit().await.expect("a commit");
}
