//! 总结经验形成一批结对典型；加大宣传: two cases are nominated, selected and published, and each channel tells of the year.

use contract::CodedEnum;
use contract::ErrorCode::Forbidden;
use contract::publicity::Channel;
use serde_json::json;

use super::{Pairs, Year};
use crate::api::cases::{case, uptake};
use crate::api::publicity::item;
use crate::support::Who::*;
use crate::support::*;

pub async fn act(app: &TestApp, year: &Year, pairs: &Pairs) {
    app.clock.set(noon("2020-12-05"));
    let campaign_id = year.campaign.id();
    let mut published = Vec::new();
    for (who, pairing, title) in [(OrganisationA, &pairs.proposed, "工坊开到村口"), (TownA, &pairs.recommended, "一张用工表")]
    {
        let body = with(case(&pairing.id(), &campaign_id), "/title", json!(title));
        let made = app.as_(who).post("/cases", body).await.is(201);
        let made = app.step(&made, "select", json!({ "note": "有代表性，可推广" }), &[Bureau], &[]).await;
        let made = app.step(&made, "publish", json!({ "people_shown": "all_agreed" }), &[Bureau], &[]).await;
        assert_eq!(made["published_on"], "2020-12-05");
        published.push(made);
    }
    // 利于各结对社会组织与村（社区）相互取经.
    let words = with(uptake(&published[0].id()), "/taken_on", json!("2020-12-05"));
    app.as_(VillageB).post("/case-uptakes", words).await.is(201);
    for who in [LeadingGroup, Cadre, Institution, VillageB, OrganisationB] {
        let library = app.as_(who).get(&format!("/cases?state=published&campaign_id={campaign_id}&sort=title")).await.is(200);
        let told: Vec<_> = library.items().iter().map(|case| (&case["title"], &case["uptakes"])).collect();
        assert_eq!(told, [(&json!("工坊开到村口"), &json!(1)), (&json!("一张用工表"), &json!(0))], "{who:?}");
    }

    // 电视、报纸等传统媒体，微信、网络等新兴媒体，开辟专栏、设置专题.
    for (number, channel) in Channel::ALL.iter().enumerate() {
        let who = [Bureau, TownA, VillageA, OrganisationA][number % 4];
        let body = with(item(&campaign_id), "/channel", json!(channel));
        let body = with(body, "/appeared_on", json!(format!("2020-1{}-03", number % 3)));
        app.as_(who).post("/publicity-items", with(body, "/case_id", json!(published[0].id()))).await.is(201);
    }
    let months = app.as_(LeadingGroup).get(&format!("/publicity-items/months?campaign_id={campaign_id}")).await.is(200);
    let told: Vec<_> = months["months"].as_array().expect("months").iter().map(|month| month["total"]["value"].clone()).collect();
    assert_eq!((told, &months["total"]["value"]), (vec![json!(2), json!(2), json!(1)], &json!(5)));

    // 营造全社会踊跃参与的良好氛围: everybody reads how far it is, and the cases, without an account.
    let november = json!({ "campaign_id": "", "month": "2020-11" });
    let others = [LeadingGroup, TownA, Auditor].map(|who| (who, Forbidden));
    let told = app.make("/publications", november, "/campaign_id", &year.campaign, &[Bureau], &others).await;
    assert_eq!((&told["issue_number"], &told["state"]), (&json!(1), &json!("published")));
    let public = app.anonymous();
    assert_eq!(public.get(&format!("/public-figures/{}", told.id())).await.is(200)["figures"], told["figures"]);
    let titles: Vec<_> = public.get("/public-cases").await.is(200).items().iter().map(|case| case["title"].clone()).collect();
    assert!(titles.contains(&json!("工坊开到村口")) && titles.contains(&json!("一张用工表")), "{titles:?}");
    public.get("/public").await.is(200);
}
