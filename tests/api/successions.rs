//! Villages are merged or get other codes. What is live goes on under the one that replaces them, and the past stays.

use baishe::commands::areas as command;
use contract::ErrorCode::*;
use domains::areas::import;
use domains::villages;
use platform::Tx;
use serde_json::{Value, json};

use super::catalogue::{need, publish};
use super::races::at_once;
use super::tallies::agree;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Another village of the town of village A, and the code that the latter gets.
const NEXT: &str = "350582104205";
const NEW: &str = "350582104299";
/// All tables in which a village or the place of an account stands.
const COLUMNS: &[(&str, &str)] = &[
    ("households", "village_code"),
    ("assistance_plans", "village_code"),
    ("assistance_measures", "village_code"),
    ("assistance_records", "village_code"),
    ("pairings", "village_code"),
    ("agreements", "village_code"),
    ("projects", "village_code"),
    ("tasks", "village_code"),
    ("progress_updates", "village_code"),
    ("outcomes", "village_code"),
    ("catalogue_entries", "village_code"),
    ("catalogue_entries", "area_code"),
    ("rankings", "village_code"),
    ("rankings", "area_code"),
    ("enrolments", "village_code"),
    ("enrolments", "area_code"),
    ("directed_donations", "village_code"),
    ("institutions", "area_code"),
    ("users", "area_code"),
    ("account_requests", "area_code"),
    ("supervision_orders", "area_code"),
];

fn replacing(successor: &str) -> Value {
    json!({ "successor_code": successor, "ended_on": "2020-04-20", "note": "晋政函〔2020〕3号 村庄撤并" })
}

fn tried(successor: &str) -> Value {
    with(replacing(successor), "/dry_run", json!(true))
}

fn replace(village: &str) -> String {
    format!("/villages/{village}/replace")
}

/// Loads a table of areas, as the operator does.
async fn import(app: &TestApp, rows: &str) -> import::Loaded {
    let tx = Tx::system(&app.app).await.expect("a transaction");
    let table = format!("code,name,level,parent_code\n{rows}");
    let loaded = import::load(&tx, table.as_bytes()).await.expect("it is loaded").expect("it is good");
    villages::service::complete(&tx, "").await.expect("profiles");
    tx.commit().await.expect("a commit");
    loaded
}

/// How many rows of each table are about a village.
async fn about(app: &TestApp, village: &str) -> Vec<i64> {
    let mut counts = Vec::new();
    for (table, column) in COLUMNS {
        counts.push(app.number(&format!("SELECT COUNT(*) FROM {table} WHERE {column} = '{village}'")).await);
    }
    counts
}

/// The ledger of the county, of town A and of some villages in a month, without the addresses of the lists.
async fn ledger(app: &TestApp, month: &str) -> Value {
    let mut rows = Vec::new();
    for area in [COUNTY, TOWN_A, VILLAGE_A, NEXT] {
        let ledger = app.bureau().get(&format!("/household-ledger?month={month}&within={area}")).await.is(200);
        rows.push(json!([ledger["total"]["cells"], ledger["areas"]]));
    }
    Value::Array(rows)
}

/// A figure of a village in a month, which is also the number of families in the list behind it.
async fn figure(client: &Client, village: &str, month: &str, name: &str) -> i64 {
    let ledger = client.get(&format!("/household-ledger?month={month}&within={village}")).await.is(200);
    let cells = ledger["total"]["cells"].as_array().expect("cells");
    let cell = cells.iter().find(|cell| cell["figure"] == name).expect("the figure");
    let list = client.get(cell["records"].as_str().expect("a list")).await.is(200);
    assert_eq!(list["total"], cell["value"], "{name} of {month} in {village}");
    cell["value"].as_i64().expect("a number")
}

