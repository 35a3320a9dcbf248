//! Tallies: how many there are of what the dashboard counts, by campaign and town, kept in step by triggers in the transaction of
//! each change, whoever makes it.
//!
//! What a row counts for is written once, in [`COUNTED`]; the triggers are made of it. On SQLite, where one writes at a time, a count
//! is one row. On PostgreSQL a change adds rows with the difference, so that nobody waits for the count of another; their sum is the
//! count, and they are summed up from time to time.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What a row of a table counts for. `{r}` is the row, `{since}` and `{until}` are the months in which a pairing began and ceased to
/// be active.
struct Counted {
    table: &'static str,
    /// The columns whose change may change what is counted.
    columns: &'static [&'static str],
    /// What is read beside the row.
    beside: &'static [&'static str],
    /// Which rows count.
    when: &'static str,
    /// The pairing, or what else has campaign and area.
    campaign: &'static str,
    area: &'static str,
    figure: &'static str,
    key: &'static str,
    number: &'static str,
    total: &'static str,
    /// Whether it counts the rows of another table that this row decides on, which are counted at that table already.
    others: bool,
}

const PAIRING: Counted = Counted {
    table: "pairings",
    columns: &["state", "active_since", "ended_on", "live_projects"],
    beside: &[],
    when: "1 = 1",
    campaign: "{r}.campaign_id",
    area: "{r}.village_code",
    figure: "pairings",
    key: "{r}.state",
    number: "1",
    total: "0",
    others: false,
};

const PROJECT: Counted = Counted {
    table: "projects",
    columns: &["state", "budget_fen", "spent_fen"],
    beside: &["pairings p"],
    when: "p.id = {r}.pairing_id",
    campaign: "p.campaign_id",
    area: "p.village_code",
    figure: "projects",
    total: "{r}.budget_fen",
    ..PAIRING
};

const UPDATE: Counted =
    Counted { table: "progress_updates", columns: &["month"], figure: "updates", key: "{r}.month", total: "0", ..PROJECT };

/// What was done for families.
const AID: Counted = Counted {
    table: "assistance_records",
    columns: &["state", "kind", "happened_on", "amount_fen"],
    when: "p.id = {r}.pairing_id AND {r}.state = 'confirmed'",
    figure: "aid",
    key: "{r}.kind || '/' || substr(CAST({r}.happened_on AS text), 1, 7)",
    total: "coalesce({r}.amount_fen, 0)",
    ..PROJECT
};

