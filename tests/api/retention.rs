//! Once retention ends, nothing names the family any more, and every figure stays as it was.

use contract::ErrorCode::*;
use domains::audit::{seal, verify::verify};
use domains::households::retention::{self, Limits};
use domains::workflows::forgetting::forget;
use futures_util::future::join;
use platform::Tx;
use platform::config::Config;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// The figures, and the totals of the lists behind them.
async fn figures(app: &TestApp, families: &Families) -> Vec<Value> {
    let campaign_id = families.pairing["campaign_id"].as_str().unwrap();
    let mut figures = Vec::new();
    for path in [
        "/household-ledger?month=2020-04".to_owned(),
        "/household-ledger?month=2020-06".to_owned(),
        format!("/outcomes/totals?campaign_id={campaign_id}"),
        format!("/dashboard?campaign_id={campaign_id}"),
    ] {
        figures.push(app.bureau().get(&path).await.is(200).body);
    }
    for list in [
        "/households?",
        "/households?status=lifted_out",
        "/households?group=student",
        "/assistance-records?state=confirmed",
        "/assistance-measures?",
    ] {
        figures.push(app.bureau().get(list).await.is(200)["total"].clone());
    }
    figures
}

/// The data of the families that stay: their files, what belongs to them, and what two files were before their merge.
async fn known_of(app: &TestApp, families: &Families) -> Vec<Value> {
    let mut known = Vec::new();
    for of in [&families.family, &families.pairing, &families.plan, &families.measure, &families.record, &families.kept] {
        known.push(app.bureau().get(&of.path()).await.is(200).body);
    }
    let revealed = app.bureau().post(&format!("{}/reveal", families.family.path()), json!({ "purpose": "edit" })).await.is(200);
    let visits = app.bureau().get(&format!("{}/visits", families.family.path())).await.is(200);
    let attached = [&families.card, &families.receipt].map(|file| format!("{}?purpose=edit", file.path()));
    known.extend([revealed.body, visits.body]);
    for path in attached {
        known.push(app.bureau().get(&path).await.is(200).bytes.into());
    }
    let notes = app.texts("SELECT note FROM household_statuses WHERE note IS NOT NULL ORDER BY id").await;
    known.push(json!(notes.len()));
    let sealed = if app.db == Db::Sqlite { "hex(personal)" } else { "encode(personal, 'hex')" };
    for merge in app.texts(&format!("SELECT {sealed} FROM household_merges ORDER BY id")).await {
        known.push(merge.into());
    }
    known
}