both_databases!(what_is_live_follows_a_village_that_gets_another_code_and_the_past_stays, async |app| {
    let (bureau, village, town) = (app.bureau(), app.village_a(), app.town_a());
    let (family, helped, plan, measure) = app.planned().await;
    let lifted = village.post("/households", household(VILLAGE_A, 2)).await.is(201);
    for step in ["assist", "lift_out"] {
        town.post(&format!("{}/{step}", lifted.path()), json!({ "note": "收入稳定" })).await.is(200);
    }
    let campaign_id = helped["campaign_id"].as_str().expect("an id");
    let paired = bureau.get("/pairings?kind=village").await.is(200).items()[0].clone();
    let paired = format!("/pairings/{}", paired["id"].as_str().expect("an id"));
    let pairing_id = paired.rsplit('/').next().expect("an id");
    publish(app, VillageA, need(campaign_id)).await;
    let made = app.organisation_a().post("/projects", project(pairing_id)).await.is(201);
    app.organisation_a().post("/tasks", task(&made.id())).await.is(201);
    let written = json!({ "pairing_id": pairing_id, "month": "2020-04", "content": "助学", "progress": "已走访12户" });
    town.post("/progress-updates", written).await.is(201);
    let jobs = json!({ "pairing_id": pairing_id, "indicator": "jobs_offered", "quantity": 3, "happened_on": "2020-04-20" });
    town.post("/outcomes", jobs).await.is(201);
    let given = with(gift(&family.id()), "/pairing_id", json!(helped.id()));
    let given = village.post("/assistance-records", given).await.is(201);
    // What was over before stays where it was.
    let entered =
        bureau.post("/enrolments", json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_b })).await;
    bureau.post(&format!("{}/confirm", entered.is(201).path()), json!({})).await.is(200);
    let other = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_b, "village_code": VILLAGE_A });
    let over = app.as_(OrganisationB).post("/pairings", other).await.is(201);
    village.post(&format!("{}/decline", over.path()), json!({ "note": "已有结对" })).await.is(200);
    let donation = json!({ "village_code": VILLAGE_A, "donated_on": "2020-03-01", "amount_fen": 100_000 });
    bureau.post("/institutions", institution(10, VILLAGE_A)).await.is(201);
    let organisation = app.organisation_a_path();
    bureau.patch(&organisation, json!({ "directed_donations": [donation] })).if_match("*").await.is(200);
    let profile = json!({ "population": 3200, "old_base": true });
    town.patch(&format!("/villages/{VILLAGE_A}"), profile).if_match("*").await.is(200);

    app.clock.set(noon("2020-05-20"));
    import(app, &format!("{NEW},永湖社区居委会,village,{TOWN_A}\n")).await;
    let statuses = format!("{}/statuses", family.path());
    let told = village.get(&statuses).await.is(200).body;
    let (before, april) = (about(app, VILLAGE_A).await, ledger(app, "2020-04").await);
    let figures = bureau.get(&format!("/dashboard?campaign_id={campaign_id}")).await.is(200).body;
    let events = "SELECT COUNT(*) FROM audit_events";
    let noted = app.number(events).await;
    let dry = bureau.post(&replace(VILLAGE_A), tried(NEW)).await.is(200);
    assert_eq!((about(app, VILLAGE_A).await, app.number(events).await), (before, noted), "a dry run changes nothing");
    assert_eq!(dry["conflicts"], json!([]));
    let number = |kind: &str| {
        let follows = dry["follows"].as_array().expect("a list").iter().find(|follows| follows["kind"] == kind);
        follows.map(|follows| follows["count"].clone())
    };
    for (kind, count) in [
        ("households", 2),
        ("pairings", 2),
        ("projects", 1),
        ("tasks", 1),
        ("users", 1),
        ("enrolments", 1),
        ("catalogue_entries", 1),
    ] {
        assert_eq!(number(kind), Some(json!(count)), "{kind}");
    }
    let done = bureau.post(&replace(VILLAGE_A), replacing(NEW)).await.is(200);
    assert_eq!((&done["follows"], &done["dry_run"]), (&dry["follows"], &json!(false)));
    assert_eq!(bureau.get(&format!("/dashboard?campaign_id={campaign_id}")).await.is(200).body, figures);
    let left = about(app, VILLAGE_A).await;
    let staying: Vec<_> =
        COLUMNS.iter().zip(left).filter(|(_, count)| *count > 0).map(|((table, _), count)| (*table, count)).collect();
    assert_eq!(staying, [("pairings", 1)], "what had ended");
    agree(app, "a village was replaced").await;

    // The same people go on, with the same session and the same files.
    let file = village.get(&family.path()).await.is(200);
    assert_eq!((&file["village_code"], &file["village_name"]), (&json!(NEW), &json!("永湖社区居委会")));
    assert_eq!(file["file_number"], json!(format!("{VILLAGE_A}-0001")), "the number on its papers");
    for path in [plan.path(), measure.path(), helped.path(), paired.clone(), made.path(), given.path()] {
        let now = village.get(&path).await.is(200);
        assert_eq!(now["village_code"], NEW, "{path}");
    }
    assert_eq!(village.get(&helped.path()).await.is(200)["household"]["file_number"], file["file_number"]);
    assert_eq!(village.get(&format!("/households?q={VILLAGE_A}-0001")).await.is(200)["total"], 1);
    village.post(&format!("{}/confirm", given.path()), json!({})).await.is(200);
    village.post("/assistance-records", with(gift(&family.id()), "/amount_fen", json!(100))).await.is(201);
    let newcomer = with(household(NEW, 3), "/registered_on", json!("2020-05-20"));
    let newcomer = with(newcomer, "/consent/given_on", json!("2020-05-20"));
    let opened = village.post("/households", newcomer).await.is(201);
    assert_eq!(opened["file_number"], json!(format!("{NEW}-0001")));
    let back = json!({ "since": "2020-05-19", "note": "因病返困" });
    town.post(&format!("{}/relapse", lifted.path()), back).await.is(200);
    let profile = village.get(&format!("/villages/{NEW}")).await.is(200);
    assert_eq!((&profile["population"], &profile["old_base"]), (&json!(3200), &json!(true)));
    let donated = bureau.get(&organisation).await.is(200);
    assert_eq!(donated["directed_donations"][0]["village_code"], NEW);
    assert_eq!(bureau.get(&over.path()).await.is(200)["village_code"], VILLAGE_A);
    village.get(&over.path()).await.refused(NotFound);

    // The past adds up as it did.
    assert_eq!(ledger(app, "2020-04").await, april);
    assert_eq!(figure(&town, VILLAGE_A, "2020-04", "closing").await, 1);
    for (area, name, value) in [
        (VILLAGE_A, "opening", 1),
        (VILLAGE_A, "moved_out", 1),
        (VILLAGE_A, "closing", 0),
        (NEW, "opening", 0),
        (NEW, "moved_in", 1),
        (NEW, "relapsed", 1),
        (TOWN_A, "opening", 1),
        (TOWN_A, "moved_in", 1),
        (TOWN_A, "moved_out", 1),
    ] {
        assert_eq!(figure(&town, area, "2020-05", name).await, value, "{name} of {area}");
    }
    assert_eq!(village.get(&statuses).await.is(200).body, told, "nothing has happened to the family");
    // Nothing is entered before the day on which the village counts it.
    let lift_out = format!("{}/lift_out", family.path());
    let on = |day: &str| json!({ "since": day, "note": "收入稳定" });
    town.post(&lift_out, on("2020-05-19")).await.fault("/since", "before_status");
    town.post(&lift_out, on("2020-05-20")).await.is(200);

    for (path, action) in [
        (format!("/villages/{VILLAGE_A}"), "replaced"),
        (format!("/villages/{NEW}"), "take_over"),
        (paired, "village_replaced"),
        (plan.path(), "village_replaced"),
    ] {
        let history = town.get(&format!("{path}/history")).await.is(200);
        let actions: Vec<_> = history.items().iter().map(|entry| entry["action"].as_str().expect("an action")).collect();
        assert!(actions.contains(&action), "{path}: {actions:?}");
    }
    let account = app.admin().get(&format!("/users/{}", app.world.accounts[&VillageA].user_id)).await.is(200);
    assert_eq!(account["area_code"], NEW);
});

