//! The demo data: a year with everything that a year can contain, the same each time.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use baishe::{backup, startup};
use contract::CodedEnum;
use contract::agreements::AgreementState;
use contract::assistance::RecordState;
use contract::catalogue::CatalogueEntryState;
use contract::findings::FindingState;
use contract::households::{HouseholdStatus, MemberInput};
use contract::outcomes::OutcomeState;
use contract::pairings::PairingState;
use contract::plans::{MeasureSide, PlanState};
use contract::projects::ProjectState;
use contract::reports::ReportState;
use entities::households::{Entity, MEMBERS, OBJECT, Personal, member, visit};
use platform::App;
use platform::clock::Clock;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use zip::ZipArchive;

use crate::support::*;

/// A summary of the year: how many of each state, and the sums.
const DIGEST: &str = "SELECT 'enrolments ' || state AS what, COUNT(*) AS number FROM enrolments GROUP BY state \
    UNION ALL SELECT 'organisations ' || state, COUNT(*) FROM organisations GROUP BY state \
    UNION ALL SELECT 'organisations renamed', COUNT(*) FROM organisations WHERE former_names IS NOT NULL HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'institutions ' || kind, COUNT(*) FROM institutions GROUP BY kind \
    UNION ALL SELECT 'adoptions ' || state, COUNT(*) FROM adoptions GROUP BY state \
    UNION ALL SELECT 'help ' || state, COUNT(*) FROM help_records GROUP BY state \
    UNION ALL SELECT 'difficulties ' || state, COUNT(*) FROM difficulties GROUP BY state \
    UNION ALL SELECT 'cases ' || state, COUNT(*) FROM cases GROUP BY state \
    UNION ALL SELECT 'taken up', COUNT(*) FROM case_uptakes HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'publicity ' || channel, COUNT(*) FROM publicity_items GROUP BY channel \
    UNION ALL SELECT 'publications ' || state, COUNT(*) FROM publications GROUP BY state \
    UNION ALL SELECT 'figures ' || digest, CAST(SUM(shown_count) AS bigint) FROM publications GROUP BY digest \
    UNION ALL SELECT 'rounds ' || kind || ' ' || state, COUNT(*) FROM inspection_rounds GROUP BY kind, state \
    UNION ALL SELECT 'inspections ' || state, COUNT(*) FROM inspections GROUP BY state \
    UNION ALL SELECT 'inspected in ' || village_code, COUNT(*) FROM inspections GROUP BY village_code \
    UNION ALL SELECT 'findings ' || state, COUNT(*) FROM findings GROUP BY state \
    UNION ALL SELECT 'orders ' || state || ' ' || colour, COUNT(*) FROM supervision_orders GROUP BY state, colour \
    UNION ALL SELECT 'matters', CAST(SUM(matter_count) AS bigint) FROM supervision_orders \
    UNION ALL SELECT 'meetings ' || kind || ' ' || state, COUNT(*) FROM meetings GROUP BY kind, state \
    UNION ALL SELECT 'pairings ' || state, COUNT(*) FROM pairings GROUP BY state \
    UNION ALL SELECT 'agreements ' || state, COUNT(*) FROM agreements GROUP BY state \
    UNION ALL SELECT 'needs and offers ' || state, COUNT(*) FROM catalogue_entries GROUP BY state \
    UNION ALL SELECT 'rankings ' || state, COUNT(*) FROM rankings GROUP BY state \
    UNION ALL SELECT 'lines of ' || digest, COUNT(*) FROM assignment_lines JOIN assignments ON assignments.id = assignment_id GROUP BY digest \
    UNION ALL SELECT 'assigned to ' || village_code, CAST(SUM(score) AS bigint) FROM assignment_lines GROUP BY village_code \
    UNION ALL SELECT 'projects ' || state, COUNT(*) FROM projects GROUP BY state \
    UNION ALL SELECT 'over budget', COUNT(*) FROM projects WHERE spent_fen > budget_fen \
    UNION ALL SELECT 'tasks ' || state, COUNT(*) FROM tasks GROUP BY state \
    UNION ALL SELECT 'outcomes ' || state, COUNT(*) FROM outcomes GROUP BY state \
    UNION ALL SELECT 'reached ' || indicator, CAST(SUM(quantity) AS bigint) FROM outcomes WHERE state = 'confirmed' GROUP BY indicator \
    UNION ALL SELECT 'updates ' || month, COUNT(*) FROM progress_updates GROUP BY month \
    UNION ALL SELECT 'reports ' || state, COUNT(*) FROM reports GROUP BY state \
    UNION ALL SELECT 'help in forms', COUNT(*) FROM report_records WHERE sign = 1 AND NOT carried HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'help carried over', COUNT(*) FROM report_records WHERE carried HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'help in no form', COUNT(*) FROM assistance_records JOIN pairings ON pairings.id = pairing_id \
        JOIN reports ON reports.campaign_id = pairings.campaign_id AND reports.town_code = substr(pairings.village_code, 1, 9) \
        AND reports.month = substr(CAST(happened_on AS text), 1, 7) WHERE assistance_records.state = 'confirmed' AND reports.state = 'accepted' \
        AND assistance_records.id NOT IN (SELECT record_id FROM report_records) HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'households ' || status, COUNT(*) FROM households GROUP BY status \
    UNION ALL SELECT 'household pairings ' || state, COUNT(*) FROM pairings WHERE kind = 'household' GROUP BY state \
    UNION ALL SELECT 'plans ' || state, COUNT(*) FROM assistance_plans GROUP BY state \
    UNION ALL SELECT 'measures ' || responsible, COUNT(*) FROM assistance_measures GROUP BY responsible \
    UNION ALL SELECT 'measures dropped', COUNT(*) FROM assistance_measures WHERE dropped \
    UNION ALL SELECT 'measures fulfilled', COUNT(DISTINCT measure_id) FROM assistance_records WHERE state = 'confirmed' \
    UNION ALL SELECT 'records ' || state, COUNT(*) FROM assistance_records GROUP BY state \
    UNION ALL SELECT 'records of ' || kind, COUNT(*) FROM assistance_records GROUP BY kind \
    UNION ALL SELECT 'records correcting', COUNT(*) FROM assistance_records WHERE corrects_id IS NOT NULL \
    UNION ALL SELECT 'given ' || kind, CAST(SUM(amount_fen) AS bigint) FROM assistance_records WHERE state = 'confirmed' GROUP BY kind HAVING SUM(amount_fen) > 0 \
    UNION ALL SELECT 'visits', COUNT(*) FROM household_visits \
    UNION ALL SELECT 'visits to come', COUNT(*) FROM household_visits WHERE visited_on > '2020-11-03' HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'records to come', COUNT(*) FROM assistance_records WHERE happened_on > '2020-11-03' HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'files complete', COUNT(*) FROM households WHERE complete \
    UNION ALL SELECT 'files incomplete', COUNT(*) FROM households WHERE NOT complete \
    UNION ALL SELECT 'village answers', COUNT(*) FROM pairings JOIN users ON users.area_code = village_code WHERE account = 'village' AND state = 'proposed' \
        AND village_accepted_at IS NULL HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'organisation answers', COUNT(*) FROM pairings JOIN users ON users.organisation_id = pairings.organisation_id WHERE account = 'organisation' \
        AND state = 'proposed' AND organisation_accepted_at IS NULL HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'organisation families', COUNT(*) FROM pairings JOIN users ON users.organisation_id = pairings.organisation_id WHERE account = 'organisation' \
        AND kind = 'household' AND state = 'active' HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'organisation projects', COUNT(*) FROM projects JOIN pairings ON pairings.id = pairing_id JOIN users ON users.organisation_id = pairings.organisation_id \
        WHERE account = 'organisation' AND projects.state = 'in_progress' HAVING COUNT(*) > 0 \
    UNION ALL SELECT 'attachments ' || object_type, COUNT(*) FROM attachments GROUP BY object_type";

