//! Monthly reports (《合作村社帮扶工作开展情况统计表》): a town's form for a month.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::Validate;

use crate::adoptions::AdoptionFigures;
use crate::month::Month;
use crate::workflow::{Step, Steps};
use crate::{Role, answer, coded_enum, input, list_query, query};

/// 各镇（街道）社会事务办每月5日前汇总填写: who compiles the forms. The bureau accepts them or sends them back.
pub const COMPILERS: &[Role] = &[Role::Town];

/// What a nil return says in a row of its own.
pub const NIL_WORDS: &str = "本月无结对共建开展情况";

/// The most rows of a form.
pub const MOST_ROWS: usize = 500;

coded_enum! {
    /// State of a report.
    pub enum ReportState {
        Draft = "draft" / "填报中" / "Draft",
        Submitted = "submitted" / "已报送" / "Submitted",
        Nil = "nil" / "零报告" / "Nil return",
        Returned = "returned" / "已退回" / "Returned",
        Accepted = "accepted" / "已通过" / "Accepted",
    }
}

coded_enum! {
    /// Step of a report. Redrafting brings in what is new and keeps what was edited. Accepting closes the month; reopening opens it.
    /// A town without pairings in the month sends no rows, but a nil return.
    pub enum ReportAction {
        Submit = "submit" / "报送" / "Submit",
        Nil = "nil" / "零报告" / "Send a nil return",
        Redraft = "redraft" / "重新汇总" / "Redraft",
        Accept = "accept" / "通过" / "Accept",
        Return = "return" / "退回" / "Return",
        Reopen = "reopen" / "重新打开" / "Reopen",
    }
}

coded_enum! {
    /// How a town stands with a month's report. Judged by the first submission: what is returned and sent again keeps its standing.
    /// A town owes a report as soon as a village of it takes part in the campaign: where no pairing was active it is a nil return
    /// (零报告). A town that takes no part owes none: it is not due.
    pub enum ReportStanding {
        NotDue = "not_due" / "未到期" / "Not due yet",
        Missing = "missing" / "逾期未报" / "Missing",
        OnTime = "on_time" / "按时报送" / "On time",
        Late = "late" / "迟报" / "Late",
    }
}

impl ReportState {
    /// The states in which the form is in the town's hands. In any other it is a snapshot.
    pub const EDITABLE: &[Self] = &[Self::Draft, Self::Returned];

    /// The states in which the form waits for the bureau: sent, with rows or as a nil return.
    pub const SENT: &[Self] = &[Self::Submitted, Self::Nil];

    /// Whether a form with so many rows is a nil return, also once it is accepted.
    pub fn is_nil(self, rows: usize) -> bool {
        rows == 0 && matches!(self, Self::Nil | Self::Accepted)
    }

    /// The town fills the form in and sends it; the bureau accepts it or returns it with a reason. What it has accepted it can
    /// reopen, which puts the form into the town's hands again.
    pub const STEPS: Steps<Self, ReportAction> = Steps(&[
        Step::new(ReportAction::Submit, Self::EDITABLE, Self::Submitted, COMPILERS),
        Step::new(ReportAction::Nil, Self::EDITABLE, Self::Nil, COMPILERS),
        Step::new(ReportAction::Redraft, &[Self::Draft], Self::Draft, COMPILERS),
        Step::new(ReportAction::Redraft, &[Self::Returned], Self::Returned, COMPILERS),
        Step::new(ReportAction::Accept, Self::SENT, Self::Accepted, &[Role::Bureau]),
        Step::new(ReportAction::Return, Self::SENT, Self::Returned, &[Role::Bureau]).with_reason(),
        Step::new(ReportAction::Reopen, &[Self::Accepted], Self::Returned, &[Role::Bureau]).with_reason(),
    ]);
}

/// How a report stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportTiming {
    pub due_on: NaiveDate,
    pub standing: ReportStanding,
    pub late: bool,
    pub overdue: bool,
    pub resubmitted_late: bool,
}

