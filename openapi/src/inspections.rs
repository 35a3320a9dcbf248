//! Inspections (督促检查): checklists, rounds (年初部署、年中检查、年终验收、抽查) and what is found at each pairing.

mod rounds;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::Validate;

use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

pub use rounds::*;

/// Who inspects: the bureau everywhere, a town office in its town.
pub const INSPECTORS: &[Role] = &[Role::Bureau, Role::Town];

coded_enum! {
    /// Result of an item.
    pub enum ItemResult {
        Met = "met" / "符合" / "Met",
        Partly = "partly" / "基本符合" / "Partly met",
        NotMet = "not_met" / "不符合" / "Not met",
        NotApplicable = "not_applicable" / "不适用" / "Not applicable",
    }
}

coded_enum! {
    /// What an inspection comes to.
    pub enum Conclusion {
        Passed = "passed" / "合格" / "Passed",
        PassedWithFindings = "passed_with_findings" / "基本合格，有问题待整改" / "Passed with findings",
        Failed = "failed" / "不合格" / "Failed",
    }
}

coded_enum! {
    /// State of an inspection.
    pub enum InspectionState {
        Planned = "planned" / "待检查" / "Planned",
        Held = "held" / "已检查" / "Held",
        Cancelled = "cancelled" / "已取消" / "Cancelled",
    }
}

coded_enum! {
    /// Step of an inspection.
    pub enum InspectionAction {
        Complete = "complete" / "完成检查" / "Complete",
        Cancel = "cancel" / "取消" / "Cancel",
    }
}

impl InspectionState {
    /// What was held stays as it was written. Completing needs the day, a result of each item, and a conclusion.
    pub const STEPS: Steps<Self, InspectionAction> = Steps(&[
        Step::new(InspectionAction::Complete, &[Self::Planned], Self::Held, INSPECTORS),
        Step::new(InspectionAction::Cancel, &[Self::Planned], Self::Cancelled, INSPECTORS).with_reason(),
    ]);
}

/// The result of an item.
#[input]
pub struct ItemOutcome {
    /// Number of the item, from 1 on.
    #[limit(1..=50)]
    pub item: i32,
    pub result: ItemResult,
    /// Needed where it is not met, and where the item asks for one.
    #[serde(default)]
    #[limit(1..=1000, text)]
    pub remark: Option<String>,
}

