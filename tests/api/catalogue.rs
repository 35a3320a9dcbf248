//! The catalogue of needs and offers: who writes and reads it, what projects take of it, and how it goes out and comes in.

use std::future::IntoFuture;

use baishe::startup;
use contract::ErrorCode::*;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, Upload, next_campaign, op};
use super::campaigns::campaign_just_opened;
use super::projects::{CONSENTS, reasons, steps};
use super::races::at_once;
use super::reimports::edited;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Those who may read a draft of village A, and those of them who keep it.
const READERS: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, Auditor];
const KEEPERS: &[Who] = &[Bureau, TownA, VillageA];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_catalogue_entries"),
        op("export_catalogue_entries"),
        op("read_catalogue_booklet"),
        op("read_catalogue_template"),
        op("import_catalogue_entries")
            .on(campaign_with_number)
            .upload(entries_workbook)
            .only(&[Bureau, TownA])
            .or(ValidationFailed)
            .foreign(ValidationFailed),
        op("create_catalogue_entry")
            .on(campaign_just_opened)
            .body(|_, campaign| need(&campaign.id))
            .only(KEEPERS)
            .foreign(ValidationFailed),
        op("read_catalogue_entry").on(draft).only(READERS).or(NotFound),
        op("list_catalogue_entry_history").on(draft).only(READERS).or(NotFound),
        op("read_catalogue_entry_commitments").on(draft).only(READERS).or(NotFound),
        op("update_catalogue_entry").on(draft).body(|_, _| json!({ "quantity": 40 })).only(KEEPERS).or(NotFound),
        op("step_catalogue_entry").on(draft).step("publish").reasons().only(KEEPERS).or(NotFound),
        op("step_catalogue_entry").on(published).step("withdraw").reasons().only(KEEPERS),
        op("step_catalogue_entry").on(published).step("fulfil").reasons().only(&[]).or(Forbidden),
    ],
    example: |app| {
        Box::pin(async {
            let campaign = app.bureau().post("/campaigns", next_campaign()).await.is(201);
            publish(app, VillageA, need(&campaign.id())).await;
        })
    },
    pages: &[
        ("bureau", "/catalogue-entries"),
        ("bureau", "/catalogue-entries/new"),
        ("bureau", "/catalogue-entries/import"),
        ("bureau", "/catalogue-entries/booklet"),
        ("bureau", "/catalogue-entries/{}"),
        ("bureau", "/catalogue-entries/{}/edit"),
        ("village", "/catalogue-entries"),
        ("organisation", "/catalogue-entries"),
    ],
    walked: &["/catalogue-entries?sort=-updated_at", "/catalogue-entries?sort=title", "/catalogue-entries?sort=-quantity"],
};

/// A need of village A: the hall where people meet.
pub fn need(campaign_id: &str) -> Value {
    json!({
        "campaign_id": campaign_id, "village_code": VILLAGE_A, "title": "村民活动中心修缮", "goal": "infrastructure",
        "kind": "construction", "for_group": "empty_nest_elderly", "description": "屋面渗漏，老人雨天无处活动",
        "quantity": 10, "quantity_unit": "间", "amount_fen": 8_000_000, "from_month": "2020-05", "to_month": "2020-09",
        "urgency": "soon", "place": "永湖村祠堂旁", "contact_name": "吴建设", "contact_phone": "0595-85660137",
    })
}

/// An offer of organisation A.
pub fn offer(app: &TestApp, campaign_id: &str) -> Value {
    json!({
        "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "title": "会员企业订单收购",
        "goal": "collective_economy", "kind": "sales", "description": "按订单收购农产品", "quantity": 1, "quantity_unit": "批",
        "urgency": "normal",
    })
}

/// A published entry.
pub async fn publish(app: &TestApp, who: Who, entry: Value) -> Answer {
    let made = app.as_(who).post("/catalogue-entries", entry).await.is(201);
    app.as_(who).post(&format!("{}/publish", made.path()), json!({})).await.is(200);
    made
}

