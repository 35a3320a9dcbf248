//! Adoptions (挂钩帮扶): a cadre of the bureau stands by a civil-affairs institution in a campaign, with what comes of it.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::assistance::Goods;
use crate::dashboard::Figure;
use crate::month::Month;
use crate::objects::ObjectKind;
use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query, query};

coded_enum! {
    /// State of an adoption. It has neither an agreement nor projects, so it is active once the bureau has confirmed it.
    pub enum AdoptionState {
        Proposed = "proposed" / "待答复" / "Proposed",
        Accepted = "accepted" / "双方同意" / "Accepted",
        Active = "active" / "挂钩中" / "Active",
        Completed = "completed" / "已完成" / "Completed",
        Declined = "declined" / "已谢绝" / "Declined",
        Withdrawn = "withdrawn" / "已撤回" / "Withdrawn",
        Expired = "expired" / "逾期失效" / "Expired",
        Terminated = "terminated" / "已终止" / "Terminated",
    }
}

coded_enum! {
    /// Step of an adoption.
    pub enum AdoptionAction {
        Accept = "accept" / "同意挂钩" / "Accept",
        Decline = "decline" / "谢绝" / "Decline",
        Withdraw = "withdraw" / "撤回" / "Withdraw",
        Confirm = "confirm" / "确认挂钩" / "Confirm",
        Complete = "complete" / "办结" / "Complete",
        Terminate = "terminate" / "终止" / "Terminate",
    }
}

/// The two sides of an adoption.
const SIDES: &[Role] = &[Role::Cadre, Role::Institution];
/// Who answers a proposal: both sides, and the bureau for an institution that cannot, such as one without an account.
const ANSWERING: &[Role] = &[Role::Cadre, Role::Institution, Role::Bureau];

impl AdoptionState {
    /// The states in which the two are bound, or about to be: at most one such adoption of the same two in a campaign.
    pub const LIVE: &'static [Self] = &[Self::Proposed, Self::Accepted, Self::Active];

    /// Expiry depends on the calendar alone.
    pub const STEPS: Steps<Self, AdoptionAction> = Steps(&[
        Step::new(AdoptionAction::Accept, &[Self::Proposed], Self::Accepted, ANSWERING).on_behalf(),
        Step::new(AdoptionAction::Decline, &[Self::Proposed], Self::Declined, ANSWERING).with_reason().on_behalf(),
        Step::new(
            AdoptionAction::Withdraw,
            &[Self::Proposed, Self::Accepted],
            Self::Withdrawn,
            &[Role::Cadre, Role::Institution, Role::Bureau],
        )
        .with_reason(),
        Step::new(AdoptionAction::Confirm, &[Self::Accepted], Self::Active, &[Role::Bureau]),
        Step::new(AdoptionAction::Complete, &[Self::Active], Self::Completed, &[Role::Bureau]),
        Step::new(AdoptionAction::Terminate, &[Self::Active], Self::Terminated, &[Role::Bureau]).with_reason(),
    ]);
}

coded_enum! {
    /// Who brought the two together: a side proposes and the other answers, or the bureau recommends and both answer.
    pub enum AdoptionProposer {
        Cadre = "cadre" / "干部提出" / "Cadre",
        Institution = "institution" / "机构提出" / "Institution",
        Bureau = "bureau" / "市民政局推荐" / "Bureau",
    }
}

coded_enum! {
    /// Orders of the list of adoptions.
    pub enum AdoptionSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        InstitutionName = "institution_name" / "民政服务机构" / "Institution",
        CadreName = "cadre_name" / "挂钩干部" / "Cadre",
    }
}

