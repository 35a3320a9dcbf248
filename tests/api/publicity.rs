//! Publicity: who enters it, how it is counted by month and channel, and how it goes out and comes in.

use std::future::IntoFuture;

use contract::CodedEnum;
use contract::ErrorCode::*;
use contract::publicity::Channel;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, Upload, next_campaign, op};
use super::campaigns::campaign_just_opened;
use super::cases;
use super::pairings::active_pairing;
use super::races::at_once;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Those who keep what is entered of pairing A.
const KEEPERS: &[Who] = &[Bureau, TownA, VillageA, OrganisationA];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_publicity_items"),
        op("export_publicity_items"),
        op("read_publicity_template"),
        op("import_publicity_items").on(campaign_with_number).upload(items_workbook).foreign(ValidationFailed),
        op("read_publicity_months")
            .on(campaign_just_opened)
            .query(|campaign| format!("campaign_id={}", campaign.id))
            .foreign(ValidationFailed),
        op("create_publicity_item")
            .on(begun)
            .body(|_, target| target.body.clone())
            .only(KEEPERS)
            .or(ValidationFailed)
            .foreign(ValidationFailed),
        op("read_publicity_item").on(entered),
        op("update_publicity_item").on(entered).body(|_, _| json!({ "reach": 9, "reach_unit": "份" })).only(KEEPERS),
        op("step_publicity_item").on(entered).step("withdraw").reasons().only(KEEPERS),
        op("list_publicity_item_history").on(entered),
    ],
    example: |app| {
        Box::pin(async {
            let campaign = app.bureau().post("/campaigns", next_campaign()).await.is(201);
            app.organisation_a().post("/publicity-items", item(&campaign.id())).await.is(201);
        })
    },
    pages: &[
        ("bureau", "/publicity-items"),
        ("bureau", "/publicity-items/new"),
        ("bureau", "/publicity-items/import"),
        ("bureau", "/publicity-items/{}"),
        ("bureau", "/publicity-items/{}/edit"),
        ("bureau", "/publicity-months"),
        ("town", "/publicity-items"),
        ("town", "/publicity-months"),
        ("village", "/publicity-items"),
        ("village", "/publicity-items/new"),
        ("village", "/publicity-months"),
        ("organisation", "/publicity-items"),
        ("organisation", "/publicity-months"),
        ("leader", "/publicity-items"),
        ("leader", "/publicity-months"),
        ("cadre", "/publicity-items"),
        ("cadre", "/publicity-months"),
        ("institution", "/publicity-items"),
        ("institution", "/publicity-months"),
        ("auditor", "/publicity-items"),
        ("auditor", "/publicity-months"),
        ("admin", "/publicity-items"),
        ("admin", "/publicity-months"),
        ("security", "/publicity-items"),
        ("security", "/publicity-months"),
    ],
    walked: &["/publicity-items?sort=-updated_at", "/publicity-items?sort=-appeared_on", "/publicity-items?sort=title"],
};

/// What a newspaper has written.
pub fn item(campaign_id: &str) -> Value {
    json!({
        "campaign_id": campaign_id, "channel": "newspaper", "feature": "百社解千难专栏", "title": "路灯照亮回家路",
        "outlet": "晋江经济报", "appeared_on": "2020-04-18", "link": "https://www.example.com/news/1", "reach": 12_000, "reach_unit": "份",
    })
}

fn begun(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let pairing = active_pairing(app, who).await;
        let campaign_id = app.bureau().get(&pairing.path).await.is(200)["campaign_id"].clone();
        let body = with(item(campaign_id.as_str().expect("an id")), "/pairing_id", json!(pairing.id));
        Target { body, ..pairing }
    })
}

fn entered(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move { app.organisation_a().post("/publicity-items", begun(app, who).await.body).await.is(201).into() })
}

fn campaign_with_number(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let campaign = app.bureau().post("/campaigns", next_campaign()).await.is(201);
        Target { body: json!({ "document_number": campaign["document_number"] }), ..Target::from(campaign) }
    })
}

const COLUMNS: &[&str] = &["标题", "文号", "渠道", "媒体", "刊播日期", "链接", "覆盖量", "覆盖量单位"];

fn items_workbook(campaign: &Target) -> Upload {
    let number = campaign.body["document_number"].as_str().expect("a number");
    let row = ["商会进村", number, "电视", "晋江电视台", "2020-04-18", "", "", ""];
    (vec![], XLSX, workbook(&[("宣传报道", &[COLUMNS, &row])]))
}