fn draft(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = campaign_just_opened(app, who).await;
        app.village_a().post("/catalogue-entries", need(&campaign.id)).await.is(201).into()
    })
}

fn published(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = campaign_just_opened(app, who).await;
        publish(app, VillageA, need(&campaign.id)).await.into()
    })
}

fn campaign_with_number(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let campaign = app.bureau().post("/campaigns", next_campaign()).await.is(201);
        Target { body: json!({ "document_number": campaign["document_number"] }), ..Target::from(campaign) }
    })
}

/// The columns of a workbook of new entries.
pub const COLUMNS: &[&str] =
    &["标题", "文号", "村（社区）代码", "统一社会信用代码", "目标", "类别", "说明", "数量", "计量单位", "紧急程度"];

fn entries_workbook(campaign: &Target) -> Upload {
    let number = campaign.body["document_number"].as_str().expect("a number");
    let row = ["村道路灯", number, VILLAGE_A, "", "基础设施", "设施建设", "夜间无照明", "30", "盏", "较急"];
    (vec![], XLSX, workbook(&[("供需目录", &[COLUMNS, &row])]))
}

async fn read(app: &TestApp, entry: &Answer) -> Answer {
    app.bureau().get(&entry.path()).await.is(200)
}

/// Asked for, committed, fulfilled and remaining.
pub fn amounts(entry: &Answer) -> [i64; 4] {
    let amount = |name: &str| entry[name].as_i64().expect("an amount");
    let amounts = ["requested", "committed", "fulfilled", "remaining"].map(amount);
    assert_eq!(amounts.iter().sum::<i64>(), amount("quantity"), "{}", entry.body);
    amounts
}

fn taking(pairing: &Answer, entry: &Answer, quantity: i64) -> Value {
    with(project(&pairing.id()), "/commitments", json!([{ "entry_id": entry.id(), "quantity": quantity }]))
}

/// Lets a project run.
async fn approved(app: &TestApp, project: &Answer) {
    let first = app.organisation_a().post("/tasks", task(&project.id())).await.is(201);
    steps(app, project, CONSENTS).await;
    steps(app, project, &[(TownA, "submit"), (Bureau, "approve"), (VillageA, "start")]).await;
    app.organisation_a().post(&format!("{}/finish", first.path()), json!({})).await.is(200);
}

