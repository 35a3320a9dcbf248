//! Agreements: drafted, signed, numbered, ended.

use std::io::{Cursor, Read};

use baishe::startup;
use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, next_campaign, op};
use super::pairings::{PARTIES, confirmed_pairing};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_agreements"),
        op("export_agreements"),
        op("create_agreement")
            .on(confirmed_pairing)
            .body(|_, pairing| agreement(&pairing.id))
            .only(&[Bureau, TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .foreign(ValidationFailed),
        op("read_agreement").on(draft).only(PARTIES).or(NotFound),
        op("read_agreement_document").on(draft).only(PARTIES).or(NotFound),
        op("list_agreement_history").on(draft).only(PARTIES).or(NotFound),
        op("update_agreement")
            .on(draft)
            .body(|_, _| json!({ "witness": "陈志强" }))
            .only(&[Bureau, TownA, VillageA, OrganisationA])
            .or(NotFound),
        op("sign_agreement")
            .on(scanned_draft)
            .body(|_, _| json!({ "signed_on": "2020-04-20" }))
            .only(&[Bureau, TownA, OrganisationA])
            .or(NotFound)
            .but(&[(VillageA, Forbidden)]),
        op("terminate_agreement").on(draft).reasons().only(&[Bureau, TownA, VillageA, OrganisationA]).or(NotFound),
    ],
    example: |app| Box::pin(async { drop(app.agreement(next_campaign()).await) }),
    walked: &["/agreements?sort=-updated_at"],
    pages: &[
        ("bureau", "/agreements"),
        ("bureau", "/agreements/new"),
        ("bureau", "/agreements/{}"),
        ("bureau", "/agreements/{}/edit"),
    ],
};

fn draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.agreement(next_campaign()).await.into() })
}

fn scanned_draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let draft = app.agreement(next_campaign()).await;
        app.scan(&draft).await;
        draft.into()
    })
}

both_databases!(a_draft_is_filled_in_from_the_notice_and_the_campaign, async |app| {
    let pairing = app.confirmed(campaign()).await;
    let draft = app.organisation_a().post("/agreements", agreement(&pairing.id())).await.is(201);
    assert_eq!(draft["state"], "draft");
    assert_eq!(draft["number"], Value::Null);
    assert_eq!(draft["ends_on"], "2021-04-19");
    assert_eq!(draft["allowed_actions"], json!(["sign", "terminate"]));
    let obligations = draft["village_obligations"].as_str().expect("a text");
    assert!(obligations.contains("按月核实帮扶内容和进展情况"));

    let village = app.village_a();
    let changed = village.patch(&draft.path(), json!({ "cooperation_content": "助学、修路", "ends_on": "2020-12-31" }));
    let changed = changed.if_match(&draft.etag()).await.is(200);
    assert_eq!((&changed["cooperation_content"], &changed["ends_on"]), (&json!("助学、修路"), &json!("2020-12-31")));
    // An end date that is cleared gets its default again.
    let cleared = village.patch(&draft.path(), json!({ "ends_on": null })).if_match(&changed.etag()).await.is(200);
    assert_eq!(cleared["ends_on"], "2021-04-19");
    village.patch(&draft.path(), json!({ "witness": "吴" })).if_match(&draft.etag()).await.refused(StaleVersion);

    let history = app.bureau().get(&format!("{}/history", draft.path())).await.is(200);
    let actions: Vec<_> = history.items().iter().map(|entry| entry["action"].as_str().expect("an action")).collect();
    assert_eq!(actions, ["update", "update", "create"]);
    let list = app.bureau().get(&format!("/agreements?pairing_id={}", pairing.id())).await.is(200);
    assert_eq!(list.items()[0]["organisation_name"], "晋江市慈善总会");
});

both_databases!(a_pairing_has_one_live_agreement, async |app| {
    let pairing = app.confirmed(campaign()).await;
    let drafts = (0..6).map(|_| async { app.bureau().post("/agreements", agreement(&pairing.id())).await });
    let (made, refused): (Vec<_>, Vec<_>) = join_all(drafts).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1);
    for answer in refused {
        answer.refused(AgreementExists);
    }
    let given_up = format!("{}/terminate", made[0].path());
    app.village_a().post(&given_up, json!({})).await.fault("/note", "required");
    app.village_a().post(&given_up, json!({ "note": "重新协商" })).await.is(200);
    app.bureau().post("/agreements", agreement(&pairing.id())).await.is(201);
});

