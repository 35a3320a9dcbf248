//! How families change: they leave or move, and members die or leave. Months that are over stay as they were.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// Another village of the same town.
const NEXT: &str = "350582104205";

/// A figure of the ledger for an area and month. The list behind it must have as many families.
async fn figure(client: &Client, within: &str, month: &str, name: &str) -> i64 {
    let ledger = client.get(&format!("/household-ledger?month={month}&within={within}")).await.is(200);
    let cells = ledger["total"]["cells"].as_array().expect("cells");
    let cell = cells.iter().find(|cell| cell["figure"] == name).expect("the figure");
    let value = cell["value"].as_i64().expect("a number");
    let list = client.get(cell["records"].as_str().expect("a list")).await.is(200);
    assert_eq!(list["total"], value, "{name} of {month} in {within}");
    value
}

/// The county's ledger in some months, as the bureau sees it.
async fn months(app: &TestApp, months: &[&str]) -> Vec<Value> {
    let mut found = Vec::new();
    for month in months {
        let ledger = app.bureau().get(&format!("/household-ledger?month={month}")).await.is(200);
        found.push(json!([ledger["total"], ledger["areas"]]));
    }
    found
}

async fn members(app: &TestApp, path: &str) -> Vec<Value> {
    let file = app.town_a().post(&format!("{path}/reveal"), json!({ "purpose": "edit" })).await.is(200);
    file["members"].as_array().expect("members").clone()
}

fn moving(village: &str, day: &str) -> Value {
    json!({ "village_code": village, "moved_on": day, "note": "随子女迁居，已核实" })
}

both_databases!(a_household_that_leaves_is_counted_apart_and_what_was_agreed_with_it_ends, async |app| {
    let (family, pairing, plan, _) = app.planned().await;
    let (town, village) = (app.town_a(), app.village_a());
    let leave = format!("{}/leave", family.path());
    let died = json!({ "leave_reason": "died", "note": "户口已注销" });
    village.post(&leave, died.clone()).await.refused(Forbidden);
    town.post(&leave, json!({ "note": "户口已注销" })).await.fault("/leave_reason", "required");
    town.post(&leave, json!({ "leave_reason": "died" })).await.fault("/note", "required");
    town.post(&format!("{}/lift_out", family.path()), died.clone()).await.fault("/leave_reason", "only_when_leaving");
    let left = town.post(&leave, died).await.is(200);
    assert_eq!((&left["status"], &left["leave_reason"]), (&json!("left"), &json!("died")));
    assert_eq!(left["allowed_actions"], json!(["reopen"]));

    assert_eq!(village.get(&pairing.path()).await.is(200)["state"], "terminated");
    assert_eq!(village.get(&plan.path()).await.is(200)["state"], "closed");
    for path in [pairing.path(), plan.path()] {
        let history = village.get(&format!("{path}/history")).await.is(200);
        assert_eq!(history.items()[0]["action"], "household_left", "{path}");
    }
    let statuses = village.get(&format!("{}/statuses", family.path())).await.is(200);
    assert_eq!(statuses.body[0]["leave_reason"], "died");
    // The family came and left in the same month.
    for (name, value) in [("registered", 1), ("lifted_out", 0), ("left", 1), ("closing", 0)] {
        assert_eq!(figure(&app.bureau(), TOWN_A, "2020-04", name).await, value, "{name}");
    }

    // Help given before the family left can still be entered.
    village.post("/assistance-records", gift(&family.id())).await.is(201);
    app.clock.set(noon("2020-05-20"));
    let later = with(gift(&family.id()), "/happened_on", json!("2020-05-02"));
    village.post("/assistance-records", later).await.fault("/happened_on", "after_leaving");
    let visit_later = with(visit(), "/visited_on", json!("2020-05-02"));
    village.post(&format!("{}/visits", family.path()), visit_later).await.fault("/visited_on", "after_leaving");
    let plan = json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() });
    village.post("/assistance-plans", plan).await.refused(HouseholdLeft);

    // The wrong family was meant, so the file is reopened. It counts again from this month on, and April stays as it was.
    let before = months(app, &["2020-04"]).await;
    let reopen = format!("{}/reopen", family.path());
    village.post(&reopen, json!({ "note": "登记有误" })).await.refused(Forbidden);
    let again = town.post(&reopen, json!({ "note": "登记有误" })).await.is(200);
    assert_eq!((&again["status"], &again["leave_reason"]), (&json!("registered"), &Value::Null));
    assert_eq!(months(app, &["2020-04"]).await, before);
    let of_may = [("opening", 0), ("registered", 1), ("closing", 1)];
    for (name, value) in of_may {
        assert_eq!(figure(&village, VILLAGE_A, "2020-05", name).await, value, "{name}");
    }
});

