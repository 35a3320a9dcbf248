//! Search for any part of a text, from one character on, in Chinese and Latin script.
//!
//! Both databases keep an index in step themselves. SQLite has a full-text index, filled by triggers, with a space between
//! characters, and searches for a phrase. PostgreSQL indexes characters and pairs of characters, and searches for rows with all
//! pairs of the typed text. Matches of the index are compared once more.

use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, IntoColumnRef, LikeExpr, Order, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, DatabaseBackend};

use super::Result;

/// The searchable texts of a table. A migration created an index for exactly these.
#[derive(Clone, Copy, Debug)]
pub struct Searched {
    pub table: &'static str,
    /// The key of the table.
    pub key: &'static str,
    pub texts: &'static [&'static str],
}

/// How many rows are sampled to see whether the typed text is common, and how many matches make it common.
const SAMPLE: u64 = 500;
const COMMON: i64 = 10;

impl Searched {
    /// The condition that one of the texts contains the typed text. The statement has joined the table; `column` is its key.
    ///
    /// The index finds rare text. It does not serve common text: a page fills up after a few rows in the order of the list,
    /// whereas the index would return, and the database sort, a large part of the table.
    pub async fn contain(self, db: &impl ConnectionTrait, column: impl IntoColumnRef, typed: &str) -> Result<SimpleExpr> {
        let (backend, typed) = (db.get_database_backend(), typed.trim());
        if !typed.chars().any(char::is_alphanumeric) || self.is_common(db, typed).await? {
            return Ok(self.compare(backend, typed));
        }
        let found = SimpleExpr::from(self.find(backend, typed));
        Ok(match backend {
            DatabaseBackend::Sqlite => Expr::cust_with_exprs("? IN ?", [Expr::col(column), found]),
            // An array can use an index even beside an OR. A subquery would become a filter there.
            _ => Expr::cust_with_exprs("$1 = ANY(ARRAY $2)", [Expr::col(column), found]),
        })
    }

    async fn is_common(self, db: &impl ConnectionTrait, typed: &str) -> Result<bool> {
        let backend = db.get_database_backend();
        let sample = SelectStatement::new()
            .columns(self.texts.iter().copied())
            .from(self.table)
            .order_by(self.key, Order::Asc)
            .limit(SAMPLE)
            .to_owned();
        let count = SelectStatement::new()
            .expr_as(Expr::col(Asterisk).count(), Alias::new("total"))
            .from_subquery(sample, self.table)
            .and_where(self.compare(backend, typed))
            .to_owned();
        let row = db.query_one_raw(backend.build(&count)).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get::<i64>("", "total"))? >= COMMON)
    }

    /// The same condition as a comparison of each row.
    fn compare(self, backend: DatabaseBackend, typed: &str) -> SimpleExpr {
        let alike = self.texts.iter().map(|&text| contains(backend, self.table, text, typed)).reduce(|one, other| one.or(other));
        alike.unwrap_or_else(|| Expr::val(false))
    }

    /// Selects the keys that the index finds.
    fn find(self, backend: DatabaseBackend, typed: &str) -> SelectStatement {
        let Self { table, key, .. } = self;
        let mut select = SelectStatement::new();
        select.column((table, key)).from(table);
        if backend == DatabaseBackend::Sqlite {
            // Between quotes everything but a quote is text.
            let phrase = format!("\"{}\"", spaced(typed).replace('"', " "));
            let keys = Alias::new(format!("{table}_keys"));
            select.inner_join(keys.clone(), Expr::col((keys, "key")).equals((table, key))).and_where(Expr::cust_with_values(
                format!("{table}_keys.n IN (SELECT rowid FROM {table}_search WHERE {table}_search MATCH ?)"),
                [phrase],
            ));
        } else {
            let texts =
                self.texts.iter().map(|text| format!("coalesce({table}.{text}, '')")).collect::<Vec<_>>().join(" || ' ' || ");
            let wanted = format!("search_parts({texts}) @> string_to_array($1, chr(1))");
            select.and_where(Expr::cust_with_values(wanted, [pairs(typed)]));
        }
        select.and_where(self.compare(backend, typed)).to_owned()
    }
}

/// The condition that a text contains the typed text, ignoring the case of A to Z. Wildcards are ordinary characters.
fn contains(backend: DatabaseBackend, table: &str, text: &str, typed: &str) -> SimpleExpr {
    let escaped = typed.to_ascii_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    // Ignores the locale, as SQLite does.
    let collation = if backend == DatabaseBackend::Sqlite { "" } else { " COLLATE \"C\"" };
    let small = Expr::cust(format!("lower({table}.{text}{collation})"));
    small.like(LikeExpr::new(format!("%{escaped}%")).escape('\\'))
}

fn spaced(typed: &str) -> String {
    typed.chars().flat_map(|character| [character, ' ']).collect()
}

/// Each pair of adjacent characters, as `search_parts` stores them. A single character stays alone.
fn pairs(typed: &str) -> String {
    let characters: Vec<char> = typed.to_ascii_lowercase().chars().collect();
    let pairs = characters.windows(characters.len().min(2)).map(|pair| pair.iter().collect::<String>());
    pairs.collect::<Vec<_>>().join("\u{1}")
}