both_databases!(what_projects_take_of_a_need_is_counted_once_and_given_back, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    let entry = publish(app, VillageA, need(campaign_id)).await;
    let (organisation, withdraw) = (app.organisation_a(), format!("{}/withdraw", entry.path()));
    assert_eq!(amounts(&read(app, &entry).await), [0, 0, 0, 10]);

    let first = organisation.post("/projects", taking(&pairing, &entry, 4)).await.is(201);
    assert_eq!((&first["catalogue"][0]["title"], &first["catalogue"][0]["quantity"]), (&json!("村民活动中心修缮"), &json!(4)));
    assert_eq!(amounts(&read(app, &entry).await), [4, 0, 0, 6]);
    organisation.post("/projects", taking(&pairing, &entry, 7)).await.fault("/commitments/0/quantity", "exceeds_remaining");
    let second = organisation.post("/projects", taking(&pairing, &entry, 6)).await.is(201);
    assert_eq!(amounts(&read(app, &entry).await), [10, 0, 0, 0]);
    let listed = app.bureau().get(&format!("/projects?catalogue_entry_id={}", entry.id())).await.is(200);
    assert_eq!(listed["total"], 2);
    app.village_a().post(&withdraw, reasons()).await.refused(EntryCommitted);

    // A plan that takes another amount is another plan.
    steps(app, &first, CONSENTS).await;
    let now = organisation.get(&first.path()).await.is(200);
    let less = json!({ "commitments": [{ "entry_id": entry.id(), "quantity": 3 }] });
    let changed = organisation.patch(&first.path(), less).if_match(&now.etag()).await.is(200);
    assert!(changed["village_consented_at"].is_null() && changed["organisation_consented_at"].is_string());
    let history = organisation.get(&format!("{}/history", first.path())).await.is(200);
    assert!(history.items()[0]["changes"].to_string().contains("commitments"));
    assert_eq!(amounts(&read(app, &entry).await), [9, 0, 0, 1]);
    // Of a thing that projects take, the quantity stays at least that, and is counted in the same way.
    let entry_now = read(app, &entry).await;
    let patch = async |change: Value| app.village_a().patch(&entry.path(), change).if_match(&entry_now.etag()).await;
    patch(json!({ "quantity": 8 })).await.fault("/quantity", "below_committed");
    patch(json!({ "quantity_unit": "处" })).await.fault("/quantity_unit", "fixed");
    patch(json!({ "quantity": 9 })).await.is(200);

    app.organisation_a().post(&format!("{}/consent", first.path()), json!({})).await.refused(IllegalStep);
    app.organisation_a().post("/tasks", task(&first.id())).await.is(201);
    steps(app, &first, &CONSENTS[1..]).await;
    steps(app, &first, &[(TownA, "submit"), (Bureau, "approve")]).await;
    assert_eq!(amounts(&read(app, &entry).await), [6, 3, 0, 0]);
    steps(app, &first, &[(Bureau, "cancel")]).await;
    assert_eq!(amounts(&read(app, &entry).await), [6, 0, 0, 3]);

    // All of it is fulfilled by two projects one after the other, and no longer when one of them is returned.
    approved(app, &second).await;
    steps(app, &second, &[(OrganisationA, "complete")]).await;
    let partly = read(app, &entry).await;
    assert_eq!((amounts(&partly), &partly["state"]), ([0, 0, 6, 3], &json!("published")), "something remains");
    let third = organisation.post("/projects", taking(&pairing, &entry, 3)).await.is(201);
    approved(app, &third).await;
    steps(app, &third, &[(OrganisationA, "complete")]).await;
    let whole = read(app, &entry).await;
    assert_eq!((amounts(&whole), &whole["state"]), ([0, 0, 9, 0], &json!("fulfilled")));
    assert_eq!((&whole["editable"], &whole["allowed_actions"]), (&json!(false), &json!([])));
    steps(app, &third, &[(Bureau, "return")]).await;
    let again = read(app, &entry).await;
    assert_eq!((amounts(&again), &again["state"]), ([0, 3, 6, 0], &json!("published")));
    app.village_a().post(&withdraw, reasons()).await.refused(EntryCommitted);
    steps(app, &third, &[(Bureau, "cancel")]).await;
    // What was fulfilled stays so, and the rest is withdrawn.
    let withdrawn = app.village_a().post(&withdraw, reasons()).await.is(200);
    assert_eq!((amounts(&withdrawn), &withdrawn["state"]), ([0, 0, 6, 3], &json!("withdrawn")));
    let history = app.village_a().get(&format!("{}/history?limit=50", entry.path())).await.is(200);
    let actions: Vec<_> = history.items().iter().map(|event| event["action"].as_str().expect("an action")).collect();
    assert_eq!(actions, ["withdraw", "unfulfil", "fulfil", "update", "publish", "create"]);
});

