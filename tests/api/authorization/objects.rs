//! What calls are about.

use std::sync::atomic::{AtomicU32, Ordering};

use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::{Made, Target, Upload};
use crate::support::Who::*;
use crate::support::*;

pub fn village_a(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().get(&format!("/villages/{VILLAGE_A}")).await.is(200).into() })
}

pub fn area(_: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/areas/{VILLAGE_A}")) })
}

/// The organisation of an account, of which everybody in the county may read.
pub fn organisation_a(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().get(&app.organisation_a_path()).await.is(200).into() })
}

pub fn campaign_2020(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let list = app.bureau().get("/campaigns").await.is(200);
        match list.items().first().and_then(|campaign| campaign["id"].as_str()) {
            Some(id) => app.bureau().get(&format!("/campaigns/{id}")).await.is(200).into(),
            None => app.open_campaign().await.into(),
        }
    })
}

/// Another session of the caller's own.
pub fn own_session(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let login = json!({ "account": who.account(), "password": PASSWORD });
        app.anonymous().post("/auth/login", login).await.is(200);
        let sessions = app.as_(who).get("/me/sessions").await.is(200);
        let other = sessions.items().iter().find(|session| session["current"] == false).expect("the session just opened");
        Target::at(format!("/me/sessions/{}", other["id"].as_str().expect("an id")))
    })
}

/// An account of town A that nobody uses.
pub fn user(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.made_by_two(account()).await.0.into() })
}

/// What an administrator that nobody else is has asked for.
pub fn account_request(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let asker = app.joined(&format!("asker-{}", next_number()), contract::Role::Admin, COUNTY, None).await;
        asker.post("/users", with(account(), "/reason", json!("新到任"))).await.is(202).into()
    })
}

pub fn confirming_account(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move { account_request(app, who).await.step("confirm") })
}

/// What the bureau did last.
pub fn audit_event(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let (bureau, path) = (app.bureau(), app.organisation_a_path());
        let seen = bureau.get(&path).await.is(200);
        let changed = json!({ "strengths": format!("助学 {}", next_number()) });
        bureau.patch(&path, changed).if_match(&seen.etag()).await.is(200);
        let events = app.admin().get("/audit-events?object_type=organisations&action=update").await.is(200);
        Target::at(format!("/audit-events/{}", events.items()[0]["id"].as_str().expect("an id")))
    })
}

/// The session of somebody else.
pub fn user_session(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async move {
        let user = app.world.accounts[&TownB].user_id;
        let session = own_session(app, TownB).await;
        Target::at(format!("/users/{user}/sessions/{}", session.id))
    })
}

pub fn account() -> Value {
    json!({ "account": format!("clerk-{}", next_number()), "display_name": "张三", "role": "town", "area_code": TOWN_A })
}

/// A number for each call: codes must not repeat.
pub fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A campaign of its own for each call.
pub fn next_campaign() -> Value {
    with(campaign(), "/document_number", json!(format!("晋政民〔2020〕{}号", next_number())))
}

/// A file of its own for each call.
pub fn household_a(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.village_a().post("/households", household(VILLAGE_A, next_number())).await.is(201).into() })
}

/// A household that organisation A helps.
pub fn helped_household(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let (family, _) = app.helped(next_campaign(), next_number()).await;
        Target::at(family.path())
    })
}

/// The same; what stands in the place of its tag is the campaign.
pub fn household_to_plan_for(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let (family, pairing) = app.helped(next_campaign(), next_number()).await;
        Target { etag: pairing["campaign_id"].as_str().map(str::to_owned), ..Target::at(family.path()) }
    })
}

pub fn assistance_record(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let (family, _) = app.helped(next_campaign(), next_number()).await;
        app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201).into()
    })
}

pub fn plan(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let family = household_to_plan_for(app, who).await;
        app.village_a().post("/assistance-plans", new_plan(&family)).await.is(201).into()
    })
}

pub fn new_plan(family: &Target) -> Value {
    json!({ "campaign_id": family.etag, "household_id": family.id })
}

pub fn plan_measure(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let plan = plan(app, who).await;
        app.village_a().post("/assistance-measures", measure(&plan.id)).await.is(201).into()
    })
}

/// Two files of one family; the body merges the second into the first.
pub fn merging(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let (kept, other) = (household_a(app, who).await, household_a(app, who).await);
        let file = app.village_a().get(&kept.path).await.is(200);
        let head = json!({ "id": file["members"][0]["id"], "relation": "head" });
        let body = json!({ "other_id": other.id, "other_version": 1, "members": [head], "note": "入户核实为同一户" });
        Target { body, id: other.id, ..kept }
    })
}

/// A file that has been merged into another.
pub fn merged(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let merging = merging(app, who).await;
        app.village_a().post(&format!("{}/merge", merging.path), merging.body).await.is(200);
        Target::at(format!("/households/{}", merging.id))
    })
}

/// A family of one, as a workbook.
pub fn households_workbook(_: &Target) -> Upload {
    let household: &[&str] = &["1", VILLAGE_A, "2020-04-16", "低保", "因病", "某处"];
    let head: &[&str] = &["1", "许清水", "户主", "健康", "小学", "普通劳动力"];
    let households = &[&["户编号", "村（社区）代码", "建档日期", "困难类别", "主要致贫原因", "地址"], household];
    let members = &[&["户编号", "姓名", "与户主关系", "健康状况", "文化程度", "劳动能力"], head];
    (vec![], XLSX, workbook(&[("帮扶户", households), ("家庭成员", members)]))
}

