//! What the catalogue of needs and offers is for: whom the survey has not reached, what a pairing finds in it, and its booklet.

use std::io::{Cursor, Read};

use serde_json::{Value, json};

use super::authorization::next_campaign;
use super::catalogue::{need, offer, publish};
use super::deadlines;
use super::projects::reasons;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

both_databases!(whoever_takes_part_and_has_published_nothing_is_listed_by_town_and_reminded, async |app| {
    let campaign_id = app.enrolled(campaign()).await;
    let village_b = json!({ "campaign_id": campaign_id, "village_code": VILLAGE_B });
    let entered = app.bureau().post("/enrolments", village_b).await.is(201);
    app.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
    let survey = async || {
        let campaign = app.bureau().get(&format!("/campaigns/{campaign_id}")).await.is(200);
        let states = campaign["milestone_states"].as_array().expect("states").clone();
        states.into_iter().find(|state| state["kind"] == "survey").expect("the survey")
    };
    let missing = async |who: Who| match survey().await["missing"].as_str() {
        None => Vec::new(),
        Some(records) => {
            let list = app.as_(who).get(records).await.is(200);
            list.items().iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
        }
    };
    let reminded = async |who: Who| deadlines::waiting(&app.as_(who), "publish_entries").await.len();
    let all = missing(Bureau).await;
    assert_eq!(all.len(), 3);
    let by_town = app.bureau().get(&format!("/enrolments?without_entry=true&within={TOWN_B}")).await.is(200);
    assert_eq!((by_town.items().len(), &by_town.items()[0]["village_code"]), (1, &json!(VILLAGE_B)));
    let own = app.organisation_a().get(&format!("/enrolments?organisation_id={}", app.world.organisation_a)).await.is(200);
    assert_eq!((own.items().len(), &own.items()[0]["kind"]), (1, &json!("organisation")));
    for (who, count) in [(VillageA, 1), (TownA, 1), (OrganisationA, 1), (TownB, 1), (VillageB, 1), (OrganisationB, 0)] {
        assert_eq!(reminded(who).await, count, "{who:?}");
    }
    let due = deadlines::waiting(&app.village_a(), "publish_entries").await;
    assert_eq!(due, [(json!("2020-04-30"), json!(false))]);

    let draft = app.village_a().post("/catalogue-entries", need(&campaign_id)).await.is(201);
    assert_eq!((reminded(VillageA).await, missing(Bureau).await.len()), (1, 3), "a draft is nothing yet");
    app.village_a().post(&format!("{}/publish", draft.path()), json!({})).await.is(200);
    assert_eq!((reminded(VillageA).await, reminded(TownA).await, missing(Bureau).await.len()), (0, 0, 2));
    let known = app.bureau().get("/enrolments?without_entry=false").await.is(200);
    assert_eq!(known.items()[0]["village_code"], VILLAGE_A);
    publish(app, OrganisationA, offer(app, &campaign_id)).await;
    assert_eq!(missing(VillageA).await.len(), 1, "everybody sees who takes part");
    assert_eq!(survey().await["done"], 2);
    app.village_a().post(&format!("{}/withdraw", draft.path()), reasons()).await.is(200);
    assert_eq!((reminded(VillageA).await, missing(Bureau).await.len()), (1, 2), "what was taken back is nothing any more");

    // The survey is over when the bureau says so.
    app.clock.set(noon("2020-05-01"));
    assert_eq!(deadlines::waiting(&app.village_a(), "publish_entries").await[0].1, true);
    let done = json!({ "milestones": [{ "kind": "survey", "due_on": "2020-04-30", "done_on": "2020-05-01" }] });
    let now = app.bureau().get(&format!("/campaigns/{campaign_id}")).await.is(200);
    app.bureau().patch(&now.path(), done).if_match(&now.etag()).await.is(200);
    assert_eq!((reminded(VillageA).await, &survey().await["status"]), (0, &json!("met")));
});

both_databases!(the_entries_of_a_pairing_are_those_of_its_two_sides, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    let own = publish(app, VillageA, need(campaign_id)).await;
    let offered = publish(app, OrganisationA, offer(app, campaign_id)).await;
    publish(app, VillageB, with(need(campaign_id), "/village_code", json!(VILLAGE_B))).await;
    let next = app.bureau().post("/campaigns", next_campaign()).await.is(201);
    publish(app, VillageA, need(&next.id())).await;
    let path = format!("/catalogue-entries?pairing_id={}&sort=quantity", pairing.id());
    for who in [VillageA, OrganisationA, Bureau] {
        let list = app.as_(who).get(&path).await.is(200);
        let ids: Vec<_> = list.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect();
        assert_eq!(ids, [offered.id(), own.id()], "{who:?}");
    }
    // Whoever does not know the pairing learns nothing of its sides.
    assert_eq!(app.as_(OrganisationB).get(&path).await.is(200)["total"], 0);
});

both_databases!(the_booklet_has_what_the_list_shows_by_town_and_says_who_took_it, async |app| {
    let campaign = app.open_campaign().await;
    publish(app, VillageA, need(&campaign.id())).await;
    publish(app, OrganisationA, offer(app, &campaign.id())).await;
    let path = format!("/catalogue-entries/booklet?campaign_id={}", campaign.id());
    let text = async |who: Who, more: &str| {
        let document = app.as_(who).get(&format!("{path}{more}")).await.is(200).bytes;
        let mut archive = zip::ZipArchive::new(Cursor::new(document)).expect("a document");
        let mut xml = String::new();
        archive.by_name("word/document.xml").expect("a text").read_to_string(&mut xml).expect("a text");
        xml
    };
    let all = text(VillageB, "&state=published").await;
    let campaign_title = campaign["title"].as_str().expect("a title");
    for words in
        [campaign_title, "（截至2020年4月20日）", "东石镇", "（一）村（社区）需求", "永湖村委会", "屋面渗漏", "会员企业订单收购"]
    {
        assert!(all.contains(words), "{words} is not in {all}");
    }
    let needs = text(TownA, "&state=published&side=need&sort=-title").await;
    assert!(needs.contains("村民活动中心修缮") && !needs.contains("会员企业订单收购"));
    assert!(text(OtherBureau, "&state=published").await.contains("没有符合条件的条目"), "others know none of them");
    // What is drafted or withdrawn is nobody's need, whatever the list is asked for.
    let again = |body: Value| with(body, "/not_a_double", json!(true));
    let drafted = with(again(need(&campaign.id())), "/title", json!("尚未发布的需求"));
    app.village_a().post("/catalogue-entries", drafted).await.is(201);
    let withdrawn = with(again(need(&campaign.id())), "/title", json!("已经撤回的需求"));
    let withdrawn = publish(app, VillageA, withdrawn).await;
    app.village_a().post(&format!("{}/withdraw", withdrawn.path()), json!({ "note": "重复" })).await.is(200);
    let now = text(Bureau, "").await;
    assert!(now.contains("村民活动中心修缮") && !now.contains("尚未发布的需求") && !now.contains("已经撤回的需求"));
    let events = app.as_(Auditor).get("/audit-events?object_type=catalogue_entries&action=export").await.is(200);
    assert_eq!(events["total"], 3, "whoever is of the county, by the trail of the county");
});
