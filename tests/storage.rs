//! What happens to acknowledged changes when the disk is full or fails, or the database stops answering.

use contract::ErrorCode::*;
use futures_util::future::join_all;
use platform::database::Database;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::*;
use crate::{both_databases, on_both};

/// A temporary fault that keeps SQLite from writing.
struct Fault<'a> {
    begin: &'a dyn Fn(),
    end: &'a dyn Fn(),
}

/// Writes until writing fails, and again after the fault has passed. Asserts, over another connection, that everything
/// acknowledged is there.
async fn acknowledged_is_there(url: &str, bureau: &Client, fault: Fault<'_>) {
    let mut made = Vec::new();
    let mut next = 10;
    let mut create = async |key: Option<&str>| {
        next += 1;
        let call = bureau.post("/organisations", organisation(next, TOWN_A));
        if let Some(key) = key { call.key(key).await } else { call.await }
    };
    for round in 0..2 {
        made.push(create(None).await.is(201));
        (fault.begin)();
        let refused = loop {
            let answer = create(None).await;
            if answer.status != 201 {
                break answer;
            }
            made.push(answer);
            assert!(made.len() < 2_000, "it never gets full");
        };
        assert!(refused.refused(Unavailable).header("retry-after").is_some());
        (fault.end)();
        // Refusals inside a transaction, one by the service and one by the database.
        let last = made.last().expect("one that was made");
        bureau.patch(&last.path(), json!({ "member_count": 1 })).if_match("\"99\"").await.refused(StaleVersion);
        let twin = json!({ "name": "同名", "credit_code": last["credit_code"], "kind": "social_work", "area_code": TOWN_A });
        assert_eq!(bureau.post("/organisations", twin).await.status, 422);
        for number in 0..20 {
            made.push(create(Some(&format!("{round}-{number}"))).await.is(201));
        }
    }
    for one in &made {
        assert_eq!(bureau.get(&one.path()).await.is(200)["id"], one["id"]);
    }
    let all = made.len() as i64;
    assert_eq!(number(url, "SELECT COUNT(*) FROM organisations").await, 3 + all);
    let history = "SELECT COUNT(*) FROM audit_events WHERE object_type = 'organisations' AND action = 'create'";
    assert_eq!(number(url, history).await, 3 + all);
    assert_eq!(number(url, "SELECT COUNT(*) FROM idempotency_keys WHERE answer IS NOT NULL").await, 40);
    bureau.get("/readyz").await.is(200);
}

/// A full file system (SQLITE_FULL). Only root may mount one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_after_a_full_disk_is_there() {
    let database = Db::Sqlite.create().await;
    let Some(disk) = SmallDisk::mount(&database.folder, 16) else { return };
    let file = disk.path.join("test.db");
    std::fs::copy(database.folder.join("test.db"), &file).expect("the database moves to the small disk");
    let url = format!("sqlite://{}", file.display());
    let service = Service::start(&url, &disk.path).await;
    let bureau = service.signed_in(Who::Bureau).await;
    acknowledged_is_there(&url, &bureau, Fault { begin: &|| disk.fill(), end: &|| disk.make_room() }).await;
}

/// Writes that fail at the limit of the file's size (SQLITE_IOERR_WRITE).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_after_writes_that_failed_is_there() {
    let database = Db::Sqlite.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    let bureau = service.signed_in(Who::Bureau).await;
    let log = database.folder.join("test.db-wal");
    let limit = || {
        let length = std::fs::metadata(&log).map_or(0, |log| log.len());
        service.limit_files(Some(length / 1024 + 100));
    };
    let fault = Fault { begin: &limit, end: &|| service.limit_files(None) };
    acknowledged_is_there(&database.url, &bureau, fault).await;
}

#[tokio::test]
async fn a_writer_on_which_a_statement_failed_is_replaced_and_one_that_was_refused_is_not() {
    let app = TestApp::spawn(Db::Sqlite, |_| {}).await;
    let bureau = app.bureau();
    let made = bureau.post("/organisations", organisation(10, TOWN_A)).await.is(201);
    // A temporary table shows which connection this is.
    app.sql("CREATE TEMP TABLE own (id INTEGER)").await;
    bureau.patch(&made.path(), json!({ "member_count": 1 })).if_match("\"99\"").await.refused(StaleVersion);
    app.sql("INSERT INTO own VALUES (1)").await;
    assert_eq!(bureau.post("/organisations", organisation(10, TOWN_A)).await.status, 422);
    assert!(app.app.database.writer().execute_unprepared("INSERT INTO own VALUES (1)").await.is_err());
}

