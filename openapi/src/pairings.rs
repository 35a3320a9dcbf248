//! Pairings (结对): a sponsor and a beneficiary bound together in a campaign.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::catalogue::{Commitment, doubles};
use crate::households::{Cause, HouseholdCategory, HouseholdStatus};
use crate::month::Month;
use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// Whom an organisation is paired with: 与若干村（社区）结对共建，同时与村（社区）相对贫困户进行结对帮扶.
    pub enum PairingKind {
        Village = "village" / "村社结对" / "With a village",
        Household = "household" / "结对帮扶户" / "With a household",
    }
}

coded_enum! {
    /// State of a pairing.
    pub enum PairingState {
        Proposed = "proposed" / "待答复" / "Proposed",
        Accepted = "accepted" / "双方同意" / "Accepted",
        Confirmed = "confirmed" / "已确认" / "Confirmed",
        Active = "active" / "结对中" / "Active",
        Completed = "completed" / "已完成" / "Completed",
        Declined = "declined" / "已谢绝" / "Declined",
        Withdrawn = "withdrawn" / "已撤回" / "Withdrawn",
        Expired = "expired" / "逾期失效" / "Expired",
        Terminated = "terminated" / "已终止" / "Terminated",
    }
}

impl PairingState {
    /// The states in which agreements and projects begin: all sides have agreed, and it has not ended.
    pub const AGREED: &'static [Self] = &[Self::Confirmed, Self::Active];
    /// The states of a pairing that is active or was before it ended: what happened meanwhile can still be told.
    pub const BEGUN: &'static [Self] = &[Self::Active, Self::Completed, Self::Terminated];
    /// The states in which the two are bound, or about to be: at most one such pairing of the same two in a campaign.
    pub const LIVE: &'static [Self] = &[Self::Proposed, Self::Accepted, Self::Confirmed, Self::Active];
}

coded_enum! {
    /// Step of a pairing. A village's becomes active by signing its agreement, a household's, which has none, by a step of its own.
    pub enum PairingAction {
        Accept = "accept" / "同意结对" / "Accept",
        Decline = "decline" / "谢绝" / "Decline",
        Withdraw = "withdraw" / "撤回" / "Withdraw",
        Confirm = "confirm" / "确认结对" / "Confirm",
        Activate = "activate" / "开始帮扶" / "Activate",
        Complete = "complete" / "办结" / "Complete",
        Terminate = "terminate" / "终止" / "Terminate",
    }
}

impl PairingState {
    /// The steps of the domain's diagram, for both kinds of pairing. Expiry depends on the calendar alone.
    pub const STEPS: Steps<Self, PairingAction> = Steps(&[
        Step::new(PairingAction::Accept, &[Self::Proposed], Self::Accepted, &[Role::Organisation, Role::Village, Role::Town])
            .on_behalf(),
        Step::new(PairingAction::Decline, &[Self::Proposed], Self::Declined, &[Role::Organisation, Role::Village, Role::Town])
            .with_reason()
            .on_behalf(),
        Step::new(
            PairingAction::Withdraw,
            &[Self::Proposed, Self::Accepted],
            Self::Withdrawn,
            &[Role::Organisation, Role::Village, Role::Town, Role::Bureau],
        )
        .with_reason(),
        Step::new(PairingAction::Confirm, &[Self::Accepted], Self::Confirmed, &[Role::Bureau]),
        Step::new(PairingAction::Activate, &[Self::Confirmed], Self::Active, &[Role::Bureau, Role::Town]),
        Step::new(PairingAction::Complete, &[Self::Active], Self::Completed, &[Role::Bureau]),
        Step::new(PairingAction::Terminate, &[Self::Confirmed, Self::Active], Self::Terminated, &[Role::Bureau]).with_reason(),
    ]);
}

coded_enum! {
    /// Who brought the two together (双向选择: either side proposes, the other answers; bureau and town recommend, and both answer).
    pub enum ProposedBy {
        Organisation = "organisation" / "社会组织提出" / "Organisation",
        Village = "village" / "村（社区）提出" / "Village",
        Town = "town" / "镇（街道）推荐" / "Town",
        Bureau = "bureau" / "市民政局推荐" / "Bureau",
    }
}

