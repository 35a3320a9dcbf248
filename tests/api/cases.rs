//! Cases and good practices: who nominates, selects, publishes and reads them; who has taken one up; and that none names a family.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, op};
use super::pairings::active_pairing;
use super::races::at_once;
use super::work::waiting;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Those who may read a case of pairing A that is not published.
const READERS: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, OrganisationA, Auditor];
/// Those who nominate one.
const NOMINATORS: &[Who] = &[Bureau, TownA, OrganisationA];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_cases"),
        op("export_cases"),
        op("create_case")
            .on(begun)
            .body(|_, target| target.body.clone())
            .only(NOMINATORS)
            .or(ValidationFailed)
            .foreign(ValidationFailed),
        op("read_case").on(nominated).only(READERS).or(NotFound),
        op("update_case").on(nominated).body(|_, _| json!({ "title": "商会路灯工程" })).only(NOMINATORS).or(NotFound),
        op("step_case")
            .on(nominated)
            .step("select")
            .body(|_, _| json!({ "note": "有代表性" }))
            .only(&[Bureau])
            .or(NotFound)
            .but(&[(TownA, Forbidden), (OrganisationA, Forbidden)]),
        op("step_case")
            .on(published)
            .step("unpublish")
            .body(|_, _| json!({ "note": "有人不同意" }))
            .only(&[Bureau])
            .or(Forbidden),
        op("list_case_history").on(nominated).only(READERS).or(NotFound),
        op("list_case_uptakes"),
        op("create_case_uptake")
            .on(published)
            .body(|_, case| uptake(&case.id))
            .only(&[VillageB, OrganisationB])
            .or(ValidationFailed),
        op("export_case_uptakes"),
        op("read_case_uptake").on(taken_up),
        op("update_case_uptake").on(taken_up).body(|_, _| json!({ "words": "已装路灯二十盏" })).only(&[OrganisationB]),
        op("list_case_uptake_history").on(taken_up),
    ],
    example: |app| {
        Box::pin(async {
            let pairing = app.active_village().await;
            let made = publish(app, &pairing).await;
            app.as_(OrganisationB).post("/case-uptakes", uptake(&made.id())).await.is(201);
        })
    },
    pages: &[
        ("bureau", "/cases"),
        ("bureau", "/cases/new"),
        ("bureau", "/cases/{}"),
        ("bureau", "/cases/{}/edit"),
        ("bureau", "/cases/{}/print"),
        ("bureau", "/case-uptakes"),
        ("bureau", "/case-uptakes/{}"),
        ("town", "/cases"),
        ("town", "/case-uptakes"),
        ("village", "/cases"),
        ("village", "/cases/{}"),
        ("village", "/case-uptakes"),
        ("village", "/case-uptakes/new"),
        ("organisation", "/cases"),
        ("organisation", "/cases/new"),
        ("organisation", "/case-uptakes"),
        ("leader", "/cases"),
        ("leader", "/case-uptakes"),
        ("cadre", "/cases"),
        ("cadre", "/case-uptakes"),
        ("institution", "/cases"),
        ("institution", "/case-uptakes"),
        ("auditor", "/cases"),
        ("auditor", "/case-uptakes"),
        ("admin", "/cases"),
        ("admin", "/case-uptakes"),
        ("security", "/cases"),
        ("security", "/case-uptakes"),
    ],
    walked: &["/cases?sort=-updated_at", "/cases?sort=title"],
};

/// A case of a pairing.
pub fn case(pairing_id: &str, campaign_id: &str) -> Value {
    json!({
        "campaign_id": campaign_id, "kind": "case", "pairing_id": pairing_id, "title": "路灯照亮回家路", "goal": "infrastructure",
        "industry": "agriculture", "summary": "商会与村里一起装路灯，会员企业出钱，村里出工。",
        "background": "主村道两公里没有路灯，老人晚上不敢出门。", "practice": "会员企业认捐，村里清点点位，镇里协调供电。",
        "effect": "装灯三十盏，夜间出行安全。", "why_it_works": "谁出钱、谁出工、谁维护，签约时就写清楚。",
        "what_it_needs": "一家会做工程的会员企业。",
    })
}

