//! Supervision orders: drafted from what is behind, issued, received, answered and closed.

use std::sync::Mutex;

use contract::ErrorCode::*;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, op};
use super::projects::{CONSENTS, steps};
use super::races::{at_once, history};
use super::work::waiting;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

const READERS: &[Who] = &[Bureau, LeadingGroup, Auditor, TownA];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_supervision_orders"),
        op("create_supervision_order")
            .on(behind)
            .body(|_, target| order(&target.id, json!({ "area_code": TOWN_A })))
            .only(&[Bureau])
            .or(ValidationFailed)
            .foreign(ValidationFailed)
            .but(&[(VillageA, Forbidden), (VillageB, Forbidden), (OrganisationA, Forbidden), (OrganisationB, Forbidden)]),
        op("export_supervision_orders"),
        op("read_supervision_order").on(issued_to_town).only(READERS).or(NotFound),
        op("update_supervision_order").on(drafted).body(|_, _| json!({ "due_on": "2020-05-10" })).only(&[Bureau]).or(NotFound),
        op("step_supervision_order")
            .on(issued_to_town)
            .step("receive")
            .body(|_, _| json!({}))
            .only(&[TownA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("read_supervision_order_document").on(issued_to_town).only(READERS).or(NotFound),
        op("list_supervision_order_history").on(issued_to_town).only(READERS).or(NotFound),
    ],
    example: |app| Box::pin(async { drop(issued(app, json!({ "area_code": TOWN_A })).await) }),
    pages: &[
        ("auditor", "/supervision-orders"),
        ("bureau", "/supervision-orders"),
        ("bureau", "/supervision-orders/new"),
        ("bureau", "/supervision-orders/{}"),
        ("bureau", "/supervision-orders/{}/edit"),
        ("bureau", "/supervision-orders/{}/print"),
        ("leader", "/supervision-orders"),
        ("organisation", "/supervision-orders"),
        ("town", "/supervision-orders"),
        ("town", "/supervision-orders/{}"),
        ("village", "/supervision-orders"),
    ],
    ..Domain::EMPTY
};

fn order(campaign_id: &str, addressee: Value) -> Value {
    let mut order = json!({ "campaign_id": campaign_id, "due_on": "2020-05-08" });
    order.as_object_mut().expect("an object").extend(addressee.as_object().expect("an object").clone());
    order
}

/// A campaign in which village A and organisation A have planned no project, though their days of grace are over.
async fn unplanned(app: &TestApp) -> String {
    let pairing = app.active(next_campaign(), "2020-03-01").await;
    pairing["campaign_id"].as_str().expect("an id").to_owned()
}

async fn draft(app: &TestApp, addressee: Value) -> Answer {
    let campaign_id = unplanned(app).await;
    app.bureau().post("/supervision-orders", order(&campaign_id, addressee)).await.is(201)
}

/// An order that the bureau has issued.
pub async fn issued(app: &TestApp, addressee: Value) -> Answer {
    let draft = draft(app, addressee).await;
    take(app, Bureau, &draft, "issue").await
}

fn behind(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/campaigns/{}", unplanned(app).await)) })
}

fn drafted(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { draft(app, json!({ "area_code": TOWN_A })).await.into() })
}

fn issued_to_town(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { issued(app, json!({ "area_code": TOWN_A })).await.into() })
}

/// A step with a note.
async fn step(app: &TestApp, who: Who, order: &Answer, action: &str) -> Answer {
    app.as_(who).post(&format!("{}/{action}", order.path()), json!({ "note": "已补报统计表，商定了合作项目" })).await
}

async fn take(app: &TestApp, who: Who, order: &Answer, action: &str) -> Answer {
    step(app, who, order, action).await.is(200).about(&order.path())
}

/// The kind, colour and days late of each matter.
fn matters(order: &Answer) -> Vec<(String, String, i64)> {
    let text = |matter: &Value, field: &str| matter[field].as_str().expect("a text").to_owned();
    let matters = order["matters"].as_array().expect("matters").iter();
    matters.map(|one| (text(one, "kind"), text(one, "colour"), one["days_late"].as_i64().expect("days"))).collect()
}

fn told(expected: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    expected.iter().map(|(kind, colour, days)| ((*kind).to_owned(), (*colour).to_owned(), *days)).collect()
}

