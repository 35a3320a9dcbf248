//! Reads tallies, and merges their rows.

use std::str::FromStr;

use contract::tallies::TallyFigure;
use contract::{CodedEnum, Month};
use entities::scope;
use entities::tallies::{Column, Entity, SMALLEST};
use platform::area::within;
use platform::coded::{Code, codes};
use platform::list::Total;
use platform::object::Given;
use platform::{Asker, Caller, Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, SelectStatement, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, DatabaseBackend, FromQueryResult, QuerySelect, QueryTrait, Select};

/// One tally.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Tally {
    /// The town, if the figure is counted by town.
    pub area_code: String,
    /// The code of the figure. While replicas are upgraded, there may be codes that this version does not know.
    pub figure: String,
    pub key: String,
    pub n: i64,
    pub total: i64,
}

impl Tally {
    /// The two parts of its key.
    ///
    /// # Errors
    /// `internal` if there are not two.
    pub fn pair(&self) -> Result<(&str, &str)> {
        self.key.split_once('/').ok_or_else(|| self.strange())
    }

    /// A part of its key, as a code.
    ///
    /// # Errors
    /// `internal` if there is no such code.
    pub fn code<T: CodedEnum>(&self, text: &str) -> Result<T> {
        T::from_code(text).ok_or_else(|| self.strange())
    }

    /// A part of its key, as another value.
    ///
    /// # Errors
    /// `internal` if it cannot be read.
    pub fn parsed<T: FromStr>(&self, text: &str) -> Result<T> {
        text.parse().map_err(|_| self.strange())
    }

    fn strange(&self) -> Error {
        Error::internal(format!("a tally of {} has the key {:?}", self.figure, self.key))
    }
}

/// The tallies of a figure that are not zero.
pub fn of(tallies: &[Tally], figure: TallyFigure) -> impl Iterator<Item = &Tally> {
    tallies.iter().filter(move |tally| tally.figure == figure.code() && (tally.n, tally.total) != (0, 0))
}

/// Whether a caller's area has tallies: a town or more.
pub fn counts_for(caller: &Caller) -> bool {
    scope::own_tallies(caller).is_some()
}

/// The tallies of part of a campaign, with pairings by town; `None` if the part is smaller than a town. Everybody in a county may
/// see participation; the rest is only for callers for whom it [counts](counts_for). Takes one statement.
pub async fn read(asker: &Asker<'_>, campaign_id: Uuid, area_code: Option<&str>) -> Result<Option<Vec<Tally>>> {
    if area_code.is_some_and(|code| code.len() > SMALLEST) {
        return Ok(None);
    }
    let area = || (Entity, Column::AreaCode);
    let by_town = Expr::case(Column::Figure.eq(Code(TallyFigure::Pairings)), Expr::col(area())).finally("");
    let mut select = sums(scope::tallies(asker.caller), campaign_id)
        .column_as(SimpleExpr::Case(Box::new(by_town)), "area_code")
        // By position: PostgreSQL takes two equal expressions with bound values for different ones.
        .group_by(Expr::cust("5"));
    if let Some(code) = area_code {
        select = select.filter(within(area(), code));
    }
    Ok(Some(select.into_model().all(&asker.db).await?))
}

/// The part of the tallies that a list is filtered by.
#[derive(Debug)]
pub struct Filter<'a> {
    /// The figures that count the rows of the list, each of them once.
    pub figures: &'a [TallyFigure],
    pub campaign_id: Option<Uuid>,
    pub within: Option<&'a str>,
    pub key: Option<String>,
}

/// How many rows a list has, added up from tallies. `None` where an area is smaller than those of the tallies, and for callers
/// for whom it does not [count](counts_for).
pub fn total(caller: &Caller, filter: Filter<'_>) -> Option<Total> {
    let Filter { figures, campaign_id, within: area, key } = filter;
    if area.is_some_and(|code| code.len() > SMALLEST) {
        return None;
    }
    let sum = Func::coalesce([Expr::col(Column::N).sum(), Expr::cust("0")]);
    let select = scope::own_tallies(caller)?
        .filter(Column::Figure.is_in(codes(figures)))
        .given(campaign_id, |id| Column::CampaignId.eq(id))
        .given(area, |code| within((Entity, Column::AreaCode), code))
        .given(key, |key| Column::Key.eq(key));
    Some(Total::kept(select.select_only().column_as(Expr::from(sum).cast_as("bigint"), "total").into_query()))
}

/// [`total`] of a list whose figures count its rows by their states.
pub fn total_in_state(
    caller: &Caller,
    figures: &[TallyFigure],
    campaign_id: Option<Uuid>,
    within: Option<&str>,
    state: Option<impl CodedEnum>,
) -> Option<Total> {
    let key = state.map(|state| state.code().to_owned());
    total(caller, Filter { figures, campaign_id, within, key })
}

/// The towns of a campaign that had active pairings in a month, with their number `n`.
pub fn active_by_town(campaign_id: Uuid, month: Month) -> SelectStatement {
    // The key is the first month, a slash, and the last month if it is over.
    let (since, until) = (|| Expr::cust("substr(key, 1, 7)"), || Expr::cust("substr(key, 9)"));
    let month = month.to_string();
    let until = Condition::any().add(until().eq("")).add(until().gte(&month));
    Entity::find()
        .select_only()
        .column(Column::AreaCode)
        .column_as(Expr::col(Column::N).sum().cast_as("bigint"), "n")
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(Column::Figure.eq(Code(TallyFigure::Active)))
        .filter(since().lte(&month))
        .filter(until)
        .group_by(Column::AreaCode)
        .having(Expr::col(Column::N).sum().gt(0))
        .into_query()
}

/// The pairings and enrolments of a whole campaign, whoever the caller.
pub async fn of_campaign(db: &impl ConnectionTrait, campaign_id: Uuid) -> Result<Vec<Tally>> {
    let select = sums(Entity::find(), campaign_id)
        .filter(Column::Figure.is_in([TallyFigure::Pairings, TallyFigure::Enrolments].map(Code)))
        .column_as(Expr::val(""), "area_code");
    Ok(select.into_model().all(db).await?)
}

/// The tallies of a campaign by figure and key.
fn sums(counts: Select<Entity>, campaign_id: Uuid) -> Select<Entity> {
    let sum = |column: Column| Expr::col(column).sum().cast_as("bigint");
    counts
        .select_only()
        .column(Column::Figure)
        .column(Column::Key)
        .column_as(sum(Column::N), "n")
        .column_as(sum(Column::Total), "total")
        .filter(Column::CampaignId.eq(campaign_id))
        .group_by(Column::Figure)
        .group_by(Column::Key)
}

/// Replaces rows with the same key by one row. Returns how many were removed.
pub async fn sum_up(tx: &Tx) -> Result<u64> {
    if tx.connection.get_database_backend() == DatabaseBackend::Sqlite {
        return Ok(0);
    }
    // In one statement: a reader sees either the rows or their sum, and another process that does the same finds the rows gone.
    let done = tx
        .connection
        .execute_unprepared(
            "WITH gone AS (DELETE FROM tallies WHERE (campaign_id, area_code, figure, key) IN \
             (SELECT campaign_id, area_code, figure, key FROM tallies GROUP BY campaign_id, area_code, figure, key HAVING COUNT(*) > 1) \
             RETURNING *) \
             INSERT INTO tallies SELECT campaign_id, area_code, figure, key, SUM(n), SUM(total) FROM gone \
             GROUP BY campaign_id, area_code, figure, key HAVING SUM(n) <> 0 OR SUM(total) <> 0",
        )
        .await?;
    Ok(done.rows_affected())
}
