//! The dashboard: how a campaign stands. Every figure names the records behind it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::campaigns::{Goal, Indicator};
use crate::month::Month;
use crate::pairings::PairingState;
use crate::reports::ReportStanding;

/// Which campaign, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "schema", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct DashboardQuery {
    pub campaign_id: Uuid,
    /// Only what lies in this area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = crate::validation::area_code))]
    #[cfg_attr(feature = "schema", param(pattern = r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", max_length = 12))]
    pub within: Option<String>,
}

/// A number, and where to find what it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Figure {
    #[cfg_attr(feature = "schema", schema(minimum = 0))]
    pub value: i64,
    /// Path and query below `/api/v1` that list the records counted.
    #[cfg_attr(feature = "schema", schema(max_length = 300, example = "/pairings?campaign_id=…&state=active"))]
    pub records: String,
}

/// An indicator against its target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct IndicatorFigure {
    pub goal: Goal,
    pub indicator: Indicator,
    /// What the whole campaign wants, where it says so; fen for money.
    pub target: Option<i64>,
    /// The sum of confirmed outcomes; fen for money.
    pub actual: Figure,
}

/// Pairings in a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StateFigure {
    pub state: PairingState,
    pub pairings: Figure,
}

/// Pairings of a town.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TownFigure {
    #[cfg_attr(feature = "schema", schema(pattern = r"^\d{9}$", max_length = 9))]
    pub town_code: String,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub town_name: String,
    /// In any state.
    pub pairings: Figure,
    pub active: Figure,
}

/// Organisations that take part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OrganisationFigure {
    /// Enrolled and confirmed.
    pub enrolled: Figure,
    /// How many the campaign wants: 不少于100个.
    pub wanted: i32,
}

/// Towns that stand alike with a month's report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StandingFigure {
    pub standing: ReportStanding,
    pub towns: Figure,
}

/// How the reports of a month stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MonthFigure {
    pub month: Month,
    pub due_on: NaiveDate,
    /// One for each standing, also where no town stands so.
    #[cfg_attr(feature = "schema", schema(max_items = 10))]
    pub standings: Vec<StandingFigure>,
}

/// How a campaign stands, as far as the caller may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Dashboard {
    pub campaign_id: Uuid,
    /// The day it is of.
    pub today: NaiveDate,
    /// Indicators with a target or an outcome, in their order.
    #[cfg_attr(feature = "schema", schema(max_items = 50))]
    pub indicators: Vec<IndicatorFigure>,
    pub organisations: OrganisationFigure,
    /// One for each state, also where no pairing is in it.
    #[cfg_attr(feature = "schema", schema(max_items = 20))]
    pub pairings_by_state: Vec<StateFigure>,
    /// Towns with pairings, in the order of their codes.
    #[cfg_attr(feature = "schema", schema(max_items = 5000))]
    pub pairings_by_town: Vec<TownFigure>,
    /// The last month of the campaign that is over; none before the first is, and for those who do not read reports.
    pub reports: Option<MonthFigure>,
}
