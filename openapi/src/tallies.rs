//! What the service counts as it happens, so that a number costs the same however many records stand behind it.

use crate::coded_enum;

coded_enum! {
    /// What is counted with each change, by campaign and town. What is larger than a town is the sum of its towns.
    /// Each figure has keys, which say what its records are told apart by: months as `2020-04`, days as `2020-04-18`.
    pub enum TallyFigure {
        /// Pairings with villages, by state.
        Pairings = "pairings" / "结对" / "Pairings",
        /// Pairings with households, by state.
        HouseholdPairings = "household_pairings" / "帮扶户结对" / "Pairings with households",
        /// Pairings with villages that are or were active, by the months in which that began and ended: `2020-04/2020-09`, or `2020-04/`.
        Active = "active" / "实施过的结对" / "Pairings that were active",
        /// Active ones that nobody has planned a project for, by the day since which they are active.
        WithoutProject = "without_project" / "尚无项目的结对" / "Pairings without a project",
        /// Pairings with projects that are not cancelled, by how many those are.
        LiveProjects = "live_projects" / "有项目的结对" / "Pairings with projects",
        /// Projects by state, with their budget in fen.
        Projects = "projects" / "项目" / "Projects",
        /// Projects over their budget, by state, with what all of that state have spent in fen.
        Spent = "spent" / "项目支出" / "Spent on projects",
        /// Tasks by state.
        Tasks = "tasks" / "任务" / "Tasks",
        /// Open tasks of projects that go on, by the day on which they are due.
        Due = "due" / "未完成任务" / "Open tasks",
        /// Progress updates by month.
        Updates = "updates" / "进展" / "Progress updates",
        /// Progress updates on months in which their pairing was active, by month.
        Reported = "reported" / "实施期内的进展" / "Progress updates while active",
        /// Confirmed outcomes by indicator and month, `jobs_offered/2020-04`, with their quantity.
        Outcomes = "outcomes" / "成效" / "Outcomes",
        /// Outcomes by state.
        OutcomeStates = "outcome_states" / "各状态成效" / "Outcomes by state",
        /// Confirmed enrolments by kind. An organisation counts in the area where it is registered, which may be a county.
        Enrolments = "enrolments" / "报名" / "Enrolments",
        /// Confirmed assistance records by kind and month, `visit/2020-04`, with the money in fen.
        Aid = "aid" / "帮扶记录" / "Assistance records",
        /// Those of them that gave money, by kind and month.
        AidPayments = "aid_payments" / "资金帮扶" / "Payments to households",
    }
}
