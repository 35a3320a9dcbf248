//! The ledger's figures: they add up, and every figure equals the total of its list.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::recovery::FIGURES;
use crate::api::assistance::sheet;
use crate::api::pairings::proposal;
use crate::both_databases;
use crate::support::*;

/// Pseudo-random numbers, the same in each run.
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

/// The office of the town that a village lies in.
fn of_town(app: &TestApp, village: &str) -> Client {
    if village == VILLAGE_A { app.town_a() } else { app.town_b() }
}

/// Whether the ledger of the county adds up in each month of the year: over the month, over its towns, and with its lists.
async fn adds_up(app: &TestApp) {
    for month in 1..=12 {
        let month = format!("2020-{month:02}");
        let ledger = app.bureau().get(&format!("/household-ledger?month={month}")).await.is(200);
        let rows: Vec<_> = [&ledger["total"]].into_iter().chain(ledger["areas"].as_array().unwrap()).collect();
        for row in &rows {
            let of = |figure| value(row, figure);
            let came = of("registered") + of("moved_in") + of("relapsed");
            let went = of("lifted_out") + of("moved_out") + of("left");
            assert_eq!(of("opening") + came - went, of("closing"), "{month}: {row}");
            for (figure, value, records) in cells(row) {
                let total = app.bureau().get(&records.unwrap()).await.is(200)["total"].as_i64();
                assert_eq!(value, total, "{month}: {figure} in {row}");
            }
        }
        for figure in FIGURES {
            let parts: i64 = rows[1..].iter().map(|row| value(row, figure)).sum();
            assert_eq!(value(rows[0], figure), parts, "{month}: {figure}");
        }
        let trend = ledger["trend"].as_array().unwrap();
        assert!(trend.windows(2).all(|pair| value(&pair[0], "closing") == value(&pair[1], "opening")), "{trend:?}");
        assert_eq!(value(trend.last().unwrap(), "closing"), value(rows[0], "closing"));
    }
}

