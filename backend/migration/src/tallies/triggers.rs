//! The SQL of the tallies, for both databases.

use std::collections::{BTreeMap, BTreeSet};

use contract::CodedEnum;
use sea_orm_migration::sea_orm::DatabaseBackend;

use super::Counted;
use super::counted::{COUNTED, LIVE};

/// A trigger of a table.
pub struct Trigger {
    /// The text as the database stores it.
    pub text: String,
    /// The statements that create the trigger, or replace one with the same name.
    pub make: String,
}

const INTO: &str = "INSERT INTO tallies (campaign_id, area_code, figure, key, n, total)";

impl Counted {
    /// The select that counts rows under the alias `r`: all of the table `rows`, or only the row that a trigger on SQLite calls
    /// `r`.
    fn select(&self, rows: Option<&str>, r: &str, sign: &str) -> String {
        let Self { rows: way, key, when, number, total, .. } = self;
        let row = rows.map(|rows| format!("{rows} {r}")).unwrap_or_default();
        let from = [&row, way.beside].into_iter().filter(|from| !from.is_empty()).collect::<Vec<_>>().join(", ");
        let from = if from.is_empty() { from } else { format!("FROM {from}") };
        let when = [way.when, *when].into_iter().filter(|when| !when.is_empty()).collect::<Vec<_>>().join(" AND ");
        let sql = format!(
            "SELECT {campaign} AS campaign_id, substr({area}, 1, 9) AS area_code, '{figure}' AS figure, {key} AS key, \
             {sign}({number}) AS n, {sign}({total}) AS total {from} WHERE {when}",
            campaign = way.campaign,
            area = way.area,
            figure = self.figure.code(),
        );
        months(&sql).replace("{r}", r)
    }
}

/// Replaces `month(…)` with an expression that both databases understand.
fn months(sql: &str) -> String {
    let mut parts = sql.split("month(");
    let first = parts.next().unwrap_or_default().to_owned();
    parts
        .filter_map(|part| part.split_once(')'))
        .fold(first, |sql, (date, rest)| sql + "substr(CAST(" + date + " AS text), 1, 7)" + rest)
}

/// The tables with counted rows.
pub fn tables() -> BTreeSet<&'static str> {
    COUNTED.iter().map(|counted| counted.rows.table).collect()
}

fn counted(table: &str) -> impl Iterator<Item = &'static Counted> {
    COUNTED.iter().filter(move |counted| counted.rows.table == table)
}

/// The columns of a table that its declarations name. A change of any other column cannot change a count.
fn columns(table: &str) -> BTreeSet<&'static str> {
    counted(table)
        .flat_map(|Counted { rows, key, when, number, total, .. }| {
            [rows.campaign, rows.area, rows.when, key, when, number, total]
        })
        .chain((table == "projects").then_some(LIVE))
        .flat_map(|sql| sql.split("{r}.").skip(1))
        .filter_map(|rest| rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next())
        .collect()
}

/// The select that sums these counts.
fn sum(selects: &[String]) -> String {
    format!(
        "SELECT campaign_id, area_code, figure, key, SUM(n) AS n, SUM(total) AS total FROM ({}) AS moved \
         GROUP BY campaign_id, area_code, figure, key HAVING SUM(n) <> 0 OR SUM(total) <> 0",
        selects.join(" UNION ALL ")
    )
}

/// The query that counts everything from the rows themselves. Its result always equals the sum of the tallies.
pub fn count() -> String {
    let all = COUNTED.iter().filter(|counted| !counted.rows.others);
    sum(&all.map(|counted| counted.select(Some(counted.rows.table), "r", "+")).collect::<Vec<_>>())
}

/// Fills the tallies.
pub fn count_all() -> String {
    format!("{INTO} {}", count())
}

