//! What is done for households: pairings with them, plans, records, and the ledger.

use std::collections::BTreeSet;
use std::future::IntoFuture;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// A sheet of a workbook that was sent.
fn sheet(answer: &Answer, name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    book.worksheet_range(name).expect("the sheet")
}

/// The village's pairing with organisation A, active, and a family of village A.
async fn ground(app: &TestApp) -> (Answer, Answer) {
    let village = app.active(campaign(), "2020-04-18").await;
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    (village, family)
}

fn proposal(app: &TestApp, campaign_id: &Value, household_id: &str) -> Value {
    json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "household_id": household_id })
}

both_databases!(a_household_is_paired_by_its_village_and_the_organisation_learns_nothing_personal, async |app| {
    let (village, family) = ground(app).await;
    let two = proposal(app, &village["campaign_id"], &family.id());
    app.organisation_a().post("/pairings", two.clone()).await.refused(Forbidden);
    app.as_(Who::VillageB).post("/pairings", two.clone()).await.fault("/household_id", "unknown");
    let both = with(two.clone(), "/village_code", json!(VILLAGE_A));
    app.village_a().post("/pairings", both).await.fault("/household_id", "one_of_two");
    let made = app.village_a().post("/pairings", two.clone()).await.is(201);
    assert_eq!((&made["kind"], &made["village_code"]), (&json!("household"), &json!(VILLAGE_A)));
    app.village_a().post("/pairings", two.clone()).await.refused(PairingExists);
    app.town_a().post("/pairings", two).await.refused(PairingExists);

    // The organisation answers knowing the file's number and why the family is in difficulty, and nobody's name.
    let organisation = app.organisation_a();
    let seen = organisation.get(&made.path()).await.is(200);
    assert_eq!(seen["household"]["file_number"], format!("{VILLAGE_A}-0001"));
    assert_eq!((&seen["household"]["category"], &seen["household"]["main_cause"]), (&json!("minimum_living"), &json!("illness")));
    assert!(!seen.body.to_string().contains("许"), "{}", seen.body);
    organisation.get(&family.path()).await.refused(NotFound);
    let waiting = organisation.get("/work-items").await.is(200);
    assert!(waiting.body.to_string().contains(&made.id()), "{}", waiting.body);
    organisation.post(&format!("{}/accept", made.path()), json!({})).await.is(200);
    app.town_a().post(&format!("{}/activate", made.path()), json!({})).await.refused(IllegalStep);
    app.bureau().post(&format!("{}/confirm", made.path()), json!({})).await.is(200);
    app.village_a().post(&format!("{}/activate", made.path()), json!({})).await.refused(Forbidden);
    let active = app.town_a().post(&format!("{}/activate", made.path()), json!({})).await.is(200);
    assert_eq!((&active["state"], &active["active_since"]), (&json!("active"), &json!("2020-04-20")));

    // From now on the household is assisted, which its dated history shows; what is a village's stays so.
    let now = app.village_a().get(&family.path()).await.is(200);
    assert_eq!((&now["status"], &now["status_since"]), (&json!("assisted"), &json!("2020-04-20")));
    assert_eq!(app.village_a().get(&format!("{}/statuses", family.path())).await.is(200).body.as_array().map(Vec::len), Some(2));
    for (path, body, pointer) in [
        ("/agreements", agreement(&made.id()), "/pairing_id"),
        ("/projects", project(&made.id()), "/pairing_id"),
        (
            "/progress-updates",
            json!({ "pairing_id": made.id(), "month": "2020-04", "content": "助学", "progress": "完成" }),
            "/pairing_id",
        ),
    ] {
        app.town_a().post(path, body).await.fault(pointer, "unknown");
    }
    let of = async |client: &Client, query: &str| client.get(&format!("/pairings{query}")).await.is(200)["total"].clone();
    assert_eq!(of(&app.bureau(), "").await, 2);
    assert_eq!(of(&app.bureau(), "?kind=household").await, 1);
    assert_eq!(of(&app.bureau(), &format!("?household_id={}", family.id())).await, 1);
    assert_eq!(of(&app.as_(Who::LeadingGroup), "").await, 1, "what is done for single households is not for the leading group");
    app.as_(Who::LeadingGroup).get(&made.path()).await.refused(NotFound);
    for filter in ["without_agreement=true", "without_project_since=2020-05-01", "without_update_in=2020-04"] {
        assert_eq!(of(&app.bureau(), &format!("?{filter}")).await, 1, "{filter} is about villages");
    }
    let dashboard = format!("/dashboard?campaign_id={}", village["campaign_id"].as_str().unwrap());
    let dashboard = app.bureau().get(&dashboard).await.is(200);
    let active = dashboard["pairings_by_state"].as_array().unwrap().iter().find(|one| one["state"] == "active").unwrap();
    assert_eq!(active["pairings"]["value"], 1);
});