/// The file is moved after closing: content in its log alone would be lost, also if another connection keeps the log.
#[tokio::test]
async fn a_database_that_is_closed_into_its_file_leaves_nothing_in_its_log() {
    let database = Db::Sqlite.create().await;
    let ours = Database::connect(&database.url, 1).await.expect("a database");
    let other = sea_orm::Database::connect(&database.url).await.expect("another connection");
    ours.writer().execute_unprepared("CREATE TABLE late (id INTEGER)").await.expect("a change");
    ours.close_into_file().await.expect("the file holds all");
    let moved = database.folder.join("moved.db");
    std::fs::copy(database.folder.join("test.db"), &moved).expect("a copy without the log");
    other.close().await.expect("it closes");
    assert_eq!(number(&format!("sqlite://{}", moved.display()), "SELECT COUNT(*) FROM late").await, 0);
}

/// Whatever left the transaction open.
#[tokio::test]
async fn a_writer_with_an_open_transaction_is_given_to_nobody() {
    let app = TestApp::spawn(Db::Sqlite, |_| {}).await;
    app.sql("BEGIN").await;
    let made = app.bureau().post("/organisations", organisation(10, TOWN_A)).await.is(201);
    app.bureau().get(&made.path()).await.is(200);
    assert_eq!(number(&app.app.config.database_url(), "SELECT COUNT(*) FROM organisations").await, 4);
}

