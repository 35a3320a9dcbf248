//! Supervision orders (督查调度，三色督办单): what is behind at a town, a village or an organisation, in writing, with a day to answer.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::ValidationError;

use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// State of an order.
    pub enum SupervisionOrderState {
        Draft = "draft" / "草拟" / "Draft",
        Issued = "issued" / "已下发" / "Issued",
        Received = "received" / "已签收" / "Received",
        Answered = "answered" / "已答复" / "Answered",
        Returned = "returned" / "退回整改" / "Returned",
        Closed = "closed" / "已销号" / "Closed",
        Withdrawn = "withdrawn" / "已撤回" / "Withdrawn",
    }
}

coded_enum! {
    /// Step of an order.
    pub enum SupervisionOrderAction {
        Issue = "issue" / "下发" / "Issue",
        Receive = "receive" / "签收" / "Receive",
        Answer = "answer" / "答复整改情况" / "Answer",
        Close = "close" / "销号" / "Close",
        Return = "return" / "退回整改" / "Return",
        Withdraw = "withdraw" / "撤回" / "Withdraw",
    }
}

/// The offices that issue orders.
pub const OFFICES: &[Role] = &[Role::Bureau, Role::Town];
/// Those whom orders are addressed to.
const ADDRESSEES: &[Role] = &[Role::Town, Role::Village, Role::Organisation];

impl SupervisionOrderState {
    /// The states in which the addressee owes something. An order stays in them when its day is over.
    pub const OWED: &'static [Self] = &[Self::Issued, Self::Received, Self::Returned];

    /// The states in which one of the two has to act.
    pub const OPEN: &'static [Self] = &[Self::Draft, Self::Issued, Self::Received, Self::Answered, Self::Returned];

    /// A town can be either side. Which one it is of an order decides beside this table.
    pub const STEPS: Steps<Self, SupervisionOrderAction> = Steps(&[
        Step::new(SupervisionOrderAction::Issue, &[Self::Draft], Self::Issued, OFFICES),
        Step::new(SupervisionOrderAction::Receive, &[Self::Issued], Self::Received, ADDRESSEES),
        Step::new(SupervisionOrderAction::Answer, &[Self::Received, Self::Returned], Self::Answered, ADDRESSEES).with_reason(),
        Step::new(SupervisionOrderAction::Close, &[Self::Answered], Self::Closed, OFFICES),
        Step::new(SupervisionOrderAction::Return, &[Self::Answered], Self::Returned, OFFICES).with_reason(),
        Step::new(SupervisionOrderAction::Withdraw, &[Self::Draft, Self::Issued], Self::Withdrawn, OFFICES).with_reason(),
    ]);
}

impl SupervisionOrderAction {
    /// Whether the issuing office takes it. Any other step is the addressee's, and nobody is both.
    pub fn is_issuers(self) -> bool {
        !matches!(self, Self::Receive | Self::Answer)
    }
}

coded_enum! {
    /// How far behind something is (三色督办), from the least to the most.
    pub enum OrderColour {
        Blue = "blue" / "蓝色（临近到期）" / "Blue: due soon",
        Yellow = "yellow" / "黄色（进度滞后）" / "Yellow: behind",
        Red = "red" / "红色（逾期）" / "Red: overdue",
    }
}

coded_enum! {
    /// What is behind.
    pub enum OrderLineKind {
        Task = "task" / "任务未完成" / "Task not done",
        Report = "report" / "统计表未报送" / "Monthly form not sent",
        Progress = "progress" / "进展未填报" / "Progress not written",
        Plan = "plan" / "未立合作项目" / "No project planned",
    }
}

coded_enum! {
    /// Orders of the list of supervision orders.
    pub enum SupervisionOrderSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        DueOn = "due_on" / "截止日期" / "Due on",
        AddresseeName = "addressee_name" / "督办对象" / "Addressee",
    }
}