both_databases!(what_a_household_pairing_stands_on_is_asked_for, async |app| {
    let (village, family) = ground(app).await;
    let campaign_id = &village["campaign_id"];
    let unconsented = with(household(VILLAGE_A, 3), "/consent", Value::Null);
    let unconsented = app.village_a().post("/households", unconsented).await.is(201);
    let refused = app.village_a().post("/pairings", proposal(app, campaign_id, &unconsented.id())).await;
    refused.refused(HouseholdNotConsented);
    let other = with(proposal(app, campaign_id, &family.id()), "/organisation_id", json!(app.world.organisation_b));
    app.village_a().post("/pairings", other).await.refused(VillagePairingMissing);
    let lifted = app.village_a().post("/households", household(VILLAGE_A, 5)).await.is(201);
    for step in ["assist", "lift_out"] {
        app.town_a().post(&format!("{}/{step}", lifted.path()), json!({ "note": "收入稳定" })).await.is(200);
    }
    app.village_a().post("/pairings", proposal(app, campaign_id, &lifted.id())).await.refused(HouseholdLiftedOut);

    // Of ten who propose the same two at once one does.
    let village_a = app.village_a();
    let calls = (0..10).map(|_| village_a.post("/pairings", proposal(app, campaign_id, &family.id())).into_future());
    let made = join_all(calls).await.into_iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
});

both_databases!(a_household_pairing_ends_with_what_it_stands_on, async |app| {
    let (village, family) = ground(app).await;
    let campaign_id = village["campaign_id"].as_str().unwrap();
    let helped = app.helps(campaign_id, &family.id()).await;
    let second = app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let proposed = app.village_a().post("/pairings", proposal(app, &village["campaign_id"], &second.id())).await.is(201);
    let third = app.village_a().post("/households", household(VILLAGE_A, 5)).await.is(201);
    let withdrawn = app.helps(campaign_id, &third.id()).await;

    let now = app.village_a().get(&third.path()).await.is(200);
    let patch = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    app.village_a().patch(&third.path(), patch).if_match(&now.etag()).await.is(200);
    let ended = app.bureau().get(&withdrawn.path()).await.is(200);
    assert_eq!((&ended["state"], &ended["ended_on"]), (&json!("terminated"), &json!("2020-04-20")));
    let history = app.bureau().get(&format!("{}/history", withdrawn.path())).await.is(200);
    assert_eq!(history.items()[0]["action"], "consent_withdrawn");

    app.bureau().post(&format!("{}/terminate", village.path()), json!({ "note": "社会组织注销" })).await.is(200);
    for (pairing, state) in [(&helped, "terminated"), (&proposed, "withdrawn"), (&withdrawn, "terminated")] {
        assert_eq!(app.bureau().get(&pairing.path()).await.is(200)["state"], state);
    }
    let history = app.bureau().get(&format!("{}/history", helped.path())).await.is(200);
    assert_eq!(
        (&history.items()[0]["action"], &history.items()[0]["note"]),
        (&json!("fall_with_village"), &Value::Null),
        "what is said of a village may name a family"
    );
    app.organisation_a().get(&family.path()).await.refused(NotFound);
});