both_databases!(what_has_ended_is_offered_and_taken_no_more, async |app| {
    let (bureau, town) = (app.bureau(), app.town_a());
    let campaign_id = app.enrolled(campaign()).await;
    bureau.post(&replace(VILLAGE_A), replacing(NEXT)).await.is(200);
    let ended = town.get(&format!("/villages/{VILLAGE_A}")).await.is(200);
    assert_eq!((&ended["ended_on"], &ended["successor_code"]), (&json!("2020-04-20"), &json!(NEXT)));
    assert_eq!(
        (&ended["successor_name"], &ended["editable"], &ended["replaceable"]),
        (&json!("龙下村委会"), &json!(false), &json!(false))
    );
    for (path, count) in [
        (format!("/villages?within={VILLAGE_A}&ended=false"), 0),
        (format!("/villages?within={VILLAGE_A}"), 1),
        ("/villages?ended=true".to_owned(), 1),
        (format!("/areas?within={VILLAGE_A}&ended=false"), 0),
        ("/areas?ended=true".to_owned(), 1),
    ] {
        assert_eq!(bureau.get(&path).await.is(200)["total"], count, "{path}");
    }
    let refused = async |client: &Client, path: &str, body: Value, pointer: &str| {
        client.post(path, body).await.fault(pointer, "village_ended");
    };
    refused(&town, "/households", household(VILLAGE_A, 1), "/village_code").await;
    let entry = json!({ "campaign_id": campaign_id, "village_code": VILLAGE_A });
    refused(&town, "/enrolments", entry.clone(), "/village_code").await;
    let two = with(entry, "/organisation_id", json!(app.world.organisation_a));
    refused(&bureau, "/pairings", two, "/village_code").await;
    let account =
        json!({ "account": "new.clerk", "display_name": "新村务", "role": "village", "area_code": VILLAGE_A, "reason": "换届" });
    refused(&app.admin(), "/users", account, "/area_code").await;
    let family = app.village_a().post("/households", household(NEXT, 1)).await.is(201);
    let moving = json!({ "village_code": VILLAGE_A, "moved_on": "2020-04-20", "note": "随子女迁居" });
    refused(&town, &format!("{}/move", family.path()), moving, "/village_code").await;
    let donation = json!({ "village_code": VILLAGE_A, "donated_on": "2020-03-01", "amount_fen": 100_000 });
    let given = bureau.patch(&app.organisation_a_path(), json!({ "directed_donations": [donation] })).if_match("*").await;
    given.fault("/directed_donations/0/village_code", "village_ended");
    let profile = town.patch(&format!("/villages/{VILLAGE_A}"), json!({ "old_base": true })).if_match("*").await;
    profile.refused(VillageEnded);

    // An old table of areas brings it back no more than it brings its old name back.
    let loaded = import(app, &format!("{VILLAGE_A},永湖村,village,{TOWN_A}\n{NEXT},龙下社区居委会,village,{TOWN_A}\n")).await;
    let told: Vec<_> = loaded.ended.iter().map(|area| (area.code.as_str(), area.successor_code.as_str())).collect();
    assert_eq!((told, loaded.renamed.len()), (vec![(VILLAGE_A, NEXT)], 1));
    let area = bureau.get(&format!("/areas/{VILLAGE_A}")).await.is(200);
    assert_eq!((&area["name"], &area["successor_code"]), (&json!("永湖村委会"), &json!(NEXT)));
    // Whoever knows the other one by the name that it had finds it. 龙下村委会
    let former = bureau.get("/areas?q=%E9%BE%99%E4%B8%8B%E6%9D%91%E5%A7%94%E4%BC%9A").await.is(200);
    assert_eq!(
        (&former.items()[0]["name"], &former.items()[0]["former_names"]),
        (&json!("龙下社区居委会"), &json!(["龙下村委会"]))
    );
});

