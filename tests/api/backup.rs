//! Backup and restore: a restore brings back exactly what was backed up.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use baishe::backup::{self, Summary, Terms};
use baishe::commands::audit as command;
use baishe::startup;
use domains::audit::{noted, seal};
use platform::clock::Clock;
use platform::config::Config;
use platform::database::Database;
use platform::token::Tokens;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::tallies;
use crate::both_databases;
use crate::support::*;

const OVERWRITE: Terms = Terms { overwrite: true, accept_unsigned: false, without_keys: false };
const UNSIGNED: Terms = Terms { accept_unsigned: true, ..OVERWRITE };
const WITHOUT_KEYS: Terms = Terms { without_keys: true, ..OVERWRITE };

/// The configuration of another place to restore into, with a copy of the keys.
pub fn elsewhere(config: &Config, place: &TestDatabase) -> Config {
    copy(&config.keys_dir(), &place.folder.join("keys"));
    Config { database_url: Some(place.url.clone().into()), data_dir: place.folder.clone(), ..config.clone() }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).expect("a copy");
        }
    }
}

async fn restored(target: &Config, file: &Path, terms: Terms) -> (Summary, String) {
    let (summary, told) = backup::restore(target, file, terms).await.expect("a restore");
    (summary, told.join("\n"))
}

async fn refused(target: &Config, file: &Path, terms: Terms) -> String {
    backup::restore(target, file, terms).await.expect_err("it is refused").to_string()
}

/// All contents except the event that a restore itself leaves.
async fn untraced(url: &str) -> BTreeMap<String, Vec<String>> {
    let mut tables = contents(url).await;
    tables.get_mut("audit_events").expect("the trail").retain(|row| !row.contains("'restore'"));
    tables
}

/// Rewrites a backup: `change` returns the new contents of each part, or `None` to leave it out. The manifest is adapted, as an
/// attacker who rewrites a backup would do.
fn rewrite(file: &Path, change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) {
    let mut old = ZipArchive::new(Cursor::new(fs::read(file).expect("the backup"))).expect("an archive");
    let mut parts = Vec::new();
    for number in 0..old.len() {
        let mut part = old.by_index(number).expect("a part");
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).expect("its contents");
        parts.push((part.name().to_owned(), bytes));
    }
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    let mut digests = BTreeMap::new();
    for (name, bytes) in parts {
        let bytes = match name.as_str() {
            "manifest.json" => {
                let mut manifest: Value = serde_json::from_slice(&bytes).expect("a manifest");
                for entry in manifest["entries"].as_array_mut().expect("its entries") {
                    let (size, digest): &(usize, String) = &digests[entry["name"].as_str().expect("a name")];
                    (entry["size"], entry["sha256"]) = (json!(size), json!(digest));
                }
                change(&name, manifest.to_string().into_bytes())
            }
            _ => change(&name, bytes),
        };
        let Some(bytes) = bytes else { continue };
        digests.insert(name.clone(), (bytes.len(), entities::audit::digest(&bytes)));
        new.start_file(name, SimpleFileOptions::default()).expect("a part");
        new.write_all(&bytes).expect("its contents");
    }
    fs::write(file, new.finish().expect("an archive").into_inner()).expect("the backup");
}

/// Replaces one text by another of the same length.
fn replaced(mut bytes: Vec<u8>, old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let places: Vec<_> =
        bytes.windows(old.len()).enumerate().filter_map(|(at, part)| (part == old.as_bytes()).then_some(at)).collect();
    for at in places {
        bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
    }
    bytes
}

/// All rows of all tables, as text. Of sessions, only the columns that a restore does not change.
async fn contents(url: &str) -> BTreeMap<String, Vec<String>> {
    let database = Database::connect(url, 1).await.expect("a connection");
    let db = &database.read;
    let texts = async |query: String| -> Vec<String> {
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), &query)).await;
        let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
        rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
    };
    let sqlite = url.starts_with("sqlite");
    let names = if sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
    };
    let mut tables = BTreeMap::new();
    for table in texts(names.to_owned()).await {
        let columns = if sqlite {
            format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'ended_at'")
        } else {
            format!(
                "SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}' AND column_name <> 'ended_at'"
            )
        };
        let quote = if sqlite { "quote" } else { "quote_nullable" };
        let columns: Vec<_> = texts(columns).await.iter().map(|column| format!("{quote}(\"{column}\")")).collect();
        let mut rows = texts(format!("SELECT {} FROM \"{table}\"", columns.join(" || ',' || "))).await;
        rows.sort();
        tables.insert(table, rows);
    }
    database.read.clone().close().await.expect("the readers close");
    database.writer().clone().close().await.expect("the writer closes");
    tables
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder.join("attachments")).expect("a folder of attachments");
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(path).expect("a file"))
        })
        .collect()
}

