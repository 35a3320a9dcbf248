//! 4月30日前: 信息的调研、采集，确定若干个的村（社区）和不少于100个自愿参加活动的社会组织，形成供需目录.

use contract::ErrorCode::*;
use contract::Role;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{TOWN_C, VILLAGE_C, Year, milestone, notice, reasons, stands};
use crate::support::Who::*;
use crate::support::*;

/// The number of organisations in the workbook. With the two that exist already, one hundred take part.
pub const IMPORTED: u32 = 98;
const IMPORT: &str = "/organisations/import";

pub async fn act(app: &TestApp) -> Year {
    app.clock.set(noon("2020-04-20"));
    let campaign = call_for_the_campaign(app).await;
    import(app).await;
    let listed = app.bureau().walk("/organisations?q=结对一组", 50).await;
    assert_eq!(listed.len(), IMPORTED as usize);
    let town_c = app.joined("TownC", Role::Town, TOWN_C, None).await;
    let (organisation_c_id, of_town_c) = one_of_town_c(&listed);
    let organisation_c = app.joined("OrganisationC", Role::Organisation, COUNTY, Some(of_town_c)).await;
    let year = Year { campaign, town_c, organisation_c, organisation_c_id };
    villages_enter(app, &year).await;
    organisations_enter(app, &year, &listed).await;
    year
}

async fn call_for_the_campaign(app: &TestApp) -> Answer {
    for who in Who::ALL.into_iter().filter(|who| *who != Bureau) {
        let code = if who == OtherBureau { OutsideOwnScope } else { Forbidden };
        app.as_(who).post("/campaigns", notice()).await.refused(code);
    }
    let early = with(notice(), "/milestones/0/due_on", json!("2020-03-31"));
    app.bureau().post("/campaigns", early).await.fault("/milestones/0/due_on", "date_outside_campaign");
    let campaign = app.bureau().post("/campaigns", notice()).await.is(201);
    app.edit(&campaign, json!({ "settings": { "answer_days": 10 } }), &[Bureau], &[]).await
}

/// The rows of the workbook, a third for each of the three towns.
fn rows() -> Vec<Vec<String>> {
    let towns = [TOWN_A, TOWN_B, TOWN_C];
    let row = |number: u32| {
        let town = towns[number as usize % 3];
        let phone = format!("0595-85{number:06}");
        [&credit_code(100 + number), &format!("结对一组第{number}志愿服务队"), "志愿服务组织", "", town, "", "", "蔡文良", &phone]
            .map(str::to_owned)
            .to_vec()
    };
    (0..IMPORTED).map(row).collect()
}

async fn import(app: &TestApp) {
    let template = app.bureau().get("/organisations/import-template").await.is(200).bytes;
    let mut spoilt = rows();
    let good = spoilt[3][0].clone();
    spoilt[3][0].replace_range(17.., if good.ends_with('0') { "1" } else { "0" });
    spoilt[10][4] = "350582999".to_owned();
    spoilt[20][1] = "长".repeat(101);
    spoilt[30][2] = "行业协会".to_owned();
    spoilt[40][6] = "=1+1".to_owned();
    spoilt[50][0] = spoilt[49][0].clone();
    spoilt[60][8] = "电话".to_owned();
    let spoilt = filled_in(&template, 1, &spoilt);
    let send = async |client: &Client, query: &str, book: &[u8], key: &str| {
        client.upload(&format!("{IMPORT}{query}"), &[], ("社会组织名册.xlsx", XLSX, book)).key(key).await
    };
    let before = app.written().await;
    for who in [LeadingGroup, VillageA, OrganisationA, Cadre, Auditor, Admin] {
        app.as_(who).upload(IMPORT, &[], ("名册.xlsx", XLSX, &spoilt)).await.refused(Forbidden);
    }
    // The answer names every bad cell at once, by its place in the workbook.
    let tried = app.bureau().upload(&format!("{IMPORT}?dry_run=true"), &[], ("社会组织名册.xlsx", XLSX, &spoilt)).await.is(200);
    let text = |error: &Value, field: &str| error[field].as_str().expect("a text").to_owned();
    let errors = tried["errors"].as_array().expect("errors");
    let found: Vec<_> =
        errors.iter().map(|error| format!("{}{} {}", text(error, "column"), error["row"], text(error, "code"))).collect();
    let expected =
        ["A5 check_digit", "E12 unknown", "B22 length", "C32 choice", "G42 formula", "A52 duplicate", "I62 phone"].to_vec();
    assert_eq!(found, expected);
    assert_eq!((&tried["rows"], &tried["errors_total"]), (&json!(IMPORTED), &json!(7)));
    // The import succeeds as a whole or not at all.
    let refused = send(&app.bureau(), "", &spoilt, "import").await.fault("/organisations/5/credit_code", "check_digit");
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(7));
    // A town cannot enter organisations of another town.
    let good = filled_in(&template, 1, &rows());
    send(&app.town_a(), "", &good, "import").await.fault("/organisations/3/area_code", "outside_own_scope");
    let checked = send(&app.bureau(), "?dry_run=true", &good, "check").await.is(200);
    assert_eq!((&checked["created"], &checked["errors_total"]), (&json!(IMPORTED), &json!(0)));
    let after = app.written().await;
    let but_keys =
        |counts: Vec<String>| counts.into_iter().filter(|count| !count.starts_with("idempotency_keys")).collect::<Vec<_>>();
    assert_eq!(but_keys(after), but_keys(before), "neither a refusal nor a dry run enters anybody");
    let done = send(&app.bureau(), "", &good, "import").await.is(200);
    assert_eq!((&done["created"], &done["updated"]), (&json!(IMPORTED), &json!(0)));
    let again = send(&app.bureau(), "", &good, "import").await.is(200);
    assert_eq!(again.body, done.body);
    assert_eq!(app.bureau().get("/organisations?limit=1").await.is(200)["total"], IMPORTED + 2);
}

