//! The operations of every kind of object: one object, a page, all of them, the history, the workbook.
//!
//! A domain defines which rows exist for a caller, what they show, and how they are filtered and ordered. The rest follows.

use chrono::NaiveDate;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::{CodedEnum, ErrorCode, Lang, ListQuery, Page};
use sea_orm::sea_query::{IntoCondition, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, DatabaseExecutor, EntityTrait, PartialModelTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::audit::{self, to_map};
use super::database::{key_column, snapshot};
use super::download::Download;
use super::excel::{Sheet, Writer};
use super::glance::{self, Part};
use super::list::{self, By, Keyed, Total};
use super::{App, Caller, Result, Vault};

/// The caller, the connection to read from, and the day.
#[derive(Debug)]
pub struct Asker<'a> {
    /// The connection, outside a transaction or in one.
    pub db: DatabaseExecutor<'a>,
    pub caller: &'a Caller,
    pub vault: &'a Vault,
    /// Today, in Asia/Shanghai.
    pub today: NaiveDate,
}

impl<'a> Asker<'a> {
    /// A caller outside a transaction.
    pub fn of(app: &'a App, caller: &'a Caller) -> Self {
        Self { db: (&app.database.read).into(), caller, vault: &app.vault, today: app.clock.today() }
    }
}

/// These rows, locked until the transaction ends: always in the order of their keys, so that no two transactions wait for each
/// other.
pub fn locked<E: EntityTrait>(rows: Select<E>, key: E::Column) -> Select<E> {
    rows.order_by_asc(key).lock_exclusive()
}

/// A kind of object.
///
/// A request stays on its thread, so its futures need not be `Send`.
#[expect(async_fn_in_trait, reason = "a request stays on its thread")]
pub trait Object: Sized {
    type Entity: Keyed;
    /// The columns that are read.
    type Row: PartialModelTrait;
    /// The answer.
    type Shown;
    /// Its name in the history.
    const NAME: &'static str;

    /// The rows that exist for a caller. Any other row answers 404 and is not counted.
    fn scope(caller: &Caller) -> Select<Self::Entity>;

    /// Joins the other tables that a row reads.
    fn named(select: Select<Self::Entity>) -> Select<Self::Entity> {
        select
    }

    /// A row as its caller sees it.
    fn shown(asker: &Asker<'_>, row: Self::Row) -> Self::Shown;

    /// The row of an object.
    ///
    /// # Errors
    /// `not_found` if it does not exist for the caller.
    async fn row(asker: &Asker<'_>, id: Id<Self>) -> Result<Self::Row> {
        let select = Self::named(Self::scope(asker.caller)).filter(key_column::<Self::Entity>()?.eq(id));
        select.into_partial_model::<Self::Row>().one(&asker.db).await?.ok_or_else(|| ErrorCode::NotFound.into())
    }

    /// One object.
    ///
    /// # Errors
    /// `not_found` if it does not exist for the caller.
    async fn read(asker: &Asker<'_>, id: Id<Self>) -> Result<Self::Shown> {
        Ok(Self::shown(asker, Self::row(asker, id).await?))
    }

    /// The history of an object, newest first.
    ///
    /// # Errors
    /// `not_found`, `bad_cursor`.
    async fn history(asker: &Asker<'_>, id: Id<Self>, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
        Self::row(asker, id.clone()).await?;
        audit::history(&asker.db, Self::NAME, id.to_string(), query).await
    }
}

/// The id of an object: the key of its table.
pub type Id<O> = <<O as Object>::Entity as Keyed>::Id;

/// The columns of a line in a list, and its answer: the same as for a single object, unless the domain defines others.
pub trait Line<O: Object>: PartialModelTrait {
    type Shown;

    /// A row as its caller sees it.
    fn shown(self, asker: &Asker<'_>) -> Self::Shown;
}

impl<O: Object> Line<O> for O::Row {
    type Shown = O::Shown;

    fn shown(self, asker: &Asker<'_>) -> O::Shown {
        O::shown(asker, self)
    }
}

/// A kind of object with a list, whose lines are read as `R`.
#[expect(async_fn_in_trait, reason = "a request stays on its thread")]
pub trait Listed<R: Line<Self> = <Self as Object>::Row>: Object {
    type Query: ListQuery<SortBy: CodedEnum + Copy> + Clone + Serialize + 'static;

