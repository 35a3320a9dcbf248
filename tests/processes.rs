//! The program as operators meet it: killed, stopped, started twice, cut off from its database, run behind a proxy.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use contract::ErrorCode::*;
use futures_util::future::{join, join_all};
use reqwest::Url;
use sea_orm::Database;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::on_both;
use crate::support::*;

#[tokio::test]
async fn a_command_whose_output_nobody_reads_has_not_failed() {
    let database = Db::Sqlite.create().await;
    let folder = database.folder.clone();
    let all = command(&folder, &["openapi"], &[], Reading::Everything);
    assert!(all.status.success() && all.stdout.starts_with(b"{\n  \"openapi\": \"3.1.0\""), "{all:?}");
    let none = command(&folder, &["openapi"], &[], Reading::Nothing);
    assert!(none.status.success() && none.stderr.is_empty(), "{none:?}");
}

#[tokio::test]
async fn a_data_directory_that_is_not_there_is_made_and_what_cannot_be_is_said_in_words() {
    let database = Db::Sqlite.create().await;
    let folder = database.folder.clone();
    let new = folder.join("srv/baishe");
    let listed = command(&folder, &["user", "list"], &[("BAISHE_DATA_DIR", new.to_str().expect("UTF-8"))], Reading::Everything);
    assert!(listed.status.success() && new.join("baishe.db").exists(), "{listed:?}");
    std::fs::write(folder.join("file"), "").expect("a file");
    let refused = command(&folder, &["user", "list"], &[("BAISHE_DATA_DIR", "file/data")], Reading::Everything);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.starts_with("Error: the data directory file/data cannot be made: "), "{said}");
    let lost = command(&folder, &["migrate"], &[("DATABASE_URL", "sqlite:///nowhere/baishe.db")], Reading::Everything);
    let said = String::from_utf8_lossy(&lost.stderr);
    assert!(said.contains("unable to open database file") && !said.contains("SqliteError"), "{said}");
}

