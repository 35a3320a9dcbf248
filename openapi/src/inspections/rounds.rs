//! Checklists, and the rounds in which inspections are held by them.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::INSPECTORS;
use crate::campaigns::{Goal, MilestoneKind};
use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// State of a checklist.
    pub enum ChecklistState {
        Draft = "draft" / "草稿" / "Draft",
        InUse = "in_use" / "使用中" / "In use",
        Retired = "retired" / "已停用" / "Retired",
    }
}

coded_enum! {
    /// Step of a checklist.
    pub enum ChecklistAction {
        Release = "release" / "启用" / "Put into use",
        Retire = "retire" / "停用" / "Retire",
    }
}

impl ChecklistState {
    /// A checklist can still change while it is in use: a round keeps the items that it was opened with.
    pub const STEPS: Steps<Self, ChecklistAction> = Steps(&[
        Step::new(ChecklistAction::Release, &[Self::Draft, Self::Retired], Self::InUse, &[Role::Bureau]),
        Step::new(ChecklistAction::Retire, &[Self::InUse], Self::Retired, &[Role::Bureau]),
    ]);
}

/// An item of a checklist. Its position, from 1 on, is its number.
#[input]
pub struct ChecklistItem {
    #[limit(2..=300, line)]
    pub text: String,
    /// Whether its result needs a remark, whatever it is.
    #[serde(default)]
    pub needs_remark: bool,
    /// Whether a photo or paper has to be attached to the inspection.
    #[serde(default)]
    pub needs_photo: bool,
}

coded_enum! {
    /// Orders of the list of checklists.
    pub enum ChecklistSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Title = "title" / "标题" / "Title",
    }
}

list_query! {
    /// Filters of the list of checklists.
    pub struct ChecklistQuery sorted by ChecklistSort, latest first, searched by q {
        pub state: Option<ChecklistState>,
    }
}

/// What is written of a checklist.
#[input]
pub struct ChecklistInput {
    #[limit(2..=100, line)]
    pub title: String,
    #[serde(default)]
    #[limit(1..=1000, text)]
    pub description: Option<String>,
    /// What is looked at, in this order.
    #[limit(1..=50, nested)]
    pub items: Vec<ChecklistItem>,
}