/// A good practice of nobody in particular.
fn practice(campaign_id: &str) -> Value {
    json!({
        "campaign_id": campaign_id, "kind": "practice", "title": "一村一张用工表", "goal": "employment",
        "practice": "每月把会员企业的岗位列成一张表，贴在村部。", "found_in": "2020年4月18日年中检查",
    })
}

pub fn uptake(case_id: &str) -> Value {
    json!({ "case_id": case_id, "taken_on": "2020-04-20", "words": "照着做，先装村口十盏。" })
}

async fn nominate(app: &TestApp, who: Who, pairing: &Answer) -> Answer {
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    app.as_(who).post("/cases", case(&pairing.id(), campaign_id)).await.is(201)
}

/// Selects and publishes it.
async fn go_public(app: &TestApp, case: &Answer) -> Answer {
    let to = |action: &str| format!("{}/{action}", case.path());
    app.bureau().post(&to("select"), json!({ "note": "有代表性" })).await.is(200);
    app.bureau().post(&to("publish"), json!({ "people_shown": "all_agreed" })).await.is(200).about(&case.path())
}

pub async fn publish(app: &TestApp, pairing: &Answer) -> Answer {
    let made = nominate(app, OrganisationA, pairing).await;
    go_public(app, &made).await
}

/// A pairing that has begun, and the case that it could be.
fn begun(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let pairing = active_pairing(app, who).await;
        let campaign_id = app.bureau().get(&pairing.path).await.is(200)["campaign_id"].clone();
        Target { body: case(&pairing.id, campaign_id.as_str().expect("an id")), ..pairing }
    })
}

fn nominated(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let target = begun(app, who).await;
        app.organisation_a().post("/cases", target.body).await.is(201).into()
    })
}

fn published(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let made = app.organisation_a().post("/cases", begun(app, who).await.body).await.is(201);
        let now = go_public(app, &made).await;
        Target { etag: Some(now.etag()), ..Target::at(made.path()) }
    })
}

fn taken_up(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let case = published(app, who).await;
        app.as_(OrganisationB).post("/case-uptakes", uptake(&case.id)).await.is(201).into()
    })
}