both_databases!(whoever_was_lifted_out_before_leaves_without_being_counted_again, async |app| {
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let town = app.town_a();
    let step = async |action: &str, more: Value| town.post(&format!("{}/{action}", family.path()), more).await.is(200);
    step("assist", json!({})).await;
    step("lift_out", json!({ "note": "收入稳定" })).await;
    app.clock.set(noon("2020-06-10"));
    step("leave", json!({ "leave_reason": "moved_out", "note": "已迁居外地" })).await;
    assert_eq!(figure(&town, TOWN_A, "2020-06", "left").await, 0);
    assert_eq!(figure(&town, TOWN_A, "2020-06", "closing").await, 0);
    assert_eq!(figure(&town, TOWN_A, "2020-04", "lifted_out").await, 1);
    // A family without consent can leave, but cannot return.
    let second = with(household(VILLAGE_A, 3), "/consent", Value::Null);
    let second = app.village_a().post("/households", second).await.is(201);
    let leave = json!({ "leave_reason": "no_longer_eligible", "note": "收入超过标准" });
    let left = town.post(&format!("{}/leave", second.path()), leave).await.is(200);
    assert_eq!(left["allowed_actions"], json!([]));
    town.post(&format!("{}/reopen", second.path()), json!({ "note": "复核" })).await.refused(HouseholdNotConsented);
    // The file of a family that left lacks nothing any more.
    assert_eq!(town.get("/households?incomplete=true").await.is(200)["total"], 0);
});

