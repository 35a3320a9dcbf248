//! Villages and their profiles.

use contract::ErrorCode::*;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, Upload, next_number, op};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_villages"),
        op("read_village").on(village_a),
        op("update_village").on(village_a).body(|_, _| json!({ "old_base": true })).only(&[Bureau, TownA, VillageA]),
        op("replace_village").on(village_a).body(
            |_, _| json!({ "successor_code": "350582104205", "ended_on": "2020-04-20", "note": "村庄撤并", "dry_run": true }),
        ),
        op("list_village_history").on(village_a),
        op("read_village_template"),
        op("import_villages").upload(villages_workbook).only(&[Bureau, TownA]).or(ValidationFailed).foreign(ValidationFailed),
        op("export_villages"),
    ],
    pages: &[
        ("bureau", "/villages"),
        ("bureau", "/villages/import"),
        ("bureau", "/villages/{}"),
        ("bureau", "/villages/{}/edit"),
        ("bureau", "/villages/{}/replace"),
    ],
    ..Domain::EMPTY
};

fn village_a(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().get(&format!("/villages/{VILLAGE_A}")).await.is(200).into() })
}

/// A workbook that changes the number of low-income households of village A.
fn villages_workbook(_: &Target) -> Upload {
    let rows: &[&[&str]] = &[&["代码", "相对贫困户数"], &[VILLAGE_A, &next_number().to_string()]];
    (vec![], XLSX, workbook(&[("村（社区）", rows)]))
}

both_databases!(a_village_is_read_and_changed_by_its_own_town, async |app| {
    let village = app.town_a().get(&format!("/villages/{VILLAGE_A}")).await.is(200);
    assert_eq!(village["name"], "永湖村委会");
    assert_eq!(village["town_name"], "东石镇");
    assert_eq!(village["editable"], true);
    let change = json!({ "old_base": true, "industries": ["agriculture", "tourism"], "low_income_households": 12 });
    let town_b = app.town_b();
    assert_eq!(town_b.get(&village.path()).await.is(200)["editable"], false);
    town_b.patch(&village.path(), change.clone()).if_match(&village.etag()).await.refused(OutsideOwnScope);
    let changed = app.town_a().patch(&village.path(), change).if_match(&village.etag()).await.is(200);
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["industries"], json!(["agriculture", "tourism"]));
    assert_eq!(town_b.get(&village.path()).await.is(200)["low_income_households"], 12);
});

both_databases!(the_list_is_that_of_one_s_own_county, async |app| {
    let total = async |query: &str| app.village_a().get(&format!("/villages?{query}")).await.is(200)["total"].clone();
    assert_eq!(total("limit=1").await, 399, "405 less the six pseudo-areas");
    assert_eq!(total(&format!("within={OTHER_TOWN}")).await, 0);
    assert_eq!(app.as_(OtherBureau).get("/villages").await.is(200).items()[0]["code"], OTHER_VILLAGE);
    app.bureau().get(&format!("/villages/{OTHER_VILLAGE}")).await.refused(NotFound);
    app.bureau().get("/villages/350582102400").await.refused(NotFound);

    let village = app.bureau().get(&format!("/villages/{VILLAGE_A}")).await.is(200);
    let change = json!({ "old_base": true, "industries": ["commerce"] });
    app.bureau().patch(&village.path(), change).if_match(&village.etag()).await.is(200);
    for query in ["old_base=true", "industry=commerce", &format!("within={VILLAGE_A}"), "q=%E6%B0%B8%E6%B9%96"] {
        let list = app.town_b().get(&format!("/villages?{query}")).await.is(200);
        assert_eq!((list.items().len(), &list.items()[0]["code"]), (1, &json!(VILLAGE_A)), "{query}");
    }
    assert_eq!(total("industry=tourism").await, 0);
    assert_eq!(total("old_base=false&limit=1").await, 398);
});

both_databases!(a_patch_changes_what_it_names_and_null_clears, async |app| {
    let path = format!("/villages/{VILLAGE_A}");
    let town = app.town_a();
    let filled =
        json!({ "population": 3200, "resources": "滨海，紫菜", "contact_name": "许清水", "contact_phone": "13805950000" });
    let first = town.patch(&path, filled).if_match(&town.get(&path).await.etag()).await.is(200);
    let second = town.patch(&path, json!({ "population": null })).if_match(&first.etag()).await.is(200);
    assert_eq!((&second["population"], &second["resources"]), (&Value::Null, &json!("滨海，紫菜")));
    let send = |patch: Value| town.patch(&path, patch).if_match(&second.etag());
    for (patch, pointer, code) in [
        (json!({ "population": -1 }), "/population", "range"),
        (json!({ "population": 1_000_001 }), "/population", "range"),
        (json!({ "industries": ["mining"] }), "/industries/0", "type"),
        (json!({ "industries": ["forestry", "forestry"] }), "/industries", "duplicate"),
        (json!({ "resources": "长".repeat(2001) }), "/resources", "length"),
        (json!({ "contact_phone": "1" }), "/contact_phone", "phone"),
        (json!({ "contact_phone": "---1234567---" }), "/contact_phone", "phone"),
        (json!({ "name": "新名" }), "/name", "unknown_field"),
        (json!([]), "", "type"),
    ] {
        send(patch).await.fault(pointer, code);
    }
    assert_eq!(town.get(&path).await.is(200).etag(), town.get(&path).header("Accept-Language", "en").await.is(200).etag());
    assert_eq!(town.get(&path).await["version"], 3);
    let typed = town.patch(&path, json!({ "contact_phone": "(0595)8566 0137" })).if_match(&second.etag()).await.is(200);
    assert_eq!(typed["contact_phone"], "0595-85660137");
});

both_databases!(the_history_says_what_changed_and_no_telephone_number, async |app| {
    let path = format!("/villages/{VILLAGE_A}");
    let town = app.town_a();
    let change = json!({ "old_base": true, "contact_name": "许清水", "contact_phone": "13805950001" });
    let first = town.patch(&path, change).if_match(&town.get(&path).await.etag()).await.is(200);
    app.clock.set(noon("2020-04-22"));
    town.patch(&path, json!({ "contact_phone": "13805950002", "low_income_households": 7 }))
        .if_match(&first.etag())
        .await
        .is(200);
    let history = app.as_(Auditor).get(&format!("{path}/history")).await.is(200);
    assert_eq!(history["total"], 2);
    let [latest, earliest] = history.items() else { panic!("two entries") };
    assert_eq!(
        (&latest["actor_name"], &latest["actor_role"], &latest["action"]),
        (&json!("TownA"), &json!("town"), &json!("update"))
    );
    assert!(latest["at"].as_str() > earliest["at"].as_str(), "newest first");
    let fields =
        |entry: &Value| entry["changes"].as_array().expect("changes").iter().map(|c| c["field"].clone()).collect::<Vec<_>>();
    assert_eq!(fields(latest), ["contact_phone", "low_income_households"]);
    assert_eq!(latest["changes"][1], json!({ "field": "low_income_households", "from": 0, "to": 7 }));
    assert_eq!(fields(earliest), ["contact_name", "contact_phone", "old_base"]);
    let text = history.body.to_string();
    assert!(!text.contains("1380595") && !text.contains("许清水"), "{text}");
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_events WHERE CAST(changes AS TEXT) LIKE '%1380595%'").await, 0);
});