both_databases!(a_case_is_nominated_selected_published_and_taken_down, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let (bureau, organisation) = (app.bureau(), app.organisation_a());
    let made = nominate(app, OrganisationA, &pairing).await;
    let to = |action: &str| format!("{}/{action}", made.path());
    assert_eq!((&made["state"], &made["nominated_by"]), (&json!("nominated"), &json!("organisation")));
    assert_eq!((&made["area_name"], &made["town_name"]), (&json!("永湖村委会"), &json!("东石镇")));
    assert_eq!(waiting(&bureau).await.get("select_cases"), Some(&1));
    bureau.post(&to("select"), json!({})).await.fault("/note", "required");
    bureau.post(&to("publish"), json!({ "people_shown": "nobody" })).await.refused(IllegalStep);
    organisation.post(&to("select"), json!({ "note": "我们很好" })).await.refused(Forbidden);

    // What is returned is mended by whoever nominated it, and comes again.
    bureau.post(&to("return"), json!({ "note": "成效请写具体" })).await.is(200);
    assert_eq!(waiting(&organisation).await.get("mend_cases"), Some(&1));
    assert_eq!(waiting(&app.town_a()).await.get("mend_cases"), None);
    let now = organisation.get(&made.path()).await.is(200);
    assert_eq!((&now["reason"], &now["allowed_actions"]), (&json!("成效请写具体"), &json!(["nominate"])));
    organisation.patch(&made.path(), json!({ "effect": "装灯三十二盏。" })).if_match(&now.etag()).await.is(200);
    organisation.post(&to("nominate"), json!({})).await.is(200);

    bureau
        .post(&to("select"), json!({ "note": "有代表性", "people_shown": "nobody" }))
        .await
        .fault("/people_shown", "not_for_step");
    bureau.post(&to("select"), json!({ "note": "有代表性" })).await.is(200);
    assert_eq!(waiting(&bureau).await.get("publish_cases"), Some(&1));
    organisation.patch(&made.path(), json!({ "effect": "别的" })).if_match("*").await.refused(IllegalStep);
    // 出现的人同意: who says so, and when, is kept.
    bureau.post(&to("publish"), json!({})).await.fault("/people_shown", "required");
    let out = bureau.post(&to("publish"), json!({ "people_shown": "all_agreed" })).await.is(200);
    assert_eq!((&out["published_on"], &out["reason"]), (&json!("2020-04-20"), &json!("有代表性")));
    assert_eq!((&out["people_shown"], &out["shown_confirmed_by"]), (&json!("all_agreed"), &json!("Bureau")));
    assert!(out["shown_confirmed_at"].is_string());
    bureau.patch(&made.path(), json!({ "effect": "别的" })).if_match("*").await.refused(IllegalStep);

    bureau.post(&to("unpublish"), json!({})).await.fault("/note", "required");
    let down = bureau.post(&to("unpublish"), json!({ "note": "有人收回同意" })).await.is(200);
    assert_eq!(
        (&down["state"], &down["shown_confirmed_by"], &down["people_shown"]),
        (&json!("unpublished"), &Value::Null, &Value::Null)
    );
    bureau.post(&to("publish"), json!({})).await.fault("/people_shown", "required");
    let again = bureau.post(&to("publish"), json!({ "people_shown": "nobody" })).await.is(200);
    assert_eq!(again["published_on"], "2020-04-20");
    let history = organisation.get(&format!("{}/history?limit=50", made.path())).await.is(200);
    let actions: Vec<_> = history.items().iter().map(|event| event["action"].as_str().expect("an action")).collect();
    let all = ["publish", "unpublish", "publish", "select", "nominate", "update", "return", "create"];
    assert_eq!(actions, all);
    assert!(history.items()[1].to_string().contains("有人收回同意"));
});

both_databases!(a_published_case_is_read_by_everybody_and_others_by_their_own_sides, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let made = nominate(app, TownA, &pairing).await;
    for published in [false, true] {
        if published {
            go_public(app, &made).await;
        }
        for who in Who::ALL {
            let exists = who != OtherBureau && (published || READERS.contains(&who));
            let list = app.as_(who).get("/cases?q=ldzlhjl").await.is(200);
            let read = app.as_(who).get(&made.path()).await;
            assert_eq!(
                (list["total"].as_u64(), read.status),
                (Some(exists.into()), if exists { 200 } else { 404 }),
                "{who:?}, {published}"
            );
            assert_eq!(read["editable"] == true, !published && NOMINATORS.contains(&who), "{who:?}, {published}");
        }
    }
});

both_databases!(of_those_who_select_or_publish_at_once_one_does, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let made = nominate(app, OrganisationA, &pairing).await;
    let bureau = app.bureau();
    for (action, body) in [("select", json!({ "note": "有代表性" })), ("publish", json!({ "people_shown": "nobody" }))] {
        let path = format!("{}/{action}", made.path());
        let (won, lost) = at_once((0..6).map(|_| bureau.post(&path, body.clone()))).await;
        assert_eq!((won.len(), lost.len()), (1, 5), "{action}");
        lost.into_iter().for_each(|answer| drop(answer.refused(IllegalStep)));
    }
    let history = bureau.get(&format!("{}/history", made.path())).await.is(200);
    assert_eq!(history.items().len(), 3);
});

