//! No answer to any operation and account reveals who a family is, unless it is meant to.

use std::collections::BTreeSet;
use std::io::Read;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::authorization::table;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Identifying values: only the answer to a reveal and attachments may contain them.
pub const WHO: &[&str] = &[
    "许清水",
    "许小荷",
    "清水",
    "小荷",
    "新厝角落",
    "13805950137",
    "5950137",
    "6217001850012345678",
    "217001850012345",
    "350582196503",
    "350582201206",
    "19650312",
    "20120601",
    "1965-03-12",
    "2012-06-01",
];

/// Notes on visits and help: for those who keep files, or who may see what is given.
pub const VISITED: &[&str] = &["学费尚缺"];
pub const GIVEN: &[&str] = &["看望老人", "大米"];
pub const PLANNED: &[&str] = &["资助长女学费"];

/// Those who keep files.
pub const KEEPS_FILES: &[Who] = &[Bureau, TownA, TownB, VillageA, VillageB, OtherBureau];
/// Those who keep files or help. Auditors see only that something was given.
pub const HELPS: &[Who] = &[Bureau, TownA, TownB, VillageA, VillageB, OtherBureau, OrganisationA, OrganisationB];

/// Everything in an answer: headers, body, and the unpacked contents of a package.
fn said(answer: &Answer) -> Vec<u8> {
    let mut said = format!("{:?}\n", answer.headers).into_bytes();
    for value in answer.headers.values() {
        said.extend(percent_decoded(value.as_bytes()));
    }
    if answer.bytes.starts_with(b"PK") {
        let mut package = zip::ZipArchive::new(std::io::Cursor::new(&answer.bytes)).expect("a package");
        for number in 0..package.len() {
            let mut entry = package.by_index(number).expect("an entry");
            said.extend(entry.name().as_bytes());
            entry.read_to_end(&mut said).expect("what is packed");
        }
    } else {
        said.extend(&answer.bytes);
    }
    said
}

/// Headers encode file names like this.
fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((&first, next)) = rest.split_first() {
        let hex =
            next.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()).filter(|_| first == b'%');
        bytes.push(hex.unwrap_or(first));
        rest = if hex.is_some() { &next[2..] } else { next };
    }
    bytes
}

/// The identifying words in an answer that the operation's row does not allow. See
/// [`Entry::tells`](super::authorization::Entry::tells).
pub fn of_answer(allowed: &[&str], answer: &Answer) -> BTreeSet<&'static str> {
    let everything = [WHO, VISITED, GIVEN, PLANNED].concat();
    let secrets = everything.into_iter().filter(|secret| !allowed.contains(secret));
    secrets::told(&said(answer), secrets).into_iter().collect()
}

both_databases!(what_is_shown_is_masked_by_its_rule, async |app| {
    let families = app.families().await;
    let paths = [&families.family, &families.plan, &families.measure, &families.record].map(|answer| answer.path());
    let [family, plan, measure, record] = &paths;
    for (who, path, pointer, shown) in [
        (Bureau, family, "/head_name", json!("许**")),
        (Bureau, family, "/phone", json!("138****0137")),
        (Bureau, family, "/bank_account", json!("***************5678")),
        (Bureau, family, "/consent/given_by", json!("许**")),
        (Bureau, family, "/members/1/name", json!("许**")),
        (Bureau, family, "/members/1/identity_number", Value::Null),
        (Bureau, family, "/members/1/age", Value::Null),
        (TownA, family, "/members/0/age", json!(55)),
        (OrganisationA, family, "/phone", json!("138****0137")),
        (OrganisationA, family, "/bank_account", Value::Null),
        (OrganisationA, family, "/members/0/identity_number", Value::Null),
        (OrganisationA, family, "/members/0/health", Value::Null),
        (OrganisationA, plan, "/agreed_by", json!("许**")),
        (OrganisationA, plan, "/head_name", json!("许**")),
        (OrganisationA, measure, "/member_name", json!("许**")),
        (VillageA, record, "/member_name", json!("许**")),
        (Auditor, record, "/head_name", json!("许**")),
        (Auditor, record, "/member_name", json!("许**")),
        (Auditor, record, "/description", Value::Null),
        (Auditor, record, "/goods", json!([])),
    ] {
        let answer = app.as_(who).get(path).await.is(200);
        assert_eq!(answer.body.pointer(pointer), Some(&shown), "{pointer} of {path} to {who:?}");
    }
    let number = app.village_a().get(family).await.is(200)["members"][0]["identity_number"].clone();
    assert!(number.as_str().is_some_and(|number| number.starts_with("350582********") && number.len() == 18), "{number}");
});