async fn digest(db: Db) -> BTreeSet<(String, i64)> {
    let database = db.demo().await;
    let clock = Clock::system();
    let app: App = startup::prepare(config(&database.url, &database.folder), clock).await.expect("the service is prepared");
    let connection = &app.database.read;
    let rows =
        connection.query_all_raw(Statement::from_string(connection.get_database_backend(), DIGEST)).await.expect("a digest");
    let read = |row: &sea_orm::QueryResult| (row.try_get_by_index(0).expect("what"), row.try_get_by_index(1).expect("a number"));
    let digest = rows.iter().map(read).collect();
    app.database.read.clone().close().await.expect("the readers close");
    app.database.writer().clone().close().await.expect("the writer closes");
    digest
}

/// All sealed personal values in the demo's files, opened.
async fn secrets_of(app: &App) -> BTreeSet<String> {
    let (db, mut secrets) = (&app.database.read, BTreeSet::new());
    for row in member::Entity::find().all(db).await.expect("the members") {
        let member: MemberInput = app.vault.open(MEMBERS, row.id, &row.personal).expect("a member");
        secrets.extend([Some(member.name), member.identity_number].into_iter().flatten());
    }
    for row in Entity::find().all(db).await.expect("the files") {
        let file: Personal = app.vault.open(OBJECT, row.id, &row.personal).expect("a file");
        secrets.extend([file.phone, file.bank_account].into_iter().flatten());
    }
    for row in visit::Entity::find().all(db).await.expect("the visits") {
        let visit: visit::Personal = app.vault.open(visit::PLACE, row.id, &row.personal).expect("a visit");
        secrets.extend(visit.note);
    }
    secrets
}