both_databases!(an_agreement_fits_its_pairing_and_its_campaign, async |app| {
    let proposed = app.proposed(campaign()).await;
    app.bureau().post("/agreements", agreement(&proposed.id())).await.refused(PairingNotConfirmed);
    let draft = app.agreement(with(campaign(), "/document_number", json!("晋政民〔2020〕29号"))).await;
    let pairing = draft["pairing_id"].as_str().expect("an id").to_owned();
    for (field, value, code) in [
        ("starts_on", json!("2020-04-14"), "date_outside_campaign"),
        ("starts_on", json!("2021-01-01"), "date_outside_campaign"),
        ("ends_on", json!("2020-04-20"), "end_before_start"),
        ("ends_on", json!("2021-04-20"), "term_too_long"),
        ("witness", json!(" "), "blank"),
        ("pairing_id", json!(proposed.id()), "fixed"),
    ] {
        let pointer = format!("/{field}");
        app.bureau().patch(&draft.path(), json!({ field: value })).if_match(&draft.etag()).await.fault(&pointer, code);
    }
    let body = with(agreement(&pairing), "/starts_on", json!("2019-12-31"));
    app.bureau().post("/agreements", body).await.fault("/starts_on", "date_outside_campaign");
    let body = with(agreement(&pairing), "/organisation_signatory", json!("名".repeat(61)));
    app.bureau().post("/agreements", body).await.fault("/organisation_signatory", "length");
    assert_eq!(app.bureau().get(&draft.path()).await.is(200)["version"], 1);
});

both_databases!(signing_numbers_the_agreement_and_activates_the_pairing, async |app| {
    let draft = app.agreement(campaign()).await;
    let sign = format!("{}/sign", draft.path());
    let town = app.town_a();
    town.post(&sign, json!({ "signed_on": "2020-04-20" })).await.refused(ScanMissing);
    let scan = app.scan(&draft).await;
    app.village_a().post(&sign, json!({ "signed_on": "2020-04-20" })).await.refused(Forbidden);
    town.post(&sign, json!({})).await.fault("/signed_on", "required");
    town.post(&sign, json!({ "signed_on": "2020-04-21" })).await.fault("/signed_on", "future");
    town.post(&sign, json!({ "signed_on": "2020-04-14" })).await.refused(OutsidePhase);
    town.post(&sign, json!({ "signed_on": "2020-04-20" })).if_match("\"7\"").await.refused(StaleVersion);

    let signed = town.post(&sign, json!({ "signed_on": "2020-04-19", "note": "现场签约" })).await.is(200);
    assert_eq!((&signed["number"], &signed["state"]), (&json!("百社协〔2020〕001号"), &json!("signed")));
    let pairing = app.bureau().get(&format!("/pairings/{}", draft["pairing_id"].as_str().expect("an id"))).await.is(200);
    assert_eq!((&pairing["state"], &pairing["active_since"]), (&json!("active"), &json!("2020-04-19")));

    // The scan that was signed stays with the agreement.
    app.bureau().delete(&scan.path()).await.refused(OutsideOwnScope);
    let again = town.post(&sign, json!({ "signed_on": "2020-04-19" })).await.refused(IllegalStep);
    assert_eq!(again["state"], "signed");
    town.patch(&draft.path(), json!({ "witness": "吴" })).if_match(&signed.etag()).await.refused(IllegalStep);
    town.post(&format!("{}/terminate", draft.path()), json!({ "note": "误签" })).await.refused(IllegalStep);
    app.bureau().post("/agreements", agreement(&pairing.id())).await.refused(AgreementExists);
    let history = town.get(&format!("{}/history", draft.path())).await.is(200);
    assert_eq!((&history.items()[0]["action"], &history.items()[0]["note"]), (&json!("sign"), &json!("现场签约")));
});

