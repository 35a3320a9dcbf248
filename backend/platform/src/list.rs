//! Lists: keyset pages with a total. A page takes two statements, whatever its size.

use std::fmt::Display;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use contract::{ErrorCode, ListQuery, Page};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, IntoColumnRef, Order, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, PartialModelTrait,
    PrimaryKeyTrait, QuerySelect, QueryTrait, RuntimeErr, Select, TryGetable, Value,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::database::{key_column, snapshot};
use super::places::goes_on;
use super::{Error, Result};

/// The number of items on a page, unless the query sets another.
pub const DEFAULT_LIMIT: u32 = 20;
/// The number of rows in a batch of an export.
const BATCH: u32 = 1_000;
/// The highest total that a list counts row by row. Counting up to 10,000 took four fifths of the time of a page.
const TOTAL_CAP: u32 = 1_000;

/// A value of a cursor, which marks where a page ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Key {
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "n")]
    Number(i64),
    #[serde(rename = "i")]
    Instant(DateTime<Utc>),
    #[serde(rename = "d")]
    Date(NaiveDate),
    #[serde(rename = "u")]
    Id(Uuid),
}

impl From<&String> for Key {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i32> for Key {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<i64> for Key {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<DateTime<Utc>> for Key {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Instant(instant)
    }
}

impl From<NaiveDate> for Key {
    fn from(day: NaiveDate) -> Self {
        Self::Date(day)
    }
}

impl From<Uuid> for Key {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Text(text) => text.into(),
            Key::Number(number) => number.into(),
            Key::Instant(instant) => instant.into(),
            Key::Date(date) => date.into(),
            Key::Id(id) => id.into(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    /// The order that the cursor belongs to. It is invalid under another one.
    s: String,
    v: Key,
    id: Key,
}

/// The alias under which a list selects the key of each row, whatever else the row selects.
const ROW_KEY: &str = "row_key";

/// The order of a list: a column that is never null, and its value in a row, after which the next page begins.
#[derive(Debug)]
pub struct By<R> {
    pub column: SimpleExpr,
    pub key: fn(&R) -> Key,
}

/// [`By`] a column of a table.
pub fn by<R>(column: impl ColumnTrait, key: fn(&R) -> Key) -> By<R> {
    By { column: Expr::col(column.as_column_ref()), key }
}

/// A table whose key has one column, which orders rows that are otherwise equal.
pub trait Keyed: EntityTrait<PrimaryKey: PrimaryKeyTrait<ValueType = <Self as Keyed>::Id>> {
    type Id: Clone + Default + Display + Into<Key> + Into<Value> + TryGetable;
}

impl<E, I> Keyed for E
where
    E: EntityTrait,
    E::PrimaryKey: PrimaryKeyTrait<ValueType = I>,
    I: Clone + Default + Display + Into<Key> + Into<Value> + TryGetable,
{
    type Id = I;
}

/// One page of `select`, which is scoped and filtered but neither ordered nor limited.
///
/// # Errors
/// `bad_cursor`.
pub async fn page<E, R, Q>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    query: &Q,
    order: impl Fn(Q::SortBy) -> By<R>,
) -> Result<Page<R>>
where
    E: Keyed,
    R: PartialModelTrait,
    Q: ListQuery,
{
    let total = Total::of(select.clone());
    page_of(db, select, query, order, total).await
}

/// How many rows a list has.
#[derive(Debug)]
pub struct Total {
    /// Selects the number as `total`.
    pub(super) statement: SelectStatement,
    /// The highest number that it counts, where there is one.
    most: Option<u32>,
}

impl Total {
    /// A number that is kept: this statement adds up `total`, whatever it is.
    pub fn kept(statement: SelectStatement) -> Self {
        Self { statement, most: None }
    }

    /// The rows of a select, counted no further than a page says.
    pub fn of<E: EntityTrait>(select: Select<E>) -> Self {
        Self { statement: counted(select, Some(TOTAL_CAP + 1)), most: Some(TOTAL_CAP) }
    }

    /// What is told of a number that the statement returned, and whether there are more.
    pub(super) fn told(most: Option<u32>, number: i64) -> (u32, bool) {
        let number = u32::try_from(Ord::max(number, 0)).unwrap_or(u32::MAX);
        match most {
            Some(most) if number > most => (most, true),
            _ => (number, false),
        }
    }

