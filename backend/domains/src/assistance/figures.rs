//! Sums of confirmed records.

use contract::assistance::{AidKind, RecordState};
use contract::campaigns::{Campaign, Indicator};
use contract::ledger::FEWEST;
use contract::tallies::TallyFigure;
use contract::{Month, Permission};
use entities::assistance::{Column, Entity, Relation};
use entities::scope;
use platform::coded::{Code, Written};
use platform::{Asker, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, SimpleExpr};
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait};

use crate::tallies;
use crate::tallies::service::Tally;

/// The confirmed records of a kind in a month.
#[derive(Clone, Debug)]
pub struct MonthSum {
    pub kind: AidKind,
    pub month: Month,
    /// The number of records.
    pub records: i64,
    /// How many of them gave money, and how much.
    pub payments: i64,
    pub amount_fen: i64,
}

/// The confirmed records under a campaign's pairings, by kind and month, in aggregate, as far as the caller may see them. Takes
/// one statement.
pub async fn by_month(asker: &Asker<'_>, campaign_id: Uuid, area_code: Option<&str>) -> Result<Vec<MonthSum>> {
    use entities::pairings as pairing;
    let month = Func::cust("substr").args([Expr::col((Entity, Column::HappenedOn)).cast_as("text"), 1.into(), 7.into()]);
    let sum = Func::coalesce([Expr::col((Entity, Column::AmountFen)).sum(), Expr::val(0)]);
    let mut select = Entity::find()
        .select_only()
        .column(Column::Kind)
        .column_as(Expr::from(month), "month")
        .column_as(Column::Id.count(), "records")
        .column_as(Column::AmountFen.count(), "payments")
        .column_as(Expr::from(sum).cast_as("bigint"), "amount_fen")
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(scope::of_assistance(pairing::Entity, asker.caller))
        .filter(pairing::Column::CampaignId.eq(campaign_id))
        .filter(Column::State.eq(Code(RecordState::Confirmed)))
        .group_by(Column::Kind)
        // By position: PostgreSQL takes two equal expressions with bound values for different ones.
        .group_by(Expr::cust("2"));
    if let Some(code) = area_code {
        select = select.filter(entities::pairings::lies_in(code));
    }
    type Sum = (Code<AidKind>, Written<Month>, i64, i64, i64);
    let sums: Vec<Sum> = select.into_tuple().all(&asker.db).await?;
    Ok(sums
        .into_iter()
        .map(|(kind, month, records, payments, amount_fen)| MonthSum {
            kind: kind.0,
            month: month.0,
            records,
            payments,
            amount_fen,
        })
        .collect())
}

/// What families were given under some pairings in a month, in sums.
#[derive(Clone, Copy, Debug)]
pub struct GivenInMonth {
    pub month: Month,
    pub state: RecordState,
    pub records: i64,
    /// How many families received something.
    pub households: i64,
    pub amount_fen: i64,
}

/// The records under the pairings that a condition selects, by month and state, as far as the caller may see them. Takes one
/// statement.
pub async fn under(asker: &Asker<'_>, pairings: Condition) -> Result<Vec<GivenInMonth>> {
    use entities::pairings as pairing;
    let month = Func::cust("substr").args([Expr::col((Entity, Column::HappenedOn)).cast_as("text"), 1.into(), 7.into()]);
    let sum = Func::coalesce([Expr::col((Entity, Column::AmountFen)).sum(), Expr::val(0)]);
    let select = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Expr::from(month), "month")
        .column_as(Column::Id.count(), "records")
        .column_as(Expr::col((Entity, Column::HouseholdId)).count_distinct(), "households")
        .column_as(Expr::from(sum).cast_as("bigint"), "amount_fen")
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(scope::of_assistance(pairing::Entity, asker.caller))
        .filter(pairings)
        .group_by(Column::State)
        // By position, as above.
        .group_by(Expr::cust("2"));
    type Sum = (Code<RecordState>, Written<Month>, i64, i64, i64);
    let sums: Vec<Sum> = select.into_tuple().all(&asker.db).await?;
    let given = |(state, month, records, households, amount_fen): Sum| GivenInMonth {
        state: state.0,
        month: month.0,
        records,
        households,
        amount_fen,
    };
    Ok(sums.into_iter().map(given).collect())
}

/// [`by_month`] from tallies.
///
/// # Errors
/// `internal` if a tally cannot be read.
pub fn tallied(tallies: &[Tally]) -> Result<Vec<MonthSum>> {
    let sums = tallies::service::of(tallies, TallyFigure::Aid).map(|tally| {
        let (kind, month) = tally.pair()?;
        let payments = tallies::service::of(tallies, TallyFigure::AidPayments).filter(|payments| payments.key == tally.key);
        Ok(MonthSum {
            kind: tally.code(kind)?,
            month: tally.parsed(month)?,
            records: tally.n,
            payments: payments.map(|payments| payments.n).sum(),
            amount_fen: tally.total,
        })
    });
    sums.collect()
}

/// The sums that a caller may see. Callers who see households in aggregate only get sums of a whole campaign, not of its parts.
/// They get no kind that fewer than [`FEWEST`] households received, and no money that fewer received: help in a village reveals a
/// family as soon as it is one of a few.
pub async fn published(
    asker: &Asker<'_>,
    campaign: &Campaign,
    area_code: Option<&str>,
    sums: Vec<MonthSum>,
) -> Result<Vec<MonthSum>> {
    use entities::pairings as pairing;
    if asker.caller.may(Permission::ReadAssistance) {
        return Ok(sums);
    }
    if !scope::sees_all_of(asker.caller, &campaign.details.area_code, area_code) {
        return Ok(Vec::new());
    }
    let paid = Expr::case(Column::AmountFen.is_not_null(), Expr::col((Entity, Column::HouseholdId)));
    let households: Vec<(Code<AidKind>, i64, i64)> = Entity::find()
        .select_only()
        .column(Column::Kind)
        .column_as(Expr::col((Entity, Column::HouseholdId)).count_distinct(), "households")
        .column_as(SimpleExpr::Case(Box::new(paid)).count_distinct(), "paid")
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(pairing::Column::CampaignId.eq(campaign.id))
        .filter(Column::State.eq(Code(RecordState::Confirmed)))
        .group_by(Column::Kind)
        .into_tuple()
        .all(&asker.db)
        .await?;
    let enough = |kind: AidKind, of: fn(&(Code<AidKind>, i64, i64)) -> i64| {
        households.iter().any(|counted| counted.0.0 == kind && of(counted) >= FEWEST)
    };
    let published = sums.into_iter().filter(|sum| enough(sum.kind, |counted| counted.1)).map(|sum| match sum.kind {
        kind if enough(kind, |counted| counted.2) => sum,
        _ => MonthSum { payments: 0, amount_fen: 0, ..sum },
    });
    Ok(published.collect())
}

/// How many records an indicator counts, and their sum. Each record counts as one, except for money.
pub fn counted(sums: &[MonthSum], indicator: Indicator) -> (i64, i64) {
    if indicator == Indicator::HouseholdAidFen {
        return sums.iter().fold((0, 0), |(records, fen), sum| (records + sum.payments, fen + sum.amount_fen));
    }
    let records = sums.iter().filter(|sum| sum.kind.indicator() == Some(indicator)).map(|sum| sum.records).sum();
    (records, records)
}
