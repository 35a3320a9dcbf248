//! Publications: who publishes and withdraws figures, what is held back, and that it stays so in later months.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, op};
use super::races::{at_once, history};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_publications"),
        op("export_publications"),
        op("create_publication").on(month_over).body(|_, target| month(&target.id, "2020-03")).foreign(ValidationFailed),
        op("read_publication_preview")
            .on(month_over)
            .query(|target| format!("campaign_id={}&month=2020-03", target.id))
            .foreign(ValidationFailed),
        op("read_publication").on(published),
        op("step_publication").on(published).step("withdraw").body(|_, _| json!({ "note": "数据有误" })),
        op("list_publication_history").on(published),
    ],
    example: |app| {
        Box::pin(async {
            published(app, Bureau).await;
        })
    },
    pages: &[
        ("bureau", "/publications"),
        ("bureau", "/publications/new"),
        ("bureau", "/publications/{}"),
        ("leader", "/publications"),
        ("town", "/publications"),
        ("auditor", "/publications"),
    ],
    ..Domain::EMPTY
};

pub fn month(campaign_id: &str, month: &str) -> Value {
    json!({ "campaign_id": campaign_id, "month": month })
}

/// A campaign of which a month is over.
fn month_over(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let campaign = with(next_campaign(), "/starts_on", json!("2020-03-01"));
        let id = app.bureau().post("/campaigns", campaign).await.is(201).id();
        Target::at(format!("/campaigns/{id}"))
    })
}

fn published(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = month_over(app, who).await;
        app.bureau().post("/publications", month(&campaign.id, "2020-03")).await.is(201).into()
    })
}