both_databases!(what_was_given_counts_once_when_the_village_has_confirmed_it, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let (organisation, village) = (app.organisation_a(), app.village_a());
    let made = organisation.post("/assistance-records", gift(&family.id())).key("visit").await.is(201);
    assert_eq!(
        (&made["pairing_id"], &made["state"], &made["goal"]),
        (&pairing["id"], &json!("recorded"), &json!("low_income_aid"))
    );
    assert_eq!((&made["head_name"], &made["recorded_by"]), (&json!("许**"), &json!("organisation")));
    assert_eq!(made["allowed_actions"], json!([]));
    let again = organisation.post("/assistance-records", gift(&family.id())).key("visit").await.is(201);
    assert_eq!(again.body, made.body);

    let seen = app.as_(Who::Auditor).get(&made.path()).await.is(200);
    assert_eq!((&seen["description"], &seen["goods"]), (&Value::Null, &json!([])));
    app.bureau().post(&format!("{}/complete", pairing.path()), json!({})).await.refused(RecordsOpen);
    let step = async |client: &Client, record: &Answer, action: &str, body: Value| {
        client.post(&format!("{}/{action}", record.path()), body).await
    };
    step(&organisation, &made, "confirm", json!({})).await.refused(Forbidden);
    step(&app.town_a(), &made, "confirm", json!({})).await.fault("/on_behalf_reason", "required");
    step(&village, &made, "reject", json!({})).await.fault("/note", "required");
    let changed = organisation.patch(&made.path(), json!({ "amount_fen": 250_000 })).if_match(&made.etag()).await.is(200);
    step(&village, &made, "confirm", json!({})).await.is(200);
    let refused = organisation.patch(&made.path(), json!({ "amount_fen": 1 })).if_match("\"3\"").await;
    assert_eq!(refused.refused(IllegalStep)["state"], "confirmed");
    organisation.patch(&made.path(), json!({ "amount_fen": 1 })).if_match(&changed.etag()).await.refused(StaleVersion);

    let total = async || {
        let campaign_id = pairing["campaign_id"].as_str().unwrap();
        let totals = app.bureau().get(&format!("/outcomes/totals?campaign_id={campaign_id}")).await.is(200);
        let of = totals.body.as_array().unwrap().iter().find(|one| one["indicator"] == "household_aid_fen").cloned();
        of.map_or(0, |one| one["actual"].as_i64().unwrap())
    };
    assert_eq!(total().await, 250_000);

    // Of ten corrections at once one is made; the old record counts until the new one is confirmed.
    let correction = with(gift(&family.id()), "/amount_fen", json!(300_000));
    let correction = with(correction, "/corrects_id", json!(made.id()));
    let calls = (0..10).map(|_| organisation.post("/assistance-records", correction.clone()).into_future());
    let (won, lost): (Vec<_>, Vec<_>) = join_all(calls).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((won.len(), lost.len()), (1, 9));
    for answer in lost {
        answer.refused(AlreadyCorrected);
    }
    assert_eq!(total().await, 250_000);
    let reason = json!({ "on_behalf_reason": "村委会暂无账号" });
    step(&app.town_a(), &won[0], "confirm", reason).await.is(200);
    assert_eq!(total().await, 300_000);
    assert_eq!(village.get(&made.path()).await.is(200)["state"], "corrected");
    app.bureau().post(&format!("{}/complete", pairing.path()), json!({})).await.is(200);

    // Every figure is the list that it names.
    let dashboard =
        app.bureau().get(&format!("/dashboard?campaign_id={}", pairing["campaign_id"].as_str().unwrap())).await.is(200);
    let figure = dashboard["indicators"].as_array().unwrap().iter().find(|one| one["indicator"] == "household_aid_fen").unwrap();
    assert_eq!((&figure["actual"], &figure["records"]["value"]), (&json!(300_000), &json!(1)));
    assert_eq!(app.bureau().get(figure["records"]["records"].as_str().unwrap()).await.is(200)["total"], 1);

    let history = village.get(&format!("{}/history", made.path())).await.is(200);
    let kept = app.bytes_written().await;
    let said = "看望老人";
    assert!(!history.body.to_string().contains(said) && !history.body.to_string().contains("大米"));
    assert!(!kept.windows(said.len()).any(|window| window == said.as_bytes()), "what was said is on the disk");
});

both_databases!(bad_records_are_refused_at_their_field, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let second = app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let good = gift(&family.id());
    let organisation = app.organisation_a();
    for (pointer, value, at, code) in [
        ("/amount_fen", json!(-1), "/amount_fen", "range"),
        ("/amount_fen", json!(0), "/amount_fen", "range"),
        ("/amount_fen", json!(100_000_001), "/amount_fen", "range"),
        ("/goods/0/quantity", json!(0), "/goods/0/quantity", "range"),
        ("/happened_on", json!("2020-04-21"), "/happened_on", "future"),
        ("/happened_on", json!("2020-04-19"), "/happened_on", "date_outside_pairing"),
        ("/member_id", second["members"][0]["id"].clone(), "/member_id", "unknown"),
        ("/measure_id", json!(family.id()), "/measure_id", "unknown"),
        ("/corrects_id", json!(family.id()), "/corrects_id", "unknown"),
        ("/state", json!("confirmed"), "/state", "unknown_field"),
    ] {
        organisation.post("/assistance-records", with(good.clone(), pointer, value)).await.fault(at, code);
    }
    let nothing = json!({ "household_id": family.id(), "kind": "visit", "happened_on": "2020-04-20" });
    organisation.post("/assistance-records", nothing).await.fault("/description", "nothing_given");
    for family in [second.id(), pairing.id()] {
        organisation.post("/assistance-records", gift(&family)).await.refused(HouseholdNotPaired);
    }
    app.as_(Who::OrganisationB).post("/assistance-records", good.clone()).await.refused(HouseholdNotPaired);
    app.as_(Who::VillageB).post("/assistance-records", good.clone()).await.fault("/household_id", "unknown");
    let theirs = with(gift(&second.id()), "/pairing_id", json!(pairing.id()));
    app.village_a().post("/assistance-records", theirs).await.fault("/pairing_id", "unknown");
    let early = with(good.clone(), "/happened_on", json!("2020-04-15"));
    app.village_a().post("/assistance-records", early).await.fault("/happened_on", "date_before_file");
    app.village_a().post("/assistance-records", good).await.is(201);
    assert_eq!(app.number("SELECT COUNT(*) FROM assistance_records").await, 1);
});

