//! Assignments: computed as drafts, explained, compared, and turned into recommended pairings.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::Domain;
use super::assistance::sheet;
use super::authorization::{Made, Target, next_campaign, op};
use super::catalogue::{need, publish};
use super::races::at_once;
use super::rankings::{close, enrolled, of_organisation, of_village};
use super::recommendations::joins;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_assignments"),
        op("list_assignment_lines"),
        op("export_assignment_lines"),
        op("create_assignment").on(both_enrolled).body(|_, campaign| draft(&campaign.id)).foreign(ValidationFailed),
        op("read_assignment").on(drafted),
        op("list_assignment_history").on(drafted),
        op("read_assignment_reasons").on(drafted),
        op("read_assignment_certificate").on(drafted),
        op("explain_assignment_pair").on(drafted).query(|draft| {
            format!(
                "organisation_id={}&village_code={VILLAGE_A}",
                draft.body["pinned"][0]["organisation_id"].as_str().expect("an id")
            )
        }),
        op("compare_assignments").on(drafted).query(|draft| format!("other_id={}", draft.id)),
        op("accept_assignment").on(drafted).body(|_, draft| json!({ "lines": draft.body["pinned"] })),
        op("discard_assignment").on(drafted).body(|_, _| json!({})),
    ],
    // Of the campaign in which both sides have ranked.
    example: |app| {
        Box::pin(async {
            let rankings = app.bureau().get("/rankings").await.is(200);
            drop(pinned(app, rankings.items()[0]["campaign_id"].as_str().expect("an id")).await);
        })
    },
    pages: &[("bureau", "/assignments"), ("bureau", "/assignments/new"), ("bureau", "/assignments/{}")],
    ..Domain::EMPTY
};

fn both_enrolled(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/campaigns/{}", enrolled(app, next_campaign()).await)) })
}

fn drafted(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let made = made(app, next_campaign()).await;
        Target { body: made.body.clone(), ..Target::from(made) }
    })
}

/// What is computed from.
fn draft(campaign_id: &str) -> Value {
    json!({ "campaign_id": campaign_id, "title": "五月结对方案", "organisation_capacity": 1, "village_capacity": 1, "uses_rankings": true })
}

/// A draft in which organisation A is pinned to village A.
async fn made(app: &TestApp, campaign: Value) -> Answer {
    pinned(app, &enrolled(app, campaign).await).await
}

async fn pinned(app: &TestApp, campaign_id: &str) -> Answer {
    let pinned = json!([two(&app.world.organisation_a.to_string(), VILLAGE_A)]);
    app.bureau().post("/assignments", with(draft(campaign_id), "/pinned", pinned)).await.is(201)
}

fn two(organisation_id: &str, village_code: &str) -> Value {
    json!({ "organisation_id": organisation_id, "village_code": village_code })
}

async fn compute(app: &TestApp, body: Value) -> Answer {
    app.bureau().post("/assignments", body).await.is(201)
}

async fn lines(app: &TestApp, draft: &Answer) -> Vec<Value> {
    let list = app.bureau().get(&format!("/assignment-lines?assignment_id={}&limit=200", draft.id())).await.is(200);
    for line in list.items() {
        let terms = line["terms"].as_array().expect("terms").iter();
        assert_eq!(terms.map(|term| term["points"].as_i64().expect("points")).sum::<i64>(), line["score"], "the terms add up");
    }
    list.items().to_vec()
}

fn pairs(lines: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    lines.iter().map(|line| (text(&line["organisation_id"]), text(&line["village_code"]))).collect()
}

/// A campaign in which an offer of each organisation fits the need of the other town better, and chambers wish for village A.
async fn with_needs(app: &TestApp) -> (String, String, String) {
    let campaign_id = enrolled(app, campaign()).await;
    publish(app, VillageA, need(&campaign_id)).await;
    publish(app, VillageB, with(need(&campaign_id), "/village_code", json!(VILLAGE_B))).await;
    let first = joins(app, &campaign_id, 51, "chamber", None).await;
    let second = joins(app, &campaign_id, 52, "chamber", None).await;
    (campaign_id, first, second)
}