both_databases!(what_has_appeared_is_entered_by_whoever_sees_it_and_counted_by_month_and_channel, async |app| {
    let (first, second) = app.both_active(campaign(), "2020-04-18").await;
    let campaign_id = first["campaign_id"].as_str().expect("an id").to_owned();
    app.clock.set(noon("2020-06-20"));
    let item = |channel: &str, day: &str| with(with(item(&campaign_id), "/channel", json!(channel)), "/appeared_on", json!(day));
    let mut made = Vec::new();
    for (number, (who, channel, day)) in [
        (OrganisationA, "tv", "2020-04-30"),
        (VillageA, "newspaper", "2020-05-01"),
        (TownA, "wechat", "2020-05-31"),
        (Bureau, "web", "2020-06-01"),
        (OrganisationB, "other", "2020-06-20"),
        (VillageB, "web", "2020-06-02"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = with(item(channel, day), "/title", json!(format!("报道{number}")));
        made.push(app.as_(who).post("/publicity-items", body).await.is(201));
    }
    let with_pairing = with(item("tv", "2020-06-03"), "/pairing_id", json!(second.id()));
    let of_pairing = app.as_(VillageB).post("/publicity-items", with_pairing).await.is(201);
    assert_eq!((&of_pairing["area_code"], &of_pairing["organisation_id"]), (&json!(VILLAGE_B), &json!(app.world.organisation_b)));

    // Each number is the total of the list that it leads to.
    let path = format!("/publicity-items/months?campaign_id={campaign_id}");
    let counted = async |path: &str| {
        app.statements.take();
        let months = app.as_(LeadingGroup).get(path).await.is(200);
        assert_eq!(app.statements.take().len(), 3, "who calls, the campaign, the counts");
        let mut told = Vec::new();
        for month in months["months"].as_array().expect("months") {
            let channels = month["channels"].as_array().expect("channels");
            assert_eq!(channels.len(), Channel::ALL.len());
            for one in channels.iter().map(|one| &one["figure"]).chain([&month["total"]]) {
                let list = app.as_(LeadingGroup).get(one["records"].as_str().expect("a list")).await.is(200);
                assert_eq!(list["total"], one["value"], "{one}");
            }
            let numbers: Vec<_> = channels.iter().map(|one| one["figure"]["value"].as_i64().expect("a number")).collect();
            assert_eq!(numbers.iter().sum::<i64>(), month["total"]["value"].as_i64().expect("a number"));
            told.push((month["month"].as_str().expect("a month").to_owned(), numbers));
        }
        (told, months["total"]["value"].as_i64().expect("a number"))
    };
    let month = |month: &str, numbers: [i64; 5]| (month.to_owned(), numbers.to_vec());
    let all = vec![month("2020-04", [1, 0, 0, 0, 0]), month("2020-05", [0, 1, 1, 0, 0]), month("2020-06", [1, 0, 0, 2, 1])];
    assert_eq!(counted(&path).await, (all, 7));
    let (of_town, total) = counted(&format!("{path}&within={TOWN_B}")).await;
    assert!(total < 7 && of_town.len() == 1, "{of_town:?}");

    // What was entered by mistake counts no more, until it is there again.
    let withdraw = format!("{}/withdraw", made[0].path());
    app.organisation_a().post(&withdraw, json!({})).await.fault("/note", "required");
    let gone = app.organisation_a().post(&withdraw, json!({ "note": "未播出" })).await.is(200);
    assert_eq!((&gone["state"], &gone["editable"]), (&json!("withdrawn"), &json!(false)));
    assert_eq!(counted(&path).await.1, 6);
    app.bureau().post(&format!("{}/reinstate", made[0].path()), json!({})).await.is(200);
    assert_eq!(counted(&path).await.1, 7);
});

both_databases!(the_same_is_entered_once_however_many_see_it, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let body = item(pairing["campaign_id"].as_str().expect("an id"));
    let clients = [app.organisation_a(), app.village_a(), app.town_a()];
    let (won, lost) = at_once((0..9).map(|n| clients[n % 3].post("/publicity-items", body.clone()))).await;
    assert_eq!((won.len(), lost.len()), (1, 8));
    lost.into_iter().for_each(|answer| drop(answer.refused(PublicityExists)));
    // Of what was withdrawn another may be entered, and then it does not come back.
    app.bureau().post(&format!("/publicity-items/{}/withdraw", won[0].id()), json!({ "note": "误填" })).await.is(200);
    let second = app.town_a().post("/publicity-items", body.clone()).await.is(201);
    app.bureau().post(&format!("/publicity-items/{}/reinstate", won[0].id()), json!({})).await.refused(PublicityExists);
    let other = app.town_a().post("/publicity-items", with(body, "/title", json!("另一篇"))).await.is(201);
    app.town_a().patch(&other.path(), json!({ "title": second["title"] })).if_match("*").await.refused(PublicityExists);
});

