//! The demo data: a year with everything in it that a year has, the same each time.

use std::collections::BTreeSet;

use baishe::platform::App;
use baishe::platform::clock::Clock;
use baishe::{demo, startup};
use contract::CodedEnum;
use contract::agreements::AgreementState;
use contract::outcomes::OutcomeState;
use contract::pairings::PairingState;
use contract::projects::ProjectState;
use contract::reports::ReportState;
use sea_orm::{ConnectionTrait, Statement};

use crate::support::*;

/// What is told of the year: how many of each state, and what it comes to.
const DIGEST: &str = "SELECT 'enrolments ' || state AS what, COUNT(*) AS number FROM enrolments GROUP BY state \
    UNION ALL SELECT 'pairings ' || state, COUNT(*) FROM pairings GROUP BY state \
    UNION ALL SELECT 'agreements ' || state, COUNT(*) FROM agreements GROUP BY state \
    UNION ALL SELECT 'projects ' || state, COUNT(*) FROM projects GROUP BY state \
    UNION ALL SELECT 'over budget', COUNT(*) FROM projects WHERE spent_fen > budget_fen \
    UNION ALL SELECT 'tasks ' || state, COUNT(*) FROM tasks GROUP BY state \
    UNION ALL SELECT 'outcomes ' || state, COUNT(*) FROM outcomes GROUP BY state \
    UNION ALL SELECT 'reached ' || indicator, CAST(SUM(quantity) AS bigint) FROM outcomes WHERE state = 'confirmed' GROUP BY indicator \
    UNION ALL SELECT 'updates ' || month, COUNT(*) FROM progress_updates GROUP BY month \
    UNION ALL SELECT 'reports ' || state, COUNT(*) FROM reports GROUP BY state \
    UNION ALL SELECT 'attachments ' || object_type, COUNT(*) FROM attachments GROUP BY object_type";

async fn digest(db: Db) -> BTreeSet<(String, i64)> {
    let database = db.empty().await;
    let clock = Clock::system();
    let app: App = startup::prepare(config(&database.url, &database.folder), clock).await.expect("the service is prepared");
    startup::migrate(&app.database).await.expect("the migrations run");
    demo::seed(&app).await.expect("the demo is told");
    let connection = &app.database.read;
    let rows =
        connection.query_all_raw(Statement::from_string(connection.get_database_backend(), DIGEST)).await.expect("a digest");
    let read = |row: &sea_orm::QueryResult| (row.try_get_by_index(0).expect("what"), row.try_get_by_index(1).expect("a number"));
    let digest = rows.iter().map(read).collect();
    app.database.read.clone().close().await.expect("the readers close");
    app.database.writer().clone().close().await.expect("the writer closes");
    digest
}

#[tokio::test]
async fn the_demo_has_every_state_and_comes_out_alike_on_both_databases() {
    let digest_of = digest(Db::Sqlite).await;
    let has = |what: String| assert!(digest_of.iter().any(|(known, _)| *known == what), "no {what} in {digest_of:#?}");
    PairingState::ALL.iter().for_each(|state| has(format!("pairings {}", state.code())));
    ProjectState::ALL.iter().for_each(|state| has(format!("projects {}", state.code())));
    OutcomeState::ALL.iter().for_each(|state| has(format!("outcomes {}", state.code())));
    ReportState::ALL.iter().for_each(|state| has(format!("reports {}", state.code())));
    for state in [AgreementState::Draft, AgreementState::Signed, AgreementState::Terminated] {
        has(format!("agreements {}", state.code()));
    }
    ["over budget", "attachments outcomes", "enrolments nominated"].into_iter().for_each(|what| has(what.to_owned()));
    (5..=10).for_each(|month| has(format!("updates 2020-{month:02}")));
    // The scale of 2020.
    assert!(digest_of.contains(&("enrolments confirmed".to_owned(), 111 + 44)), "{digest_of:#?}");
    assert_eq!(digest(Db::Postgres).await, digest_of);
}
