//! Rankings: what both sides would like best, who sees that, and when.

use baishe::startup;
use calamine::Data;
use contract::ErrorCode::*;
use domains::rankings::ending;
use platform::Tx;
use serde_json::{Value, json};

use super::Domain;
use super::assistance::sheet;
use super::authorization::{Made, Target, next_campaign, op};
use super::races::at_once;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_rankings"),
        op("export_rankings"),
        op("create_ranking")
            .on(both_enrolled)
            .body(|app, campaign| with(of_village(app, &campaign.id), "/on_behalf_reason", json!("村委会暂无账号")))
            .only(&[TownA, VillageA])
            .but(&[(OrganisationA, Forbidden), (OrganisationB, Forbidden)]),
        op("read_ranking").on(open).only(&[VillageA]).or(NotFound),
        op("list_ranking_history").on(open).only(&[VillageA]).or(NotFound),
        op("update_ranking").on(open).body(|_, _| json!({ "ranked": [] })).only(&[VillageA]).or(NotFound),
        op("read_ranking").on(closed).only(&[Bureau, LeadingGroup, TownA, VillageA, Auditor]).or(NotFound),
    ],
    example: |app| {
        Box::pin(async {
            let campaign_id = enrolled(app, next_campaign()).await;
            app.village_a().post("/rankings", of_village(app, &campaign_id)).await.is(201);
            app.organisation_a().post("/rankings", of_organisation(app, &campaign_id)).await.is(201);
            close(app, &campaign_id).await;
        })
    },
    pages: &[("organisation", "/rankings"), ("village", "/rankings"), ("bureau", "/rankings"), ("bureau", "/rankings/{}")],
    ..Domain::EMPTY
};

fn both_enrolled(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/campaigns/{}", enrolled(app, next_campaign()).await)) })
}

fn open(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let campaign_id = enrolled(app, next_campaign()).await;
        app.village_a().post("/rankings", of_village(app, &campaign_id)).await.is(201).into()
    })
}

fn closed(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let campaign_id = enrolled(app, next_campaign()).await;
        let ranking = app.village_a().post("/rankings", of_village(app, &campaign_id)).await.is(201);
        close(app, &campaign_id).await;
        ranking.into()
    })
}

/// A campaign in which both villages and both organisations take part.
pub async fn enrolled(app: &TestApp, campaign: Value) -> String {
    let campaign_id = app.enrolled(campaign).await;
    for member in [
        json!({ "campaign_id": campaign_id, "village_code": VILLAGE_B }),
        json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_b }),
    ] {
        let entered = app.bureau().post("/enrolments", member).await.is(201);
        app.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
    }
    campaign_id
}

/// What village A ranks: both organisations.
pub fn of_village(app: &TestApp, campaign_id: &str) -> Value {
    let ranked = [app.world.organisation_b, app.world.organisation_a].map(|id| json!({ "organisation_id": id }));
    json!({ "campaign_id": campaign_id, "village_code": VILLAGE_A, "ranked": ranked })
}

/// What organisation A ranks: both villages.
pub fn of_organisation(app: &TestApp, campaign_id: &str) -> Value {
    let ranked = [VILLAGE_A, VILLAGE_B].map(|code| json!({ "village_code": code }));
    json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "ranked": ranked })
}

/// Lets the deadline of a campaign be yesterday, and the rankings close.
pub async fn close(app: &TestApp, campaign_id: &str) {
    due(app, campaign_id, "2020-04-19").await;
    let tx = Tx::system(&app.app).await.expect("a transaction");
    ending::close(&tx).await.expect("they close");
    tx.commit().await.expect("a commit");
}

async fn due(app: &TestApp, campaign_id: &str, day: &str) {
    let campaign = app.bureau().get(&format!("/campaigns/{campaign_id}")).await.is(200);
    let patch = json!({ "settings": { "rankings_due_on": day } });
    app.bureau().patch(&format!("/campaigns/{campaign_id}"), patch).if_match(&campaign.etag()).await.is(200);
}

async fn sees(app: &TestApp, who: Who, ranking: &Answer) -> bool {
    let listed = app.as_(who).get("/rankings").await.is(200).items().iter().any(|item| item["id"] == ranking["id"]);
    for path in [ranking.path(), format!("{}/history", ranking.path())] {
        assert_eq!(app.as_(who).get(&path).await.status == 200, listed, "{who:?} {path}");
    }
    listed
}

