//! Assistance plans (帮扶方案，一户一策): what will be done for a household, month by month.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::assistance::AidKind;
use crate::campaigns::Goal;
use crate::month::Month;
use crate::workflow::{Step, Steps};
use crate::{Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// State of a plan.
    pub enum PlanState {
        Draft = "draft" / "草拟中" / "Draft",
        Agreed = "agreed" / "已商定" / "Agreed",
        Closed = "closed" / "已结案" / "Closed",
    }
}

impl PlanState {
    /// The states of which a household has at most one plan in a campaign.
    pub const LIVE: &'static [Self] = &[Self::Draft, Self::Agreed];

    /// 因户而异、与农户商定: village or town draft a plan and agree it with the family. From then on it changes only by single
    /// measures, with reasons.
    pub const STEPS: Steps<Self, PlanAction> = Steps(&[
        Step::new(PlanAction::Agree, &[Self::Draft], Self::Agreed, &[Role::Village, Role::Town]),
        Step::new(PlanAction::Close, &[Self::Draft, Self::Agreed], Self::Closed, &[Role::Village, Role::Town]).with_reason(),
    ]);
}

coded_enum! {
    /// Step of a plan.
    pub enum PlanAction {
        Agree = "agree" / "与农户商定" / "Agree with the family",
        Close = "close" / "结案" / "Close",
    }
}

coded_enum! {
    /// Whose a measure is.
    pub enum MeasureSide {
        Organisation = "organisation" / "社会组织" / "Organisation",
        Village = "village" / "村（社区）" / "Village",
        Town = "town" / "镇（街道）" / "Town",
        Family = "family" / "农户自身" / "The family",
    }
}

coded_enum! {
    /// State of a measure. It is fulfilled by confirmed assistance records and by nothing else.
    pub enum MeasureState {
        Planned = "planned" / "待落实" / "Planned",
        Fulfilled = "fulfilled" / "已落实" / "Fulfilled",
        Dropped = "dropped" / "已取消" / "Dropped",
    }
}

impl MeasureState {
    /// Confirmed records fulfil a measure, so there is no step for it.
    pub const STEPS: Steps<Self, MeasureAction> =
        Steps(&[Step::new(MeasureAction::Drop, &[Self::Planned], Self::Dropped, &[Role::Village, Role::Town]).with_reason()]);

    /// Where a measure stands: what is dropped is not planned any more, whatever was recorded of it before.
    pub fn of(dropped: bool, confirmed_records: i64) -> Self {
        match (dropped, confirmed_records) {
            (true, _) => Self::Dropped,
            (false, 0) => Self::Planned,
            (false, _) => Self::Fulfilled,
        }
    }
}

coded_enum! {
    /// Step of a measure.
    pub enum MeasureAction {
        Drop = "drop" / "取消措施" / "Drop",
    }
}

coded_enum! {
    /// Orders of the list of plans.
    pub enum PlanSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

coded_enum! {
    /// Orders of the list of measures.
    pub enum MeasureSort {
        Month = "month" / "月份" / "Month",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of plans.
    pub struct PlanQuery sorted by PlanSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub household_id: Option<Uuid>,
        pub state: Option<PlanState>,
        /// Only those of households inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

list_query! {
    /// Filters of the list of measures.
    pub struct MeasureQuery sorted by MeasureSort, searched by q {
        pub plan_id: Option<Uuid>,
        pub campaign_id: Option<Uuid>,
        pub household_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub month: Option<Month>,
        pub kind: Option<AidKind>,
        pub responsible: Option<MeasureSide>,
        pub state: Option<MeasureState>,
        /// Only those the caller answers for whose month has come and that no record fulfils, of plans that are agreed.
        pub waits_for_me: Option<bool>,
        /// Only those of households inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// A plan for a household in a campaign.
#[input]
pub struct PlanInput {
    pub campaign_id: Uuid,
    pub household_id: Uuid,
}

/// A step of a plan.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct PlanStepInput {
    /// The day on which the family agreed; today unless given.
    #[limit(date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_on: Option<NaiveDate>,
    /// Who of the family agreed; required where it is agreed.
    #[limit(1..=60, person_name)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_by: Option<String>,
    /// Reason; required where it is closed.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A plan.
#[answer]
pub struct Plan {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[limit(..=100)]
    pub campaign_title: String,
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
    pub state: PlanState,
    pub agreed_on: Option<NaiveDate>,
    /// Who of the family agreed, masked; `—` where it is damaged where it is kept.
    #[limit(..=60, example = "张*")]
    pub agreed_by: Option<String>,
    /// Measures that are not dropped.
    #[limit(0..)]
    pub measures_total: i64,
    #[limit(0..)]
    pub measures_fulfilled: i64,
    /// True where the caller may add measures.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<PlanAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// What is written of a measure.
#[input]
pub struct MeasureInput {
    /// The plan it is a part of; stays as it is.
    pub plan_id: Uuid,
    pub month: Month,
    pub kind: AidKind,
    pub responsible: MeasureSide,
    /// The organisation's pairing with the household, where a certain organisation answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_id: Option<Uuid>,
    /// The member it is for; none for the family as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=100_000_000)]
    pub amount_fen: Option<i64>,
    /// What is to be done.
    #[limit(1..=500, text)]
    pub description: String,
}

/// A measure.
#[answer]
pub struct Measure {
    pub id: Uuid,
    pub plan_id: Uuid,
    pub plan_state: PlanState,
    pub campaign_id: Uuid,
    pub household_id: Uuid,
    #[limit(..=20, example = "350582101201-0001")]
    pub file_number: String,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    pub month: Month,
    pub kind: AidKind,
    pub goal: Goal,
    pub responsible: MeasureSide,
    pub pairing_id: Option<Uuid>,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
    pub member_id: Option<Uuid>,
    /// Name of the member, masked; `—` where it is damaged where it is kept.
    #[limit(..=60, example = "张*")]
    pub member_name: Option<String>,
    #[limit(1..)]
    pub amount_fen: Option<i64>,
    /// What is to be done; `—` where it is damaged where it is kept; not in the answer to a repeated request.
    #[limit(..=500)]
    pub description: Option<String>,
    pub state: MeasureState,
    /// Confirmed records that fulfil it.
    #[limit(0..)]
    pub records: i64,
    /// What they gave in money.
    #[limit(0..)]
    pub given_fen: i64,
    /// True where the caller may change it: while the plan is a draft.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<MeasureAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::CodedEnum;

    proptest! {
        #[test]
        fn what_is_closed_stays_closed_and_those_near_the_family_decide(
            state in select(PlanState::ALL), role in select(Role::ALL)
        ) {
            let allowed = PlanState::STEPS.allowed(state, role);
            let decides = PlanState::LIVE.contains(&state) && matches!(role, Role::Village | Role::Town);
            prop_assert!(allowed.is_empty() || decides);
        }
    }
}