both_databases!(within_a_town_its_office_moves_a_household_and_both_villages_count_it, async |app| {
    let (family, pairing, plan, _) = app.planned().await;
    let (town, village) = (app.town_a(), app.village_a());
    app.attached(Who::VillageA, "households", &family.id()).await.is(201);
    let record = village.post("/assistance-records", gift(&family.id())).await.is(201);
    app.clock.set(noon("2020-05-10"));
    let path = format!("{}/move", family.path());
    village.post(&path, moving(NEXT, "2020-05-08")).await.refused(Forbidden);
    app.town_b().post(&path, moving(VILLAGE_B, "2020-05-08")).await.refused(NotFound);
    for (body, at, code) in [
        (moving(VILLAGE_A, "2020-05-08"), "/village_code", "same_village"),
        (moving(VILLAGE_B, "2020-05-08"), "/village_code", "other_town"),
        (moving("350582104999", "2020-05-08"), "/village_code", "unknown"),
        (moving(NEXT, "2020-05-11"), "/moved_on", "future"),
        (moving(NEXT, "2020-04-19"), "/moved_on", "before_status"),
        (with(moving(NEXT, "2020-05-08"), "/note", json!("许清水搬走了")), "/note", "personal_data"),
        (with(moving(NEXT, "2020-05-08"), "/note", Value::Null), "/note", "required"),
    ] {
        town.post(&path, body).await.fault(at, code);
    }
    town.post(&path, moving(NEXT, "2020-05-08")).if_match("\"9\"").await.refused(StaleVersion);
    let april = months(app, &["2020-04"]).await;
    let moved = town.post(&path, moving(NEXT, "2020-05-08")).await.is(200);
    assert_eq!((&moved["village_code"], &moved["file_number"]), (&json!(NEXT), &json!(format!("{NEXT}-0001"))));
    assert_eq!((&moved["status"], &moved["member_count"]), (&json!("assisted"), &json!(2)));
    assert_eq!(moved["consents_to"], family["consents_to"]);
    let number = &family["file_number"];
    let before =
        json!([{ "id": family["id"], "file_number": number, "moved_on": "2020-05-08", "joined": false, "undoable": false }]);
    let mut files = moved["merged_files"].clone();
    files[0].as_object_mut().expect("a file").remove("merged_at");
    assert_eq!(files, before);

    // The old file stays in its village and cannot be changed.
    let old = village.get(&family.path()).await.is(200);
    assert_eq!((&old["status"], &old["editable"]), (&json!("transferred"), &json!(false)));
    assert_eq!((&old["allowed_actions"], &old["members"]), (&json!([]), &json!([])));
    assert_eq!(old["merged_into"], Value::Null, "the village does not see where it went");
    assert_eq!((&old["phone"], &old["revealable"]), (&Value::Null, &json!(false)));
    let why = json!({ "purpose": "verification" });
    village.post(&format!("{}/reveal", family.path()), why).await.refused(HouseholdMoved);
    assert_eq!(town.get(&family.path()).await.is(200)["merged_into"]["id"], moved["id"]);
    village.patch(&family.path(), json!({ "phone": null })).if_match(&old.etag()).await.refused(HouseholdMoved);
    town.post(&path, moving(NEXT, "2020-05-08")).await.refused(HouseholdMoved);
    town.post(&format!("{}/unmerge", family.path()), json!({ "note": "不是同一户" })).await.refused(MergeNotUndoable);
    village.get(&format!("/households/{}", moved.id())).await.refused(NotFound);
    assert_eq!(village.get("/households").await.is(200)["total"], 0);
    let found = json!({ "identity_number": identity_number("19650312", 1) });
    let found = town.post("/households/search", found).await.is(200);
    assert_eq!((&found["total"], &found.items()[0]["id"]), (&json!(1), &moved["id"]));

    // Agreements with the old village end and stay visible there. Help given there is confirmed there.
    assert_eq!(village.get(&pairing.path()).await.is(200)["state"], "terminated");
    assert_eq!(village.get(&plan.path()).await.is(200)["state"], "closed");
    village.post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    let papers = town.get(&format!("/attachments?object_type=households&object_id={}", moved.id())).await.is(200);
    assert_eq!(papers["total"], 1);

    // One family out of the village, one into the next; in the town the two cancel out.
    assert_eq!(months(app, &["2020-04"]).await, april);
    for (within, figures) in [
        (VILLAGE_A, [("opening", 1), ("moved_in", 0), ("moved_out", 1), ("left", 0), ("closing", 0)]),
        (NEXT, [("opening", 0), ("moved_in", 1), ("moved_out", 0), ("left", 0), ("closing", 1)]),
        (TOWN_A, [("opening", 1), ("moved_in", 1), ("moved_out", 1), ("left", 0), ("closing", 1)]),
    ] {
        for (name, value) in figures {
            assert_eq!(figure(&town, within, "2020-05", name).await, value, "{name} of {within}");
        }
    }
    assert_eq!(figure(&village, VILLAGE_A, "2020-05", "moved_out").await, 1);
    assert_eq!(figure(&village, VILLAGE_A, "2020-04", "closing").await, 1);
});

