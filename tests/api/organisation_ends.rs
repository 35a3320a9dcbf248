//! Organisations that are deregistered, merge into others, or change their name.

use contract::ErrorCode::*;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::races::at_once;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

fn end() -> Value {
    json!({ "note": "主动申请注销", "ended_on": "2020-04-18" })
}

async fn state_of(app: &TestApp, path: &str) -> Value {
    app.bureau().get(path).await.is(200)["state"].clone()
}

both_databases!(what_hangs_on_an_organisation_ends_with_it_and_the_past_stays, async |app| {
    let (bureau, organisation) = (app.bureau(), app.organisation_a_path());
    let signed = app.signed(campaign()).await;
    let campaign_id = signed["campaign_id"].as_str().expect("an id");
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let helped = app.helps(campaign_id, &family.id()).await;
    let deregister = format!("{organisation}/deregister");
    bureau.post(&deregister, json!({ "ended_on": "2020-04-18" })).await.fault("/note", "required");
    bureau.post(&deregister, json!({ "note": "注销" })).await.fault("/ended_on", "required");
    bureau.post(&deregister, json!({ "note": "注销", "ended_on": "2020-04-21" })).await.fault("/ended_on", "future");
    app.organisation_a().get("/me").await.is(200);
    let successor = json!({ "note": "注销", "ended_on": "2020-04-18", "successor_id": app.world.organisation_b });
    bureau.post(&deregister, successor).await.fault("/successor_id", "not_for_step");
    let ended = bureau.post(&deregister, end()).await.is(200);
    assert_eq!((&ended["state"], &ended["ended_on"]), (&json!("deregistered"), &json!("2020-04-18")));
    assert_eq!((&ended["editable"], &ended["allowed_actions"]), (&json!(false), &json!(["reinstate"])));
    bureau.post(&deregister, end()).await.refused(IllegalStep);

    // Its account can no longer be used, and nobody can create another for it.
    app.organisation_a().get("/me").await.refused(SessionEnded);
    let credentials = json!({ "account": OrganisationA.account(), "password": PASSWORD });
    app.anonymous().post("/auth/login", credentials).await.refused(InvalidCredentials);
    let accounts = app.admin().get(&format!("/users?organisation_id={}", app.world.organisation_a)).await.is(200);
    let [account] = accounts.items() else { panic!("{accounts:?}") };
    assert_eq!((&account["disabled"], &account["allowed_actions"]), (&json!(true), &json!(["reset_password"])));
    let account = format!("/users/{}", account["id"].as_str().expect("an id"));
    app.admin().post(&format!("{account}/enable"), json!({ "note": "误停用" })).await.refused(IllegalStep);
    let another = json!({
        "account": "second", "display_name": "干事", "role": "organisation", "organisation_id": app.world.organisation_a,
    });
    app.admin().post("/users", another.clone()).await.fault("/organisation_id", "organisation_ended");

    // Everything in progress with it has ended.
    let pairing = format!("/pairings/{}", signed["pairing_id"].as_str().expect("an id"));
    for path in [&pairing, &helped.path(), &signed.path()] {
        assert_eq!(state_of(app, path).await, "terminated", "{path}");
        let history = bureau.get(&format!("{path}/history")).await.is(200);
        let action = &history.items()[0]["action"];
        assert!(action == "organisation_ended" || action == "terminate", "{path}: {action}");
    }
    let entered = bureau.get("/enrolments?kind=organisation").await.is(200);
    assert_eq!(entered.items().iter().map(|one| &one["state"]).collect::<Vec<_>>(), ["withdrawn"]);

    // Nothing new can begin.
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A });
    bureau.post("/pairings", two).await.fault("/organisation_id", "organisation_ended");
    let entry = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a });
    bureau.post("/enrolments", entry.clone()).await.fault("/organisation_id", "organisation_ended");
    bureau.patch(&organisation, json!({ "strengths": "助学" })).if_match("*").await.refused(OrganisationEnded);
    let code = ended["credit_code"].as_str().expect("a code");
    let header: &[&str] = &["统一社会信用代码", "名称", "类别", "区划代码"];
    let book = workbook(&[("社会组织", &[header, &[code, "另一名称", "社会团体", COUNTY]])]);
    let imported = bureau.upload("/organisations/import", &[], ("a.xlsx", XLSX, &book)).await;
    imported.fault("/organisations/2/credit_code", "organisation_ended");
    let listed = async |state: &str| bureau.get(&format!("/organisations?state={state}")).await.is(200)["total"].clone();
    assert_eq!((listed("active").await, listed("deregistered").await), (json!(1), json!(1)));

    // Help that it gave can still be entered and confirmed under its name.
    let given = with(gift(&family.id()), "/pairing_id", json!(helped.id()));
    let given = app.village_a().post("/assistance-records", given).await.is(201);
    assert_eq!(given["organisation_name"], ended["name"]);
    app.village_a().post(&format!("{}/confirm", given.path()), json!({})).await.is(200);

    // The bureau may take back a slip. That alone revives nothing.
    let dated = json!({ "note": "误录入", "ended_on": "2020-04-18" });
    bureau.post(&format!("{organisation}/reinstate"), dated).await.fault("/ended_on", "not_for_step");
    let back = bureau.post(&format!("{organisation}/reinstate"), json!({ "note": "误录入" })).await.is(200);
    assert_eq!((&back["state"], &back["ended_on"]), (&json!("active"), &Value::Null));
    assert_eq!(state_of(app, &pairing).await, "terminated");
    bureau.post("/enrolments", entry).await.is(201);
    let account = app.admin().get(&account).await.is(200);
    assert_eq!(account["allowed_actions"], json!(["reset_password", "enable"]));
});

