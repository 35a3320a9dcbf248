//! A new key for families' data: all of it is resealed while others work, and the old key can go.

use std::collections::BTreeSet;

use baishe::backup::{self, Terms};
use baishe::keys::{self, SEALED};
use platform::Vault;
use serde_json::json;

use crate::api::backup::elsewhere;
use crate::both_databases;
use crate::support::*;

#[tokio::test]
async fn every_column_of_sealed_values_is_known_to_the_rotation() {
    let app = TestApp::spawn(Db::Postgres, |_| {}).await;
    let columns = "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'bytea'";
    let columns: BTreeSet<_> = app.texts(columns).await.into_iter().collect();
    let hashes = ["fingerprint", "name_hash", "identity_hash", "phone_hash", "second_phone_hash", "entries", "proof"];
    let sealed: BTreeSet<_> =
        columns.into_iter().filter(|name| !hashes.iter().any(|hash| name.ends_with(&format!(".{hash}")))).collect();
    let known: BTreeSet<_> = SEALED.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    assert_eq!(sealed, known, "columns of bytes (left) and what is sealed anew (right) differ");
}

/// Reads everything of the families, as those who may.
async fn read_everything(app: &TestApp, families: &Families) {
    let (village, town) = (app.village_a(), app.town_a());
    let told = village.post(&format!("{}/reveal", families.family.path()), json!({ "purpose": "edit" })).await.is(200);
    assert_eq!((&told["phone"], &told["members"][1]["name"]), (&json!("13805950137"), &json!("许小荷")));
    let visits = village.get(&format!("{}/visits", families.family.path())).await.is(200);
    assert_eq!(visits.items()[0]["note"], visit()["note"]);
    assert_eq!(village.get(&families.plan.path()).await.is(200)["agreed_by"], "许**");
    assert_eq!(village.get(&families.measure.path()).await.is(200)["description"], "资助长女学费");
    assert_eq!(village.get(&families.record.path()).await.is(200)["description"], "看望老人");
    for attached in [&families.card, &families.receipt] {
        let path = format!("{}?purpose=verification", attached.path());
        assert_eq!(town.get(&path).await.is(200).bytes, receipt());
    }
    let found = village.post("/households/search", json!({ "name": "许清水" })).await.is(200);
    assert!(found["total"].as_i64() >= Some(2));
}

both_databases!(everything_comes_under_the_new_key_and_stays_readable, async |app| {
    let families = app.families().await;
    let authenticator = Authenticator::add(app, &app.town_a()).await;
    // Begins another one and does not confirm it.
    let another = json!({ "current_password": PASSWORD, "verification_code": authenticator.code(app, 30) });
    app.town_a().post("/me/second-factor", another).await.is(200);
    let (old, file) = (app.app.vault.newest_id(), app.app.vault.keys().remove(0).name);
    let before = keys::count(&app.app).await.unwrap();
    assert_eq!(before.keys().collect::<Vec<_>>(), [&Some(old.clone())]);
    let sealed = before[&Some(old.clone())];
    let etag = app.village_a().get(&families.family.path()).await.is(200).etag();

    let folder = app.app.config.data_dir.join("attachments");
    app.app.vault.add_key().unwrap();
    let mut said = BTreeSet::new();
    let done = keys::reseal(&app.app, |place, _| said.extend([place.to_owned()])).await.unwrap();
    assert_eq!(done, keys::Resealed { sealed, ..Default::default() });
    let places: BTreeSet<_> = SEALED.iter().map(|(table, _)| (*table).to_owned()).chain(["attachments".to_owned()]).collect();
    assert_eq!(said, places, "the families have something in every place");
    let after = keys::count(&app.app).await.unwrap();
    assert_eq!(after.into_iter().collect::<Vec<_>>(), [(Some(app.app.vault.newest_id()), sealed)]);
    // Resealing is no change: somebody who edits the file meanwhile gets no conflict.
    let patch = json!({ "income_per_head_fen": 490_000 });
    app.village_a().patch(&families.family.path(), patch).if_match(&etag).await.is(200);

    std::fs::remove_file(app.app.config.keys_dir().join(format!("personal/{file}.key"))).unwrap();
    app.app.vault.refresh().unwrap();
    assert_eq!(app.app.vault.keys().len(), 1);
    read_everything(app, &families).await;
    app.clock.set(app.clock.now() + chrono::TimeDelta::minutes(2));
    let code = authenticator.code(app, 0);
    let person = json!({ "account": Who::TownA.account(), "password": PASSWORD, "verification_code": code });
    app.anonymous().post("/auth/login", person).await.is(200);
    let again = with(gift(&families.family.id()), "/member_id", families.family["members"][0]["id"].clone());
    let again = app.organisation_a().post("/assistance-records", again).key("gift").await.is(201);
    assert_eq!(again.id(), families.record.id());
    app.village_a().post(&format!("{}/unmerge", families.merged.path()), json!({ "note": "不是同一户" })).await.is(200);

    // The files under the old key are deleted, and a backup contains the current ones.
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4);
    let later = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    assert_eq!(domains::attachments::service::clean(&app.app, later).await.unwrap(), 2);
    assert_eq!(secrets::told(&app.bytes_written().await, SECRETS.iter().copied()), [""; 0], "on the disk");
    let config = (*app.app.config).clone();
    let file = config.data_dir.join("backup.zip");
    backup::create(&config, &file, false).await.unwrap();
    let empty = app.db.create_empty().await;
    let target = elsewhere(&config, &empty);
    backup::restore(&target, &file, Terms::default()).await.unwrap();
    let restored = TestApp::over(app.db, empty, |_| {}).await;
    restored.sql("UPDATE sessions SET ended_at = NULL").await;
    read_everything(&restored, &families).await;
});