both_databases!(a_project_takes_of_its_own_two_sides_what_they_have_published, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    let own = app.village_a().post("/catalogue-entries", need(campaign_id)).await.is(201);
    let of_neighbour = publish(app, VillageB, with(need(campaign_id), "/village_code", json!(VILLAGE_B))).await;
    let last_year = app.bureau().post("/campaigns", next_campaign()).await.is(201);
    let of_last_year = publish(app, VillageA, need(&last_year.id())).await;
    let at = "/commitments/0/entry_id";
    let organisation = app.organisation_a();
    // A draft does not exist for the other side, and is nothing yet for one's own.
    organisation.post("/projects", taking(&pairing, &own, 1)).await.fault(at, "unknown");
    app.village_a().post("/projects", taking(&pairing, &own, 1)).await.fault(at, "not_published");
    for other in [&of_neighbour, &of_last_year] {
        organisation.post("/projects", taking(&pairing, other, 1)).await.fault(at, "not_of_pairing");
    }
    app.village_a().post(&format!("{}/publish", own.path()), json!({})).await.is(200);
    let twice = json!([{ "entry_id": own.id(), "quantity": 1 }, { "entry_id": own.id(), "quantity": 1 }]);
    let twice = with(project(&pairing.id()), "/commitments", twice);
    organisation.post("/projects", twice).await.fault("/commitments/1/entry_id", "duplicate");
    organisation.post("/projects", taking(&pairing, &own, 1)).await.is(201);
});

