//! Every operation that touches a family respects its consent: before and after a withdrawal, and where the family consents to
//! help but not to photos.
//!
//! A new operation of the document that needs one of [`OF_FAMILIES`] needs lines in [`rows()`].

mod rows;

use std::collections::BTreeSet;
use std::future::IntoFuture;
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use contract::ErrorCode::{self, *};
use contract::{CodedEnum, Permission};
use futures_util::future::join;
use image::ImageFormat;
use reqwest::Method;
use serde_json::{Value, json};

use rows::rows;

use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// What a family consents to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Consents,
    NotToPhotos,
    Withdrawn,
}

/// The expected outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    /// The change is made.
    Done,
    /// The answer says something about the family.
    Told,
    /// The answer says nothing about the family.
    Silent,
    Refused(ErrorCode),
}

use To::*;

/// Permissions for operations that are about families only.
const OF_FAMILIES: &[Permission] = &[
    Permission::ReadHouseholds,
    Permission::WriteHouseholds,
    Permission::MoveHouseholds,
    Permission::RevealHouseholds,
    Permission::ExportHouseholds,
    Permission::ReadAssistance,
    Permission::WriteAssistance,
    Permission::ReadPlans,
    Permission::WritePlans,
];

/// Operations that touch families among other things.
const ALSO: &[&str] = &[
    "list_pairings",
    "create_pairing",
    "export_pairings",
    "read_pairing",
    "step_pairing",
    "list_pairing_history",
    "list_attachments",
    "create_attachment",
    "read_attachment",
    "delete_attachment",
    "remove_attachment",
    "list_work_items",
    "list_outcome_totals",
    "read_dashboard",
];

/// Operations that are about no existing single family, and those that other tests cover: forgetting, merging, splitting and
/// joining.
const NEITHER: &[&str] = &[
    "create_household",
    "read_household_template",
    "import_households",
    "merge_households",
    "unmerge_household",
    "split_household",
    "join_household",
];

/// A family of village A that organisation A helps, with everything that can belong to it.
struct Family {
    id: String,
    number: String,
    pairing: Answer,
    plan: Answer,
    measure: Answer,
    planned: Answer,
    record: Answer,
    other_record: Answer,
    /// A photo and a paper, attached to the record.
    photo: Answer,
    paper: Answer,
    /// A photo attached to the file.
    portrait: Answer,
}

async fn attach(app: &TestApp, who: Who, kind: &str, id: &str, photo: bool) -> Answer {
    let fields = [("object_type", kind), ("object_id", id)];
    let (bytes, paper) = (picture(ImageFormat::Jpeg), receipt());
    let file: (&str, &str, &[u8]) = if photo { ("a.jpg", "image/jpeg", &bytes) } else { ("a.pdf", "application/pdf", &paper) };
    app.as_(who).upload("/attachments", &fields, file).await
}

async fn say(app: &TestApp, id: &str, consent: Value) -> Answer {
    let path = format!("/households/{id}");
    let now = app.village_a().get(&path).await.is(200);
    app.village_a().patch(&path, json!({ "consent": consent })).if_match(&now.etag()).await.is(200)
}

impl Family {
    async fn made(app: &TestApp) -> Self {
        let (village, organisation) = (app.village_a(), app.organisation_a());
        let (family, pairing) = app.helped(campaign(), 1).await;
        let id = family.id();
        let plan = json!({ "campaign_id": pairing["campaign_id"], "household_id": id });
        let plan = village.post("/assistance-plans", plan).await.is(201);
        let measure_of_april = with(measure(&plan.id()), "/month", json!("2020-04"));
        let measure = village.post("/assistance-measures", measure_of_april.clone()).await.is(201);
        let planned = village.post("/assistance-measures", measure_of_april).await.is(201);
        let record = organisation.post("/assistance-records", gift(&id)).await.is(201);
        let other = with(gift(&id), "/amount_fen", json!(210_000));
        let other_record = organisation.post("/assistance-records", other).await.is(201);
        village.post(&format!("{}/visits", family.path()), visit()).await.is(201);
        Self {
            number: family["file_number"].as_str().expect("a number").to_owned(),
            photo: attach(app, OrganisationA, "assistance_records", &record.id(), true).await.is(201),
            paper: attach(app, OrganisationA, "assistance_records", &record.id(), false).await.is(201),
            portrait: attach(app, VillageA, "households", &id, true).await.is(201),
            id,
            pairing,
            plan,
            measure,
            planned,
            record,
            other_record,
        }
    }

    async fn takes(&self, app: &TestApp, stand: Stand) {
        match stand {
            Stand::Consents => {}
            Stand::NotToPhotos => drop(say(app, &self.id, json!({ "scope": ["assistance"] })).await),
            Stand::Withdrawn => drop(say(app, &self.id, json!({ "withdrawn_on": "2020-04-20" })).await),
        }
    }