both_databases!(a_plan_is_agreed_with_the_family_and_fulfilled_by_records, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let village = app.village_a();
    let input = json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() });
    let calls = (0..6).map(|_| village.post("/assistance-plans", input.clone()).into_future());
    let (made, refused): (Vec<_>, Vec<_>) = join_all(calls).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 5));
    let plan = &made[0];
    let step = async |client: &Client, record: &Answer, action: &str, body: Value| {
        client.post(&format!("{}/{action}", record.path()), body).await
    };
    let agreed = json!({ "agreed_by": "许清水", "agreed_on": "2020-04-20" });
    step(&village, plan, "agree", agreed.clone()).await.refused(MeasuresMissing);
    for (pointer, value, code) in [
        ("/month", json!("2019-06"), "date_outside_campaign"),
        ("/member_id", json!(family.id()), "unknown"),
        ("/pairing_id", json!(family.id()), "unknown"),
        ("/amount_fen", json!(-5), "range"),
    ] {
        village.post("/assistance-measures", with(measure(&plan.id()), pointer, value)).await.fault(pointer, code);
    }
    let other = with(measure(&plan.id()), "/responsible", json!("village"));
    let other = with(other, "/pairing_id", json!(pairing.id()));
    village.post("/assistance-measures", other).await.fault("/pairing_id", "not_for_side");
    let due = with(measure(&plan.id()), "/member_id", family["members"][1]["id"].clone());
    let due = village.post("/assistance-measures", with(due, "/month", json!("2020-04"))).await.is(201);
    assert_eq!((&due["member_name"], &due["state"], &due["editable"]), (&json!("许**"), &json!("planned"), &json!(true)));
    let later = village.post("/assistance-measures", measure(&plan.id())).await.is(201);
    village.patch(&later.path(), json!({ "month": "2020-07" })).if_match(&later.etag()).await.is(200);
    step(&village, plan, "agree", json!({})).await.fault("/agreed_by", "required");
    step(&village, plan, "agree", json!({ "agreed_by": "许清水", "agreed_on": "2020-04-21" }))
        .await
        .fault("/agreed_on", "future");
    let told = step(&village, plan, "agree", agreed).await.is(200);
    assert_eq!((&told["state"], &told["agreed_by"], &told["measures_total"]), (&json!("agreed"), &json!("许**"), &json!(2)));

    // Agreed is agreed: measures come and go, with reasons, and are not rewritten.
    let now = village.get(&later.path()).await.is(200);
    village.patch(&later.path(), json!({ "month": "2020-08" })).if_match(&now.etag()).await.refused(IllegalStep);
    step(&village, &later, "drop", json!({})).await.fault("/note", "required");
    assert_eq!(step(&village, &later, "drop", json!({ "note": "改由镇里办理" })).await.is(200)["state"], "dropped");

    // The organisation is told what waits for it; what it gives fulfils the measure when it is confirmed.
    let organisation = app.organisation_a();
    let waiting = async || organisation.get("/assistance-measures?waits_for_me=true").await.is(200)["total"].clone();
    assert_eq!(waiting().await, 1);
    let record = with(gift(&family.id()), "/measure_id", json!(due.id()));
    let record = organisation.post("/assistance-records", with(record, "/kind", json!("schooling"))).await.is(201);
    assert_eq!(village.get(&due.path()).await.is(200)["state"], "planned");
    step(&village, &record, "confirm", json!({})).await.is(200);
    let done = village.get(&due.path()).await.is(200);
    assert_eq!((&done["state"], &done["records"], &done["given_fen"]), (&json!("fulfilled"), &json!(1), &json!(200_000)));
    assert_eq!(waiting().await, 0);
    step(&village, &due, "drop", json!({ "note": "重复" })).await.refused(IllegalStep);
    assert_eq!(village.get("/assistance-measures?state=fulfilled").await.is(200)["total"], 1);
    let plan = village.get(&plan.path()).await.is(200);
    assert_eq!((&plan["measures_total"], &plan["measures_fulfilled"]), (&json!(1), &json!(1)));
    step(&village, &plan, "close", json!({ "note": "措施均已落实" })).await.is(200);
    let closed = village.post("/assistance-measures", measure(&plan.id())).await.refused(IllegalStep);
    assert_eq!(closed["state"], "closed");
    let kept = app.bytes_written().await;
    assert!(!kept.windows(12).any(|window| window == "许小荷学".as_bytes()), "what is planned is on the disk");
});