/// Fills the database with everything that could get lost on the way: texts, numbers, JSON, instants, a file.
async fn fill(app: &TestApp) -> String {
    let strengths = json!("引号 ' \" 反斜杠 \\ 换行\n制表\t逗号, 表情 🏮");
    let made =
        app.bureau().post("/organisations", with(organisation(10, TOWN_A), "/strengths", strengths)).key("k").await.is(201);
    app.bureau().patch(&made.path(), json!({ "member_count": 7 })).if_match(&made.etag()).await.is(200);
    let fields = [("object_type", "organisations"), ("object_id", made["id"].as_str().expect("an id"))];
    app.bureau().upload("/attachments", &fields, ("证书.pdf", "application/pdf", PDF)).await.is(201);
    made.path()
}

both_databases!(what_comes_back_is_what_was_there, async |app| {
    let path = fill(app).await;
    let config = (*app.app.config).clone();
    let file = config.data_dir.join("backup.zip");
    let made = backup::create(&config, &file, false).await.expect("a backup of a service that runs");
    assert_eq!(made.attachments, 1);
    let (rows, attached) = (contents(&config.database_url()).await, files(&config.data_dir));
    assert!(rows["organisations"].len() == 4 && rows["audit_events"].len() > 3 && attached.len() == 1);
    let said = backup::create(&config, &file, false).await.expect_err("there is one already").to_string();
    assert!(said.contains("--overwrite"), "{said}");

    // What happens after the backup is not in it.
    app.bureau().post("/organisations", organisation(11, TOWN_A)).await.is(201);

    let empty = app.db.create_empty().await;
    let target = elsewhere(&config, &empty);
    assert_eq!(restored(&target, &file, Terms::default()).await.0, made);
    assert_eq!(untraced(&empty.url).await, rows);
    assert_eq!(files(&empty.folder), attached);

    let said = refused(&target, &file, Terms::default()).await;
    assert!(said.contains("--overwrite"), "{said}");
    assert_eq!(restored(&target, &file, OVERWRITE).await.0, made);
    assert_eq!(untraced(&empty.url).await, rows);

    // The restored service works, keys included, and everybody has to sign in again.
    let served = TestApp::over(app.db, empty, |_| {}).await;
    served.bureau().get(&path).await.refused(contract::ErrorCode::SessionEnded);
    let input = json!({ "account": Who::Bureau.account(), "password": PASSWORD });
    let session = served.anonymous().post("/auth/login", input).await.is(200);
    let bureau = served.with_token(session["access_token"].as_str().expect("a token"));
    let back = bureau.get(&path).await.is(200);
    assert_eq!(back["member_count"], 7);
    let attachments = format!("/attachments?object_type=organisations&object_id={}", back["id"].as_str().expect("an id"));
    let attached = bureau.get(&attachments).await.is(200);
    let content = bureau.get(&format!("/attachments/{}", attached.items()[0]["id"].as_str().expect("an id"))).await.is(200);
    assert_eq!(content.bytes, PDF);
    let said = refused(&target, &file, OVERWRITE).await;
    assert!(said.contains("in use"), "{said}");
});

both_databases!(a_backup_of_a_version_that_counted_otherwise_is_counted_anew, async |app| {
    app.one_of_everything().await;
    tallies::count_otherwise(app).await;
    let config = (*app.app.config).clone();
    let file = config.data_dir.join("backup.zip");
    backup::create(&config, &file, false).await.expect("a backup");
    let place = app.db.create_empty().await;
    restored(&elsewhere(&config, &place), &file, Terms::default()).await;
    let back = TestApp::over(app.db, place, |_| {}).await;
    tallies::agree(&back, "a restore").await;
    tallies::change_again(&back).await;
    tallies::agree(&back, "changes after it").await;
});

