//! The conditions behind the ledger's figures, and the changes that they add up.
//!
//! A household is in difficulty from the day it is registered, moves in or relapses until the day it is lifted out, moves out or
//! leaves. In a month it comes or goes at most once: a household that came, went and came again counts as having come. So opening
//! plus arrivals minus departures always equals closing.
//!
//! Each change of status records the figure and the village that count it. So a file that continues in another one, or in a village
//! that has replaced its own, still counts where it was in the months before that. Each change records the day as of which it counts,
//! too: what is entered after the month of its day was closed counts in a later one ([`super::days`]).

use chrono::NaiveDate;
use contract::Month;
use contract::ledger::LedgerFigure;
use entities::households::{Column, Entity, status};
use entities::scope;
use platform::area::{town_of, within};
use platform::coded::{Written, codes};
use platform::{Asker, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, FromQueryResult, JoinType, QuerySelect, QueryTrait, RelationTrait};

/// The ways to come. A household that comes several times in a month counts as the first of these.
const COMES: &[LedgerFigure] = &[LedgerFigure::Registered, LedgerFigure::MovedIn, LedgerFigure::Relapsed];
/// The ways to go, with the same rule.
const GOES: &[LedgerFigure] = &[LedgerFigure::Left, LedgerFigure::MovedOut, LedgerFigure::LiftedOut];

/// How often households came or went as one of these.
fn times(headings: &[LedgerFigure]) -> SimpleExpr {
    let is = status::Column::Heading.is_in(codes(headings));
    SimpleExpr::Case(Box::new(Expr::case(is, 1).finally(0))).sum()
}

/// Whether this holds of what became of a household between two days, in one of the villages of an area that counted it. A village
/// counts what happened in it: when another one replaces it, the household goes out of the one and into the other.
fn in_a_village(when: SimpleExpr, first: Option<NaiveDate>, last: NaiveDate, area_code: Option<&str>) -> SimpleExpr {
    let mut select = status::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(Expr::col((status::Entity, status::Column::HouseholdId)).equals((Entity, Column::Id)))
        .filter(status::Column::Heading.is_not_null())
        .filter(status::Column::CountedOn.lte(last));
    if let Some(first) = first {
        select = select.filter(status::Column::CountedOn.gte(first));
    }
    if let Some(code) = area_code {
        select = select.filter(within((status::Entity, status::Column::VillageCode), code));
    }
    Expr::exists(select.group_by(status::Column::VillageCode).having(when).into_query())
}

/// Whether a household was in difficulty at the end of a day.
fn open_on(day: NaiveDate, area_code: Option<&str>) -> SimpleExpr {
    in_a_village(times(COMES).gt(times(GOES)), None, day, area_code)
}

/// The condition behind a figure of a month in an area.
pub fn condition(figure: LedgerFigure, month: Month, today: NaiveDate, area_code: Option<&str>) -> Condition {
    let (first, last) = (month.first_day(), month.last_day());
    let day = Ord::min(last, today);
    // It came at least as often as it went (or the reverse), in this way, and in none that precedes it.
    let counted = |ways: &[LedgerFigure], others: &[LedgerFigure]| {
        let place = ways.iter().position(|way| *way == figure).unwrap_or_default();
        let as_this = times(ways).gte(times(others)).and(times(&[figure]).gt(0));
        let as_this = if place == 0 { as_this } else { as_this.and(times(&ways[..place]).eq(0)) };
        Condition::all().add(in_a_village(as_this, Some(first), last, area_code))
    };
    match figure {
        LedgerFigure::Opening => Condition::all().add(open_on(month.previous().last_day(), area_code)),
        LedgerFigure::Registered | LedgerFigure::MovedIn | LedgerFigure::Relapsed => counted(COMES, GOES),
        LedgerFigure::LiftedOut | LedgerFigure::MovedOut | LedgerFigure::Left => counted(GOES, COMES),
        LedgerFigure::Closing => Condition::all().add(open_on(last, area_code)),
        LedgerFigure::Unhelped | LedgerFigure::DoublyHelped => {
            Condition::all().add(open_on(last, area_code)).add(helped_as(figure, month, day))
        }
    }
}

/// Whether a household is helped by nobody in a month, or by several on its last day.
fn helped_as(figure: LedgerFigure, month: Month, day: NaiveDate) -> Condition {
    match figure {
        LedgerFigure::DoublyHelped => {
            Condition::all().add(Column::Id.in_subquery(entities::pairings::households_of_several_on(day)))
        }
        _ => Condition::all()
            .add(Column::Id.not_in_subquery(entities::pairings::households_on(day)))
            .add(Column::Id.not_in_subquery(entities::assistance::helped_in(month))),
    }
}

/// Arrivals and departures of a month in an area.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Moved {
    pub area_code: String,
    pub month: Written<Month>,
    pub registered: i64,
    pub moved_in: i64,
    pub relapsed: i64,
    pub lifted_out: i64,
    pub moved_out: i64,
    pub left: i64,
}

impl Moved {
    /// Arrivals minus departures.
    pub fn gain(&self) -> i64 {
        self.registered + self.moved_in + self.relapsed - self.lifted_out - self.moved_out - self.left
    }
}