both_databases!(the_last_of_an_offer_goes_to_one_of_those_who_ask_at_once, async |app| {
    let drafts = app.four_drafts().await;
    let campaign_id = drafts[0]["campaign_id"].as_str().expect("an id");
    let entry = publish(app, OrganisationA, offer(app, campaign_id)).await;
    // The first two agreements are of organisation A.
    let projects = [&drafts[0], &drafts[1]].map(|draft| {
        let taken = json!([{ "entry_id": entry.id(), "quantity": 1 }]);
        with(project(draft["pairing_id"].as_str().expect("an id")), "/commitments", taken)
    });
    let organisation = app.organisation_a();
    let (won, lost) = at_once((0..8).map(|n| organisation.post("/projects", projects[n % 2].clone()))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    lost.into_iter().for_each(|answer| drop(answer.fault("/commitments/0/quantity", "exceeds_remaining")));
    assert_eq!(amounts(&read(app, &entry).await), [1, 0, 0, 0]);
});

both_databases!(a_similar_entry_is_looked_at_before_there_is_a_second_one, async |app| {
    let campaign = app.open_campaign().await;
    let (village, town) = (app.village_a(), app.town_a());
    let first = village.post("/catalogue-entries", need(&campaign.id())).await.is(201);
    let other = with(need(&campaign.id()), "/title", json!("老人活动室翻修"));
    for client in [&village, &town] {
        let refused = client.post("/catalogue-entries", other.clone()).await.refused(LikelyDouble);
        let double = &refused["likely_doubles"][0];
        assert_eq!((&double["path"], &double["name"]), (&json!(first.path()), &json!("村民活动中心修缮")));
    }
    let second = village.post("/catalogue-entries", with(other.clone(), "/not_a_double", json!(true))).await.is(201);
    assert!(second["not_a_double"].is_null());
    let history = village.get(&format!("{}/history", second.path())).await.is(200);
    assert!(history.items()[0]["changes"].to_string().contains("not_a_double"), "who has said so stands in the history");
    // Of another kind it is another need, until it becomes of the same.
    let goods = village.post("/catalogue-entries", with(other, "/kind", json!("goods"))).await.is(201);
    let patch = |change: Value| village.patch(&goods.path(), change).if_match(&goods.etag());
    patch(json!({ "kind": "construction" })).await.refused(LikelyDouble);
    patch(json!({ "kind": "construction", "not_a_double": true })).await.is(200);
    // What was withdrawn is no obstacle.
    for made in [&first, &second, &goods] {
        village.post(&format!("{}/withdraw", made.path()), reasons()).await.is(200);
    }
    village.post("/catalogue-entries", need(&campaign.id())).await.is(201);
});

both_databases!(of_those_who_enter_the_same_at_once_one_does, async |app| {
    let campaign = app.open_campaign().await;
    let clients = [app.village_a(), app.town_a()];
    let needs = (0..8).map(|n| clients[n % 2].post("/catalogue-entries", need(&campaign.id())));
    let (won, lost) = at_once(needs).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    lost.into_iter().for_each(|answer| drop(answer.refused(LikelyDouble)));
    let bodies = offer(app, &campaign.id());
    let organisation = app.organisation_a();
    let (won, lost) = at_once((0..8).map(|_| organisation.post("/catalogue-entries", bodies.clone()))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
});

both_databases!(what_is_published_is_read_by_all_of_the_county_and_drafts_by_their_keepers, async |app| {
    let campaign = app.open_campaign().await;
    let need = app.village_a().post("/catalogue-entries", need(&campaign.id())).await.is(201);
    let offered = app.organisation_a().post("/catalogue-entries", offer(app, &campaign.id())).await.is(201);
    assert_eq!((&need["side"], &offered["side"]), (&json!("need"), &json!("offer")));
    assert_eq!((&need["name"], &need["town_name"]), (&json!("永湖村委会"), &json!("东石镇")));
    for published in [false, true] {
        for (entry, keepers) in [(&need, &[VillageA, TownA, Bureau][..]), (&offered, &[OrganisationA, Bureau])] {
            for who in [VillageA, VillageB, TownA, TownB, OrganisationA, OrganisationB, Bureau, OtherBureau] {
                let exists = keepers.contains(&who) || published && who != OtherBureau;
                let list = app.as_(who).get("/catalogue-entries").await.is(200);
                let listed = list.items().iter().any(|item| item["id"] == entry["id"]);
                let read = app.as_(who).get(&entry.path()).await;
                assert_eq!((listed, read.status), (exists, if exists { 200 } else { 404 }), "{who:?}, {published}");
                assert_eq!(read["editable"] == true, keepers.contains(&who), "{who:?}, {published}");
            }
            if !published {
                app.bureau().post(&format!("{}/publish", entry.path()), json!({})).await.is(200);
            }
        }
    }
});

both_databases!(the_catalogue_names_no_family, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let bodies = [(VillageA, need(&campaign_id)), (OrganisationA, offer(app, &campaign_id))];
    for (who, body) in &bodies {
        for (pointer, words) in [("/title", "为许清水送药"), ("/description", "困难户许 清水家屋顶漏雨"), ("/place", "许清水家")]
        {
            let refused = app.as_(*who).post("/catalogue-entries", with(body.clone(), pointer, json!(words))).await;
            refused.fault(pointer, "names_family");
        }
        let draft = app.as_(*who).post("/catalogue-entries", body.clone()).await.is(201);
        let named = json!({ "description": "许清水家" });
        app.as_(*who).patch(&draft.path(), named).if_match("*").await.fault("/description", "names_family");
    }
    // Also a family that has come to the village since.
    let drafts = app.bureau().get("/catalogue-entries?state=draft").await.is(200);
    for draft in drafts.items() {
        let path = format!("/catalogue-entries/{}", draft["id"].as_str().expect("an id"));
        app.bureau().patch(&path, json!({ "description": "村口路灯由陈满仓看管" })).if_match("*").await.is(200);
    }
    app.village_a().post("/households", with(household(VILLAGE_A, 5), "/members/0/name", json!("陈满仓"))).await.is(201);
    for draft in drafts.items() {
        let path = format!("/catalogue-entries/{}/publish", draft["id"].as_str().expect("an id"));
        app.bureau().post(&path, json!({})).await.refused(NamesFamily);
    }
    // A workbook is no way around it.
    let exported = app.bureau().get("/catalogue-entries/export").await.is(200);
    let book = edited(&exported.bytes, &[("供需目录", 1, "说明", "困难户许清水"), ("供需目录", 2, "说明", "困难户许清水")]);
    let told = import(&app.bureau(), "/catalogue-entries/import?dry_run=true", &book).await.is(200);
    let codes: Vec<_> = told["errors"].as_array().expect("faults").iter().map(|fault| fault["code"].clone()).collect();
    assert_eq!(codes, ["names_family", "names_family"]);
});

both_databases!(an_entry_of_which_nothing_remains_comes_back_as_fulfilled, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    let entry = publish(app, VillageA, need(campaign_id)).await;
    let made = app.organisation_a().post("/projects", taking(&pairing, &entry, 4)).await.is(201);
    approved(app, &made).await;
    steps(app, &made, &[(OrganisationA, "complete")]).await;
    let step = async |action: &str| app.village_a().post(&format!("{}/{action}", entry.path()), reasons()).await.is(200);
    step("withdraw").await;
    step("reopen").await;
    app.village_a().patch(&entry.path(), json!({ "quantity": 4 })).if_match("*").await.is(200);
    let back = step("publish").await;
    assert_eq!((amounts(&back), &back["state"]), ([0, 0, 4, 0], &json!("fulfilled")));
});