both_databases!(who_is_lifted_out_for_years_is_no_longer_known_and_still_counted, async |app| {
    let families = app.families_released().await;
    let (bureau, village) = (app.bureau(), app.village_a());
    let at = |answer: &Answer, step: &str| format!("{}/{step}", answer.path());
    app.clock.set(noon("2020-10-19"));
    assert_eq!(app.retention(false).await.0, [""; 0], "not before its time");
    app.clock.set(noon("2020-10-20"));
    assert_eq!(
        app.retention(true).await,
        (vec![format!("{VILLAGE_B}-0001 consent_withdrawn")], "1 files would be anonymised; nothing was changed".to_owned())
    );
    app.as_(Who::VillageB).post(&at(&families.other, "reveal"), json!({ "purpose": "edit" })).await.is(200);
    let others = known_of(app, &families).await;
    assert_eq!(app.retention(false).await.1, "1 files anonymised");
    assert_eq!(known_of(app, &families).await, others, "it takes nothing of others");

    // A family that is still helped is not forgotten.
    app.clock.set(noon("2023-04-20"));
    assert_eq!(app.retention(true).await.0, [format!("{VILLAGE_A}-0002 lifted_out")]);
    bureau.post(&at(&families.pairing, "complete"), json!({})).await.is(200);
    // The end of help starts the period anew.
    app.clock.set(noon("2026-04-19"));
    assert_eq!(app.retention(true).await.0, [format!("{VILLAGE_A}-0002 lifted_out")]);
    app.clock.set(noon("2026-04-20"));
    seal::all(&app.app).await.unwrap();
    assert_eq!(village.get(&families.merged.path()).await.is(200)["merged_into"]["undoable"], true);
    let before = figures(app, &families).await;
    app.sql("UPDATE households SET complete = FALSE, missing = '[\"phone\"]' WHERE anonymised_on IS NULL").await;
    let (lines, told) = app.retention(false).await;
    assert_eq!(lines, [format!("{VILLAGE_A}-0001 lifted_out"), format!("{VILLAGE_A}-0002 lifted_out")]);
    assert_eq!(told, "2 files anonymised");
    assert_eq!(figures(app, &families).await, before);

    for file in [&families.family, &families.kept, &families.other] {
        let seen = bureau.get(&file.path()).await.is(200);
        assert!(seen["anonymised_on"].is_string() && seen["members"] == json!([]), "{}", seen.body);
        assert_eq!((&seen["head_name"], &seen["phone"], &seen["consent"]), (&json!("*"), &Value::Null, &Value::Null));
        assert_eq!((&seen["editable"], &seen["revealable"], &seen["missing"]), (&json!(false), &json!(false), &json!([])));
        bureau.post(&at(file, "reveal"), json!({ "purpose": "edit" })).await.refused(HouseholdAnonymised);
    }
    assert_eq!(village.get(&families.merged.path()).await.is(200)["merged_into"]["undoable"], false);
    assert_eq!(village.get(&families.kept.path()).await.is(200)["merged_files"][0]["undoable"], false);
    let seen = village.get(&families.family.path()).await.is(200);
    assert_eq!((&seen["member_count"], &seen["groups"]), (&families.family["member_count"], &families.family["groups"]));
    village.patch(&seen.path(), json!({ "phone": "13805950137" })).if_match(&seen.etag()).await.refused(HouseholdAnonymised);
    village.post(&at(&seen, "relapse"), json!({ "note": "返困" })).await.refused(HouseholdAnonymised);
    village.post(&at(&seen, "visits"), visit()).await.refused(HouseholdAnonymised);
    village.post(&at(&families.merged, "unmerge"), json!({ "note": "不是同一户" })).await.refused(HouseholdAnonymised);
    for query in [
        json!({ "name": "许清水" }),
        json!({ "phone": "13805950137" }),
        json!({ "identity_number": identity_number("19650312", 1) }),
    ] {
        assert_eq!(bureau.post("/households/search", query).await.is(200)["total"], 0);
    }
    assert_eq!(village.get(&at(&families.family, "visits")).await.is(200).items()[0]["note"], Value::Null);
    assert_eq!(village.get(&families.plan.path()).await.is(200)["agreed_by"], Value::Null);
    assert_eq!(village.get(&families.measure.path()).await.is(200)["description"], Value::Null);
    let record = village.get(&families.record.path()).await.is(200);
    assert_eq!((&record["description"], &record["goods"], &record["amount_fen"]), (&Value::Null, &json!([]), &json!(200_000)));
    for attached in [&families.card, &families.receipt] {
        village.get(&format!("{}?purpose=edit", attached.path())).await.refused(NotFound);
    }
    let (family_id, file) = (families.family.id(), ("许清水.pdf", "application/pdf", &*receipt()));
    let fields = [("object_type", "households"), ("object_id", &*family_id)];
    village.upload("/attachments", &fields, file).await.refused(OutsideOwnScope);
    let folder = app.app.config.data_dir.join("attachments");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    assert_eq!(app.number("SELECT COUNT(*) FROM household_members").await, 0);
    let asks =
        "NOT complete OR CAST(missing AS text) <> '[]' OR consented OR phone_hash IS NOT NULL OR second_phone_hash IS NOT NULL";
    assert_eq!(app.number(&format!("SELECT COUNT(*) FROM households WHERE {asks}")).await, 0, "nothing is asked for any more");
    assert_eq!(app.number("SELECT COUNT(*) FROM household_statuses WHERE note IS NOT NULL").await, 0);

    // The sealed values contain nothing either.
    let mut opened = String::new();
    for (table, column) in baishe::keys::SEALED.iter().filter(|(table, _)| *table != "idempotency_keys") {
        let query = format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL");
        let db = &app.app.database.read;
        for row in db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), query)).await.unwrap() {
            let (id, sealed): (uuid::Uuid, Vec<u8>) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
            opened += &String::from_utf8(app.app.vault.open_bytes(table, id, &sealed).unwrap()).unwrap();
        }
    }
    assert_eq!(opened.matches(r#""head_name":"","address":"""#).count(), 4, "{opened}");
    assert_eq!(secrets::told(opened.as_bytes(), SECRETS.iter().copied()), [""; 0]);

    // The trail records it, and its seals still hold.
    let history = village.get(&at(&families.family, "history")).await.is(200);
    let latest: Vec<_> = history.items().iter().take(2).map(|entry| (&entry["action"], &entry["actor_name"])).collect();
    assert_eq!(latest, [(&json!("read_visits"), &json!("VillageA")), (&json!("anonymise"), &Value::Null)]);
    let changes: Vec<_> = history.items()[1]["changes"].as_array().unwrap().iter().map(|change| &change["to"]).collect();
    assert_eq!(changes, [&json!("2026-04-20"), &json!(2), &json!("lifted_out")], "{}", history.body);
    assert_eq!(secrets::told(history.body.to_string().as_bytes(), SECRETS.iter().copied()), [""; 0]);
    let runs = app.as_(Who::Auditor).get("/audit-events?object_type=households&action=retention").await.is(200);
    let counts: Vec<_> = runs.items().iter().map(|run| &run["changes"][0]["to"]).collect();
    assert_eq!(counts, [&json!(2), &json!(1), &json!(0)], "each run, and none that was only tried");
    seal::all(&app.app).await.unwrap();
    assert_eq!(verify(&app.app, None).await.unwrap().findings, []);
    assert_eq!(app.retention(false).await.1, "0 files anonymised");
    // Retention never lists a forgotten file again.
    app.clock.set(noon("2036-04-20"));
    assert_eq!(app.retention(true).await.0, [""; 0]);
});

