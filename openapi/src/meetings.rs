//! Meetings of a campaign: the kick-off (动员部署会议), and later ones.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// What a meeting is for.
    pub enum MeetingKind {
        KickOff = "kick_off" / "动员部署会" / "Kick-off",
        Coordination = "coordination" / "调度推进会" / "Coordination",
        Review = "review" / "总结会" / "Review",
        Other = "other" / "其他会议" / "Other",
    }
}

coded_enum! {
    /// State of a meeting.
    pub enum MeetingState {
        Planned = "planned" / "拟召开" / "Planned",
        Held = "held" / "已召开" / "Held",
        Cancelled = "cancelled" / "已取消" / "Cancelled",
    }
}

coded_enum! {
    /// Step of a meeting.
    pub enum MeetingAction {
        Hold = "hold" / "确认已召开" / "Was held",
        Cancel = "cancel" / "取消" / "Cancel",
    }
}

/// The offices that call meetings.
const OFFICES: &[Role] = &[Role::Bureau, Role::Town];

impl MeetingState {
    /// A meeting is held on its day or later. What was taken down as held by mistake can be cancelled.
    pub const STEPS: Steps<Self, MeetingAction> = Steps(&[
        Step::new(MeetingAction::Hold, &[Self::Planned], Self::Held, OFFICES),
        Step::new(MeetingAction::Cancel, &[Self::Planned, Self::Held], Self::Cancelled, OFFICES).with_reason(),
    ]);
}

coded_enum! {
    /// Orders of the list of meetings.
    pub enum MeetingSort {
        HeldOn = "held_on" / "召开日期" / "Day",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of meetings.
    pub struct MeetingQuery sorted by MeetingSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub kind: Option<MeetingKind>,
        pub state: Option<MeetingState>,
        /// Only those in which this organisation takes part.
        pub organisation_id: Option<Uuid>,
        /// Only those called inside of this area, or in which somebody inside of it takes part.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What is written of a meeting.
#[input]
#[validate(schema(function = nobody_twice))]
pub struct MeetingInput {
    /// Stays as it is.
    pub campaign_id: Uuid,
    pub kind: MeetingKind,
    #[limit(2..=100, line)]
    pub title: String,
    /// The day of the meeting; once it was held, not in the future.
    #[limit(date)]
    pub held_on: NaiveDate,
    #[limit(1..=100, line)]
    pub place: String,
    /// Who presides.
    #[limit(1..=60, line)]
    pub chair: String,
    /// Who takes part, each once.
    #[limit(..=500, nested)]
    pub participants: Vec<MeetingParty>,
    /// How many people took part.
    #[serde(default)]
    #[limit(1..=100_000)]
    pub person_count: Option<i32>,
    /// What was resolved.
    #[serde(default)]
    #[limit(1..=5000, text)]
    pub resolutions: Option<String>,
}

/// Who takes part in a meeting: a town or village of the campaign, or an organisation, one of the two.
#[input]
#[derive(Default, Eq, Hash)]
pub struct MeetingParty {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(area_code)]
    pub area_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<Uuid>,
}

fn nobody_twice(input: &MeetingInput) -> Result<(), ValidationError> {
    let mut faults = Vec::new();
    for (index, party) in input.participants.iter().enumerate() {
        let field = if party.organisation_id.is_some() { "organisation_id" } else { "area_code" };
        if party.area_code.is_some() == party.organisation_id.is_some() {
            faults.push(FieldError::at(format!("/participants/{index}/{field}"), "one_of_two"));
        } else if input.participants[..index].contains(party) {
            faults.push(FieldError::at(format!("/participants/{index}/{field}"), "duplicate"));
        }
    }
    crate::validation::between_these(&["participants"], &faults)
}

/// Somebody who takes part, by the name of the day on which that was written.
#[answer]
pub struct Attendance {
    #[limit(..=12)]
    pub area_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    #[limit(..=130)]
    pub name: String,
}

/// What every answer says of a meeting.
#[answer]
pub struct MeetingHead {
    pub id: Uuid,
    #[limit(..=100)]
    pub campaign_title: String,
    /// The area of the office that calls it.
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    pub state: MeetingState,
    /// How many towns, villages and organisations take part.
    #[limit(0..=500)]
    pub unit_count: i32,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<MeetingAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// A meeting.
#[answer]
pub struct Meeting {
    #[serde(flatten)]
    pub head: MeetingHead,
    #[serde(flatten)]
    pub details: MeetingInput,
    /// Who takes part, by their names.
    #[limit(..=500)]
    pub attendance: Vec<Attendance>,
    /// True where the caller may change it.
    pub editable: bool,
}

/// A meeting in a list.
#[answer]
pub struct MeetingSummary {
    #[serde(flatten)]
    pub head: MeetingHead,
    pub campaign_id: Uuid,
    pub kind: MeetingKind,
    #[limit(..=100)]
    pub title: String,
    pub held_on: NaiveDate,
    #[limit(..=100)]
    pub place: String,
    #[limit(..=60)]
    pub chair: String,
    pub person_count: Option<i32>,
}