both_databases!(what_a_kill_has_left_of_backups_and_keys_is_swept_up, async |app| {
    fill(app).await;
    let config = (*app.app.config).clone();
    let backups = config.data_dir.join("backups");
    fs::create_dir_all(backups.join(".baishe-backup-a1B2c3")).expect("a folder");
    let (day, hour) = (Duration::from_secs(24 * 3_600), Duration::from_secs(3_600));
    let left = |folder: &Path, name: &str, age: Duration| {
        let path = folder.join(name);
        let file = if path.is_dir() { fs::File::open(&path) } else { fs::File::create(&path) }.expect("it is there");
        file.set_modified(SystemTime::now() - age).expect("it is old");
        path
    };
    let gone = [
        left(&backups, ".baishe-backup-a1B2c3", day + hour),
        left(&backups, ".baishe-backup-d4E5f6.partial", day + hour),
        left(&config.keys_dir(), ".tmpa1B2c3", hour * 2),
        left(&config.keys_dir().join("personal"), ".tmpa1B2c3", hour * 2),
        left(&config.keys_dir().join("audit"), ".tmpa1B2c3", hour * 2),
    ];
    let stays = [
        left(&backups, ".baishe-backup-g7H8i9.partial", hour),
        left(&backups, "last-year.zip", day * 300),
        // Names with the same beginning, as an operator may choose them.
        left(&backups, ".baishe-backup-2020.zip", day * 300),
        left(&backups, ".baishe-backup-a1B2c3.zip", day * 300),
        left(&config.keys_dir(), ".tmpd4E5f6", hour / 2),
        left(&config.keys_dir(), "notes", day * 300),
    ];
    backup::create(&config, &backups.join("backup.zip"), false).await.expect("a backup");
    startup::prepare(config, Clock::system()).await.expect("it starts");
    assert!(gone.iter().all(|path| !path.exists()) && stays.iter().all(|path| path.exists()));
    assert_eq!(fs::read_dir(&backups).expect("the folder").count(), 5, "and nothing of this backup");
});

both_databases!(a_backup_that_is_damaged_or_too_new_changes_nothing, async |app| {
    fill(app).await;
    let config = (*app.app.config).clone();
    let file = config.data_dir.join("backup.zip");
    backup::create(&config, &file, false).await.expect("a backup");
    let whole = fs::read(&file).expect("the backup");
    let empty = app.db.create_empty().await;
    let target = elsewhere(&config, &empty);
    backup::restore(&target, &file, Terms::default()).await.expect("a restore");
    let before = contents(&empty.url).await;

    for place in [whole.len() / 3, whole.len() / 2] {
        let mut damaged = whole.clone();
        // Damage longer than the gap between two entries.
        damaged[place..place + 300].iter_mut().for_each(|byte| *byte ^= 0x10);
        fs::write(&file, damaged).expect("a damaged backup");
        let said = refused(&target, &file, OVERWRITE).await;
        assert!(said.contains("damaged") || said.contains("lacks"), "{said}");
    }
    fs::write(&file, &whole[..whole.len() - 100]).expect("a short backup");
    refused(&target, &file, OVERWRITE).await;

    app.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_what_is_to_come', 0)").await;
    backup::create(&config, &file, true).await.expect("a backup of a newer schema");
    let said = refused(&target, &file, OVERWRITE).await;
    assert!(said.contains("a newer version"), "{said}");
    assert_eq!(contents(&empty.url).await, before);

    // A damaged attachment is not worth a backup.
    let stored = files(&config.data_dir);
    let name = stored.keys().next().expect("an attachment");
    fs::write(config.data_dir.join("attachments").join(name), b"something else").expect("a file");
    let said = backup::create(&config, &file, true).await.expect_err("it has changed").to_string();
    assert!(said.contains(name), "{said}");
});

both_databases!(a_backup_of_steps_that_are_gone_is_refused_as_older, async |app| {
    let config = (*app.app.config).clone();
    let file = config.data_dir.join("backup.zip");
    app.sql("UPDATE seaql_migrations SET version = 'm0001_platform' WHERE version = 'm0101_platform'").await;
    backup::create(&config, &file, false).await.expect("a backup of an older schema");
    let empty = app.db.create_empty().await;
    let target = elsewhere(&config, &empty);
    let said = refused(&target, &file, Terms::default()).await;
    assert!(said.contains("an older version"), "{said}");
    // The refused restore left the database empty, so another one can follow.
    app.sql("UPDATE seaql_migrations SET version = 'm0101_platform' WHERE version = 'm0001_platform'").await;
    backup::create(&config, &file, true).await.expect("a backup");
    backup::restore(&target, &file, Terms::default()).await.expect("a restore");
});