both_databases!(a_pairing_goes_along_where_the_organisation_stands_by_the_other_village_too, async |app| {
    let (village, _) = app.both_active(campaign(), "2020-04-18").await;
    let campaign_id = village["campaign_id"].as_str().expect("an id");
    let bureau = app.bureau();
    let propose = async |who: Who| {
        let organisation = if who == Who::OrganisationA { &app.world.organisation_a } else { &app.world.organisation_b };
        let body = json!({ "campaign_id": campaign_id, "organisation_id": organisation, "village_code": VILLAGE_B });
        let two = app.as_(who).post("/pairings", body).await.is(201);
        app.as_(Who::VillageB).post(&format!("{}/accept", two.path()), json!({})).await.is(200);
        bureau.post(&format!("{}/confirm", two.path()), json!({})).await.is(200);
        two
    };
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let pairing = app.helps(campaign_id, &family.id()).await;
    let plan = json!({ "campaign_id": campaign_id, "household_id": family.id() });
    let plan = app.village_a().post("/assistance-plans", plan).await.is(201);
    let path = format!("{}/move", family.path());
    let keeping = |ids: Value| with(moving(VILLAGE_B, "2020-04-20"), "/keep_pairings", ids);
    let keep = keeping(json!([pairing.id()]));
    bureau.post(&path, keep.clone()).await.fault("/keep_pairings/0", "village_pairing_missing");
    bureau.post(&path, keeping(json!([village.id()]))).await.fault("/keep_pairings/0", "unknown");
    bureau.post(&path, keeping(json!([pairing.id(), pairing.id()]))).await.fault("/keep_pairings", "duplicate");
    // Nothing of what was refused has happened.
    assert_eq!(bureau.get(&family.path()).await.is(200)["status"], "assisted");
    let there = propose(Who::OrganisationA).await;
    app.activate(&there.id(), "2020-04-19").await;
    let moved = bureau.post(&path, keep).await.is(200);

    // The old one ends, and the same goes on there: both say so. The plan was that of the old village.
    assert_eq!(bureau.get(&pairing.path()).await.is(200)["state"], "terminated");
    let helped = app.organisation_a().get(&format!("/households/{}", moved.id())).await.is(200);
    assert_eq!(helped["status"], "assisted");
    let live = app.organisation_a().get(&format!("/pairings?household_id={}", moved.id())).await.is(200);
    let live = &live.items()[0];
    assert_eq!((&live["state"], &live["village_code"]), (&json!("active"), &json!(VILLAGE_B)));
    assert_eq!((&live["active_since"], &live["proposed_by"]), (&json!("2020-04-20"), &pairing["proposed_by"]));
    let history = |path: String| async move { app.bureau().get(&format!("{path}/history")).await.is(200) };
    let old = history(pairing.path()).await;
    let acts: Vec<_> = old.items().iter().take(2).map(|entry| entry["action"].clone()).collect();
    assert_eq!(acts, ["carry_on", "household_moved"]);
    assert!(old.body.to_string().contains(live["id"].as_str().expect("an id")));
    let new = history(format!("/pairings/{}", live["id"].as_str().expect("an id"))).await;
    assert!(new.items()[0]["action"] == "carry_on" && new.body.to_string().contains(&pairing.id()), "{}", new.body);
    assert_eq!(bureau.get(&plan.path()).await.is(200)["state"], "closed");
    // What is given there is given under it.
    let given = app.organisation_a().post("/assistance-records", gift(&moved.id())).await.is(201);
    assert_eq!(given["pairing_id"], live["id"]);
    // Moved once more without a word, it ends.
    bureau.post(&format!("/households/{}/move", moved.id()), moving(VILLAGE_A, "2020-04-20")).await.is(200);
    let gone = bureau.get(&format!("/pairings/{}", live["id"].as_str().expect("an id"))).await.is(200);
    assert_eq!(gone["state"], "terminated");
});