both_databases!(no_search_order_or_filter_is_a_way_around_the_seal, async |app| {
    let families = app.families().await;
    let identity = identity_number("19650312", 1);
    for operation in operations().iter().filter(|operation| operation.method == Method::GET) {
        let parameters = operation.value["parameters"].to_string();
        let asked: BTreeSet<_> = parameters.split(|c: char| !(c.is_ascii_lowercase() || c == '_')).collect();
        for sealed in ["head_name", "phone", "identity_number", "bank_account", "address", "born_on"] {
            let of_families = ["household", "assistance"].iter().any(|kind| operation.id.contains(kind));
            assert!(!of_families || !asked.contains(sealed), "{} can be asked by {sealed}", operation.id);
        }
        let is_searched = parameters.contains("\"q\"") && !operation.path.contains('{');
        if !is_searched {
            continue;
        }
        let path = operation.path.trim_start_matches(platform::api::BASE);
        for who in Who::ALL {
            for secret in ["许清水", "清水", "许小荷", "13805950137", &identity, "新厝角落", "看望老人", "学费尚缺"]
            {
                let sent = url_encoded(secret);
                let answer = app.as_(who).get(&format!("{path}?q={sent}")).await;
                if answer.status == 200 && answer.body["total"].is_i64() {
                    assert_eq!(answer["total"], 0, "{} finds {secret} for {who:?}", operation.id);
                }
            }
        }
    }

    // Outside the caller's area, a person who exists gets the same answer as one who does not.
    let there = [json!({ "identity_number": identity }), json!({ "name": "许小荷" }), json!({ "phone": "13805950137" })];
    let nobody = [
        json!({ "identity_number": identity_number("19650312", 9) }),
        json!({ "name": "吴阿婆" }),
        json!({ "phone": "13905950137" }),
    ];
    app.sql(&format!("DELETE FROM household_members WHERE household_id = {}", id_of(app, &families.other))).await;
    app.sql(&format!("UPDATE households SET phone_hash = NULL WHERE id = {}", id_of(app, &families.other))).await;
    for (there, nobody) in there.into_iter().zip(nobody) {
        for who in [TownB, VillageB, OtherBureau] {
            let found = app.as_(who).post("/households/search", there.clone()).await.is(200);
            let not = app.as_(who).post("/households/search", nobody.clone()).await.is(200);
            assert_eq!((found["total"].as_i64(), &found.body), (Some(0), &not.body));
        }
        // Naming another area does not help either.
        let within = with(there, "/within", json!(VILLAGE_A));
        assert_eq!(app.town_b().post("/households/search", within).await.is(200)["total"], 0);
    }
});

fn id_of(app: &TestApp, answer: &Answer) -> String {
    match app.db {
        Db::Sqlite => format!("X'{}'", answer.id().replace('-', "")),
        Db::Postgres => format!("'{}'", answer.id()),
    }
}

fn url_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