const COUNTED: &[Counted] = &[
    PAIRING,
    Counted { figure: "active", key: "{since} || '/' || coalesce({until}, '')", when: "{r}.active_since IS NOT NULL", ..PAIRING },
    Counted {
        figure: "without_project",
        key: "CAST({r}.active_since AS text)",
        when: "{r}.active_since IS NOT NULL AND {r}.state = 'active' AND {r}.live_projects = 0",
        ..PAIRING
    },
    Counted { figure: "live_projects", key: "CAST({r}.live_projects AS text)", when: "{r}.live_projects > 0", ..PAIRING },
    PROJECT,
    Counted {
        figure: "spent",
        number: "CASE WHEN {r}.spent_fen > {r}.budget_fen THEN 1 ELSE 0 END",
        total: "{r}.spent_fen",
        ..PROJECT
    },
    Counted {
        table: "tasks",
        columns: &["state", "due_on"],
        beside: &["projects o", "pairings p"],
        when: "o.id = {r}.project_id AND p.id = o.pairing_id AND {r}.state = 'open' AND o.state IN ('approved', 'in_progress')",
        figure: "due",
        key: "CAST({r}.due_on AS text)",
        total: "0",
        ..PROJECT
    },
    Counted {
        beside: &["pairings p", "tasks t"],
        when: "p.id = {r}.pairing_id AND t.project_id = {r}.id AND t.state = 'open' AND {r}.state IN ('approved', 'in_progress')",
        figure: "due",
        key: "CAST(t.due_on AS text)",
        total: "0",
        others: true,
        ..PROJECT
    },
    UPDATE,
    // Those of months in which their pairing was active.
    Counted {
        when: "p.id = {r}.pairing_id AND {r}.month >= substr(CAST(p.active_since AS text), 1, 7) \
               AND (p.ended_on IS NULL OR {r}.month <= substr(CAST(p.ended_on AS text), 1, 7))",
        figure: "reported",
        ..UPDATE
    },
    Counted {
        beside: &["progress_updates u"],
        when: "u.pairing_id = {r}.id AND u.month >= {since} AND ({r}.ended_on IS NULL OR u.month <= {until})",
        figure: "reported",
        key: "u.month",
        others: true,
        ..PAIRING
    },
    Counted {
        table: "outcomes",
        columns: &["state", "indicator", "happened_on", "quantity"],
        when: "p.id = {r}.pairing_id AND {r}.state = 'confirmed'",
        figure: "outcomes",
        key: "{r}.indicator || '/' || substr(CAST({r}.happened_on AS text), 1, 7)",
        total: "{r}.quantity",
        ..PROJECT
    },
    Counted {
        table: "enrolments",
        columns: &["state"],
        when: "{r}.state = 'confirmed'",
        area: "{r}.area_code",
        figure: "enrolments",
        key: "{r}.kind",
        ..PAIRING
    },
    AID,
    Counted {
        when: "p.id = {r}.pairing_id AND {r}.state = 'confirmed' AND {r}.amount_fen IS NOT NULL",
        figure: "aid_payments",
        total: "0",
        ..AID
    },
];

/// The tables whose rows count.
const TABLES: [&str; 7] = ["pairings", "projects", "tasks", "progress_updates", "outcomes", "enrolments", "assistance_records"];

impl Counted {
    /// The counts of rows: of all `rows`, named `r`, or of the one that a trigger of SQLite names `r`.
    fn select(&self, rows: Option<&str>, r: &str, sign: &str) -> String {
        let Self { campaign, area, figure, key, number, total, when, .. } = self;
        // Of pairings those with villages count.
        let only = if self.table == "pairings" { " AND {r}.kind = 'village'" } else { "" };
        let from: Vec<String> =
            rows.map(|rows| format!("{rows} {r}")).into_iter().chain(self.beside.iter().map(|&table| table.to_owned())).collect();
        let from = if from.is_empty() { String::new() } else { format!("FROM {}", from.join(", ")) };
        format!(
            "SELECT {campaign} AS campaign_id, substr({area}, 1, 9) AS area_code, '{figure}' AS figure, {key} AS key, \
             {sign}({number}) AS n, {sign}({total}) AS total {from} WHERE {when}{only}"
        )
        .replace("{since}", "substr(CAST({r}.active_since AS text), 1, 7)")
        .replace("{until}", "substr(CAST({r}.ended_on AS text), 1, 7)")
        .replace("{r}", r)
    }
}

fn counted(table: &str) -> impl Iterator<Item = &'static Counted> {
    COUNTED.iter().filter(move |counted| counted.table == table)
}

const INTO: &str = "INSERT INTO tallies (campaign_id, area_code, figure, key, n, total)";

/// These counts added up.
fn sum(selects: &[String]) -> String {
    format!(
        "SELECT campaign_id, area_code, figure, key, SUM(n) AS n, SUM(total) AS total FROM ({}) AS moved \
         GROUP BY campaign_id, area_code, figure, key HAVING SUM(n) <> 0 OR SUM(total) <> 0",
        selects.join(" UNION ALL ")
    )
}