both_databases!(between_towns_the_bureau_moves_a_household_there_and_back, async |app| {
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.clock.set(noon("2020-05-10"));
    let there = app.bureau().post(&format!("{}/move", family.path()), moving(VILLAGE_B, "2020-05-04")).await.is(200);
    let at = |id: &str| format!("/households/{id}");
    assert_eq!(app.as_(Who::VillageB).get(&at(&there.id())).await.is(200)["editable"], true);
    app.town_a().get(&at(&there.id())).await.refused(NotFound);
    app.town_b().get(&family.path()).await.refused(NotFound);
    // Whoever enters the family again learns what to do instead.
    let twice = app.village_a().post("/households", household(VILLAGE_A, 1)).await;
    let twice = twice.fault("/members/0/identity_number", "known_elsewhere");
    assert!(twice.body["errors"].to_string().contains("迁移"), "{}", twice.body["errors"]);

    app.clock.set(noon("2020-06-10"));
    let back = app.bureau().post(&format!("{}/move", at(&there.id())), moving(VILLAGE_A, "2020-06-01")).await.is(200);
    assert_eq!((&back["file_number"], &back["registered_on"]), (&json!(format!("{VILLAGE_A}-0002")), &family["registered_on"]));
    let numbers: Vec<_> = back["merged_files"].as_array().expect("files").iter().map(|file| &file["file_number"]).collect();
    assert_eq!(numbers, [&there["file_number"], &family["file_number"]]);
    for (within, month, figures) in [
        (TOWN_A, "2020-05", [("moved_in", 0), ("moved_out", 1), ("closing", 0)]),
        (TOWN_B, "2020-05", [("moved_in", 1), ("moved_out", 0), ("closing", 1)]),
        (TOWN_A, "2020-06", [("moved_in", 1), ("moved_out", 0), ("closing", 1)]),
        (TOWN_B, "2020-06", [("moved_in", 0), ("moved_out", 1), ("closing", 0)]),
        (COUNTY, "2020-06", [("moved_in", 1), ("moved_out", 1), ("closing", 1)]),
    ] {
        for (name, value) in figures {
            assert_eq!(figure(&app.bureau(), within, month, name).await, value, "{name} of {month} in {within}");
        }
    }
    // Consent and retention treat it as one family: what one file records applies to all.
    let withdrawn = json!({ "consent": { "withdrawn_on": "2020-06-10" } });
    app.village_a().patch(&at(&back.id()), withdrawn).if_match(&back.etag()).await.is(200);
    let mut years = app.clock.now();
    years += chrono::TimeDelta::days(3_650);
    app.clock.set(years);
    assert_eq!(app.retention(false).await.0, [format!("{VILLAGE_A}-0002 consent_withdrawn")]);
    assert_eq!(app.number("SELECT COUNT(*) FROM households WHERE anonymised_on IS NOT NULL").await, 3);
});

both_databases!(a_family_that_left_is_forgotten_as_one_that_was_lifted_out, async |app| {
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let leave = json!({ "leave_reason": "died", "note": "户口已注销" });
    app.town_a().post(&format!("{}/leave", family.path()), leave).await.is(200);
    assert_eq!(app.retention(true).await.0, [""; 0]);
    app.clock.set(app.clock.now() + chrono::TimeDelta::days(3_650));
    let closing = months(app, &["2020-04"]).await;
    assert_eq!(app.retention(false).await.0, [format!("{VILLAGE_A}-0001 left")]);
    assert_eq!(months(app, &["2020-04"]).await, closing);
});

both_databases!(a_merge_is_an_event_of_its_own_month_and_so_is_its_undoing, async |app| {
    let village = app.village_a();
    app.clock.set(noon("2020-08-20"));
    let opened = |order: u32, day: &str| {
        with(with(household(VILLAGE_A, order), "/registered_on", json!(day)), "/consent/given_on", json!(day))
    };
    let kept = village.post("/households", opened(1, "2020-06-10")).await.is(201);
    let other = village.post("/households", opened(3, "2020-04-10")).await.is(201);
    let step = async |action: &str, day: &str| {
        let body = json!({ "since": day, "note": "入户核查" });
        app.town_a().post(&format!("{}/{action}", other.path()), body).await.is(200)
    };
    step("assist", "2020-05-01").await;
    let past = ["2020-04", "2020-05", "2020-06", "2020-07", "2020-08"];
    let before = months(app, &past).await;
    app.clock.set(noon("2020-09-10"));
    let merging = |version: &Value| {
        let head = json!([{ "id": kept["members"][0]["id"], "relation": "head" }]);
        json!({ "other_id": other["id"], "other_version": version, "members": head, "note": "入户核实为同一户" })
    };
    village.post(&format!("{}/merge", kept.path()), merging(&json!(2))).await.is(200);
    assert_eq!(months(app, &past).await, before);
    let of = async |month: &str, name: &str| figure(&village, VILLAGE_A, month, name).await;
    assert_eq!([of("2020-09", "opening").await, of("2020-09", "left").await, of("2020-09", "closing").await], [2, 1, 1]);
    let gone = village.get(&other.path()).await.is(200);
    assert_eq!((&gone["status"], &gone["leave_reason"]), (&json!("transferred"), &json!("duplicate")));

    // An undo in the same month counts as correcting a slip.
    let undo = json!({ "note": "不是同一户" });
    let apart = village.post(&format!("{}/unmerge", other.path()), undo.clone()).await.is(200);
    assert_eq!((&apart["status"], &apart["status_since"]), (&json!("assisted"), &json!("2020-05-01")));
    assert_eq!([of("2020-09", "left").await, of("2020-09", "closing").await], [0, 2]);
    // After an undo in a later month, the month of the merge stays as it was.
    village.post(&format!("{}/merge", kept.path()), merging(&apart["version"])).await.is(200);
    let past = ["2020-08", "2020-09"];
    app.clock.set(noon("2020-11-10"));
    let before = months(app, &past).await;
    let apart = village.post(&format!("{}/unmerge", other.path()), undo).await.is(200);
    assert_eq!((&apart["status"], &apart["status_since"]), (&json!("assisted"), &json!("2020-11-10")));
    assert_eq!((&apart["leave_reason"], &apart["allowed_actions"]), (&Value::Null, &json!([])));
    assert_eq!(months(app, &past).await, before);
    assert_eq!([of("2020-10", "closing").await, of("2020-11", "registered").await, of("2020-11", "closing").await], [1, 1, 2]);
});