both_databases!(of_two_villages_that_become_one_a_dry_run_names_what_both_have, async |app| {
    let (bureau, town) = (app.bureau(), app.town_a());
    let pairing = app.proposed(campaign()).await;
    let entry = json!({ "campaign_id": pairing["campaign_id"], "village_code": NEXT });
    let entered = town.post("/enrolments", entry.clone()).await.is(201);
    bureau.post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
    let second = with(entry, "/organisation_id", json!(app.world.organisation_a));
    let second = app.organisation_a().post("/pairings", second).await.is(201);
    for (village, order) in [(VILLAGE_A, 1), (NEXT, 2)] {
        town.post("/households", household(village, order)).await.is(201);
    }
    let dry = bureau.post(&replace(VILLAGE_A), tried(NEXT)).await.is(200);
    let kinds: Vec<_> = dry["conflicts"].as_array().expect("a list").iter().map(|conflict| conflict["kind"].clone()).collect();
    assert_eq!(kinds, [json!("paired_twice"), json!("enrolled_twice")]);
    let [twice, _] = &dry["conflicts"].as_array().expect("a list")[..] else { panic!("two") };
    assert_eq!((&twice["id"], &twice["organisation_name"]), (&pairing["id"], &json!("晋江市慈善总会")));
    bureau.post(&replace(VILLAGE_A), replacing(NEXT)).await.fault("/successor_code", "paired_twice");
    assert_eq!(town.get(&format!("/villages/{VILLAGE_A}")).await.is(200)["ended_on"], Value::Null);

    app.organisation_a().post(&format!("{}/withdraw", second.path()), json!({ "note": "两村合并" })).await.is(200);
    bureau.post(&replace(VILLAGE_A), replacing(NEXT)).await.is(200);
    assert_eq!(app.village_a().get(&pairing.path()).await.is(200)["village_code"], NEXT);
    let states = async |village: &str| {
        app.texts(&format!("SELECT state FROM enrolments WHERE village_code = '{village}' ORDER BY id")).await
    };
    assert_eq!((states(VILLAGE_A).await, states(NEXT).await), (vec!["withdrawn".to_owned()], vec!["confirmed".to_owned()]));
    // Each file keeps its number, and the next one goes on from those of the village that stays.
    let third = app.village_a().post("/households", household(NEXT, 3)).await.is(201);
    assert_eq!(third["file_number"], json!(format!("{NEXT}-0002")));
    assert_eq!(app.village_a().get("/households").await.is(200)["total"], 3);
    assert_eq!(figure(&town, NEXT, "2020-04", "closing").await, 3);
    assert_eq!(figure(&town, VILLAGE_A, "2020-04", "moved_out").await, 1);
});