both_databases!(what_is_published_names_no_family, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    let file = with(household(VILLAGE_A, 1), "/phone", json!("0595-85660137"));
    app.village_a().post("/households", with(file, "/members/1/name", json!("王二"))).await.is(201);
    app.as_(VillageB).post("/households", with(household(VILLAGE_B, 3), "/members/0/name", json!("陈满仓"))).await.is(201);
    let body = case(&pairing.id(), &campaign_id);
    for (pointer, words, code) in [
        ("/title", "许清水家的路灯", "names_family"),
        ("/summary", "联系许 清 水一家", "names_family"),
        ("/background", "户主许清水，已住院", "names_family"),
        // Where words only may name somebody, a person would decide; of what everybody reads nobody does.
        ("/practice", "村里王二很勤快", "names_family"),
        ("/effect", "回访电话 0595 8566 0137", "names_family"),
        ("/why_it_works", "账号6217001850012345678收款", "names_family"),
        ("/what_it_needs", "联系13805950137", "personal_number"),
    ] {
        for who in NOMINATORS {
            let refused = app.as_(*who).post("/cases", with(body.clone(), pointer, json!(words))).await;
            let refused = refused.fault(pointer, code);
            assert!(!refused["errors"].to_string().contains("许"), "{pointer}");
            // No header lets it pass.
            let call = app.as_(*who).post("/cases", with(body.clone(), pointer, json!(words)));
            call.header("Not-Personal", pointer).await.fault(pointer, code);
        }
    }
    // Families of other villages are strangers.
    let made = app.organisation_a().post("/cases", with(body, "/effect", json!("陈满仓"))).await.is(201);
    app.organisation_a()
        .patch(&made.path(), json!({ "effect": "许清水已出院" }))
        .if_match("*")
        .await
        .fault("/effect", "names_family");
    app.bureau().post(&format!("{}/select", made.path()), json!({ "note": "许清水很满意" })).await.fault("/note", "names_family");

    // Also a family that has come to the village since.
    app.bureau().post(&format!("{}/select", made.path()), json!({ "note": "有代表性" })).await.is(200);
    let come = with(household(VILLAGE_A, 5), "/members/0/name", json!("陈满仓"));
    app.village_a().post("/households", with(come, "/not_a_double", json!(true))).await.is(201);
    let publish = format!("{}/publish", made.path());
    app.bureau().post(&publish, json!({ "people_shown": "nobody" })).await.refused(NamesFamily);
    app.bureau().patch(&made.path(), json!({ "effect": "装灯三十盏" })).if_match("*").await.is(200);
    app.bureau().post(&publish, json!({ "people_shown": "nobody" })).await.is(200);

    // A good practice of an organisation names nobody of the villages that it is paired with, nor does what is said of an uptake.
    let of_all = with(practice(&campaign_id), "/practice", json!("看望许清水一家"));
    app.organisation_a().post("/cases", of_all).await.fault("/practice", "names_family");
    let words = with(uptake(&made.id()), "/words", json!("看望陈满仓"));
    app.as_(VillageB).post("/case-uptakes", words).await.fault("/words", "names_family");
    let traced = app.number("SELECT COUNT(*) FROM audit_events WHERE action = 'name_family'").await;
    assert!(traced > 20, "each refusal leaves a trace: {traced}");
});

both_databases!(an_organisation_cannot_try_names_until_one_fits, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let body = case(&pairing.id(), pairing["campaign_id"].as_str().expect("an id"));
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let guess = with(body, "/effect", json!("许清水已出院"));
    for _ in 0..20 {
        app.organisation_a().post("/cases", guess.clone()).await.fault("/effect", "names_family");
    }
    app.organisation_a().post("/cases", guess.clone()).await.refused(TooManyRequests);
    app.town_a().post("/cases", guess).await.fault("/effect", "names_family");
});