/// Everything in a backup, uncompressed.
fn unpacked(file: &Path) -> Vec<u8> {
    let mut archive = ZipArchive::new(File::open(file).expect("the backup")).expect("an archive");
    let mut bytes = Vec::new();
    for index in 0..archive.len() {
        archive.by_index(index).expect("an entry").read_to_end(&mut bytes).expect("its contents");
    }
    bytes
}

async fn nowhere_in_plain(db: Db) {
    let database = db.demo().await;
    let config = config(&database.url, &database.folder);
    let app: App = startup::prepare(config.clone(), Clock::system()).await.expect("the service is prepared");
    let secrets = secrets_of(&app).await;
    assert!(secrets.len() > 300, "{}", secrets.len());
    let file = database.folder.join("backup.zip");
    backup::create(&config, &file, false).await.expect("a backup");
    let backed_up = unpacked(&file);
    std::fs::remove_file(&file).expect("it is gone");
    let written = secrets::written(db, &database.folder, &app.database.read).await;
    for bytes in [&written, &backed_up] {
        assert_eq!(secrets::told(bytes, secrets.iter().map(String::as_str)), [""; 0]);
        // Proof that the search looks through the data at all.
        assert!(!secrets::told(bytes, ["行业协会"]).is_empty());
    }
    app.database.read.clone().close().await.expect("the readers close");
    app.database.writer().clone().close().await.expect("the writer closes");
}

#[tokio::test]
async fn nobody_of_the_demo_s_families_stands_anywhere_in_plain_on_sqlite() {
    nowhere_in_plain(Db::Sqlite).await;
}

#[tokio::test]
async fn nobody_of_the_demo_s_families_stands_anywhere_in_plain_on_postgres() {
    nowhere_in_plain(Db::Postgres).await;
}

#[tokio::test]
async fn the_demo_has_every_state_and_comes_out_alike_on_both_databases() {
    let digest_of = digest(Db::Sqlite).await;
    let has = |what: String| assert!(digest_of.iter().any(|(known, _)| *known == what), "no {what} in {digest_of:#?}");
    PairingState::ALL.iter().for_each(|state| has(format!("pairings {}", state.code())));
    has("rankings closed".to_owned());
    CatalogueEntryState::ALL.iter().for_each(|state| has(format!("needs and offers {}", state.code())));
    FindingState::ALL.iter().for_each(|state| has(format!("findings {}", state.code())));
    ProjectState::ALL.iter().for_each(|state| has(format!("projects {}", state.code())));
    OutcomeState::ALL.iter().for_each(|state| has(format!("outcomes {}", state.code())));
    ReportState::ALL.iter().for_each(|state| has(format!("reports {}", state.code())));
    HouseholdStatus::ALL.iter().for_each(|status| has(format!("households {}", status.code())));
    PlanState::ALL.iter().for_each(|state| has(format!("plans {}", state.code())));
    MeasureSide::ALL.iter().for_each(|side| has(format!("measures {}", side.code())));
    RecordState::ALL.iter().for_each(|state| has(format!("records {}", state.code())));
    for state in [PairingState::Proposed, PairingState::Active] {
        has(format!("household pairings {}", state.code()));
    }
    for state in [AgreementState::Draft, AgreementState::Signed, AgreementState::Terminated] {
        has(format!("agreements {}", state.code()));
    }
    [
        "over budget",
        "measures dropped",
        "measures fulfilled",
        "records correcting",
        "visits",
        "files complete",
        "files incomplete",
        "attachments outcomes",
        "attachments households",
        "enrolments nominated",
        "organisations merged",
        "organisations renamed",
        "institutions care_home",
        "adoptions active",
        "adoptions proposed",
        "help confirmed",
        "help recorded",
        "difficulties open",
        "difficulties solved",
        "cases nominated",
        "cases published",
        "taken up",
        "publications published",
        "publicity newspaper",
        "publicity tv",
        "publicity web",
        "publicity wechat",
        "rounds mid_year closed",
        "rounds spot open",
        "inspections planned",
        "help in forms",
        "orders closed red",
        "orders issued red",
        "orders draft red",
        "meetings kick_off held",
        "meetings coordination held",
    ]
    .into_iter()
    .for_each(|what| has(what.to_owned()));
    (5..=10).for_each(|month| has(format!("updates 2020-{month:02}")));
    assert!(
        digest_of.iter().all(|(what, _)| !what.ends_with("to come")),
        "nothing is told of days that have not come: {digest_of:#?}"
    );
    let late = ["help carried over", "help in no form"];
    assert!(
        digest_of.iter().all(|(what, _)| !late.contains(&what.as_str())),
        "forms tell of the help of their months: {digest_of:#?}"
    );
    // Everybody who signs in finds something to do.
    has("village answers".to_owned());
    has("organisation answers".to_owned());
    has("organisation families".to_owned());
    has("organisation projects".to_owned());
    // The numbers of 2020.
    assert!(digest_of.contains(&("enrolments confirmed".to_owned(), 111 + 44)), "{digest_of:#?}");
    assert_eq!(digest(Db::Postgres).await, digest_of);
}