both_databases!(a_slip_in_village_or_day_is_corrected_as_long_as_nothing_hangs_on_the_file, async |app| {
    let (town, village) = (app.town_a(), app.village_a());
    let made = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let place = json!({ "village_code": NEXT });
    village.patch(&made.path(), place.clone()).if_match(&made.etag()).await.refused(OutsideOwnScope);
    let unknown = json!({ "village_code": "350582104999" });
    town.patch(&made.path(), unknown).if_match(&made.etag()).await.fault("/village_code", "unknown");
    let future = json!({ "registered_on": "2020-04-21" });
    town.patch(&made.path(), future).if_match(&made.etag()).await.fault("/registered_on", "future");
    let there = town.patch(&made.path(), place).if_match(&made.etag()).await.is(200);
    assert_eq!((&there["file_number"], &there["id"]), (&json!(format!("{NEXT}-0001")), &made["id"]));
    village.get(&made.path()).await.refused(NotFound);
    let day = json!({ "registered_on": "2020-03-30" });
    let dated = town.patch(&made.path(), day).if_match(&there.etag()).await.is(200);
    assert_eq!((&dated["registered_on"], &dated["status_since"]), (&json!("2020-03-30"), &json!("2020-03-30")));
    assert_eq!(figure(&town, NEXT, "2020-03", "registered").await, 1);
    assert_eq!(figure(&town, NEXT, "2020-04", "registered").await, 0);

    town.post(&format!("{}/visits", made.path()), visit()).await.is(201);
    let now = town.get(&made.path()).await.is(200);
    for (field, value, code) in [("village_code", VILLAGE_A, "file_in_use"), ("registered_on", "2020-04-01", "day_in_use")] {
        let change = json!({ field: value });
        town.patch(&made.path(), change).if_match(&now.etag()).await.fault(&format!("/{field}"), code);
    }
});