both_databases!(the_monthly_form_is_told_what_households_were_given_and_of_nobody, async |app| {
    let village = app.active(campaign(), "2020-04-18").await;
    let campaign_id = village["campaign_id"].as_str().unwrap();
    for order in [1, 3] {
        let family = app.village_a().post("/households", household(VILLAGE_A, order)).await.is(201);
        app.helps(campaign_id, &family.id()).await;
        let record = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
        app.village_a().post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    }
    let written = json!({ "pairing_id": village.id(), "month": "2020-04", "content": "助学", "progress": "已走访12户" });
    app.town_a().post("/progress-updates", written).await.is(201);
    let form = json!({ "campaign_id": campaign_id, "town_code": TOWN_A, "month": "2020-04" });
    let form = app.town_a().post("/reports", form).await.is(201);
    assert_eq!(form["rows"].as_array().map(Vec::len), Some(1), "households are no rows of their own");
    assert_eq!(form["rows"][0]["progress"], "已走访12户\n走访慰问2户，发放资金4000元");
});

/// Numbers without a pattern, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Every cell of a row.
fn cells(row: &Value) -> Vec<(String, Option<i64>, Option<String>)> {
    let cell = |cell: &Value| {
        (cell["figure"].as_str().unwrap().to_owned(), cell["value"].as_i64(), cell["records"].as_str().map(str::to_owned))
    };
    row["cells"].as_array().unwrap().iter().map(cell).collect()
}

fn value(row: &Value, figure: &str) -> i64 {
    cells(row)
        .into_iter()
        .find(|(name, _, _)| name == figure)
        .and_then(|(_, value, _)| value)
        .unwrap_or_else(|| panic!("{figure} in {row}"))
}

both_databases!(whatever_households_go_through_the_ledger_adds_up, async |app| {
    let mut numbers = Numbers(11);
    app.clock.set(noon("2020-03-01"));
    let mut families = Vec::new();
    for order in 0..12 {
        let village = if numbers.below(2) == 0 { VILLAGE_A } else { VILLAGE_B };
        let day = json!(format!("2020-0{}-1{}", 1 + numbers.below(2), numbers.below(9)));
        let file = with(household(village, 10 + order), "/registered_on", day.clone());
        let file = with(file, "/consent/given_on", day);
        let client = if village == VILLAGE_A { app.town_a() } else { app.town_b() };
        let made = client.post("/households", file).await.is(201);
        families.push((client, made.path()));
    }
    // A year of ups and downs, several in one month.
    for day in 0..40u64 {
        app.clock.set(noon("2020-03-02") + chrono::TimeDelta::days((day * 7) as i64));
        let (client, path) = &families[numbers.below(12) as usize];
        let now = client.get(path).await.is(200);
        let allowed = now["allowed_actions"].as_array().cloned().unwrap_or_default();
        if let Some(action) = allowed.first().and_then(Value::as_str) {
            client.post(&format!("{path}/{action}"), json!({ "note": "入户核查" })).await.is(200);
        }
    }
    app.clock.set(noon("2020-12-20"));
    for month in 1..=12 {
        let month = format!("2020-{month:02}");
        let ledger = app.bureau().get(&format!("/household-ledger?month={month}")).await.is(200);
        let rows: Vec<_> = [&ledger["total"]].into_iter().chain(ledger["areas"].as_array().unwrap()).collect();
        for row in &rows {
            let of = |figure| value(row, figure);
            assert_eq!(of("opening") + of("registered") + of("relapsed") - of("lifted_out"), of("closing"), "{month}: {row}");
            for (figure, value, records) in cells(row) {
                let total = app.bureau().get(&records.unwrap()).await.is(200)["total"].as_i64();
                assert_eq!(value, total, "{month}: {figure} in {row}");
            }
        }
        for figure in ["opening", "registered", "relapsed", "lifted_out", "closing", "unhelped", "doubly_helped"] {
            let parts: i64 = rows[1..].iter().map(|row| value(row, figure)).sum();
            assert_eq!(value(rows[0], figure), parts, "{month}: {figure}");
        }
        let trend = ledger["trend"].as_array().unwrap();
        assert!(trend.windows(2).all(|pair| value(&pair[0], "closing") == value(&pair[1], "opening")), "{trend:?}");
        assert_eq!(value(trend.last().unwrap(), "closing"), value(rows[0], "closing"));
    }
    let lifted = app.bureau().get("/household-ledger?month=2020-12").await.is(200);
    let lifted: i64 = lifted["trend"].as_array().unwrap().iter().map(|row| value(row, "lifted_out")).sum();
    assert!(lifted > 3, "something happened: {lifted}");
    let own = app.town_b().get("/household-ledger?month=2020-12").await.is(200);
    assert_eq!((&own["total"]["area_code"], own["areas"].as_array().map(Vec::len)), (&json!(TOWN_B), Some(1)));

    // The leading group is told nothing small and no households.
    let told = app.as_(Who::LeadingGroup).get("/household-ledger?month=2020-12").await.is(200);
    let rows = [&told["total"]].into_iter().chain(told["areas"].as_array().unwrap()).chain(told["trend"].as_array().unwrap());
    for (_, value, records) in rows.flat_map(cells) {
        assert!(records.is_none() && value.is_none_or(|value| value >= 5), "{value:?}");
    }
    app.bureau().get("/household-ledger?month=2021-01").await.fault("/month", "future");
    app.town_b().get(&format!("/household-ledger?month=2020-06&within={TOWN_A}")).await.fault("/within", "unknown");
    app.bureau().get("/households?ledger=closing").await.fault("/ledger_month", "required");
});