both_databases!(a_draft_that_nobody_wants_leaves_the_list_and_keeps_its_history, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let (unwanted, wanted) = (pinned(app, &campaign_id).await, pinned(app, &campaign_id).await);
    let listed = async |query: &str| app.bureau().get(&format!("/assignments{query}")).await.is(200)["total"].clone();
    assert_eq!(listed("").await, 2);
    let discard = |draft: &Answer| app.bureau().post(&format!("{}/discard", draft.path()), json!({}));
    let (won, lost) = at_once((0..4).map(|_| discard(&unwanted))).await;
    assert_eq!((won.len(), lost.len(), &won[0]["state"]), (1, 3, &json!("discarded")));
    lost.into_iter().for_each(|answer| drop(answer.refused(IllegalStep)));
    assert_eq!((listed("").await, listed("?state=discarded").await), (json!(1), json!(1)));
    let history = app.bureau().get(&format!("{}/history", unwanted.path())).await.is(200);
    assert_eq!(history.items()[0]["action"], "discard");
    let accept = |draft: &Answer| {
        let chosen = json!({ "lines": [two(&app.world.organisation_a.to_string(), VILLAGE_A)] });
        app.bureau().post(&format!("{}/accept", draft.path()), chosen)
    };
    accept(&unwanted).await.refused(IllegalStep);
    accept(&wanted).await.is(200);
    discard(&wanted).await.refused(IllegalStep);
});

both_databases!(who_says_how_many_it_takes_on_is_asked_for_that_many, async |app| {
    let (campaign_id, _, _) = with_needs(app).await;
    let before = compute(app, draft(&campaign_id)).await;
    let of_village = |lines: &[Value]| lines.iter().filter(|line| line["village_code"] == VILLAGE_A).count();
    assert_eq!((of_village(&lines(app, &before).await), &before["figures"]["chambers_met"]), (1, &json!(1)));
    let entered = app.bureau().get(&format!("/enrolments?campaign_id={campaign_id}&within={VILLAGE_A}")).await.is(200);
    let entered = app.bureau().get(&format!("/enrolments/{}", entered.items()[0]["id"].as_str().expect("an id"))).await.is(200);
    app.village_a().patch(&entered.path(), json!({ "places": 2 })).if_match(&entered.etag()).await.is(200);
    let after = compute(app, draft(&campaign_id)).await;
    assert_eq!((of_village(&lines(app, &after).await), &after["figures"]["chambers_met"]), (2, &json!(2)));
    // The old draft was computed from other data.
    let accept = format!("{}/accept", before.path());
    let chosen =
        json!({ "lines": pairs(&lines(app, &before).await).iter().map(|pair| two(&pair.0, &pair.1)).collect::<Vec<_>>() });
    app.bureau().post(&accept, chosen).if_match(&before.etag()).await.refused(AssignmentStale);
});