/// The query of all counts from what there is: what the sum of the tallies is at any time.
pub fn count() -> String {
    let all = COUNTED.iter().filter(|counted| !counted.others);
    sum(&all.map(|counted| counted.select(Some(counted.table), "r", "+")).collect::<Vec<_>>())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DatabaseBackend::Sqlite;
        let mut tallies = bare_table("tallies")
            .col(id("campaign_id"))
            .col(text("area_code", 9))
            .col(code("figure"))
            .col(text("key", 60))
            .col(big_number("n"))
            .col(big_number("total"))
            .to_owned();
        let key = ["campaign_id", "area_code", "figure", "key"];
        if sqlite {
            tallies.primary_key(Index::create().col(key[0]).col(key[1]).col(key[2]).col(key[3]));
            manager.create_table(tallies).await?;
        } else {
            manager.create_table(tallies).await?;
            manager.create_index(index("tallies", &key)).await?;
        }

        for table in TABLES {
            for statement in if sqlite { on_sqlite(table) } else { on_postgres(table) } {
                manager.get_connection().execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}

/// One row at a time, which moves counts that are there.
fn on_sqlite(table: &str) -> Vec<String> {
    let add = |r: &str, sign: &str| {
        let counts = counted(table).map(|counted| counted.select(None, r, sign)).collect::<Vec<_>>().join(" UNION ALL ");
        format!(
            "{INTO} {counts} ON CONFLICT (campaign_id, area_code, figure, key) \
             DO UPDATE SET n = n + excluded.n, total = total + excluded.total;"
        )
    };
    let mut columns: Vec<_> = counted(table).flat_map(|counted| counted.columns).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    let changed = columns.iter().map(|column| format!("old.{column} IS NOT new.{column}")).collect::<Vec<_>>().join(" OR ");
    let (old, new) = (add("old", "-"), add("new", "+"));
    // A change of the pairing moves its own counts.
    let live = |change: &str| {
        let pairing = if change.contains("new.") { "new" } else { "old" };
        if table == "projects" {
            format!(
                "UPDATE pairings SET live_projects = live_projects + {change} WHERE id = {pairing}.pairing_id AND {change} <> 0;"
            )
        } else {
            String::new()
        }
    };
    let (was, is) = ("(old.state <> 'cancelled')", "(new.state <> 'cancelled')");
    vec![
        format!("CREATE TRIGGER {table}_tally_insert AFTER INSERT ON {table} BEGIN {new} {} END", live(is)),
        format!(
            "CREATE TRIGGER {table}_tally_update AFTER UPDATE OF {} ON {table} WHEN {changed} BEGIN {old} {new} {} END",
            columns.join(", "),
            live(&format!("({is} - {was})"))
        ),
        format!("CREATE TRIGGER {table}_tally_delete AFTER DELETE ON {table} BEGIN {old} {} END", live(&format!("(0 - {was})"))),
    ]
}

/// All rows of a statement at once, which add what has moved.
fn on_postgres(table: &str) -> Vec<String> {
    let events = [
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("delete", "OLD TABLE AS old_rows"),
    ];
    let triggers = events.into_iter().flat_map(|(event, rows)| {
        let sides: Vec<_> = [("old_rows", "-"), ("new_rows", "+")].into_iter().filter(|(name, _)| rows.contains(name)).collect();
        let moved = sides.iter().flat_map(|(rows, sign)| counted(table).map(|counted| counted.select(Some(rows), "r", sign)));
        let add = format!("{INTO} {}", sum(&moved.collect::<Vec<_>>()));
        // A change of the pairing moves its own counts.
        let live = if table == "projects" {
            let moved = sides.iter().map(|(rows, sign)| format!("SELECT pairing_id, {sign}1 AS n FROM {rows} WHERE state <> 'cancelled'"));
            format!(
                "UPDATE pairings p SET live_projects = p.live_projects + moved.n FROM \
                 (SELECT pairing_id, SUM(n) AS n FROM ({}) AS each GROUP BY pairing_id HAVING SUM(n) <> 0) AS moved \
                 WHERE p.id = moved.pairing_id;",
                moved.collect::<Vec<_>>().join(" UNION ALL ")
            )
        } else {
            String::new()
        };
        let name = format!("{table}_tally_{event}");
        [
            format!("CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {add}; {live} RETURN NULL; END $$"),
            format!("CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"),
        ]
    });
    triggers.collect()
}
