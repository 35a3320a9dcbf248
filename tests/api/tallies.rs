//! Tallies change with every change, and always equal a new count.

use std::future::IntoFuture;

use baishe::startup::{self, tidy};
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::dashboard::{behind, figures};
use crate::both_databases;
use crate::support::*;

/// The stored tallies, and a new count, both as text.
async fn kept_and_there(app: &TestApp) -> (Vec<String>, Vec<String>) {
    let kept = "SELECT campaign_id, area_code, figure, key, SUM(n) AS n, SUM(total) AS total FROM tallies \
                GROUP BY campaign_id, area_code, figure, key HAVING SUM(n) <> 0 OR SUM(total) <> 0";
    let campaign = if app.db == Db::Sqlite { "hex(campaign_id)" } else { "CAST(campaign_id AS text)" };
    let told = |counts: &str| {
        format!(
            "SELECT {campaign} || ' ' || area_code || ' ' || figure || ' ' || key || ': ' || \
             CAST(CAST(n AS bigint) AS text) || ' ' || CAST(CAST(total AS bigint) AS text) AS told \
             FROM ({counts}) AS counts ORDER BY 1"
        )
    };
    (app.texts(&told(kept)).await, app.texts(&told(&migration::count_tallies())).await)
}

pub async fn agree(app: &TestApp, after: &str) {
    let (kept, there) = kept_and_there(app).await;
    assert_eq!(kept, there, "after {after}");
    assert!(there.len() >= 5, "something is counted: {there:?}");
    let live = "SELECT COUNT(*) FROM pairings WHERE live_projects <> \
                (SELECT COUNT(*) FROM projects o WHERE o.pairing_id = pairings.id AND o.state <> 'cancelled')";
    assert_eq!(app.number(live).await, 0, "after {after}");
}

/// Turns a database into that of another version, which does not count outcomes, miscounts projects, counts any change of
/// organisations, and has a figure that this version lacks. Then changes all of these.
pub async fn count_otherwise(app: &TestApp) {
    let triggers = match app.db {
        Db::Sqlite => {
            "DROP TRIGGER outcomes_tally_update; DROP TRIGGER projects_tally_update; \
             CREATE TRIGGER projects_tally_update AFTER UPDATE OF state ON projects BEGIN SELECT 1; END; \
             CREATE TRIGGER organisations_tally_update AFTER UPDATE ON organisations BEGIN UPDATE tallies SET n = n + 1; END"
        }
        Db::Postgres => {
            "DROP FUNCTION outcomes_tally_update() CASCADE; \
             CREATE OR REPLACE FUNCTION projects_tally_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; \
             CREATE FUNCTION organisations_tally_update() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN UPDATE tallies SET n = n + 1; RETURN NULL; END $$; \
             CREATE TRIGGER organisations_tally_update AFTER UPDATE ON organisations EXECUTE FUNCTION organisations_tally_update()"
        }
    };
    for statement in
        [triggers, GONE, "UPDATE outcomes SET state = 'confirmed'", "UPDATE projects SET state = 'cancelled'", ORGANISED]
    {
        app.sql(statement).await;
    }
    let (kept, there) = kept_and_there(app).await;
    assert_ne!(kept, there, "it counts otherwise");
}

/// A tally of a figure that this version lacks.
const GONE: &str = "INSERT INTO tallies SELECT id, area_code, 'families', '', 1, 0 FROM campaigns";
/// A change that this version does not count.
const ORGANISED: &str = "UPDATE organisations SET member_count = 7";

/// Changes what the other version counts differently.
pub async fn change_again(app: &TestApp) {
    for statement in ["UPDATE outcomes SET quantity = 9", "UPDATE projects SET state = 'approved'", ORGANISED] {
        app.sql(statement).await;
    }
}

/// Every figure of every campaign's dashboard equals the total of the list it links to.
async fn dashboards_agree(app: &TestApp) {
    let bureau = app.bureau();
    for campaign in bureau.get("/campaigns").await.is(200).items() {
        let path = format!("/dashboard?campaign_id={}", campaign["id"].as_str().expect("an id"));
        for (client, path) in [(&bureau, path.clone()), (&bureau, format!("{path}&within={TOWN_A}")), (&app.town_b(), path)] {
            let dashboard = client.get(&path).await.is(200);
            for (records, value) in figures(&dashboard.body) {
                assert_eq!(value, behind(client, &records).await, "{path}: {records}");
            }
        }
    }
}

/// Pseudo-random numbers, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