both_databases!(a_link_leads_to_a_page_and_nowhere_else, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let body = item(pairing["campaign_id"].as_str().expect("an id"));
    let send = async |pointer: &str, value: Value| {
        app.organisation_a().post("/publicity-items", with(body.clone(), pointer, value)).await
    };
    for bad in [
        "javascript:alert(1)",
        "ftp://www.example.com/a",
        "https://",
        "https://localhost",
        "https://www.example.com@evil.example/",
        "//www.example.com",
        "https://www.exa mple.com",
        "www.example.com",
        "HTTPS://<script>.com",
    ] {
        send("/link", json!(bad)).await.fault("/link", "link");
    }
    for (number, good) in
        ["http://www.example.com", "https://mp.weixin.qq.com/s/a-b_c?x=1#y", "https://例子.中国/新闻"].iter().enumerate()
    {
        let body = with(body.clone(), "/title", json!(format!("报道{number}")));
        app.organisation_a().post("/publicity-items", with(body, "/link", json!(good))).await.is(201);
    }
    send("/reach_unit", Value::Null).await.fault("/reach_unit", "required");
    send("/reach", Value::Null).await.fault("/reach", "required");
    send("/reach", json!(-1)).await.fault("/reach", "range");
    send("/appeared_on", json!("2020-04-21")).await.fault("/appeared_on", "future");
    send("/appeared_on", json!("2019-12-31")).await.fault("/appeared_on", "date_outside_campaign");
    send("/case_id", json!(uuid::Uuid::nil())).await.fault("/case_id", "unknown");
    // A title names no family of the village that it is about.
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let named = with(with(body.clone(), "/pairing_id", json!(pairing.id())), "/title", json!("商会看望许清水一家"));
    app.bureau().post("/publicity-items", named).await.fault("/title", "names_family");
});

both_databases!(the_case_of_an_item_is_told_while_it_is_published, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let case = cases::publish(app, &pairing).await;
    let body = with(item(pairing["campaign_id"].as_str().expect("an id")), "/case_id", json!(case.id()));
    let made = app.as_(VillageB).post("/publicity-items", body).await.is(201);
    assert_eq!(made["case_title"], "路灯照亮回家路");
    app.bureau().post(&format!("{}/unpublish", case.path()), json!({ "note": "有人收回同意" })).await.is(200);
    assert!(app.bureau().get(&made.path()).await.is(200)["case_title"].is_null());
    // The item stays as it is, and can still be corrected.
    app.as_(VillageB).patch(&made.path(), json!({ "outlet": "泉州晚报" })).if_match("*").await.is(200);
    app.as_(VillageB)
        .patch(&made.path(), json!({ "pairing_id": pairing.id() }))
        .if_match("*")
        .await
        .fault("/pairing_id", "fixed");
    assert_eq!(app.as_(VillageB).get(&format!("/publicity-items?case_id={}", case.id())).await.is(200)["total"], 1);
});

fn import(client: &Client, path: &str, bytes: &[u8]) -> impl Future<Output = Answer> {
    client.upload(path, &[], ("宣传报道.xlsx", XLSX, bytes)).into_future()
}

both_databases!(a_workbook_enters_what_has_appeared_and_comes_back_unchanged, async |app| {
    let campaign = app.open_campaign().await;
    let number = campaign["document_number"].as_str().expect("a number");
    let rows: [&[&str]; 3] = [
        COLUMNS,
        &["商会进村", number, "电视", "晋江电视台", "2020-04-18", "https://www.example.com/tv", "30000", "人次"],
        &["路灯亮了", number, "微信", "晋江民政", "2020-04-19", "", "", ""],
    ];
    let (town, path) = (app.town_a(), "/publicity-items/import");
    let book = workbook(&[("宣传报道", &rows)]);
    let tried = import(&town, &format!("{path}?dry_run=true"), &book).await.is(200);
    assert_eq!((&tried["created"], &tried["errors"]), (&json!(2), &json!([])));
    assert_eq!(town.get("/publicity-items").await.is(200)["total"], 0);
    assert_eq!(import(&town, path, &book).await.is(200)["created"], 2);
    // The same workbook once more enters nothing twice.
    import(&town, path, &book).await.fault("/publicity_items/2/title", "taken");
    let exported = town.get("/publicity-items/export").await.is(200).bytes;
    let again = import(&town, path, &exported).await.is(200);
    assert_eq!((&again["created"], &again["updated"], &again["notes"]), (&json!(0), &json!(0), &Value::Null), "{}", again.body);
    let first = town.get("/publicity-items?channel=tv").await.is(200);
    let first = format!("/publicity-items/{}", first.items()[0]["id"].as_str().expect("an id"));
    town.patch(&first, json!({ "reach": 31_000 })).if_match("*").await.is(200);
    let stale = import(&town, path, &exported).await.is(422);
    assert!(stale["errors"].to_string().contains("changed_since"), "{}", stale.body);
    for (row, pointer, code) in [
        (&["商会进村二", "晋政民〔2020〕999号", "电视", "晋江电视台", "2020-04-18", "", "", ""], "document_number", "unknown"),
        (&["商会进村二", number, "电视", "晋江电视台", "2020-04-21", "", "", ""], "appeared_on", "future"),
        (&["商会进村二", number, "电视", "晋江电视台", "2020-04-18", "javascript:x", "", ""], "link", "link"),
        (&["商会进村二", number, "电视", "晋江电视台", "2020-04-18", "", "9", ""], "reach_unit", "required"),
    ] {
        let book = workbook(&[("宣传报道", &[COLUMNS, row])]);
        import(&town, path, &book).await.fault(&format!("/publicity_items/2/{pointer}"), code);
    }
    app.village_a().upload(path, &[], ("宣传报道.xlsx", XLSX, &book)).await.refused(Forbidden);
});