both_databases!(a_file_that_was_merged_is_forgotten_with_the_one_it_was_merged_into_and_never_by_itself, async |app| {
    let (town, village) = (app.town_a(), app.village_a());
    let limits = Limits::of(&app.app.config, "2030-01-01".parse().unwrap());
    let kept = village.post("/households", household(VILLAGE_A, 3)).await.is(201);
    let merged = village.post("/households", household(VILLAGE_A, 5)).await.is(201);
    let visit_id = village.post(&format!("{}/visits", merged.path()), visit()).await.is(201).id();
    for step in ["assist", "lift_out"] {
        town.post(&format!("{}/{step}", merged.path()), json!({ "note": "收入稳定" })).await.is(200);
    }
    let head = json!({ "id": kept["members"][0]["id"], "relation": "head" });
    let version = village.get(&merged.path()).await.is(200)["version"].clone();
    let merging = json!({ "other_id": merged["id"], "other_version": version, "members": [head], "note": "入户核实为同一户" });
    village.post(&format!("{}/merge", kept.path()), merging).await.is(200);
    let id = |file: &Answer| file.id().parse::<uuid::Uuid>().unwrap();
    // The family is still in difficulty, under the file that stays.
    app.clock.set(noon("2030-01-01"));
    assert_eq!(app.retention(true).await.0, [""; 0]);
    for file in [&merged, &kept] {
        assert!(!forget(&app.app, id(file), limits).await.unwrap());
    }
    assert_eq!(app.retention(false).await.1, "0 files anonymised");
    app.clock.set(noon("2030-02-01"));
    for step in ["assist", "lift_out"] {
        town.post(&format!("{}/{step}", kept.path()), json!({ "note": "收入稳定" })).await.is(200);
    }
    app.clock.set(noon("2033-02-01"));
    let limits = Limits::of(&app.app.config, app.clock.today());
    // Visits to other families make no difference.
    let other = app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 7)).await.is(201);
    let later = with(visit(), "/visited_on", json!("2033-02-01"));
    app.as_(Who::VillageB).post(&format!("{}/visits", other.path()), later).await.is(201);
    assert_eq!(app.retention(true).await.0, [format!("{VILLAGE_A}-0001 lifted_out")]);
    // A visit recorded in either file counts for the family.
    let here = if app.db == Db::Sqlite { format!("X'{}'", visit_id.replace('-', "")) } else { format!("'{visit_id}'") };
    for (at, forgotten) in [("2030-02-02", 0), ("2030-01-01", 1)] {
        app.sql(&format!("UPDATE household_visits SET created_at = '{at} 04:00:00+00:00' WHERE id = {here}")).await;
        assert_eq!(app.retention(true).await.0.len(), forgotten, "{at}");
    }
    assert!(!forget(&app.app, id(&merged), limits).await.unwrap());
    assert!(forget(&app.app, id(&kept), limits).await.unwrap());
    for (day, again) in [("2033-02-01", &kept), ("2037-01-01", &kept), ("2037-01-01", &merged)] {
        let limits = Limits::of(&app.app.config, day.parse().unwrap());
        assert!(!forget(&app.app, id(again), limits).await.unwrap(), "nobody is forgotten twice");
    }
    for file in [&kept, &merged] {
        assert_eq!(village.get(&file.path()).await.is(200)["anonymised_on"], "2033-02-01");
    }
});

