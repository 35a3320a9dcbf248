//! Sums of confirmed outcomes.

use contract::campaigns::Indicator;
use contract::outcomes::{IndicatorTotal, OutcomeState, TotalsQuery};
use contract::tallies::TallyFigure;
use contract::{CodedEnum, Month};
use entities::outcomes::{Column, Entity, Relation};
use entities::scope;
use platform::coded::{Code, Written};
use platform::{Asker, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func};
use sea_orm::{JoinType, QuerySelect, RelationTrait};

use crate::assistance;
use crate::campaigns;
use crate::tallies;
use crate::tallies::service::Tally;

/// The results by indicator, beside the campaign's targets.
///
/// # Errors
/// A fault at `/campaign_id`.
pub async fn totals(asker: &Asker<'_>, query: &TotalsQuery) -> Result<Vec<IndicatorTotal>> {
    let campaign = campaigns::service::named(asker, query.campaign_id, "/campaign_id").await?;
    let within = query.within.as_deref();
    let (sums, given) = match tallies::service::read(asker, campaign.id, within).await? {
        Some(tallies) if tallies::service::counts_for(asker.caller) => {
            (tallied(&tallies)?, assistance::figures::tallied(&tallies)?)
        }
        _ => (by_month(asker, campaign.id, within).await?, assistance::figures::by_month(asker, campaign.id, within).await?),
    };
    let given = assistance::figures::published(asker, &campaign, within, given).await?;
    let totals = Indicator::ALL.iter().filter_map(|&indicator| {
        let target = campaign.details.targets.iter().find(|target| target.indicator == indicator).map(|target| target.target);
        let mut sums = sums.iter().filter(|sum| sum.indicator == indicator).peekable();
        let (records, derived) = assistance::figures::counted(&given, indicator);
        let wanted_or_reached = target.is_some() || sums.peek().is_some() || records > 0;
        let actual = sums.map(|sum| sum.sum).sum::<i64>() + derived;
        wanted_or_reached.then_some(IndicatorTotal { goal: indicator.goal(), indicator, target, actual })
    });
    Ok(totals.collect())
}

/// Confirmed outcomes of an indicator in a month.
#[derive(Clone, Debug)]
pub struct MonthSum {
    pub indicator: Indicator,
    pub month: Month,
    /// Their sum.
    pub sum: i64,
    /// Their number.
    pub outcomes: i64,
}

/// The results by indicator and month, as far as the caller may see them. Takes one statement.
pub async fn by_month(asker: &Asker<'_>, campaign_id: Uuid, area_code: Option<&str>) -> Result<Vec<MonthSum>> {
    use entities::pairings as pairing;
    // Both databases write a day as YYYY-MM-DD.
    let month = Func::cust("substr").args([Expr::col((Entity, Column::HappenedOn)).cast_as("text"), 1.into(), 7.into()]);
    let mut select = Entity::find()
        .select_only()
        .column(Column::Indicator)
        .column_as(Expr::from(month), "month")
        // PostgreSQL returns the sum of integers as a decimal.
        .column_as(Expr::col((Entity, Column::Quantity)).sum().cast_as("bigint"), "sum")
        .column_as(Column::Id.count(), "outcomes")
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(scope::of_pairings(asker.caller))
        .filter(pairing::Column::CampaignId.eq(campaign_id))
        .filter(Column::State.eq(Code(OutcomeState::Confirmed)))
        .group_by(Column::Indicator)
        // By position: PostgreSQL takes two equal expressions with bound values for different ones.
        .group_by(Expr::cust("2"));
    if let Some(code) = area_code {
        select = select.filter(entities::pairings::lies_in(code));
    }
    let sums: Vec<(Code<Indicator>, Written<Month>, i64, i64)> = select.into_tuple().all(&asker.db).await?;
    Ok(sums
        .into_iter()
        .map(|(indicator, month, sum, outcomes)| MonthSum { indicator: indicator.0, month: month.0, sum, outcomes })
        .collect())
}

/// The outcomes of a pairing that are confirmed, and those that still are to be, by indicator. Takes one statement.
pub async fn of_pairing(asker: &Asker<'_>, pairing_id: Uuid) -> Result<Vec<(Indicator, OutcomeState, i64)>> {
    let states = [OutcomeState::Confirmed, OutcomeState::Recorded].map(Code);
    let select = scope::outcomes(asker.caller)
        .select_only()
        .column(Column::Indicator)
        .column(Column::State)
        .column_as(Expr::col((Entity, Column::Quantity)).sum().cast_as("bigint"), "sum")
        .filter(Column::PairingId.eq(pairing_id))
        .filter(Column::State.is_in(states))
        .group_by(Column::Indicator)
        .group_by(Column::State);
    let sums: Vec<(Code<Indicator>, Code<OutcomeState>, i64)> = select.into_tuple().all(&asker.db).await?;
    Ok(sums.into_iter().map(|(indicator, state, sum)| (indicator.0, state.0, sum)).collect())
}

/// [`by_month`] from tallies.
///
/// # Errors
/// `internal` if a tally cannot be read.
pub fn tallied(tallies: &[Tally]) -> Result<Vec<MonthSum>> {
    let sums = tallies::service::of(tallies, TallyFigure::Outcomes).map(|tally| {
        let (indicator, month) = tally.pair()?;
        let (indicator, month) = (tally.code(indicator)?, tally.parsed(month)?);
        Ok(MonthSum { indicator, month, sum: tally.total, outcomes: tally.n })
    });
    sums.collect()
}
