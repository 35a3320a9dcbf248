//! Civil-affairs service institutions, and the accounts that act for them.

use contract::ErrorCode::*;
use contract::Role;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, Upload, next_number, op};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_institutions"),
        op("create_institution")
            .body(|_, _| institution(next_number(), TOWN_A))
            .only(&[Bureau, TownA])
            .but(&[(Institution, Forbidden)]),
        op("read_institution").on(known).but(&[(TownB, NotFound)]),
        op("update_institution").on(known).body(|_, _| json!({ "difficulties": "护理人员不足" })).but(&[(TownB, NotFound)]),
        op("step_institution")
            .on(new)
            .step("shut_down")
            .body(|_, _| json!({ "note": "并入市社会福利院" }))
            .only(&[Bureau])
            .but(&[(TownA, Forbidden), (TownB, NotFound), (Institution, NotFound)]),
        op("list_institution_history").on(known).but(&[(TownB, NotFound)]),
        op("read_institution_template"),
        op("import_institutions").upload(book).only(&[Bureau, TownA]).or(ValidationFailed).foreign(ValidationFailed),
        op("export_institutions"),
    ],
    pages: &[
        ("bureau", "/institutions"),
        ("bureau", "/institutions/import"),
        ("bureau", "/institutions/new"),
        ("bureau", "/institutions/{}"),
        ("bureau", "/institutions/{}/edit"),
        ("town", "/institutions"),
        ("institution", "/institutions"),
        ("institution", "/institutions/{}"),
        ("institution", "/institutions/{}/edit"),
        ("cadre", "/institutions"),
        ("cadre", "/institutions/{}"),
        ("leader", "/institutions"),
        ("auditor", "/institutions"),
    ],
    ..Domain::EMPTY
};

const HEADER: &[&str] = &["代码", "名称", "类别", "区划代码"];

fn path(app: &TestApp) -> String {
    format!("/institutions/{}", app.world.institution)
}

/// The institution of an account, which lies in town A.
fn known(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().get(&path(app)).await.is(200).into() })
}

fn new(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().post("/institutions", institution(next_number(), TOWN_A)).await.is(201).into() })
}

/// A workbook with another institution of town A.
fn book(_: &Target) -> Upload {
    let row: &[&str] = &[&format!("JJ{}", next_number()), "新设敬老院", "养老院（敬老院）", TOWN_A];
    (vec![], XLSX, workbook(&[("民政服务机构", &[HEADER, row])]))
}

async fn import(client: &Client, query: &str, bytes: &[u8]) -> Answer {
    client.upload(&format!("/institutions/import{query}"), &[], ("表.xlsx", XLSX, bytes)).await
}

both_databases!(a_code_is_checked_and_taken_once, async |app| {
    let bureau = app.bureau();
    let sent = |code: &str| bureau.post("/institutions", with(institution(10, TOWN_A), "/code", json!(code)));
    for (wrong, fault) in [("J", "institution_code"), ("养老", "institution_code"), ("52350582MJ00000340", "check_digit")] {
        sent(wrong).await.fault("/code", fault);
    }
    let made = sent("JJ010").await.is(201);
    sent("JJ010").await.fault("/code", "taken");
    sent("52350582MJ00000343").await.is(201);
    bureau.patch(&made.path(), json!({ "code": "JJ001" })).if_match(&made.etag()).await.fault("/code", "taken");
});

both_databases!(an_institution_is_entered_and_read_in_its_area, async |app| {
    let (bureau, town) = (app.bureau(), app.town_a());
    let of_county = bureau.post("/institutions", institution(10, COUNTY)).await.is(201);
    let of_village = town.post("/institutions", institution(11, VILLAGE_A)).await.is(201);
    for outside in [TOWN_B, COUNTY] {
        town.post("/institutions", institution(12, outside)).await.refused(OutsideOwnScope);
    }
    bureau.post("/institutions", institution(12, OTHER_TOWN)).await.refused(OutsideOwnScope);
    for unknown in ["350599", "350582102400"] {
        bureau.post("/institutions", institution(12, unknown)).await.fault("/area_code", "unknown");
    }
    let total = async |client: Client| client.get("/institutions").await.is(200)["total"].clone();
    for (who, seen) in [(Bureau, 3), (Cadre, 3), (LeadingGroup, 3), (Auditor, 3), (TownA, 2), (TownB, 0), (Institution, 1)] {
        assert_eq!(total(app.as_(who)).await, seen, "{who:?}");
    }
    town.get(&of_county.path()).await.refused(NotFound);
    app.as_(Institution).get(&of_village.path()).await.refused(NotFound);
    app.village_a().get(&of_village.path()).await.refused(Forbidden);
    // A town does not give one away, the bureau does.
    let to_b = json!({ "area_code": TOWN_B });
    town.patch(&of_village.path(), to_b.clone()).if_match("*").await.fault("/area_code", "unknown");
    bureau.patch(&of_village.path(), to_b).if_match("*").await.is(200);
    town.get(&of_village.path()).await.refused(NotFound);
    app.town_b().get(&of_village.path()).await.is(200);
});

