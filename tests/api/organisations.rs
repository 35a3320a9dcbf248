//! Social organisations and their directed donations.

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
        op("list_organisations"),
        op("create_organisation")
            .body(|_, _| organisation(next_number(), TOWN_A))
            .only(&[Bureau, TownA])
            .but(&[(OrganisationA, Forbidden), (OrganisationB, Forbidden)]),
        op("read_organisation").on(organisation_a),
        op("update_organisation").on(organisation_a).body(|_, _| json!({ "strengths": "助学" })).only(&[Bureau, OrganisationA]),
        op("step_organisation").on(new_organisation).step("deregister").body(end).only(&[Bureau]).or(Forbidden),
        op("list_organisation_history").on(organisation_a),
        op("read_organisation_template"),
        op("import_organisations")
            .upload(organisations_workbook)
            .only(&[Bureau, TownA])
            .or(ValidationFailed)
            .foreign(ValidationFailed),
        op("export_organisations"),
    ],
    pages: &[
        ("bureau", "/organisations"),
        ("bureau", "/organisations/import"),
        ("bureau", "/organisations/new"),
        ("bureau", "/organisations/{}"),
        ("bureau", "/organisations/{}/edit"),
    ],
    ..Domain::EMPTY
};

/// The organisation of an account. Everybody in the county may read it.
pub fn organisation_a(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().get(&app.organisation_a_path()).await.is(200).into() })
}

/// An organisation that nothing keeps from ending.
fn new_organisation(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().post("/organisations", organisation(next_number(), TOWN_A)).await.is(201).into() })
}

fn end(_: &TestApp, _: &Target) -> Value {
    json!({ "note": "主动申请注销", "ended_on": "2020-04-18" })
}

/// A workbook with another organisation of town A.
fn organisations_workbook(_: &Target) -> Upload {
    let row: &[&str] = &[&credit_code(next_number()), "新入会", "商会", TOWN_A];
    (vec![], XLSX, workbook(&[("社会组织", &[&["统一社会信用代码", "名称", "类别", "区划代码"], row])]))
}

both_databases!(a_credit_code_is_checked_and_taken_once, async |app| {
    let bureau = app.bureau();
    let code = credit_code(10);
    let other = if code.ends_with('0') { "1" } else { "0" };
    for (wrong, fault) in [
        (code[..17].to_owned(), "credit_code_format"),
        (format!("{code}0"), "credit_code_format"),
        (code.replacen('M', "I", 1), "credit_code_format"),
        (format!("{}{other}", &code[..17]), "check_digit"),
        (code.replacen("51", "52", 1), "check_digit"),
    ] {
        bureau
            .post("/organisations", with(organisation(10, TOWN_A), "/credit_code", json!(wrong)))
            .await
            .fault("/credit_code", fault);
    }
    let made = bureau.post("/organisations", organisation(10, TOWN_A)).await.is(201);
    assert_eq!(made["credit_code_suspicious"], false);
    bureau.post("/organisations", organisation(10, TOWN_B)).await.fault("/credit_code", "taken");
    let second = bureau.post("/organisations", organisation(11, TOWN_A)).await.is(201);
    bureau.patch(&second.path(), json!({ "credit_code": code })).if_match(&second.etag()).await.fault("/credit_code", "taken");
    bureau.patch(&made.path(), json!({ "credit_code": code })).if_match(&made.etag()).await.is(200);
    // Valid by GB 32100 but unusual by GB 11714: the service marks it and does not refuse it.
    let odd = format!("5135058212345678{}", "0");
    let odd = format!("{odd}{}", contract::codes::credit_code_check(&odd).expect("digits"));
    let odd = bureau.post("/organisations", with(organisation(12, TOWN_A), "/credit_code", json!(odd))).await.is(201);
    assert_eq!(odd["credit_code_suspicious"], true);
});