both_databases!(an_order_is_drafted_from_what_is_behind_and_stays_as_it_was, async |app| {
    let project = app.project(campaign()).await;
    let campaign_id = app.bureau().get("/campaigns").await.is(200).items()[0]["id"].as_str().expect("an id").to_owned();
    let task = app.town_a().post("/tasks", task(&project.id())).await.is(201);
    steps(app, &project, CONSENTS).await;
    steps(app, &project, &[(TownA, "submit"), (Bureau, "approve"), (VillageA, "start")]).await;
    let bureau = app.bureau();
    let to = |due_on: &str, addressee: Value| with(order(&campaign_id, addressee), "/due_on", json!(due_on));
    let organisation = json!({ "organisation_id": app.world.organisation_a });

    // A week ahead a task is due soon; long before, nothing is.
    app.clock.set(noon("2020-04-30"));
    bureau.post("/supervision-orders", to("2020-05-08", organisation.clone())).await.refused(NothingBehind);
    for (today, expected) in [
        ("2020-06-23", told(&[("task", "blue", -7), ("progress", "yellow", 18)])),
        ("2020-06-30", told(&[("task", "blue", 0), ("progress", "yellow", 25)])),
        ("2020-07-03", told(&[("task", "red", 3), ("progress", "blue", -2)])),
        ("2020-07-08", told(&[("task", "red", 8), ("progress", "yellow", 3)])),
    ] {
        app.clock.set(noon(today));
        let drafted = bureau.post("/supervision-orders", to("2020-07-31", organisation.clone())).await.is(201);
        let mut found = matters(&drafted);
        found.sort_by_key(|(kind, ..)| std::cmp::Reverse(kind.clone()));
        assert_eq!(found, expected, "{today}");
    }
    // A town answers for all in it, and for its forms: that of April, May and June.
    let of_town = bureau.post("/supervision-orders", to("2020-07-31", json!({ "area_code": TOWN_A }))).await.is(201);
    assert_eq!(
        matters(&of_town),
        told(&[
            ("report", "red", 64),
            ("report", "red", 33),
            ("task", "red", 8),
            ("report", "red", 3),
            ("progress", "yellow", 3)
        ])
    );
    assert_eq!((&of_town["colour"], &of_town["matter_count"]), (&json!("red"), &json!(5)));
    assert_eq!(of_town["addressee_name"], "东石镇社会事务办");
    // The task is the organisation's; the progress concerns both sides.
    let of_village = app.town_a().post("/supervision-orders", to("2020-07-31", json!({ "area_code": VILLAGE_A }))).await.is(201);
    assert_eq!((matters(&of_village), &of_village["colour"]), (told(&[("progress", "yellow", 3)]), &json!("yellow")));
    assert_eq!(of_village["issuer_name"], "东石镇社会事务办");
    // Each leads to its record.
    for matter in of_town["matters"].as_array().expect("matters") {
        bureau.get(matter["record"].as_str().expect("a path")).await.is(200);
    }

    // What was behind is mended, and the order still says what it was.
    app.organisation_a().post(&format!("{}/finish", task.path()), json!({})).await.is(200);
    app.bureau().patch(&of_town.path(), json!({ "demand": "请立即整改" })).if_match(&of_town.etag()).await.is(200);
    app.clock.set(noon("2020-07-20"));
    let later = take(app, Bureau, &of_town, "issue").await;
    assert_eq!((&later["matters"], &later["drafted_on"]), (&of_town["matters"], &json!("2020-07-08")));
    let changed = bureau.patch(&of_town.path(), json!({ "due_on": "2020-08-31" })).if_match("*").await.refused(IllegalStep);
    assert_eq!(changed["state"], "issued");
    // Nothing is behind at those who have done everything, or take no part.
    let idle = bureau.post("/supervision-orders", to("2020-07-31", json!({ "area_code": TOWN_B }))).await;
    idle.refused(NothingBehind);
});

