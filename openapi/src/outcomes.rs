//! Outcomes (帮扶成效): counted results of a pairing.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::ValidationError;

use crate::campaigns::{Goal, Indicator};
use crate::month::Month;
use crate::workflow::{Step, Steps};
use crate::{Role, answer, coded_enum, input, list_query, query};

coded_enum! {
    /// State of an outcome. What is confirmed counts; a correction takes the place of what it corrects when it is confirmed itself.
    pub enum OutcomeState {
        Recorded = "recorded" / "待确认" / "To be confirmed",
        Confirmed = "confirmed" / "已确认" / "Confirmed",
        Corrected = "corrected" / "已更正" / "Corrected",
        Withdrawn = "withdrawn" / "已撤销" / "Withdrawn",
    }
}

coded_enum! {
    /// Step of an outcome.
    pub enum OutcomeAction {
        Confirm = "confirm" / "确认" / "Confirm",
        Withdraw = "withdraw" / "撤销" / "Withdraw",
    }
}

impl OutcomeState {
    /// An outcome is confirmed by those who received it, or by their town. A confirmed outcome is corrected by another one,
    /// which is confirmed in its turn. Until it is confirmed, either side or the town can withdraw it; after that only the
    /// town, where it never happened.
    pub const STEPS: Steps<Self, OutcomeAction> = Steps(&[
        Step::new(OutcomeAction::Confirm, &[Self::Recorded], Self::Confirmed, &[Role::Village, Role::Town]),
        Step::new(OutcomeAction::Withdraw, &[Self::Recorded], Self::Withdrawn, &[Role::Organisation, Role::Village, Role::Town])
            .with_reason(),
        Step::new(OutcomeAction::Withdraw, &[Self::Confirmed], Self::Withdrawn, &[Role::Town]).with_reason(),
    ]);
}

coded_enum! {
    /// Orders of the list of outcomes.
    pub enum OutcomeSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        HappenedOn = "happened_on" / "发生日期" / "Date",
        Quantity = "quantity" / "数量" / "Quantity",
    }
}

list_query! {
    /// Filters of the list of outcomes.
    pub struct OutcomeQuery sorted by OutcomeSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub progress_update_id: Option<Uuid>,
        pub project_id: Option<Uuid>,
        pub indicator: Option<Indicator>,
        /// Only those that happened in this month.
        pub month: Option<Month>,
        pub state: Option<OutcomeState>,
        /// Only those that wait for the caller to act.
        pub waits_for_me: Option<bool>,
        /// Only those of villages inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// A counted result.
#[input]
#[validate(schema(function = counted, skip_on_field_errors = false))]
pub struct OutcomeInput {
    pub pairing_id: Uuid,
    /// The progress update it belongs to, of the same pairing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress_update_id: Option<Uuid>,
    /// The project it comes from, of the same pairing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<Uuid>,
    /// The confirmed outcome of the same pairing that this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces_id: Option<Uuid>,
    pub indicator: Indicator,
    /// How many; fen for money.
    #[limit(minimum = 1, maximum = 1_000_000_000_000i64)]
    pub quantity: i64,
    #[limit(date)]
    pub happened_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub description: Option<String>,
}

/// What of an outcome can be changed until it is confirmed.
#[input]
#[validate(schema(function = counted_anew, skip_on_field_errors = false))]
pub struct OutcomeDetailsInput {
    /// The progress update it belongs to, of the same pairing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress_update_id: Option<Uuid>,
    /// The project it comes from, of the same pairing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<Uuid>,
    pub indicator: Indicator,
    /// How many; fen for money.
    #[limit(minimum = 1, maximum = 1_000_000_000_000i64)]
    pub quantity: i64,
    #[limit(date)]
    pub happened_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub description: Option<String>,
}

fn counted(input: &OutcomeInput) -> Result<(), ValidationError> {
    crate::validation::quantity("/quantity", input.indicator, input.quantity)
}

fn counted_anew(input: &OutcomeDetailsInput) -> Result<(), ValidationError> {
    crate::validation::quantity("/quantity", input.indicator, input.quantity)
}

/// An outcome.
#[answer]
pub struct Outcome {
    pub id: Uuid,
    pub pairing_id: Uuid,
    pub campaign_id: Uuid,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    pub progress_update_id: Option<Uuid>,
    pub project_id: Option<Uuid>,
    /// The outcome it corrects.
    pub replaces_id: Option<Uuid>,
    pub goal: Goal,
    pub indicator: Indicator,
    /// How many; fen for money.
    #[limit(1..)]
    pub quantity: i64,
    pub happened_on: NaiveDate,
    #[limit(..=1000)]
    pub description: Option<String>,
    pub state: OutcomeState,
    /// True where the caller may change it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<OutcomeAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// What totals are asked of.
#[query]
pub struct TotalsQuery {
    pub campaign_id: Uuid,
    /// Only what happened in this area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(area_code)]
    pub within: Option<String>,
}

/// An indicator with what the campaign wants of it and what has been reached.
#[answer]
pub struct IndicatorTotal {
    pub goal: Goal,
    pub indicator: Indicator,
    /// What the whole campaign wants, where it says so; fen for money.
    pub target: Option<i64>,
    /// The sum of confirmed outcomes that the caller may see, and of the confirmed assistance records that count for it; fen for money.
    /// Those who see households in aggregate only are told what was given to them of a whole campaign alone, and of no kind that fewer than 5 were given.
    #[limit(0..)]
    pub actual: i64,
}
