//! Assistance to households: recorded, confirmed, corrected.

use std::collections::BTreeSet;
use std::future::IntoFuture;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, next_number, op};
use super::households::KEEPERS;
use super::leaks;
use super::pairings::{ground, proposal};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Those who may read a record of a family that organisation A helps.
const RECORD: &[Who] = &[Bureau, TownA, VillageA, OrganisationA, Auditor];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_assistance_records").tells(leaks::HELPS, leaks::GIVEN),
        op("export_assistance_records").tells(leaks::HELPS, leaks::GIVEN),
        op("create_assistance_record")
            .on(helped_household)
            .body(|_, family| gift(&family.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .but(&[(OrganisationB, HouseholdNotPaired)])
            .tells(leaks::HELPS, leaks::GIVEN),
        op("read_assistance_record").on(record).only(RECORD).or(NotFound).tells(leaks::HELPS, leaks::GIVEN),
        op("update_assistance_record")
            .on(record)
            .body(|_, _| json!({ "amount_fen": 100 }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .tells(leaks::HELPS, leaks::GIVEN),
        op("step_assistance_record")
            .on(record)
            .step("confirm")
            .reasons()
            .only(KEEPERS)
            .or(NotFound)
            .but(&[(OrganisationA, Forbidden)])
            .tells(leaks::HELPS, leaks::GIVEN),
        op("list_assistance_record_history").on(record).only(RECORD).or(NotFound),
    ],
    example: |app| {
        Box::pin(async {
            let family = app.first("/households").await;
            app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
        })
    },
    walked: &["/assistance-records?sort=-happened_on", "/assistance-records?sort=-updated_at"],
    pages: &[
        ("bureau", "/assistance-records"),
        ("bureau", "/assistance-records/{}"),
        ("village", "/assistance-records"),
        ("village", "/assistance-records/new"),
        ("village", "/assistance-records/{}"),
        ("village", "/assistance-records/{}/edit"),
        ("village", "/assistance-records/{}/correct"),
    ],
};

/// A household that organisation A helps.
fn helped_household(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let (family, _) = app.helped(next_campaign(), next_number()).await;
        Target::at(family.path())
    })
}

fn record(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let family = helped_household(app, who).await;
        app.organisation_a().post("/assistance-records", gift(&family.id)).await.is(201).into()
    })
}

/// A sheet of a workbook in an answer.
pub fn sheet(answer: &Answer, name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    book.worksheet_range(name).expect("the sheet")
}

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

    let seen = app.as_(Auditor).get(&made.path()).await.is(200);
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

    // Of ten simultaneous corrections one succeeds. The old record counts until the new one is confirmed.
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

    // Every figure equals the total of the list that it links to.
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

both_databases!(a_correction_is_of_the_same_member_and_measure_unless_it_says_otherwise, async |app| {
    let (family, _, plan, measure) = app.planned().await;
    let (village, organisation) = (app.village_a(), app.organisation_a());
    let step = async |client: &Client, object: &Answer, action: &str, body: Value| {
        client.post(&format!("{}/{action}", object.path()), body).await
    };
    let again = json!({ "campaign_id": plan["campaign_id"], "household_id": family.id() });
    let refused = village.post("/assistance-plans", again).await.refused(PlanExists);
    assert_eq!(refused["existing"], plan.path(), "what stands in the way");
    let record = with(gift(&family.id()), "/measure_id", measure["id"].clone());
    let record = with(record, "/member_id", family["members"][1]["id"].clone());
    organisation.post("/assistance-records", record.clone()).await.fault("/measure_id", "plan_not_agreed");
    village.post(&format!("{}/agree", plan.path()), json!({ "agreed_by": "户主" })).await.is(200);
    let made = organisation.post("/assistance-records", record).await.is(201);
    step(&village, &made, "confirm", json!({})).await.is(200);
    let state = async || village.get(&measure.path()).await.is(200)["state"].clone();
    assert_eq!(state().await, "fulfilled");

    let correction = with(gift(&family.id()), "/corrects_id", made["id"].clone());
    let second = organisation.post("/assistance-records", with(correction, "/amount_fen", json!(300_000))).await.is(201);
    assert_eq!((&second["measure_id"], &second["member_id"]), (&measure["id"], &family["members"][1]["id"]));
    step(&village, &second, "confirm", json!({})).await.is(200);
    assert_eq!(state().await, "fulfilled", "its amount was corrected, not what it was for");

    // A measure counts as fulfilled even if its plan has ended since.
    let ended = village.get(&plan.path()).await.is(200);
    village.post(&format!("{}/close", plan.path()), json!({ "note": "措施均已落实" })).if_match(&ended.etag()).await.is(200);
    let correction = with(gift(&family.id()), "/corrects_id", second["id"].clone());
    let other = with(correction.clone(), "/description", json!("与方案无关"));
    let mut other = with(other, "/amount_fen", json!(100_000));
    other["measure_id"] = Value::Null;
    other["member_id"] = Value::Null;
    let third = organisation.post("/assistance-records", other).await.is(201);
    assert_eq!((&third["measure_id"], &third["member_id"]), (&Value::Null, &Value::Null), "said otherwise");
    step(&village, &third, "reject", json!({ "note": "确属方案内" })).await.is(200);
    let kept = organisation.post("/assistance-records", correction).await.is(201);
    assert_eq!(kept["measure_id"], measure["id"]);
});