both_databases!(a_draft_is_the_best_there_is_and_says_why_somebody_stays_without, async |app| {
    let (campaign_id, first, second) = with_needs(app).await;
    let draft_of = |weights: Value| with(draft(&campaign_id), "/weights", weights);
    let made = compute(app, draft_of(json!({}))).await;
    let figures = &made["figures"];
    assert_eq!((&figures["organisations"], &figures["villages"]), (&json!(4), &json!(2)));
    // Two chambers of town A, one village of town A with one place.
    assert_eq!((&figures["chambers"], &figures["chambers_met"]), (&json!(2), &json!(1)));
    assert!(
        figures["total"].as_i64() >= figures["greedy_total"].as_i64()
            || figures["chambers_met"] != figures["greedy_chambers_met"]
    );
    assert_eq!((&made["proven"], made["digest"].as_str().map(str::len)), (&json!(true), Some(64)));
    let lines = lines(app, &made).await;
    assert_eq!(figures["lines"], lines.len());
    assert_eq!(figures["total"], lines.iter().map(|line| line["score"].as_i64().expect("a score")).sum::<i64>());
    let takes = pairs(&lines).into_iter().find(|(_, village)| village == VILLAGE_A).expect("village A has one").0;
    assert!([&first, &second].contains(&&takes), "a chamber comes first");

    let reasons = app.bureau().get(&format!("{}/reasons", made.path())).await.is(200);
    let unmet = &reasons["unmet"][0];
    assert_eq!(
        (&unmet["full"], &unmet["places"], unmet["organisations"].as_array().map(Vec::len)),
        (&json!(false), &json!(1), Some(2))
    );
    assert_eq!(unmet["villages"][0]["village_code"], VILLAGE_A);
    let other = if takes == first { &second } else { &first };
    assert_eq!(unmet["without"][0]["organisation_id"], json!(other));
    let left = reasons["organisations_left"].as_array().expect("a list");
    let left = left.iter().filter(|left| left["without"] == true).count();
    assert_eq!(figures["organisations_without"], left);

    // All places at their prices, with what pairs score beyond them, are worth what the assignment is worth.
    let certificate = app.bureau().get(&format!("{}/certificate", made.path())).await.is(200);
    assert_eq!((&certificate["worth"]["points"], &certificate["worth"]["wishes"]), (&figures["total"], &figures["chambers_met"]));
    assert_eq!(certificate["organisations"].as_array().map(Vec::len), Some(4));
    assert_eq!((&certificate["digest"], certificate["villages"].as_array().map(Vec::len)), (&made["digest"], Some(2)));

    // The same data gives the same answer.
    let again = compute(app, draft_of(json!({}))).await;
    assert_eq!((&again["digest"], &again["figures"]), (&made["digest"], &made["figures"]));
    assert_eq!(pairs(&self::lines(app, &again).await), pairs(&lines));
    let nothing = json!({
        "directed_donation": 0, "chamber_of_town": 0, "old_base": 0, "goal": 0, "industry": 0, "strengths": 0, "same_town": 0,
        "capacity": 0, "urgency": 0,
    });
    let of_nothing = compute(app, draft_of(nothing)).await;
    assert_eq!((&of_nothing["figures"]["total"], &of_nothing["digest"]), (&json!(0), &made["digest"]));
    let compared = app.bureau().get(&format!("{}/comparison?other_id={}", made.path(), of_nothing.id())).await.is(200);
    assert_eq!(compared["same_data"], true);
    let count = |list: &str| compared[list].as_array().map(Vec::len).expect("a list");
    assert_eq!(compared["shared"].as_i64().expect("a number") + count("only_first") as i64, lines.len() as i64);
    assert_eq!((&compared["first"], &compared["second_title"]), (figures, &json!("五月结对方案")));
});

both_databases!(why_not_these_two_is_answered_for_any_two, async |app| {
    let (campaign_id, first, second) = with_needs(app).await;
    let kept_apart = json!([two(&app.world.organisation_a.to_string(), VILLAGE_B)]);
    let made = compute(app, with(draft(&campaign_id), "/forbidden", kept_apart)).await;
    let has = pairs(&lines(app, &made).await);
    let asked = async |organisation: &str, village: &str| {
        let query = format!("organisation_id={organisation}&village_code={village}");
        app.bureau().get(&format!("{}/why-not?{query}", made.path())).await
    };
    for (organisation, village) in &has {
        assert_eq!(asked(organisation, village).await.is(200)["answer"], "paired");
    }
    assert_eq!(asked(&app.world.organisation_a.to_string(), VILLAGE_B).await.is(200)["answer"], "forbidden");
    let takes = &has.iter().find(|(_, village)| village == VILLAGE_A).expect("village A has one").0;
    let other = if *takes == first { &second } else { &first };
    let costs = asked(other, VILLAGE_A).await.is(200);
    assert_eq!(costs["answer"], "costs");
    assert_eq!(costs["dropped"][0]["organisation_id"], json!(takes), "who would give way");
    let points = |field: &str, part: &str| costs[field][part].as_i64().expect("a number");
    assert_eq!(points("loss", "wishes"), 0, "one chamber has one either way");
    assert!(points("loss", "points") >= 0 && points("excess", "points") <= points("loss", "points"));
    asked(&uuid::Uuid::nil().to_string(), VILLAGE_A).await.fault("/organisation_id", "not_enrolled");
    asked(other, "350582104205").await.fault("/village_code", "not_enrolled");
    // Once the campaign has changed, the answer would be about something else.
    publish(app, VillageA, with(need(&campaign_id), "/kind", json!("goods"))).await;
    asked(other, VILLAGE_A).await.refused(AssignmentStale);
});