both_databases!(what_lies_outside_is_refused_as_what_is_not_there, async |app| {
    let families = app.families().await;
    let nobody = Uuid::now_v7().to_string();
    let member = families.family["members"][0]["id"].as_str().unwrap().to_owned();
    let campaign = families.pairing["campaign_id"].clone();
    let at = |answer: &Answer| answer.path();
    let reads = [
        at(&families.family),
        format!("{}/visits", at(&families.family)),
        format!("{}/statuses", at(&families.family)),
        format!("{}/history", at(&families.family)),
        at(&families.merged),
        at(&families.pairing),
        at(&families.plan),
        at(&families.measure),
        at(&families.record),
        format!("{}/history", at(&families.record)),
        format!("{}?purpose=visit", at(&families.card)),
        format!("{}?purpose=visit", at(&families.receipt)),
        format!("/attachments?object_type=households&object_id={}", families.family.id()),
        format!("/attachments?object_type=assistance_records&object_id={}", families.record.id()),
        format!("/assistance-records?household_id={}", families.family.id()),
        format!("/assistance-plans?household_id={}", families.family.id()),
        format!("/assistance-measures?plan_id={}", families.plan.id()),
        format!("/pairings?household_id={}", families.family.id()),
    ];
    let ids = [
        &families.family,
        &families.merged,
        &families.pairing,
        &families.plan,
        &families.measure,
        &families.record,
        &families.card,
        &families.receipt,
    ]
    .map(Answer::id);
    let elsewhere = |text: &str| {
        let text = ids.iter().fold(text.to_owned(), |text, id| text.replace(id.as_str(), &nobody));
        text.replace(&member, &nobody)
    };
    let own = household(VILLAGE_B, 11);
    let own = app.as_(VillageB).post("/households", own).await.is(201);
    let merge = json!({ "other_id": families.family.id(), "other_version": 3, "members": [{ "id": member, "relation": "head" }], "note": "同一户" });
    let record = with(gift(&families.family.id()), "/member_id", json!(member));
    let writes = [
        (format!("{}/reveal", at(&families.family)), json!({ "purpose": "visit" })),
        (format!("{}/visits", at(&families.family)), visit()),
        (format!("{}/assist", at(&families.family)), json!({ "note": "研究确定" })),
        (format!("{}/unmerge", at(&families.merged)), json!({ "note": "不是同一户" })),
        (format!("{}/merge", at(&own)), merge),
        (
            "/pairings".to_owned(),
            json!({ "campaign_id": campaign, "organisation_id": app.world.organisation_b, "household_id": families.family.id() }),
        ),
        ("/assistance-plans".to_owned(), json!({ "campaign_id": campaign, "household_id": families.family.id() })),
        ("/assistance-measures".to_owned(), measure(&families.plan.id())),
        (format!("{}/close", at(&families.plan)), json!({ "note": "许清水" })),
        (format!("{}/drop", at(&families.measure)), json!({ "note": "许清水" })),
        ("/assistance-records".to_owned(), record),
        ("/assistance-records".to_owned(), with(gift(&families.family.id()), "/description", json!("看望许清水"))),
        (format!("{}/reject", at(&families.record)), json!({ "note": "许清水" })),
        (format!("{}/accept", at(&families.pairing)), json!({ "note": "许清水" })),
    ];
    for who in [TownB, VillageB, OrganisationB, OtherBureau, LeadingGroup, Cadre, Admin] {
        let client = app.as_(who);
        for path in &reads {
            let (there, not) = (client.get(path).await, client.get(&elsewhere(path)).await);
            assert_eq!(told(&there), told(&not), "GET {path} by {who:?}");
        }
        for (path, body) in &writes {
            let (absent, other) = (elsewhere(path), serde_json::from_str(&elsewhere(&body.to_string())).unwrap());
            let (there, not) = (client.post(path, body.clone()).await, client.post(&absent, other).await);
            assert_eq!(told(&there), told(&not), "POST {path} {body} by {who:?}");
            assert!(there.status >= 400, "POST {path} by {who:?}");
        }
    }
});

/// What an answer reveals, apart from values that identify the request itself.
fn told(answer: &Answer) -> (u16, Value) {
    let mut body = answer.body.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("instance");
        body.remove("request_id");
    }
    (answer.status, body)
}

#[test]
fn what_may_be_told_is_told_by_operations_of_the_table() {
    for operation in ["reveal_household", "list_household_visits", "read_assistance_record", "read_assistance_measure"] {
        assert!(table().any(|entry| entry.operation == operation && !entry.told_to(Some(Bureau)).is_empty()), "{operation}");
    }
}