both_databases!(what_was_given_while_a_pairing_ran_is_recorded_under_it_after_it_has_ended, async |app| {
    let (family, first) = app.helped(campaign(), 1).await;
    let (organisation, village, town) = (app.organisation_a(), app.village_a(), app.town_a());
    let record = organisation.post("/assistance-records", gift(&family.id())).await.is(201);
    village.post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    app.clock.set(noon("2020-04-22"));
    app.bureau().post(&format!("{}/complete", first.path()), json!({})).await.is(200);
    app.clock.set(noon("2020-04-24"));
    let second = app.helps(first["campaign_id"].as_str().unwrap(), &family.id()).await;
    app.clock.set(noon("2020-04-26"));
    let leave = json!({ "leave_reason": "moved_out", "note": "已迁居外地" });
    town.post(&format!("{}/leave", family.path()), leave).await.is(200);
    app.clock.set(noon("2020-04-30"));
    let of = |day: &str, fen: i64| with(with(gift(&family.id()), "/happened_on", json!(day)), "/amount_fen", json!(fen));
    for (day, fen, pairing) in [("2020-04-21", 1, &first), ("2020-04-24", 2, &second), ("2020-04-26", 3, &second)] {
        let made = organisation.post("/assistance-records", of(day, fen)).await.is(201);
        assert_eq!(made["pairing_id"], pairing["id"], "{day}");
    }
    for day in ["2020-04-23", "2020-04-27"] {
        organisation.post("/assistance-records", of(day, 4)).await.fault("/happened_on", "date_outside_pairing");
    }
    let own = village.post("/assistance-records", of("2020-04-21", 5)).await.is(201);
    assert_eq!(own["pairing_id"], Value::Null, "the village names a pairing where it means one");
    // A correction stays where that is which it corrects, whoever makes it.
    let correction = with(of("2020-04-20", 6), "/corrects_id", json!(record.id()));
    for client in [&organisation, &village, &town] {
        let elsewhere = with(correction.clone(), "/pairing_id", json!(second.id()));
        client.post("/assistance-records", elsewhere).await.fault("/corrects_id", "unknown");
        let made = client.post("/assistance-records", correction.clone()).await.is(201);
        assert_eq!(made["pairing_id"], first["id"]);
        village.post(&format!("{}/reject", made.path()), json!({ "note": "金额不符" })).await.is(200);
    }
});

