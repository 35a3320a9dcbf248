//! 召开动员部署会议，明确各级责任; 按照“时间表”、“任务书”，及时发现问题，开展督查调度.

use contract::ErrorCode::*;
use serde_json::json;

use super::{Year, milestone, reasons, stands};
use crate::api::meetings::meeting;
use crate::support::Who::*;
use crate::support::*;

/// 5月中旬: the kick-off is held, and meets its milestone.
pub async fn kick_off(app: &TestApp, year: &Year) {
    app.clock.set(noon("2020-05-16"));
    let everybody = json!([
        { "area_code": TOWN_A }, { "area_code": TOWN_B }, { "area_code": VILLAGE_A }, { "area_code": VILLAGE_B },
        { "organisation_id": app.world.organisation_a }, { "organisation_id": year.organisation_c_id },
    ]);
    let body = with(meeting(&year.campaign.id(), everybody), "/held_on", json!("2020-05-18"));
    let towns = [(TownA, ValidationFailed), (TownB, ValidationFailed)];
    let planned = app.make("/meetings", body, "/campaign_id", &year.campaign, &[Bureau], &towns).await;
    assert_eq!(milestone(app, &year.campaign, "kick_off").await, stands("upcoming", 0, 1));
    app.bureau().post(&format!("{}/hold", planned.path()), json!({})).await.refused(MeetingAhead);
    app.clock.set(noon("2020-05-18"));
    let held = app.step(&planned, "hold", reasons(), &[Bureau], &[]).await;
    assert_eq!(milestone(app, &year.campaign, "kick_off").await, stands("met", 1, 1));
    let minutes = json!({ "resolutions": "月底前签订协议，每月5日前报送统计表。", "person_count": 168 });
    app.edit(&held, minutes, &[Bureau], &[]).await;
    app.attached(Bureau, "meetings", &held.id()).await.is(201);
}

/// August: what a town is behind with is put in writing, received, answered and closed.
pub async fn order(app: &TestApp, year: &Year) {
    app.clock.set(noon("2020-08-10"));
    let body = json!({ "campaign_id": year.campaign.id(), "area_code": TOWN_A, "due_on": "2020-08-20" });
    let addressees = [
        (TownA, ValidationFailed),
        (TownB, ValidationFailed),
        (VillageA, Forbidden),
        (VillageB, Forbidden),
        (OrganisationA, Forbidden),
        (OrganisationB, Forbidden),
    ];
    let draft = app.make("/supervision-orders", body, "/campaign_id", &year.campaign, &[Bureau], &addressees).await;
    assert_eq!(
        (&draft["state"], &draft["colour"], &draft["addressee_name"]),
        (&json!("draft"), &json!("red"), &json!("东石镇社会事务办"))
    );
    let draft = app.edit(&draft, json!({ "demand": "请于8月20日前补报七月统计表。" }), &[Bureau], &[]).await;
    let issued = app.step(&draft, "issue", reasons(), &[Bureau], &[]).await;
    assert_eq!(issued["number"], "晋政民督〔2020〕1号");
    let received = app.step(&issued, "receive", reasons(), &[TownA], &[(Bureau, Forbidden)]).await;
    app.attached(TownA, "supervision_orders", &received.id()).await.is(201);
    let answered = app.step(&received, "answer", reasons(), &[TownA], &[(Bureau, Forbidden)]).await;
    let closed = app.step(&answered, "close", reasons(), &[Bureau], &[]).await;
    assert_eq!((&closed["state"], &closed["closing_number"]), (&json!("closed"), &json!("晋政民督销〔2020〕1号")));
    assert_eq!(closed["matters"], draft["matters"]);
}
