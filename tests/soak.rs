//! Eight writers use the program while it is killed, and while its disk fills up, again and again. Afterwards everything that was
//! acknowledged is there, and each change is there as a whole.
//!
//! This runs a few rounds; `cargo xtask soak` runs as many as wanted.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use contract::ErrorCode::*;
use contract::{CodedEnum, ErrorCode};
use entities::organisations;
use futures_util::future::join_all;
use platform::change::repeats;
use platform::token::Tokens;
use platform::{audit, database};
use sea_orm::entity::prelude::*;
use sea_orm::{Database, QuerySelect};
use serde_json::json;
use tokio::sync::watch;

use crate::on_both;
use crate::support::*;

const WRITERS: usize = 8;
/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// The number of rounds: from the environment variable, or a few.
fn times(variable: &str, usually: u32) -> u32 {
    std::env::var(variable).map_or(usually, |times| times.parse().expect("a number"))
}

on_both!(survives_kill_9);
async fn survives_kill_9(db: Db) {
    let database = db.create().await;
    let ground = Ground {
        db,
        url: database.url.clone(),
        folder: database.folder.clone(),
        account: db.template().await.world.accounts[&Who::Bureau],
    };
    let mut soak = Soak::new();
    let kills = times("BAISHE_SOAK_KILLS", 5);
    for kill in 1..=kills {
        let mut service = Service::start(&ground.url, &ground.folder).await;
        soak.write(ground.client(&service), async |told| {
            // Kill it while others write, after sometimes few and sometimes many changes.
            told.acknowledged(1 + kill * 7 % 40).await;
            service.kill();
        })
        .await;
        soak.look(&ground).await;
        soak.tell(&format!("{db:?}, {kill} of {kills} kills"), kill == kills || kill % 50 == 0);
    }
    assert!(soak.figures.acknowledged > u64::from(kills));
    soak.nothing_is_lost(&ground).await;
}

on_both!(survives_full_disks);
/// Only root may mount a small disk. Without root the test is skipped, and fails if `BAISHE_SOAK_DISKS` demands it.
async fn survives_full_disks(db: Db) {
    let database = db.create().await;
    let Some(disk) = SmallDisk::mount(&database.folder, 192) else { return };
    let (mut server, ground) = match db {
        Db::Sqlite => {
            let file = disk.path.join("test.db");
            std::fs::copy(database.folder.join("test.db"), &file).expect("the database moves to the small disk");
            let account = db.template().await.world.accounts[&Who::Bureau];
            (None, Ground { db, url: format!("sqlite://{}", file.display()), folder: disk.path.clone(), account })
        }
        Db::Postgres => {
            let Some(server) = Postgres::start(&disk.path).await else {
                return skipped("no PostgreSQL is installed below /usr/lib/postgresql, or there is no user postgres");
            };
            let folder = database.folder.clone();
            let account = found(&server.url, &folder).await.accounts[&Who::Bureau];
            let url = server.url.clone();
            (Some(server), Ground { db, url, folder, account })
        }
    };
    let mut soak = Soak::new();
    let disks = times("BAISHE_SOAK_DISKS", 3);
    let mut service = Service::start(&ground.url, &ground.folder).await;
    for full in 1..=disks {
        // Sometimes the program is killed while the disk is full.
        let killed = full % 3 == 0;
        soak.write(ground.client(&service), async |told| {
            told.acknowledged(20).await;
            disk.fill();
            told.refused(4).await;
            if killed {
                service.kill();
            }
            disk.make_room();
            if let Some(server) = &mut server {
                server.ready().await;
            }
            if !killed {
                told.acknowledged(20).await;
            }
        })
        .await;
        if killed {
            service = Service::start(&ground.url, &ground.folder).await;
        }
        soak.look(&ground).await;
        soak.tell(&format!("{db:?}, {full} of {disks} full disks"), full == disks || full % 10 == 0);
    }
    assert!(soak.figures.refused >= u64::from(disks));
    soak.nothing_is_lost(&ground).await;
}

/// Where the writers write.
struct Ground {
    db: Db,
    url: String,
    folder: PathBuf,
    account: Account,
}