both_databases!(nobody_sees_what_the_other_side_ranks_and_the_area_sees_it_after_the_deadline, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let village = app.village_a().post("/rankings", of_village(app, &campaign_id)).await.is(201);
    let organisation = app.organisation_a().post("/rankings", of_organisation(app, &campaign_id)).await.is(201);
    assert_eq!(
        (&village["due_on"], &village["state"]),
        (&json!("2020-05-08"), &json!("open")),
        "seven days before pairs are made"
    );
    let names: Vec<_> = organisation["choices"].as_array().expect("choices").iter().map(|one| one["name"].clone()).collect();
    assert_eq!((names.len(), &organisation["choices"][0]["village_code"]), (2, &json!(VILLAGE_A)));
    assert_eq!(
        (&village["choices"][0]["organisation_id"], &village["choices"][0]["rank"]),
        (&json!(app.world.organisation_b), &json!(1))
    );
    let everybody = [Bureau, LeadingGroup, TownA, TownB, VillageA, VillageB, OrganisationA, OrganisationB, Auditor, OtherBureau];
    for who in everybody {
        assert_eq!(sees(app, who, &village).await, who == VillageA, "{who:?}");
        assert_eq!(sees(app, who, &organisation).await, who == OrganisationA, "{who:?}");
    }
    // The trail, which auditors read, tells that somebody has ranked, and not whom.
    let trail = app.as_(Auditor).get("/audit-events?object_type=rankings&limit=50").await.is(200);
    assert_eq!(trail["total"], 2);
    for id in [app.world.organisation_b.to_string(), VILLAGE_B.to_owned()] {
        assert!(!trail.body.to_string().contains(&id), "{}", trail.body);
    }

    app.clock.set(noon("2020-05-08"));
    startup::tidy(&app.app).await;
    assert!(!sees(app, Bureau, &village).await, "the last day counts");
    app.clock.set(noon("2020-05-09"));
    assert_eq!(app.village_a().get(&village.path()).await.is(200)["editable"], false);
    startup::tidy(&app.app).await;
    for who in everybody {
        let is_of_area = [Bureau, LeadingGroup, Auditor].contains(&who);
        assert_eq!(sees(app, who, &village).await, is_of_area || [TownA, VillageA].contains(&who), "{who:?}");
        // Organisation A is registered in the county.
        assert_eq!(sees(app, who, &organisation).await, is_of_area || who == OrganisationA, "{who:?}");
    }
    let history = app.bureau().get(&format!("{}/history", village.path())).await.is(200);
    assert_eq!(history.items()[0]["action"], "close_ranking");
    assert!(history.items()[0]["changes"].to_string().contains(&app.world.organisation_b.to_string()), "now it tells whom");
});

both_databases!(a_workbook_of_rankings_holds_what_its_reader_may_see, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    app.village_a().post("/rankings", of_village(app, &campaign_id)).await.is(201);
    app.organisation_a().post("/rankings", of_organisation(app, &campaign_id)).await.is(201);
    let names = async |who: Who| {
        let book = app.as_(who).get("/rankings/export").await.is(200);
        let sheet = sheet(&book, "双向选择志愿");
        let cell = |row: &[Data], at: usize| row[at].to_string();
        sheet.rows().skip(1).map(|row| (cell(row, 2), cell(row, 5))).collect::<Vec<_>>()
    };
    let own = names(VillageA).await;
    assert_eq!((own.len(), own[0].0.as_str()), (1, "永湖村委会"));
    assert!(own[0].1.starts_with("1. "), "{own:?}");
    let theirs = names(OrganisationA).await;
    assert_eq!((theirs.len(), theirs[0].1.split('；').count()), (1, 2));
    assert_eq!((names(Bureau).await, names(OrganisationB).await, names(VillageB).await), (vec![], vec![], vec![]));
    app.clock.set(noon("2020-05-09"));
    startup::tidy(&app.app).await;
    assert_eq!(names(Bureau).await.len(), 2);
    assert_eq!((names(TownA).await, names(OrganisationB).await), (own, vec![]));
});

both_databases!(a_ranking_is_replaced_whole_until_the_deadline, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let made = app.village_a().post("/rankings", of_village(app, &campaign_id)).await.is(201);
    app.village_a().post("/rankings", of_village(app, &campaign_id)).await.refused(RankingExists);
    let ranked = json!({ "ranked": [{ "organisation_id": app.world.organisation_a }] });
    let patch = |change: Value, etag: String| app.village_a().patch(&made.path(), change).if_match(&etag);
    let changed = patch(ranked.clone(), made.etag()).await.is(200);
    assert_eq!(changed["choices"].as_array().map(Vec::len), Some(1));
    patch(ranked.clone(), made.etag()).await.refused(StaleVersion);
    for (field, value) in [("village_code", json!(VILLAGE_B)), ("campaign_id", json!(uuid::Uuid::nil()))] {
        patch(json!({ field: value }), changed.etag()).await.fault(&format!("/{field}"), "fixed");
    }
    let emptied = patch(json!({ "ranked": [] }), changed.etag()).await.is(200);
    assert_eq!(emptied["choices"], json!([]));
    app.clock.set(noon("2020-05-09"));
    patch(ranked.clone(), emptied.etag()).await.refused(RankingClosed);
    app.organisation_a().post("/rankings", of_organisation(app, &campaign_id)).await.refused(RankingClosed);
    // Nobody gets more time who could have seen what the other side ranks.
    startup::tidy(&app.app).await;
    assert!(sees(app, Bureau, &made).await);
    let later = json!({ "settings": { "rankings_due_on": "2020-05-20" } });
    let path = format!("/campaigns/{campaign_id}");
    app.bureau().patch(&path, later).if_match("*").await.fault("/settings/rankings_due_on", "rankings_closed");
    app.bureau().patch(&path, json!({ "title": "百社解千难" })).if_match("*").await.is(200);
});