both_databases!(what_was_given_before_a_plan_was_closed_still_fulfils_its_measures, async |app| {
    let (family, _, plan, measure) = app.planned().await;
    let (organisation, village) = (app.organisation_a(), app.village_a());
    village.post(&format!("{}/agree", plan.path()), json!({ "agreed_by": "许清水" })).await.is(200);
    app.clock.set(noon("2020-05-10"));
    village.post(&format!("{}/close", plan.path()), json!({ "note": "措施已落实" })).await.is(200);
    app.clock.set(noon("2020-05-12"));
    let of = |day: &str| with(with(gift(&family.id()), "/measure_id", measure["id"].clone()), "/happened_on", json!(day));
    organisation.post("/assistance-records", of("2020-05-11")).await.fault("/measure_id", "plan_not_agreed");
    let made = organisation.post("/assistance-records", of("2020-05-10")).await.is(201);
    assert_eq!(made["measure_id"], measure["id"]);
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
    app.as_(OrganisationB).post("/assistance-records", good.clone()).await.refused(HouseholdNotPaired);
    app.as_(VillageB).post("/assistance-records", good.clone()).await.fault("/household_id", "unknown");
    let theirs = with(gift(&second.id()), "/pairing_id", json!(pairing.id()));
    app.village_a().post("/assistance-records", theirs).await.fault("/pairing_id", "unknown");
    let early = with(good.clone(), "/happened_on", json!("2020-04-15"));
    app.village_a().post("/assistance-records", early).await.fault("/happened_on", "date_before_file");
    app.village_a().post("/assistance-records", good).await.is(201);
    assert_eq!(app.number("SELECT COUNT(*) FROM assistance_records").await, 1);
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
        let none = sheet(&app.as_(VillageB).get(&format!("{path}/export")).await.is(200), name);
        assert_eq!(none.height(), 1, "{path}");
    }
    // Auditors see what was given, but not its description.
    let sent = app.as_(Auditor).get("/assistance-records/export").await.is(200);
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
    let another = with(gift(&family.id()), "/not_a_double", json!(true));
    app.organisation_a().post("/assistance-records", another).await.is(201);
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
    for who in [OrganisationA, VillageA, TownA, Bureau] {
        assert_eq!(app.as_(who).get(&path).await.is(200).bytes, receipt);
    }
    let list = format!("/attachments?object_type=assistance_records&object_id={id}");
    for (who, code) in [(Auditor, Forbidden), (LeadingGroup, Forbidden), (TownB, NotFound), (OrganisationB, NotFound)] {
        app.as_(who).get(&path).await.refused(NotFound);
        app.as_(who).get(&list).await.refused(code);
    }
    let history = app.village_a().get(&format!("{}/history", given.path())).await.is(200);
    assert!(!history.body.to_string().contains("许清水"));
    let read = history.items().iter().filter(|entry| entry["action"] == "download").count();
    assert_eq!(read, 4, "who looked, and what for, stays");

    // An unsealed file was put there by somebody else, whatever its row says.
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
    // From now on the answers no longer say whether a guess is right, until the next day.
    for words in ["看望许清水", "看望老人"] {
        say(words).await.refused(TooManyRequests);
    }
    let trail = app.as_(Auditor).get("/audit-events?action=name_family&outcome=refused").await.is(200);
    assert_eq!(trail["total"], 20);
    let entry = &trail.items()[0];
    assert_eq!(
        (&entry["actor_role"], &entry["object_id"], &entry["changes"]),
        (&json!("organisation"), &json!(family.id()), &json!([]))
    );
    // Those who may look the name up anyway are told of their slips without limit.
    let committee = app.village_a();
    for _ in 0..21 {
        let slip = with(gift(&family.id()), "/description", json!("看望许清水"));
        committee.post("/assistance-records", slip).await.fault("/description", "personal_data");
    }
    app.clock.set(noon("2020-04-21"));
    say("看望老人").await.is(201);
});

both_databases!(who_is_told_that_somebody_is_known_leaves_a_trace, async |app| {
    app.as_(VillageB).post("/households", household(VILLAGE_B, 1)).await.is(201);
    let mine = app.village_a().post("/households", household(VILLAGE_A, 2)).await.is(201);
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.fault("/members/0/identity_number", "known_elsewhere");
    let members = household(VILLAGE_A, 1)["members"].clone();
    let moved = app.village_a().patch(&mine.path(), json!({ "members": members })).if_match(&mine.etag());
    moved.await.fault("/members/0/identity_number", "known_elsewhere");
    let trail = app.as_(Auditor).get("/audit-events?action=enter_known&sort=at").await.is(200);
    let told: Vec<_> = trail.items().iter().map(|entry| (&entry["object_id"], &entry["outcome"])).collect();
    assert_eq!(told, [(&json!("*"), &json!("refused")), (&json!(mine.id()), &json!("refused"))]);
});