    pub(super) fn most(&self) -> Option<u32> {
        self.most
    }
}

/// [`page`] of rows whose number is told by another statement than the one that counts them as they are selected.
///
/// # Errors
/// Those of [`page`].
pub async fn page_of<E, R, Q>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    query: &Q,
    order: impl Fn(Q::SortBy) -> By<R>,
    total: Total,
) -> Result<Page<R>>
where
    E: Keyed,
    R: PartialModelTrait,
    Q: ListQuery,
{
    let (items, next_cursor) = slice(db, select, query, &order, query.limit().unwrap_or(DEFAULT_LIMIT)).await?;

    let (total, total_capped) = if !query.counts() {
        (None, false)
    } else if next_cursor.is_none() && query.cursor().is_none() {
        // A first page that is not full is its own count.
        (Some(items.len() as u32), false)
    } else {
        let number = counts(db, vec![total.statement]).await?.into_iter().sum();
        let (total, more) = Total::told(total.most, number);
        (Some(total), more)
    };
    Ok(Page { items, next_cursor, total, total_capped })
}

/// Passes every row of a list to `take` in batches, for exports in constant memory. Ignores the paging of the query.
///
/// The request may take as long as the rows flow; its limit holds for each batch.
///
/// All batches come from one snapshot. Otherwise a row that is changed meanwhile could move between batches, and be exported
/// twice or never. `take` reads in the same snapshot: whoever held one connection and waited for a second could wait for others
/// who do the same.
///
/// # Errors
/// Those of `take`.
pub async fn each<E, R, Q>(
    db: &DatabaseConnection,
    select: Select<E>,
    query: &Q,
    order: impl Fn(Q::SortBy) -> By<R>,
    mut take: impl AsyncFnMut(&DatabaseTransaction, Vec<R>) -> Result<()>,
) -> Result<()>
where
    E: Keyed,
    R: PartialModelTrait,
    Q: ListQuery + Clone,
{
    let then = snapshot(db).await?;
    batches(&then, select, query, order, async |rows| take(&then, rows).await).await?;
    Ok(then.commit().await?)
}

/// [`each`] in an open snapshot.
///
/// # Errors
/// Those of `take`.
pub async fn batches<E, R, Q>(
    then: &DatabaseTransaction,
    select: Select<E>,
    query: &Q,
    order: impl Fn(Q::SortBy) -> By<R>,
    mut take: impl AsyncFnMut(Vec<R>) -> Result<()>,
) -> Result<()>
where
    E: Keyed,
    R: PartialModelTrait,
    Q: ListQuery + Clone,
{
    let mut query = query.clone();
    query.set_cursor(None);
    loop {
        let (items, next) = slice(then, select.clone(), &query, &order, BATCH).await?;
        take(items).await?;
        goes_on();
        if next.is_none() {
            return Ok(());
        }
        query.set_cursor(next);
    }
}

/// The rows after the query's cursor, and the cursor for the rows after these.
async fn slice<E, R, Q>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    query: &Q,
    order: &impl Fn(Q::SortBy) -> By<R>,
    limit: u32,
) -> Result<(Vec<R>, Option<String>)>
where
    E: Keyed,
    R: PartialModelTrait,
    Q: ListQuery,
{
    let sort = query.sort();
    let tag = sort.to_string();
    let By { column: by, key } = order(sort.by);
    let id = Expr::col(key_column::<E>()?.as_column_ref());
    let mut statement = R::select_cols(select.select_only()).into_query();
    statement.expr_as(id.clone(), ROW_KEY);
    if let Some(cursor) = query.cursor() {
        let Cursor { s, v, id: last } = decode(cursor).ok_or(ErrorCode::BadCursor)?;
        if s != tag {
            return Err(ErrorCode::BadCursor.into());
        }
        let here = Expr::tuple([by.clone(), id.clone()]);
        let there = Expr::tuple([Expr::val(v), Expr::val(last)]);
        statement.and_where(if sort.descending { here.lt(there) } else { here.gt(there) });
    }
    let direction = if sort.descending { Order::Desc } else { Order::Asc };
    statement.order_by_expr(by, direction.clone()).order_by_expr(id, direction).limit(u64::from(limit) + 1);

    let rows = db.query_all_raw(db.get_database_backend().build(&statement)).await.map_err(|error| {
        if query.cursor().is_some() && does_not_fit(&error) { ErrorCode::BadCursor.into() } else { Error::from(error) }
    })?;
    let mut items = rows.iter().map(|row| R::from_query_result(row, "")).collect::<Result<Vec<_>, _>>()?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_cursor = match items.iter().zip(&rows).last() {
        Some((last, row)) if more => {
            // Somebody may have overwritten an id of the trail. The list then continues as from an id of zeros.
            let id = row.try_get::<E::Id>("", ROW_KEY).unwrap_or_default();
            Some(encode(&Cursor { s: tag, v: key(last), id: id.into() })?)
        }
        _ => None,
    };
    Ok((items, next_cursor))
}

/// Counts the rows of a select as `total`: all of them, or no more than `most`. [`counts`] runs the statement.
pub fn counted<E: EntityTrait>(select: Select<E>, most: Option<u32>) -> SelectStatement {
    let Some(most) = most else { return select.select_only().column_as(Expr::col(Asterisk).count(), "total").into_query() };
    let some: SelectStatement = select.select_only().expr(Expr::val(1)).limit(u64::from(most)).into_query();
    SelectStatement::new().expr_as(Expr::col(Asterisk).count(), "total").from_subquery(some, "counted").to_owned()
}