both_databases!(the_deadline_is_extended_while_nobody_has_seen_a_ranking, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let made = app.village_a().post("/rankings", of_village(app, &campaign_id)).await.is(201);
    due(app, &campaign_id, "2020-05-20").await;
    app.clock.set(noon("2020-05-15"));
    startup::tidy(&app.app).await;
    assert!(!sees(app, Bureau, &made).await);
    let ranked = json!({ "ranked": [{ "organisation_id": app.world.organisation_a }] });
    assert_eq!(app.village_a().patch(&made.path(), ranked).if_match("*").await.is(200)["state"], "open");
});

both_databases!(of_those_who_rank_at_once_one_does, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let body = with(of_village(app, &campaign_id), "/on_behalf_reason", json!("村委会暂无账号"));
    let clients = [app.village_a(), app.town_a()];
    let (won, lost) = at_once((0..8).map(|n| clients[n % 2].post("/rankings", body.clone()))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    lost.into_iter().for_each(|answer| drop(answer.refused(RankingExists)));
});

both_databases!(a_town_ranks_for_a_village_and_says_why, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let (town, body) = (app.town_a(), of_village(app, &campaign_id));
    town.post("/rankings", body.clone()).await.fault("/on_behalf_reason", "required");
    town.post("/rankings", of_organisation(app, &campaign_id)).await.refused(Forbidden);
    let reasoned = with(body, "/on_behalf_reason", json!("村委会暂无账号，受其委托"));
    app.town_b().post("/rankings", reasoned.clone()).await.refused(OutsideOwnScope);
    let made = town.post("/rankings", reasoned).await.is(201);
    assert_eq!(
        town.get(&format!("{}/history", made.path())).await.is(200).items()[0]["on_behalf_reason"],
        "村委会暂无账号，受其委托"
    );
    assert!(sees(app, VillageA, &made).await && sees(app, TownA, &made).await && !sees(app, TownB, &made).await);
    // Once the committee ranks for itself, the town does not see it any more.
    let own = json!({ "ranked": [{ "organisation_id": app.world.organisation_a }] });
    let own = app.village_a().patch(&made.path(), own).if_match(&made.etag()).await.is(200);
    assert!(own["on_behalf_reason"].is_null());
    assert!(!sees(app, TownA, &made).await);
});

both_databases!(who_ranks_and_is_ranked_takes_part, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let send = async |body: Value| app.organisation_a().post("/rankings", body).await;
    let body = || of_organisation(app, &campaign_id);
    let ranking = |ranked: Value| with(body(), "/ranked", ranked);
    let village = |code: &str| json!({ "village_code": code });
    send(ranking(json!([village(VILLAGE_A), village("350582104205")]))).await.fault("/ranked/1/village_code", "not_enrolled");
    send(ranking(json!([village(OTHER_VILLAGE)]))).await.fault("/ranked/0/village_code", "not_enrolled");
    send(ranking(json!([village(VILLAGE_A), village(VILLAGE_A)]))).await.fault("/ranked/1/village_code", "duplicate");
    send(ranking(json!([village("3505821042")]))).await.fault("/ranked/0/village_code", "village_code");
    send(ranking(json!([{}]))).await.fault("/ranked/0/village_code", "required");
    send(ranking(json!([{ "organisation_id": app.world.organisation_a }])))
        .await
        .fault("/ranked/0/organisation_id", "other_side_only");
    let eleven: Vec<_> = (0..11).map(|_| village(VILLAGE_A)).collect();
    send(ranking(json!(eleven))).await.fault("/ranked", "length");
    send(with(body(), "/organisation_id", json!(app.world.organisation_b))).await.refused(OutsideOwnScope);
    send(with(body(), "/village_code", json!(VILLAGE_A))).await.fault("/village_code", "one_of_two");
    send(with(body(), "/campaign_id", json!(uuid::Uuid::nil()))).await.fault("/campaign_id", "unknown");
    // A village of another campaign, and whoever is not confirmed.
    let other = app.bureau().post("/campaigns", next_campaign()).await.is(201);
    send(with(body(), "/campaign_id", json!(other.id()))).await.refused(NotEnrolled);
    send(body()).await.is(201);
});

both_databases!(rankings_follow_a_village_into_the_one_that_replaces_it, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let village = app.village_a().post("/rankings", of_village(app, &campaign_id)).await.is(201);
    let organisation = app.organisation_a().post("/rankings", of_organisation(app, &campaign_id)).await.is(201);
    let replacing = json!({ "successor_code": "350582104205", "ended_on": "2020-04-20", "note": "晋政函〔2020〕3号 村庄撤并" });
    app.bureau().post(&format!("/villages/{VILLAGE_A}/replace"), replacing).await.is(200);
    let now = app.organisation_a().get(&organisation.path()).await.is(200);
    assert_eq!(now["choices"][0]["village_code"], "350582104205");
    assert_eq!(app.village_a().get(&village.path()).await.is(200)["village_code"], "350582104205");
});
