//! Projects (合作项目) of a pairing, and the tasks (任务) they are broken down into.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use uuid::Uuid;
use validator::Validate;

use crate::campaigns::{Goal, Target};
use crate::catalogue::{Commitment, CommittedEntry, doubles};
use crate::month::Month;
use crate::villages::Industry;
use crate::workflow::{Step, Steps};
use crate::{FieldError, Lang, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// State of a project.
    pub enum ProjectState {
        Draft = "draft" / "草拟" / "Draft",
        Submitted = "submitted" / "待审核" / "Submitted",
        Approved = "approved" / "已审核" / "Approved",
        Returned = "returned" / "已退回" / "Returned",
        InProgress = "in_progress" / "实施中" / "In progress",
        Completed = "completed" / "已完成" / "Completed",
        Accepted = "accepted" / "已验收" / "Accepted",
        Suspended = "suspended" / "已暂停" / "Suspended",
        Cancelled = "cancelled" / "已取消" / "Cancelled",
    }
}

impl ProjectState {
    /// The states that count towards the limit of a pairing: all but cancelled.
    pub const LIVE: &'static [Self] = &[
        Self::Draft,
        Self::Submitted,
        Self::Approved,
        Self::Returned,
        Self::InProgress,
        Self::Completed,
        Self::Accepted,
        Self::Suspended,
    ];
    /// The states in which the plan can be changed.
    pub const OPEN: &'static [Self] = &[Self::Draft, Self::Returned];
    /// The states in which money is spent.
    pub const SPENDING: &'static [Self] = &[Self::InProgress, Self::Suspended, Self::Completed];
    /// The states in which tasks can change: while the project is planned, and 进一步细化措施 while it runs. A project that waits for
    /// the bureau's decision does not change.
    pub const PLANNING: &'static [Self] = &[Self::Draft, Self::Returned, Self::Approved, Self::InProgress];
    /// The states in which tasks are due.
    pub const RUNNING: &'static [Self] = &[Self::Approved, Self::InProgress];
}

coded_enum! {
    /// Step of a project.
    pub enum ProjectAction {
        Consent = "consent" / "同意方案" / "Consent",
        Submit = "submit" / "提交审核" / "Submit",
        Approve = "approve" / "审核通过" / "Approve",
        Return = "return" / "退回" / "Return",
        Start = "start" / "开始实施" / "Start",
        Complete = "complete" / "完成" / "Complete",
        Accept = "accept" / "验收通过" / "Accept",
        Suspend = "suspend" / "暂停" / "Suspend",
        Resume = "resume" / "恢复实施" / "Resume",
        Cancel = "cancel" / "取消项目" / "Cancel the project",
    }
}

impl ProjectState {
    /// The steps of the domain's diagram. A project that fails acceptance goes back into progress.
    pub const STEPS: Steps<Self, ProjectAction> = Steps(&[
        Step::new(ProjectAction::Consent, &[Self::Draft], Self::Draft, WRITERS).on_behalf(),
        Step::new(ProjectAction::Consent, &[Self::Returned], Self::Returned, WRITERS).on_behalf(),
        Step::new(ProjectAction::Submit, Self::OPEN, Self::Submitted, WRITERS),
        Step::new(ProjectAction::Approve, &[Self::Submitted], Self::Approved, &[Role::Bureau]),
        Step::new(ProjectAction::Return, &[Self::Submitted], Self::Returned, &[Role::Bureau]).with_reason(),
        Step::new(ProjectAction::Return, &[Self::Completed], Self::InProgress, &[Role::Bureau]).with_reason(),
        Step::new(ProjectAction::Start, &[Self::Approved], Self::InProgress, WRITERS),
        Step::new(ProjectAction::Complete, &[Self::InProgress], Self::Completed, WRITERS),
        Step::new(ProjectAction::Accept, &[Self::Completed], Self::Accepted, &[Role::Bureau]),
        Step::new(ProjectAction::Suspend, &[Self::InProgress], Self::Suspended, &[Role::Bureau, Role::Town]).with_reason(),
        Step::new(ProjectAction::Resume, &[Self::Suspended], Self::InProgress, &[Role::Bureau, Role::Town]),
        Step::new(ProjectAction::Cancel, Self::OPEN, Self::Cancelled, WRITERS).with_reason(),
        Step::new(
            ProjectAction::Cancel,
            &[Self::Draft, Self::Returned, Self::Submitted, Self::Approved, Self::InProgress, Self::Suspended, Self::Completed],
            Self::Cancelled,
            &[Role::Bureau],
        )
        .with_reason(),
    ]);
}