both_databases!(of_a_merger_the_successor_is_named, async |app| {
    let (bureau, organisation) = (app.bureau(), app.organisation_a_path());
    let pairing = app.proposed(campaign()).await;
    let merge = format!("{organisation}/merge_into");
    let into = |successor: &str| json!({ "note": "合并登记", "ended_on": "2020-04-20", "successor_id": successor });
    bureau.post(&merge, end()).await.fault("/successor_id", "required");
    bureau.post(&merge, into(&app.world.organisation_a.to_string())).await.fault("/successor_id", "itself");
    bureau.post(&merge, into(&app.world.other_organisation.to_string())).await.fault("/successor_id", "unknown");
    let merged = bureau.post(&merge, into(&app.world.organisation_b.to_string())).await.is(200);
    assert_eq!((&merged["state"], &merged["successor_name"]), (&json!("merged"), &json!("龙湖镇商会")));
    assert_eq!(state_of(app, &pairing.path()).await, "withdrawn");
    let history = bureau.get(&format!("{organisation}/history")).await.is(200);
    assert_eq!((&history.items()[0]["action"], &history.items()[0]["note"]), (&json!("merge_into"), &json!("合并登记")));
    // A former organisation cannot be a successor. The successor itself continues.
    let successor = format!("/organisations/{}", app.world.organisation_b);
    let back = into(&app.world.organisation_a.to_string());
    bureau.post(&format!("{successor}/merge_into"), back).await.fault("/successor_id", "organisation_ended");
    app.as_(OrganisationB).get("/me").await.is(200);
    bureau.post(&format!("{organisation}/reinstate"), json!({ "note": "误录入" })).await.is(200);
    assert_eq!(bureau.get(&organisation).await.is(200)["successor_id"], Value::Null);
});