both_databases!(a_backup_that_somebody_rewrote_is_refused_and_taken_on_purpose_alone, async |app| {
    fill(app).await;
    let config = (*app.app.config).clone();
    let file = config.data_dir.join("backup.zip");
    backup::create(&config, &file, false).await.expect("a backup");
    let whole = fs::read(&file).expect("the backup");
    let place = app.db.create_empty().await;
    let target = elsewhere(&config, &place);
    restored(&target, &file, Terms::default()).await;
    let before = contents(&place.url).await;

    let (old, new) = ("晋江市慈善总会", "晋江市慈善分会");
    let other = Tokens::load(&place.folder.join("other keys")).expect("other keys");
    let token = app.token(Who::Bureau);
    let sealed_by =
        |aud: &str, tokens: &Tokens| tokens.sign(&json!({ "aud": aud, "manifest": "0".repeat(64) })).expect("a signature");
    let (wrong, foreign) = (sealed_by("baishe-audit", &app.app.tokens), sealed_by("baishe-backup", &other));
    // Replacements of the signature: nothing, itself, a token, a statement of the trail, a signature under another key.
    for signature in [None, Some(None), Some(Some(token)), Some(Some(wrong)), Some(Some(foreign))] {
        fs::write(&file, &whole).expect("the backup");
        rewrite(&file, |name, bytes| match (name, &signature) {
            ("manifest.jws", None) => None,
            ("manifest.jws", Some(Some(other))) => Some(other.clone().into_bytes()),
            _ => Some(replaced(bytes, old, new)),
        });
        let said = refused(&target, &file, OVERWRITE).await;
        assert!(said.contains("no key in") && said.contains("--accept-unsigned"), "{signature:?}: {said}");
        assert_eq!(contents(&place.url).await, before, "nothing was touched");
    }
    // Every backup has these fields; a file without them is no backup.
    let rewritten = fs::read(&file).expect("the backup");
    for lacking in ["id", "index_key", "migrations"] {
        rewrite(&file, |name, bytes| match name {
            "manifest.json" => {
                let mut manifest: serde_json::Map<String, Value> = serde_json::from_slice(&bytes).expect("a manifest");
                manifest.remove(lacking).expect("it is there");
                Some(json!(manifest).to_string().into_bytes())
            }
            _ => Some(bytes),
        });
        let said = refused(&target, &file, UNSIGNED).await;
        assert!(said.contains("manifest") && said.contains(lacking), "{lacking}: {said}");
        assert_eq!(contents(&place.url).await, before, "nothing was touched");
        fs::write(&file, &rewritten).expect("the backup");
    }
    restored(&target, &file, UNSIGNED).await;
    let after = contents(&place.url).await;
    assert!(
        after["organisations"].iter().any(|row| row.contains(new)) && !after["organisations"].iter().any(|row| row.contains(old))
    );
    let trace: Vec<_> = after["audit_events"].iter().filter(|row| row.contains("'restore'")).collect();
    assert_eq!(trace.len(), 1);
    assert!(trace[0].contains("\"signed\"") && trace[0].contains("false"), "{trace:?}");
});

both_databases!(without_its_keys_nothing_is_restored_but_on_purpose, async |app| {
    app.families().await;
    let config = (*app.app.config).clone();
    let file = config.data_dir.join("backup.zip");
    backup::create(&config, &file, false).await.expect("a backup");
    let place = app.db.create_empty().await;
    let bare = Config { database_url: Some(place.url.clone().into()), data_dir: place.folder.clone(), ..config.clone() };
    let said = refused(&bare, &file, Terms::default()).await;
    for words in ["the keys that sign", "the keys of families' data", "the keys of the audit trail", "--without-keys"] {
        assert!(said.contains(words), "{said}");
    }
    assert!(!place.folder.join("keys").exists(), "no keys are made in the place of those that are missing");

    let keys = place.folder.join("keys");
    for (lost, words) in [
        ("0001.pem", "the keys that sign"),
        ("personal/0001.key", "the keys of families' data"),
        ("personal/index.key", "the key that people are found by"),
        ("audit/0001.key", "the keys of the audit trail"),
    ] {
        let target = elsewhere(&config, &place);
        fs::remove_file(keys.join(lost)).expect("a key");
        let said = refused(&target, &file, Terms::default()).await;
        assert!(said.starts_with(&format!("{words}: not in")), "{said}");
    }
    // There are keys, but not these.
    let target = elsewhere(&config, &place);
    for (other, words) in [("0001.key", "are sealed under keys that are missing"), ("index.key", "nobody is found by it")] {
        copy(&config.keys_dir().join("personal"), &keys.join("personal"));
        let strange = place.folder.join("strange").join(other);
        drop(platform::Vault::load(strange.parent().expect("a folder")).expect("strange keys"));
        fs::copy(strange, keys.join("personal").join(other)).expect("a copy");
        let said = refused(&target, &file, Terms::default()).await;
        assert!(said.contains(words) && said.contains("--without-keys"), "{said}");
        let (_, told) = restored(&target, &file, WITHOUT_KEYS).await;
        assert!(told.contains(words), "{told}");
        let said = refused(&target, &file, OVERWRITE).await;
        assert!(said.contains(words), "{said}");
    }
    let target = elsewhere(&config, &place);
    let (_, told) = restored(&target, &file, OVERWRITE).await;
    assert!(!told.contains("keys that are missing"), "{told}");
});

