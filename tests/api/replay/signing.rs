//! 5月中旬: 组织双方签订结对协议书，推动活动向有形化落实.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::{Pairs, Year, milestone, reasons, stands};
use crate::support::Who::*;
use crate::support::*;

pub async fn act(app: &TestApp, year: &Year, pairs: Pairs) -> Pairs {
    app.clock.set(noon("2020-05-18"));
    let second = a_draft(app, &pairs.asked, &[TownB, VillageB, OrganisationB, Bureau]).await;
    let first = a_draft(app, &pairs.proposed, &[OrganisationA, VillageA, TownA, Bureau]).await;
    let third = app.town_a().post("/agreements", body(&pairs.recommended)).await.is(201);
    let fourth = year.organisation_c.post("/agreements", body(&pairs.on_behalf)).await.is(201);
    app.bureau().post("/agreements", body(&pairs.proposed)).await.refused(AgreementExists);
    let content = json!({ "cooperation_content": "共建龙眼加工车间；\n资助困难学生。", "witness": "陈志强" });
    let first = app.edit(&first, content, &[VillageA, OrganisationA, TownA, Bureau], &[]).await;
    // Signing out of turn, or failing on the way, uses up no number.
    let sign = |draft: &Answer, client: &Client| client.post(&format!("{}/sign", draft.path()), signed_on());
    sign(&first, &app.town_a()).await.refused(ScanMissing);
    for draft in [&first, &second, &third, &fourth] {
        app.scan(draft).await;
    }
    let signed = app.step(&second, "sign", signed_on(), &[OrganisationB, TownB, Bureau], &[]).await;
    assert_eq!(signed["number"], "百社协〔2020〕001号");
    let future = json!({ "signed_on": "2020-05-19" });
    app.town_a().post(&format!("{}/sign", first.path()), future).await.fault("/signed_on", "future");
    let signed = app.step(&first, "sign", signed_on(), &[TownA, OrganisationA, Bureau], &[]).await;
    assert_eq!(signed["number"], "百社协〔2020〕002号");
    assert_eq!(sign(&third, &app.bureau()).await.is(200)["number"], "百社协〔2020〕003号");
    assert_eq!(sign(&fourth, &year.organisation_c).await.is(200)["number"], "百社协〔2020〕004号");
    it_is_printed(app, &signed).await;
    it_stays_as_it_is(app, &signed).await;
    assert_eq!(milestone(app, &year.campaign, "signing").await, stands("met", 4, 4));
    let active = async |pairing: &Answer| {
        let pairing = app.bureau().get(&pairing.path()).await.is(200);
        assert_eq!((&pairing["state"], &pairing["active_since"]), (&json!("active"), &json!("2020-05-18")));
        pairing
    };
    Pairs {
        proposed: active(&pairs.proposed).await,
        recommended: active(&pairs.recommended).await,
        asked: active(&pairs.asked).await,
        on_behalf: active(&pairs.on_behalf).await,
    }
}

fn body(pairing: &Answer) -> Value {
    json!({
        "pairing_id": pairing.id(), "starts_on": "2020-05-18", "organisation_signatory": "蔡文良", "village_signatory": "许清水",
    })
}

fn signed_on() -> Value {
    json!({ "signed_on": "2020-05-18" })
}

async fn a_draft(app: &TestApp, pairing: &Answer, may: &[Who]) -> Answer {
    let draft = app.make("/agreements", body(pairing), "/pairing_id", pairing, may, &[]).await;
    assert_eq!((&draft["number"], &draft["ends_on"]), (&Value::Null, &json!("2021-05-17")), "a year, unnumbered");
    draft
}

/// The document as a word processor reads it.
async fn it_is_printed(app: &TestApp, signed: &Answer) {
    let document = format!("{}/document", signed.path());
    for (who, code) in
        [(TownB, NotFound), (OrganisationB, NotFound), (OtherBureau, NotFound), (Cadre, Forbidden), (Admin, Forbidden)]
    {
        app.as_(who).get(&document).await.refused(code);
    }
    let printed = paragraphs(&app.organisation_a().get(&document).await.is(200).bytes);
    let places: Vec<_> = [
        "“百社解千难”村社结对帮扶合作协议书",
        "编号：百社协〔2020〕002号",
        "甲方（社会组织）：晋江市慈善总会",
        "乙方（村、社区）：东石镇永湖村委会",
        "见证方：东石镇社会事务办",
        "第一条　合作内容",
        "共建龙眼加工车间；",
        "资助困难学生。",
        "第二条　合作项目",
        "第五条　协议期限",
        "自2020年5月18日起至2021年5月17日止。",
        "甲方（盖章）",
        "签字人：蔡文良",
        "乙方（盖章）",
        "签字人：许清水",
        "见证方（盖章）",
        "签字人：陈志强",
    ]
    .map(|wanted| printed.iter().position(|line| line == wanted).unwrap_or_else(|| panic!("no {wanted} in {printed:#?}")))
    .to_vec();
    assert!(places.is_sorted(), "{places:?} in {printed:#?}");
    assert_eq!(printed.iter().filter(|line| *line == "日期：2020年5月18日").count(), 3);
}

/// Nobody changes a signed agreement or removes its scan.
async fn it_stays_as_it_is(app: &TestApp, signed: &Answer) {
    let before = app.written().await;
    let change = app.town_a().patch(&signed.path(), json!({ "witness": "他人" })).if_match(&signed.etag());
    assert_eq!(change.await.refused(IllegalStep)["state"], "signed");
    let scans = app.bureau().get(&format!("/attachments?object_type=agreements&object_id={}", signed.id())).await.is(200);
    let scan = format!("/attachments/{}", scans.items()[0]["id"].as_str().expect("an id"));
    for who in [Bureau, TownA, OrganisationA, VillageA] {
        app.as_(who).delete(&scan).await.refused(OutsideOwnScope);
    }
    app.town_b().delete(&scan).await.refused(NotFound);
    app.town_a().post(&format!("{}/terminate", signed.path()), reasons()).await.refused(IllegalStep);
    assert_eq!(app.written().await, before);
}