both_databases!(an_institution_speaks_of_its_difficulties_and_is_registered_by_others, async |app| {
    let own = app.as_(Institution);
    let seen = own.get(&path(app)).await.is(200);
    assert_eq!((&seen["editable"], &seen["allowed_actions"]), (&json!(true), &json!([])));
    for (field, other) in [
        ("name", json!("东石镇养老中心")),
        ("code", json!("JJ777")),
        ("kind", json!("other")),
        ("area_code", json!(TOWN_B)),
        ("address", json!("新区路 1 号")),
        ("bed_count", json!(600)),
        ("staff_count", json!(90)),
    ] {
        let patch = json!({ "difficulties": "护理人员不足", field: other });
        own.patch(&path(app), patch).if_match("*").await.fault(&format!("/{field}"), "as_registered");
    }
    // A form sends along what stays as it is.
    let patch = json!({
        "name": seen["name"], "served_count": 41, "difficulties": "护理人员不足", "contact_name": "林院长", "contact_phone": "0595-85661111",
    });
    let told = own.patch(&path(app), patch).if_match(&seen.etag()).await.is(200);
    assert_eq!((&told["served_count"], &told["version"]), (&json!(41), &json!(2)));
    own.patch(&path(app), json!({ "served_count": 42 })).if_match(&seen.etag()).await.refused(StaleVersion);
    let history = own.get(&format!("{}/history", path(app))).await.is(200);
    assert_eq!(history.items()[0]["action"], "update");
    let in_need = app.as_(Cadre).get("/institutions?in_difficulty=true").await.is(200);
    assert_eq!(in_need.items().iter().map(|one| &one["name"]).collect::<Vec<_>>(), ["东石镇敬老院"]);
    own.post("/institutions", institution(10, TOWN_A)).await.refused(Forbidden);
});

both_databases!(an_institution_is_found_by_name_and_initials, async |app| {
    let bureau = app.bureau();
    let welfare = with(with(institution(10, COUNTY), "/name", json!("晋江市社会福利院")), "/kind", json!("welfare_house"));
    bureau.post("/institutions", welfare).await.is(201);
    for (query, names) in [
        ("q=福利", vec!["晋江市社会福利院"]),
        ("q=shfly", vec!["晋江市社会福利院"]),
        ("q=dsz", vec!["东石镇敬老院"]),
        ("q=院", vec!["东石镇敬老院", "晋江市社会福利院"]),
        ("kind=welfare_house", vec!["晋江市社会福利院"]),
        ("in_difficulty=true", vec![]),
        ("state=closed", vec![]),
        ("within=350582104", vec!["东石镇敬老院"]),
        ("sort=-code", vec!["晋江市社会福利院", "东石镇敬老院"]),
    ] {
        let list = bureau.get(&format!("/institutions?{query}")).await.is(200);
        let found: Vec<_> = list.items().iter().map(|item| item["name"].as_str().expect("a name")).collect();
        assert_eq!(found, names, "{query}");
    }
});

both_databases!(a_workbook_enters_and_changes_institutions_and_comes_back_unchanged, async |app| {
    let (bureau, town) = (app.bureau(), app.town_a());
    let row = |code: &'static str, name: &'static str, area: &'static str| vec![code, name, "救助管理站", area];
    let book = |rows: &[Vec<&str>]| {
        let rows: Vec<&[&str]> = [HEADER].into_iter().chain(rows.iter().map(Vec::as_slice)).collect();
        workbook(&[("民政服务机构", &rows)])
    };
    let two = book(&[row("JJ001", "东石镇养老中心", TOWN_A), row("jj-020", "东石镇救助站", VILLAGE_A)]);
    let tried = import(&town, "?dry_run=true", &two).await.is(200);
    assert_eq!((&tried["created"], &tried["updated"], &tried["errors"]), (&json!(1), &json!(1), &json!([])));
    assert_eq!(town.get("/institutions?q=救助").await["total"], 0, "a dry run changes nothing");
    import(&town, "", &two).await.is(200);
    let renamed = town.get(&path(app)).await.is(200);
    assert_eq!((&renamed["name"], &renamed["bed_count"], &renamed["version"]), (&json!("东石镇养老中心"), &json!(60), &json!(2)));
    assert_eq!(import(&town, "", &two).await.is(200)["updated"], 0);
    let exported = bureau.get("/institutions/export").await.is(200).bytes;
    let again = import(&bureau, "", &exported).await.is(200);
    assert_eq!((&again["created"], &again["updated"], &again["notes"]), (&json!(0), &json!(0), &Value::Null), "{}", again.body);
    // What was exported before somebody changed it does not undo the change.
    town.patch(&path(app), json!({ "name": "东石镇敬老中心" })).if_match("*").await.is(200);
    import(&bureau, "", &exported).await.fault("/institutions/3/version", "changed_since");

    bureau.post("/institutions", institution(30, TOWN_B)).await.is(201);
    for (rows, pointer, code) in [
        (vec![row("JJ030", "别院", TOWN_A)], "/institutions/2/code", "taken"),
        (vec![row("JJ031", "别院", TOWN_B)], "/institutions/2/area_code", "outside_own_scope"),
        (vec![row("JJ031", "别院", "350599")], "/institutions/2/area_code", "unknown"),
        (vec![row("J", "别院", TOWN_A)], "/institutions/2/code", "institution_code"),
        (vec![row("JJ031", "别院", TOWN_A), row("JJ031", "又院", TOWN_A)], "/institutions/3/code", "duplicate"),
    ] {
        import(&town, "", &book(&rows)).await.fault(pointer, code);
    }
    assert_eq!(town.get("/institutions").await["total"], 2, "nothing is half written");
});