both_databases!(families_helped_by_nobody_and_by_several_are_counted_and_listed, async |app| {
    let (village, _) = app.both_active(campaign(), "2020-04-18").await;
    let campaign_id = village["campaign_id"].as_str().expect("an id");
    let other = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_b, "village_code": VILLAGE_A });
    let other = app.as_(Who::OrganisationB).post("/pairings", other).await.is(201);
    app.village_a().post(&format!("{}/accept", other.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/confirm", other.path()), json!({})).await.is(200);
    app.activate(&other.id(), "2020-04-18").await;
    let mut families = Vec::new();
    for order in 1..=3 {
        families.push(app.village_a().post("/households", household(VILLAGE_A, order)).await.is(201));
    }
    app.helps(campaign_id, &families[0].id()).await;
    app.helps(campaign_id, &families[1].id()).await;
    let second =
        with(proposal(app, &village["campaign_id"], &families[1].id()), "/organisation_id", json!(app.world.organisation_b));
    let second = app.village_a().post("/pairings", second).await.is(201);
    let listed = async |figure: &str| {
        let ledger = app.town_a().get("/household-ledger?month=2020-04").await.is(200);
        let found = cells(&ledger["total"]).into_iter().find(|(name, _, _)| name == figure).expect("a figure");
        let list = app.town_a().get(&found.2.expect("a list")).await.is(200);
        let files: Vec<_> = list.items().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found.1, Some(files.len() as i64), "{figure}");
        files
    };
    assert_eq!(listed("doubly_helped").await, Vec::<String>::new(), "a proposal is not help yet");
    app.as_(Who::OrganisationB).post(&format!("{}/accept", second.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/confirm", second.path()), json!({})).await.is(200);
    app.town_a().post(&format!("{}/activate", second.path()), json!({})).await.is(200);
    assert_eq!(listed("doubly_helped").await, [families[1].id()]);
    assert_eq!(listed("unhelped").await, [families[2].id()]);
    // What the committee itself does helps too, once it is confirmed.
    let record = app.village_a().post("/assistance-records", gift(&families[2].id())).await.is(201);
    assert_eq!(listed("unhelped").await.len(), 1);
    app.village_a().post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    assert_eq!(listed("unhelped").await, Vec::<String>::new());

    let sent = app.town_a().get("/household-ledger/workbook?month=2020-04").await.is(200);
    let rows = sheet(&sent, "动态清零台账");
    let at = |row: usize, head: &str| {
        let column = (0..rows.width()).find(|&column| rows[(0, column)] == head).expect("the column");
        rows[(row, column)].to_string()
    };
    assert_eq!([at(1, "新增建档"), at(1, "期末在册"), at(1, "期末无人帮扶"), at(1, "期末多方结对")], ["3", "3", "0", "1"]);
    assert_eq!(sheet(&sent, "逐月变动").height(), 13);
    app.organisation_a().get("/household-ledger/workbook?month=2020-04").await.refused(Forbidden);
});

both_databases!(what_is_planned_and_done_goes_out_masked_and_leaves_a_trace, async |app| {
    let (family, _) = app.helped(campaign(), 1).await;
    let plan =
        json!({ "campaign_id": app.bureau().get("/campaigns").await.is(200).items()[0]["id"], "household_id": family.id() });
    let plan = app.village_a().post("/assistance-plans", plan).await.is(201);
    app.village_a().post("/assistance-measures", measure(&plan.id())).await.is(201);
    app.village_a().post(&format!("{}/agree", plan.path()), json!({ "agreed_by": "许清水" })).await.is(200);
    app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    for (path, name, words) in [
        ("/assistance-plans", "帮扶方案", "许**"),
        ("/assistance-measures", "帮扶措施", "资助长女学费"),
        ("/assistance-records", "帮扶记录", "大米 2袋"),
    ] {
        for client in [app.bureau(), app.town_a(), app.village_a(), app.organisation_a()] {
            let sent = client.get(&format!("{path}/export")).await.is(200);
            let text = format!("{:?}", sheet(&sent, name));
            assert!(text.contains(words) && !text.contains("许清水"), "{path}: {text}");
        }
        let none = sheet(&app.as_(Who::VillageB).get(&format!("{path}/export")).await.is(200), name);
        assert_eq!(none.height(), 1, "{path}");
    }
    // Auditors see what was given, and not what was written of it.
    let sent = app.as_(Who::Auditor).get("/assistance-records/export").await.is(200);
    let text = format!("{:?}", sheet(&sent, "帮扶记录"));
    assert!(text.contains("2000") && !text.contains("看望老人") && !text.contains("大米"), "{text}");
    let kept =
        "SELECT COUNT(*) FROM audit_events WHERE object_type = 'assistance_records' AND object_id = '*' AND action = 'export'";
    assert_eq!(app.number(kept).await, 6);
});

both_databases!(a_record_leads_to_what_it_corrects_and_to_what_corrects_it, async |app| {
    let (family, _) = app.helped(campaign(), 1).await;
    let first = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    app.village_a().post(&format!("{}/confirm", first.path()), json!({})).await.is(200);
    let correction = with(gift(&family.id()), "/corrects_id", json!(first.id()));
    let bad = app.organisation_a().post("/assistance-records", correction.clone()).await.is(201);
    assert_eq!(app.village_a().get(&first.path()).await.is(200)["corrected_by_id"], bad.id());
    app.village_a().post(&format!("{}/reject", bad.path()), json!({ "note": "金额仍不符" })).await.is(200);
    assert_eq!(app.village_a().get(&first.path()).await.is(200)["corrected_by_id"], Value::Null);
    let good = app.organisation_a().post("/assistance-records", correction).await.is(201);
    app.village_a().post(&format!("{}/confirm", good.path()), json!({})).await.is(200);
    let first = app.village_a().get(&first.path()).await.is(200);
    assert_eq!((&first["state"], &first["corrected_by_id"]), (&json!("corrected"), &json!(good.id())));

    let last = with(gift(&family.id()), "/corrects_id", json!(good.id()));
    let last = app.organisation_a().post("/assistance-records", last).await.is(201);
    app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    let all: BTreeSet<_> = [&first, &bad, &good, &last].map(Answer::id).into();
    for of in &all {
        let chain = app.village_a().get(&format!("/assistance-records?chain_of={of}")).await.is(200);
        assert_eq!(chain.items().iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>(), all);
    }
    let elsewhere = app.town_b().get(&format!("/assistance-records?chain_of={}", first.id())).await.is(200);
    assert_eq!(elsewhere["total"], 0);
});

both_databases!(no_words_about_what_is_done_tell_who_a_family_is, async |app| {
    let (village, family) = ground(app).await;
    let (committee, organisation) = (app.village_a(), app.organisation_a());
    let told = async |client: &Client, path: &str, body: Value, pointers: &[&str]| {
        for pointer in pointers {
            for (words, code) in [
                ("许清水家有困难", "personal_data"),
                ("账户 6217 0018 5001 2345 678", "personal_data"),
                ("电话13805950137", "personal_number"),
            ] {
                client.post(path, with(body.clone(), pointer, json!(words))).await.fault(pointer, code);
            }
        }
    };
    let two = with(proposal(app, &village["campaign_id"], &family.id()), "/note", json!("长女在读高中"));
    told(&committee, "/pairings", two.clone(), &["/note"]).await;
    told(&app.town_a(), "/pairings", with(two.clone(), "/on_behalf_reason", json!("暂无账号")), &["/note", "/on_behalf_reason"])
        .await;
    let pairing = committee.post("/pairings", two).await.is(201);
    for step in ["decline", "accept"] {
        told(&organisation, &format!("{}/{step}", pairing.path()), json!({ "note": "" }), &["/note"]).await;
    }
    organisation.post(&format!("{}/accept", pairing.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200);
    app.town_a().post(&format!("{}/activate", pairing.path()), json!({})).await.is(200);

    let plan = json!({ "campaign_id": village["campaign_id"], "household_id": family.id() });
    let plan = committee.post("/assistance-plans", plan).await.is(201);
    told(&committee, "/assistance-measures", measure(&plan.id()), &["/description"]).await;
    let planned = committee.post("/assistance-measures", measure(&plan.id())).await.is(201);
    let patch = json!({ "description": "资助许小荷学费" });
    committee.patch(&planned.path(), patch).if_match(&planned.etag()).await.fault("/description", "personal_data");
    told(&committee, &format!("{}/drop", planned.path()), json!({ "note": "" }), &["/note"]).await;
    told(&committee, &format!("{}/close", plan.path()), json!({ "note": "" }), &["/note"]).await;

    let given = gift(&family.id());
    told(&organisation, "/assistance-records", given.clone(), &["/description", "/goods/0/name"]).await;
    let given = organisation.post("/assistance-records", given).await.is(201);
    let patch = json!({ "description": "看望许清水" });
    organisation.patch(&given.path(), patch).if_match(&given.etag()).await.fault("/description", "personal_data");
    told(&committee, &format!("{}/reject", given.path()), json!({ "note": "" }), &["/note"]).await;
    let by_town = json!({ "note": "属实", "on_behalf_reason": "村委会暂无账号" });
    told(&app.town_a(), &format!("{}/confirm", given.path()), by_town, &["/note", "/on_behalf_reason"]).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM assistance_records").await, 1);
});

both_databases!(photos_of_what_was_given_are_sealed_nameless_and_read_for_a_purpose, async |app| {
    let (family, _) = app.helped(campaign(), 1).await;
    let organisation = app.organisation_a();
    let given = organisation.post("/assistance-records", gift(&family.id())).await.is(201);
    let id = given.id();
    let fields = [("object_type", "assistance_records"), ("object_id", &*id)];
    let receipt = paper("收条 许清水 350582196503120012");
    let made = organisation.upload("/attachments", &fields, ("许清水收条.pdf", "application/pdf", &receipt)).await.is(201);
    let name = made["file_name"].as_str().unwrap();
    assert!(name.starts_with("附件-") && name.ends_with(".pdf"), "{name}");
    let written = app.bytes_written().await;
    assert_eq!(secrets::told(&written, ["许清水", "350582196503120012", "收条"]), [""; 0], "on the disk");

    organisation.get(&made.path()).await.fault("/purpose", "required");
    let path = format!("{}?purpose=verification", made.path());
    for who in [Who::OrganisationA, Who::VillageA, Who::TownA, Who::Bureau] {
        assert_eq!(app.as_(who).get(&path).await.is(200).bytes, receipt);
    }
    let list = format!("/attachments?object_type=assistance_records&object_id={id}");
    for (who, code) in
        [(Who::Auditor, Forbidden), (Who::LeadingGroup, Forbidden), (Who::TownB, NotFound), (Who::OrganisationB, NotFound)]
    {
        app.as_(who).get(&path).await.refused(NotFound);
        app.as_(who).get(&list).await.refused(code);
    }
    let history = app.village_a().get(&format!("{}/history", given.path())).await.is(200);
    assert!(!history.body.to_string().contains("许清水"));
    let read = history.items().iter().filter(|entry| entry["action"] == "download").count();
    assert_eq!(read, 4, "who looked, and what for, stays");

    // One that is not sealed was put there by somebody else, whatever its row says.
    let folder = app.app.config.data_dir.join("attachments");
    let sealed = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&sealed, paper("收条 张三")).unwrap();
    app.bureau().get(&path).await.refused(Internal);
    app.sql("UPDATE attachments SET key_id = NULL").await;
    std::fs::rename(sealed, folder.join(made.id())).unwrap();
    app.bureau().get(&path).await.refused(Internal);
    let resealed = baishe::keys::reseal(&app.app, |_, _| ()).await.unwrap();
    assert_eq!(resealed.lost, [("attachments", made.id().parse().unwrap())], "nor is it sealed");
});

both_databases!(nobody_guesses_a_family_s_name_word_by_word, async |app| {
    let (family, _) = app.helped(campaign(), 1).await;
    let organisation = app.organisation_a();
    let say = |words: &str| organisation.post("/assistance-records", with(gift(&family.id()), "/description", json!(words)));
    for _ in 0..20 {
        say("看望许清水").await.fault("/description", "personal_data");
    }
    // From now on nothing it says tells whether it is right, until the next day.
    for words in ["看望许清水", "看望老人"] {
        say(words).await.refused(TooManyRequests);
    }
    let trail = app.as_(Who::Auditor).get("/audit-events?action=name_family&outcome=refused").await.is(200);
    assert_eq!(trail["total"], 20);
    let entry = &trail.items()[0];
    assert_eq!(
        (&entry["actor_role"], &entry["object_id"], &entry["changes"]),
        (&json!("organisation"), &json!(family.id()), &json!([]))
    );
    // Those who may look it up are told their slips as often as they make them.
    let committee = app.village_a();
    for _ in 0..21 {
        let slip = with(gift(&family.id()), "/description", json!("看望许清水"));
        committee.post("/assistance-records", slip).await.fault("/description", "personal_data");
    }
    app.clock.set(noon("2020-04-21"));
    say("看望老人").await.is(201);
});

both_databases!(who_is_told_that_somebody_is_known_leaves_a_trace, async |app| {
    app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 1)).await.is(201);
    let mine = app.village_a().post("/households", household(VILLAGE_A, 2)).await.is(201);
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.fault("/members/0/identity_number", "known_elsewhere");
    let members = household(VILLAGE_A, 1)["members"].clone();
    let moved = app.village_a().patch(&mine.path(), json!({ "members": members })).if_match(&mine.etag());
    moved.await.fault("/members/0/identity_number", "known_elsewhere");
    let trail = app.as_(Who::Auditor).get("/audit-events?action=enter_known&sort=at").await.is(200);
    let told: Vec<_> = trail.items().iter().map(|entry| (&entry["object_id"], &entry["outcome"])).collect();
    assert_eq!(told, [(&json!("*"), &json!("refused")), (&json!(mine.id()), &json!("refused"))]);
});