coded_enum! {
    /// Orders of the list of pairings.
    pub enum PairingSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        OrganisationName = "organisation_name" / "社会组织名称" / "Organisation",
        VillageCode = "village_code" / "村（社区）" / "Village",
    }
}

list_query! {
    /// Filters of the list of pairings.
    pub struct PairingQuery sorted by PairingSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub kind: Option<PairingKind>,
        pub state: Option<PairingState>,
        /// Only those that wait for the caller to act.
        pub waits_for_me: Option<bool>,
        pub organisation_id: Option<Uuid>,
        pub household_id: Option<Uuid>,
        /// Only those that were active on a day of this month.
        pub active_in: Option<Month>,
        /// Only those an agreement can be drafted for: confirmed or active, with neither a draft nor a signed one; or only others.
        pub without_agreement: Option<bool>,
        /// Only those active since before this day that have no project.
        #[limit(date)]
        pub without_project_since: Option<NaiveDate>,
        /// Only those with more projects than this.
        #[limit(0..=1000)]
        pub projects_over: Option<u32>,
        /// Only those active in this month of which no progress is written.
        pub without_update_in: Option<Month>,
        /// Only those of villages inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// A proposal. Who makes it decides what it is: a side's own proposal, or a recommendation that both sides answer. With a village or with a
/// household of one; an organisation, which sees no households until it is paired with them, proposes to villages only.
#[input]
#[validate(schema(function = one_beneficiary))]
pub struct PairingInput {
    pub campaign_id: Uuid,
    pub organisation_id: Uuid,
    /// One of the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(village_code)]
    pub village_code: Option<String>,
    /// One of the two. The family has consented, and the organisation has an active pairing with its village.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household_id: Option<Uuid>,
    /// Why these two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub note: Option<String>,
    /// What it is to take of the village's needs and the organisation's offers. It is theirs until the proposal is refused or the pairing
    /// ends early, unless its projects or help take it before. Only of a pairing with a village.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[limit(..=20, nested)]
    pub commitments: Vec<Commitment>,
    /// Why a town office proposes for a village committee; without it a town's proposal is a recommendation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub on_behalf_reason: Option<String>,
}

fn one_beneficiary(input: &PairingInput) -> Result<(), ValidationError> {
    let mut faults = doubles(&input.commitments);
    if input.village_code.is_some() == input.household_id.is_some() {
        faults.extend(["/village_code", "/household_id"].map(|pointer| FieldError::at(pointer, "one_of_two")));
    } else if input.household_id.is_some() && !input.commitments.is_empty() {
        faults.push(FieldError::at("/commitments", "not_with_household"));
    }
    crate::validation::between_these(&["village_code", "household_id", "commitments"], &faults)
}

/// What both sides know of a household before they agree. Nothing of it tells who the family is.
#[answer]
pub struct PairedHousehold {
    pub id: Uuid,
    #[limit(..=20, example = "350582101201-0001")]
    pub file_number: String,
    pub status: HouseholdStatus,
    pub category: HouseholdCategory,
    pub main_cause: Cause,
    #[limit(..=12)]
    pub secondary_causes: Vec<Cause>,
}

/// A pairing of an organisation with a village or a household of one.
#[answer]
pub struct Pairing {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[limit(..=100)]
    pub campaign_title: String,
    pub organisation_id: Uuid,
    #[limit(..=100)]
    pub organisation_name: String,
    pub kind: PairingKind,
    /// The household, where it is with one. While the family does not consent, only for those who keep its file; so is the note.
    pub household: Option<PairedHousehold>,
    /// The village, or that of the household.
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    #[limit(..=12)]
    pub town_code: String,
    #[limit(..=60)]
    pub town_name: String,
    pub state: PairingState,
    pub proposed_by: ProposedBy,
    /// When each side accepted; a side accepts by proposing.
    pub organisation_accepted_at: Option<DateTime<Utc>>,
    pub village_accepted_at: Option<DateTime<Utc>>,
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
    pub allowed_actions: Vec<PairingAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}