#[tokio::test]
async fn demo_accounts_are_told_only_where_they_are() {
    let database = Db::Sqlite.create().await;
    let seeded = command(&database.folder, &["seed"], &[("DATABASE_URL", &database.url)], Reading::Everything);
    let told = String::from_utf8_lossy(&seeded.stdout);
    assert!(seeded.status.success() && told.contains("no demo data was loaded"), "{seeded:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_without_tls_are_warned_of_where_others_can_listen() {
    let database = Db::Sqlite.create().await;
    let open = Service::start_with(&database.url, &database.folder, &[("BAISHE_BIND", "0.0.0.0:0")]).await;
    let warned = |service: &Service| String::from_utf8_lossy(&service.logged()).contains("refresh cookies travel without TLS");
    assert!(warned(&open));
    drop(open);
    let own = Service::start(&database.url, &database.folder).await;
    assert!(!warned(&own));
}

on_both!(keys_are_rotated_under_load_and_after_kill_9);
async fn keys_are_rotated_under_load_and_after_kill_9(db: Db) {
    use entities::households::visit;
    use platform::Vault;
    use sea_orm::EntityTrait;
    use sea_orm::prelude::Uuid;

    const FAMILIES: u32 = 4;
    const VISITS: u32 = 2_000;
    let database = db.create().await;
    let (one, two) =
        (Service::start(&database.url, &database.folder).await, Service::start(&database.url, &database.folder).await);
    let token = sign_in(&one.anonymous(), Who::VillageA).await;
    let mut families = Vec::new();
    for order in 1..=FAMILIES {
        families.push(one.with_token(&token).post("/households", household(VILLAGE_A, order)).await.is(201));
    }
    // More than one batch, so that the command can be interrupted between two.
    let vault = Vault::load(&database.folder.join("keys/personal")).expect("the keys");
    let db = Database::connect(&database.url).await.expect("a connection");
    let told =
        visit::Personal { visitors: "永湖村两委".to_owned(), note: Some("学费尚缺".to_owned()), recorded_by: None };
    let household_id: Uuid = families[0].id().parse().expect("an id");
    let rows = (0..VISITS).map(|_| {
        let id = Uuid::now_v7();
        let visited_on = "2020-04-19".parse().expect("a date");
        let personal = vault.seal(visit::PLACE, id, &told).expect("it is sealed");
        visit::Entity::insert(visit::ActiveModel::from(visit::Model {
            id,
            household_id,
            visited_on,
            personal,
            created_at: instant(NOW),
            corrects_id: None,
        }))
    });
    for row in rows {
        row.exec_without_returning(&db).await.expect("a visit");
    }
    db.close().await.expect("the connection closes");

    // Each family is changed through one process and read through the other, all the time.
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let writers = families.into_iter().map(|family| {
        let (a, b) = (one.with_token(&token), two.with_token(&token));
        let stopped = stopped.clone();
        tokio::spawn(async move {
            let (path, mut etag) = (family.path(), family.etag());
            let mut number = 0_u32;
            while !*stopped.borrow() {
                let (writer, reader) = if number.is_multiple_of(2) { (&a, &b) } else { (&b, &a) };
                let patch = json!({ "phone": format!("1390595{number:04}") });
                let changed = writer.patch(&path, patch).if_match(&etag).attempt().await.expect("an answer");
                etag = changed.is(200).etag();
                let seen = reader.get(&path).attempt().await.expect("an answer");
                assert_eq!(seen.is(200)["phone"], format!("139****{number:04}"));
                number += 1;
            }
            (path, number)
        })
    });
    let writers: Vec<_> = writers.collect();

    let folder = database.folder.clone();
    let variables = [("DATABASE_URL", database.url.clone()), ("BAISHE_DATA_DIR", folder.to_str().expect("UTF-8").to_owned())];
    let (status, rotated) = tokio::task::spawn_blocking(move || {
        let variables = variables.each_ref().map(|(name, value)| (*name, &**value));
        killed(&folder, &["keys", "rotate"], &variables, "household_visits");
        let run = |command| command_of(&folder, &variables, command);
        (run("status"), run("rotate"))
    })
    .await
    .expect("the rotation");
    let lines: Vec<_> = status.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains("run `baishe keys rotate`") && lines[1].ends_with("seals"), "{status}");
    assert!(rotated.starts_with("going on under key "), "{rotated}");
    assert!(rotated.lines().any(|line| line.starts_with("0001 ") && line.contains(": 0 values;")), "{rotated}");
    assert!(!rotated.contains("0003"), "there is one new key and no other: {rotated}");

    stop.send_replace(true);
    let mut changed = 0;
    std::fs::remove_file(database.folder.join("keys/personal/0001.key")).expect("the old key");
    for writer in writers {
        let (path, number) = writer.await.expect("a writer");
        changed += number;
        let seen = two.with_token(&token).get(&path).await.is(200);
        assert_eq!(seen["phone"], format!("139****{:04}", number - 1));
    }
    assert!(changed > FAMILIES, "only {changed} changes under load");
    // A service that starts with only the new key works as well.
    let fresh = Service::start(&database.url, &database.folder).await;
    let visits = fresh.with_token(&token).walk(&format!("/households/{household_id}/visits"), 100).await;
    assert_eq!(visits.len(), VISITS as usize);
    assert!(visits.iter().all(|visit| visit["note"] == "学费尚缺"));
}

