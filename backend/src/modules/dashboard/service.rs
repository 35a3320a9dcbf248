//! Puts the figures together, each by one statement of the domain it belongs to.

use chrono::NaiveDate;
use contract::campaigns::Campaign;
use contract::dashboard::{
    Dashboard, DashboardQuery, Figure, IndicatorFigure, MonthFigure, OrganisationFigure, StandingFigure, StateFigure, TownFigure,
};
use contract::pairings::PairingState;
use contract::reports::{ReportMonthQuery, ReportStanding};
use contract::{CodedEnum, Permission};
use sea_orm::DatabaseConnection;

use super::policy;
use crate::modules::pairings::service::TownCount;
use crate::modules::{campaigns, enrolments, outcomes, pairings, reports};
use crate::platform::{Caller, Result};

/// How a campaign stands, as far as the caller may see it. The number of statements does not depend on how much there is.
///
/// # Errors
/// A fault at `/campaign_id`, or what the database says.
pub async fn read(db: &DatabaseConnection, caller: &Caller, query: &DashboardQuery, today: NaiveDate) -> Result<Dashboard> {
    let within = query.within.as_deref();
    let campaign = campaigns::service::named(db, caller, query.campaign_id, today, "/campaign_id").await?;
    let records = Records { campaign: &campaign, within };

    let totals = outcomes::service::totals_of(db, caller, &campaign, within).await?;
    let indicators = totals.into_iter().map(|total| IndicatorFigure {
        goal: total.goal,
        indicator: total.indicator,
        target: total.target,
        actual: records.figure(total.actual, "/outcomes", &[("indicator", total.indicator.code()), ("state", "confirmed")]),
    });

    let enrolled = enrolments::service::count_organisations(db, caller, campaign.id, within).await?;
    let enrolled = records.figure(enrolled, "/enrolments", &[("kind", "organisation"), ("state", "confirmed")]);

    let counts = pairings::service::count_by_town(db, caller, campaign.id, within).await?;
    let by_state = PairingState::ALL.iter().map(|&state| {
        let count = counts.iter().filter(|count| count.state.0 == state).map(|count| count.pairings).sum();
        StateFigure { state, pairings: records.figure(count, "/pairings", &[("state", state.code())]) }
    });

    Ok(Dashboard {
        campaign_id: campaign.id,
        today,
        indicators: indicators.collect(),
        organisations: OrganisationFigure { enrolled, wanted: campaign.details.settings.min_organisations },
        pairings_by_state: by_state.collect(),
        pairings_by_town: by_town(&counts, &records),
        reports: month(db, caller, &records, today).await?,
    })
}

fn by_town(counts: &[TownCount], records: &Records<'_>) -> Vec<TownFigure> {
    // The counts come by town; a caller who sees one village only opens that one's records.
    let figure = |count, town: &str, filter: &[(&str, &str)]| {
        let narrower = records.within.filter(|area| area.starts_with(town)).unwrap_or(town);
        Records { within: Some(narrower), ..*records }.figure(count, "/pairings", filter)
    };
    counts
        .chunk_by(|a, b| a.town_code == b.town_code)
        .map(|counts| {
            let town = &counts[0].town_code;
            let active = counts.iter().filter(|count| count.state.0 == PairingState::Active).map(|count| count.pairings).sum();
            TownFigure {
                town_code: town.clone(),
                town_name: counts[0].town_name.clone(),
                pairings: figure(counts.iter().map(|count| count.pairings).sum(), town, &[]),
                active: figure(active, town, &[("state", "active")]),
            }
        })
        .collect()
}

async fn month(db: &DatabaseConnection, caller: &Caller, records: &Records<'_>, today: NaiveDate) -> Result<Option<MonthFigure>> {
    let details = &records.campaign.details;
    let Some(month) = policy::last_month(details.starts_on, details.ends_on, today) else { return Ok(None) };
    if !caller.may(Permission::ReadReports) {
        return Ok(None);
    }
    let query =
        ReportMonthQuery { campaign_id: records.campaign.id, month, standing: None, within: records.within.map(str::to_owned) };
    let view = reports::service::month_of(db, caller, records.campaign, &query, today).await?;
    let written = month.to_string();
    let standings = ReportStanding::ALL.iter().map(|&standing| {
        let towns = view.towns.iter().filter(|town| town.standing == standing).count();
        let filter = [("month", written.as_str()), ("standing", standing.code())];
        StandingFigure { standing, towns: records.figure(towns.try_into().unwrap_or(i64::MAX), "/report-months", &filter) }
    });
    Ok(Some(MonthFigure { month, due_on: view.due_on, standings: standings.collect() }))
}

/// Where the records behind the figures are.
#[derive(Clone, Copy)]
struct Records<'a> {
    campaign: &'a Campaign,
    within: Option<&'a str>,
}

impl Records<'_> {
    fn figure(&self, value: i64, path: &str, filter: &[(&str, &str)]) -> Figure {
        let campaign = self.campaign.id.to_string();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("campaign_id", &campaign).extend_pairs(filter);
        if let Some(code) = self.within {
            query.append_pair("within", code);
        }
        Figure { value, records: format!("{path}?{}", query.finish()) }
    }
}