/// PostgreSQL only: SQLite has a single writer, so no transaction waits for the row locks of another.
#[tokio::test]
async fn a_family_that_is_merged_in_that_moment_is_forgotten_later_and_whole() {
    let app = &TestApp::spawn(Db::Postgres, |_| {}).await;
    let families = app.families_released().await;
    app.bureau().post(&format!("{}/complete", families.pairing.path()), json!({})).await.is(200);
    app.clock.set(noon("2023-04-20"));
    let (id, other) = (families.family.id(), families.other.id());
    let limits = Limits::of(&app.app.config, app.clock.today());
    let forgets = || forget(&app.app, id.parse().unwrap(), limits);
    // These are the locks that a merge takes before it writes.
    let merging = Tx::system(&app.app).await.unwrap();
    let write = async |tx: &Tx, statement: String| {
        tx.connection.execute_unprepared(&statement).await.unwrap();
    };
    write(&merging, format!("SELECT 1 FROM households WHERE id IN ('{id}', '{other}') FOR UPDATE")).await;
    let merges = async {
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("it waits", || async { app.number(waiting).await > 0 }).await;
        let columns = "merged_at, origins, taken, personal";
        let row = format!("gen_random_uuid(), '{id}', '{other}', {columns} FROM household_merges");
        write(&merging, format!("INSERT INTO household_merges (id, kept_id, merged_id, {columns}) SELECT {row}")).await;
        merging.commit().await.unwrap();
    };
    let (forgotten, ()) = join(forgets(), merges).await;
    assert!(!forgotten.unwrap(), "it is another family by now");
    assert!(app.bureau().get(&families.family.path()).await.is(200)["anonymised_on"].is_null());
    assert!(forgets().await.unwrap());
    for file in [&families.family, &families.other] {
        assert_eq!(app.bureau().get(&file.path()).await.is(200)["anonymised_on"], "2023-04-20");
    }
}

both_databases!(each_reason_has_its_own_months, async |app| {
    // Withdrawn families are kept twice as long, and nothing has changed since.
    let config =
        |lifted, withdrawn| Config { keep_lifted_months: lifted, keep_withdrawn_months: withdrawn, ..(*app.app.config).clone() };
    let village = app.village_a();
    let file = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.town_a().post(&format!("{}/assist", file.path()), json!({ "note": "入户" })).await.is(200);
    // The withdrawal happened in May and is entered in January.
    app.clock.set(noon("2021-01-10"));
    let etag = village.get(&file.path()).await.is(200).etag();
    village.patch(&file.path(), json!({ "consent": { "withdrawn_on": "2020-05-01" } })).if_match(&etag).await.is(200);
    let due = async |lifted, withdrawn, today: &str| {
        let limits = Limits::of(&config(lifted, withdrawn), today.parse().unwrap());
        let found = retention::due(&app.app, limits, uuid::Uuid::nil()).await.unwrap().map_or(Vec::new(), |(due, _)| due);
        found.iter().map(|file| file.reason.code()).collect::<Vec<_>>()
    };
    assert_eq!(due(1, 12, "2022-01-09").await, [""; 0], "it is not lifted out");
    assert_eq!(due(1, 12, "2022-01-10").await, ["consent_withdrawn"]);
    for months in [100_000, u32::MAX] {
        assert_eq!(due(months, months, "2036-04-20").await, [""; 0], "as good as for ever");
    }
});

both_databases!(who_is_still_in_difficulty_stays_known_however_long_nothing_happens, async |app| {
    let village = app.village_a();
    village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    // This family was never asked, so it has not refused.
    village.post("/households", with(household(VILLAGE_A, 5), "/consent", Value::Null)).await.is(201);
    app.clock.set(noon("2036-04-20"));
    assert_eq!(app.retention(true).await.0, [""; 0]);
});