both_databases!(an_order_is_for_one_addressee_of_the_offices_own_area, async |app| {
    let campaign_id = unplanned(app).await;
    let (bureau, town) = (app.bureau(), app.town_a());
    let to = |addressee: Value| order(&campaign_id, addressee);
    for body in [json!({}), json!({ "area_code": TOWN_A, "organisation_id": app.world.organisation_a })] {
        bureau.post("/supervision-orders", to(body)).await.fault("/area_code", "one_of_two");
    }
    for code in [COUNTY, OTHER_TOWN, OTHER_VILLAGE, "350582999"] {
        bureau.post("/supervision-orders", to(json!({ "area_code": code }))).await.fault("/area_code", "unknown");
    }
    for code in [TOWN_A, TOWN_B, VILLAGE_B] {
        town.post("/supervision-orders", to(json!({ "area_code": code }))).await.fault("/area_code", "unknown");
    }
    let far = json!({ "organisation_id": app.world.other_organisation });
    bureau.post("/supervision-orders", to(far)).await.fault("/organisation_id", "unknown");
    let soon = with(to(json!({ "area_code": TOWN_A })), "/due_on", json!("2020-04-19"));
    bureau.post("/supervision-orders", soon).await.fault("/due_on", "past");
    let made = town.post("/supervision-orders", to(json!({ "area_code": VILLAGE_A }))).await.is(201);
    for (pointer, value) in [("area_code", json!(VILLAGE_B)), ("campaign_id", json!(made.id()))] {
        town.patch(&made.path(), json!({ pointer: value })).if_match("*").await.fault(&format!("/{pointer}"), "fixed");
    }
    bureau.patch(&made.path(), json!({ "due_on": "2020-05-20" })).if_match("*").await.refused(OutsideOwnScope);
    // Whoever lets the day pass sets another one before it is issued.
    app.clock.set(noon("2020-05-09"));
    step(app, TownA, &made, "issue").await.refused(OrderDayOver);
    town.patch(&made.path(), json!({ "due_on": "2020-05-20" })).if_match("*").await.is(200);
    assert_eq!(take(app, TownA, &made, "issue").await["number"], "东石镇督〔2020〕1号");
});

both_databases!(the_addressee_receives_and_answers_and_only_the_office_closes, async |app| {
    let made = draft(app, json!({ "area_code": TOWN_A })).await;
    // A draft does not exist for its addressee.
    app.town_a().get(&made.path()).await.refused(NotFound);
    assert_eq!(waiting(&app.bureau()).await.get("issue_orders"), Some(&1));
    assert_eq!(waiting(&app.town_a()).await.get("receive_orders"), None);
    let sent = take(app, Bureau, &made, "issue").await;
    assert_eq!((&sent["state"], &sent["number"]), (&json!("issued"), &json!("晋政民督〔2020〕1号")));
    assert_eq!(waiting(&app.town_a()).await.get("receive_orders"), Some(&1));
    step(app, Bureau, &made, "receive").await.refused(Forbidden);
    step(app, TownA, &made, "answer").await.refused(IllegalStep);
    step(app, TownA, &made, "withdraw").await.refused(OutsideOwnScope);
    let received = take(app, TownA, &made, "receive").await;
    assert_eq!((&received["received_by"], &received["received_on"]), (&json!("TownA"), &json!("2020-04-20")));
    assert_eq!(received["allowed_actions"], json!(["answer"]));
    step(app, Bureau, &made, "withdraw").await.refused(IllegalStep);
    app.town_a().post(&format!("{}/answer", made.path()), json!({})).await.fault("/note", "required");
    app.attached(TownA, "supervision_orders", &made.id()).await.is(201);
    assert_eq!(waiting(&app.town_a()).await.get("answer_orders"), Some(&1));
    let answered = take(app, TownA, &made, "answer").await;
    assert_eq!(answered["rectification"], "已补报统计表，商定了合作项目");
    assert_eq!(answered["allowed_actions"], json!([]));
    assert_eq!(waiting(&app.bureau()).await.get("close_orders"), Some(&1));
    // Nobody closes what they were told to mend.
    for action in ["close", "return"] {
        step(app, TownA, &made, action).await.refused(OutsideOwnScope);
    }
    app.bureau().post(&format!("{}/return", made.path()), json!({})).await.fault("/note", "required");
    take(app, Bureau, &made, "return").await;
    assert_eq!(waiting(&app.town_a()).await.get("mend_orders"), Some(&1));
    take(app, TownA, &made, "answer").await;
    let (won, lost) = at_once((0..6).map(|_| app.bureau().post(&format!("{}/close", made.path()), json!({})))).await;
    assert_eq!((won.len(), lost.len()), (1, 5));
    assert_eq!(won[0]["closing_number"], "晋政民督销〔2020〕1号");
    assert_eq!((&won[0]["state"], &won[0]["days_left"]), (&json!("closed"), &Value::Null));
    assert_eq!(history(app, &made).await, 8, "each step, and the file");
    // A town that issues is no addressee, and closes its own orders alone.
    let campaign_id = made["campaign_id"].as_str().expect("an id");
    let own = app.town_a().post("/supervision-orders", order(campaign_id, json!({ "area_code": VILLAGE_A }))).await.is(201);
    take(app, TownA, &own, "issue").await;
    for (who, action) in [(VillageA, "receive"), (VillageA, "answer")] {
        take(app, who, &own, action).await;
    }
    step(app, Bureau, &own, "close").await.refused(OutsideOwnScope);
    step(app, VillageA, &own, "close").await.refused(Forbidden);
    assert_eq!(take(app, TownA, &own, "close").await["closing_number"], "东石镇督销〔2020〕1号");
    // The database keeps an office from addressing itself.
    let itself =
        format!("UPDATE supervision_orders SET area_code = issuer_code WHERE state = 'closed' AND issuer_code = '{TOWN_A}'");
    assert!(app.app.database.writer().execute_unprepared(&itself).await.is_err());
});