both_databases!(a_restore_says_what_becomes_of_the_trail_and_leaves_its_trace, async |app| {
    let config = (*app.app.config).clone();
    let backup_of = async |name: &str| -> PathBuf {
        fill_more(app, name).await;
        seal::all(&app.app).await.expect("the trail is sealed");
        let file = config.data_dir.join(name);
        backup::create(&config, &file, false).await.expect("a backup");
        file
    };
    let (early, late) = (backup_of("early.zip").await, backup_of("late.zip").await);
    let head = noted::read(&config.keys_dir()).expect("a head");
    let place = app.db.create_empty().await;
    let target = elsewhere(&config, &place);
    let verified = async || {
        let app = startup::prepare(target.clone(), Clock::system()).await.expect("the service is prepared");
        let verdict = command::run(&app, command::Command::Verify { head: None }).await.expect("a verdict");
        app.database.read.clone().close().await.expect("the readers close");
        app.database.writer().clone().close().await.expect("the writer closes");
        verdict
    };

    let (_, told) = restored(&target, &early, Terms::default()).await;
    let older = format!("it ends at block {}, and block {} was noted", head.block - 1, head.block);
    assert!(told.contains("the backup is older") && told.contains(&older), "{told}");
    assert_eq!(noted::read(&target.keys_dir()).expect("a head").block, head.block - 1);
    let (told, good) = verified().await;
    assert!(good && told.contains("1 waiting to be sealed"), "{told}");

    let (_, told) = restored(&target, &late, OVERWRITE).await;
    assert!(told.contains("nothing of it is lost"), "{told}");
    assert_eq!(noted::read(&target.keys_dir()), Some(head.clone()));
    fs::write(target.keys_dir().join("audit-head"), format!("{}:{}", head.block, "0".repeat(64))).expect("another head");
    let (_, told) = restored(&target, &late, OVERWRITE).await;
    assert!(told.contains(&format!("block {} of the backup is not the one", head.block)), "{told}");
    fs::remove_file(target.keys_dir().join("audit-head")).expect("the head");
    let (_, told) = restored(&target, &late, OVERWRITE).await;
    assert!(told.contains("nothing to compare it with"), "{told}");
    assert!(verified().await.1);

    // The auditor sees from which backup it was restored, and the newest block noted before.
    restored(&target, &early, OVERWRITE).await;
    let served = TestApp::over(app.db, place, |_| {}).await;
    served.sql("UPDATE sessions SET ended_at = NULL").await;
    let events = served.as_(Who::Auditor).get("/audit-events?object_type=backups&action=restore").await.is(200);
    assert_eq!((events.items().len(), &events.items()[0]["proof"]), (1, &json!("waiting")));
    let changes = events.items()[0]["changes"].as_array().expect("changes");
    let said = |field: &str| changes.iter().find(|change| change["field"] == field).map(|change| change["to"].clone());
    assert_eq!(said("signed"), Some(json!(true)));
    assert_eq!(said("trail_noted"), Some(json!(head.to_string())));
    assert!(said("trail_restored").is_some_and(|head| !head.is_null()) && said("backup_made_at").is_some());
});

async fn fill_more(app: &TestApp, what: &str) {
    let seen = app.bureau().get(&app.organisation_a_path()).await.is(200);
    app.bureau().patch(&app.organisation_a_path(), json!({ "strengths": what })).if_match(&seen.etag()).await.is(200);
}
