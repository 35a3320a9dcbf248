//! Assistance records (帮扶记录): what was done for a household.
//!
//! What was given and how is told in words that may name people: those texts are sealed at rest and stand in no history.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::campaigns::{Goal, Indicator};
use crate::month::Month;
use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// Kind of assistance: 助学、助老、助残、助医等公益扶贫活动, and 心理疏导、生活帮扶、能力提升、权益保障等专业服务.
    pub enum AidKind {
        Schooling = "schooling" / "助学" / "Schooling",
        Elderly = "elderly" / "助老" / "Help for the elderly",
        Disability = "disability" / "助残" / "Help for the disabled",
        Medical = "medical" / "助医" / "Medical help",
        Employment = "employment" / "就业" / "Employment",
        Entrepreneurship = "entrepreneurship" / "创业" / "Entrepreneurship",
        Counselling = "counselling" / "心理疏导" / "Counselling",
        LivingSupport = "living_support" / "生活帮扶" / "Support of daily life",
        CapacityBuilding = "capacity_building" / "能力提升" / "Capacity building",
        RightsProtection = "rights_protection" / "权益保障" / "Protection of rights",
        Visit = "visit" / "慰问" / "Visit",
        Other = "other" / "其他" / "Other",
    }
}

impl AidKind {
    /// The goal it serves (三、主要目标): it follows from the kind and is not typed.
    pub fn goal(self) -> Goal {
        match self {
            Self::Employment => Goal::Employment,
            Self::Entrepreneurship => Goal::Entrepreneurship,
            _ => Goal::LowIncomeAid,
        }
    }

    /// The indicator that counts each confirmed record of it (人次、次). Help towards work or a business is not yet a job or a business: those
    /// are outcomes, typed when they are there.
    pub fn indicator(self) -> Option<Indicator> {
        match self {
            Self::Schooling => Some(Indicator::StudentsAided),
            Self::Elderly => Some(Indicator::ElderlyAided),
            Self::Disability => Some(Indicator::DisabledAided),
            Self::Medical => Some(Indicator::IllAided),
            Self::Counselling | Self::LivingSupport | Self::CapacityBuilding | Self::RightsProtection => {
                Some(Indicator::SocialWorkSessions)
            }
            Self::Employment | Self::Entrepreneurship | Self::Visit | Self::Other => None,
        }
    }
}

coded_enum! {
    /// State of a record. What is confirmed counts; a correction takes the place of what it corrects when it is confirmed itself.
    pub enum RecordState {
        Recorded = "recorded" / "待确认" / "To be confirmed",
        Confirmed = "confirmed" / "已确认" / "Confirmed",
        Rejected = "rejected" / "不予确认" / "Rejected",
        Corrected = "corrected" / "已更正" / "Corrected",
    }
}

coded_enum! {
    /// Step of a record.
    pub enum RecordAction {
        Confirm = "confirm" / "确认" / "Confirm",
        Reject = "reject" / "不予确认" / "Reject",
    }
}

impl RecordState {
    /// The committee of the village that received something confirms it; a town office may act for the committee. A confirmed
    /// record is corrected by another one, which is confirmed in its turn.
    pub const STEPS: Steps<Self, RecordAction> = Steps(&[
        Step::new(RecordAction::Confirm, &[Self::Recorded], Self::Confirmed, &[Role::Village, Role::Town]).on_behalf(),
        Step::new(RecordAction::Reject, &[Self::Recorded], Self::Rejected, &[Role::Village, Role::Town])
            .with_reason()
            .on_behalf(),
    ]);
}

coded_enum! {
    /// Orders of the list of records.
    pub enum RecordSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        HappenedOn = "happened_on" / "帮扶日期" / "Date",
    }
}

list_query! {
    /// Filters of the list of assistance records.
    pub struct RecordQuery sorted by RecordSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub household_id: Option<Uuid>,
        /// Only those of this organisation's pairings.
        pub organisation_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub measure_id: Option<Uuid>,
        /// Only this one, those it corrects, directly or not, and those that correct it.
        pub chain_of: Option<Uuid>,
        /// Only those that this monthly form carries as 补报: counted, or taken back because they were corrected.
        pub carried_in: Option<Uuid>,
        pub kind: Option<AidKind>,
        /// Only those that this indicator counts.
        pub indicator: Option<Indicator>,
        /// Only those of this month.
        pub month: Option<Month>,
        pub state: Option<RecordState>,
        /// Only those that wait for the caller to act.
        pub waits_for_me: Option<bool>,
        /// Only those of households inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// Goods that were given.
#[input]
pub struct Goods {
    #[limit(1..=60, text, example = "大米")]
    pub name: String,
    #[limit(1..=1_000_000)]
    pub quantity: i64,
    #[limit(1..=10, text, example = "袋")]
    pub unit: String,
}

/// What was done for a household: money, goods or a service told in words, at least one of them.
#[input]
#[validate(schema(function = something_given))]
pub struct RecordInput {
    /// Made by whoever enters it, so that what is sent again is not entered twice, however much later. Made by the service unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    pub household_id: Uuid,
    /// The pairing it was done under. Unless given, that of what it corrects, or an organisation's own that ran on that day, even if
    /// it has ended since. None where village or town helped themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_id: Option<Uuid>,
    /// The confirmed record of the same household that this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects_id: Option<Uuid>,
    /// The member it was for; none for the family as a whole. Of a correction the member of what it corrects, unless it says otherwise; `null` says none.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Uuid>))]
    pub member_id: Option<Option<Uuid>>,
    /// The measure of the household's plan that it fulfils. Of a correction the measure of what it corrects, unless it says otherwise; `null` says none.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Uuid>))]
    pub measure_id: Option<Option<Uuid>>,
    /// The published entry of the catalogue that it fulfils: a need of the village or an offer of the organisation, for the same goal. Of a
    /// correction that of what it corrects, unless it says otherwise; `null` says none.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Uuid>))]
    pub entry_id: Option<Option<Uuid>>,
    /// How much of the entry, no more than remains of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1_000_000_000i64)]
    pub entry_quantity: Option<i64>,
    pub kind: AidKind,
    #[limit(date)]
    pub happened_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=100_000_000)]
    pub amount_fen: Option<i64>,
    #[serde(default)]
    #[limit(..=10, nested)]
    pub goods: Vec<Goods>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub description: Option<String>,
    /// Says that it is not the same as what was refused as a likely double (`likely_double`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_double: bool,
}