list_query! {
    /// Filters of the list of supervision orders.
    pub struct SupervisionOrderQuery sorted by SupervisionOrderSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub state: Option<SupervisionOrderState>,
        pub colour: Option<OrderColour>,
        pub organisation_id: Option<Uuid>,
        /// Only those that wait for the caller to act, or only others.
        pub waits_for_me: Option<bool>,
        /// Only those whose addressee owes something after the last day, or only others.
        pub overdue: Option<bool>,
        /// Only those issued or received inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// Whom an order is for. What is behind there is looked up when it is drafted.
#[input]
#[validate(schema(function = one_of_two))]
pub struct SupervisionOrderInput {
    /// Stays as it is.
    pub campaign_id: Uuid,
    /// The town or village that it is addressed to: an area or an organisation, one of the two. Stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(area_code)]
    pub area_code: Option<String>,
    /// The organisation that it is addressed to. Stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<Uuid>,
    /// The last day to answer.
    #[limit(date)]
    pub due_on: NaiveDate,
    /// What is to be done; the usual words unless given.
    #[serde(default)]
    #[limit(1..=2000, text)]
    pub demand: Option<String>,
}

fn one_of_two(input: &SupervisionOrderInput) -> Result<(), ValidationError> {
    let both = input.area_code.is_some() == input.organisation_id.is_some();
    let faults = ["/area_code", "/organisation_id"].map(|pointer| FieldError::at(pointer, "one_of_two"));
    crate::validation::between_these(&["area_code", "organisation_id"], if both { &faults } else { &[] })
}

/// Something that was behind on the day on which the order was drafted, whatever has become of it.
#[answer]
pub struct OrderLine {
    pub kind: OrderLineKind,
    pub colour: OrderColour,
    /// What it is, in the words of that day.
    #[limit(..=300)]
    pub subject: String,
    /// The day on which it is or was due.
    pub due_on: NaiveDate,
    /// Days since then on that day; negative before it.
    pub days_late: i64,
    /// Where its record is, below the API's base; the app has its page there.
    #[limit(..=300, example = "/tasks/0190a000-0000-7000-8000-000000000000")]
    pub record: String,
}

/// What every answer says of an order.
#[answer]
pub struct SupervisionOrderHead {
    pub id: Uuid,
    /// Given when it is issued: without gaps for each office and year.
    #[limit(..=80, example = "晋政民督〔2020〕3号")]
    pub number: Option<String>,
    pub state: SupervisionOrderState,
    /// That of the line that is furthest behind.
    pub colour: OrderColour,
    #[limit(..=100)]
    pub campaign_title: String,
    /// The area of the office that issues it.
    #[limit(..=12)]
    pub issuer_code: String,
    #[limit(..=100)]
    pub issuer_name: String,
    #[limit(..=130)]
    pub addressee_name: String,
    /// The day of which its lines tell.
    pub drafted_on: NaiveDate,
    pub issued_on: Option<NaiveDate>,
    pub received_on: Option<NaiveDate>,
    /// Who received it.
    #[limit(..=60)]
    pub received_by: Option<String>,
    pub answered_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
    /// Given when it is closed (销号): without gaps for each office and year.
    #[limit(..=80, example = "晋政民督销〔2020〕1号")]
    pub closing_number: Option<String>,
    #[limit(1..=1000)]
    pub matter_count: i32,
    /// Days that the addressee has left, negative after the last one; none where nothing is owed.
    pub days_left: Option<i64>,
    /// Whether they are over.
    pub overdue: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<SupervisionOrderAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// An order.
#[answer]
pub struct SupervisionOrder {
    #[serde(flatten)]
    pub head: SupervisionOrderHead,
    #[serde(flatten)]
    pub details: SupervisionOrderInput,
    /// What the addressee has done (整改情况).
    #[limit(..=1000)]
    pub rectification: Option<String>,
    #[limit(1..=1000)]
    pub matters: Vec<OrderLine>,
    /// True where the caller may change it.
    pub editable: bool,
}

/// An order in a list.
#[answer]
pub struct SupervisionOrderSummary {
    #[serde(flatten)]
    pub head: SupervisionOrderHead,
    pub campaign_id: Uuid,
    pub due_on: NaiveDate,
}