both_databases!(whatever_households_go_through_the_ledger_adds_up, async |app| {
    let mut numbers = Numbers(11);
    app.clock.set(noon("2020-03-01"));
    let (mut families, mut founded) = (Vec::new(), Vec::new());
    for order in 0..12 {
        let village = if numbers.below(2) == 0 { VILLAGE_A } else { VILLAGE_B };
        let day = json!(format!("2020-0{}-1{}", 1 + numbers.below(2), numbers.below(9)));
        let file = with(household(village, 10 + order), "/registered_on", day.clone());
        let file = with(file, "/consent/given_on", day);
        let client = if village == VILLAGE_A { app.town_a() } else { app.town_b() };
        let made = client.post("/households", file).await.is(201);
        families.push((client, made.path()));
    }
    // A year in which families come, change and go, some several times a month. Another village replaces that of town A twice.
    let mut village_a = VILLAGE_A;
    for day in 0..40u64 {
        app.clock.set(noon("2020-03-02") + chrono::TimeDelta::days((day * 7) as i64));
        if let Some((_, successor)) = [(19, "350582104205"), (32, "350582104204")].into_iter().find(|(on, _)| *on == day) {
            let ends = json!({ "successor_code": successor, "ended_on": app.clock.today().to_string(), "note": "村庄撤并" });
            app.bureau().post(&format!("/villages/{village_a}/replace"), ends).await.is(200);
            village_a = successor;
        }
        let (client, path) = &mut families[numbers.below(12) as usize];
        let now = client.get(path).await.is(200);
        let allowed = now["allowed_actions"].as_array().cloned().unwrap_or_default();
        if day % 6 == 5 && now["status"] != "left" {
            // The family moves to a village of the other town.
            let here = now["village_code"] == village_a;
            let today = app.clock.today().to_string();
            let to = json!({ "village_code": if here { VILLAGE_B } else { village_a }, "moved_on": today, "note": "随子女迁居" });
            let moved = app.bureau().post(&format!("{path}/move"), to).await.is(200);
            (*client, *path) = (if here { app.town_b() } else { app.town_a() }, format!("/households/{}", moved.id()));
            continue;
        }
        if day % 12 == 3 && now["member_count"].as_i64() > Some(1) && now["status"] != "left" {
            let member = json!({ "id": now["members"][1]["id"], "relation": "head" });
            let body = json!({ "members": [member], "split_on": app.clock.today().to_string(), "note": "长女另立户口" });
            let split = client.post(&format!("{path}/split"), body).await.is(200);
            founded.push(format!("/households/{}", split.id()));
            continue;
        }
        if day % 12 == 10 && !founded.is_empty() && now["status"] != "left" {
            // Who once left a household joins one of the same town again, or another one of the county.
            let from = founded.remove(0);
            let joins = app.bureau().get(&from).await.is(200);
            let members = |file: &Answer| file["members"].as_array().cloned().unwrap_or_default();
            let own = members(&now).into_iter().map(|member| json!({ "id": member["id"], "relation": member["relation"] }));
            let theirs = members(&joins).into_iter().map(|member| json!({ "id": member["id"], "relation": "other" }));
            let members: Vec<_> = own.chain(theirs).collect();
            let today = app.clock.today().to_string();
            let body = json!({
                "into_id": now["id"], "into_version": now["version"], "members": members, "joined_on": today, "note": "随子女生活",
            });
            app.bureau().post(&format!("{from}/join"), body).await.is(200);
            continue;
        }
        let action = if day % 6 == 2 { allowed.last() } else { allowed.first() };
        if let Some(action) = action.and_then(Value::as_str) {
            let reason = (action == "leave").then_some("died");
            client.post(&format!("{path}/{action}"), json!({ "note": "入户核查", "leave_reason": reason })).await.is(200);
        }
    }
    app.clock.set(noon("2020-12-20"));
    adds_up(app).await;
    let year = app.bureau().get("/household-ledger?month=2020-12").await.is(200);
    for (figure, least) in [("lifted_out", 2), ("moved_in", 2), ("moved_out", 2), ("left", 2)] {
        let happened: i64 = year["trend"].as_array().unwrap().iter().map(|row| value(row, figure)).sum();
        assert!(happened >= least, "something happened: {figure} {happened}");
    }
    // Month by month, each village that was replaced closes with nobody, and the next one takes over whom it had.
    for (month, village, successor) in [("2020-07", VILLAGE_A, "350582104205"), ("2020-10", "350582104205", "350582104204")] {
        let of = async |area: &str| app.town_a().get(&format!("/household-ledger?month={month}&within={area}")).await.is(200);
        let (old, new) = (of(village).await, of(successor).await);
        assert_eq!((value(&old["total"], "closing"), value(&new["total"], "opening")), (0, 0));
        assert_eq!(value(&old["total"], "moved_out"), value(&new["total"], "moved_in"));
        for row in [&old["total"], &new["total"]] {
            for (figure, value, records) in cells(row) {
                let total = app.town_a().get(&records.unwrap()).await.is(200)["total"].as_i64();
                assert_eq!(value, total, "{month}: {figure} in {row}");
            }
        }
    }
    let own = app.town_b().get("/household-ledger?month=2020-12").await.is(200);
    assert_eq!((&own["total"]["area_code"], own["areas"].as_array().map(Vec::len)), (&json!(TOWN_B), Some(1)));

    // The leading group sees no small numbers and no households.
    let told = app.as_(Who::LeadingGroup).get("/household-ledger?month=2020-12").await.is(200);
    let rows = [&told["total"]].into_iter().chain(told["areas"].as_array().unwrap()).chain(told["trend"].as_array().unwrap());
    for (_, value, records) in rows.flat_map(cells) {
        assert!(records.is_none() && value.is_none_or(|value| value >= 5), "{value:?}");
    }
    app.bureau().get("/household-ledger?month=2021-01").await.fault("/month", "future");
    app.town_b().get(&format!("/household-ledger?month=2020-06&within={TOWN_A}")).await.fault("/within", "unknown");
    app.bureau().get("/households?ledger=closing").await.fault("/ledger_month", "required");
});