both_databases!(an_organisation_belongs_to_an_area_of_whoever_enters_it, async |app| {
    let town = app.town_a();
    let made = town.post("/organisations", organisation(10, TOWN_A)).await.is(201);
    assert_eq!((&made["area_name"], &made["editable"]), (&json!("东石镇"), &json!(true)));
    assert_eq!(town.get(&made.path()).await.is(200).body, made.body);
    for outside in [TOWN_B, COUNTY, OTHER_TOWN] {
        town.post("/organisations", organisation(11, outside)).await.refused(OutsideOwnScope);
    }
    for unknown in ["350599", "350582400", "350582102400"] {
        town.post("/organisations", organisation(11, unknown)).await.fault("/area_code", "unknown");
    }
    town.patch(&made.path(), json!({ "area_code": TOWN_B })).if_match(&made.etag()).await.fault("/area_code", "unknown");
    let of_town_b = format!("/organisations/{}", app.world.organisation_b);
    let seen = town.get(&of_town_b).await.is(200);
    assert_eq!(seen["editable"], false);
    town.patch(&of_town_b, json!({ "strengths": "助学" })).if_match(&seen.etag()).await.refused(OutsideOwnScope);
    app.bureau().get(&format!("/organisations/{}", app.world.other_organisation)).await.refused(NotFound);
    assert_eq!(app.bureau().get("/organisations").await.is(200)["total"], 3);
    // An organisation may edit its own data, but not its area.
    let own = app.organisation_a().get(&app.organisation_a_path()).await.is(200);
    app.organisation_a().patch(&own.path(), json!({ "strengths": "助学" })).if_match(&own.etag()).await.is(200);
    app.organisation_a().post("/organisations", organisation(12, TOWN_A)).await.refused(Forbidden);
    app.organisation_a().patch(&of_town_b, json!({ "strengths": "助学" })).if_match(&seen.etag()).await.refused(OutsideOwnScope);
});

both_databases!(donations_are_written_with_their_organisation, async |app| {
    let bureau = app.bureau();
    let donation = |village: &str, day: &str, fen: i64| json!({ "village_code": village, "donated_on": day, "amount_fen": fen });
    let given = json!([donation(VILLAGE_A, "2019-05-01", 5_000_000), donation(VILLAGE_B, "2018-01-01", 100)]);
    let made = bureau.post("/organisations", with(organisation(10, TOWN_A), "/directed_donations", given)).await.is(201);
    let days: Vec<_> =
        made["directed_donations"].as_array().expect("donations").iter().map(|d| d["donated_on"].clone()).collect();
    assert_eq!(days, ["2018-01-01", "2019-05-01"]);
    for elsewhere in [OTHER_VILLAGE, "350582102400", "350582999999"] {
        let given = json!([donation(VILLAGE_A, "2019-05-01", 1), donation(elsewhere, "2019-05-01", 1)]);
        let patch = json!({ "directed_donations": given });
        bureau.patch(&made.path(), patch).if_match(&made.etag()).await.fault("/directed_donations/1/village_code", "unknown");
    }
    let fewer = json!({ "directed_donations": [donation(VILLAGE_B, "2020-01-01", 7)] });
    let changed = bureau.patch(&made.path(), fewer).if_match(&made.etag()).await.is(200);
    assert_eq!(changed["directed_donations"].as_array().map(Vec::len), Some(1));
    let kept = bureau.patch(&made.path(), json!({ "member_count": 9 })).if_match(&changed.etag()).await.is(200);
    assert_eq!(kept["directed_donations"], changed["directed_donations"]);
    let cleared = bureau.patch(&made.path(), json!({ "directed_donations": null })).if_match(&kept.etag()).await.is(200);
    assert_eq!(cleared["directed_donations"], json!([]));
    assert_eq!(app.number("SELECT COUNT(*) FROM directed_donations").await, 0);
});

both_databases!(the_list_is_filtered_and_searched, async |app| {
    let bureau = app.bureau();
    let odd = with(with(organisation(10, TOWN_A), "/name", json!("100%_公益\\基金会")), "/kind", json!("foundation"));
    bureau.post("/organisations", with(odd, "/rating", json!("4a"))).await.is(201);
    for (query, names) in [
        ("kind=foundation", vec!["100%_公益\\基金会"]),
        ("rating=4a", vec!["100%_公益\\基金会"]),
        ("rating=5a", vec![]),
        ("q=100%25_%E5%85%AC", vec!["100%_公益\\基金会"]),
        // Punctuation alone matches no name.
        ("q=%25_", vec![]),
        ("q=%5C", vec![]),
        ("q=_", vec![]),
        ("q=%E5%95%86", vec!["龙湖镇商会"]),
        ("q=%E5%95%86%E4%BC%9A&kind=foundation", vec![]),
        ("within=350582110", vec!["龙湖镇商会"]),
        ("within=350582&kind=association&sort=credit_code", vec!["晋江市慈善总会", "龙湖镇商会"]),
        ("within=350583", vec![]),
    ] {
        let list = bureau.get(&format!("/organisations?{query}")).await.is(200);
        let found: Vec<_> = list.items().iter().map(|item| item["name"].as_str().expect("a name")).collect();
        assert_eq!(found, names, "{query}");
        assert_eq!(list["total"], names.len());
    }
});