pub fn campaign_just_opened(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().post("/campaigns", next_campaign()).await.is(201).into() })
}

/// The application of village A, which is not confirmed.
pub fn application(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = campaign_just_opened(app, who).await;
        let village = json!({ "campaign_id": campaign.id, "village_code": VILLAGE_A });
        app.village_a().post("/enrolments", village).await.is(201).into()
    })
}

/// The same, confirmed: all of the county read it.
pub fn confirmed_application(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let application = application(app, who).await;
        app.bureau().post(&format!("{}/confirm", application.path), json!({})).await.is(200);
        application
    })
}

pub fn confirmed_members(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/campaigns/{}", app.enrolled(next_campaign()).await)) })
}

pub fn pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.proposed(next_campaign()).await.into() })
}

pub fn confirmed_pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/pairings/{}", app.confirmed(next_campaign()).await.id())) })
}

pub fn draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.agreement(next_campaign()).await.into() })
}

pub fn scanned_draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let draft = app.agreement(next_campaign()).await;
        app.scan(&draft).await;
        draft.into()
    })
}

pub fn project_draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.project(next_campaign()).await.into() })
}

pub fn project_task(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let project = app.project(next_campaign()).await;
        app.town_a().post("/tasks", task(&project.id())).await.is(201).into()
    })
}

pub fn active_pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.active(next_campaign(), "2020-04-18").await.into() })
}

pub fn progress(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.progress(next_campaign()).await.into() })
}

/// A picture of organisation A, attached by the caller where they may.
pub fn attachment(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let who = if who == OrganisationA { who } else { Bureau };
        app.attached(who, "organisations", &app.world.organisation_a.to_string()).await.is(201).into()
    })
}

/// Village A, whose low-income households rise by one, as a workbook.
pub fn villages_workbook(_: &Target) -> Upload {
    let rows: &[&[&str]] = &[&["代码", "相对贫困户数"], &[VILLAGE_A, &next_number().to_string()]];
    (vec![], XLSX, workbook(&[("村（社区）", rows)]))
}

/// Another organisation of town A.
pub fn organisations_workbook(_: &Target) -> Upload {
    let row: &[&str] = &[&credit_code(next_number()), "新入会", "商会", TOWN_A];
    (vec![], XLSX, workbook(&[("社会组织", &[&["统一社会信用代码", "名称", "类别", "区划代码"], row])]))
}

/// The campaign of such a pairing.
pub fn campaign_with_pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let pairing = app.active(next_campaign(), "2020-04-18").await;
        Target::at(format!("/campaigns/{}", pairing["campaign_id"].as_str().expect("an id")))
    })
}

pub fn outcome(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let pairing = app.active(next_campaign(), "2020-04-18").await;
        app.organisation_a().post("/outcomes", new_outcome(&pairing.id())).await.is(201).into()
    })
}

pub fn new_outcome(pairing_id: &str) -> Value {
    json!({ "pairing_id": pairing_id, "indicator": "jobs_offered", "quantity": 1, "happened_on": "2020-04-20" })
}

pub fn report(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = campaign_with_pairing(app, who).await;
        app.town_a().post("/reports", new_report(&campaign.id)).await.is(201).into()
    })
}

pub fn new_report(campaign_id: &str) -> Value {
    json!({ "campaign_id": campaign_id, "town_code": TOWN_A, "month": "2020-04" })
}

/// The month that runs, of a campaign.
pub fn month(campaign: &Target) -> String {
    format!("campaign_id={}&month=2020-04", campaign.id)
}

/// A month whose form town A has sent.
pub fn sent_month(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = campaign_with_pairing(app, who).await;
        let report = app.town_a().post("/reports", new_report(&campaign.id)).await.is(201);
        app.town_a().post(&format!("{}/submit", report.path()), json!({})).await.is(200);
        campaign
    })
}

/// A step for each of these.
macro_rules! steps {
    ($($name:ident = $object:ident / $action:literal),+ $(,)?) => {
        $(pub fn $name(app: &TestApp, who: Who) -> Made<'_> {
            Box::pin(async move { $object(app, who).await.step($action) })
        })+
    };
}
steps! {
    confirming = application / "confirm",
    withdrawing = application / "withdraw",
    leaving = confirmed_application / "withdraw",
    accepting = pairing / "accept",
    confirming_pairing = pairing / "confirm",
    consenting = project_draft / "consent",
    approving = project_draft / "approve",
    cancelling_task = project_task / "cancel",
    confirming_outcome = outcome / "confirm",
    submitting = report / "submit",
    confirming_record = assistance_record / "confirm",
    closing_plan = plan / "close",
    dropping_measure = plan_measure / "drop",
    resetting = user / "reset_password",
    assisting = household_a / "assist",
}

/// The body of a step that gives every reason that could be wanted.
pub fn reasons(_: &TestApp, _: &Target) -> Value {
    json!({ "note": "村里人手不够", "on_behalf_reason": "村委会暂无账号" })
}
