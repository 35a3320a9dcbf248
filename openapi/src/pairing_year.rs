//! The year of a pair on one page: what was agreed, planned, done, given and reached, month by month, and whose turn it is.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::agreements::AgreementSummary;
use crate::attachments::AttachmentObject;
use crate::campaigns::{Indicator, Target};
use crate::month::Month;
use crate::objects::ObjectKind;
use crate::outcomes::Outcome;
use crate::pairings::Pairing;
use crate::plans::Measure;
use crate::progress::ProgressUpdate;
use crate::projects::{ProjectSummary, Task};
use crate::{answer, coded_enum};

/// The most months of a year.
pub const MOST_MONTHS: usize = 24;

coded_enum! {
    /// What is to be done for a pair.
    pub enum PairingStepKind {
        AnswerPairing = "answer_pairing" / "答复结对" / "Answer the proposal",
        ConfirmPairing = "confirm_pairing" / "确认结对" / "Confirm the pairing",
        DraftAgreement = "draft_agreement" / "起草协议" / "Draft the agreement",
        SignAgreement = "sign_agreement" / "签订协议" / "Sign the agreement",
        ActivatePairing = "activate_pairing" / "开始帮扶" / "Begin to help the family",
        PlanProject = "plan_project" / "选定合作项目" / "Choose a project",
        PlanTasks = "plan_tasks" / "分解任务" / "Plan the tasks",
        ConsentProject = "consent_project" / "商定项目方案" / "Consent to the plan",
        SubmitProject = "submit_project" / "提交项目审核" / "Submit the project",
        ApproveProject = "approve_project" / "审核项目" / "Approve the project",
        StartProject = "start_project" / "启动项目" / "Start the project",
        FinishTask = "finish_task" / "完成任务" / "Finish the task",
        CompleteProject = "complete_project" / "报告项目完成" / "Complete the project",
        AcceptProject = "accept_project" / "验收项目" / "Accept the project",
        WriteProgress = "write_progress" / "填报进展" / "Write the progress",
        ConfirmOutcome = "confirm_outcome" / "确认成效" / "Confirm the outcome",
        CarryOutMeasure = "carry_out_measure" / "落实帮扶措施" / "Carry out the measure",
    }
}

coded_enum! {
    /// Whose turn it is.
    pub enum StepBy {
        Organisation = "organisation" / "社会组织" / "Organisation",
        Village = "village" / "村（社区）" / "Village",
        Sides = "sides" / "双方" / "Both sides",
        Town = "town" / "镇（街道）" / "Town",
        Bureau = "bureau" / "市民政局" / "Bureau",
        Family = "family" / "农户自身" / "The family",
    }
}

/// Something to be done for a pair.
#[answer]
pub struct PairingStep {
    pub kind: PairingStepKind,
    pub by: StepBy,
    /// Where it is done: the pairing, or what belongs to it.
    pub object: ObjectKind,
    pub id: Uuid,
    /// What that is called, where it has a name.
    #[limit(..=200)]
    pub title: Option<String>,
    /// The month it is about, where it is about one.
    pub month: Option<Month>,
    pub due_on: Option<NaiveDate>,
    /// Days since its last day.
    #[limit(0..)]
    pub days_late: i64,
}

/// A project of the pair.
#[answer]
pub struct YearProject {
    pub project: ProjectSummary,
    /// 合作的形式与机制.
    #[limit(..=2000)]
    pub cooperation_form: String,
    /// What shall have been reached.
    #[limit(..=30)]
    pub expected_outcomes: Vec<Target>,
}

/// What was to be reached of an indicator, and what was.
#[answer]
pub struct YearIndicator {
    pub indicator: Indicator,
    /// What all projects that are not cancelled shall reach; none where none names it. Fen for money.
    #[limit(0..)]
    pub target: Option<i64>,
    #[limit(0..)]
    pub confirmed: i64,
    /// What still is to be confirmed.
    #[limit(0..)]
    pub recorded: i64,
    /// Path and query, below `/api/v1`, of the list of these outcomes.
    #[limit(..=300)]
    pub records: String,
}

/// What families were given in a month, in sums: by the organisation in this village, or under this pairing where it is with a family.
#[answer]
pub struct YearAid {
    /// Families with a confirmed record.
    #[limit(0..)]
    pub households: i64,
    /// Confirmed records.
    #[limit(0..)]
    pub confirmed: i64,
    /// What of them was money.
    #[limit(0..)]
    pub amount_fen: i64,
    /// Records that still are to be confirmed.
    #[limit(0..)]
    pub recorded: i64,
    /// Path and query, below `/api/v1`, of the list of these records.
    #[limit(..=300)]
    pub records: String,
}

/// A photo of the pair's work.
#[answer]
pub struct YearPhoto {
    pub id: Uuid,
    pub object_type: AttachmentObject,
    #[limit(..=36)]
    pub object_id: String,
    #[limit(..=200)]
    pub file_name: String,
    /// Path, below `/api/v1`, of the file.
    #[limit(..=100)]
    pub content: String,
    pub created_at: DateTime<Utc>,
}

/// The progress of a month that nobody has written.
#[answer]
pub struct OwedUpdate {
    /// The day that the form of the month is due.
    pub due_on: NaiveDate,
    pub overdue: bool,
}

/// A month of the pair.
#[answer]
pub struct YearMonth {
    pub month: Month,
    #[limit(..=200)]
    pub tasks: Vec<Task>,
    /// What was told of the month.
    pub update: Option<ProgressUpdate>,
    pub owed_update: Option<OwedUpdate>,
    /// Confirmed ones, and those that still are to be.
    #[limit(..=200)]
    pub outcomes: Vec<Outcome>,
    /// What is planned for the family, where the pairing is with one.
    #[limit(..=200)]
    pub measures: Vec<Measure>,
    pub aid: Option<YearAid>,
    #[limit(..=200)]
    pub photos: Vec<YearPhoto>,
}

/// What a year has no room for.
#[answer]
pub struct LeftOut {
    pub object: ObjectKind,
    /// Path and query, below `/api/v1`, of the list of all of them.
    #[limit(..=300)]
    pub records: String,
}

/// The year of a pair. Of what the caller reads no list there is nothing here either.
#[answer]
pub struct PairingYear {
    pub pairing: Pairing,
    pub today: NaiveDate,
    /// What is to be done, what is late first: the first one is next.
    #[limit(..=20)]
    pub steps: Vec<PairingStep>,
    /// How many of all that is to be done is late.
    #[limit(0..)]
    pub late: u32,
    /// The latest first.
    #[limit(..=20)]
    pub agreements: Vec<AgreementSummary>,
    #[limit(..=20)]
    pub projects: Vec<YearProject>,
    /// What was to be reached, or was.
    #[limit(..=30)]
    pub indicators: Vec<YearIndicator>,
    /// From the proposal to the end of the campaign, and as far as anything was planned or done.
    #[limit(..=24)]
    pub months: Vec<YearMonth>,
    #[limit(..=10)]
    pub left_out: Vec<LeftOut>,
}
