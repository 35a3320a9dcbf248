//! The work list (待办): what waits for the person who asks.

use chrono::NaiveDate;

use crate::{answer, coded_enum};

coded_enum! {
    /// What is to be done. Each kind is a list, where all of it can be found.
    pub enum WorkKind {
        OverdueTasks = "overdue_tasks" / "逾期任务" / "Tasks overdue",
        OverdueOrders = "overdue_orders" / "逾期未整改的督办单" / "Supervision orders overdue",
        ReceiveOrders = "receive_orders" / "待签收的督办单" / "Supervision orders to receive",
        MendOrders = "mend_orders" / "退回整改的督办单" / "Supervision orders returned",
        AnswerOrders = "answer_orders" / "待答复的督办单" / "Supervision orders to answer",
        MendReports = "mend_reports" / "退回待修改的统计表" / "Forms returned",
        BeginReports = "begin_reports" / "待汇总的统计表" / "Forms to compile",
        SendReports = "send_reports" / "待报送的统计表" / "Forms to send",
        WriteProgress = "write_progress" / "待填报进展的结对" / "Pairings whose progress is to be written",
        AnswerPairings = "answer_pairings" / "待答复的结对" / "Pairings to answer",
        PublishEntries = "publish_entries" / "待发布的供需信息" / "Needs and offers to publish",
        ConfirmEnrolments = "confirm_enrolments" / "待确认的报名" / "Enrolments to confirm",
        ConfirmPairings = "confirm_pairings" / "待确认的结对" / "Pairings to confirm",
        AnswerAdoptions = "answer_adoptions" / "待答复的挂钩帮扶" / "Adoptions to answer",
        ConfirmAdoptions = "confirm_adoptions" / "待确认的挂钩帮扶" / "Adoptions to confirm",
        WriteAdoptionUpdates = "write_adoption_updates" / "待填报进展的挂钩帮扶" / "Adoptions of which nothing is written yet",
        ConfirmHelp = "confirm_help" / "待确认的挂钩帮扶记录" / "Help to confirm",
        SolveDifficulties = "solve_difficulties" / "待解决的困难" / "Difficulties to solve",
        DraftAgreements = "draft_agreements" / "待起草的协议" / "Agreements to draft",
        SignAgreements = "sign_agreements" / "待签订的协议" / "Agreements to sign",
        PlanProjects = "plan_projects" / "逾期未立合作项目的结对" / "Pairings without a project in spite of the days of grace",
        ConsentProjects = "consent_projects" / "待商定的项目方案" / "Plans to consent to",
        AdvanceProjects = "advance_projects" / "待提交、启动或完成的项目" / "Projects to submit, start or complete",
        ApproveProjects = "approve_projects" / "待审核的项目" / "Projects to approve",
        AcceptProjects = "accept_projects" / "待验收的项目" / "Projects to accept",
        DueTasks = "due_tasks" / "本月到期的任务" / "Tasks of this month",
        ActivatePairings = "activate_pairings" / "待开始帮扶的结对户" / "Households whose assistance is to begin",
        CarryOutMeasures = "carry_out_measures" / "待落实的帮扶措施" / "Measures to carry out",
        ConfirmRecords = "confirm_records" / "待确认的帮扶记录" / "Assistance records to confirm",
        ConfirmOutcomes = "confirm_outcomes" / "待确认的成效" / "Outcomes to confirm",
        CompleteHouseholds = "complete_households" / "待补全的帮扶户档案" / "Household files to complete",
        HoldInspections = "hold_inspections" / "待开展的检查" / "Inspections to hold",
        RectifyFindings = "rectify_findings" / "待整改的问题" / "Findings to rectify",
        VerifyFindings = "verify_findings" / "待复核的整改" / "Rectifications to verify",
        EscalatedFindings = "escalated_findings" / "严重逾期未销号的问题" / "Findings long overdue",
        CloseOrders = "close_orders" / "待销号的督办单" / "Supervision orders to close",
        IssueOrders = "issue_orders" / "待下发的督办单" / "Supervision orders to issue",
        AcceptReports = "accept_reports" / "待审核的统计表" / "Forms to accept",
        MendCases = "mend_cases" / "退回待修改的案例" / "Cases returned",
        SelectCases = "select_cases" / "待选定的案例" / "Cases to select",
        PublishCases = "publish_cases" / "待发布的案例" / "Cases to publish",
        ConfirmAccounts = "confirm_accounts" / "待确认的账号申请" / "Account requests to confirm",
        MeetDeadlines = "meet_deadlines" / "临近或逾期的活动节点" / "Deadlines of the campaign",
    }
}

/// What waits for the caller, kind by kind; kinds of which nothing waits are left out.
#[answer]
pub struct WorkList {
    #[limit(..=50)]
    pub groups: Vec<WorkGroup>,
}

/// One kind of work.
#[answer]
pub struct WorkGroup {
    pub kind: WorkKind,
    /// How many there are, as the list says it.
    #[limit(0..)]
    pub total: u32,
    /// True when there are more than `total`.
    pub total_capped: bool,
    /// Path and query, below `/api/v1`, of the list of all of them; its `total` is this total.
    #[limit(..=300, example = "/pairings?waits_for_me=true")]
    pub records: String,
    /// The first few.
    #[limit(..=5)]
    pub items: Vec<WorkItem>,
}

/// Something to be done.
#[answer]
pub struct WorkItem {
    /// Id or code of the object.
    #[limit(..=60)]
    pub id: String,
    /// What a person knows it by.
    #[limit(..=300)]
    pub title: String,
    /// Last day, where there is one.
    pub due_on: Option<NaiveDate>,
    /// Whether that day is over.
    pub overdue: bool,
}