both_databases!(only_the_bureau_of_the_county_replaces_a_village_by_one_of_its_town, async |app| {
    let bureau = app.bureau();
    for client in [app.town_a(), app.village_a(), app.admin()] {
        client.post(&replace(VILLAGE_A), replacing(NEXT)).await.refused(Forbidden);
    }
    app.as_(OtherBureau).post(&replace(VILLAGE_A), replacing(NEXT)).await.refused(NotFound);
    for (successor, code) in
        [(VILLAGE_A, "itself"), (VILLAGE_B, "another_town"), (OTHER_VILLAGE, "unknown"), ("350582104998", "unknown")]
    {
        bureau.post(&replace(VILLAGE_A), replacing(successor)).await.fault("/successor_code", code);
    }
    let later = with(replacing(NEXT), "/ended_on", json!("2020-04-21"));
    bureau.post(&replace(VILLAGE_A), later).await.fault("/ended_on", "future");
    bureau.post(&replace(VILLAGE_A), replacing(NEXT)).await.is(200);
    bureau.post(&replace(VILLAGE_A), replacing(NEXT)).await.refused(VillageEnded);
    bureau.post(&replace("350582104204"), replacing(VILLAGE_A)).await.fault("/successor_code", "village_ended");
});

both_databases!(whoever_opens_a_file_while_a_village_ends_leaves_none_in_it, async |app| {
    let (bureau, town) = (app.bureau(), app.town_a());
    let calls = (0..9).map(|n| match n % 3 {
        0 => bureau.post(&replace(VILLAGE_A), replacing(NEXT)),
        _ => town.post("/households", household(VILLAGE_A, n)),
    });
    let (won, lost) = at_once(calls).await;
    assert!(lost.iter().all(|answer| answer.status < 500), "{lost:?}");
    assert_eq!(won.iter().filter(|answer| answer.status == 200).count(), 1, "one ends it");
    assert_eq!(app.number(&format!("SELECT COUNT(*) FROM households WHERE village_code = '{VILLAGE_A}'")).await, 0);
});

both_databases!(a_merge_that_is_undone_after_a_village_was_replaced_counts_there, async |app| {
    let (village, town) = (app.village_a(), app.town_a());
    let kept = village.post("/households", household(VILLAGE_A, 3)).await.is(201);
    let merged = village.post("/households", household(VILLAGE_A, 5)).await.is(201);
    let head = json!({ "id": kept["members"][0]["id"], "relation": "head" });
    let merging = json!({ "other_id": merged["id"], "other_version": 1, "members": [head], "note": "入户核实为同一户" });
    village.post(&format!("{}/merge", kept.path()), merging).await.is(200);
    app.bureau().post(&replace(VILLAGE_A), replacing(NEXT)).await.is(200);
    village.post(&format!("{}/unmerge", merged.path()), json!({ "note": "核实为两户" })).await.is(200);
    for (area, name, value) in
        [(VILLAGE_A, "closing", 0), (VILLAGE_A, "moved_out", 2), (NEXT, "moved_in", 2), (NEXT, "closing", 2)]
    {
        assert_eq!(figure(&town, area, "2020-04", name).await, value, "{name} of {area}");
    }
});

both_databases!(the_operator_of_the_machine_replaces_a_village_too, async |app| {
    let run = async |input: Value| command::replace(&app.app, VILLAGE_A, input).await;
    let tried = run(tried(NEXT)).await.expect("it is tried");
    assert!(tried.starts_with(&format!("{VILLAGE_A} 永湖村委会 → {NEXT} 龙下村委会\n")), "{tried}");
    assert!(tried.contains("1 User accounts") && tried.ends_with("nothing was changed\n"), "{tried}");
    assert_eq!(run(replacing(VILLAGE_B)).await, Err("successor_code must lie in the same town".to_owned()));
    assert!(run(replacing(NEXT)).await.expect("it is done").ends_with("done\n"));
    assert_eq!(app.bureau().get(&format!("/villages/{VILLAGE_A}")).await.is(200)["successor_code"], NEXT);
});
