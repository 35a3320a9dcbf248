//! One address, or many accounts, do their worst, and everybody else is still served.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use contract::ErrorCode::Unavailable;
use futures_util::future::{join, join_all};
use platform::excel::MEDIA_TYPE as XLSX;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::interval;

use crate::on_both;
use crate::support::*;

/// How often a sender of a slow body sends one more byte.
const DRIP: Duration = Duration::from_millis(500);
/// The most memory that the service may use, in megabytes.
const MEMORY: u64 = 300;

/// The head of a request with a body of this length to follow.
fn head(path: &str, media_type: &str, token: &str, length: usize) -> String {
    format!(
        "POST /api/v1{path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\nContent-Type: {media_type}\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

/// Sends the beginning of a request and then byte by byte until the service stops it. Returns the status of its answer, or `None`
/// if it closed the connection.
async fn drip(service: &Service, beginning: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(service.address).await.expect("a connection");
    // The service closes the connection at once if the address has too many.
    let _ = stream.write_all(beginning.as_bytes()).await;
    let (mut answer, mut turns) = ([0; 12], interval(DRIP));
    loop {
        turns.tick().await;
        match stream.try_read(&mut answer) {
            Ok(12) => return std::str::from_utf8(&answer[9..]).ok()?.parse().ok(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => drop(stream.try_write(b"{")),
            _ => return None,
        }
    }
}

/// Signs in, reads and writes, until `goes_on` refuses the number of answers so far. Returns how long they took, in order.
/// Asserts that every request is answered and none refused.
async fn served(service: &Service, mut goes_on: impl FnMut(usize) -> bool) -> Vec<Duration> {
    let bureau = service.elsewhere(Some(&sign_in(&service.elsewhere(None), Who::Bureau).await));
    let mut times = Vec::new();
    while goes_on(times.len()) {
        let began = Instant::now();
        bureau.get("/campaigns").await.is(200);
        times.push(began.elapsed());
        let began = Instant::now();
        let number = u32::try_from(times.len()).expect("a number");
        bureau.post("/organisations", organisation(100 + number, TOWN_A)).await.is(201);
        times.push(began.elapsed());
    }
    sign_in(&service.elsewhere(None), Who::TownA).await;
    times
}

/// Prints how another client was served and how much memory the service used, and asserts the limit.
fn tell(what: &str, service: &Service, times: Vec<Duration>) {
    assert!(!times.is_empty(), "nobody was served {what}");
    let slowest = |mut times: Vec<Duration>| {
        times.sort_unstable();
        format!("p99 {:?}, longest {:?}", times[times.len() * 99 / 100], times[times.len() - 1])
    };
    let peak = service.peak_memory();
    println!(
        "{what}: {} answers to another client, {}; of all by the service's own watch {}; peak memory {peak} MB",
        times.len(),
        slowest(times.clone()),
        slowest(service.answered_in())
    );
    assert!(peak < MEMORY, "{peak} MB {what}");
}

on_both!(slow_bodies_of_one_address_keep_nobody_out);
async fn slow_bodies_of_one_address_keep_nobody_out(db: Db) {
    let _turn = ONE_SIEGE.lock().await;
    let database = db.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    let token = sign_in(&service.anonymous(), Who::TownB).await;
    let attacks = [
        // An unknown sender pretends to upload a file, which is given more time.
        head("/auth/login", "multipart/form-data; boundary=b", "none", 16_000),
        head("/auth/login", "application/json", "none", 16_000),
        // A known sender, with more requests than one may have in progress.
        head("/organisations", "application/json", &token, 1_000_000),
    ];
    // A file whose sender has no valid token.
    let forged = head("/attachments", "multipart/form-data; boundary=b", "forged", 20_000_000);
    let (end, mut over) = oneshot::channel();
    let siege = async {
        let attacks = attacks.iter().cycle().take(600).chain(std::iter::repeat_n(&forged, 60));
        let statuses = join_all(attacks.map(|beginning| drip(&service, beginning))).await;
        let _ = end.send(());
        statuses
    };
    let (times, statuses) = join(served(&service, |_| over.try_recv().is_err()), siege).await;
    tell("beside 600 slow bodies", &service, times);
    let count = |status: Option<u16>| statuses.iter().filter(|found| **found == status).count();
    let (slow, many, forged, later) = (count(Some(408)), count(Some(429)), count(Some(401)), count(Some(503)));
    println!("{slow} too slow, {many} too many, {forged} forged, {later} without memory");
    assert!(slow > 0 && many > 0 && later > 0, "some are waited for, for a while");
    // Connections beyond the limit for one address did not get an answer.
    assert_eq!(slow + many + forged + later + count(None), 660, "{statuses:?}");
}

on_both!(two_thousand_connections_of_one_address_do_no_harm);
async fn two_thousand_connections_of_one_address_do_no_harm(db: Db) {
    let _turn = ONE_SIEGE.lock().await;
    let database = db.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    baishe::startup::raise_file_limit().expect("connections enough to attack with");
    let many = "x".repeat(120_000);
    let attacks = [
        // Nothing at all.
        String::new(),
        // A head that does not end.
        format!("GET /livez HTTP/1.1\r\nHost: test\r\nCookie: {many}"),
        // One request, and the head of a second that does not end.
        format!("GET /livez HTTP/1.1\r\nHost: test\r\n\r\nGET /livez HTTP/1.1\r\nHost: test\r\nCookie: {many}"),
        // A body that does not end.
        head("/auth/login", "application/json", "none", 1_000_000) + many.as_str(),
    ];
    let address = service.address;
    // In its own task, so that the time it takes does not count as waiting for the service.
    let siege = tokio::spawn(async move {
        join_all((0..2000).map(async |number: usize| {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            let _ = stream.write_all(attacks[number % 4].as_bytes()).await;
            stream
        }))
        .await
    });
    // The other client is served while they arrive, and while they stay.
    let (times, connections) = join(served(&service, |answers| answers < 1_000), siege).await;
    tell("beside 2000 connections", &service, times);
    drop(connections);
}

on_both!(large_files_of_many_accounts_leave_memory_to_others);
/// Before the limit, sixteen files of twenty megabytes arrived at once, and each was in memory several times.
async fn large_files_of_many_accounts_leave_memory_to_others(db: Db) {
    let _turn = ONE_SIEGE.lock().await;
    let database = db.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    let world = &db.template().await.world;
    let [a, b] = [world.organisation_a, world.organisation_b].map(|id| id.to_string());
    let accounts = [
        (Who::TownA, "villages", VILLAGE_A),
        (Who::TownB, "villages", VILLAGE_B),
        (Who::VillageA, "villages", VILLAGE_A),
        (Who::VillageB, "villages", VILLAGE_B),
        (Who::OrganisationA, "organisations", &a),
        (Who::OrganisationB, "organisations", &b),
        (Who::OtherBureau, "villages", OTHER_VILLAGE),
    ];
    let mut senders = Vec::new();
    for (who, kind, id) in accounts {
        senders.push((service.signed_in(who).await, kind, id));
    }
    // A picture that is quickly checked, and as long as a file may be.
    let mut large = picture(image::ImageFormat::Jpeg);
    large.resize(20 * 1024 * 1024, 0);
    let send = async |client: &Client, kind: &str, id: &str| {
        let fields = [("object_type", kind), ("object_id", id)];
        let mut times = 1;
        loop {
            let answer = client.upload("/attachments", &fields, ("照片.jpg", "image/jpeg", &large)).await;
            if answer.status == 201 {
                return times;
            }
            // The client tries again later. Waiting for memory has a limit.
            assert!(answer.refused(Unavailable).header("retry-after").is_some());
            times += 1;
        }
    };
    let (end, mut over) = oneshot::channel();
    let besieged = AtomicBool::new(true);
    let siege = async {
        let sent = join_all(senders.iter().flat_map(|(client, kind, id)| [send(client, kind, id), send(client, kind, id)])).await;
        besieged.store(false, Ordering::Relaxed);
        let _ = end.send(());
        sent
    };
    // Another client uploads a small file all the while.
    let small = async {
        let client = service.elsewhere(Some(&sign_in(&service.elsewhere(None), Who::Bureau).await));
        let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
        let mut taken = 0;
        while besieged.load(Ordering::Relaxed) {
            client.upload("/attachments", &fields, ("协议.pdf", "application/pdf", PDF)).await.is(201);
            taken += usize::from(besieged.load(Ordering::Relaxed));
        }
        taken
    };
    let (times, sent, taken) = futures_util::future::join3(served(&service, |_| over.try_recv().is_err()), siege, small).await;
    println!("{} large files in {} times, {taken} small ones meanwhile", sent.len(), sent.iter().sum::<u32>());
    assert!(taken > 0, "no small file was taken beside the large ones");
    tell("beside large files", &service, times);
}

on_both!(a_large_import_keeps_no_reader_waiting);
/// Before, its rows were checked and sealed on a thread that answers requests, and those who had come to that thread waited.
async fn a_large_import_keeps_no_reader_waiting(db: Db) {
    const SYLLABLES: &str = "安邦昌晨德恩芳福庚国海翰宏华吉佳建金军凯康朗丽良民明宁鹏平启清荣瑞胜天文伟祥欣兴雅阳永友裕";
    let _turn = ONE_SIEGE.lock().await;
    let database = db.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    let syllables: Vec<char> = SYLLABLES.chars().collect();
    let mut households = vec!["户编号\t村（社区）代码\t建档日期\t困难类别\t主要致贫原因\t地址".to_owned()];
    let mut members = vec!["户编号\t姓名\t与户主关系\t身份证号\t健康状况\t文化程度\t劳动能力".to_owned()];
    for order in 0..500 {
        let [first, second] = [order / 45, order % 45].map(|at| syllables[at]);
        let number = identity_number("19650312", u32::try_from(order).expect("an order"));
        households.push(format!("{order}\t{VILLAGE_A}\t2020-04-16\t低保\t因病\t永湖村{}", "新厝角落".repeat(40)));
        members.push(format!("{order}\t许{first}{second}\t户主\t{number}\t健康\t小学\t普通劳动力"));
    }
    let households: Vec<Vec<&str>> = households.iter().map(|row| row.split('\t').collect()).collect();
    let members: Vec<Vec<&str>> = members.iter().map(|row| row.split('\t').collect()).collect();
    let households: Vec<&[&str]> = households.iter().map(Vec::as_slice).collect();
    let members: Vec<&[&str]> = members.iter().map(Vec::as_slice).collect();
    let bytes = workbook(&[("帮扶户", &households), ("家庭成员", &members)]);
    let [village, reader] = [Who::VillageA, Who::TownA].map(|who| service.signed_in(who));
    let (village, reader) = (village.await, reader.await);
    let over = AtomicBool::new(false);
    let import = async {
        let report = village.upload("/households/import", &[], ("帮扶户.xlsx", XLSX, &bytes)).await;
        over.store(true, Ordering::Relaxed);
        report
    };
    let others = async {
        let mut times = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            reader.get("/households").await.is(200);
            times.push(began.elapsed());
        }
        times
    };
    let (report, times) = join(import, others).await;
    assert_eq!(report.is(200)["created"], 500);
    tell("beside a large import", &service, times);
}