both_databases!(numbers_have_no_gaps_however_many_are_issued_at_once, async |app| {
    let campaign_id = unplanned(app).await;
    let mut drafts = Vec::new();
    for number in 0..8 {
        let addressee = if number % 2 == 0 { json!({ "area_code": TOWN_A }) } else { json!({ "area_code": VILLAGE_A }) };
        drafts.push(app.bureau().post("/supervision-orders", order(&campaign_id, addressee)).await.is(201));
    }
    let withdrawn = step(app, Bureau, &drafts[0], "withdraw").await.is(200);
    assert_eq!(withdrawn["number"], Value::Null, "what was never issued has no number");
    // Each is issued twice at once; a refused attempt uses up no number.
    let calls = drafts[1..].iter().flat_map(|draft| [draft, draft]);
    let bureau = app.bureau();
    let calls = calls.map(|draft| bureau.post(&format!("{}/issue", draft.path()), json!({})));
    let (won, lost) = at_once(calls).await;
    assert_eq!((won.len(), lost.len()), (7, 7));
    let mut numbers: Vec<_> = won.iter().map(|answer| answer["number"].as_str().expect("a number").to_owned()).collect();
    numbers.sort();
    assert_eq!(numbers, (1..=7).map(|number| format!("晋政民督〔2020〕{number}号")).collect::<Vec<_>>());
    let twice = "UPDATE supervision_orders SET number = '晋政民督〔2020〕1号' WHERE number = '晋政民督〔2020〕2号'";
    assert!(app.app.database.writer().execute_unprepared(twice).await.is_err(), "a number is there once");
    // The next year begins anew, and so does another office.
    let own = app.town_a().post("/supervision-orders", order(&campaign_id, json!({ "area_code": VILLAGE_A }))).await.is(201);
    assert_eq!(take(app, TownA, &own, "issue").await["number"], "东石镇督〔2020〕1号");
    let late = with(order(&campaign_id, json!({ "area_code": TOWN_A })), "/due_on", json!("2021-02-01"));
    let late = app.bureau().post("/supervision-orders", late).await.is(201);
    app.clock.set(noon("2021-01-04"));
    assert_eq!(take(app, Bureau, &late, "issue").await["number"], "晋政民督〔2021〕1号");
});