both_databases!(the_history_keeps_numbers_to_itself, async |app| {
    let input = with(with(organisation(10, TOWN_A), "/contact_name", json!("蔡文良")), "/contact_phone", json!("0595-85660000"));
    let made = app.bureau().post("/organisations", input).await.is(201);
    app.bureau().patch(&made.path(), json!({ "contact_phone": null })).if_match(&made.etag()).await.is(200);
    let history = app.bureau().get(&format!("{}/history?sort=at", made.path())).await.is(200);
    let actions: Vec<_> = history.items().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["create", "update"]);
    assert_eq!(history.items()[1]["changes"], json!([{ "field": "contact_phone", "from": "•••", "to": Value::Null }]));
    assert!(!history.body.to_string().contains("85660000") && !history.body.to_string().contains("蔡文良"));
});

both_databases!(an_organisation_does_not_change_what_it_is_registered_as, async |app| {
    let path = app.organisation_a_path();
    let own = app.organisation_a().get(&path).await.is(200);
    for (field, other) in [
        ("name", json!("晋江市民政局")),
        ("credit_code", json!(credit_code(40))),
        ("kind", json!("foundation")),
        ("area_code", json!(TOWN_B)),
    ] {
        let patch = json!({ "strengths": "助学", field: other });
        let refused = app.organisation_a().patch(&path, patch.clone()).if_match("*").await;
        refused.fault(&format!("/{field}"), "as_registered");
        assert_eq!(app.organisation_a().get(&path).await.is(200).etag(), own.etag());
    }
    // What it says of itself it changes, and what stays as it is may be sent along, as forms do.
    let (name, kind) = (own["name"].clone(), own["kind"].clone());
    let patch = json!({ "name": name, "kind": kind, "strengths": "助学", "contact_phone": "0595-85661111" });
    app.organisation_a().patch(&path, patch).if_match("*").await.is(200);
    let renamed = app.bureau().patch(&path, json!({ "name": "晋江市慈善联合总会" })).if_match("*").await.is(200);
    assert_eq!(renamed["former_names"], json!([name]));
    let made = app.town_a().post("/organisations", organisation(41, TOWN_A)).await.is(201);
    app.town_a().patch(&made.path(), json!({ "name": "东石镇商会" })).if_match(&made.etag()).await.is(200);
});

both_databases!(nobody_but_the_bureau_rates_an_organisation, async |app| {
    let path = app.organisation_a_path();
    let rate =
        async |who: Who, path: &str, rating: Value| app.as_(who).patch(path, json!({ "rating": rating })).if_match("*").await;
    rate(OrganisationA, &path, json!("5a")).await.fault("/rating", "bureau_only");
    rate(Bureau, &path, json!("3a")).await.is(200);
    for rating in [json!("5a"), Value::Null] {
        rate(OrganisationA, &path, rating).await.fault("/rating", "bureau_only");
    }
    // An unchanged rating may be sent again, as forms do.
    rate(OrganisationA, &path, json!("3a")).await.is(200);
    let rated = with(organisation(10, TOWN_A), "/rating", json!("4a"));
    app.town_a().post("/organisations", rated.clone()).await.fault("/rating", "bureau_only");
    let made = app.town_a().post("/organisations", organisation(10, TOWN_A)).await.is(201);
    rate(TownA, &made.path(), json!("1a")).await.fault("/rating", "bureau_only");
    app.bureau().post("/organisations", with(rated, "/credit_code", json!(credit_code(11)))).await.is(201);
    // A workbook cannot set it either.
    let row = |rating: &str| {
        let header: &[&str] = &["统一社会信用代码", "名称", "类别", "区划代码", "评估等级"];
        let row: &[&str] = &[&credit_code(10), "第10社会工作服务中心", "社会工作服务机构", TOWN_A, rating];
        workbook(&[("社会组织", &[header, row])])
    };
    let import = async |who: Who, rating: &str| {
        let book = row(rating);
        app.as_(who).upload("/organisations/import", &[], ("a.xlsx", platform::excel::MEDIA_TYPE, &book)).await
    };
    import(TownA, "5A").await.fault("/organisations/2/rating", "bureau_only");
    import(TownA, "").await.is(200);
    import(Bureau, "2A").await.is(200);
    import(TownA, "2A").await.is(200);
    import(TownA, "").await.is(200);
    import(TownA, "清空").await.fault("/organisations/2/rating", "bureau_only");
    assert_eq!(app.bureau().get(&made.path()).await.is(200)["rating"], "2a");
    assert_eq!(app.bureau().get(&path).await.is(200)["rating"], "3a");
});