both_databases!(whatever_is_changed_is_counted, async |app| {
    app.one_of_everything().await;
    agree(app, "a year's beginning").await;
    app.clock.set(noon("2020-08-05"));
    let mut numbers = Numbers(28);
    for round in 0..200 {
        if round % 20 == 0 {
            dashboards_agree(app).await;
        }
        let day = |numbers: &mut Numbers| format!("'2020-0{}-1{}'", 4 + numbers.below(5), numbers.below(9));
        let maybe = |numbers: &mut Numbers, value: String| if numbers.below(3) == 0 { "NULL".to_owned() } else { value };
        let (first, last) = (day(&mut numbers), day(&mut numbers));
        let (state, set) = match numbers.below(7) {
            0 => {
                let state = numbers.one(&["proposed", "confirmed", "active", "completed", "terminated"]);
                let (since, until) = (maybe(&mut numbers, first), maybe(&mut numbers, last));
                ("pairings", format!("state = '{state}', active_since = {since}, ended_on = {until}"))
            }
            1 => {
                let state = numbers.one(&["draft", "approved", "in_progress", "suspended", "cancelled"]);
                let (budget, spent) = (numbers.below(5), numbers.below(5));
                ("projects", format!("state = '{state}', budget_fen = {budget}, spent_fen = {spent}"))
            }
            2 => ("tasks", format!("state = '{}', due_on = {first}", numbers.one(&["open", "done", "cancelled"]))),
            3 => ("progress_updates", format!("month = '2020-0{}'", 4 + numbers.below(5))),
            4 => {
                let state = numbers.one(&["recorded", "confirmed", "withdrawn", "corrected"]);
                let indicator = numbers.one(&["jobs_offered", "money_donated_fen"]);
                let quantity = 1 + numbers.below(9);
                (
                    "outcomes",
                    format!("state = '{state}', indicator = '{indicator}', happened_on = {first}, quantity = {quantity}"),
                )
            }
            5 => {
                let state = numbers.one(&["recorded", "confirmed", "corrected", "rejected"]);
                let (kind, amount) = (numbers.one(&["visit", "schooling"]), numbers.below(900).to_string());
                let amount = maybe(&mut numbers, amount);
                (
                    "assistance_records",
                    format!("state = '{state}', kind = '{kind}', happened_on = {first}, amount_fen = {amount}"),
                )
            }
            _ => ("enrolments", format!("state = '{}'", numbers.one(&["confirmed", "withdrawn", "applied"]))),
        };
        // Changes a few rows only, so that all combinations occur.
        let which =
            format!("id IN (SELECT id FROM {state} ORDER BY id LIMIT {} OFFSET {})", 1 + numbers.below(2), numbers.below(3));
        let statement = format!("UPDATE {state} SET {set} WHERE {which}");
        // The statement fails if it would make two live pairings of the same parties.
        if app.app.database.writer().execute_unprepared(&statement).await.is_ok() {
            agree(app, &statement).await;
        }
    }
    for table in ["outcomes", "progress_updates", "tasks", "projects"] {
        app.sql(&format!("DELETE FROM {table}")).await;
        agree(app, &format!("all {table} went")).await;
    }
});

both_databases!(whoever_changes_at_once_is_counted_once, async |app| {
    let (one, other) = app.both_active(campaign(), "2020-04-20").await;
    let bureau = app.bureau();
    let mut projects = Vec::new();
    for (client, pairing) in [(app.organisation_a(), &one), (app.as_(Who::OrganisationB), &other)] {
        for title in ["龙眼深加工", "电商培训"] {
            let made = client.post("/projects", with(project(&pairing.id()), "/title", json!(title))).await.is(201);
            client.post("/tasks", task(&made.id())).await.is(201);
            projects.push((client.clone(), made));
        }
    }
    let outcome = |pairing: &Answer| json!({ "pairing_id": pairing.id(), "indicator": "jobs_offered", "quantity": 3, "happened_on": "2020-04-20" });
    let written =
        |pairing: &Answer| json!({ "pairing_id": pairing.id(), "month": "2020-04", "content": "助学", "progress": "已走访" });
    for _ in 0..3 {
        let cancels = projects.iter().map(|(_, project)| {
            bureau
                .post(&format!("{}/cancel", project.path()), json!({ "note": "重复", "on_behalf_reason": "代办" }))
                .into_future()
        });
        let outcomes = (0..12).map(|n| {
            let (client, pairing) = if n % 2 == 0 { (app.town_a(), &one) } else { (app.town_b(), &other) };
            client.post("/outcomes", outcome(pairing)).into_future()
        });
        let updates =
            [app.town_a().post("/progress-updates", written(&one)), app.town_b().post("/progress-updates", written(&other))];
        let tidying = async {
            for _ in 0..5 {
                tidy(&app.app).await;
            }
        };
        tokio::join!(join_all(cancels.chain(outcomes).chain(updates.map(IntoFuture::into_future))), tidying);
        agree(app, "all of them at once").await;
    }
    tidy(&app.app).await;
    agree(app, "summing up").await;
    let double =
        "SELECT COUNT(*) FROM (SELECT 1 FROM tallies GROUP BY campaign_id, area_code, figure, key HAVING COUNT(*) > 1) AS double";
    assert_eq!(app.number(double).await, 0, "one row for each count");
});

both_databases!(where_another_version_counted_everything_is_counted_anew, async |app| {
    app.one_of_everything().await;
    count_otherwise(app).await;
    startup::migrate(&app.app).await.expect("the database is brought up");
    agree(app, "an update").await;
    dashboards_agree(app).await;
    change_again(app).await;
    agree(app, "changes by this version").await;

    // Starting with its own triggers in place leaves the tallies alone.
    app.sql(GONE).await;
    startup::migrate(&app.app).await.expect("there is nothing to do");
    assert_ne!(app.number("SELECT COUNT(*) FROM tallies WHERE figure = 'families'").await, 0);
});