both_databases!(an_overdue_order_stays_open_and_comes_before_the_bureau, async |app| {
    let campaign_id = unplanned(app).await;
    let own = app.town_a().post("/supervision-orders", order(&campaign_id, json!({ "area_code": VILLAGE_A }))).await.is(201);
    take(app, TownA, &own, "issue").await;
    for (today, left, overdue) in [("2020-05-07", 1, 0), ("2020-05-08", 0, 0), ("2020-05-09", -1, 1), ("2020-08-01", -85, 1)] {
        app.clock.set(noon(today));
        let seen = app.village_a().get(&own.path()).await.is(200);
        assert_eq!((&seen["days_left"], &seen["overdue"]), (&json!(left), &json!(overdue == 1)), "{today}");
        let listed = app.bureau().get("/supervision-orders?overdue=true").await.is(200);
        assert_eq!(listed["total"], overdue, "{today}");
        assert!(listed.items().iter().all(|item| item["overdue"] == true));
        assert_eq!(
            waiting(&app.bureau()).await.get("overdue_orders").copied().unwrap_or_default(),
            i64::from(overdue),
            "{today}"
        );
        assert_eq!(waiting(&app.village_a()).await.get("receive_orders"), Some(&1), "{today}");
    }
    // In every state the list says what the page says.
    for state in ["draft", "issued", "received", "answered", "returned", "closed", "withdrawn"] {
        app.sql(&format!("UPDATE supervision_orders SET state = '{state}'")).await;
        let seen = app.bureau().get(&own.path()).await.is(200);
        let total = app.bureau().get("/supervision-orders?overdue=true").await.is(200)["total"].clone();
        assert_eq!(json!(i32::from(seen["overdue"] == true)), total, "{state}");
    }
});

both_databases!(an_order_exists_for_its_office_its_addressee_and_whoever_is_above, async |app| {
    let organisation = json!({ "organisation_id": app.world.organisation_a });
    let to_village = issued(app, json!({ "area_code": VILLAGE_A })).await;
    let to_organisation = issued(app, organisation).await;
    for (who, village, organisation) in [
        (Bureau, 200, 200),
        (LeadingGroup, 200, 200),
        (Auditor, 200, 200),
        (TownA, 200, 404),
        (VillageA, 200, 404),
        (OrganisationA, 404, 200),
        (TownB, 404, 404),
        (VillageB, 404, 404),
        (OrganisationB, 404, 404),
        (OtherBureau, 404, 404),
        (Cadre, 403, 403),
        (Admin, 403, 403),
    ] {
        for (object, status) in [(&to_village, village), (&to_organisation, organisation)] {
            for path in [object.path(), format!("{}/document", object.path()), format!("{}/history", object.path())] {
                assert_eq!(app.as_(who).get(&path).await.status, status, "{who:?} {path}");
            }
        }
    }
    // The town above reads what its village has received, and takes no step of it.
    let seen = app.town_a().get(&to_village.path()).await.is(200);
    assert_eq!(seen["allowed_actions"], json!([]));
    step(app, TownA, &to_village, "receive").await.refused(OutsideOwnScope);
    // By words, by colour, by area.
    for (query, total) in
        [("q=永湖", 1), ("q=yhcwh", 1), ("q=晋政民督", 2), ("colour=yellow", 2), ("colour=red", 0), ("within=350582104", 1)]
    {
        assert_eq!(app.bureau().get(&format!("/supervision-orders?{query}")).await.is(200)["total"], total, "{query}");
    }
});

/// What the other database has rendered.
static RENDERED: Mutex<Option<Vec<u8>>> = Mutex::new(None);

both_databases!(the_document_is_the_same_to_the_byte_whenever_it_is_made, async |app| {
    let pairing = app.active(campaign(), "2020-03-01").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    let made = app.bureau().post("/supervision-orders", order(campaign_id, json!({ "area_code": TOWN_A }))).await.is(201);
    take(app, Bureau, &made, "issue").await;
    let path = format!("{}/document", made.path());
    let first = app.bureau().get(&path).await.is(200).bytes;
    let printed = paragraphs(&first);
    for line in
        ["“百社解千难”活动督办单", "晋政民督〔2020〕1号", "东石镇社会事务办：", "整改期限：2020年5月8日。", "2020年4月20日"]
    {
        assert!(printed.iter().any(|printed| printed == line), "no {line} in {printed:#?}");
    }
    app.clock.set(noon("2020-06-30"));
    for (who, action) in [(TownA, "receive"), (TownA, "answer"), (Bureau, "close")] {
        take(app, who, &made, action).await;
    }
    app.sql("UPDATE areas SET name = '改名镇' WHERE code = '350582104'").await;
    assert_eq!(app.town_a().get(&path).await.is(200).bytes, first, "whatever has become of it");
    let mut rendered = RENDERED.lock().expect("nobody panicked");
    assert_eq!(rendered.get_or_insert_with(|| first.clone()), &first, "on both databases");
});