impl Ground {
    /// A client with a fresh token.
    fn client(&self, service: &Service) -> Client {
        let tokens = Tokens::load(&self.folder.join("keys")).expect("the keys");
        service.with_token(&tokens.issue(self.account.user_id, self.account.session_id, Utc::now()).expect("a token"))
    }
}

/// The results.
#[derive(Default)]
struct Figures {
    acknowledged: u64,
    refused: u64,
    unanswered: u64,
    lost: u64,
    half: u64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, refused, unanswered, lost, half } = self;
        write!(f, "{acknowledged} acknowledged, {refused} refused, {unanswered} unanswered; {lost} lost, {half} half written")
    }
}

/// The answers that the writers of one round got.
struct Told {
    /// The last acknowledged version of each organisation.
    versions: Mutex<HashMap<Uuid, i32>>,
    acknowledged: watch::Sender<u32>,
    refused: watch::Sender<u32>,
    stop: watch::Sender<bool>,
}

impl Told {
    fn new() -> Self {
        Self {
            versions: Mutex::default(),
            acknowledged: watch::Sender::new(0),
            refused: watch::Sender::new(0),
            stop: watch::Sender::new(false),
        }
    }

    /// Waits until this many more changes are acknowledged.
    async fn acknowledged(&self, more: u32) {
        more_of(&self.acknowledged, more).await;
    }

    async fn refused(&self, more: u32) {
        more_of(&self.refused, more).await;
    }

    fn acknowledge(&self, id: Uuid, version: i32) {
        self.versions.lock().expect("never poisoned").insert(id, version);
        self.acknowledged.send_modify(|count| *count += 1);
    }
}

async fn more_of(count: &watch::Sender<u32>, more: u32) {
    let aim = *count.borrow() + more;
    let mut counted = count.subscribe();
    tokio::time::timeout(PATIENCE, counted.wait_for(|count| *count >= aim)).await.expect("in time").expect("a count");
}

/// An organisation of which nobody knows whether it exists.
#[derive(Clone, Copy)]
struct Pending {
    number: u32,
    asked: DateTime<Utc>,
}

struct Soak {
    next: Arc<AtomicU32>,
    /// The organisation for which each writer got no answer, and when it first asked. It asks again under the same key.
    pending: [Option<Pending>; WRITERS],
    /// The versions acknowledged in this round, and when the first request that could have made them was sent.
    versions: HashMap<Uuid, i32>,
    since: DateTime<Utc>,
    figures: Figures,
}

impl Soak {
    fn new() -> Self {
        Self {
            next: Arc::default(),
            pending: [None; WRITERS],
            versions: HashMap::new(),
            since: Utc::now(),
            figures: Figures::default(),
        }
    }

    /// Lets the writers write while `meanwhile` runs.
    async fn write(&mut self, client: Client, meanwhile: impl AsyncFnOnce(&Told)) {
        self.since = self.pending.iter().flatten().map(|pending| pending.asked).fold(Utc::now(), DateTime::min);
        let told = Arc::new(Told::new());
        let writers: Vec<_> = self
            .pending
            .iter()
            .map(|pending| tokio::spawn(write(client.clone(), told.clone(), self.next.clone(), *pending)))
            .collect();
        meanwhile(&told).await;
        told.stop.send_replace(true);
        let ended = join_all(writers).await;
        self.pending = std::array::from_fn(|writer| *ended[writer].as_ref().expect("a writer"));
        self.figures.unanswered += self.pending.iter().flatten().count() as u64;
        self.figures.acknowledged += u64::from(*told.acknowledged.borrow());
        self.figures.refused += u64::from(*told.refused.borrow());
        self.versions = std::mem::take(&mut told.versions.lock().expect("never poisoned"));
    }