fn command_of(folder: &std::path::Path, variables: &[(&str, &str)], of_keys: &str) -> String {
    let done = command(folder, &["keys", of_keys], variables, Reading::Everything);
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

/// Sends the head of a request, and waits until the service waits for the body.
pub async fn begin(address: SocketAddr, token: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = format!(
        "POST /api/v1/organisations HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("the head is sent");
    let mut line = [0; 25];
    stream.read_exact(&mut line).await.expect("the service waits for the body");
    assert_eq!(&line[..], b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

/// Sends the body, and reads the answer.
pub async fn end(mut stream: TcpStream, body: &str) -> String {
    stream.write_all(body.as_bytes()).await.expect("the body is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

on_both!(sigterm_lets_a_running_request_finish);
async fn sigterm_lets_a_running_request_finish(db: Db) {
    let database = db.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    let token = sign_in(&service.anonymous(), Who::Bureau).await;
    let body = organisation(10, TOWN_A).to_string();
    let running = begin(service.address, &token, &body).await;
    service.terminate();
    let address = service.address;
    eventually("it takes no new connections", || async move { TcpStream::connect(address).await.is_err() }).await;
    let answer = end(running, &body).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let (status, _) = service.ended().await;
    assert_eq!(status.code(), Some(0));
    assert_eq!(number(&database.url, "SELECT COUNT(*) FROM organisations").await, 4);
}

on_both!(started_twice_at_once_it_is_set_up_once);
async fn started_twice_at_once_it_is_set_up_once(db: Db) {
    let empty = db.create_empty().await;
    let start = || Service::start(&empty.url, &empty.folder);
    let (one, other) = join(start(), start()).await;
    for service in [&one, &other] {
        service.anonymous().get("/readyz").await.is(200);
    }
    // One key signs for both.
    let keys = async |service: &Service| service.anonymous().get("/.well-known/jwks.json").await.is(200).body;
    assert_eq!(keys(&one).await, keys(&other).await);
    one.terminate();
    other.terminate();
    let printed = [one.ended().await.1, other.ended().await.1].concat();
    assert_eq!(printed.matches("First administrator").count(), 1, "{printed}");
    assert_eq!(number(&empty.url, "SELECT COUNT(*) FROM users").await, 1);
    let twice = "SELECT COUNT(*) FROM (SELECT version FROM seaql_migrations GROUP BY version HAVING COUNT(*) > 1) t";
    assert_eq!(number(&empty.url, twice).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_behind_a_proxy_are_one_service() {
    let database = Db::Postgres.create().await;
    let start = || Service::start(&database.url, &database.folder);
    let (mut one, other) = join(start(), start()).await;
    let proxy = Link::to(vec![one.address, other.address]).await;
    let token = sign_in(&proxy.client(), Who::Bureau).await;
    let bureau = proxy.with_token(&token);

    // A session opened at one process works at the other, and each reads what the other writes.
    let made = bureau.post("/organisations", organisation(10, TOWN_A)).key("once").await.is(201);
    for service in [&one, &other] {
        let seen = service.with_token(&token).get(&made.path()).await.is(200);
        assert_eq!(seen.etag(), service.with_token(&token).get(&made.path()).await.is(200).etag());
    }
    // A repeat at the other process gets the first answer. Two at once make one object.
    for service in [&one, &other] {
        let again = service.with_token(&token).post("/organisations", organisation(10, TOWN_A)).key("once").await.is(201);
        assert_eq!(again.body, made.body);
    }
    let (a, b) = (one.with_token(&token), other.with_token(&token));
    let send = |client: &Client| IntoFuture::into_future(client.post("/organisations", organisation(11, TOWN_A)).key("race"));
    let (first, second) = join(send(&a), send(&b)).await;
    assert_eq!(first.is(201).body, second.is(201).body);
    // Of two changes of one version, one loses.
    let change = |client: &Client, count: i32| {
        IntoFuture::into_future(client.patch(&made.path(), json!({ "member_count": count })).if_match(&made.etag()))
    };
    let (first, second) = join(change(&a, 1), change(&b, 2)).await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    // The other process finds files that one has stored.
    let fields = [("object_type", "organisations"), ("object_id", made["id"].as_str().expect("an id"))];
    let attached = a.upload("/attachments", &fields, ("证书.pdf", "application/pdf", PDF)).await.is(201);
    assert_eq!(b.get(&attached.path()).await.is(200).bytes, PDF);

    // A session that ends at one process has ended at the other, at once.
    let stolen = sign_in(&one.anonymous(), Who::Bureau).await;
    other.with_token(&stolen).get("/me").await.is(200);
    let sessions = a.get("/me/sessions").await.is(200);
    for session in sessions.items().iter().filter(|session| session["current"] == false) {
        a.delete(&format!("/me/sessions/{}", session["id"].as_str().expect("an id"))).await.is(204);
    }
    other.with_token(&stolen).get("/me").await.refused(SessionEnded);

    // When one process is gone, the other continues.
    one.kill();
    for count in 10..16 {
        let seen = bureau.get(&made.path()).await.is(200);
        bureau.patch(&made.path(), json!({ "member_count": count })).if_match(&seen.etag()).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_it_says_so_and_heals() {
    let database = Db::Postgres.create().await;
    let mut url = Url::parse(&database.url).expect("a URL");
    let host = format!("{}:{}", url.host_str().expect("a host"), url.port().unwrap_or(5432));
    let target = tokio::net::lookup_host(host).await.expect("its address").next().expect("its address");
    let link = Link::to(vec![target]).await;
    url.set_host(Some("127.0.0.1")).expect("a host");
    url.set_port(Some(link.address.port())).expect("a port");
    let service = Service::start(url.as_str(), &database.folder).await;
    let bureau = service.signed_in(Who::Bureau).await;
    let anonymous = service.anonymous();

    for dead in [false, true] {
        bureau.get("/campaigns").await.is(200);
        if dead {
            link.go_dead()
        } else {
            link.cut()
        }
        let began = Instant::now();
        // This also holds if the connection does not end, and statements are in transit.
        let reads = (0..3).map(|_| IntoFuture::into_future(bureau.get("/campaigns")));
        let writes = (0..3).map(|_| IntoFuture::into_future(bureau.post("/organisations", organisation(10, TOWN_A))));
        for refused in join_all(reads.chain(writes)).await {
            assert!(refused.refused(Unavailable).header("retry-after").is_some());
        }
        println!("refused after {:?}", began.elapsed());
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        eventually("it says so", || async { anonymous.get("/readyz").await.status == 503 }).await;
        assert!(anonymous.get("/readyz").await.refused(Unavailable).header("retry-after").is_some());
        anonymous.get("/livez").await.is(200);
        link.mend();
        eventually("it is ready again", || async { anonymous.get("/readyz").await.status == 200 }).await;
        // No dead connection remains in the pool unnoticed.
        for _ in 0..20 {
            bureau.get("/campaigns").await.is(200);
        }
    }
    assert_eq!(number(&database.url, "SELECT COUNT(*) FROM organisations").await, 3);
}

on_both!(a_restore_says_in_words_why_it_is_refused_and_what_it_did);
async fn a_restore_says_in_words_why_it_is_refused_and_what_it_did(db: Db) {
    let (database, place) = (db.create().await, db.create_empty().await);
    let done = tokio::task::spawn_blocking(move || {
        let at = |database: &TestDatabase, arguments: &[&str]| {
            let folder = database.folder.to_str().expect("UTF-8");
            let variables = [("DATABASE_URL", &*database.url), ("BAISHE_DATA_DIR", folder), ("USER", "yunwei")];
            let output = command(&database.folder, arguments, &variables, Reading::Everything);
            let said = [output.stdout, output.stderr].concat();
            (output.status.success(), String::from_utf8(said).expect("UTF-8"))
        };
        let file = database.folder.join("backup.zip");
        let file = file.to_str().expect("UTF-8");
        let (made, said) = at(&database, &["audit", "seal"]);
        assert!(made, "{said}");
        let (made, said) = at(&database, &["backup", file]);
        assert!(made, "{said}");
        let (restored, said) = at(&place, &["restore", file]);
        assert!(!restored && said.contains("the keys of families' data") && said.contains("--without-keys"), "{said}");
        let copied = std::process::Command::new("cp").arg("-r").args([&database.folder.join("keys"), &place.folder]).status();
        assert!(copied.is_ok_and(|status| status.success()));
        let (restored, said) = at(&place, &["restore", file]);
        assert!(restored && said.starts_with("restored: ") && said.contains("nothing of it is lost"), "{said}");
        let (verified, said) = at(&place, &["audit", "verify"]);
        assert!(verified && said.contains("1 waiting to be sealed, 0 findings"), "{said}");
        place
    });
    let place = done.await.expect("the commands");
    let by = "SELECT COUNT(*) FROM audit_events WHERE action = 'restore' AND CAST(changes AS text) LIKE '%yunwei%'";
    assert_eq!(number(&place.url, by).await, 1);
}

/// With a full disk, existing data can still be read.
#[tokio::test]
async fn a_full_disk_refuses_writes_and_goes_on_reading() {
    let app = TestApp::spawn(Db::Sqlite, |_| {}).await;
    let bureau = app.bureau();
    let pages = app.number("SELECT page_count FROM pragma_page_count").await;
    app.sql(&format!("PRAGMA max_page_count = {pages}")).await;
    let mut number = 10;
    let refused = loop {
        let answer = bureau.post("/organisations", organisation(number, TOWN_A)).await;
        if answer.status != 201 {
            break answer;
        }
        number += 1;
        assert!(number < 500, "it never gets full");
    };
    assert!(refused.refused(Unavailable).header("retry-after").is_some());
    // The bureau can see two organisations of the template.
    assert_eq!(bureau.get("/organisations").await.is(200)["total"], 2 + number - 10);
    app.sql("PRAGMA max_page_count = 1000000").await;
    bureau.post("/organisations", organisation(number, TOWN_A)).await.is(201);
}