    /// The words of the family that an answer contains, in any file format.
    fn told_in(&self, answer: &Answer) -> Vec<String> {
        let mut text = String::from_utf8_lossy(&answer.bytes).into_owned();
        if answer.bytes.starts_with(b"PK") {
            let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
            let rows = book.worksheets().into_iter().flat_map(|(_, range)| range.rows().map(<[_]>::to_vec).collect::<Vec<_>>());
            text = rows.flatten().map(|cell| format!("{cell}\n")).collect();
        }
        let marks = [&*self.id, &*self.number, "许", "minimum_living", "低保", "assisted", "长女在读"];
        marks.into_iter().filter(|mark| text.contains(mark)).map(str::to_owned).collect()
    }
}

/// The operations that must have a row.
fn asked() -> BTreeSet<&'static str> {
    let of_families = |permission: Permission| OF_FAMILIES.contains(&permission);
    let known = operations().iter().filter(|operation| operation.permission.is_some_and(of_families));
    let known = known.map(|operation| operation.id.as_str()).filter(|operation| !NEITHER.contains(operation));
    known.chain(ALSO.iter().copied()).collect()
}

async fn every_operation(app: &TestApp, stand: Stand) {
    let family = Family::made(app).await;
    family.takes(app, stand).await;
    let rows = rows(app, &family);
    let there: BTreeSet<_> = rows.iter().map(|row| row.operation).collect();
    assert_eq!(asked(), there, "what is about families (left), and what has rows here (right)");
    let mut wrong = Vec::new();
    for row in rows {
        let client = app.as_(row.who);
        let answer = match &row.attached {
            Some((kind, id, photo)) => attach(app, row.who, kind, id, *photo).await,
            None => {
                let mut call = client.call(row.method.clone(), &row.path);
                if row.method == Method::PATCH {
                    call = call.if_match("*");
                }
                match row.body {
                    Some(body) if row.method == Method::PATCH => call.body("application/merge-patch+json", body.to_string()),
                    Some(body) => call.json(body),
                    None => call,
                }
                .await
            }
        };
        let (to, told) = (row.to[stand as usize], family.told_in(&answer));
        let ok = (200..300).contains(&answer.status);
        let as_it_should = match to {
            Done => ok,
            Told => ok && !told.is_empty(),
            Silent => ok && told.is_empty(),
            Refused(code) => answer["code"] == code.code() && answer.status == code.status(),
        };
        if !as_it_should {
            let said = String::from_utf8_lossy(&answer.bytes).chars().take(300).collect::<String>();
            wrong.push(format!(
                "{} {} by {:?}: {} told {told:?} instead of {to:?}: {said}",
                row.operation, row.path, row.who, answer.status
            ));
        }
    }
    assert!(wrong.is_empty(), "{stand:?}, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

both_databases!(with_consent_everything_is_as_it_was, async |app| {
    every_operation(app, Stand::Consents).await;
});

both_databases!(without_consent_to_photos_none_is_taken_or_seen_outside, async |app| {
    every_operation(app, Stand::NotToPhotos).await;
});

both_databases!(after_withdrawal_nobody_outside_sees_or_adds_anything, async |app| {
    every_operation(app, Stand::Withdrawn).await;
});

both_databases!(an_organisation_s_figures_are_its_lists_after_a_withdrawal_too, async |app| {
    let family = Family::made(app).await;
    app.village_a().post(&format!("{}/confirm", family.record.path()), json!({})).await.is(200);
    let path = format!("/dashboard?campaign_id={}", family.pairing["campaign_id"].as_str().expect("an id"));
    let figure = async |who: Who| {
        let dashboard = app.as_(who).get(&path).await.is(200);
        let indicators = dashboard["indicators"].as_array().expect("figures").clone();
        let figure = indicators.into_iter().find(|figure| figure["indicator"] == "household_aid_fen");
        let Some(figure) = figure else { return (0, 0) };
        let list = figure["records"]["records"].as_str().expect("an address");
        let listed = app.as_(who).get(list).await.is(200)["total"].as_i64().expect("a number");
        assert_eq!(figure["records"]["value"], listed, "{who:?}");
        (listed, figure["actual"].as_i64().expect("a sum"))
    };
    assert_eq!(figure(OrganisationA).await, (1, 200_000));
    family.takes(app, Stand::Withdrawn).await;
    assert_eq!(figure(OrganisationA).await, (0, 0), "what it no longer sees it does not count");
    assert_eq!(figure(Bureau).await, (1, 200_000), "what was given was given");
    // The auditor finds the record behind the figure, but nobody's name in it.
    assert_eq!(figure(Auditor).await, (1, 200_000));
    let seen = app.as_(Auditor).get(&family.record.path()).await.is(200);
    assert_eq!((&seen["head_name"], &seen["member_name"]), (&json!("*"), &Value::Null));
});

both_databases!(a_family_that_was_never_asked_is_visited_and_nothing_more, async |app| {
    let file = with(household(VILLAGE_A, 1), "/consent", Value::Null);
    let family = app.village_a().post("/households", file).await.is(201);
    assert_eq!((&family["consents_to"], &family["consent_withdrawn_on"]), (&json!([]), &Value::Null));
    app.village_a().post(&format!("{}/visits", family.path()), visit()).await.is(201);
    app.village_a().post(&format!("{}/reveal", family.path()), json!({ "purpose": "visit" })).await.is(200);
    app.village_a()
        .post(&format!("{}/reveal", family.path()), json!({ "purpose": "payment" }))
        .await
        .refused(HouseholdNotConsented);
    app.village_a().post(&format!("{}/assist", family.path()), json!({})).await.refused(HouseholdNotConsented);
    assert_eq!(family["allowed_actions"], json!([]));
    attach(app, VillageA, "households", &family.id(), true).await.refused(PhotosNotConsented);
    // The paper that documents the consent.
    attach(app, VillageA, "households", &family.id(), false).await.is(201);
    let now =
        say(app, &family.id(), json!({ "given_on": "2020-04-20", "given_by": "许清水", "scope": ["assistance", "photos"] }))
            .await;
    assert_eq!(now["consents_to"], json!(["assistance", "photos"]));
    attach(app, VillageA, "households", &family.id(), true).await.is(201);
});

both_databases!(what_a_phone_sends_after_the_withdrawal_is_told_its_day, async |app| {
    let family = Family::made(app).await;
    family.takes(app, Stand::Withdrawn).await;
    // Entered on the doorstep the day before, without a connection.
    let visit = with(visit(), "/id", json!(uuid::Uuid::now_v7()));
    let refused = app.village_a().post(&format!("/households/{}/visits", family.id), visit).key("door").await;
    let refused = refused.refused(HouseholdNotConsented);
    assert!(refused["detail"].as_str().is_some_and(|words| words.contains("2020-04-20")), "{}", refused.body);
    let record = with(gift(&family.id), "/id", json!(uuid::Uuid::now_v7()));
    let refused = app.organisation_a().post("/assistance-records", record).key("gift").await.refused(HouseholdNotConsented);
    assert!(refused["detail"].as_str().is_some_and(|words| words.contains("2020-04-20")), "{}", refused.body);
    assert_eq!(app.number("SELECT COUNT(*) FROM household_visits").await, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM assistance_records").await, 2);
});

both_databases!(of_a_merged_file_the_file_that_stays_speaks_for_the_family, async |app| {
    // Help was recorded under a file that was merged into another.
    let family = Family::made(app).await;
    app.village_a().post(&format!("{}/confirm", family.record.path()), json!({})).await.is(200);
    app.village_a().post(&format!("{}/reject", family.other_record.path()), json!({ "note": "重复登记" })).await.is(200);
    app.bureau().post(&format!("{}/complete", family.pairing.path()), json!({})).await.is(200);
    let kept = app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let old = app.village_a().get(&format!("/households/{}", family.id)).await.is(200);
    let head = json!({ "id": kept["members"][0]["id"], "relation": "head" });
    let merging =
        json!({ "other_id": family.id, "other_version": old["version"], "members": [head], "note": "入户核实为同一户" });
    app.village_a().post(&format!("{}/merge", kept.path()), merging).await.is(200);
    app.organisation_a().get(&family.record.path()).await.is(200);
    assert!(app.organisation_a().get(&family.pairing.path()).await.is(200)["household"].is_object());

    say(app, &kept.id(), json!({ "withdrawn_on": "2020-04-20" })).await;
    app.organisation_a().get(&family.record.path()).await.refused(NotFound);
    app.organisation_a().get(&format!("{}?purpose=verification", family.photo.path())).await.refused(NotFound);
    assert!(app.organisation_a().get(&family.pairing.path()).await.is(200)["household"].is_null());
    app.village_a().get(&family.record.path()).await.is(200);
    // Nobody knows whose consent was withdrawn. So it stays withdrawn in both files until somebody consents again.
    let now = app.village_a().get(&format!("/households/{}", family.id)).await.is(200);
    let undo = app.village_a().post(&format!("/households/{}/unmerge", family.id), json!({ "note": "不是同一户" }));
    undo.if_match(&now.etag()).await.is(200);
    app.organisation_a().get(&family.record.path()).await.refused(NotFound);
    say(
        app,
        &family.id,
        json!({ "given_on": "2020-04-20", "given_by": "许清水", "scope": ["assistance"], "withdrawn_on": null }),
    )
    .await;
    app.organisation_a().get(&family.record.path()).await.is(200);
});

both_databases!(of_a_withdrawal_and_an_addition_at_once_nothing_comes_after_it, async |app| {
    let family = Family::made(app).await;
    let path = format!("/households/{}", family.id);
    let now = app.village_a().get(&path).await.is(200);
    let withdraw = app.village_a().patch(&path, json!({ "consent": { "withdrawn_on": "2020-04-20" } })).if_match(&now.etag());
    let another = with(gift(&family.id), "/not_a_double", json!(true));
    let give = app.organisation_a().post("/assistance-records", another);
    let (withdrawn, given) = join(withdraw.into_future(), give.into_future()).await;
    withdrawn.is(200);
    if given.status != 201 {
        given.refused(HouseholdNotConsented);
    }
    app.organisation_a().post("/assistance-records", gift(&family.id)).await.refused(HouseholdNotConsented);
});
