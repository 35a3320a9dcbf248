//! Backup and restore: what comes back is what was there.

use std::collections::BTreeMap;
use std::path::Path;

use baishe::backup;
use baishe::platform::config::Config;
use baishe::platform::database::Database;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::both_databases;
use crate::support::*;

/// All rows of all tables, as text; of sessions only what a restore leaves alone.
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
    let entries = std::fs::read_dir(folder.join("attachments")).expect("a folder of attachments");
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            (path.file_name().expect("a name").to_string_lossy().into_owned(), std::fs::read(path).expect("a file"))
        })
        .collect()
}

/// Something of everything that could get lost on the way: text, numbers, JSON, instants, a file.
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
    let refused = backup::create(&config, &file, false).await.expect_err("there is one already").to_string();
    assert!(refused.contains("--overwrite"), "{refused}");

    // What happens after it is not in it.
    app.bureau().post("/organisations", organisation(11, TOWN_A)).await.is(201);

    let empty = app.db.create_empty().await;
    let target = Config { database_url: Some(empty.url.clone().into()), data_dir: empty.folder.clone(), ..config.clone() };
    assert_eq!(backup::restore(&target, &file, false).await.expect("a restore"), made);
    assert_eq!(contents(&empty.url).await, rows);
    assert_eq!(files(&empty.folder), attached);

    let refused = backup::restore(&target, &file, false).await.expect_err("there is a database already").to_string();
    assert!(refused.contains("--overwrite"), "{refused}");
    assert_eq!(backup::restore(&target, &file, true).await.expect("a restore on purpose"), made);
    assert_eq!(contents(&empty.url).await, rows);

    // It serves, keys and all, and everybody signs in again.
    let restored = TestApp::over(app.db, empty, |_| {}).await;
    restored.bureau().get(&path).await.refused(contract::ErrorCode::SessionEnded);
    let input = json!({ "account": Who::Bureau.account(), "password": PASSWORD });
    let session = restored.anonymous().post("/auth/login", input).await.is(200);
    let bureau = restored.with_token(session["access_token"].as_str().expect("a token"));
    let back = bureau.get(&path).await.is(200);
    assert_eq!(back["member_count"], 7);
    let attachments = format!("/attachments?object_type=organisations&object_id={}", back["id"].as_str().expect("an id"));
    let attached = bureau.get(&attachments).await.is(200);
    let content = bureau.get(&format!("/attachments/{}", attached.items()[0]["id"].as_str().expect("an id"))).await.is(200);
    assert_eq!(content.bytes, PDF);
    let refused = backup::restore(&target, &file, true).await.expect_err("the service runs on it").to_string();
    assert!(refused.contains("in use"), "{refused}");
});

both_databases!(a_backup_that_is_damaged_or_too_new_changes_nothing, async |app| {
    fill(app).await;
    let config = (*app.app.config).clone();
    let file = config.data_dir.join("backup.zip");
    backup::create(&config, &file, false).await.expect("a backup");
    let whole = std::fs::read(&file).expect("the backup");
    let empty = app.db.create_empty().await;
    let target = Config { database_url: Some(empty.url.clone().into()), data_dir: empty.folder.clone(), ..config.clone() };
    backup::restore(&target, &file, false).await.expect("a restore");
    let before = contents(&empty.url).await;

    for place in [whole.len() / 3, whole.len() / 2] {
        let mut damaged = whole.clone();
        // More than what lies between two entries.
        damaged[place..place + 300].iter_mut().for_each(|byte| *byte ^= 0x10);
        std::fs::write(&file, damaged).expect("a damaged backup");
        let refused = backup::restore(&target, &file, true).await.expect_err("it is damaged").to_string();
        assert!(refused.contains("damaged") || refused.contains("lacks"), "{refused}");
    }
    std::fs::write(&file, &whole[..whole.len() - 100]).expect("a short backup");
    backup::restore(&target, &file, true).await.expect_err("its end is missing");

    app.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_what_is_to_come', 0)").await;
    backup::create(&config, &file, true).await.expect("a backup of a newer schema");
    let refused = backup::restore(&target, &file, true).await.expect_err("it is too new").to_string();
    assert!(refused.contains("newer version"), "{refused}");
    assert_eq!(contents(&empty.url).await, before);

    // An attachment whose contents are not what was stored is no thing to keep a copy of.
    let stored = files(&config.data_dir);
    let name = stored.keys().next().expect("an attachment");
    std::fs::write(config.data_dir.join("attachments").join(name), b"something else").expect("a file");
    let refused = backup::create(&config, &file, true).await.expect_err("it has changed").to_string();
    assert!(refused.contains(name), "{refused}");
});