coded_enum! {
    /// Orders of the list of inspections.
    pub enum InspectionSort {
        PlannedOn = "planned_on" / "计划日期" / "Planned on",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of inspections.
    pub struct InspectionQuery sorted by InspectionSort, searched by q {
        pub campaign_id: Option<Uuid>,
        pub round_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub kind: Option<RoundKind>,
        pub state: Option<InspectionState>,
        pub conclusion: Option<Conclusion>,
        /// Only planned ones whose day is over, or only others.
        pub overdue: Option<bool>,
        /// Only planned ones that the caller is to hold, or only others.
        pub waits_for_me: Option<bool>,
        /// Only those of villages inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What is written of an inspection.
#[input]
pub struct InspectionInput {
    /// Stays as it is.
    pub round_id: Uuid,
    /// Stays as it is.
    pub pairing_id: Uuid,
    /// Accounts that inspect.
    #[serde(default)]
    #[limit(..=10, distinct)]
    pub inspectors: Vec<Uuid>,
    #[limit(date)]
    pub planned_on: NaiveDate,
    #[serde(default)]
    #[limit(date)]
    pub held_on: Option<NaiveDate>,
    /// What was found of each item, as far as it was looked at.
    #[serde(default)]
    #[limit(..=50, nested)]
    pub results: Vec<ItemOutcome>,
    #[serde(default)]
    pub conclusion: Option<Conclusion>,
    #[serde(default)]
    #[limit(1..=2000, text)]
    pub summary: Option<String>,
}

/// The body of a step of an inspection. Completing may bring what was seen, all at once: from a device that had no connection.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct InspectionStepInput {
    /// Why it is cancelled.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Made by whoever was there, so that what is sent again is told to be there already, however much later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<Uuid>,
    #[limit(date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_on: Option<NaiveDate>,
    /// In place of all results that are written down.
    #[limit(..=50, nested)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<ItemOutcome>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<Conclusion>,
    #[limit(1..=2000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

impl InspectionStepInput {
    /// The first field of those that only completing may bring.
    pub fn seen(&self) -> Option<&'static str> {
        let given = [
            ("/entry_id", self.entry_id.is_some()),
            ("/held_on", self.held_on.is_some()),
            ("/results", self.results.is_some()),
            ("/conclusion", self.conclusion.is_some()),
            ("/summary", self.summary.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(pointer, _)| pointer)
    }
}

/// An inspection of a pairing in a round.
#[answer]
pub struct Inspection {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: InspectionInput,
    pub campaign_id: Uuid,
    #[limit(..=100)]
    pub round_title: String,
    pub kind: RoundKind,
    /// The items of the round, as the checklist was when it was opened.
    #[limit(..=50)]
    pub items: Vec<ChecklistItem>,
    /// Names of the accounts that inspect, in their order.
    #[limit(..=10)]
    pub inspector_names: Vec<String>,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    pub state: InspectionState,
    /// Whether it is planned and its day is over.
    pub overdue: bool,
    /// Findings of it, and those that are not closed.
    #[limit(0..)]
    pub findings: i64,
    #[limit(0..)]
    pub findings_open: i64,
    /// True where the caller may change it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<InspectionAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

coded_enum! {
    /// Orders of the list of those who can inspect.
    pub enum InspectorSort {
        DisplayName = "display_name" / "姓名" / "Name",
    }
}

list_query! {
    /// Filters of the list of those who can inspect.
    pub struct InspectorQuery sorted by InspectorSort, searched by q {}
}

/// An account that can inspect: of the bureau, or of a town.
#[answer]
pub struct Inspector {
    pub id: Uuid,
    #[limit(..=60)]
    pub display_name: String,
    pub role: Role,
    #[limit(..=60)]
    pub area_name: String,
}

/// Why an inspection cannot be completed yet: the day, the conclusion, results that are missing, are given twice or need words.
pub fn incomplete(input: &InspectionInput, items: &[ChecklistItem]) -> Vec<FieldError> {
    let mut faults = unknown_items(input, items);
    for (pointer, missing) in [("/held_on", input.held_on.is_none()), ("/conclusion", input.conclusion.is_none())] {
        if missing {
            faults.push(FieldError::at(pointer, "required"));
        }
    }
    if faults.is_empty() && input.results.len() < items.len() {
        faults.push(FieldError::at("/results", "items_missing"));
    }
    for (index, outcome) in input.results.iter().enumerate() {
        let item = usize::try_from(outcome.item).ok().and_then(|number| items.get(number.checked_sub(1)?));
        let wanted =
            item.is_some_and(|item| item.needs_remark) || matches!(outcome.result, ItemResult::Partly | ItemResult::NotMet);
        if wanted && outcome.remark.is_none() {
            faults.push(FieldError::at(format!("/results/{index}/remark"), "required"));
        }
    }
    faults
}

/// Results of items that the round does not have, or that are given twice.
pub fn unknown_items(input: &InspectionInput, items: &[ChecklistItem]) -> Vec<FieldError> {
    let mut faults = Vec::new();
    for (index, outcome) in input.results.iter().enumerate() {
        let pointer = format!("/results/{index}/item");
        if usize::try_from(outcome.item).is_ok_and(|number| number > items.len()) {
            faults.push(FieldError::at(pointer, "unknown"));
        } else if input.results[..index].iter().any(|other| other.item == outcome.item) {
            faults.push(FieldError::at(pointer, "duplicate"));
        }
    }
    faults
}