coded_enum! {
    /// Where the money comes from.
    pub enum FundingSource {
        OwnFunds = "own_funds" / "自有资金" / "Own funds",
        Donation = "donation" / "直接捐赠" / "Donation",
        CharityFund = "charity_fund" / "扶贫公益基金" / "Charity fund",
        Government = "government" / "政府资金" / "Government",
        Village = "village" / "村（社区）自筹" / "Village",
    }
}

coded_enum! {
    /// Who is responsible for a task.
    pub enum ResponsibleSide {
        Organisation = "organisation" / "社会组织" / "Organisation",
        Village = "village" / "村（社区）" / "Village",
        Town = "town" / "镇（街道）" / "Town",
    }
}

coded_enum! {
    /// State of a task.
    pub enum TaskState {
        Open = "open" / "未完成" / "Open",
        Done = "done" / "已完成" / "Done",
        Cancelled = "cancelled" / "已取消" / "Cancelled",
    }
}

coded_enum! {
    /// Step of a task.
    pub enum TaskAction {
        Finish = "finish" / "完成" / "Finish",
        Reopen = "reopen" / "重新打开" / "Reopen",
        Cancel = "cancel" / "取消任务" / "Cancel the task",
    }
}

impl TaskState {
    /// The steps of a task. The responsible side and the state of the project restrict them further.
    pub const STEPS: Steps<Self, TaskAction> = Steps(&[
        Step::new(TaskAction::Finish, &[Self::Open], Self::Done, WRITERS),
        Step::new(TaskAction::Reopen, &[Self::Done, Self::Cancelled], Self::Open, WRITERS),
        Step::new(TaskAction::Cancel, &[Self::Open], Self::Cancelled, WRITERS).with_reason(),
    ]);
}

coded_enum! {
    /// Orders of the list of projects.
    pub enum ProjectSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Title = "title" / "标题" / "Title",
        EndsOn = "ends_on" / "结束日期" / "Ends on",
        VillageCode = "village_code" / "村（社区）" / "Village",
    }
}

coded_enum! {
    /// Orders of the list of tasks.
    pub enum TaskSort {
        DueOn = "due_on" / "截止日期" / "Due on",
        Month = "month" / "月份" / "Month",
        Position = "position" / "顺序" / "Position",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of projects.
    pub struct ProjectQuery sorted by ProjectSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        /// Only those that take something of this entry of the catalogue.
        pub catalogue_entry_id: Option<Uuid>,
        pub state: Option<ProjectState>,
        pub goal: Option<Goal>,
        /// Only those that have spent more than planned, or only others.
        pub over_budget: Option<bool>,
        /// Only those with tasks overdue today, or only others.
        pub overdue: Option<bool>,
        /// Only those of villages inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
        /// Only what waits for the caller: to consent, to be approved, to be accepted.
        pub waits_for_me: Option<bool>,
        /// Only what its two sides can carry on with: a plan that both consented to, an approved one, one whose tasks are all done.
        pub ready: Option<bool>,
    }
}

list_query! {
    /// Filters of the list of tasks.
    pub struct TaskQuery sorted by TaskSort, searched by q {
        pub project_id: Option<Uuid>,
        pub campaign_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        pub state: Option<TaskState>,
        pub month: Option<Month>,
        pub responsible: Option<ResponsibleSide>,
        /// Only those due before this day.
        #[limit(date)]
        pub due_before: Option<NaiveDate>,
        /// Only those overdue today, or only others.
        pub overdue: Option<bool>,
        /// Only those of villages inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
        /// Only open ones of running projects that the caller's side is responsible for.
        pub waits_for_me: Option<bool>,
    }
}

/// A part of the money.
#[input]
pub struct Funding {
    pub source: FundingSource,
    /// In fen.
    #[limit(1..=1_000_000_000_000i64)]
    pub amount_fen: i64,
}