both_databases!(demands_that_contradict_each_other_are_named, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let (a, b) = (app.world.organisation_a.to_string(), app.world.organisation_b.to_string());
    let body = |list: &str, pairs: Value| with(draft(&campaign_id), list, pairs);
    let send = async |body: Value| app.bureau().post("/assignments", body).await;
    let both = with(body("/pinned", json!([two(&a, VILLAGE_A)])), "/forbidden", json!([two(&b, VILLAGE_A), two(&a, VILLAGE_A)]));
    let refused = send(both).await.fault("/pinned/0", "pinned_and_forbidden");
    assert_eq!(refused["errors"][1]["pointer"], "/forbidden/1");
    let refused =
        send(body("/pinned", json!([two(&a, VILLAGE_A), two(&b, VILLAGE_A)]))).await.fault("/pinned/0", "beyond_capacity");
    assert_eq!(refused["errors"][1]["pointer"], "/pinned/1");
    assert!(refused["errors"][0]["message"].as_str().expect("words").contains("名额 1 个，已有结对 0 个，指定 2 个"));
    send(body("/pinned", json!([two(&a, VILLAGE_A), two(&a, VILLAGE_A)]))).await.fault("/pinned/1", "duplicate");
    send(body("/pinned", json!([two(&a, "350582104205")]))).await.fault("/pinned/0/village_code", "not_enrolled");
    let nobody = two(&uuid::Uuid::nil().to_string(), VILLAGE_A);
    send(body("/forbidden", json!([nobody]))).await.fault("/forbidden/0/organisation_id", "not_enrolled");
    send(with(draft(&campaign_id), "/organisation_capacity", json!(0))).await.fault("/organisation_capacity", "range");
    send(with(draft(&campaign_id), "/campaign_id", json!(uuid::Uuid::nil()))).await.fault("/campaign_id", "unknown");
    assert_eq!(app.bureau().get("/assignments").await.is(200)["total"], 0, "nothing is kept");
});

both_databases!(rankings_count_once_they_may_be_seen, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    app.village_a().post("/rankings", of_village(app, &campaign_id)).await.is(201);
    app.organisation_a().post("/rankings", of_organisation(app, &campaign_id)).await.is(201);
    let before = compute(app, draft(&campaign_id)).await;
    assert_eq!(before["figures"]["village_rankings"], 0);
    close(app, &campaign_id).await;
    let after = compute(app, draft(&campaign_id)).await;
    let figures = &after["figures"];
    assert_eq!((&figures["village_rankings"], &figures["organisation_rankings"]), (&json!(1), &json!(1)));
    // Organisation A ranks village A first, which ranks it second. Village B ranks nobody.
    let a = app.world.organisation_a.to_string();
    let reasons = app.bureau().get(&format!("{}/reasons", after.path())).await.is(200);
    for stable in ["best_for_organisations", "best_for_villages"] {
        assert_eq!(pairs(reasons[stable].as_array().expect("pairs")), [(a.clone(), VILLAGE_A.to_owned())], "{stable}");
    }
    let line = lines(app, &after).await.into_iter().find(|line| line["organisation_id"] == json!(a)).expect("it has one");
    let ranks = line["terms"].as_array().expect("terms").iter().map(|term| (term["kind"].clone(), term["rank"].clone()));
    assert!(ranks.clone().any(|term| term == (json!("organisation_ranked"), json!(1))), "{:?}", ranks.collect::<Vec<_>>());
    // Who keeps the two apart sees that both would rather have each other.
    let apart = compute(app, with(draft(&campaign_id), "/village_capacity", json!(2))).await;
    assert_eq!(apart["figures"]["blocking"], 0);
    let without = compute(app, with(draft(&campaign_id), "/uses_rankings", json!(false))).await;
    assert_eq!(without["figures"]["village_rankings"], 0);
});

