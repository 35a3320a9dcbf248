//! Enrolments (报名、推荐): the voluntary entry of a village or an organisation into a campaign.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::ValidationError;

use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// Who takes part.
    pub enum EnrolmentKind {
        Village = "village" / "村（社区）" / "Village",
        Organisation = "organisation" / "社会组织" / "Organisation",
    }
}

coded_enum! {
    /// State of an enrolment.
    pub enum EnrolmentState {
        Applied = "applied" / "已报名" / "Applied",
        Nominated = "nominated" / "已推荐" / "Nominated",
        Confirmed = "confirmed" / "已确认" / "Confirmed",
        Declined = "declined" / "未通过" / "Declined",
        Withdrawn = "withdrawn" / "已退出" / "Withdrawn",
    }
}

coded_enum! {
    /// Step of an enrolment.
    pub enum EnrolmentAction {
        Confirm = "confirm" / "确认" / "Confirm",
        Decline = "decline" / "不予通过" / "Decline",
        Withdraw = "withdraw" / "退出" / "Withdraw",
    }
}

impl EnrolmentState {
    /// 自愿原则: whoever entered may leave again. The bureau decides who takes part (确定若干个的村（社区）和不少于100个自愿参加活动的社会组织).
    pub const STEPS: Steps<Self, EnrolmentAction> = Steps(&[
        Step::new(EnrolmentAction::Confirm, &[Self::Applied, Self::Nominated], Self::Confirmed, &[Role::Bureau]),
        Step::new(EnrolmentAction::Decline, &[Self::Applied, Self::Nominated], Self::Declined, &[Role::Bureau]).with_reason(),
        Step::new(
            EnrolmentAction::Withdraw,
            &[Self::Applied, Self::Nominated, Self::Confirmed],
            Self::Withdrawn,
            &[Role::Village, Role::Organisation, Role::Town],
        )
        .with_reason(),
    ]);
}

coded_enum! {
    /// Orders of the list of enrolments.
    pub enum EnrolmentSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Name = "name" / "名称" / "Name",
        AreaCode = "area_code" / "区划代码" / "Area code",
    }
}

list_query! {
    /// Filters of the list of enrolments.
    pub struct EnrolmentQuery sorted by EnrolmentSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub kind: Option<EnrolmentKind>,
        pub state: Option<EnrolmentState>,
        pub organisation_id: Option<Uuid>,
        /// Only those whose village or organisation has published nothing in the catalogue of the campaign, or only others.
        pub without_entry: Option<bool>,
        /// Only those that wait for the caller to act.
        pub waits_for_me: Option<bool>,
        /// Only those of this area or inside of it.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// Who enters which campaign: a village or an organisation, one of the two.
#[input]
#[validate(schema(function = one_of_two))]
pub struct EnrolmentInput {
    pub campaign_id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(village_code)]
    pub village_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<Uuid>,
    /// What it needs or can offer, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub note: Option<String>,
    /// How many pairs it can take on: an organisation up to five villages, a village up to three organisations. None where it does not
    /// say: then the number of the assignment's draft holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=5)]
    pub places: Option<i32>,
}

/// What of an enrolment can be changed.
#[input]
pub struct EnrolmentDetails {
    #[serde(default)]
    #[limit(1..=5)]
    pub places: Option<i32>,
    #[serde(default)]
    #[limit(1..=1000, text)]
    pub note: Option<String>,
}

impl EnrolmentKind {
    /// The most pairs that one of this kind can take on.
    pub const fn most_places(self) -> i32 {
        match self {
            Self::Village => 3,
            Self::Organisation => 5,
        }
    }
}

fn one_of_two(input: &EnrolmentInput) -> Result<(), ValidationError> {
    let faults = ["/village_code", "/organisation_id"].map(|pointer| FieldError::at(pointer, "one_of_two"));
    let both_or_none = input.village_code.is_some() == input.organisation_id.is_some();
    let mut faults = if both_or_none { faults.to_vec() } else { Vec::new() };
    let village = input.village_code.is_some();
    if village && input.places.is_some_and(|places| places > EnrolmentKind::Village.most_places()) {
        faults.push(FieldError::at("/places", "too_many"));
    }
    crate::validation::between_these(&["village_code", "organisation_id", "places"], &faults)
}

/// An enrolment.
#[answer]
pub struct Enrolment {
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub kind: EnrolmentKind,
    #[limit(..=12)]
    pub village_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    /// Name of the village or organisation.
    #[limit(..=100)]
    pub name: String,
    #[limit(..=12)]
    pub area_code: String,
    /// The town that it lies in; the county of an organisation that is registered there.
    #[limit(..=60)]
    pub town_name: String,
    pub state: EnrolmentState,
    #[limit(..=1000)]
    pub note: Option<String>,
    /// How many pairs it can take on, as it says itself.
    #[limit(1..=5)]
    pub places: Option<i32>,
    /// The last day on which it says so itself; afterwards the bureau does.
    pub places_until: NaiveDate,
    /// True where the caller may change it.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<EnrolmentAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}