both_databases!(a_case_is_whole_and_of_a_pairing_that_has_begun, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    let organisation = app.organisation_a();
    let body = case(&pairing.id(), &campaign_id);
    for field in ["/pairing_id", "/summary", "/background", "/effect"] {
        organisation.post("/cases", with(body.clone(), field, Value::Null)).await.fault(field, "required");
    }
    let other = app.project(with(campaign(), "/document_number", json!("晋政民〔2020〕77号"))).await;
    organisation
        .post("/cases", with(body.clone(), "/project_id", json!(other.id())))
        .await
        .fault("/project_id", "not_of_pairing_project");
    let another = app.bureau().get(&format!("/pairings/{}", other["pairing_id"].as_str().expect("an id"))).await.is(200);
    organisation.post("/cases", with(body.clone(), "/pairing_id", json!(another.id()))).await.fault("/pairing_id", "unknown");
    let own = organisation.post("/projects", project(&pairing.id())).await.is(201);
    let made = organisation.post("/cases", with(body.clone(), "/project_id", json!(own.id()))).await.is(201);
    assert_eq!(made["project_title"], own["title"]);
    for (pointer, value) in
        [("/kind", json!("practice")), ("/campaign_id", json!(uuid::Uuid::nil())), ("/pairing_id", json!(other.id()))]
    {
        let patch = with(json!({}), pointer, value);
        organisation.patch(&made.path(), patch).if_match("*").await.fault(pointer, "fixed");
    }
    organisation.patch(&made.path(), json!({ "summary": null })).if_match("*").await.fault("/summary", "required");

    // Nothing is told of families that an organisation stands by, nor of pairings that nobody has confirmed.
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let helped = app.helps(&campaign_id, &family.id()).await;
    organisation.post("/cases", with(body.clone(), "/pairing_id", json!(helped.id()))).await.fault("/pairing_id", "unknown");
    let early = app.proposed(with(campaign(), "/document_number", json!("晋政民〔2020〕78号"))).await;
    let early = case(&early.id(), early["campaign_id"].as_str().expect("an id"));
    organisation.post("/cases", early).await.refused(PairingNotConfirmed);

    // A good practice needs no pairing, and belongs to whoever has found it.
    let found = app.town_a().post("/cases", practice(&campaign_id)).await.is(201);
    assert_eq!((&found["area_name"], &found["organisation_name"]), (&json!("东石镇"), &Value::Null));
    app.village_a().get(&found.path()).await.refused(NotFound);
    app.town_b().get(&found.path()).await.refused(NotFound);
    let theirs = organisation.post("/cases", practice(&campaign_id)).await.is(201);
    assert_eq!(theirs["organisation_id"], json!(app.world.organisation_a));
});