both_databases!(a_closed_institution_stays_as_it_is_and_nobody_acts_for_it, async |app| {
    let (bureau, admin) = (app.bureau(), app.admin());
    let shut_down = format!("{}/shut_down", path(app));
    bureau.post(&shut_down, json!({})).await.fault("/note", "required");
    app.town_a().post(&shut_down, json!({ "note": "合并" })).await.refused(Forbidden);
    let closed = bureau.post(&shut_down, json!({ "note": "并入市社会福利院" })).await.is(200);
    assert_eq!((&closed["state"], &closed["editable"]), (&json!("closed"), &json!(false)));
    assert_eq!(closed["allowed_actions"], json!(["reinstate"]));
    bureau.post(&shut_down, json!({ "note": "再次" })).await.refused(IllegalStep);
    bureau.patch(&path(app), json!({ "bed_count": 1 })).if_match("*").await.refused(InstitutionClosed);
    let row: &[&str] = &["JJ001", "另一名称", "其他", TOWN_A];
    let book = workbook(&[("民政服务机构", &[HEADER, row])]);
    import(&bureau, "", &book).await.fault("/institutions/2/code", "institution_closed");

    app.as_(Institution).get("/me").await.refused(SessionEnded);
    let accounts = admin.get(&format!("/users?institution_id={}", app.world.institution)).await.is(200);
    let [account] = accounts.items() else { panic!("{accounts:?}") };
    assert_eq!((&account["disabled"], &account["allowed_actions"]), (&json!(true), &json!(["reset_password"])));
    let account = format!("/users/{}", account["id"].as_str().expect("an id"));
    let history = admin.get(&format!("{account}/history")).await.is(200);
    assert_eq!(history.items()[0]["action"], "institution_closed");
    let another =
        json!({ "account": "second", "display_name": "院办", "role": "institution", "institution_id": app.world.institution });
    admin.post("/users", another.clone()).await.fault("/institution_id", "institution_closed");
    assert_eq!(admin.get("/users/institutions").await.is(200)["total"], 0);
    assert_eq!(admin.get("/users/institutions?state=closed").await.is(200)["total"], 1);

    bureau.post(&format!("{}/reinstate", path(app)), json!({ "note": "停办有误" })).await.is(200);
    app.as_(Institution).get("/me").await.refused(SessionEnded);
    admin.post(&format!("{account}/enable"), json!({})).await.is(200);
    admin.post("/users", another).await.is(201);
});

both_databases!(an_account_of_an_institution_belongs_where_that_does, async |app| {
    let me = app.as_(Institution).get("/me").await.is(200);
    assert_eq!(me["institution_id"], json!(app.world.institution));
    assert_eq!((&me["institution_name"], &me["area_name"]), (&json!("东石镇敬老院"), &json!("东石镇")));
    let admin = app.admin();
    let account =
        json!({ "account": "second", "display_name": "院办", "role": "institution", "institution_id": app.world.institution });
    for (pointer, value, at, fault) in [
        ("/institution_id", Value::Null, "/institution_id", "required"),
        ("/institution_id", json!(app.world.organisation_a), "/institution_id", "unknown"),
        ("/area_code", json!(TOWN_A), "/area_code", "not_for_role"),
        ("/organisation_id", json!(app.world.organisation_a), "/organisation_id", "not_for_role"),
        ("/role", json!("organisation"), "/organisation_id", "required"),
        ("/role", json!("cadre"), "/institution_id", "not_for_role"),
    ] {
        admin.post("/users", with(account.clone(), pointer, value)).await.fault(at, fault);
    }
    let made = admin.post("/users", account).await.is(201);
    assert_eq!((&made["area_code"], &made["institution_name"]), (&json!(TOWN_A), &json!("东石镇敬老院")));
    // Another role is another place.
    let moved = json!({ "role": "cadre", "institution_id": null, "area_code": COUNTY });
    let moved = admin.patch(&made.path(), moved).if_match(&made.etag()).await.is(200);
    assert_eq!((&moved["institution_id"], &moved["area_code"]), (&Value::Null, &json!(COUNTY)));
    // Nobody sees more than the one they act for, wherever it lies.
    let other = app.bureau().post("/institutions", institution(10, TOWN_A)).await.is(201);
    let theirs = app.joined("other", Role::Institution, TOWN_A, Some(other.id().parse().expect("an id"))).await;
    assert_eq!(theirs.get("/institutions").await.is(200)["total"], 1);
    theirs.get(&path(app)).await.refused(NotFound);
    theirs.get("/organisations").await.refused(Forbidden);
});