both_databases!(a_town_reads_offers_and_writes_none, async |app| {
    let campaign = app.open_campaign().await;
    let body = offer(app, &campaign.id());
    app.town_a().post("/catalogue-entries", body.clone()).await.refused(OutsideOwnScope);
    let offered = publish(app, OrganisationA, body).await;
    assert_eq!(app.town_a().get(&offered.path()).await.is(200)["editable"], false);
    app.town_a().patch(&offered.path(), json!({ "quantity": 2 })).if_match("*").await.refused(OutsideOwnScope);
    let why = json!({ "note": "重复" });
    app.town_a().post(&format!("{}/withdraw", offered.path()), why).await.refused(OutsideOwnScope);
});

both_databases!(what_was_withdrawn_is_looked_at_again_before_it_comes_back, async |app| {
    let campaign = app.open_campaign().await;
    let village = app.village_a();
    let first = village.post("/catalogue-entries", need(&campaign.id())).await.is(201);
    village.post(&format!("{}/withdraw", first.path()), json!({ "note": "重复" })).await.is(200);
    village.post("/catalogue-entries", need(&campaign.id())).await.is(201);
    village.post(&format!("{}/reopen", first.path()), json!({})).await.refused(LikelyDouble);
});

both_databases!(an_entry_is_found_by_what_it_is_about_and_by_initials, async |app| {
    let campaign = app.open_campaign().await;
    let need = publish(app, VillageA, need(&campaign.id())).await;
    let offered = publish(app, OrganisationA, offer(app, &campaign.id())).await;
    let found = async |query: &str| {
        let list = app.bureau().get(&format!("/catalogue-entries?{query}")).await.is(200);
        list.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    for query in [
        "q=活动中心",
        "q=cmhdzx",
        "q=yonghu",
        "side=need",
        "kind=construction",
        "goal=infrastructure",
        "for_group=empty_nest_elderly",
        "urgency=soon",
        "state=published&side=need",
        "month=2020-09&side=need",
        &format!("within={VILLAGE_A}"),
    ] {
        assert_eq!(found(query).await, [need.id()], "{query}");
    }
    assert_eq!(found(&format!("organisation_id={}", app.world.organisation_a)).await, [offered.id()]);
    // What names no month is of every month.
    assert_eq!(found("month=2020-10").await, [offered.id()]);
    assert_eq!(found("remains=false").await, [""; 0]);
    assert_eq!(found("remains=true&sort=title").await, [need.id(), offered.id()]);
    assert_eq!(found("sort=quantity").await, [offered.id(), need.id()]);
});

both_databases!(an_entry_expires_with_its_last_month_and_with_its_campaign, async |app| {
    let campaign = app.open_campaign().await;
    let need = publish(app, VillageA, need(&campaign.id())).await;
    let offered = publish(app, OrganisationA, offer(app, &campaign.id())).await;
    let states = async || [read(app, &need).await["state"].clone(), read(app, &offered).await["state"].clone()];
    for (day, expected) in [
        ("2020-09-30", ["published", "published"]),
        ("2020-10-01", ["expired", "published"]),
        ("2020-12-31", ["expired", "published"]),
        ("2021-01-01", ["expired", "expired"]),
    ] {
        app.clock.set(noon(day));
        startup::tidy(&app.app).await;
        assert_eq!(states().await, expected.map(|state| json!(state)), "{day}");
    }
    // It can be drafted again, and is published only while the campaign goes on.
    app.village_a().post(&format!("{}/reopen", need.path()), json!({})).await.is(200);
    app.village_a().post(&format!("{}/publish", need.path()), json!({})).await.refused(OutsidePhase);
    app.village_a().post("/catalogue-entries", self::need(&campaign.id())).await.refused(OutsidePhase);
});

both_databases!(what_contradicts_itself_or_names_people_is_refused, async |app| {
    let campaign = app.open_campaign().await;
    let send = async |body: Value| app.bureau().post("/catalogue-entries", body).await;
    let need = || need(&campaign.id());
    send(with(need(), "/village_code", Value::Null)).await.fault("/organisation_id", "one_of_two");
    send(with(need(), "/organisation_id", json!(app.world.organisation_a))).await.fault("/village_code", "one_of_two");
    for (field, value, code) in [
        ("/quantity", json!(0), "range"),
        ("/to_month", json!("2020-04"), "end_before_start"),
        ("/to_month", json!("2031-01"), "date_outside_campaign"),
        ("/from_month", json!("2019-12"), "date_outside_campaign"),
        ("/title", json!("资助许清水13805950137"), "personal_number"),
        ("/description", json!("身份证350582196503120012"), "personal_number"),
        ("/quantity_unit", json!(""), "length"),
        ("/campaign_id", json!(uuid::Uuid::nil()), "unknown"),
        ("/village_code", json!("350582999999"), "unknown"),
    ] {
        send(with(need(), field, value)).await.fault(field, code);
    }
    let made = send(need()).await.is(201);
    let patch = async |change: Value| app.bureau().patch(&made.path(), change).if_match(&made.etag()).await;
    patch(json!({ "village_code": VILLAGE_B })).await.fault("/village_code", "fixed");
    patch(json!({ "campaign_id": uuid::Uuid::nil() })).await.fault("/campaign_id", "fixed");
    // What is over by now nobody can meet.
    let until_may = with(need(), "/to_month", json!("2020-05"));
    let draft = send(with(until_may.clone(), "/not_a_double", json!(true))).await.is(201);
    app.clock.set(noon("2020-06-10"));
    send(with(until_may, "/not_a_double", json!(true))).await.fault("/to_month", "past");
    app.bureau().post(&format!("{}/publish", draft.path()), json!({})).await.fault("/to_month", "past");
});

both_databases!(what_an_organisation_that_ends_has_offered_ends_with_it, async |app| {
    let campaign = app.open_campaign().await;
    let offered = publish(app, OrganisationA, offer(app, &campaign.id())).await;
    let ends = json!({ "note": "主动申请注销", "ended_on": "2020-04-18" });
    app.bureau().post(&format!("{}/deregister", app.organisation_a_path()), ends).await.is(200);
    let now = read(app, &offered).await;
    assert_eq!(now["state"], "withdrawn");
    app.bureau().post(&format!("{}/reopen", offered.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/publish", offered.path()), json!({})).await.refused(OrganisationEnded);
});

fn import(client: &Client, path: &str, bytes: &[u8]) -> impl Future<Output = Answer> {
    client.upload(path, &[], ("供需目录.xlsx", XLSX, bytes)).into_future()
}

both_databases!(a_workbook_publishes_what_the_survey_found_and_names_every_bad_cell, async |app| {
    let campaign = app.open_campaign().await;
    let number = campaign["document_number"].as_str().expect("a number").to_owned();
    let code = organisation_code(app).await;
    let (code, number) = (code.as_str(), number.as_str());
    let good: &[&[&str]] = &[
        COLUMNS,
        &["村道路灯", number, VILLAGE_A, "", "基础设施", "设施建设", "夜间无照明", "30", "盏", "较急"],
        &["订单收购", number, "", code, "村集体经济", "产销对接", "按订单收购", "3", "批", "一般"],
    ];
    let book = |rows: &[&[&str]]| workbook(&[("供需目录", rows)]);
    let path = "/catalogue-entries/import";
    let tried = import(&app.bureau(), &format!("{path}?dry_run=true"), &book(good)).await.is(200);
    assert_eq!((&tried["created"], &tried["errors"]), (&json!(2), &json!([])));
    assert_eq!(app.bureau().get("/catalogue-entries").await.is(200)["total"], 0);
    assert_eq!(import(&app.bureau(), path, &book(good)).await.is(200)["created"], 2);
    let listed = app.as_(VillageB).get("/catalogue-entries?sort=quantity&state=published").await.is(200);
    let titles: Vec<_> = listed.items().iter().map(|item| item["title"].as_str().expect("a title")).collect();
    assert_eq!(titles, ["订单收购", "村道路灯"]);

    let bad: &[&[&str]] = &[
        COLUMNS,
        &["路灯补装", number, VILLAGE_A, "", "基础设施", "设施建设", "夜间无照明", "5", "盏", "较急"],
        &["两者都填", number, VILLAGE_A, code, "就业", "就业岗位", "岗位", "5", "个", "较急"],
        &["文号不对", "晋政民〔2019〕1号", VILLAGE_A, "", "就业", "就业岗位", "岗位", "5", "个", "较急"],
        &["数量为零", number, VILLAGE_A, "", "创业", "培训", "培训", "0", "场", "较急"],
        &["别镇的村", number, VILLAGE_B, "", "创业", "培训", "培训", "1", "场", "较急"],
        &["代码不对", number, "", &credit_code(77), "创业", "培训", "培训", "1", "场", "较急"],
        &["表内重复", number, VILLAGE_A, "", "就业", "培训", "培训", "1", "场", "较急"],
        &["表内重复", number, VILLAGE_A, "", "就业", "培训", "培训", "2", "场", "较急"],
    ];
    let tried = import(&app.town_a(), &format!("{path}?dry_run=true"), &book(bad)).await.is(200);
    let errors = tried["errors"].as_array().expect("errors").iter();
    let told = |error: &Value| format!("{} {} {}", error["row"], error["field"], error["code"]).replace('"', "");
    let expected = [
        "2 not_a_double similar_entry",
        "3 village_code one_of_two",
        "4 document_number unknown",
        "5 quantity range",
        "6 village_code outside_own_scope",
        "7 credit_code unknown",
        "9 not_a_double similar_entry",
    ];
    assert_eq!(errors.map(told).collect::<Vec<_>>(), expected);
    import(&app.town_a(), path, &book(bad)).await.fault("/catalogue_entries/6/village_code", "outside_own_scope");
    assert_eq!(app.bureau().get("/catalogue-entries").await.is(200)["total"], 2);
});

async fn organisation_code(app: &TestApp) -> String {
    app.bureau().get(&app.organisation_a_path()).await.is(200)["credit_code"].as_str().expect("a code").to_owned()
}

both_databases!(photos_belong_to_those_who_keep_an_entry_and_are_seen_by_all_who_read_it, async |app| {
    let campaign = app.open_campaign().await;
    let entry = publish(app, VillageA, need(&campaign.id())).await;
    let fields = [("object_type", "catalogue_entries"), ("object_id", &*entry.id())];
    let photo = picture(image::ImageFormat::Jpeg);
    let attach = async |who: Who| app.as_(who).upload("/attachments", &fields, ("屋面.jpg", "image/jpeg", &photo)).await;
    attach(VillageA).await.is(201);
    attach(VillageB).await.refused(OutsideOwnScope);
    attach(OrganisationA).await.refused(OutsideOwnScope);
    let files = format!("/attachments?object_type=catalogue_entries&object_id={}", entry.id());
    assert_eq!(app.organisation_a().get(&files).await.is(200)["total"], 1);
    app.as_(OtherBureau).get(&files).await.refused(NotFound);
});
