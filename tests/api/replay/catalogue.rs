//! 4月30日前…形成供需目录: villages say what they need and organisations what they offer, until nobody is missing.

use contract::ErrorCode::*;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::survey::IMPORTED;
use super::{VILLAGE_C, Year, milestone, reasons, stands};
use crate::api::catalogue::{self, COLUMNS, need, offer};
use crate::api::deadlines::waiting;
use crate::support::Who::*;
use crate::support::*;

/// What the projects of the year take of.
pub struct Supply {
    /// Of village A, ten halls.
    pub need: Answer,
    /// Of organisation A.
    pub offer: Answer,
}

/// Everybody who takes part: three villages and one hundred organisations.
const ALL: u32 = 103;

pub async fn act(app: &TestApp, year: &Year) -> Supply {
    let campaign = &year.campaign;
    app.clock.set(noon("2020-04-29"));
    let reminded = [(json!("2020-04-30"), json!(false))];
    assert_eq!(waiting(&app.village_a(), "publish_entries").await, reminded);
    assert_eq!(missing(app, year).await.len(), ALL as usize);

    let keepers = [VillageA, TownA, Bureau];
    let made = app.make("/catalogue-entries", need(&campaign.id()), "/campaign_id", campaign, &keepers, &[]).await;
    let made = app.edit(&made, json!({ "description": "屋面渗漏，老人雨天无处活动，先修三间" }), &keepers, &[]).await;
    assert_eq!(waiting(&app.village_a(), "publish_entries").await, reminded, "a draft is nothing yet");
    let need = app.step(&made, "publish", reasons(), &keepers, &[]).await;
    assert_eq!(waiting(&app.village_a(), "publish_entries").await, []);
    let keepers = [OrganisationA, Bureau];
    let made = app.make("/catalogue-entries", offer(app, &campaign.id()), "/campaign_id", campaign, &keepers, &[]).await;
    let offer = app.step(&made, "publish", reasons(), &keepers, &[]).await;
    assert_eq!(milestone(app, campaign, "survey").await, stands("upcoming", 2, ALL));

    // The bureau sees who is missing by town, and enters what the towns have collected.
    app.clock.set(noon("2020-05-01"));
    assert_eq!(milestone(app, campaign, "survey").await.0, "missed");
    let left = missing(app, year).await;
    assert_eq!(left.len(), ALL as usize - 2);
    assert!(left.is_sorted_by_key(|enrolment| enrolment["area_code"].as_str().map(str::to_owned)));
    let number = campaign["document_number"].as_str().expect("a number");
    let rows: Vec<_> = collected(app).await.into_iter().map(|(village, code)| row(number, &village, &code)).collect();
    assert_eq!(rows.len(), left.len());
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let sheet: Vec<&[&str]> = std::iter::once(COLUMNS).chain(rows.iter().map(Vec::as_slice)).collect();
    let book = workbook(&[("供需目录", &sheet)]);
    let import = async |who| app.as_(who).upload("/catalogue-entries/import", &[], ("供需目录.xlsx", XLSX, &book)).await;
    import(VillageA).await.refused(Forbidden);
    import(TownA).await.refused(ValidationFailed);
    assert_eq!(import(Bureau).await.is(200)["created"], rows.len());
    assert_eq!(missing(app, year).await.len(), 0);
    assert_eq!(milestone(app, campaign, "survey").await, stands("met", ALL, ALL));
    Supply { need, offer }
}

/// What is asked of an entry, committed, fulfilled, and remains.
pub async fn amounts(app: &TestApp, entry: &Answer) -> [i64; 4] {
    catalogue::amounts(&app.bureau().get(&entry.path()).await.is(200))
}

/// Those who have published nothing, as the milestone says where to find them.
async fn missing(app: &TestApp, year: &Year) -> Vec<Value> {
    let campaign = app.bureau().get(&year.campaign.path()).await.is(200);
    let records = campaign["milestone_states"][0]["missing"].as_str();
    match records {
        Some(records) => app.bureau().walk(records, 50).await,
        None => Vec::new(),
    }
}

/// Village or credit code of those whose towns have asked them.
async fn collected(app: &TestApp) -> Vec<(String, String)> {
    let b = app.bureau().get(&format!("/organisations/{}", app.world.organisation_b)).await.is(200);
    let b = b["credit_code"].as_str().expect("a code").to_owned();
    let organisations = (0..IMPORTED).map(|number| credit_code(100 + number)).chain([b]);
    let villages = [VILLAGE_B, VILLAGE_C].map(|code| (code.to_owned(), String::new()));
    villages.into_iter().chain(organisations.map(|code| (String::new(), code))).collect()
}

fn row(number: &str, village: &str, code: &str) -> [String; 10] {
    ["家门口就业", number, village, code, "就业", "就业岗位", "包装、保洁岗位", "5", "个", "一般"].map(str::to_owned)
}