/// The body of a step of a record.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct RecordStepInput {
    /// Reason or remark; required where it is not confirmed.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why a town office acts for a village committee that has no account.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_reason: Option<String>,
    /// Says that it is not the same as what its confirmation was refused for (`likely_double`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_a_double: bool,
}

/// What of a record can be changed until it is confirmed.
#[input]
#[validate(schema(function = something_given_of))]
pub struct RecordDetailsInput {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure_id: Option<Uuid>,
    /// The entry of the catalogue that it fulfils.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<Uuid>,
    /// How much of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1_000_000_000i64)]
    pub entry_quantity: Option<i64>,
    pub kind: AidKind,
    #[limit(date)]
    pub happened_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=100_000_000)]
    pub amount_fen: Option<i64>,
    #[serde(default)]
    #[limit(..=10, nested)]
    pub goods: Vec<Goods>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub description: Option<String>,
    /// Says that it is not the same as what the change was refused for (`likely_double`). It is kept in the history alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_double: bool,
}

/// Reads a field of which `null` says something else than its absence.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

fn something_given(input: &RecordInput) -> Result<(), ValidationError> {
    given(input.amount_fen, &input.goods, input.description.as_ref())
}

fn something_given_of(input: &RecordDetailsInput) -> Result<(), ValidationError> {
    given(input.amount_fen, &input.goods, input.description.as_ref())
}

fn given(amount_fen: Option<i64>, goods: &[Goods], description: Option<&String>) -> Result<(), ValidationError> {
    let something = amount_fen.is_some() || !goods.is_empty() || description.is_some();
    let faults = if something { Vec::new() } else { vec![FieldError::at("/description", "nothing_given")] };
    crate::validation::between_these(&["amount_fen", "goods", "description"], &faults)
}

/// An assistance record. Of the family it says no more than the masked names.
#[answer]
pub struct AssistanceRecord {
    pub id: Uuid,
    pub household_id: Uuid,
    #[limit(..=20, example = "350582101201-0001")]
    pub file_number: String,
    /// Name of the head, masked; `—` where it is damaged where it is kept.
    #[limit(..=60, example = "张*")]
    pub head_name: String,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    #[limit(..=60)]
    pub town_name: String,
    pub pairing_id: Option<Uuid>,
    pub campaign_id: Option<Uuid>,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
    pub member_id: Option<Uuid>,
    /// Name of the member, masked; `—` where it is damaged where it is kept.
    #[limit(..=60, example = "张*")]
    pub member_name: Option<String>,
    pub measure_id: Option<Uuid>,
    /// The entry of the catalogue that it fulfils.
    pub entry_id: Option<Uuid>,
    #[limit(..=100)]
    pub entry_title: Option<String>,
    /// How much of it.
    #[limit(1..)]
    pub entry_quantity: Option<i64>,
    #[limit(..=20)]
    pub entry_unit: Option<String>,
    /// The record it corrects.
    pub corrects_id: Option<Uuid>,
    /// The record that corrects it, or will when it is confirmed.
    pub corrected_by_id: Option<Uuid>,
    /// The month of the form that counts it; a later one than its own where it is carried over (补报). None until a form counts it.
    pub reported_in: Option<Month>,
    pub kind: AidKind,
    pub goal: Goal,
    pub happened_on: NaiveDate,
    #[limit(1..)]
    pub amount_fen: Option<i64>,
    #[limit(..=10)]
    pub goods: Vec<Goods>,
    /// What was done, in words; `—` where it is damaged where it is kept; not for auditors, and not in the answer to a
    /// repeated request.
    #[limit(..=1000)]
    pub description: Option<String>,
    /// Whose word it is.
    pub recorded_by: Role,
    pub state: RecordState,
    /// True where the caller may change it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<RecordAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}