both_databases!(whoever_makes_accounts_is_offered_only_organisations_that_there_are, async |app| {
    let admin = app.admin();
    let offered = async |query: &str| {
        let page = admin.get(&format!("/users/organisations{query}")).await.is(200);
        page.items().iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let (ended, other) = (app.world.organisation_a.to_string(), app.world.organisation_b.to_string());
    assert_eq!(offered("").await.len(), 2);
    app.bureau().post(&format!("{}/deregister", app.organisation_a_path()), end()).await.is(200);
    assert_eq!((offered("").await, offered("?q=慈善").await), (vec![other.clone()], Vec::<String>::new()));
    // Whoever looks for its accounts still finds it, by saying so.
    assert_eq!((offered("?state=deregistered").await, offered("?state=active").await), (vec![ended], vec![other]));
});

both_databases!(an_organisation_is_found_by_the_names_it_had, async |app| {
    let (bureau, path) = (app.bureau(), app.organisation_a_path());
    app.proposed(campaign()).await;
    let before = bureau.get(&path).await.is(200);
    assert_eq!(before["former_names"], json!([]));
    let renamed = bureau.patch(&path, json!({ "name": "晋江市公益联合会" })).if_match("*").await.is(200);
    assert_eq!(renamed["former_names"], json!(["晋江市慈善总会"]));
    // `q` is 慈善总会.
    let former = "q=%E6%85%88%E5%96%84%E6%80%BB%E4%BC%9A";
    let found = bureau.get(&format!("/organisations?{former}")).await.is(200);
    let [one] = found.items() else { panic!("{found:?}") };
    assert_eq!((&one["name"], &one["former_names"]), (&json!("晋江市公益联合会"), &json!(["晋江市慈善总会"])));
    assert_eq!(bureau.get(&format!("/pairings?{former}")).await.is(200)["total"], 1);
    let history = bureau.get(&format!("{path}/history")).await.is(200);
    let change = &history.items()[0]["changes"][0];
    assert_eq!((&change["field"], &change["from"]), (&json!("name"), &json!("晋江市慈善总会")));
    // A workbook renames like a form does. A name that is taken up again is not listed as a former one.
    let header: &[&str] = &["统一社会信用代码", "名称", "类别", "区划代码"];
    let code = before["credit_code"].as_str().expect("a code");
    let book = workbook(&[("社会组织", &[header, &[code, "晋江市慈善总会", "社会团体", COUNTY]])]);
    bureau.upload("/organisations/import", &[], ("a.xlsx", XLSX, &book)).await.is(200);
    assert_eq!(bureau.get(&path).await.is(200)["former_names"], json!(["晋江市公益联合会"]));
});

both_databases!(of_two_that_become_a_part_of_each_other_at_once_one_does, async |app| {
    let bureau = app.bureau();
    let (one, other) = (app.world.organisation_a, app.world.organisation_b);
    let calls = (0..8).map(|n| {
        let (from, to) = if n % 2 == 0 { (one, other) } else { (other, one) };
        let into = json!({ "note": "合并登记", "ended_on": "2020-04-20", "successor_id": to });
        bureau.post(&format!("/organisations/{from}/merge_into"), into)
    });
    let (won, lost) = at_once(calls).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    assert!(lost.iter().all(|answer| answer.status == 409 || answer.status == 422), "{lost:?}");
    assert_eq!(bureau.get("/organisations?state=active").await.is(200)["total"], 1);
});

both_databases!(whoever_proposes_while_an_organisation_ends_leaves_no_live_pairing, async |app| {
    let campaign_id = app.enrolled(campaign()).await;
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A });
    let (bureau, village, organisation) = (app.bureau(), app.village_a(), app.organisation_a());
    let calls = (0..9).map(|n| match n % 3 {
        0 => bureau.post(&format!("{}/deregister", app.organisation_a_path()), end()),
        1 => village.post("/pairings", two.clone()),
        _ => organisation.post("/pairings", two.clone()),
    });
    let (_, lost) = at_once(calls).await;
    assert!(lost.iter().all(|answer| answer.status < 500), "{lost:?}");
    assert_eq!(state_of(app, &app.organisation_a_path()).await, "deregistered");
    for state in ["proposed", "accepted", "confirmed", "active"] {
        assert_eq!(bureau.get(&format!("/pairings?state={state}")).await.is(200)["total"], 0, "{state}");
    }
});
