//! The program's output and leftovers do not reveal who a family is.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use crate::on_both;
use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_gets_a_span_of_each_request_which_says_nothing_of_anybody() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let collector = Collector::start();
    let database = Db::Sqlite.create().await;
    let service =
        Service::start_with(&database.url, &database.folder, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.address)]).await;
    let bureau = service.signed_in(Who::Bureau).await;
    let family = service.signed_in(Who::VillageA).await.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let read = bureau.get(&family.path()).header("traceparent", &parent).await.is(200);
    for path in [&*family.path(), "/households?q=13805950137", "/nothing/13805950137"] {
        drop(bureau.get(path).await);
    }
    let told = read.headers["traceresponse"].to_str().expect("ASCII").to_owned();
    service.terminate();
    assert!(service.ended().await.0.success());

    let spans = collector.spans();
    let name = "GET /api/v1/households/{id}";
    let of = |trace: &str| spans.iter().find(|span| span["name"] == name && span["traceId"] == trace);
    let span = of(TRACE).unwrap_or_else(|| panic!("{spans:#?}"));
    assert_eq!(span["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(
        told,
        format!("00-{TRACE}-{}-01", span["spanId"].as_str().expect("an id")),
        "logs and caller know the span by the same id"
    );
    assert!(span.to_string().contains(r#""http.response.status_code","value":{"intValue""#), "{span}");
    assert!(spans.iter().any(|span| span["name"] == name && span["traceId"] != TRACE), "a trace of its own without a caller's");
    let all = Value::from(spans).to_string();
    for secret in SECRETS.iter().copied().chain(["13805950137", &family.id()]) {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

on_both!(the_log_tells_nobody_who_a_family_is);
async fn the_log_tells_nobody_who_a_family_is(db: Db) {
    let database = db.create().await;
    let service = Service::start_with(&database.url, &database.folder, &[("BAISHE_LOG", "debug")]).await;
    let village = service.signed_in(Who::VillageA).await;
    let file = household(VILLAGE_A, 1);
    let made = village.post("/households", file.clone()).key("once").await.is(201);
    village.post("/households", file.clone()).await.is(422);
    village.post("/households", with(file, "/members/0/relation", json!("许清水"))).await.is(422);
    village.post(&format!("{}/reveal", made.path()), json!({ "purpose": "visit" })).await.is(200);
    village.post(&format!("{}/visits", made.path()), with(visit(), "/note", json!("许清水已出院"))).await.is(422);
    for search in [
        json!({ "name": "许清水" }),
        json!({ "phone": "13805950137" }),
        json!({ "identity_number": identity_number("19650312", 1) }),
        json!({ "identity_number": "350582196503129999" }),
    ] {
        village.post("/households/search", search).await;
    }
    village.patch(&made.path(), json!({ "phone": "13805950138" })).if_match(&made.etag()).await.is(200);
    // The log is complete when it contains the last request.
    village.get("/campaigns").await.is(200);
    eventually("the end of the log", || async { !secrets::told(&service.logged(), ["/campaigns"]).is_empty() }).await;
    let number = identity_number("19650312", 1);
    let secrets =
        ["许清水", "许小荷", "13805950137", "13805950138", "6217001850012345678", "350582196503129999", "新厝角落", &*number];
    assert_eq!(secrets::told(&service.logged(), secrets), [""; 0]);
    assert!(!secrets::told(&service.logged(), ["/households/search"]).is_empty(), "what is looked through is the log");
}

on_both!(nothing_that_is_left_behind_tells_who_a_family_is);
async fn nothing_that_is_left_behind_tells_who_a_family_is(db: Db) {
    let app = TestApp::spawn(db, |_| {}).await;
    let families = app.families().await;
    let (folder, url) = (app.app.config.data_dir.clone(), app.app.config.database_url());
    // From here on the program does the work, with its most detailed log.
    let mut service = Service::start_with(&url, &folder, &[("BAISHE_LOG", "trace")]).await;
    let (village, town) = (service.signed_in(Who::VillageA).await, service.signed_in(Who::TownA).await);
    let organisation = service.signed_in(Who::OrganisationA).await;
    let file = household(VILLAGE_A, 21);
    let path = families.family.path();
    village.post("/households", file.clone()).key("file").await.is(201);
    village.post(&format!("{path}/visits"), visit()).key("visit").await.is(201);
    organisation
        .post("/assistance-records", with(gift(&families.family.id()), "/not_a_double", json!(true)))
        .key("gift")
        .await
        .is(201);
    town.post("/households/export", json!({ "purpose": "payment" })).await.is(200);
    town.post(&format!("{path}/reveal"), json!({ "purpose": "visit" })).await.is(200);
    town.post("/households/search", json!({ "name": "许小荷" })).await.is(200);
    town.get(&format!("{}?purpose=visit", families.card.path())).await.is(200);
    let (id, receipt) = (families.family.id(), receipt());
    let fields = [("object_type", "households"), ("object_id", &*id)];
    village.upload("/attachments", &fields, ("许清水.pdf", "application/pdf", &receipt)).await.is(201);

    // Refused input: by the parser, by its fields, by its words. Then a valid and an invalid workbook.
    let broken = file.to_string().replace("\"phone\":", "\"phone\"");
    let call = village.call(reqwest::Method::POST, "/households");
    call.body("application/json", broken).await.refused(MalformedJson);
    village.post("/households", with(file.clone(), "/members/0/relation", json!("许清水"))).await.is(422);
    village.post("/households", with(file.clone(), "/phone", json!("许清水13805950137"))).await.is(422);
    village.post("/households", file).await.is(422);
    village.post(&format!("{path}/visits"), with(visit(), "/note", json!("许清水已出院"))).await.is(422);
    let head: &[&str] = &["户编号", "姓名", "与户主关系", "身份证号", "健康状况", "文化程度", "劳动能力"];
    let number = identity_number("19650312", 23);
    let row: &[&str] = &["1", "许清水", "户主", &number, "健康", "小学", "普通劳动力"];
    let bad: &[&str] = &["1", "许清水", "许小荷", "350582196503129999", "13805950137", "新厝角落", "普通劳动力"];
    let households: &[&[&str]] = &[
        &["户编号", "村（社区）代码", "建档日期", "困难类别", "主要致贫原因", "地址"],
        &["1", VILLAGE_A, "2020-04-16", "低保", "因病", "新厝角落12号"],
    ];
    for (member, status) in [(row, 200), (bad, 422)] {
        let book = workbook(&[("帮扶户", households), ("家庭成员", &[head, member])]);
        let file = ("许清水家.xlsx", platform::excel::MEDIA_TYPE, &*book);
        village.upload("/households/import", &[], file).await.is(status);
    }

    let target = folder.join("backup.zip");
    let variables = [
        ("DATABASE_URL", url.clone()),
        ("BAISHE_DATA_DIR", folder.to_str().expect("UTF-8").to_owned()),
        ("BAISHE_LOG", "trace".to_owned()),
    ];
    let arguments = ["backup", target.to_str().expect("UTF-8")].map(str::to_owned);
    let at = folder.clone();
    let backup = tokio::task::spawn_blocking(move || {
        let variables = variables.each_ref().map(|(name, value)| (*name, &**value));
        command(&at, &arguments.each_ref().map(|argument| &**argument), &variables, Reading::Everything)
    });
    let backup = backup.await.expect("the backup");
    assert!(backup.status.success(), "{backup:?}");
    let packed = std::fs::read(&target).expect("the backup");
    std::fs::remove_file(&target).expect("it is gone");
    let mut package = zip::ZipArchive::new(std::io::Cursor::new(packed)).expect("a package");
    let mut unpacked = Vec::new();
    for number in 0..package.len() {
        std::io::Read::read_to_end(&mut package.by_index(number).expect("an entry"), &mut unpacked).expect("what is packed");
    }

    // The program is killed while it reveals a file: the database's log and its own last output stay behind.
    let reading = village.post(&format!("{path}/reveal"), json!({ "purpose": "edit" })).attempt();
    let patch = json!({ "income_per_head_fen": 1 });
    let changing = village.patch(&path, patch).if_match("\"1\"").attempt();
    let (_, _, ()) = futures_util::join!(reading, changing, async { service.kill() });
    let left = app.bytes_written().await;
    assert_eq!(db == Db::Sqlite, folder.join("test.db-wal").exists());
    for (what, bytes) in [
        ("the folder and the database", left),
        ("the backup", unpacked),
        ("its log", service.logged()),
        ("what the backup said", backup.stderr),
    ] {
        let secrets = SECRETS.iter().copied().chain(["许清", "350582196503129999", "13805950138"]);
        assert_eq!(secrets::told(&bytes, secrets), [""; 0], "{what}");
    }
    assert!(!secrets::told(&service.logged(), ["/households/search"]).is_empty(), "what is looked through is the log");
}
