//! The first rows of several lists, and how many rows each has, in one statement: for pages that show a little of everything.
//!
//! Every list is asked by its own query, so what is counted here is what the list shows. The rows of different lists have nothing in
//! common but a key, so what is shown of them is read as text.

use contract::{CodedEnum, ListQuery};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, SimpleExpr, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryResult, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::database::key_column;
use super::list::{self, By, Keyed, Total};
use super::{Error, Result};

/// The most texts that are read of a row.
const TEXTS: usize = 6;

/// What is read of a list.
#[derive(Debug)]
pub struct Part {
    rows: SelectStatement,
    total: Total,
    descending: bool,
}

/// What a list has.
#[derive(Debug, Default)]
pub struct Glance {
    /// The first rows, in the order of the list.
    pub rows: Vec<Line>,
    /// How many rows there are, as a page tells it.
    pub total: u32,
    /// Whether there are more than that.
    pub total_capped: bool,
}

/// A row.
#[derive(Debug)]
pub struct Line {
    pub id: Uuid,
    place: String,
    texts: [Option<String>; TEXTS],
}

impl Line {
    /// One of the texts that were asked for. It is empty where the row has none.
    pub fn text(&self, number: usize) -> &str {
        self.texts.get(number).and_then(Option::as_deref).unwrap_or_default()
    }

    /// A text that is a code.
    ///
    /// # Errors
    /// Internal, where it is no such code.
    pub fn code<T: CodedEnum>(&self, number: usize) -> Result<T> {
        let text = self.text(number);
        T::from_code(text).ok_or_else(|| Error::internal(format!("a list has the code {text:?}")))
    }

    /// A text that is a day, a month or a number. `None` where the row has none.
    pub fn parsed<T: std::str::FromStr>(&self, number: usize) -> Option<T> {
        self.text(number).parse().ok()
    }
}

/// The part that a query has in a glance: its first rows with these texts. Its limit says how many.
///
/// # Errors
/// None for a table with a key.
pub fn part<E: Keyed<Id = Uuid>, R, Q: ListQuery>(
    select: Select<E>,
    joined: impl FnOnce(Select<E>) -> Select<E>,
    query: &Q,
    order: impl Fn(Q::SortBy) -> By<R>,
    texts: Vec<SimpleExpr>,
    kept: Option<Total>,
) -> Result<Part> {
    debug_assert!(texts.len() <= TEXTS && query.q().is_none());
    let sort = query.sort();
    let by = order(sort.by).column;
    let id = Expr::col(key_column::<E>()?.as_column_ref());
    let total = kept.unwrap_or_else(|| Total::of(select.clone()));
    let mut rows = joined(select).select_only().into_query();
    rows.expr_as(id.clone(), "row_key").expr_as(by.clone().cast_as("text"), "place");
    let mut texts = texts.into_iter();
    for number in 0..TEXTS {
        let text = texts.next().unwrap_or_else(|| Expr::cust("NULL"));
        rows.expr_as(text.cast_as("text"), text_name(number));
    }
    let direction = if sort.descending { Order::Desc } else { Order::Asc };
    let limit = query.limit().unwrap_or(list::DEFAULT_LIMIT).into();
    rows.order_by_expr(by, direction.clone()).order_by_expr(id, direction).limit(limit);
    Ok(Part { rows, total, descending: sort.descending })
}

/// Reads all parts in one statement, or in none where there are no parts.
pub async fn read(db: &impl ConnectionTrait, parts: Vec<Part>) -> Result<Vec<Glance>> {
    let known: Vec<_> = parts.iter().map(|part| (part.descending, part.total.most())).collect();
    let mut glances: Vec<_> = parts.iter().map(|_| Glance::default()).collect();
    let mut selects =
        parts.into_iter().enumerate().flat_map(|(number, part)| [rows(number, part.rows), total(number, part.total.statement)]);
    let Some(mut statement) = selects.next() else { return Ok(glances) };
    for select in selects {
        statement.union(UnionType::All, select);
    }
    for row in db.query_all_raw(db.get_database_backend().build(&statement)).await? {
        let number = usize::try_from(row.try_get::<i32>("", "part")?).map_err(Error::internal)?;
        let (Some(glance), Some(&(_, most))) = (glances.get_mut(number), known.get(number)) else { continue };
        match row.try_get::<Option<i64>>("", "total")? {
            Some(total) => (glance.total, glance.total_capped) = Total::told(most, total),
            None => glance.rows.push(line(&row)?),
        }
    }
    // Neither database promises the order of a union.
    for (glance, (descending, _)) in glances.iter_mut().zip(known) {
        glance.rows.sort_by(|a, b| (&a.place, a.id).cmp(&(&b.place, b.id)));
        if descending {
            glance.rows.reverse();
        }
    }
    Ok(glances)
}

fn line(row: &QueryResult) -> Result<Line> {
    let mut texts = [const { None }; TEXTS];
    for (number, text) in texts.iter_mut().enumerate() {
        *text = row.try_get("", &text_name(number))?;
    }
    Ok(Line { id: row.try_get("", "row_key")?, place: row.try_get("", "place")?, texts })
}

fn rows(number: usize, rows: SelectStatement) -> SelectStatement {
    let mut select = Query::select();
    select.expr_as(Expr::cust(number.to_string()), "part").column("row_key").column("place");
    for text in 0..TEXTS {
        select.column(text_name(text));
    }
    select.expr_as(Expr::cust("CAST(NULL AS bigint)"), "total").from_subquery(rows, "listed").to_owned()
}

fn total(number: usize, total: SelectStatement) -> SelectStatement {
    let mut select = Query::select();
    select.expr(Expr::cust(number.to_string()));
    for _ in 0..TEXTS + 2 {
        select.expr(Expr::cust("NULL"));
    }
    select.column("total").from_subquery(total, "counted").to_owned()
}

fn text_name(number: usize) -> String {
    format!("text_{number}")
}