both_databases!(a_day_years_ago_that_is_typed_today_counts_from_today, async |app| {
    let (town, village) = (app.town_a(), app.village_a());
    let old = |order: u32| {
        let file = with(household(VILLAGE_A, order), "/registered_on", json!("2010-01-04"));
        with(file, "/consent/given_on", json!("2010-01-04"))
    };
    let withdrawn = json!({ "withdrawn_on": "2012-01-04" });
    // One is lifted out, one withdraws, and one has already withdrawn when its file is opened.
    let lifted = village.post("/households", old(1)).await.is(201);
    for step in ["assist", "lift_out"] {
        let since = json!({ "since": "2012-01-04", "note": "补录" });
        town.post(&format!("{}/{step}", lifted.path()), since).await.is(200);
    }
    let second = village.post("/households", old(3)).await.is(201);
    village.patch(&second.path(), json!({ "consent": withdrawn })).if_match(&second.etag()).await.is(200);
    village.post("/households", with(old(5), "/consent/withdrawn_on", json!("2012-01-04"))).await.is(201);
    assert_eq!(app.retention(true).await.0, [""; 0], "they were entered today");
    // A new telephone number is neither of these.
    app.clock.set(noon("2020-05-01"));
    let seen = village.get(&lifted.path()).await.is(200);
    village.patch(&lifted.path(), json!({ "phone": "13805950138" })).if_match(&seen.etag()).await.is(200);
    // A second entry for a consent that is already withdrawn is no new withdrawal.
    app.clock.set(noon("2020-06-01"));
    let seen = village.get(&second.path()).await.is(200);
    village.patch(&second.path(), json!({ "consent": { "withdrawn_on": "2012-01-05" } })).if_match(&seen.etag()).await.is(200);
    for (day, over) in [("2020-10-19", 0), ("2020-10-20", 2), ("2023-04-30", 2), ("2023-05-01", 3)] {
        app.clock.set(noon(day));
        assert_eq!(app.retention(true).await.0.len(), over, "{day}");
    }
    // Without a day of entry the period never ends.
    app.sql("UPDATE households SET status_at = NULL, consent_at = NULL").await;
    assert_eq!(app.retention(true).await.0, [""; 0]);
});

both_databases!(whoever_is_helped_or_written_of_since_is_not_forgotten, async |app| {
    let families = app.families_released().await;
    let (bureau, village) = (app.bureau(), app.village_a());
    let family = &families.family;
    let at = |answer: &Answer, step: &str| format!("{}/{step}", answer.path());
    let known = format!("{VILLAGE_A}-0001 lifted_out");
    let mut day = app.clock.today();
    for kind in ["pairing", "visit", "record", "file", "paper", "measure", "plan"] {
        // Something happens a month before the family would be forgotten. That starts the same period again, to the day.
        day = day + chrono::Months::new(35);
        app.clock.set(platform::clock::first_instant(day));
        match kind {
            "pairing" => drop(bureau.post(&at(&families.pairing, "complete"), json!({})).await.is(200)),
            "visit" => {
                let visit = with(visit(), "/visited_on", json!(day));
                village.post(&at(family, "visits"), visit).await.is(201);
            }
            "record" => {
                let record =
                    json!({ "household_id": family.id(), "kind": "visit", "happened_on": day, "description": "看望老人" });
                village.post("/assistance-records", record).await.is(201);
            }
            "file" => {
                let seen = village.get(&family.path()).await.is(200);
                village.patch(&family.path(), json!({ "phone": "13805950138" })).if_match(&seen.etag()).await.is(200);
            }
            "paper" => {
                let (id, file) = (family.id(), ("照片.pdf", "application/pdf", PDF));
                village.upload("/attachments", &[("object_type", "households"), ("object_id", &*id)], file).await.is(201);
            }
            "measure" => {
                village.post(&at(&families.measure, "drop"), json!({ "note": "已毕业" })).await.is(200);
            }
            _ => drop(village.post(&at(&families.plan, "close"), json!({ "note": "已脱贫" })).await.is(200)),
        }
        app.clock.set(noon(&(day + chrono::Months::new(36) - chrono::Days::new(1)).to_string()));
        assert!(!app.retention(true).await.0.contains(&known), "a {kind} is something");
    }
    app.clock.set(noon(&(day + chrono::Months::new(36)).to_string()));
    assert!(app.retention(false).await.0.contains(&known));
    assert!(village.get(&family.path()).await.is(200)["anonymised_on"].is_string());
});

/// The foreign keys, as `table column other`.
async fn references(app: &TestApp) -> Vec<Vec<String>> {
    let query = match app.db {
        Db::Sqlite => {
            "SELECT m.name || ' ' || f.\"from\" || ' ' || f.\"table\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
        }
        Db::Postgres => {
            "SELECT conrelid::regclass::text || ' ' || attname || ' ' || confrelid::regclass::text FROM pg_constraint \
             JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f'"
        }
    };
    let found = app.texts(query).await;
    found.iter().map(|line| line.replace('"', "").split(' ').map(str::to_owned).collect()).collect()
}