/// A checklist (检查清单模板), used again in many rounds.
#[answer]
pub struct Checklist {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: ChecklistInput,
    pub state: ChecklistState,
    /// True where the caller may change it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<ChecklistAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

coded_enum! {
    /// Kind of a round: 年初部署、年中检查、年终验收, and 抽查 between them.
    pub enum RoundKind {
        Deployment = "deployment" / "年初部署" / "At the beginning of the year",
        MidYear = "mid_year" / "年中检查" / "Mid-year inspection",
        Acceptance = "acceptance" / "年终验收" / "Year-end acceptance",
        Spot = "spot" / "抽查" / "Spot check",
    }
}

impl RoundKind {
    /// The deadline of the campaign that a round of the bureau meets.
    pub fn milestone(self) -> Option<MilestoneKind> {
        match self {
            Self::MidYear => Some(MilestoneKind::MidYearInspection),
            Self::Acceptance => Some(MilestoneKind::Acceptance),
            Self::Deployment | Self::Spot => None,
        }
    }
}

coded_enum! {
    /// State of a round.
    pub enum RoundState {
        Draft = "draft" / "草稿" / "Draft",
        Open = "open" / "检查中" / "Open",
        Closed = "closed" / "已完成" / "Closed",
        Cancelled = "cancelled" / "已取消" / "Cancelled",
    }
}

coded_enum! {
    /// Step of a round.
    pub enum RoundAction {
        Open = "open" / "开始检查" / "Open",
        Close = "close" / "完成检查" / "Close",
        Cancel = "cancel" / "取消" / "Cancel",
    }
}

impl RoundState {
    /// Opening freezes the checklist and makes an inspection of each pairing that was chosen. Closing needs all of them held or
    /// cancelled.
    pub const STEPS: Steps<Self, RoundAction> = Steps(&[
        Step::new(RoundAction::Open, &[Self::Draft], Self::Open, INSPECTORS),
        Step::new(RoundAction::Close, &[Self::Open], Self::Closed, INSPECTORS),
        Step::new(RoundAction::Cancel, &[Self::Draft, Self::Open], Self::Cancelled, INSPECTORS).with_reason(),
    ]);
}

coded_enum! {
    /// How the pairings of a round are chosen from those that its filters leave.
    pub enum SelectionMethod {
        All = "all" / "全部" / "All of them",
        Lot = "lot" / "抽签" / "By lot",
    }
}

/// Which active pairings of the campaign a round looks at: those inside of the round's area that meet all that is said here.
#[input]
#[validate(schema(function = lot_is_whole))]
pub struct Selection {
    pub method: SelectionMethod,
    /// Only those of villages of these towns.
    #[serde(default)]
    #[limit(..=50, nested)]
    pub towns: Vec<SelectedTown>,
    /// Only those that have a project with this goal.
    #[serde(default)]
    pub goal: Option<Goal>,
    /// Only those with overdue tasks.
    #[serde(default)]
    pub overdue_tasks: bool,
    /// Only those that no inspection of the campaign was held of yet.
    #[serde(default)]
    pub never_inspected: bool,
    /// How many are drawn; for a draw by lot.
    #[serde(default)]
    #[limit(1..=5000)]
    pub count: Option<i32>,
    /// The number that the draw follows from, for a draw by lot: the same seed draws the same pairings from the same set.
    #[serde(default)]
    #[limit(0..=999_999_999)]
    pub seed: Option<i32>,
}

/// A town that is chosen from.
#[input]
pub struct SelectedTown {
    #[limit(town_code)]
    pub town_code: String,
}

fn lot_is_whole(selection: &Selection) -> Result<(), ValidationError> {
    let lot = selection.method == SelectionMethod::Lot;
    let mut faults = Vec::new();
    for (pointer, given) in [("/count", selection.count.is_some()), ("/seed", selection.seed.is_some())] {
        if lot != given {
            faults.push(FieldError::at(pointer, if lot { "required" } else { "only_by_lot" }));
        }
    }
    for (index, town) in selection.towns.iter().enumerate() {
        if selection.towns[..index].contains(town) {
            faults.push(FieldError::at(format!("/towns/{index}/town_code"), "duplicate"));
        }
    }
    crate::validation::between(&faults)
}

coded_enum! {
    /// Orders of the list of rounds.
    pub enum RoundSort {
        StartsOn = "starts_on" / "开始日期" / "Start",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of rounds.
    pub struct RoundQuery sorted by RoundSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub checklist_id: Option<Uuid>,
        pub kind: Option<RoundKind>,
        pub state: Option<RoundState>,
        /// Only those that offices inside of this area hold.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What is written of a round, until it is opened.
#[input]
#[validate(schema(function = ends_after_start))]
pub struct RoundInput {
    /// Stays as it is.
    pub campaign_id: Uuid,
    pub kind: RoundKind,
    #[limit(2..=100, line)]
    pub title: String,
    #[limit(date)]
    pub starts_on: NaiveDate,
    /// The last day, until which each inspection is planned at first.
    #[limit(date)]
    pub ends_on: NaiveDate,
    pub checklist_id: Uuid,
    #[validate(nested)]
    pub selection: Selection,
    /// Accounts of the office and its towns that inspect each pairing, unless an inspection names others.
    #[serde(default)]
    #[limit(..=10, distinct)]
    pub inspectors: Vec<Uuid>,
}

fn ends_after_start(input: &RoundInput) -> Result<(), ValidationError> {
    let fault = (input.ends_on < input.starts_on).then(|| FieldError::at("/ends_on", "end_before_start"));
    crate::validation::between(fault.as_slice())
}

/// The body of a step of a round.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct RoundStepInput {
    /// Why it is cancelled.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// For opening: the `digest` of the draw that was looked at. Another draw by now is refused, and to be looked at again.
    #[limit(1..=64, line)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A round (检查批次).
#[answer]
pub struct InspectionRound {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: RoundInput,
    #[limit(..=100)]
    pub campaign_title: String,
    #[limit(..=100)]
    pub checklist_title: String,
    /// The items that are looked at: those of the checklist now, and from opening on those of that day.
    #[limit(..=50)]
    pub items: Vec<ChecklistItem>,
    /// Names of the accounts that inspect, in their order.
    #[limit(..=10)]
    pub inspector_names: Vec<String>,
    /// Area of the office that holds it.
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    pub state: RoundState,
    /// How many inspections it has that are not cancelled.
    #[limit(0..)]
    pub inspections: i64,
    /// How many of them were held.
    #[limit(0..)]
    pub held: i64,
    pub opened_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
    /// True where the caller may change it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<RoundAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// What is chosen from, and what is chosen: as it would be now for a draft, and as it was for a round that was opened.
#[answer]
pub struct Draw {
    pub round_id: Uuid,
    pub method: SelectionMethod,
    #[limit(0..)]
    pub seed: Option<i32>,
    /// SHA-256 of the method, the seed and all that is chosen from, by codes.
    #[limit(..=64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// How many are chosen.
    #[limit(0..)]
    pub chosen: i64,
    /// All that is chosen from, the chosen ones first; by lot in the order of their tickets.
    #[limit(..=5000)]
    pub lines: Vec<DrawLine>,
}

/// A pairing that is chosen from.
#[answer]
pub struct DrawLine {
    pub pairing_id: Uuid,
    #[limit(..=12)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    #[limit(..=18)]
    pub credit_code: String,
    #[limit(..=100)]
    pub organisation_name: String,
    /// Its ticket in a draw by lot: SHA-256 of seed, village and organisation. The lowest are drawn.
    #[limit(..=64)]
    pub ticket: Option<String>,
    pub chosen: bool,
}