/// What is written of a project.
#[input]
pub struct ProjectInput {
    /// The pairing whose project it is; stays as it is.
    pub pairing_id: Uuid,
    #[limit(2..=100, line)]
    pub title: String,
    pub goal: Goal,
    #[serde(default)]
    pub industry: Option<Industry>,
    /// Form and mechanism of the cooperation (合作的形式与机制).
    #[limit(1..=2000, text)]
    pub cooperation_form: String,
    /// The plan (合作的方案).
    #[limit(1..=10_000, text)]
    pub plan: String,
    /// In fen.
    #[limit(0..=1_000_000_000_000i64)]
    pub budget_fen: i64,
    /// Where the money comes from: each source once, together no more than the budget.
    #[serde(default)]
    #[limit(..=5, nested)]
    pub funding: Vec<Funding>,
    #[limit(date)]
    pub starts_on: NaiveDate,
    #[limit(date)]
    pub ends_on: NaiveDate,
    /// What shall have been reached, each indicator once.
    #[serde(default)]
    #[limit(..=30, nested)]
    pub expected_outcomes: Vec<Target>,
    /// What has been spent so far, in fen; entered by the organisation once the project is running.
    #[serde(default)]
    #[limit(0..=1_000_000_000_000i64)]
    pub spent_fen: i64,
    /// What it takes of the catalogue's entries (供需目录), each entry once. It is given back when the project is cancelled.
    #[serde(default)]
    #[limit(..=20, nested)]
    pub commitments: Vec<Commitment>,
}

impl ProjectInput {
    /// The faults that lie between fields: money, days and what is given twice.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for (index, funding) in self.funding.iter().enumerate() {
            if self.funding[..index].iter().any(|other| other.source == funding.source) {
                faults.push(FieldError::at(format!("/funding/{index}/source"), "duplicate"));
            }
        }
        if self.funding.iter().map(|funding| funding.amount_fen).sum::<i64>() > self.budget_fen {
            faults.push(FieldError::at("/funding", "exceeds_budget"));
        }
        for (index, outcome) in self.expected_outcomes.iter().enumerate() {
            if self.expected_outcomes[..index].iter().any(|other| other.indicator == outcome.indicator) {
                faults.push(FieldError::at(format!("/expected_outcomes/{index}/indicator"), "duplicate"));
            }
        }
        faults.extend(doubles(&self.commitments));
        if self.ends_on < self.starts_on {
            faults.push(FieldError::at("/ends_on", "end_before_start"));
        }
        faults
    }
}

