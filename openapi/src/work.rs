//! The work list (待办): what waits for the person who asks.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::coded_enum;

coded_enum! {
    /// What is to be done. Each kind is a list with `waits_for_me=true`, where all of it can be found.
    pub enum WorkKind {
        AnswerPairings = "answer_pairings" / "待答复的结对" / "Pairings to answer",
        ConfirmPairings = "confirm_pairings" / "待确认的结对" / "Pairings to confirm",
        ConfirmEnrolments = "confirm_enrolments" / "待确认的报名" / "Enrolments to confirm",
        SendReports = "send_reports" / "待报送的统计表" / "Forms to send",
        AcceptReports = "accept_reports" / "待审核的统计表" / "Forms to accept",
        ConfirmOutcomes = "confirm_outcomes" / "待确认的成效" / "Outcomes to confirm",
    }
}

/// What waits for the caller, kind by kind; kinds of which nothing waits are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkList {
    #[cfg_attr(feature = "schema", schema(max_items = 50))]
    pub groups: Vec<WorkGroup>,
}

/// One kind of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkGroup {
    pub kind: WorkKind,
    /// How many there are, counted up to 10,000.
    #[cfg_attr(feature = "schema", schema(minimum = 0, maximum = 10000))]
    pub total: u32,
    /// The first few.
    #[cfg_attr(feature = "schema", schema(max_items = 5))]
    pub items: Vec<WorkItem>,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkItem {
    /// Id or code of the object.
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub id: String,
    /// What a person knows it by.
    #[cfg_attr(feature = "schema", schema(max_length = 300))]
    pub title: String,
    /// Last day, where there is one.
    pub due_on: Option<NaiveDate>,
    /// Whether that day is over.
    pub overdue: bool,
}