/// Corrects the number of live projects of each pairing.
pub fn count_live() -> String {
    let live = LIVE.replace("{r}", "r");
    let count = format!("(SELECT COUNT(*) FROM projects r WHERE r.pairing_id = pairings.id AND {live})");
    format!("UPDATE pairings SET live_projects = {count} WHERE live_projects <> {count}")
}

/// All triggers for a database, by name.
pub fn all(backend: DatabaseBackend) -> BTreeMap<String, Trigger> {
    let of = if backend == DatabaseBackend::Sqlite { on_sqlite } else { on_postgres };
    tables().into_iter().flat_map(of).collect()
}

pub fn drop(backend: DatabaseBackend, name: &str) -> String {
    match backend {
        DatabaseBackend::Sqlite => format!("DROP TRIGGER {name}"),
        _ => format!("DROP FUNCTION {name}() CASCADE"),
    }
}

/// Row triggers, which update the existing counts.
fn on_sqlite(table: &str) -> [(String, Trigger); 3] {
    let add = |r: &str, sign: &str| {
        let counts = counted(table).map(|counted| counted.select(None, r, sign)).collect::<Vec<_>>().join(" UNION ALL ");
        format!(
            "{INTO} {counts} ON CONFLICT (campaign_id, area_code, figure, key) \
             DO UPDATE SET n = n + excluded.n, total = total + excluded.total;"
        )
    };
    let columns = columns(table);
    let changed = columns.iter().map(|column| format!("old.{column} IS NOT new.{column}")).collect::<Vec<_>>().join(" OR ");
    let columns = columns.into_iter().collect::<Vec<_>>().join(", ");
    let (old, new) = (add("old", "-"), add("new", "+"));
    // This update fires the trigger of the pairing, which moves the pairing's own counts.
    let live = |row: &str, change: &str| {
        if table == "projects" {
            format!("UPDATE pairings SET live_projects = live_projects + {change} WHERE id = {row}.pairing_id AND {change} <> 0;")
        } else {
            String::new()
        }
    };
    let (was, is) = (format!("({})", LIVE.replace("{r}", "old")), format!("({})", LIVE.replace("{r}", "new")));
    [
        ("insert", "INSERT".to_owned(), format!("{new} {}", live("new", &is))),
        ("update", format!("UPDATE OF {columns}"), format!("{old} {new} {}", live("new", &format!("({is} - {was})")))),
        ("delete", "DELETE".to_owned(), format!("{old} {}", live("old", &format!("(0 - {was})")))),
    ]
    .map(|(event, on, body)| {
        let name = format!("{table}_tally_{event}");
        let when = if event == "update" { format!(" WHEN {changed}") } else { String::new() };
        let text = format!("CREATE TRIGGER {name} AFTER {on} ON {table}{when} BEGIN {body} END");
        let make = format!("DROP TRIGGER IF EXISTS {name}; {text}");
        (name, Trigger { text, make })
    })
}

/// Statement triggers, which insert the differences of all changed rows.
fn on_postgres(table: &str) -> [(String, Trigger); 3] {
    [
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("delete", "OLD TABLE AS old_rows"),
    ]
    .map(|(event, rows)| {
        let sides: Vec<_> = [("old_rows", "-"), ("new_rows", "+")].into_iter().filter(|(name, _)| rows.contains(name)).collect();
        let moved = sides.iter().flat_map(|(rows, sign)| counted(table).map(|counted| counted.select(Some(rows), "r", sign)));
        let add = format!("{INTO} {}", sum(&moved.collect::<Vec<_>>()));
        // This update fires the trigger of the pairing, which moves the pairing's own counts.
        let live = if table == "projects" {
            let live = LIVE.replace("{r}", "r");
            let moved = sides.iter().map(|(rows, sign)| format!("SELECT r.pairing_id, {sign}1 AS n FROM {rows} r WHERE {live}"));
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
        let text = format!(" BEGIN {add}; {live} RETURN NULL; END ");
        let make = format!(
            "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${text}$$; \
             CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows} \
             FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        );
        (name, Trigger { text, make })
    })
}