both_databases!(who_dies_or_goes_is_still_named_where_something_was_given, async |app| {
    let village = app.village_a();
    let family = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let (head, child) = (family["members"][0]["id"].clone(), family["members"][1]["id"].clone());
    let given = with(gift(&family.id()), "/member_id", child.clone());
    let confirmed = village.post("/assistance-records", given.clone()).await.is(201);
    village.post(&format!("{}/confirm", confirmed.path()), json!({})).await.is(200);
    let open = village.post("/assistance-records", with(given.clone(), "/not_a_double", json!(true))).await.is(201);
    let second = json!({
        "name": "许老太", "relation": "parent", "identity_number": identity_number("19400101", 7), "health": "healthy",
        "schooling": "none", "labour": "none",
    });
    let mut all = members(app, &family.path()).await;
    all.push(second);
    let now = village.get(&family.path()).await.is(200);
    let now = village.patch(&family.path(), json!({ "members": all })).if_match(&now.etag()).await.is(200);
    // Both leave: the girl had received help, the grandmother had not.
    all.truncate(1);
    let now = village.patch(&family.path(), json!({ "members": all })).if_match(&now.etag()).await.is(200);
    assert_eq!((&now["member_count"], now["members"].as_array().map(Vec::len)), (&json!(1), Some(1)));
    assert_eq!(app.number("SELECT COUNT(*) FROM household_members").await, 2);
    assert_eq!(members(app, &family.path()).await.len(), 1);
    for (record, name) in [(&confirmed, "许**"), (&open, "许**")] {
        assert_eq!(village.get(&record.path()).await.is(200)["member_name"], name);
    }
    let open_now = village.get(&open.path()).await.is(200);
    village.patch(&open.path(), json!({ "amount_fen": 100 })).if_match(&open_now.etag()).await.is(200);
    let correction = with(given.clone(), "/corrects_id", confirmed["id"].clone());
    let correction = village.post("/assistance-records", correction).await.is(201);
    assert_eq!((&correction["member_name"], &correction["member_id"]), (&json!("许**"), &child));
    app.clock.set(noon("2020-04-25"));
    let later = with(with(given, "/happened_on", json!("2020-04-25")), "/member_id", child.clone());
    village.post("/assistance-records", later.clone()).await.fault("/member_id", "after_leaving");
    village.post("/assistance-records", with(later, "/member_id", head)).await.is(201);

    // Nobody finds her in the file any more, and another file may list her as a member.
    let elsewhere = json!([{
        "name": "许小荷", "relation": "head", "identity_number": identity_number("20120601", 1), "health": "healthy",
        "schooling": "primary", "labour": "none", "groups": ["student"],
    }]);
    let other = village.post("/households", with(household(VILLAGE_A, 5), "/members", elsewhere)).await.is(201);
    let found = village.post("/households/search", json!({ "name": "许小荷" })).await.is(200);
    assert_eq!((&found["total"], &found.items()[0]["id"]), (&json!(1), &other["id"]));
    let all = village.get("/households?members=true").await.is(200);
    let listed: usize = all.items().iter().map(|file| file["members"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(listed, 2);
});

both_databases!(what_was_given_under_a_file_that_goes_on_elsewhere_is_still_corrected, async |app| {
    let (town, village) = (app.town_a(), app.village_a());
    let family = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let given = with(gift(&family.id()), "/member_id", family["members"][0]["id"].clone());
    let record = village.post("/assistance-records", given.clone()).await.is(201);
    village.post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    town.post(&format!("{}/move", family.path()), moving(NEXT, "2020-04-20")).await.is(200);
    assert_eq!(village.get(&record.path()).await.is(200)["member_name"], "许**");
    let corrected = with(with(given, "/corrects_id", record["id"].clone()), "/amount_fen", json!(100));
    let corrected = village.post("/assistance-records", corrected).await.is(201);
    village.post(&format!("{}/confirm", corrected.path()), json!({})).await.is(200);
    assert_eq!(village.get(&record.path()).await.is(200)["state"], "corrected");
});

both_databases!(what_happened_before_a_move_is_still_entered_in_the_file_that_was_left, async |app| {
    let (family, pairing, ..) = app.planned().await;
    let (town, village) = (app.town_a(), app.village_a());
    app.clock.set(noon("2020-05-10"));
    let moved = town.post(&format!("{}/move", family.path()), moving(NEXT, "2020-05-08")).await.is(200);
    let visits = format!("{}/visits", family.path());
    let visited = |day: &str| with(visit(), "/visited_on", json!(day));
    let given = |day: &str| with(with(gift(&family.id()), "/happened_on", json!(day)), "/not_a_double", json!(true));
    for (client, day) in [(&village, "2020-05-07"), (&town, "2020-05-08")] {
        client.post(&visits, visited(day)).await.is(201);
        let made = client.post("/assistance-records", given(day)).await.is(201);
        assert_eq!((&made["village_code"], &made["pairing_id"]), (&json!(VILLAGE_A), &Value::Null));
        village.post(&format!("{}/confirm", made.path()), json!({ "not_a_double": true })).await.is(200);
    }
    let by_organisation = app.organisation_a().post("/assistance-records", given("2020-05-07")).await.is(201);
    assert_eq!(by_organisation["pairing_id"], pairing["id"]);
    // What came after that is for the village where the family lives. The answer says so.
    for client in [&village, &town] {
        let late = client.post(&visits, visited("2020-05-09")).await.fault("/visited_on", "after_moving");
        assert!(late.body["errors"].to_string().contains("由其所在村（社区）登记"), "{}", late.body["errors"]);
        client.post("/assistance-records", given("2020-05-09")).await.fault("/happened_on", "after_moving");
    }
    app.town_b().post(&visits, visited("2020-05-07")).await.refused(NotFound);
    app.town_b().post("/assistance-records", given("2020-05-07")).await.fault("/household_id", "unknown");
    // As after leaving, the family's consent of today counts, wherever it was withdrawn. Mistakes are corrected even then.
    let withdrawn = json!({ "consent": { "withdrawn_on": "2020-05-10" } });
    town.patch(&format!("/households/{}", moved.id()), withdrawn).if_match(&moved.etag()).await.is(200);
    village.post(&visits, visited("2020-05-06")).await.refused(HouseholdNotConsented);
    village.post("/assistance-records", given("2020-05-06")).await.refused(HouseholdNotConsented);
    let known = village.get(&visits).await.is(200);
    assert_eq!(known["total"], 2);
    let correction = with(visited("2020-05-06"), "/corrects_id", known.items()[1]["id"].clone());
    village.post(&visits, correction).await.is(201);
});

both_databases!(a_family_that_left_and_comes_back_elsewhere_is_moved_from_the_file_that_it_left, async |app| {
    let (town, village, bureau) = (app.town_a(), app.village_a(), app.bureau());
    let family = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let leave = json!({ "leave_reason": "moved_out", "note": "已迁居外地" });
    town.post(&format!("{}/leave", family.path()), leave.clone()).await.is(200);
    app.clock.set(noon("2020-05-20"));
    // Each of those who meet it is told who has to do what.
    let again = app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 1)).await;
    let again = again.fault("/members/0/identity_number", "known_elsewhere");
    assert!(again.body["errors"].to_string().contains("市民政局办理"), "{}", again.body["errors"]);
    let path = format!("{}/move", family.path());
    let refused = town.post(&path, moving(VILLAGE_B, "2020-05-18")).await.fault("/village_code", "other_town");
    assert!(refused.body["errors"].to_string().contains("请市民政局办理"), "{}", refused.body["errors"]);
    bureau.post(&path, moving(VILLAGE_B, "2020-04-19")).await.fault("/moved_on", "before_status");

    let april = months(app, &["2020-04"]).await;
    let back = bureau.post(&path, moving(VILLAGE_B, "2020-05-18")).await.is(200);
    assert_eq!((&back["status"], &back["status_since"]), (&json!("registered"), &json!("2020-05-18")));
    assert_eq!((&back["member_count"], &back["consents_to"]), (&json!(2), &family["consents_to"]));
    let there = app.as_(Who::VillageB).get(&format!("/households/{}", back.id())).await.is(200);
    assert_eq!((&there["editable"], &there["leave_reason"]), (&json!(true), &Value::Null));
    assert_eq!(months(app, &["2020-04"]).await, april);
    for (within, month, figures) in [
        (TOWN_A, "2020-04", [("registered", 1), ("left", 1), ("closing", 0)]),
        (TOWN_A, "2020-05", [("moved_out", 0), ("left", 0), ("closing", 0)]),
        (TOWN_B, "2020-05", [("registered", 1), ("moved_in", 0), ("closing", 1)]),
        (COUNTY, "2020-05", [("opening", 0), ("registered", 1), ("closing", 1)]),
    ] {
        for (name, value) in figures {
            assert_eq!(figure(&bureau, within, month, name).await, value, "{name} of {month} in {within}");
        }
    }
    // The old village had it until it left, not until it came back.
    let visits = format!("{}/visits", family.path());
    let visited = |day: &str| with(visit(), "/visited_on", json!(day));
    village.post(&visits, visited("2020-04-20")).await.is(201);
    village.post(&visits, visited("2020-04-21")).await.fault("/visited_on", "after_moving");
    // As when a file is reopened, it has to consent.
    let second = with(household(VILLAGE_A, 3), "/consent", Value::Null);
    let second = village.post("/households", second).await.is(201);
    town.post(&format!("{}/leave", second.path()), leave).await.is(200);
    bureau.post(&format!("{}/move", second.path()), moving(VILLAGE_B, "2020-05-20")).await.refused(HouseholdNotConsented);
});