/// What each of these statements counts. Takes one statement for all.
pub async fn counts(db: &impl ConnectionTrait, statements: Vec<SelectStatement>) -> Result<Vec<i64>> {
    let mut select = SelectStatement::new();
    for (number, statement) in statements.iter().enumerate() {
        select.expr_as(Expr::SubQuery(None, Box::new(statement.clone().into())), format!("count_{number}"));
    }
    let row = db.query_one_raw(db.get_database_backend().build(&select)).await?.ok_or_else(|| Error::internal("no counts"))?;
    (0..statements.len()).map(|number| Ok(row.try_get("", &format!("count_{number}"))?)).collect()
}

/// Path and query, below `/api/v1`, of the list that a query selects: the records behind a figure or a group of work. The app has
/// its page of the list at the same path.
///
/// # Errors
/// None for the query of a list.
pub fn address(path: &str, query: &impl Serialize) -> Result<String> {
    let query = serde_urlencoded::to_string(query).map_err(Error::internal)?;
    Ok(format!("{path}?{query}"))
}

/// The page with each of its items converted.
pub fn map<A, B>(page: Page<A>, convert: impl FnMut(A) -> B) -> Page<B> {
    Page {
        items: page.items.into_iter().map(convert).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
        total_capped: page.total_capped,
    }
}

/// The condition that a text contains the typed text, in which wildcards are ordinary characters. It compares every row; use
/// [search](super::search) for large tables.
pub fn contains(column: impl IntoColumnRef, typed: &str) -> SimpleExpr {
    let escaped = typed.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Expr::col(column).like(sea_orm::sea_query::LikeExpr::new(format!("%{escaped}%")).escape('\\'))
}

/// Whether PostgreSQL refused a value because of its type or characters, as with a forged cursor. It has one code for preparing a
/// statement with such values, and others for a statement that was prepared with valid ones.
fn does_not_fit(error: &DbErr) -> bool {
    let (DbErr::Query(RuntimeErr::SqlxError(cause)) | DbErr::Exec(RuntimeErr::SqlxError(cause))) = error else { return false };
    let code = cause.as_database_error().and_then(|cause| cause.code());
    code.is_some_and(|code| matches!(&*code, "42883" | "42804" | "22021" | "22P02" | "22P03" | "22008" | "08P01"))
}

fn encode(cursor: &Cursor) -> Result<String> {
    serde_json::to_vec(cursor).map(|json| URL_SAFE_NO_PAD.encode(json)).map_err(Error::internal)
}

fn decode(text: &str) -> Option<Cursor> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use contract::audit::HistoryQuery;
    use futures_util::FutureExt;
    use proptest::prelude::*;
    use sea_orm::{ConnectOptions, Database, DerivePartialModel};

    use super::super::places::Places;
    use super::*;

    #[test]
    fn a_total_is_told_as_far_as_it_was_counted() {
        for (most, number, told) in [
            (Some(1_000), 1_000, (1_000, false)),
            (Some(1_000), 1_001, (1_000, true)),
            (None, 1_001, (1_001, false)),
            (None, -1, (0, false)),
        ] {
            assert_eq!(Total::told(most, number), told, "{number} of {most:?}");
        }
    }

    mod row {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "rows")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    #[derive(DerivePartialModel)]
    #[sea_orm(entity = "row::Entity")]
    struct Row {
        id: i64,
    }

    #[tokio::test]
    async fn an_export_is_given_time_with_each_batch() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        // Each connection would have its own in-memory database.
        options.max_connections(1);
        let db = Database::connect(options).await.unwrap();
        let rows = "CREATE TABLE rows AS WITH RECURSIVE r(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM r WHERE id < 2500) \
                    SELECT id FROM r";
        db.execute_unprepared(rows).await.unwrap();
        let place = Places::new(1).enter(Duration::from_secs(3_600)).unwrap();
        let is_over = || place.time_is_over().now_or_never().is_some();
        let (query, mut sizes) = (HistoryQuery::default(), Vec::new());
        let export = each(
            &db,
            row::Entity::find(),
            &query,
            |_| by(row::Column::Id, |row: &Row| row.id.into()),
            async |_, rows| {
                assert_eq!(is_over(), sizes.is_empty(), "the first batch comes when the time is over");
                place.allow(Duration::ZERO);
                sizes.push(rows.len());
                Ok(())
            },
        );
        place.allow(Duration::ZERO);
        place.clone().work(export).await.unwrap();
        assert_eq!(sizes, [1_000, 1_000, 500]);
        assert!(!is_over());
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_went(text in "\\PC{0,40}", number in any::<i64>()) {
            for key in [Key::Text(text), Key::Number(number)] {
                let there = encode(&Cursor { s: "-name".into(), v: key.clone(), id: Key::Id(Uuid::nil()) }).unwrap();
                prop_assert_eq!(decode(&there).unwrap().v, key);
            }
        }

        #[test]
        fn no_text_makes_decoding_panic(text in "\\PC{0,80}") {
            let _ = decode(&text);
        }
    }
}