/// What every answer says of a project.
#[answer]
pub struct ProjectHead {
    pub id: Uuid,
    pub state: ProjectState,
    pub campaign_id: Uuid,
    #[limit(..=100)]
    pub campaign_title: String,
    pub organisation_id: Uuid,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    #[limit(..=12)]
    pub town_code: String,
    #[limit(..=60)]
    pub town_name: String,
    /// When each side consented to the plan as it is (共同商定).
    pub organisation_consented_at: Option<DateTime<Utc>>,
    pub village_consented_at: Option<DateTime<Utc>>,
    /// Tasks that are not cancelled.
    #[limit(0..)]
    pub tasks_total: i64,
    #[limit(0..)]
    pub tasks_done: i64,
    /// The weighted share of its tasks that is done.
    #[limit(0..=100)]
    pub progress_percent: i64,
    /// Last day of the open task that is due first.
    pub next_due_on: Option<NaiveDate>,
    /// Whether a task of it is overdue today.
    pub overdue: bool,
    /// Whether more was spent than planned.
    pub over_budget: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<ProjectAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// A project.
#[answer]
pub struct Project {
    #[serde(flatten)]
    pub head: ProjectHead,
    #[serde(flatten)]
    pub details: ProjectInput,
    /// The entries of the catalogue of which it takes something, as `commitments` has them.
    #[limit(..=20)]
    pub catalogue: Vec<CommittedEntry>,
    /// True where the caller may change the plan, or enter what is spent.
    pub editable: bool,
}

/// A project in a list.
#[answer]
pub struct ProjectSummary {
    #[serde(flatten)]
    pub head: ProjectHead,
    pub pairing_id: Uuid,
    #[limit(..=100)]
    pub title: String,
    pub goal: Goal,
    pub industry: Option<Industry>,
    #[limit(0..)]
    pub budget_fen: i64,
    #[limit(0..)]
    pub spent_fen: i64,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

/// What is written of a task (将具体任务分解到季度、落实到月).
#[input]
pub struct TaskInput {
    /// The project it is a part of; stays as it is.
    pub project_id: Uuid,
    pub month: Month,
    #[limit(1..=200, line)]
    pub title: String,
    pub responsible: ResponsibleSide,
    #[limit(date)]
    pub due_on: NaiveDate,
    /// Its weight among the tasks of the project.
    #[limit(1..=100, default = 1)]
    #[serde(default = "one")]
    pub weight: i32,
    /// Its place among the tasks of the project; the last unless given.
    #[serde(default)]
    #[limit(1..=10_000)]
    pub position: Option<i32>,
}

fn one() -> i32 {
    1
}

/// A task.
#[answer]
pub struct Task {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: TaskInput,
    #[limit(..=100)]
    pub project_title: String,
    pub project_state: ProjectState,
    pub pairing_id: Uuid,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    /// The quarter of its month.
    #[limit(..=7, pattern = r"^\d{4}-Q[1-4]$", example = "2020-Q2")]
    pub quarter: String,
    pub state: TaskState,
    pub done_on: Option<NaiveDate>,
    /// Whether it is open, its project runs, and its last day is over.
    pub overdue: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<TaskAction>,
    /// True where the caller may change it.
    pub editable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// Who plans and runs projects: both sides, and their town. The bureau approves and accepts.
pub const WRITERS: &[Role] = &[Role::Organisation, Role::Village, Role::Town];

/// A quarter as people write it: `2020年第二季度`, `Q2 2020`.
pub fn quarter_words(quarter: &str, lang: Lang) -> Option<String> {
    let (year, number) = quarter.split_once("-Q")?;
    let number: usize = number.parse().ok()?;
    let zh = ["一", "二", "三", "四"].get(number.checked_sub(1)?)?;
    Some(match lang {
        Lang::ZhCn => format!("{year}年第{zh}季度"),
        Lang::En => format!("Q{number} {year}"),
    })
}

/// The quarter of a month, as `2020-Q2`.
pub fn quarter(month: Month) -> String {
    let day = month.first_day();
    format!("{}-Q{}", day.year(), day.month0() / 3 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaigns::Indicator;

    fn input() -> ProjectInput {
        ProjectInput {
            pairing_id: Uuid::nil(),
            title: "龙眼加工".into(),
            goal: Goal::CollectiveEconomy,
            industry: None,
            cooperation_form: "合作社".into(),
            plan: "分三步".into(),
            budget_fen: 100,
            funding: vec![
                Funding { source: FundingSource::Donation, amount_fen: 60 },
                Funding { source: FundingSource::Village, amount_fen: 40 },
            ],
            starts_on: "2020-06-01".parse().unwrap(),
            ends_on: "2020-11-30".parse().unwrap(),
            expected_outcomes: vec![Target { indicator: Indicator::EconomyProjects, target: 1 }],
            spent_fen: 0,
            commitments: Vec::new(),
        }
    }

    #[test]
    fn money_adds_up_and_days_follow_each_other() {
        let codes = |input: &ProjectInput| input.faults().iter().map(|f| format!("{} {}", f.pointer, f.code)).collect::<Vec<_>>();
        assert!(codes(&input()).is_empty());
        assert_eq!(codes(&ProjectInput { budget_fen: 99, ..input() }), ["/funding exceeds_budget"]);
        assert_eq!(codes(&ProjectInput { ends_on: "2020-05-31".parse().unwrap(), ..input() }), ["/ends_on end_before_start"]);
        let mut twice = input();
        twice.funding[1].source = FundingSource::Donation;
        twice.expected_outcomes.push(twice.expected_outcomes[0].clone());
        twice.commitments = vec![Commitment { entry_id: Uuid::nil(), quantity: 1 }; 2];
        let expected =
            ["/funding/1/source duplicate", "/expected_outcomes/1/indicator duplicate", "/commitments/1/entry_id duplicate"];
        assert_eq!(codes(&twice), expected);
    }

    #[test]
    fn a_month_lies_in_its_quarter() {
        let quarters = ["2020-01", "2020-03", "2020-04", "2020-12"].map(|text| quarter(text.parse().unwrap()));
        assert_eq!(quarters, ["2020-Q1", "2020-Q1", "2020-Q2", "2020-Q4"]);
    }
}
