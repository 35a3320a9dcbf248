//! What is over names nobody any more, and every figure stays what it was.

use baishe::modules::audit::{seal, verify::verify};
use contract::ErrorCode::*;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// Figures, and what the lists behind them count.
async fn figures(app: &TestApp, families: &Families) -> Vec<Value> {
    let campaign_id = families.pairing["campaign_id"].as_str().unwrap();
    let mut figures = Vec::new();
    for path in [
        "/household-ledger?month=2020-04".to_owned(),
        "/household-ledger?month=2020-06".to_owned(),
        format!("/outcomes/totals?campaign_id={campaign_id}"),
        format!("/dashboard?campaign_id={campaign_id}"),
    ] {
        figures.push(app.bureau().get(&path).await.is(200).body);
    }
    for list in [
        "/households?",
        "/households?status=lifted_out",
        "/households?group=student",
        "/assistance-records?state=confirmed",
        "/assistance-measures?",
    ] {
        figures.push(app.bureau().get(list).await.is(200)["total"].clone());
    }
    figures
}

both_databases!(who_is_lifted_out_for_years_is_no_longer_known_and_still_counted, async |app| {
    let families = app.families().await;
    let (bureau, town, village) = (app.bureau(), app.town_a(), app.village_a());
    let at = |answer: &Answer, step: &str| format!("{}/{step}", answer.path());
    village.post(&at(&families.record, "confirm"), json!({})).await.is(200);
    town.post(&at(&families.family, "lift_out"), json!({ "note": "收入稳定" })).await.is(200);
    let kept = village.get(&families.kept.path()).await.is(200);
    for step in ["assist", "lift_out"] {
        town.post(&at(&kept, step), json!({ "note": "收入稳定" })).await.is(200);
    }
    let given = app.as_(Who::VillageB).get(&families.other.path()).await.is(200);
    let withdraw = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    app.as_(Who::VillageB).patch(&given.path(), withdraw).if_match(&given.etag()).await.is(200);

    app.clock.set(noon("2020-10-19"));
    assert_eq!(app.retention(false).await.0, [""; 0], "not before its time");
    app.clock.set(noon("2020-10-20"));
    assert_eq!(
        app.retention(true).await,
        (vec![format!("{VILLAGE_B}-0001 consent_withdrawn")], "1 files would be anonymised; nothing was changed".to_owned())
    );
    app.as_(Who::VillageB).post(&at(&families.other, "reveal"), json!({ "purpose": "edit" })).await.is(200);
    assert_eq!(app.retention(false).await.1, "1 files anonymised");

    // Whoever still helps a family needs to know it.
    app.clock.set(noon("2023-04-20"));
    assert_eq!(app.retention(true).await.0, [format!("{VILLAGE_A}-0002 lifted_out")]);
    bureau.post(&at(&families.pairing, "complete"), json!({})).await.is(200);
    seal::all(&app.app).await.unwrap();
    assert_eq!(village.get(&families.merged.path()).await.is(200)["merged_into"]["undoable"], true);
    let before = figures(app, &families).await;
    let (lines, told) = app.retention(false).await;
    assert_eq!(lines, [format!("{VILLAGE_A}-0001 lifted_out"), format!("{VILLAGE_A}-0002 lifted_out")]);
    assert_eq!(told, "2 files anonymised");
    assert_eq!(figures(app, &families).await, before);

    for file in [&families.family, &families.kept, &families.other] {
        let seen = bureau.get(&file.path()).await.is(200);
        assert!(seen["anonymised_on"].is_string() && seen["members"] == json!([]), "{}", seen.body);
        assert_eq!((&seen["head_name"], &seen["phone"], &seen["consent"]), (&json!("*"), &Value::Null, &Value::Null));
        assert_eq!((&seen["editable"], &seen["revealable"], &seen["missing"]), (&json!(false), &json!(false), &json!([])));
        bureau.post(&at(file, "reveal"), json!({ "purpose": "edit" })).await.refused(HouseholdAnonymised);
    }
    assert_eq!(village.get(&families.merged.path()).await.is(200)["merged_into"]["undoable"], false);
    assert_eq!(village.get(&families.kept.path()).await.is(200)["merged_files"][0]["undoable"], false);
    let seen = village.get(&families.family.path()).await.is(200);
    assert_eq!((&seen["member_count"], &seen["groups"]), (&families.family["member_count"], &families.family["groups"]));
    village.patch(&seen.path(), json!({ "phone": "13805950137" })).if_match(&seen.etag()).await.refused(HouseholdAnonymised);
    village.post(&at(&seen, "relapse"), json!({ "note": "返困" })).await.refused(HouseholdAnonymised);
    village.post(&at(&seen, "visits"), visit()).await.refused(HouseholdAnonymised);
    village.post(&at(&families.merged, "unmerge"), json!({ "note": "不是同一户" })).await.refused(HouseholdAnonymised);
    for query in [
        json!({ "name": "许清水" }),
        json!({ "phone": "13805950137" }),
        json!({ "identity_number": identity_number("19650312", 1) }),
    ] {
        assert_eq!(bureau.post("/households/search", query).await.is(200)["total"], 0);
    }
    assert_eq!(village.get(&at(&families.family, "visits")).await.is(200).items()[0]["note"], Value::Null);
    assert_eq!(village.get(&families.plan.path()).await.is(200)["agreed_by"], Value::Null);
    assert_eq!(village.get(&families.measure.path()).await.is(200)["description"], Value::Null);
    let record = village.get(&families.record.path()).await.is(200);
    assert_eq!((&record["description"], &record["goods"], &record["amount_fen"]), (&Value::Null, &json!([]), &json!(200_000)));
    for attached in [&families.card, &families.receipt] {
        village.get(&format!("{}?purpose=edit", attached.path())).await.refused(NotFound);
    }
    let (family_id, file) = (families.family.id(), ("许清水.pdf", "application/pdf", &*receipt()));
    let fields = [("object_type", "households"), ("object_id", &*family_id)];
    village.upload("/attachments", &fields, file).await.refused(OutsideOwnScope);
    let folder = app.app.config.data_dir.join("attachments");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    assert_eq!(app.number("SELECT COUNT(*) FROM household_members").await, 0);
    assert_eq!(app.number("SELECT COUNT(*) FROM household_statuses WHERE note IS NOT NULL").await, 0);

    // Nor is anything left behind the seals.
    let mut opened = String::new();
    for (table, column) in baishe::keys::SEALED.iter().filter(|(table, _)| *table != "idempotency_keys") {
        use sea_orm::ConnectionTrait;
        let query = format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL");
        let db = &app.app.database.read;
        for row in db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), query)).await.unwrap() {
            let (id, sealed): (uuid::Uuid, Vec<u8>) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
            opened += &String::from_utf8(app.app.vault.open_bytes(table, id, &sealed).unwrap()).unwrap();
        }
    }
    assert!(opened.contains("head_name"), "{opened}");
    assert_eq!(secrets::told(opened.as_bytes(), SECRETS.iter().copied()), [""; 0]);

    // It is in the trail, which is as it was sealed.
    let history = village.get(&at(&families.family, "history")).await.is(200);
    assert_eq!((&history.items()[0]["action"], &history.items()[0]["actor_name"]), (&json!("anonymise"), &Value::Null));
    assert_eq!(secrets::told(history.body.to_string().as_bytes(), SECRETS.iter().copied()), [""; 0]);
    let runs = app.as_(Who::Auditor).get("/audit-events?object_type=households&action=retention").await.is(200);
    assert_eq!(runs.items()[0]["changes"][0]["to"], 2);
    seal::all(&app.app).await.unwrap();
    assert_eq!(verify(&app.app, None).await.unwrap().findings, []);
    assert_eq!(app.retention(false).await.1, "0 files anonymised");
});