/// The columns, as `table column type`.
async fn columns(app: &TestApp) -> Vec<Vec<String>> {
    let query = match app.db {
        Db::Sqlite => {
            "SELECT m.name || ' ' || c.name || ' ' || lower(c.type) FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        }
        Db::Postgres => {
            "SELECT table_name || ' ' || column_name || ' ' || data_type || '(' || COALESCE(character_maximum_length, 0) || ')' \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    app.texts(query).await.iter().map(|line| line.splitn(3, ' ').map(str::to_owned).collect()).collect()
}

both_databases!(no_column_that_hangs_on_a_family_keeps_its_words, async |app| {
    let families = app.families_released().await;
    app.bureau().post(&format!("{}/complete", families.pairing.path()), json!({})).await.is(200);

    // Rows from which a chain of references leads to a household.
    let references = references(app).await;
    let mut theirs: Vec<(String, String)> = vec![("households".to_owned(), "SELECT id FROM households".to_owned())];
    loop {
        let next = references.iter().find_map(|reference| {
            let [table, column, other] = &reference[..] else { panic!("{reference:?}") };
            let (_, rows) = theirs.iter().find(|(known, _)| known == other)?;
            let begin = format!("SELECT id FROM {table} WHERE {column} IN");
            let new = table != other && !theirs.iter().any(|(_, rows)| rows.starts_with(&begin));
            new.then(|| (table.clone(), format!("{begin} ({rows})")))
        });
        match next {
            Some(next) if theirs.len() < 60 => theirs.push(next),
            Some(next) => panic!("{next:?} goes round"),
            None => break,
        }
    }
    let tables: std::collections::BTreeSet<_> = theirs.iter().map(|(table, _)| table.as_str()).collect();
    assert!(tables.len() >= 8 && tables.contains("assistance_measures"), "{tables:?}");

    // Plant a text in every text column that is longer than a code.
    const PLANTED: &str = "赤狐过冬";
    let columns = columns(app).await;
    let mut texts = Vec::new();
    for (table, rows) in &theirs {
        for column in columns.iter().filter(|column| column[0] == *table) {
            let (kind, length) = column[2].split_once('(').unwrap_or((&column[2], "0"));
            let length: u32 = length.trim_end_matches(')').parse().unwrap_or_default();
            if matches!(kind, "varchar" | "character varying" | "text") && (length == 0 || length > 40) {
                app.sql(&format!("UPDATE {table} SET {} = '{PLANTED}' WHERE id IN ({rows})", column[1])).await;
                texts.push(format!("SELECT id FROM {table} WHERE {} = '{PLANTED}'", column[1]));
            }
            // Sealed columns are checked below; hashes reveal nothing.
            if matches!(kind, "blob" | "bytea") && !column[1].ends_with("_hash") {
                assert!(baishe::keys::SEALED.contains(&(table.as_str(), column[1].as_str())), "what does {column:?} hold?");
            }
        }
    }
    let opened = async || {
        let mut opened = std::collections::BTreeMap::<_, String>::new();
        for (table, column) in baishe::keys::SEALED.iter().filter(|(table, _)| tables.contains(table)) {
            let query = format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL");
            let db = &app.app.database.read;
            for row in db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), query)).await.unwrap() {
                let (id, sealed): (uuid::Uuid, Vec<u8>) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
                let said = String::from_utf8(app.app.vault.open_bytes(table, id, &sealed).unwrap()).unwrap();
                *opened.entry((*table, *column)).or_default() += &said;
            }
        }
        opened
    };
    let count = async || {
        let counts = texts.iter().map(|rows| format!("SELECT COUNT(*) AS n FROM ({rows}) t")).collect::<Vec<_>>();
        app.number(&format!("SELECT CAST(SUM(n) AS BIGINT) FROM ({}) t", counts.join(" UNION ALL "))).await
    };
    assert!(count().await >= 5, "{texts:?}");
    for (place, said) in opened().await {
        assert_ne!(secrets::told(said.as_bytes(), SECRETS.iter().copied()), [""; 0], "{place:?} holds something");
    }
    app.clock.set(noon("2023-04-20"));
    assert_eq!(app.retention(false).await.0.len(), 3);
    assert_eq!(count().await, 0, "{texts:?}");
    for (place, said) in opened().await {
        assert_eq!(secrets::told(said.as_bytes(), SECRETS.iter().copied()), [""; 0], "{place:?}");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM attachments").await, 0);
});
