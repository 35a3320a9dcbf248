//! The dashboard: how a campaign stands. Every figure names the records behind it.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::adoptions::AdoptionFigures;
use crate::campaigns::{Goal, Indicator};
use crate::month::Month;
use crate::pairings::PairingState;
use crate::projects::ProjectState;
use crate::reports::ReportStanding;
use crate::{answer, coded_enum, query};

coded_enum! {
    /// What somebody should look into.
    pub enum Concern {
        OverdueTasks = "overdue_tasks" / "逾期未完成的任务" / "Tasks overdue",
        WithoutProject = "without_project" / "签约后逾期未立项目的结对" / "Pairings without a project in spite of the days of grace",
        TooManyProjects = "too_many_projects" / "项目数超过上限的结对" / "Pairings with more projects than allowed",
        WithoutUpdate = "without_update" / "上月未填报进展的结对" / "Pairings without progress of last month",
        OverBudget = "over_budget" / "支出超过预算的项目" / "Projects over their budget",
    }
}

/// Which campaign, and where.
#[query]
pub struct DashboardQuery {
    pub campaign_id: Uuid,
    /// Only what lies in this area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(area_code)]
    pub within: Option<String>,
}

/// A number of records, and the list of them: its `total` is this number.
#[answer]
pub struct Figure {
    #[limit(0..)]
    pub value: i64,
    /// Path and query below `/api/v1` that list the records counted.
    #[limit(..=300, example = "/pairings?campaign_id=…&state=active")]
    pub records: String,
}

/// An indicator against its target.
#[answer]
pub struct IndicatorFigure {
    pub goal: Goal,
    pub indicator: Indicator,
    /// What the whole campaign wants, where it says so; fen for money.
    pub target: Option<i64>,
    /// What the confirmed outcomes add up to, and the confirmed assistance records that count for it; fen for money. Those who see households in aggregate only are
    /// told what was given to them of a whole campaign alone, and of no kind that fewer than 5 were given.
    #[limit(0..)]
    pub actual: i64,
    /// Those outcomes.
    pub outcomes: Figure,
    /// The confirmed assistance records that it counts as well, without anybody typing them; none for those who see households in aggregate only.
    pub records: Option<Figure>,
}

/// Pairings in a state.
#[answer]
pub struct StateFigure {
    pub state: PairingState,
    pub pairings: Figure,
}

/// Pairings of a town.
#[answer]
pub struct TownFigure {
    #[limit(town_code)]
    pub town_code: String,
    #[limit(..=60)]
    pub town_name: String,
    /// In any state.
    pub pairings: Figure,
    pub active: Figure,
}

/// What happened in a month.
#[answer]
pub struct TrendFigure {
    pub month: Month,
    pub updates: Figure,
    /// Confirmed ones.
    pub outcomes: Figure,
    /// What was donated by confirmed outcomes, in fen.
    #[limit(0..)]
    pub donated_fen: i64,
    /// Those outcomes.
    pub donations: Figure,
}

/// Projects in a state, and their money.
#[answer]
pub struct ProjectFigure {
    pub state: ProjectState,
    pub projects: Figure,
    #[limit(0..)]
    pub budget_fen: i64,
    #[limit(0..)]
    pub spent_fen: i64,
}

/// How much of something there is that somebody should look into.
#[answer]
pub struct ConcernFigure {
    pub concern: Concern,
    pub records: Figure,
}

/// Organisations and villages that take part.
#[answer]
pub struct EnrolmentFigure {
    /// Organisations enrolled and confirmed.
    pub organisations: Figure,
    /// How many the campaign wants: 不少于100个.
    pub wanted: i32,
    /// Villages enrolled and confirmed.
    pub villages: Figure,
}

/// Towns that stand alike with a month's report.
#[answer]
pub struct StandingFigure {
    pub standing: ReportStanding,
    pub towns: Figure,
}

/// A town that has not sent its report in time.
#[answer]
pub struct LateUnit {
    #[limit(town_code)]
    pub town_code: String,
    #[limit(..=60)]
    pub town_name: String,
    pub standing: ReportStanding,
    /// Its report, where it has begun one.
    pub report_id: Option<Uuid>,
}

/// How the reports of a month stand.
#[answer]
pub struct MonthFigure {
    pub month: Month,
    pub due_on: NaiveDate,
    /// One for each standing, also where no town stands so.
    #[limit(..=10)]
    pub standings: Vec<StandingFigure>,
    /// The towns that are late or missing, in the order of their codes.
    #[limit(..=5000)]
    pub late_units: Vec<LateUnit>,
}

/// How a campaign stands, as far as the caller may see it.
#[answer]
pub struct Dashboard {
    pub campaign_id: Uuid,
    /// True where the indicators are of the campaign's whole area. Else they are of a part of it, as far as the caller sees or asked for, and the targets are not theirs.
    pub whole: bool,
    /// The day it is of.
    pub today: NaiveDate,
    /// Indicators with a target or an outcome, in their order.
    #[limit(..=50)]
    pub indicators: Vec<IndicatorFigure>,
    pub enrolments: EnrolmentFigure,
    /// One for each state, also where no pairing is in it.
    #[limit(..=20)]
    pub pairings_by_state: Vec<StateFigure>,
    /// Towns with pairings, in the order of their codes.
    #[limit(..=5000)]
    pub pairings_by_town: Vec<TownFigure>,
    /// One for each state, also where no project is in it.
    #[limit(..=20)]
    pub projects_by_state: Vec<ProjectFigure>,
    /// The months of the campaign that have begun, in their order.
    #[limit(..=240)]
    pub trend: Vec<TrendFigure>,
    /// What somebody should look into, also where there is none of it.
    #[limit(..=10)]
    pub concerns: Vec<ConcernFigure>,
    /// The last month of the campaign that is over; none before the first is, and for those who do not read reports.
    pub reports: Option<MonthFigure>,
    /// What cadres do for institutions (挂钩帮扶), apart from all that is done for villages; none for those who do not read it.
    pub adoptions: Option<AdoptionFigures>,
}