    /// The caller's rows that match a query.
    ///
    /// # Errors
    /// A fault of the query.
    async fn filtered(asker: &Asker<'_>, query: &Self::Query) -> Result<Select<Self::Entity>>;

    /// The order of a list.
    fn order(by: <Self::Query as ListQuery>::SortBy) -> By<R>;

    /// How many objects a query asks for, where that is counted as it happens. `None`, as for every query with a filter that
    /// nobody counts by: then the rows themselves are counted.
    fn kept(_asker: &Asker<'_>, _query: &Self::Query) -> Option<Total> {
        None
    }

    /// A page of the objects that match a query.
    ///
    /// # Errors
    /// `bad_cursor`, or a fault of the query.
    async fn list(asker: &Asker<'_>, query: &Self::Query) -> Result<Page<R::Shown>> {
        let select = Self::filtered(asker, query).await?;
        let rows = Self::named(select.clone());
        // `q` searches the joined tables as well. Without it the count needs no joins and can use an index alone.
        let counted = || Total::of(if query.q().is_some() { rows.clone() } else { select });
        let total = Self::kept(asker, query).unwrap_or_else(counted);
        let page = list::page_of(&asker.db, rows, query, Self::order, total).await?;
        Ok(list::map(page, |row: R| row.shown(asker)))
    }

    /// The part that a query has in a [glance](super::glance) at several lists, with these texts of its rows.
    ///
    /// # Errors
    /// A fault of the query.
    async fn part(asker: &Asker<'_>, query: &Self::Query, texts: Vec<SimpleExpr>) -> Result<Part>
    where
        Self::Entity: Keyed<Id = Uuid>,
    {
        let select = Self::filtered(asker, query).await?;
        glance::part(select, Self::named, query, Self::order, texts, Self::kept(asker, query))
    }

    /// The statement that counts the objects that a query asks for, without words. [`list::counts`] runs several at once.
    ///
    /// # Errors
    /// A fault of the query.
    async fn counted(asker: &Asker<'_>, query: &Self::Query) -> Result<SelectStatement> {
        debug_assert!(query.q().is_none(), "words are searched in names, which are not joined");
        Ok(list::counted(Self::filtered(asker, query).await?, None))
    }

    /// Passes all objects of the list to `take`, in batches from one snapshot.
    ///
    /// # Errors
    /// Those of `take`, or a fault of the query.
    async fn each(
        app: &App,
        caller: &Caller,
        query: &Self::Query,
        mut take: impl AsyncFnMut(Vec<R::Shown>) -> Result<()>,
    ) -> Result<()> {
        let then = snapshot(&app.database.read).await?;
        let asker = Asker { db: (&then).into(), ..Asker::of(app, caller) };
        let select = Self::named(Self::filtered(&asker, query).await?);
        let shown = async |rows: Vec<R>| take(rows.into_iter().map(|row| row.shown(&asker)).collect()).await;
        list::batches(&then, select, query, Self::order, shown).await?;
        drop(asker);
        Ok(then.commit().await?)
    }
}

/// A kind of object whose list can be exported as a workbook.
#[expect(async_fn_in_trait, reason = "a request stays on its thread")]
pub trait Exported<R: Line<Self, Shown: Serialize> = <Self as Object>::Row>: Listed<R> {
    const SHEETS: &'static [&'static Sheet];

    /// The cells of a row, by the names of the columns.
    fn cells(shown: &R::Shown) -> Map<String, Json> {
        to_map(shown)
    }

    /// Writes all objects of the list to a workbook.
    ///
    /// # Errors
    /// Why it could not be written, or a fault of the query.
    async fn export(app: &App, caller: &Caller, query: &Self::Query, lang: Lang) -> Result<Download> {
        Writer::answer(
            (app, caller, lang),
            Self::NAME,
            Self::SHEETS,
            query,
            async move |app: &App, caller: &Caller, query: &Self::Query, writer: &mut Writer| {
                Self::each(app, caller, query, async |shown| writer.rows(0, shown.iter().map(Self::cells).collect()).await).await
            },
        )
        .await
    }
}

/// Applies the filters of a query.
pub trait Given: Sized {
    /// Selects the rows that match a value, or all if there is none.
    fn given<T, C: IntoCondition>(self, value: Option<T>, has: impl FnOnce(T) -> C) -> Self;

    /// Selects the rows for which a condition holds or, for false, does not hold; all if `wanted` is `None`.
    fn wanted<C: IntoCondition>(self, wanted: Option<bool>, is_so: impl FnOnce() -> C) -> Self {
        self.given(wanted, |wanted| {
            let is_so: Condition = is_so().into_condition();
            if wanted { is_so } else { is_so.not() }
        })
    }
}

impl<E: EntityTrait> Given for Select<E> {
    fn given<T, C: IntoCondition>(self, value: Option<T>, has: impl FnOnce(T) -> C) -> Self {
        match value {
            Some(value) => self.filter(has(value)),
            None => self,
        }
    }
}