both_databases!(accepted_lines_become_recommendations_that_keep_their_reasons, async |app| {
    let (campaign_id, ..) = with_needs(app).await;
    let made = compute(app, draft(&campaign_id)).await;
    let lines = lines(app, &made).await;
    let all: Vec<_> = pairs(&lines).iter().map(|(organisation, village)| two(organisation, village)).collect();
    let accept = |body: Value| app.bureau().post(&format!("{}/accept", made.path()), body);
    accept(json!({ "lines": [] })).await.fault("/lines", "length");
    accept(json!({ "lines": [all[0], all[0]] })).await.fault("/lines/1", "duplicate");
    let stranger = two(&app.world.organisation_b.to_string(), "350582104205");
    accept(json!({ "lines": [all[0], stranger] })).await.fault("/lines/1", "unknown");
    assert_eq!(app.bureau().get("/pairings").await.is(200)["total"], 0, "all or none");
    let body = json!({ "lines": all });
    let (won, lost) = at_once((0..6).map(|_| accept(body.clone()))).await;
    assert_eq!((won.len(), lost.len()), (1, 5));
    for answer in lost {
        assert_eq!(answer.refused(IllegalStep)["state"], "accepted");
    }
    assert_eq!((&won[0]["state"], &won[0]["recommended"]), (&json!("accepted"), &json!(all.len())));
    let pairings = app.bureau().get("/pairings?limit=50").await.is(200);
    assert_eq!(pairings["total"], all.len());
    for pairing in pairings.items() {
        assert_eq!((&pairing["proposed_by"], &pairing["state"]), (&json!("bureau"), &json!("proposed")));
        let line = lines.iter().find(|line| line["organisation_id"] == pairing["organisation_id"]).expect("its line");
        let note = pairing["note"].as_str().unwrap_or_default();
        assert_eq!(note.matches('（').count() > 0, line["score"] != 0, "{note}");
    }
    let kept = self::lines(app, &made).await;
    assert!(kept.iter().all(|line| line["pairing_id"].is_string()), "{kept:?}");
    let history = app.bureau().get(&format!("{}/history", made.path())).await.is(200);
    let actions: Vec<_> = history.items().iter().map(|event| event["action"].clone()).collect();
    assert_eq!(actions, ["accept", "create"]);

    // Both sides answer, and the next assignment knows of it.
    let next = compute(app, draft(&campaign_id)).await;
    assert_eq!((&next["figures"]["existing"], &next["figures"]["lines"]), (&json!(all.len()), &json!(0)));
    assert_ne!(next["digest"], made["digest"]);
});

both_databases!(nothing_is_recommended_from_data_that_has_changed, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let (a, b) = (app.world.organisation_a.to_string(), app.world.organisation_b.to_string());
    let pinned = json!([two(&a, VILLAGE_A), two(&b, VILLAGE_B)]);
    let made = compute(app, with(draft(&campaign_id), "/pinned", pinned.clone())).await;
    let accept = async |made: &Answer| app.bureau().post(&format!("{}/accept", made.path()), json!({ "lines": pinned })).await;
    // Somebody proposes meanwhile.
    let proposed =
        app.organisation_a().post("/pairings", with(two(&a, VILLAGE_B), "/campaign_id", json!(campaign_id))).await.is(201);
    accept(&made).await.refused(AssignmentStale);
    assert_eq!(app.bureau().get(&made.path()).await.is(200)["state"], "draft");
    app.as_(VillageB).post(&format!("{}/decline", proposed.path()), json!({ "note": "已有合作单位" })).await.is(200);
    // Who has declined is not asked again, unless somebody says so.
    let again = compute(app, with(draft(&campaign_id), "/pinned", pinned.clone())).await;
    let query = format!("organisation_id={a}&village_code={VILLAGE_B}");
    assert_eq!(app.bureau().get(&format!("{}/why-not?{query}", again.path())).await.is(200)["answer"], "forbidden");
    let open = compute(app, draft(&campaign_id)).await;
    assert_eq!(app.bureau().get(&format!("{}/why-not?{query}", open.path())).await.is(200)["answer"], "forbidden");
    let insists = compute(app, with(draft(&campaign_id), "/pinned", json!([two(&a, VILLAGE_B)]))).await;
    assert_eq!(lines(app, &insists).await[0]["pinned"], true);
    // Whoever leaves the campaign is part of what was computed from.
    let enrolments = app.bureau().get(&format!("/enrolments?campaign_id={campaign_id}&kind=organisation")).await.is(200);
    let of_b = enrolments.items().iter().find(|one| one["organisation_id"] == json!(b)).expect("its enrolment");
    let leave = format!("/enrolments/{}/withdraw", of_b["id"].as_str().expect("an id"));
    app.as_(OrganisationB).post(&leave, json!({ "note": "人手不足" })).await.is(200);
    accept(&again).await.refused(AssignmentStale);
});

both_databases!(the_lines_go_out_as_a_workbook_with_their_reasons, async |app| {
    let (campaign_id, ..) = with_needs(app).await;
    let made = compute(app, draft(&campaign_id)).await;
    let exported = app.bureau().get(&format!("/assignment-lines/export?assignment_id={}", made.id())).await.is(200);
    let sheet = sheet(&exported, "结对分配明细");
    let lines = lines(app, &made).await;
    assert_eq!(sheet.height(), lines.len() + 1);
    let text = sheet.rows().flatten().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert!(text.contains("原则上挂钩一个村"), "{text}");
});