both_databases!(whatever_is_entered_late_closed_months_stay_and_the_ledger_adds_up, async |app| {
    let mut numbers = Numbers(5);
    let (pairing, _) = app.both_active(campaign(), "2020-04-18").await;
    let mut families = Vec::new();
    for order in 0..8 {
        let village = if order % 2 == 0 { VILLAGE_A } else { VILLAGE_B };
        let made = of_town(app, village).post("/households", household(village, 10 + order)).await.is(201);
        families.push((village, made.path()));
    }
    let (mut closed, mut late) = (Vec::new(), 0);
    for turn in 0..60u64 {
        app.clock.set(noon("2020-05-01") + chrono::TimeDelta::days((turn * 4) as i64));
        let (today, back) = (app.clock.today(), numbers.below(50));
        let day = (today - chrono::Days::new(back)).to_string();
        if turn % 4 == 3 {
            // A town's form of the month before is accepted, or there is one already.
            let (town, code) = if numbers.below(2) == 0 { (app.town_a(), TOWN_A) } else { (app.town_b(), TOWN_B) };
            let month = contract::Month::of(today).previous().to_string();
            let form = json!({ "campaign_id": pairing["campaign_id"], "town_code": code, "month": month });
            let drafted = town.post("/reports", form).await;
            assert!([201, 409].contains(&drafted.status), "{}", drafted.body);
            if drafted.status == 201 {
                for (client, action) in [(&town, "submit"), (&app.bureau(), "accept")] {
                    client.post(&format!("{}/{action}", drafted.path()), json!({})).await.is(200);
                }
                let ledger = format!("/household-ledger?month={month}&within={code}");
                let said = app.bureau().get(&ledger).await.is(200)["total"].clone();
                closed.push((ledger, FIGURES.map(|figure| value(&said, figure))));
            }
            continue;
        }
        let (village, path) = &mut families[numbers.below(8) as usize];
        let client = of_town(app, village);
        let now = client.get(path).await.is(200);
        let answer = if turn % 10 == 2 && now["status"] != "left" {
            let there = if *village == VILLAGE_A { VILLAGE_B } else { VILLAGE_A };
            let to = json!({ "village_code": there, "moved_on": day, "note": "随子女迁居" });
            let moved = app.bureau().post(&format!("{path}/move"), to).await;
            if moved.status == 200 {
                (*village, *path) = (there, format!("/households/{}", moved.id()));
            }
            moved
        } else {
            let allowed = now["allowed_actions"].as_array().cloned().unwrap_or_default();
            let action = if turn % 5 == 1 { allowed.last() } else { allowed.first() };
            let action = action.and_then(Value::as_str).expect("something can be done");
            let reason = (action == "leave").then_some("died");
            let body = json!({ "note": "入户核查", "since": day, "leave_reason": reason });
            client.post(&format!("{path}/{action}"), body).await
        };
        if answer.status != 200 {
            answer.refused(ValidationFailed);
            continue;
        }
        let statuses = of_town(app, village).get(&format!("{path}/statuses")).await.is(200);
        late += i32::from(!statuses.body[0]["counted_in"].is_null());
    }
    assert!(closed.len() > 6 && late > 3, "{} months were closed, {late} changes came late", closed.len());
    for (ledger, said) in closed {
        let now = app.bureau().get(&ledger).await.is(200)["total"].clone();
        assert_eq!(FIGURES.map(|figure| value(&now, figure)), said, "{ledger}");
    }
    app.clock.set(noon("2020-12-28"));
    adds_up(app).await;
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
    // Help by the committee itself counts too, once it is confirmed.
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

both_databases!(what_became_of_a_household_is_found_by_the_household, async |app| {
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.statements.take();
    app.bureau().get("/household-ledger?month=2020-04").await.is(200);
    let statements = app.statements.take();
    let counts: Vec<_> = statements.iter().filter(|statement| statement.sql.contains("household_statuses")).collect();
    assert!(counts.len() >= 3, "what moved, who is unhelped and who is helped twice");
    for statement in counts {
        let plan = app.query_plan(statement).await;
        let by_heading = |line: &String| {
            line.contains("household_statuses") && line.contains("(heading=") || line.contains("Cond: ((heading)")
        };
        assert!(!plan.iter().any(by_heading), "{}", plan.join("\n"));
    }
});