    /// Examines the results of this round over a separate connection.
    async fn look(&mut self, ground: &Ground) {
        let since = self.since;
        let db = Database::connect(&ground.url).await.expect("a connection");
        let then = database::snapshot(&db).await.expect("a snapshot");
        let columns = [organisations::Column::Id, organisations::Column::Version];
        let rows =
            organisations::Entity::find().filter(organisations::Column::CreatedAt.gte(since)).select_only().columns(columns);
        let rows: HashMap<Uuid, i32> = rows.into_tuple().all(&then).await.expect("the organisations").into_iter().collect();
        let events = audit::Entity::find()
            .filter(audit::Column::ObjectType.eq("organisations"))
            .filter(audit::Column::At.gte(since))
            .select_only()
            .columns([audit::Column::ObjectId, audit::Column::Action]);
        let events: Vec<(String, String)> = events.into_tuple().all(&then).await.expect("the history");
        let keys = repeats::Entity::find().filter(repeats::Column::CreatedAt.gte(since)).all(&then).await.expect("the keys");
        then.commit().await.expect("a commit");
        db.close().await.expect("the connection closes");

        let lost = self.versions.iter().filter(|(id, version)| rows.get(*id).is_none_or(|there| there < *version));
        self.figures.lost += lost.count() as u64;
        // Each version must have an event in the history, and each organisation the key that it was made under, with an answer.
        let mut changes: HashMap<Uuid, i32> = HashMap::new();
        let mut without_object = 0;
        for (id, action) in events {
            let id = id.parse().expect("an id");
            *changes.entry(id).or_default() += 1;
            // An organisation of an earlier round may have been changed in this one.
            without_object += usize::from(action == "create" && !rows.contains_key(&id));
        }
        let without_history = rows.iter().filter(|(id, version)| changes.get(*id) != Some(*version)).count();
        let answered = keys
            .iter()
            .filter(|key| key.answer.is_some())
            .filter_map(|key| key.location.as_deref()?.rsplit('/').next()?.parse().ok());
        let answered: HashSet<Uuid> = answered.collect();
        let without_answer = keys.len() - answered.len();
        let without_key = rows.keys().filter(|id| !answered.contains(id)).count();
        self.figures.half += (without_history + without_object + without_answer + without_key) as u64;
    }

    fn tell(&self, how_far: &str, now: bool) {
        if now {
            println!("{how_far}: {}", self.figures);
        }
    }

    async fn nothing_is_lost(&self, ground: &Ground) {
        assert_eq!((self.figures.lost, self.figures.half), (0, 0), "{}", self.figures);
        if ground.db == Db::Sqlite {
            let sound = "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
            assert_eq!(number(&ground.url, sound).await, 1);
        }
    }
}

/// Makes organisations and changes them until it is stopped or the service is gone. Returns the one for which it got no answer.
async fn write(client: Client, told: Arc<Told>, next: Arc<AtomicU32>, mut pending: Option<Pending>) -> Option<Pending> {
    let later = |answer: &Answer| {
        [Unavailable, RequestInProgress].map(ErrorCode::code).contains(&answer.body["code"].as_str().unwrap_or_default())
    };
    let stopped = told.stop.subscribe();
    while !*stopped.borrow() {
        let fresh = || Pending { number: 10 + next.fetch_add(1, Ordering::Relaxed), asked: Utc::now() };
        let Pending { number, .. } = *pending.get_or_insert_with(fresh);
        let call = client.post("/organisations", organisation(number, TOWN_A)).key(&format!("soak-{number}"));
        let Ok(answer) = call.attempt().await else { return pending };
        if later(&answer) {
            told.refused.send_modify(|count| *count += 1);
            continue;
        }
        let made = answer.is(201);
        pending = None;
        let id = made.id().parse().expect("an id");
        told.acknowledge(id, 1);
        let patch = client.patch(&made.path(), json!({ "member_count": number })).if_match(&made.etag());
        match patch.attempt().await {
            Ok(answer) if later(&answer) => told.refused.send_modify(|count| *count += 1),
            Ok(answer) => {
                answer.is(200);
                told.acknowledge(id, 2);
            }
            Err(_) => return None,
        }
        // A refusal inside a transaction must leave nothing behind for the connection's next user.
        let stale = client.patch(&made.path(), json!({ "member_count": 0 })).if_match("\"99\"");
        let Ok(answer) = stale.attempt().await else { return None };
        assert!(answer.status == 412 || later(&answer), "{}: {}", answer.status, answer.body);
    }
    pending
}