both_databases!(
    a_beginning_that_is_given_up_leaves_no_transaction_open,
    with | config | {
        config.max_connections = 1;
    },
    async |app| {
        for polls in 1..40_i64 {
            let mut begin = Box::pin(app.app.database.begin());
            for _ in 0..polls {
                if futures_util::poll!(&mut begin).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(begin);
            app.sql(&format!("INSERT INTO demo (id, clock_ahead_seconds) VALUES ({polls}, 0)")).await;
            let seen = number(&app.app.config.database_url(), "SELECT COUNT(*) FROM demo").await;
            assert_eq!(seen, polls, "what is written is there for others, after {polls} polls");
        }
    }
);

both_databases!(a_database_that_only_reads_is_not_ready, async |app| {
    app.anonymous().get("/readyz").await.is(200);
    let bureau = app.bureau();
    match app.db {
        Db::Sqlite => app.sql("PRAGMA query_only = ON").await,
        Db::Postgres => {
            let name = app.texts("SELECT current_database()::text").await.remove(0);
            app.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
            let others = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                          WHERE datname = current_database() AND pid <> pg_backend_pid()";
            number(&app.app.config.database_url(), others).await;
        }
    }
    let anonymous = app.anonymous();
    eventually("it says so", || async { anonymous.get("/readyz").await.status == 503 }).await;
    assert!(anonymous.get("/readyz").await.refused(Unavailable).header("retry-after").is_some());
    eventually("what is there can be read", || async { bureau.get("/organisations").await.status == 200 }).await;
    assert!(bureau.post("/organisations", organisation(10, TOWN_A)).await.refused(Unavailable).header("retry-after").is_some());
});

both_databases!(asking_whether_it_is_ready_takes_no_room_and_keeps_nobody_waiting, async |app| {
    let anonymous = app.anonymous();
    let asked = join_all((0..50).map(|_| IntoFuture::into_future(anonymous.get("/readyz")))).await;
    assert!(asked.into_iter().all(|answer| answer.status == 200));
    let rows = app.number("SELECT COUNT(*) FROM readiness").await;
    let written = app.number("SELECT written FROM readiness").await;
    assert_eq!(rows, 1);
    assert!(written < 50, "{written} times written for 50 who asked at once");
});

/// An import may use SQLite's single writer for minutes.
#[tokio::test]
async fn a_writer_at_work_is_no_reason_to_be_taken_out_of_service() {
    let app = TestApp::spawn(Db::Sqlite, |_| {}).await;
    let import = app.app.database.begin().await.expect("a transaction");
    app.anonymous().get("/readyz").await.is(200);
    import.commit().await.expect("a commit");
}

on_both!(files_without_room_are_refused_for_now);
/// The files beside the database: attachments, and workbooks on their way out.
async fn files_without_room_are_refused_for_now(db: Db) {
    let database = db.create().await;
    let Some(disk) = SmallDisk::mount(&database.folder, 16) else { return };
    let folder = disk.path.to_str().expect("UTF-8");
    let settings = [("BAISHE_DATA_DIR", folder), ("TMPDIR", folder)];
    let service = Service::start_with(&database.url, &database.folder, &settings).await;
    let bureau = service.signed_in(Who::Bureau).await;
    let made = bureau.post("/organisations", organisation(10, TOWN_A)).await.is(201);
    let fields = [("object_type", "organisations"), ("object_id", &*made.id())];
    let attach = || bureau.upload("/attachments", &fields, ("证书.pdf", "application/pdf", PDF));
    let export = || bureau.get("/organisations/export");
    attach().await.is(201);
    export().await.is(200);

    disk.fill();
    for refused in [attach().await, export().await] {
        assert!(refused.refused(Unavailable).header("retry-after").is_some());
    }
    bureau.get("/organisations").await.is(200);
    let log = String::from_utf8(service.logged()).expect("UTF-8");
    assert_eq!(log.matches("request failed").count(), 2, "{log}");

    disk.make_room();
    attach().await.is(201);
    export().await.is(200);
}

on_both!(what_the_program_makes_is_for_its_owner_alone);
async fn what_the_program_makes_is_for_its_owner_alone(db: Db) {
    use std::os::unix::fs::PermissionsExt;

    fn open_to_others(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let about = entry.metadata().expect("what the system says of it");
            if about.permissions().mode() & 0o077 != 0 {
                found.push(entry.path().display().to_string());
            }
            if about.is_dir() {
                open_to_others(&entry.path(), found);
            }
        }
    }

    let database = db.create_empty().await;
    let (folder, url) = (database.folder.clone(), database.url.clone());
    let run = |arguments: &[&str]| {
        let variables = [("DATABASE_URL", &*url), ("BAISHE_DATA_DIR", folder.to_str().expect("UTF-8"))];
        let done = command(&folder, arguments, &variables, Reading::Everything);
        assert!(done.status.success(), "{done:?}");
    };
    // Commands first, before there is a service.
    run(&["migrate"]);
    run(&["tokens", "rotate", "0002"]);
    run(&["keys", "rotate"]);
    run(&["backup", "backup.zip"]);
    let service = Service::start(&url, &folder).await;
    service.anonymous().get("/readyz").await.is(200);
    let mut found = Vec::new();
    open_to_others(&folder, &mut found);
    assert_eq!(found, [""; 0]);
    drop(service);

    // Then requests to the service.
    let database = db.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    let bureau = service.signed_in(Who::Bureau).await;
    let made = bureau.post("/organisations", organisation(10, TOWN_A)).await.is(201);
    let fields = [("object_type", "organisations"), ("object_id", &*made.id())];
    bureau.upload("/attachments", &fields, ("证书.pdf", "application/pdf", PDF)).await.is(201);
    let mut found = Vec::new();
    open_to_others(&database.folder.join("attachments"), &mut found);
    assert_eq!(found, [""; 0]);
}

/// A value that no key opens any more, after a bad sector or tampering with the database, keeps nobody from the other values.
mod damaged {
    use super::*;