both_databases!(numbers_have_no_gaps_also_when_all_sign_at_once, async |app| {
    let drafts = app.four_drafts().await;
    for draft in &drafts {
        app.scan(draft).await;
    }
    // An agreement that fails to be signed uses up no number.
    app.sql("UPDATE pairings SET state = 'withdrawn' WHERE id = (SELECT id FROM pairings ORDER BY id LIMIT 1)").await;
    let sign = |draft: &Answer| {
        let path = format!("{}/sign", draft.path());
        async move { app.bureau().post(&path, json!({ "signed_on": "2020-04-20" })).await }
    };
    let answers = join_all(drafts.iter().map(sign)).await;
    let (signed, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    let mut numbers: Vec<_> = signed.iter().map(|answer| answer["number"].as_str().expect("a number").to_owned()).collect();
    numbers.sort();
    assert_eq!(numbers, ["百社协〔2020〕001号", "百社协〔2020〕002号", "百社协〔2020〕003号"]);
    refused.into_iter().for_each(|answer| drop(answer.refused(PairingNotConfirmed)));
});

both_databases!(what_no_longer_fits_is_not_signed, async |app| {
    let draft = app.agreement(campaign()).await;
    app.scan(&draft).await;
    let path = format!("/campaigns/{}", draft["campaign_id"].as_str().expect("an id"));
    let open = app.bureau().get(&path).await.is(200);
    let shorter = app.bureau().patch(&path, json!({ "settings": { "agreement_months": 6 } })).if_match(&open.etag());
    shorter.await.is(200);
    let sign = format!("{}/sign", draft.path());
    app.bureau().post(&sign, json!({ "signed_on": "2020-04-20" })).await.refused(AgreementMismatch);
    app.clock.set(noon("2020-12-05"));
    app.bureau().post(&sign, json!({ "signed_on": "2020-12-05" })).await.refused(OutsidePhase);
    let changed = app.bureau().patch(&draft.path(), json!({ "ends_on": null })).if_match(&draft.etag()).await.is(200);
    assert_eq!(changed["ends_on"], "2020-10-19");
    app.bureau().post(&sign, json!({ "signed_on": "2020-11-20" })).await.fault("/signed_on", "date_after_end");
    // It was signed in time and entered later.
    app.bureau().post(&sign, json!({ "signed_on": "2020-09-30" })).await.is(200);
});

both_databases!(an_agreement_ends_with_its_pairing, async |app| {
    let signed = app.signed(campaign()).await;
    let pairing = format!("/pairings/{}", signed["pairing_id"].as_str().expect("an id"));
    app.bureau().post(&format!("{pairing}/terminate"), json!({ "note": "社会组织注销" })).await.is(200);
    let ended = app.bureau().get(&signed.path()).await.is(200);
    assert_eq!((&ended["state"], &ended["number"]), (&json!("terminated"), &signed["number"]));
    let history = app.bureau().get(&format!("{}/history", signed.path())).await.is(200);
    assert_eq!(history.items()[0]["note"], "社会组织注销");
    assert_eq!(ended["allowed_actions"], json!([]));
});

both_databases!(an_agreement_expires_and_is_renewed, async |app| {
    let draft = app.agreement(campaign()).await;
    let short = app.bureau().patch(&draft.path(), json!({ "ends_on": "2020-06-01" })).if_match(&draft.etag());
    short.await.is(200);
    app.scan(&draft).await;
    let sign = |path: String, day: &'static str| async move {
        app.bureau().post(&format!("{path}/sign"), json!({ "signed_on": day })).await.is(200)
    };
    let first = sign(draft.path(), "2020-04-20").await;
    app.clock.set(noon("2020-06-01"));
    startup::tidy(&app.app).await;
    assert_eq!(app.bureau().get(&draft.path()).await.is(200)["state"], "signed");
    app.clock.set(noon("2020-06-02"));
    startup::tidy(&app.app).await;
    let expired = app.bureau().get(&draft.path()).await.is(200);
    assert_eq!((&expired["state"], &expired["number"]), (&json!("expired"), &first["number"]));

    let pairing_id = draft["pairing_id"].as_str().expect("an id");
    let next = with(agreement(pairing_id), "/starts_on", json!("2020-06-02"));
    let next = app.village_a().post("/agreements", next).await.is(201);
    app.scan(&next).await;
    let second = sign(next.path(), "2020-06-02").await;
    assert_eq!(second["number"], "百社协〔2020〕002号");
    assert_eq!(app.bureau().get(&draft.path()).await.is(200)["state"], "renewed");
    let pairing = app.bureau().get(&format!("/pairings/{pairing_id}")).await.is(200);
    assert_eq!((&pairing["state"], &pairing["active_since"]), (&json!("active"), &json!("2020-04-20")));
});

both_databases!(an_agreement_is_nothing_that_others_can_change, async |app| {
    let draft = app.agreement(campaign()).await;
    let pairing_id = draft["pairing_id"].as_str().expect("an id");
    for who in [TownB, VillageB, OrganisationB, OtherBureau] {
        let client = app.as_(who);
        client.post(&format!("{}/terminate", draft.path()), json!({ "note": "试试" })).await.refused(NotFound);
        client.post("/agreements", agreement(pairing_id)).await.fault("/pairing_id", "unknown");
    }
    app.as_(Cadre).get(&draft.path()).await.refused(Forbidden);
    app.as_(Auditor).post("/agreements", agreement(pairing_id)).await.refused(Forbidden);
});

both_databases!(an_agreement_can_be_printed, async |app| {
    let draft = app.agreement(campaign()).await;
    let pairing_id = draft["pairing_id"].as_str().expect("an id");
    app.organisation_a().post("/projects", project(pairing_id)).await.is(201);
    app.scan(&draft).await;
    let signed = app.bureau().post(&format!("{}/sign", draft.path()), json!({ "signed_on": "2020-04-20" })).await.is(200);
    let signed = signed.about(&draft.path());
    let file = app.village_a().get(&format!("{}/document", signed.path())).await.is(200);
    let media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    assert_eq!(file.header("content-type"), Some(media_type));
    let name = file.header("content-disposition").expect("a name");
    // 百社协〔2020〕001号
    let encoded = "filename*=UTF-8''%E7%99%BE%E7%A4%BE%E5%8D%8F%E3%80%942020%E3%80%95001%E5%8F%B7%20";
    assert!(name.starts_with("attachment") && name.contains(encoded), "{name}");
    let mut archive = zip::ZipArchive::new(Cursor::new(file.bytes)).expect("a package");
    let mut xml = String::new();
    archive.by_name("word/document.xml").expect("its document").read_to_string(&mut xml).expect("UTF-8");
    for text in [
        "“百社解千难”村社结对帮扶合作协议书",
        "编号：百社协〔2020〕001号",
        "甲方（社会组织）：晋江市慈善总会",
        "自2020年4月20日起至2021年4月19日止。",
        "龙眼深加工",
        "签字人：蔡文良",
        "签字人：吴建设",
        "见证方（盖章）",
    ] {
        assert!(xml.contains(text), "{text} is not in the document");
    }
});
