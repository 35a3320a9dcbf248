//! The conditions behind the ledger's figures, and the changes that they add up.
//!
//! A household is in difficulty from the day it is registered or relapses until the day it is lifted out. In a month it
//! comes or goes at most once: a household that came, went and came again has come. So opening plus what came minus what
//! went is always closing.

use chrono::NaiveDate;
use contract::Month;
use contract::households::HouseholdStatus;
use contract::ledger::LedgerFigure;
use entities::households::{Column, Entity, status};
use entities::scope;
use platform::area::within;
use platform::coded::{Written, codes};
use platform::{Asker, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, FromQueryResult, JoinType, QuerySelect, QueryTrait, RelationTrait};

const ENTERS: &[HouseholdStatus] = &[HouseholdStatus::Registered, HouseholdStatus::Relapsed];
const LEAVES: &[HouseholdStatus] = &[HouseholdStatus::LiftedOut];

/// How often a household came to one of these statuses between two days.
fn changes(to: &[HouseholdStatus], first: Option<NaiveDate>, last: NaiveDate) -> SimpleExpr {
    let mut select = status::Entity::find()
        .select_only()
        .expr(status::Column::Id.count())
        .filter(Expr::col((status::Entity, status::Column::HouseholdId)).equals((Entity, Column::Id)))
        .filter(status::Column::Status.is_in(codes(to)))
        .filter(status::Column::Since.lte(last));
    if let Some(first) = first {
        select = select.filter(status::Column::Since.gte(first));
    }
    SimpleExpr::SubQuery(None, Box::new(select.into_query().into()))
}

/// Whether a household was in difficulty at the end of a day.
fn open_on(day: NaiveDate) -> SimpleExpr {
    changes(ENTERS, None, day).gt(changes(LEAVES, None, day))
}

/// The condition behind a figure of a month.
pub fn condition(figure: LedgerFigure, month: Month, today: NaiveDate) -> Condition {
    let (first, last) = (month.first_day(), month.last_day());
    let day = Ord::min(last, today);
    let within_month = |to: &[HouseholdStatus]| changes(to, Some(first), last);
    let entered = || Condition::all().add(within_month(ENTERS).gt(0)).add(within_month(ENTERS).gte(within_month(LEAVES)));
    let new = || within_month(&[HouseholdStatus::Registered]).gt(0);
    match figure {
        LedgerFigure::Opening => Condition::all().add(open_on(month.previous().last_day())),
        LedgerFigure::Registered => entered().add(new()),
        LedgerFigure::Relapsed => entered().add(new().not()),
        LedgerFigure::LiftedOut => {
            Condition::all().add(within_month(LEAVES).gt(0)).add(within_month(LEAVES).gte(within_month(ENTERS)))
        }
        LedgerFigure::Closing => Condition::all().add(open_on(last)),
        LedgerFigure::Unhelped => Condition::all()
            .add(open_on(last))
            .add(Column::Id.not_in_subquery(entities::pairings::households_on(day)))
            .add(Column::Id.not_in_subquery(entities::assistance::helped_in(month))),
        LedgerFigure::DoublyHelped => {
            Condition::all().add(open_on(last)).add(Column::Id.in_subquery(entities::pairings::households_of_several_on(day)))
        }
    }
}

/// What came and went in a month in an area.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Moved {
    pub area_code: String,
    pub month: Written<Month>,
    pub registered: i64,
    pub relapsed: i64,
    pub lifted_out: i64,
}

/// What came and went in every month in an area, by its parts whose codes have this length. It takes one statement.
pub async fn moved(asker: &Asker<'_>, area_code: &str, length: i32) -> Result<Vec<Moved>> {
    let times = |to: &[HouseholdStatus]| {
        let is = status::Column::Status.is_in(codes(to));
        SimpleExpr::Case(Box::new(Expr::case(is, 1).finally(0))).sum()
    };
    let month =
        Func::cust("substr").args([Expr::col((status::Entity, status::Column::Since)).cast_as("text"), 1.into(), 7.into()]);
    let each = status::Entity::find()
        .select_only()
        .column_as(Expr::col((Entity, Column::VillageCode)), "village_code")
        .column_as(Expr::from(month), "month")
        .column_as(times(&[HouseholdStatus::Registered]), "registered")
        .column_as(times(ENTERS), "entered")
        .column_as(times(LEAVES), "gone")
        .join(JoinType::InnerJoin, status::Relation::Household.def())
        .filter(scope::of_households(asker.caller))
        .filter(within((Entity, Column::VillageCode), area_code))
        .group_by(status::Column::HouseholdId)
        .group_by(Expr::col((Entity, Column::VillageCode)))
        // By its position: a database that compares expressions takes two with bound values for different ones.
        .group_by(Expr::cust("2"))
        .into_query();
    let each_is = |name: &'static str| Expr::col((Alias::new("each"), Alias::new(name)));
    let count = |when: SimpleExpr| SimpleExpr::Case(Box::new(Expr::case(when, 1).finally(0))).sum().cast_as("bigint");
    let entered = || each_is("entered").gt(0).and(each_is("entered").gte(each_is("gone")));
    let area = Func::cust("substr").args([each_is("village_code"), 1.into(), length.into()]);
    let select: SelectStatement = Query::select()
        .expr_as(Expr::from(area), Alias::new("area_code"))
        .expr_as(each_is("month"), Alias::new("month"))
        .expr_as(count(entered().and(each_is("registered").gt(0))), Alias::new("registered"))
        .expr_as(count(entered().and(each_is("registered").eq(0))), Alias::new("relapsed"))
        .expr_as(count(each_is("gone").gt(0).and(each_is("gone").gte(each_is("entered")))), Alias::new("lifted_out"))
        .from_subquery(each, Alias::new("each"))
        .add_group_by([Expr::cust("1"), Expr::cust("2")])
        .to_owned();
    let rows = asker.db.query_all_raw(asker.db.get_database_backend().build(&select)).await?;
    Ok(rows.iter().map(|row| Moved::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// How many households are behind a figure of a month in an area, by its parts whose codes have this length.
pub async fn count(
    asker: &Asker<'_>,
    figure: LedgerFigure,
    month: Month,
    (area_code, length): (&str, i32),
) -> Result<Vec<(String, i64)>> {
    let area = Func::cust("substr").args([Expr::col((Entity, Column::VillageCode)), 1.into(), length.into()]);
    let select = scope::households(asker.caller)
        .select_only()
        .column_as(Expr::from(area), "area_code")
        .column_as(Column::Id.count(), "households")
        .filter(within((Entity, Column::VillageCode), area_code))
        .filter(condition(figure, month, asker.today))
        .group_by(Expr::cust("1"));
    Ok(select.into_tuple().all(&asker.db).await?)
}
