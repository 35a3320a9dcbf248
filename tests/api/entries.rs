//! A device chooses the ids of its entries and sends them until it knows that they arrived. Each is entered once, however late it
//! is repeated.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use futures_util::future::join_all;
use image::ImageFormat;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::both_databases;
use crate::support::*;

fn entered(body: Value) -> Value {
    with(body, "/id", json!(Uuid::now_v7()))
}

both_databases!(what_a_device_sends_again_after_days_is_entered_once, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let village = app.village_a();
    let visits = format!("{}/visits", family.path());
    let visit = entered(visit());
    let record = entered(with(gift(&family.id()), "/pairing_id", pairing["id"].clone()));
    let photo = Uuid::now_v7().to_string();
    let bytes = picture(ImageFormat::Jpeg);
    let record_id = record["id"].as_str().expect("an id").to_owned();
    let fields = [("object_type", "assistance_records"), ("object_id", &*record_id), ("entry_id", &*photo)];
    let attach = |key: &str| village.upload("/attachments", &fields, ("照片.jpg", "image/jpeg", &bytes)).key(key);

    assert_eq!(village.post(&visits, visit.clone()).key("1").await.is(201)["id"], visit["id"]);
    assert_eq!(village.post("/assistance-records", record.clone()).key("2").await.is(201).id(), record_id);
    let attached = attach("3").await.is(201);
    // The answers got lost. The device repeats the first entries within a day.
    village.post(&visits, visit.clone()).key("1").await.is(201);
    village.post("/assistance-records", record.clone()).key("2").await.is(201);
    assert_eq!(attach("3").await.is(201).id(), attached.id());

    // Later the keys are forgotten and the circumstances have changed: the record is confirmed, the pairing ended, the consent
    // withdrawn.
    app.village_a().post(&format!("/assistance-records/{record_id}/confirm"), json!({})).await.is(200);
    app.bureau().post(&format!("{}/terminate", pairing.path()), json!({ "note": "社会组织注销" })).await.is(200);
    app.clock.set(instant(NOW) + chrono::TimeDelta::days(9));
    village.post(&visits, visit.clone()).key("1").await.refused(AlreadyEntered);
    village.post("/assistance-records", record.clone()).key("2").await.refused(AlreadyEntered);
    attach("3").await.refused(AlreadyEntered);
    village.post(&visits, with(visit, "/note", json!("另写"))).key("other").await.refused(AlreadyEntered);

    for table in ["household_visits", "assistance_records", "attachments"] {
        assert_eq!(app.number(&format!("SELECT COUNT(*) FROM {table}")).await, 1, "{table}");
    }
    // An entry that was never sent before is refused under the new circumstances.
    let late = with(entered(record), "/happened_on", json!("2020-04-21"));
    village.post("/assistance-records", late).await.fault("/happened_on", "date_outside_pairing");
});

both_databases!(a_refused_entry_keeps_its_id_for_its_correction, async |app| {
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let visits = format!("{}/visits", family.path());
    let visit = entered(visit());
    let spoilt = with(visit.clone(), "/note", json!("许清水已出院"));
    app.village_a().post(&visits, spoilt).key("first").await.fault("/note", "personal_data");
    assert_eq!(app.village_a().post(&visits, visit.clone()).key("second").await.is(201)["id"], visit["id"]);
    app.village_a().post(&visits, with(visit, "/id", json!("not one"))).await.fault("/id", "type");
});

both_databases!(of_two_devices_at_once_one_enters, async |app| {
    let (family, _) = app.helped(campaign(), 1).await;
    let (village, town) = (app.village_a(), app.town_a());
    let visits = format!("{}/visits", family.path());
    let (visit, record) = (entered(visit()), entered(gift(&family.id())));
    let calls = (0..5).flat_map(|_| [village.post(&visits, visit.clone()), town.post(&visits, visit.clone())]);
    let answers = join_all(calls.map(IntoFuture::into_future)).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    answers.into_iter().filter(|answer| answer.status != 201).for_each(|answer| drop(answer.refused(AlreadyEntered)));

    let organisation = app.organisation_a();
    let calls = (0..10).map(|_| organisation.post("/assistance-records", record.clone()).into_future());
    let answers = join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    answers.into_iter().filter(|answer| answer.status != 201).for_each(|answer| drop(answer.refused(AlreadyEntered)));

    let (bytes, photo) = (picture(ImageFormat::Jpeg), Uuid::now_v7().to_string());
    let fields = [("object_type", "households"), ("object_id", &*family.id()), ("entry_id", &*photo)];
    let calls = (0..4).map(|_| village.upload("/attachments", &fields, ("a.jpg", "image/jpeg", &bytes)).into_future());
    let answers = join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    answers.into_iter().filter(|answer| answer.status != 201).for_each(|answer| drop(answer.refused(AlreadyEntered)));
});