both_databases!(a_case_is_taken_up_once_by_each_and_counted, async |app| {
    let (first, second) = app.both_active(campaign(), "2020-04-18").await;
    let made = publish(app, &first).await;
    let (village, organisation, town) = (app.as_(VillageB), app.as_(OrganisationB), app.town_b());
    for (client, pointer, value, code) in [
        (&village, "/taken_on", json!("2020-04-21"), "future"),
        (&village, "/taken_on", json!("2020-04-19"), "before_publication"),
        (&village, "/case_id", json!(uuid::Uuid::nil()), "unknown"),
        (&village, "/pairing_id", json!(first.id()), "unknown"),
        (&town, "/pairing_id", Value::Null, "required"),
        (&app.village_a(), "/case_id", json!(made.id()), "own_case"),
        (&app.organisation_a(), "/pairing_id", Value::Null, "own_case"),
    ] {
        let pointer_of_fault = if code == "own_case" { "/case_id" } else { pointer };
        client.post("/case-uptakes", with(uptake(&made.id()), pointer, value)).await.fault(pointer_of_fault, code);
    }
    let by_pairing = with(uptake(&made.id()), "/pairing_id", json!(second.id()));
    app.organisation_a()
        .post("/case-uptakes", with(uptake(&made.id()), "/pairing_id", json!(first.id())))
        .await
        .fault("/case_id", "own_case");
    // Each at once from several sides: the database lets one in.
    for (clients, body) in [
        (vec![&village, &organisation, &town], by_pairing.clone()),
        (vec![&village], uptake(&made.id())),
        (vec![&organisation], uptake(&made.id())),
    ] {
        let (won, lost) = at_once((0..6).map(|n| clients[n % clients.len()].post("/case-uptakes", body.clone()))).await;
        assert_eq!((won.len(), lost.len()), (1, 5));
        lost.into_iter().for_each(|answer| drop(answer.refused(UptakeExists)));
    }
    let case = app.as_(Cadre).get(&made.path()).await.is(200);
    assert_eq!(case["uptakes"], 3);
    let found = app.as_(Cadre).get(&format!("/case-uptakes?case_id={}&sort=-updated_at", made.id())).await.is(200);
    assert_eq!(found["total"], case["uptakes"]);
    assert_eq!(app.bureau().get("/cases?taken_up=true").await.is(200)["total"], 1);
    assert_eq!(app.bureau().get("/cases?taken_up=false").await.is(200)["total"], 0);
    for (query, total) in
        [(format!("within={VILLAGE_B}"), 2), (format!("pairing_id={}", second.id()), 1), ("q=yhcwh".to_owned(), 0)]
    {
        assert_eq!(app.bureau().get(&format!("/case-uptakes?{query}")).await.is(200)["total"], total, "{query}");
    }
    let own = found.items().iter().find(|one| one["organisation_id"].is_null()).expect("that of the village alone");
    let path = format!("/case-uptakes/{}", own["id"].as_str().expect("an id"));
    organisation.patch(&path, json!({ "words": "装好了" })).if_match("*").await.refused(OutsideOwnScope);
    let now = village.get(&path).await.is(200);
    village.patch(&path, json!({ "words": "装好了" })).if_match(&now.etag()).await.is(200);
    village.patch(&path, json!({ "words": "再装" })).if_match(&now.etag()).await.refused(StaleVersion);
    village.patch(&path, json!({ "case_id": uuid::Uuid::nil() })).if_match("*").await.fault("/case_id", "fixed");

    // With the case vanishes who has taken it up, but for its own sides; and nobody takes it up any more.
    app.bureau().post(&format!("{}/unpublish", made.path()), json!({ "note": "有人收回同意" })).await.is(200);
    village.get(&path).await.refused(NotFound);
    village.post("/case-uptakes", uptake(&made.id())).await.fault("/case_id", "unknown");
    app.town_a().post("/case-uptakes", uptake(&made.id())).await.fault("/case_id", "case_not_published");
});

both_databases!(the_library_is_found_by_goal_industry_town_and_initials, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let case = publish(app, &pairing).await;
    let found = app.bureau().post("/cases", practice(pairing["campaign_id"].as_str().expect("an id"))).await.is(201);
    go_public(app, &found).await;
    let ids = async |query: &str| {
        let list = app.as_(VillageB).get(&format!("/cases?{query}")).await.is(200);
        list.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    for query in [
        "kind=case".to_owned(),
        "goal=infrastructure".to_owned(),
        "industry=agriculture".to_owned(),
        format!("within={TOWN_A}"),
        "q=ldzlhjl".to_owned(),
        "q=永湖".to_owned(),
        "q=慈善总会".to_owned(),
        format!("pairing_id={}", pairing.id()),
        format!("organisation_id={}", app.world.organisation_a),
    ] {
        assert_eq!(ids(&query).await, [case.id()], "{query}");
    }
    for query in ["kind=practice", "goal=employment", "q=ycyzygb", "q=用工"] {
        assert_eq!(ids(query).await, [found.id()], "{query}");
    }
    assert_eq!(ids("sort=title").await, [case.id(), found.id()]);
    app.statements.take();
    ids("goal=infrastructure").await;
    assert!(app.statements.take().len() <= 3, "who calls, the page, the total");
});