both_databases!(what_was_changed_meanwhile_stays_and_what_is_held_comes_later, async |app| {
    let families = app.families().await;
    app.app.vault.add_key().unwrap();
    let (reader, writer) = (app.village_a(), app.village_a());
    // While everything is resealed, one client keeps changing a file, and another keeps reading it.
    let work = async {
        let mut etag = writer.get(&families.kept.path()).await.is(200).etag();
        for number in 1000..1030 {
            let phone = format!("1390595{number}");
            let patch = json!({ "phone": phone });
            etag = writer.patch(&families.kept.path(), patch).if_match(&etag).await.is(200).etag();
            let seen = reader.get(&families.kept.path()).await.is(200);
            assert_eq!(seen["phone"], format!("139****{number}"));
        }
    };
    let (_, left) = futures_util::join!(work, async {
        let mut left = Vec::new();
        for _ in 0..5 {
            app.app.vault.add_key().unwrap();
            let done = keys::reseal(&app.app, |_, _| {}).await.unwrap();
            left.push((done.busy, done.lost));
        }
        left
    });
    assert!(left.iter().all(|(busy, lost)| *busy == 0 && lost.is_empty()), "{left:?}");
    assert_eq!(app.village_a().get(&families.kept.path()).await.is(200)["phone"], "139****1029");
    read_everything(app, &families).await;

    // A value that cannot be opened stays as it is, and is counted and named. It does not stop the rest.
    let visits = app.village_a().get(&format!("{}/visits", families.family.path())).await.is(200);
    let visit = visits.items()[0]["id"].as_str().unwrap().to_owned();
    let strange = Vault::load(&app.app.config.data_dir.join("elsewhere")).unwrap();
    let sealed = strange.seal_bytes("household_visits", uuid::Uuid::nil(), b"{}").unwrap();
    let sealed: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
    let value = if app.db == Db::Sqlite { format!("X'{sealed}'") } else { format!("'\\x{sealed}'") };
    app.sql(&format!("UPDATE household_visits SET personal = {value}")).await;
    assert_eq!(keys::left(&app.app).await.unwrap(), 1);
    app.bureau().get(&families.family.path()).await.is(200);
    let said = keys::command::run(&app.app, keys::command::Command::Status, |_| {}).await.unwrap();
    assert!(said.contains("1 values, AND ITS FILE IS GONE"), "{said}");
    assert!(said.contains("nothing is left under it; ask again in a quarter of an hour"), "{said}");
    let newest = app.app.vault.keys().pop().unwrap().name;
    let newest = app.app.config.keys_dir().join(format!("personal/{newest}.key"));
    let before = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    std::fs::File::options().write(true).open(newest).unwrap().set_modified(before).unwrap();
    let said = keys::command::run(&app.app, keys::command::Command::Status, |_| {}).await.unwrap();
    assert!(said.contains("its file may be removed"), "{said}");
    // A receipt that is gone from the disk is lost, like a value whose key is gone.
    let receipt = format!("{}.{}", families.receipt.id(), app.app.vault.newest_id());
    std::fs::remove_file(app.app.config.data_dir.join("attachments").join(receipt)).unwrap();
    for _ in 0..2 {
        let before = app.app.vault.newest_id();
        let told = keys::command::run(&app.app, keys::command::Command::Rotate, |_| {}).await.unwrap_err().to_string();
        assert_ne!(app.app.vault.newest_id(), before, "a rotation begins all the same");
        assert_eq!(keys::left(&app.app).await.unwrap(), 2);
        let lost = [format!("household_visits {}", visit), format!("attachments {}", families.receipt.id())];
        assert!(told.contains("2 values are opened by no key") && lost.iter().all(|lost| told.contains(lost)), "{told}");
        assert!(!told.contains("run it again"), "{told}");
    }
    assert_eq!(app.village_a().get(&families.kept.path()).await.is(200)["phone"], "139****1029");
});