fn one_of_town_c(listed: &[Value]) -> (String, Uuid) {
    let one = listed.iter().find(|organisation| organisation["name"] == "结对一组第2志愿服务队").expect("it is listed");
    let id = one["id"].as_str().expect("an id");
    (id.to_owned(), id.parse().expect("an id"))
}

/// Villages apply, or their town nominates them (各镇（街道）在本辖区内选择若干村（社区）报市民政局).
async fn villages_enter(app: &TestApp, year: &Year) {
    let campaign = &year.campaign;
    let entry = |code: &str| json!({ "campaign_id": campaign.id(), "village_code": code, "note": "缺技术、缺市场" });
    let applied = app.make("/enrolments", entry(VILLAGE_A), "/campaign_id", campaign, &[VillageA, TownA, Bureau], &[]).await;
    assert_eq!(applied["state"], "applied");
    app.village_a().post("/enrolments", entry(VILLAGE_A)).await.refused(AlreadyEnrolled);
    app.village_a().post("/enrolments", entry("350582999999")).await.fault("/village_code", "unknown");
    app.step(&applied, "confirm", reasons(), &[Bureau], &[]).await;
    let nominated = app.make("/enrolments", entry(VILLAGE_B), "/campaign_id", campaign, &[TownB, VillageB, Bureau], &[]).await;
    assert_eq!(nominated["state"], "nominated");
    app.bureau().post(&format!("{}/decline", nominated.path()), json!({})).await.fault("/note", "required");
    app.step(&nominated, "confirm", reasons(), &[Bureau], &[]).await;
    let of_town_c = year.town_c.post("/enrolments", entry(VILLAGE_C)).await.is(201);
    app.step(&of_town_c, "confirm", reasons(), &[Bureau], &[]).await;
}

/// 不少于100个自愿参加活动的社会组织: as many are wanted in the catalogue, and the villages that take part.
async fn organisations_enter(app: &TestApp, year: &Year, listed: &[Value]) {
    let campaign = &year.campaign;
    let entry = |id: &str| json!({ "campaign_id": campaign.id(), "organisation_id": id, "note": "可提供资金、技术、人才" });
    let (a, b) = (app.world.organisation_a.to_string(), app.world.organisation_b.to_string());
    let applied = app.make("/enrolments", entry(&a), "/campaign_id", campaign, &[OrganisationA, Bureau], &[]).await;
    let (town_a, town_b) = (app.town_a(), app.town_b());
    for organisation in listed {
        let town = match organisation["area_code"].as_str() {
            Some(TOWN_A) => &town_a,
            Some(TOWN_B) => &town_b,
            _ => &year.town_c,
        };
        let entered = town.post("/enrolments", entry(organisation["id"].as_str().expect("an id"))).await.is(201);
        assert_eq!(entered["state"], "nominated");
        app.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
    }
    app.clock.set(noon("2020-04-29"));
    assert_eq!(milestone(app, campaign, "survey").await, stands("upcoming", 0, 103));
    app.step(&applied, "confirm", reasons(), &[Bureau], &[]).await;
    // Declined organisations do not count, and may apply again.
    let refused = app.as_(OrganisationB).post("/enrolments", entry(&b)).await.is(201);
    app.step(&refused, "decline", reasons(), &[Bureau], &[]).await;
    let again = app.town_b().post("/enrolments", entry(&b)).await.is(201);
    app.step(&again, "confirm", reasons(), &[Bureau], &[]).await;
    assert_eq!(milestone(app, campaign, "survey").await, stands("upcoming", 0, 103));
    let confirmed = format!("/enrolments?campaign_id={}&kind=organisation&state=confirmed&limit=1", campaign.id());
    assert_eq!(app.village_a().get(&confirmed).await.is(200)["total"], 100, "both sides see who takes part");
}