/// The arrivals and departures of every month in an area, by its parts with codes of this length. Takes one statement.
pub async fn moved(asker: &Asker<'_>, area_code: &str, length: i32) -> Result<Vec<Moved>> {
    let month =
        Func::cust("substr").args([Expr::col((status::Entity, status::Column::CountedOn)).cast_as("text"), 1.into(), 7.into()]);
    let each = status::Entity::find()
        .select_only()
        .column_as(Expr::col((status::Entity, status::Column::VillageCode)), "village_code")
        .column_as(Expr::from(month), "month")
        .column_as(times(&[LedgerFigure::Registered]), "registered")
        .column_as(times(&[LedgerFigure::MovedIn]), "moved_in")
        .column_as(times(&[LedgerFigure::MovedOut]), "moved_out")
        .column_as(times(&[LedgerFigure::Left]), "left_it")
        .column_as(times(COMES), "entered")
        .column_as(times(GOES), "gone")
        .join(JoinType::InnerJoin, status::Relation::Household.def())
        .filter(status::Column::Heading.is_not_null())
        .filter(scope::of_files(asker.caller))
        .filter(kept_around(area_code))
        .filter(within((status::Entity, status::Column::VillageCode), area_code))
        .group_by(status::Column::HouseholdId)
        .group_by(Expr::col((status::Entity, status::Column::VillageCode)))
        // By position: PostgreSQL takes two equal expressions with bound values for different ones.
        .group_by(Expr::cust("2"))
        .into_query();
    let each_is = |name: &'static str| Expr::col((Alias::new("each"), Alias::new(name)));
    let count = |when: SimpleExpr| SimpleExpr::Case(Box::new(Expr::case(when, 1).finally(0))).sum().cast_as("bigint");
    let entered = || each_is("entered").gt(0).and(each_is("entered").gte(each_is("gone")));
    let gone = || each_is("gone").gt(0).and(each_is("gone").gte(each_is("entered")));
    let none = |name| each_is(name).eq(0);
    let area = Func::cust("substr").args([each_is("village_code"), 1.into(), length.into()]);
    let select: SelectStatement = Query::select()
        .expr_as(Expr::from(area), Alias::new("area_code"))
        .expr_as(each_is("month"), Alias::new("month"))
        .expr_as(count(entered().and(each_is("registered").gt(0))), Alias::new("registered"))
        .expr_as(count(entered().and(none("registered")).and(each_is("moved_in").gt(0))), Alias::new("moved_in"))
        .expr_as(count(entered().and(none("registered")).and(none("moved_in"))), Alias::new("relapsed"))
        .expr_as(count(gone().and(each_is("left_it").gt(0))), Alias::new("left"))
        .expr_as(count(gone().and(none("left_it")).and(each_is("moved_out").gt(0))), Alias::new("moved_out"))
        .expr_as(count(gone().and(none("left_it")).and(none("moved_out"))), Alias::new("lifted_out"))
        .from_subquery(each, Alias::new("each"))
        .add_group_by([Expr::cust("1"), Expr::cust("2")])
        .to_owned();
    let rows = asker.db.query_all_raw(asker.db.get_database_backend().build(&select)).await?;
    Ok(rows.iter().map(|row| Moved::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// The number of households behind a figure of a month that tells who is helped, by the parts of an area with codes of this length.
pub async fn count(
    asker: &Asker<'_>,
    figure: LedgerFigure,
    month: Month,
    (area_code, length): (&str, i32),
) -> Result<Vec<(String, i64)>> {
    let last = month.last_day();
    let open = status::Entity::find()
        .select_only()
        .column_as(Expr::col((status::Entity, status::Column::VillageCode)), "village_code")
        .join(JoinType::InnerJoin, status::Relation::Household.def())
        .filter(status::Column::Heading.is_not_null())
        .filter(status::Column::CountedOn.lte(last))
        .filter(scope::of_files(asker.caller))
        .filter(kept_around(area_code))
        .filter(within((status::Entity, status::Column::VillageCode), area_code))
        .filter(helped_as(figure, month, Ord::min(last, asker.today)))
        .group_by(status::Column::HouseholdId)
        .group_by(Expr::col((status::Entity, status::Column::VillageCode)))
        .having(times(COMES).gt(times(GOES)))
        .into_query();
    let village = Expr::col((Alias::new("open"), Alias::new("village_code")));
    let area = Func::cust("substr").args([village.clone(), 1.into(), length.into()]);
    let select: SelectStatement = Query::select()
        .expr_as(Expr::from(area), Alias::new("area_code"))
        .expr_as(village.count(), Alias::new("households"))
        .from_subquery(open, Alias::new("open"))
        .add_group_by([Expr::cust("1")])
        .to_owned();
    let rows = asker.db.query_all_raw(asker.db.get_database_backend().build(&select)).await?;
    Ok(rows
        .iter()
        .map(|row| Ok((row.try_get("", "area_code")?, row.try_get("", "households")?)))
        .collect::<Result<_, DbErr>>()?)
}

/// The files of the town around a village, or of a larger area: a village is replaced by one of its town, which has its files then.
fn kept_around(area_code: &str) -> SimpleExpr {
    within((Entity, Column::VillageCode), town_of(area_code))
}