both_databases!(what_an_organisation_says_it_gave_is_confirmed_by_others, async |app| {
    let path = app.organisation_a_path();
    let donation = |fen: i64, confirmed: bool| json!({ "village_code": VILLAGE_A, "donated_on": "2020-01-15", "amount_fen": fen, "purpose": "路灯", "confirmed": confirmed });
    let write = async |who: Who, donations: Value| {
        app.as_(who).patch(&path, json!({ "directed_donations": donations })).if_match("*").await
    };
    let confirmed = |answer: &Answer| -> Vec<(i64, bool)> {
        let donations = answer["directed_donations"].as_array().expect("donations").iter();
        donations.map(|one| (one["amount_fen"].as_i64().unwrap(), one["confirmed"].as_bool().unwrap())).collect()
    };
    // A thousand million yuan is out of range. A hundred million is possible if somebody else confirms it.
    write(OrganisationA, json!([donation(100_000_000_000, false)])).await.fault("/directed_donations/0/amount_fen", "range");
    let said = write(OrganisationA, json!([donation(10_000_000_000, true)])).await.is(200);
    assert_eq!(confirmed(&said), [(10_000_000_000, false)], "its own word is none");
    let heard = write(Bureau, json!([donation(500, true), donation(700, true), donation(700, false)])).await.is(200);
    assert_eq!(confirmed(&heard), [(500, true), (700, true), (700, false)]);
    // The organisation leaves one donation as it is, changes another, and enters a third twice.
    let mine = json!([donation(500, false), donation(800, true), donation(700, true), donation(700, true)]);
    let said = write(OrganisationA, mine).await.is(200);
    assert_eq!(confirmed(&said), [(500, true), (800, false), (700, true), (700, false)]);
    let history = app.bureau().get(&format!("{path}/history")).await.is(200);
    assert_eq!(history.items()[0]["changes"][0]["field"], "directed_donations");
    assert!(history.items()[1]["changes"].to_string().contains("\"confirmed\":true"), "who confirmed stands in the history");
    assert_eq!(history.items()[1]["actor_role"], "bureau");

    // A town confirms donations of its own organisations, also by workbook. Donations count as unconfirmed unless somebody
    // confirms them.
    let town = app.town_a().post("/organisations", organisation(10, TOWN_A)).await.is(201);
    let sheets: &[&[&str]] = &[
        &["统一社会信用代码", "村（社区）代码", "捐赠日期", "金额（元）", "已核实"],
        &[&credit_code(10), VILLAGE_A, "2020-01-15", "12.5", "是"],
        &[&credit_code(10), VILLAGE_A, "2020-01-16", "12.5", ""],
    ];
    let own: &[&[&str]] = &[
        &["统一社会信用代码", "名称", "类别", "区划代码"],
        &[&credit_code(10), "第10社会工作服务中心", "社会工作服务机构", TOWN_A],
    ];
    let book = workbook(&[("社会组织", own), ("定向捐赠", sheets)]);
    app.town_a().upload("/organisations/import", &[], ("a.xlsx", platform::excel::MEDIA_TYPE, &book)).await.is(200);
    assert_eq!(confirmed(&app.bureau().get(&town.path()).await.is(200)), [(1250, true), (1250, false)]);
});