/// A family of a village, helped by its organisation today, which the village confirms.
async fn help(app: &TestApp, campaign_id: &str, order: u32, in_b: bool) {
    let (village, code, town, organisation, organisation_id) = if in_b {
        (VillageB, VILLAGE_B, TownB, OrganisationB, app.world.organisation_b)
    } else {
        (VillageA, VILLAGE_A, TownA, OrganisationA, app.world.organisation_a)
    };
    let (village, organisation, today) = (app.as_(village), app.as_(organisation), app.clock.today().to_string());
    let family = village.post("/households", household(code, order)).await.is(201);
    let two = json!({ "campaign_id": campaign_id, "organisation_id": organisation_id, "household_id": family.id() });
    let pairing = village.post("/pairings", two).await.is(201);
    organisation.post(&format!("{}/accept", pairing.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200);
    app.as_(town).post(&format!("{}/activate", pairing.path()), json!({})).await.is(200);
    let record = with(gift(&family.id()), "/happened_on", json!(today));
    let record = organisation.post("/assistance-records", record).await.is(201);
    village.post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
}

/// A campaign in whose April six families of town A and two of town B were helped. It is the sixth of May.
pub async fn helped_in_april(app: &TestApp) -> String {
    let (first, _) = app.both_active(campaign(), "2020-04-18").await;
    let campaign_id = first["campaign_id"].as_str().expect("an id").to_owned();
    for order in 10..16 {
        help(app, &campaign_id, order, false).await;
    }
    for order in 16..18 {
        help(app, &campaign_id, order, true).await;
    }
    app.clock.set(noon("2020-05-06"));
    campaign_id
}

/// A figure of households in an answer.
pub fn households(answer: &Answer, area: &str, column: Option<&str>) -> Value {
    let figures = answer["figures"].as_array().expect("figures");
    let found = figures.iter().find(|figure| {
        (&figure["table"], &figure["area_code"], figure["column"].as_str()) == (&json!("households"), &json!(area), column)
    });
    found.unwrap_or_else(|| panic!("{area} {column:?} in {figures:#?}")).clone()
}

both_databases!(what_is_small_is_held_back_and_what_would_tell_it, async |app| {
    let campaign_id = helped_in_april(app).await;
    let bureau = app.bureau();
    let preview = bureau.get(&format!("/publications/preview?campaign_id={campaign_id}&month=2020-04")).await.is(200);
    for (area, column, value, decision) in [
        (COUNTY, None, 8, "shown"),
        (TOWN_A, None, 6, "would_tell"),
        (TOWN_B, None, 2, "small"),
        (TOWN_B, Some("visit"), 2, "small"),
        (TOWN_A, Some("medical"), 0, "small"),
    ] {
        let figure = households(&preview, area, column);
        assert_eq!((&figure["value"], &figure["decision"]), (&json!(value), &json!(decision)), "{area} {column:?}");
    }
    let made = bureau.post("/publications", month(&campaign_id, "2020-04")).await.is(201);
    assert_eq!(
        (&made["issue_number"], &made["state"], &made["published_by"]),
        (&json!(1), &json!("published"), &json!("Bureau"))
    );
    for who in [Bureau, LeadingGroup, TownA, Auditor] {
        let read = app.as_(who).get(&made.path()).await.is(200);
        assert_eq!(households(&read, COUNTY, None)["value"], 8, "{who:?}");
        assert_eq!(households(&read, TOWN_A, None)["value"], Value::Null, "{who:?}");
        assert_eq!(households(&read, TOWN_B, None)["value"], Value::Null, "{who:?}");
    }
    let told = |answer: &Answer| {
        let figures = answer["figures"].as_array().expect("figures").clone();
        figures.into_iter().map(|figure| figure["value"].clone()).collect::<Vec<_>>()
    };
    assert!(told(&made).iter().all(|value| value.is_null() || value.as_i64() >= Some(5)), "{:?}", told(&made));
    let shown = told(&made).iter().filter(|value| !value.is_null()).count();
    assert_eq!((&made["shown_count"], &made["held_back_count"]), (&json!(shown), &json!(told(&made).len() - shown)));
});

both_databases!(what_was_told_once_counts_in_every_later_month, async |app| {
    let campaign_id = helped_in_april(app).await;
    let bureau = app.bureau();
    let april = bureau.post("/publications", month(&campaign_id, "2020-04")).await.is(201);
    help(app, &campaign_id, 30, false).await;
    app.clock.set(noon("2020-06-03"));
    let preview = format!("/publications/preview?campaign_id={campaign_id}&month=2020-05");
    let whole = async || households(&bureau.get(&preview).await.is(200), COUNTY, None);
    // One more family: everybody would know in which month.
    assert_eq!((&whole().await["value"], &whole().await["decision"]), (&json!(9), &json!("small_change")));
    // Also if the earlier figures are withdrawn: somebody has read them.
    bureau.post(&format!("{}/withdraw", april.path()), json!({ "note": "重复登记" })).await.is(200);
    assert_eq!(whole().await["decision"], "small_change");
    for order in 31..35 {
        help(app, &campaign_id, order, false).await;
    }
    app.clock.set(noon("2020-07-03"));
    let june = bureau.post("/publications", month(&campaign_id, "2020-06")).await.is(201);
    assert_eq!((&june["issue_number"], &households(&june, COUNTY, None)["value"]), (&json!(2), &json!(13)));
    // A month that was withdrawn is published anew, by what is known now.
    let again = bureau.post("/publications", month(&campaign_id, "2020-04")).await.is(201);
    assert_eq!((&again["issue_number"], &households(&again, COUNTY, None)["value"]), (&json!(3), &json!(8)));
    assert_eq!(again["digest"].as_str().map(str::len), Some(64));
});

both_databases!(of_those_who_publish_a_month_at_once_one_does, async |app| {
    let campaign = with(campaign(), "/starts_on", json!("2020-02-01"));
    let campaign_id = app.bureau().post("/campaigns", campaign).await.is(201).id();
    let bureau = app.bureau();
    let publish = |month_of: &str| bureau.post("/publications", month(&campaign_id, month_of));
    let (won, lost) = at_once((0..6).map(|_| publish("2020-02"))).await;
    assert_eq!((won.len(), lost.len()), (1, 5));
    lost.into_iter().for_each(|answer| drop(answer.refused(AlreadyPublished)));
    let made = &won[0];
    let withdraw = || bureau.post(&format!("{}/withdraw", made.path()), json!({ "note": "数据有误" }));
    let (won, lost) = at_once((0..4).map(|_| withdraw())).await;
    assert_eq!((won.len(), lost.len()), (1, 3));
    lost.into_iter().for_each(|answer| drop(answer.refused(IllegalStep)));
    // Those of different months follow each other, so that each knows what the other tells.
    let (won, _) = at_once(["2020-02", "2020-03"].map(publish)).await;
    let mut numbers: Vec<_> = won.iter().map(|answer| answer["issue_number"].as_i64()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [Some(2), Some(3)]);
    assert_eq!(history(app, made).await, 2);
    let listed = bureau.get(&format!("/publications?campaign_id={campaign_id}&state=published&sort=-month")).await.is(200);
    let months: Vec<_> = listed.items().iter().map(|head| head["month"].clone()).collect();
    assert_eq!(months, [json!("2020-03"), json!("2020-02")]);
});

both_databases!(only_a_month_of_ones_own_campaign_that_is_over_is_published, async |app| {
    let campaign_id = app.open_campaign().await.id();
    let bureau = app.bureau();
    for (month_of, code) in [("2020-04", "month_not_over"), ("2020-05", "future"), ("2020-03", "date_outside_campaign")] {
        bureau.post("/publications", month(&campaign_id, month_of)).await.fault("/month", code);
        let query = format!("campaign_id={campaign_id}&month={month_of}");
        bureau.get(&format!("/publications/preview?{query}")).await.fault("/month", code);
    }
    bureau.post("/publications", month(&uuid::Uuid::nil().to_string(), "2020-03")).await.fault("/campaign_id", "unknown");
    app.as_(OtherBureau).post("/publications", month(&campaign_id, "2020-03")).await.fault("/campaign_id", "unknown");
    for who in [LeadingGroup, TownA, Auditor] {
        app.as_(who).post("/publications", month(&campaign_id, "2020-03")).await.refused(Forbidden);
    }
    app.clock.set(noon("2020-05-01"));
    let made = bureau.post("/publications", month(&campaign_id, "2020-04")).await.is(201);
    bureau.post(&format!("{}/withdraw", made.path()), json!({})).await.fault("/note", "required");
    // Nobody changes what was told.
    assert_eq!(bureau.patch(&made.path(), json!({ "month": "2020-03" })).if_match("*").await.status, 405);
});