list_query! {
    /// Filters of the list of adoptions.
    pub struct AdoptionQuery sorted by AdoptionSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub state: Option<AdoptionState>,
        /// Only those that wait for the caller to act, or only others.
        pub waits_for_me: Option<bool>,
        pub cadre_id: Option<Uuid>,
        pub institution_id: Option<Uuid>,
        /// Only those that were active on a day of this month.
        pub active_in: Option<Month>,
        /// Only those active in this month of which nothing is written.
        pub without_update_in: Option<Month>,
        /// Only those of institutions inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// A proposal. A cadre proposes for themselves, an institution for itself; the bureau recommends, and both answer.
#[input]
pub struct AdoptionInput {
    pub campaign_id: Uuid,
    pub cadre_id: Uuid,
    pub institution_id: Uuid,
    /// Why these two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub note: Option<String>,
}

/// A cadre's standing by an institution.
#[answer]
pub struct Adoption {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[limit(..=100)]
    pub campaign_title: String,
    pub cadre_id: Uuid,
    #[limit(..=60)]
    pub cadre_name: String,
    pub institution_id: Uuid,
    #[limit(..=100)]
    pub institution_name: String,
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    pub state: AdoptionState,
    pub proposed_by: AdoptionProposer,
    /// When each side accepted; a side accepts by proposing.
    pub cadre_accepted_at: Option<DateTime<Utc>>,
    pub institution_accepted_at: Option<DateTime<Utc>>,
    /// Last day to answer.
    pub answer_due_on: NaiveDate,
    #[limit(..=1000)]
    pub note: Option<String>,
    /// The day it became active.
    pub active_since: Option<NaiveDate>,
    /// The day it was completed or terminated.
    pub ended_on: Option<NaiveDate>,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<AdoptionAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

coded_enum! {
    /// Orders of the list of cadres.
    pub enum CadreSort {
        DisplayName = "display_name" / "姓名" / "Name",
    }
}

list_query! {
    /// Filters of the list of cadres.
    pub struct CadreQuery sorted by CadreSort, searched by q {}
}

/// A cadre who can be proposed to.
#[answer]
pub struct Cadre {
    pub id: Uuid,
    #[limit(..=60)]
    pub display_name: String,
}

coded_enum! {
    /// Orders of the list of monthly updates.
    pub enum AdoptionUpdateSort {
        Month = "month" / "月份" / "Month",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of monthly updates.
    pub struct AdoptionUpdateQuery sorted by AdoptionUpdateSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub adoption_id: Option<Uuid>,
        pub cadre_id: Option<Uuid>,
        pub institution_id: Option<Uuid>,
        pub month: Option<Month>,
        /// Only those of institutions inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What a cadre did for an institution in a month.
#[input]
pub struct AdoptionUpdateInput {
    /// Stays as it is.
    pub adoption_id: Uuid,
    /// Stays as it is.
    pub month: Month,
    #[limit(1..=2000, text)]
    pub content: String,
}

/// A monthly update: one for each adoption and month.
#[answer]
pub struct AdoptionUpdate {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: AdoptionUpdateInput,
    #[limit(..=60)]
    pub cadre_name: String,
    pub institution_id: Uuid,
    #[limit(..=100)]
    pub institution_name: String,
    /// True where the caller may change it.
    pub editable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

coded_enum! {
    /// Kind of help for an institution.
    pub enum HelpKind {
        Money = "money" / "资金" / "Money",
        Goods = "goods" / "物资设备" / "Goods and equipment",
        Labour = "labour" / "志愿服务" / "Volunteer work",
        Guidance = "guidance" / "业务指导" / "Guidance",
        Coordination = "coordination" / "协调资源" / "Help found with others",
        Visit = "visit" / "走访慰问" / "Visit",
        Other = "other" / "其他" / "Other",
    }
}

coded_enum! {
    /// State of a record of help.
    pub enum HelpState {
        Recorded = "recorded" / "待确认" / "To be confirmed",
        Confirmed = "confirmed" / "已确认" / "Confirmed",
        Rejected = "rejected" / "未获确认" / "Not confirmed",
        Revoked = "revoked" / "已撤销" / "Revoked",
    }
}

coded_enum! {
    /// Step of a record of help.
    pub enum HelpAction {
        Confirm = "confirm" / "确认" / "Confirm",
        Reject = "reject" / "不予确认" / "Reject",
        Revoke = "revoke" / "撤销" / "Revoke",
    }
}

impl HelpState {
    /// Whoever received it confirms it, or the bureau for an institution that cannot. What was confirmed by mistake the bureau revokes, and it is recorded anew.
    pub const STEPS: Steps<Self, HelpAction> = Steps(&[
        Step::new(HelpAction::Confirm, &[Self::Recorded], Self::Confirmed, &[Role::Institution, Role::Bureau]).on_behalf(),
        Step::new(HelpAction::Reject, &[Self::Recorded], Self::Rejected, &[Role::Institution, Role::Bureau])
            .with_reason()
            .on_behalf(),
        Step::new(HelpAction::Revoke, &[Self::Confirmed], Self::Revoked, &[Role::Bureau]).with_reason(),
    ]);
}

coded_enum! {
    /// Orders of the list of help.
    pub enum HelpSort {
        HappenedOn = "happened_on" / "日期" / "Date",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of help.
    pub struct HelpQuery sorted by HelpSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub adoption_id: Option<Uuid>,
        pub cadre_id: Option<Uuid>,
        pub institution_id: Option<Uuid>,
        pub kind: Option<HelpKind>,
        pub state: Option<HelpState>,
        pub month: Option<Month>,
        /// Only those that wait for the caller to act, or only others.
        pub waits_for_me: Option<bool>,
        /// Only those of institutions inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What was done for an institution: money, goods, hours or help told in words, at least one of them.
#[input]
#[validate(schema(function = something_given))]
pub struct HelpInput {
    /// Stays as it is.
    pub adoption_id: Uuid,
    pub kind: HelpKind,
    #[limit(date)]
    pub happened_on: NaiveDate,
    #[serde(default)]
    #[limit(1..=10_000_000_000i64)]
    pub amount_fen: Option<i64>,
    #[serde(default)]
    #[limit(..=10, nested)]
    pub goods: Vec<Goods>,
    /// Hours of work.
    #[serde(default)]
    #[limit(1..=10_000)]
    pub hours: Option<i32>,
    #[serde(default)]
    #[limit(1..=1000, text)]
    pub description: Option<String>,
}

fn something_given(input: &HelpInput) -> Result<(), ValidationError> {
    let something = input.amount_fen.is_some() || input.hours.is_some() || !input.goods.is_empty() || input.description.is_some();
    let faults = if something { Vec::new() } else { vec![FieldError::at("/description", "nothing_given")] };
    crate::validation::between_these(&["amount_fen", "goods", "hours", "description"], &faults)
}

/// A record of help.
#[answer]
pub struct HelpRecord {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: HelpInput,
    #[limit(..=60)]
    pub cadre_name: String,
    pub institution_id: Uuid,
    #[limit(..=100)]
    pub institution_name: String,
    pub state: HelpState,
    /// True where the caller may change it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<HelpAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

coded_enum! {
    /// State of a difficulty.
    pub enum DifficultyState {
        Open = "open" / "待解决" / "Open",
        Solved = "solved" / "已解决" / "Solved",
    }
}

coded_enum! {
    /// Step of a difficulty.
    pub enum DifficultyAction {
        Solve = "solve" / "解决" / "Solve",
        Unsolve = "unsolve" / "未解决" / "Not solved",
    }
}

impl DifficultyState {
    /// The cadre who stands by the institution says what was done, or the institution itself; the institution alone knows that it
    /// was not enough.
    pub const STEPS: Steps<Self, DifficultyAction> = Steps(&[
        Step::new(DifficultyAction::Solve, &[Self::Open], Self::Solved, SIDES).with_reason(),
        Step::new(DifficultyAction::Unsolve, &[Self::Solved], Self::Open, &[Role::Institution]).with_reason(),
    ]);
}

coded_enum! {
    /// Orders of the list of difficulties.
    pub enum DifficultySort {
        RaisedOn = "raised_on" / "提出日期" / "Raised on",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of difficulties.
    pub struct DifficultyQuery sorted by DifficultySort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub institution_id: Option<Uuid>,
        pub adoption_id: Option<Uuid>,
        /// Only those of institutions that this cadre stands by, and those that they have solved.
        pub cadre_id: Option<Uuid>,
        pub state: Option<DifficultyState>,
        /// Only those solved in this month.
        pub solved_in: Option<Month>,
        /// Only open ones of institutions that the caller stands by, or only others.
        pub waits_for_me: Option<bool>,
        /// Only those of institutions inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What an institution cannot manage by itself.
#[input]
pub struct DifficultyInput {
    /// Stays as it is.
    pub campaign_id: Uuid,
    /// Stays as it is.
    pub institution_id: Uuid,
    #[limit(2..=100, line)]
    pub title: String,
    #[serde(default)]
    #[limit(1..=2000, text)]
    pub description: Option<String>,
    #[limit(date)]
    pub raised_on: NaiveDate,
}

/// The body of a step of a difficulty.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct DifficultyStepInput {
    /// What was done, or why it was not enough.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The day on which it was solved, not in the future; for that step.
    #[limit(date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solved_on: Option<NaiveDate>,
    /// The adoption under which it was solved; a cadre names one of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adoption_id: Option<Uuid>,
}

/// A difficulty of an institution, and how it was solved.
#[answer]
pub struct Difficulty {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: DifficultyInput,
    #[limit(..=100)]
    pub institution_name: String,
    pub state: DifficultyState,
    pub solved_on: Option<NaiveDate>,
    /// What was done.
    #[limit(..=1000)]
    pub solution: Option<String>,
    /// The adoption under which it was solved.
    pub adoption_id: Option<Uuid>,
    #[limit(..=60)]
    pub cadre_name: Option<String>,
    /// True where the caller may change it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<DifficultyAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// Whose year.
#[query]
pub struct CadreYearQuery {
    pub campaign_id: Uuid,
    /// A cadre reads their own without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadre_id: Option<Uuid>,
}

/// A month of a cadre.
#[answer]
pub struct CadreMonth {
    pub month: Month,
    #[limit(..=200)]
    pub updates: Vec<AdoptionUpdate>,
    /// Help that institutions have confirmed.
    #[limit(..=200)]
    pub help: Vec<HelpRecord>,
    /// What of it was money.
    #[limit(0..)]
    pub amount_fen: i64,
    #[limit(0..)]
    pub hours: i64,
    /// Difficulties solved in it.
    #[limit(..=200)]
    pub solved: Vec<Difficulty>,
}

/// A cadre's year on one page (精准滴灌): whom they stand by, and what came of it month by month.
#[answer]
pub struct CadreYear {
    pub campaign_id: Uuid,
    pub cadre_id: Uuid,
    #[limit(..=60)]
    pub cadre_name: String,
    #[limit(..=200)]
    pub adoptions: Vec<Adoption>,
    /// The months of the campaign that have begun, in their order.
    #[limit(..=240)]
    pub months: Vec<CadreMonth>,
    #[limit(0..)]
    pub amount_fen: i64,
    #[limit(0..)]
    pub hours: i64,
    /// Difficulties of these institutions that are open.
    #[limit(0..)]
    pub open_difficulties: u32,
    /// The kinds of which there is more than the year holds: it shows, and adds up, no more than a page of each list.
    #[limit(..=4)]
    pub cut: Vec<CutList>,
}

/// A list that goes on beyond what is shown of it.
#[answer]
pub struct CutList {
    pub object_type: ObjectKind,
    /// How many there are in all, as a list counts them.
    #[limit(0..)]
    pub total: u32,
    /// True when there are more than `total`.
    pub total_capped: bool,
    /// How many of them are shown.
    #[limit(0..)]
    pub shown: u32,
}

/// What cadres do for institutions, as it stands or in a month.
#[answer]
pub struct AdoptionFigures {
    /// Adoptions that are active, or were in the month.
    pub active: Figure,
    /// Monthly updates.
    pub updates: Figure,
    /// Records of help that institutions have confirmed.
    pub help: Figure,
    /// What of it was money.
    #[limit(0..)]
    pub amount_fen: i64,
    #[limit(0..)]
    pub hours: i64,
    /// Difficulties that were solved.
    pub solved: Figure,
    /// Difficulties that are open now.
    pub open: Figure,
}