impl ReportTiming {
    /// Judges a report, or the lack of one. Whether it is late goes by the first submission: a town that sent it in time and
    /// has to mend it is not late for that. When it is sent again after the day, that can be seen too. `owed` says whether the
    /// town takes part or its form has a row: a town that takes no part is never late.
    pub fn of(
        due_on: NaiveDate,
        owed: bool,
        state: Option<ReportState>,
        submitted_on: Option<NaiveDate>,
        resubmitted_on: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Self {
        let standing = match submitted_on {
            Some(day) if day <= due_on => ReportStanding::OnTime,
            Some(_) => ReportStanding::Late,
            None if owed && today > due_on => ReportStanding::Missing,
            None => ReportStanding::NotDue,
        };
        Self {
            due_on,
            standing,
            late: standing == ReportStanding::Late,
            overdue: owed && today > due_on && state.is_none_or(|state| ReportState::EDITABLE.contains(&state)),
            resubmitted_late: resubmitted_on.is_some_and(|day| day > due_on),
        }
    }
}

coded_enum! {
    /// What somebody should look at before a report is sent. None of it keeps a report from being sent.
    pub enum FindingKind {
        MonthRunning = "month_running" / "该月尚未结束" / "The month is not over",
        UpdateMissing = "update_missing" / "该月没有填报进展" / "No progress written for the month",
        ProgressStale = "progress_stale" / "进展与上月相同" / "Same progress as the month before",
        TextEmpty = "text_empty" / "帮扶内容或进展为空" / "Assistance or progress is empty",
        TooManyProjects = "too_many_projects" / "合作项目超过上限" / "More projects than allowed",
        ProjectMissing = "project_missing" / "签约后逾期未立合作项目" / "No project in spite of the days of grace",
        Outdated = "outdated" / "填报进展有更新，可重新汇总" / "Progress has changed since; redraft to bring it in",
        LeftOut = "left_out" / "已从统计表移出" / "Taken out of the form",
    }
}

coded_enum! {
    /// Orders of the list of reports.
    pub enum ReportSort {
        Month = "month" / "月份" / "Month",
        TownCode = "town_code" / "镇（街道）" / "Town",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of reports.
    pub struct ReportQuery sorted by ReportSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub month: Option<Month>,
        pub state: Option<ReportState>,
        /// Only those that wait for the caller to act.
        pub waits_for_me: Option<bool>,
        /// Only those of towns inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// Which report to draft.
#[input]
pub struct ReportInput {
    pub campaign_id: Uuid,
    #[limit(town_code)]
    pub town_code: String,
    pub month: Month,
}

/// What of a report can be edited: its head and its rows, in their order.
#[input]
pub struct ReportFormInput {
    /// 填报单位.
    #[limit(1..=100, line)]
    pub unit: String,
    /// 填报时间; the day of the submission unless given.
    #[serde(default)]
    #[limit(date)]
    pub filled_on: Option<NaiveDate>,
    #[limit(..=500, nested)]
    pub rows: Vec<ReportRowInput>,
}

/// A row as it is written. A row that is not there any more is taken out, and its pairing stays out when the form is redrafted.
#[input]
pub struct ReportRowInput {
    /// The pairing it tells of; none for a row that was added freely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_id: Option<Uuid>,
    /// 村（社区）.
    #[limit(1..=100, text)]
    pub village_name: String,
    /// 社会组织名称.
    #[limit(1..=100, text)]
    pub organisation_name: String,
    /// 具体帮扶内容; may be left empty.
    #[limit(..=2000, text_or_empty)]
    pub content: String,
    /// 进展情况; may be left empty. It holds the words of a progress update and, below them, what was given to households.
    #[limit(..=2500, text_or_empty)]
    pub progress: String,
    /// `false` lets the row follow its progress update again when the form is redrafted; a row whose texts differ from before is edited
    /// in any case. Absent keeps what was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<bool>,
}

/// A row of a report, as text of its own: what it was drafted from may change without it.
#[answer]
pub struct ReportRow {
    /// 序号.
    #[limit(1..=500)]
    pub position: u32,
    /// The pairing it tells of; none for a row that was added freely.
    pub pairing_id: Option<Uuid>,
    /// 村（社区）.
    #[limit(..=100)]
    pub village_name: String,
    /// 社会组织名称.
    #[limit(..=100)]
    pub organisation_name: String,
    /// 具体帮扶内容.
    #[limit(..=2000)]
    pub content: String,
    /// 进展情况.
    #[limit(..=2500)]
    pub progress: String,
    /// 补报: what was confirmed or corrected of months whose forms were accepted before, as the difference it makes, a line for each
    /// month. It is no part of what is edited, and stands below the progress in the annex.
    #[limit(..=20_000, example = "补报2020年10月：走访慰问1户，发放资金1000元")]
    pub carried: Option<String>,
    /// Written by hand: redrafting leaves it as it is.
    pub edited: bool,
}

impl ReportRow {
    /// 进展情况 as the annex shows it: the words, and below them what is carried over.
    pub fn progress_told(&self) -> String {
        let parts = [Some(&self.progress), self.carried.as_ref()].into_iter().flatten().filter(|text| !text.is_empty());
        parts.cloned().collect::<Vec<_>>().join("\n")
    }
}

/// A report in a list.
#[answer]
pub struct ReportSummary {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[limit(town_code)]
    pub town_code: String,
    /// As the town was called when it was last sent.
    #[limit(..=60)]
    pub town_name: String,
    pub month: Month,
    pub state: ReportState,
    /// Number of rows.
    #[limit(0..=500)]
    pub row_count: u32,
    /// Sent without rows, because no pairing of the town was active (零报告).
    pub nil: bool,
    /// The last day on which it is on time. It stays once the form was sent.
    pub due_on: NaiveDate,
    pub standing: ReportStanding,
    /// First sent after `due_on`.
    pub late: bool,
    /// In the town's hands (never sent, returned or reopened) after `due_on`, of a town that owes it.
    pub overdue: bool,
    /// When it was first sent: by this it is late or not.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was last sent again after it was returned.
    pub resubmitted_at: Option<DateTime<Utc>>,
    /// Sent again after `due_on`. Does not make a report late that was first sent on time.
    pub resubmitted_late: bool,
    pub updated_at: DateTime<Utc>,
}

/// A report with its rows.
#[answer]
pub struct Report {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[limit(..=100)]
    pub campaign_title: String,
    #[limit(town_code)]
    pub town_code: String,
    /// As the town was called when it was last sent.
    #[limit(..=60)]
    pub town_name: String,
    pub month: Month,
    pub state: ReportState,
    /// 填报单位.
    #[limit(..=100)]
    pub unit: String,
    /// 填报时间.
    pub filled_on: Option<NaiveDate>,
    #[limit(..=500)]
    pub rows: Vec<ReportRow>,
    /// Sent without rows, because no pairing of the town was active (零报告).
    pub nil: bool,
    /// Pairings of the month that the town took out of the form; a row that names one puts it back.
    #[limit(..=500)]
    pub left_out: Vec<Uuid>,
    /// Why it was last returned or reopened.
    #[limit(..=1000)]
    pub return_reason: Option<String>,
    /// The last day on which it is on time. It stays once the form was sent.
    pub due_on: NaiveDate,
    pub standing: ReportStanding,
    /// First sent after `due_on`.
    pub late: bool,
    /// In the town's hands (never sent, returned or reopened) after `due_on`, of a town that owes it.
    pub overdue: bool,
    /// When it was first sent: by this it is late or not.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was last sent again after it was returned.
    pub resubmitted_at: Option<DateTime<Utc>>,
    /// Sent again after `due_on`. Does not make a report late that was first sent on time.
    pub resubmitted_late: bool,
    /// True where the caller may edit it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<ReportAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// What somebody should look at before a report is sent.
#[answer]
pub struct ReportFinding {
    pub kind: FindingKind,
    /// The row it is about, where there is one.
    #[limit(1..=500)]
    pub position: Option<u32>,
    pub pairing_id: Option<Uuid>,
    #[limit(..=100)]
    pub village_name: Option<String>,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
}

/// What a report should be looked at for before it is sent.
#[answer]
pub struct Preflight {
    /// The last day on which it is on time.
    pub due_on: NaiveDate,
    /// Whether it would be late if it were sent today for the first time; what was sent before keeps its standing.
    pub late: bool,
    /// In the order of kinds, and of rows within a kind.
    #[limit(..=5000)]
    pub findings: Vec<ReportFinding>,
}

/// Which month of which campaign.
#[query]
pub struct ReportMonthQuery {
    pub campaign_id: Uuid,
    pub month: Month,
    /// Only towns that stand like this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<ReportStanding>,
    /// Only towns that have begun their report, or only others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<bool>,
    /// Only towns inside of this area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(area_code)]
    pub within: Option<String>,
}

/// A month of a campaign, town by town.
#[answer]
pub struct ReportMonth {
    pub campaign_id: Uuid,
    pub month: Month,
    /// The last day on which its reports are on time.
    pub due_on: NaiveDate,
    /// The towns that took part in the month or have a report, in the order of their codes. Where no pairing was active, a nil
    /// return is due.
    #[limit(..=5000)]
    pub towns: Vec<TownMonth>,
    /// What cadres did for institutions in the month (挂钩帮扶), apart from the towns' forms. Not where a part of the month is asked for.
    pub adoptions: Option<AdoptionFigures>,
}

/// How a town stands with a month.
#[answer]
pub struct TownMonth {
    #[limit(town_code)]
    pub town_code: String,
    #[limit(..=60)]
    pub town_name: String,
    /// Pairings that were active in the month.
    #[limit(0..)]
    pub pairing_count: i64,
    pub standing: ReportStanding,
    /// The report, where the town has begun one.
    pub report_id: Option<Uuid>,
    pub state: Option<ReportState>,
    #[limit(0..=500)]
    pub row_count: Option<u32>,
    /// Sent without rows, because no pairing of the town was active (零报告).
    pub nil: bool,
    /// In the town's hands after `due_on`.
    pub overdue: bool,
    pub submitted_at: Option<DateTime<Utc>>,
    pub resubmitted_at: Option<DateTime<Utc>>,
    pub resubmitted_late: bool,
    /// The steps the caller may take now of its report.
    #[limit(..=10)]
    pub allowed_actions: Vec<ReportAction>,
}

#[cfg(test)]
mod tests {
    use super::*;

    use ReportState as S;

    #[test]
    fn a_nil_return_has_no_rows_and_was_sent() {
        let nil: Vec<_> = [S::Draft, S::Submitted, S::Nil, S::Returned, S::Accepted].map(|state| state.is_nil(0)).into();
        assert_eq!(nil, [false, false, true, false, true]);
        assert!(!S::Accepted.is_nil(1));
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_form_is_late_by_its_first_submission() {
        let due = day("2020-07-05");
        let on = |state, first: Option<&str>, again: Option<&str>, today: &str| {
            let timing = ReportTiming::of(due, true, state, first.map(day), again.map(day), day(today));
            (timing.standing, timing.late, timing.overdue, timing.resubmitted_late)
        };
        use ReportStanding::{Late, Missing, NotDue, OnTime};
        assert_eq!(on(None, None, None, "2020-07-05"), (NotDue, false, false, false));
        assert_eq!(on(None, None, None, "2020-07-06"), (Missing, false, true, false));
        assert_eq!(on(Some(S::Draft), None, None, "2020-07-06"), (Missing, false, true, false));
        assert_eq!(on(Some(S::Submitted), Some("2020-07-05"), None, "2020-07-09"), (OnTime, false, false, false));
        assert_eq!(on(Some(S::Submitted), Some("2020-07-06"), None, "2020-07-09"), (Late, true, false, false));
        assert_eq!(on(Some(S::Returned), Some("2020-07-05"), None, "2020-07-09"), (OnTime, false, true, false));
        let again = on(Some(S::Accepted), Some("2020-07-05"), Some("2020-07-08"), "2020-07-09");
        assert_eq!(again, (OnTime, false, false, true));
        // Sent again on the last day it is on time, and a day later it is late, whatever the first time was.
        for (sent_again, is_late) in [("2020-07-04", false), ("2020-07-05", false), ("2020-07-06", true)] {
            assert_eq!(
                on(Some(S::Submitted), Some("2020-07-03"), Some(sent_again), "2020-07-09"),
                (OnTime, false, false, is_late)
            );
        }
        for (today, overdue) in [("2020-07-04", false), ("2020-07-05", false), ("2020-07-06", true)] {
            assert_eq!(on(Some(S::Returned), Some("2020-07-03"), None, today), (OnTime, false, overdue, false));
        }
        assert_eq!(on(None, None, None, "2020-07-04"), (NotDue, false, false, false));
        assert_eq!(on(Some(S::Submitted), Some("2020-07-04"), None, "2020-07-09"), (OnTime, false, false, false));
    }

    #[test]
    fn what_has_nothing_to_say_is_not_owed() {
        let on = |state, first: Option<&str>| {
            let timing = ReportTiming::of(day("2020-07-05"), false, state, first.map(day), None, day("2020-07-06"));
            (timing.standing, timing.late, timing.overdue)
        };
        assert_eq!(on(None, None), (ReportStanding::NotDue, false, false));
        assert_eq!(on(Some(S::Draft), None), (ReportStanding::NotDue, false, false));
        assert_eq!(on(Some(S::Returned), Some("2020-07-05")), (ReportStanding::OnTime, false, false));
    }
}