    both_databases!(one_value_hides_no_other, async |app| {
        let families = app.families().await;
        let (village, town) = (app.village_a(), app.town_a());
        let path = families.family.path();
        village.post("/households", household(VILLAGE_A, 41)).await.is(201);
        village.post(&format!("{path}/visits"), visit()).await.is(201);
        village.post(&format!("{path}/visits"), visit()).await.is(201);
        let lists = [
            "/households?limit=50".to_owned(),
            "/households?members=true".to_owned(),
            format!("{path}/visits"),
            format!("/attachments?object_type=households&object_id={}", families.family.id()),
            "/assistance-plans".to_owned(),
            "/assistance-measures".to_owned(),
            "/assistance-records".to_owned(),
        ];
        let mut before = Vec::new();
        for list in &lists {
            before.push(town.get(list).await.is(200)["total"].clone());
        }

        let id = families.family.id();
        for (table, column, row) in [
            ("households", "personal", format!("id = {}", literal(app.db, &id))),
            ("household_members", "personal", format!("household_id = {}", literal(app.db, &id))),
            ("household_visits", "personal", "1 = 1".to_owned()),
            ("assistance_plans", "agreed_by", "agreed_by IS NOT NULL".to_owned()),
            ("assistance_measures", "texts", "1 = 1".to_owned()),
            ("assistance_records", "texts", "1 = 1".to_owned()),
        ] {
            app.sql(&format!("UPDATE {table} SET {column} = {} WHERE {row}", damage(app.db))).await;
        }

        for (list, before) in lists.iter().zip(before) {
            let page = town.get(list).await.is(200);
            assert_eq!(page["total"], before, "{list}");
        }
        let page = town.get("/households?members=true&limit=50").await.is(200);
        let shown = |id: &str| page.items().iter().find(|item| item["id"] == id).cloned().expect("the family");
        assert_eq!(shown(&id)["head_name"], "—");
        assert_eq!(shown(&id)["members"], json!([]));
        assert!(page.items().iter().any(|item| item["head_name"] == "许**"), "the others are shown as ever");
        let file = town.get(&path).await.is(200);
        assert_eq!((&file["head_name"], &file["phone"]), (&json!("—"), &json!(null)));
        let visits = town.get(&format!("{path}/visits")).await.is(200);
        assert!(visits.items().iter().all(|visit| visit["visitors"] == "—" && visit["note"].is_null()));
        for list in ["/assistance-measures", "/assistance-records"] {
            let page = village.get(list).await.is(200);
            assert!(page.items().iter().all(|item| item["description"] == "—"), "{list}");
        }
        town.get("/assistance-plans/export").await.is(200);
        town.post("/households/export", json!({ "purpose": "payment" })).await.is(200);
        // A damaged value is not overwritten, since a backup may still restore it.
        let patch = json!({ "income_per_head_fen": 1 });
        assert_eq!(village.patch(&path, patch).if_match(&file.etag()).await.status, 500);
    });

    both_databases!(a_family_is_forgotten_beside_one_that_cannot_be_read, async |app| {
        let families = app.families().await;
        let (village, town, other) = (app.village_a(), app.town_a(), app.as_(Who::VillageB));
        let kept = village.get(&families.kept.path()).await.is(200);
        for step in ["assist", "lift_out"] {
            town.post(&format!("{}/{step}", kept.path()), json!({ "note": "收入稳定" })).await.is(200);
        }
        let given = other.get(&families.other.path()).await.is(200);
        let withdraw = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
        other.patch(&given.path(), withdraw).if_match(&given.etag()).await.is(200);
        app.sql(&format!("UPDATE household_merges SET personal = {}", damage(app.db))).await;
        let row = literal(app.db, &families.other.id());
        app.sql(&format!("UPDATE households SET personal = {} WHERE id = {row}", damage(app.db))).await;
        app.clock.set(noon("2023-04-20"));
        assert_eq!(app.retention(false).await, (vec![format!("{VILLAGE_A}-0002 lifted_out")], "1 files anonymised".to_owned()));
    });

    both_databases!(a_family_whose_consent_cannot_be_read_has_not_given_it, async |app| {
        let families = app.families().await;
        let (village, path) = (app.village_a(), families.family.path());
        let file = village.get(&path).await.is(200);
        let withdraw = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
        village.patch(&path, withdraw).if_match(&file.etag()).await.is(200);
        let read = |purpose: &str| village.get(&format!("{}?purpose={purpose}", families.card.path()));
        read("visit").await.refused(HouseholdNotConsented);
        let row = literal(app.db, &families.family.id());
        app.sql(&format!("UPDATE households SET personal = {} WHERE id = {row}", damage(app.db))).await;
        read("visit").await.refused(HouseholdNotConsented);
        read("payment").await.refused(HouseholdNotConsented);
        read("verification").await.is(200);
        let fields = [("object_type", "households"), ("object_id", &*families.family.id())];
        let photo = picture(image::ImageFormat::Png);
        village.upload("/attachments", &fields, ("a.png", "image/png", &photo)).await.refused(PhotosNotConsented);
    });

    fn damage(db: Db) -> &'static str {
        match db {
            Db::Sqlite => "x'0100'",
            Db::Postgres => "'\\x0100'::bytea",
        }
    }

    fn literal(db: Db, id: &str) -> String {
        match db {
            Db::Sqlite => format!("x'{}'", id.replace('-', "")),
            Db::Postgres => format!("'{id}'"),
        }
    }
}
