//! The forecast: which targets of a campaign will be missed, why, and whom to call.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::campaigns::{Goal, Indicator};
use crate::dashboard::Figure;
use crate::{answer, coded_enum, query};

coded_enum! {
    /// What is expected of a target. Every estimate has to say that it is missed before it is called so.
    pub enum Verdict {
        Reached = "reached" / "已完成" / "Reached",
        OnCourse = "on_course" / "预计完成" / "On course",
        AtRisk = "at_risk" / "可能完不成" / "At risk",
        Missed = "missed" / "预计完不成" / "Will be missed",
        Unknown = "unknown" / "尚无法预计" / "Too early to say",
    }
}

coded_enum! {
    /// How a result at the campaign's end is estimated.
    pub enum Method {
        /// As much in each month to come as in the mean of the last three.
        Pace = "pace" / "近三个月的进度" / "The pace of three months",
        /// As much more as open tasks will be done, at the share of those done whose day is over.
        Tasks = "tasks" / "未完成任务" / "The tasks still open",
        /// The share that earlier campaigns of the same area had at this time.
        Earlier = "earlier" / "往年同期" / "Earlier campaigns at this time",
    }
}

/// Which campaign.
#[query]
pub struct ForecastQuery {
    pub campaign_id: Uuid,
}

/// An estimate of the result at the campaign's end; fen for money.
#[answer]
pub struct Estimate {
    pub method: Method,
    #[limit(0..)]
    pub value: i64,
}

/// A task that is late, of a project for the goal of a target.
#[answer]
pub struct LateTask {
    pub id: Uuid,
    #[limit(..=100)]
    pub title: String,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(..=60)]
    pub village_name: String,
    pub due_on: NaiveDate,
    /// Its weight in its project.
    #[limit(1..)]
    pub weight: i32,
}

/// What is expected of one target; fen for money.
#[answer]
pub struct TargetForecast {
    pub goal: Goal,
    pub indicator: Indicator,
    #[limit(1..)]
    pub target: i64,
    /// What is confirmed today, as the dashboard says it.
    #[limit(0..)]
    pub actual: i64,
    /// Those that can be made; none when the target is reached or the campaign is over.
    #[limit(..=3)]
    pub estimates: Vec<Estimate>,
    /// The estimate in the middle, or between the two in the middle.
    pub expected: Option<i64>,
    pub verdict: Verdict,
    /// The late tasks whose doing changes most, the heaviest first, where the target may be missed.
    #[limit(..=5)]
    pub late_tasks: Vec<LateTask>,
    /// The draft of a reminder, in the language of official letters, where the target may be missed.
    #[limit(..=1000)]
    pub reminder: Option<String>,
}

/// What is expected of a campaign's targets.
#[answer]
pub struct Forecast {
    pub campaign_id: Uuid,
    /// False where the caller sees a part of the campaign only: the targets are not theirs, and none are told.
    pub whole: bool,
    /// The day it is of.
    pub today: NaiveDate,
    /// The last day of the campaign.
    pub ends_on: NaiveDate,
    /// Tasks that are late, and the list of them.
    pub overdue_tasks: Figure,
    #[limit(..=50)]
    pub targets: Vec<TargetForecast>,
}
