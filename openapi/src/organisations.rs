//! Social organisations (社会组织).

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::Validate;

use crate::workflow::{Step, Steps};
use crate::{Role, answer, coded_enum, input, list_query};

/// Who enters organisations: one of them has its own entry already.
pub const ENTERED_BY: &[Role] = &[Role::Bureau, Role::Town];
/// Who says what an organisation is registered as: its name, credit code, kind and area. It shows its certificate to them.
pub const REGISTERED_BY: &[Role] = &[Role::Bureau, Role::Town];
/// Who says how an organisation is rated (等级评估): nobody rates itself.
pub const RATED_BY: &[Role] = &[Role::Bureau];
/// Who confirms what an organisation says it has donated.
pub const CONFIRMED_BY: &[Role] = &[Role::Bureau, Role::Town];

coded_enum! {
    /// Kind of a social organisation, as the notice speaks of them.
    pub enum OrganisationKind {
        Association = "association" / "社会团体" / "Association",
        Chamber = "chamber" / "商会" / "Chamber of commerce",
        CharityAssociation = "charity_association" / "慈善协会" / "Charity association",
        EducationPromotion = "education_promotion" / "教育发展促进会" / "Education-promotion association",
        Foundation = "foundation" / "基金会" / "Foundation",
        ServiceInstitution = "service_institution" / "民办非企业单位（社会服务机构）" / "Social service institution",
        SocialWork = "social_work" / "社会工作服务机构" / "Social-work agency",
        Volunteer = "volunteer" / "志愿服务组织" / "Volunteer organisation",
    }
}

coded_enum! {
    /// Rating of a social organisation (等级评估).
    pub enum Rating {
        A1 = "1a" / "1A" / "1A",
        A2 = "2a" / "2A" / "2A",
        A3 = "3a" / "3A" / "3A",
        A4 = "4a" / "4A" / "4A",
        A5 = "5a" / "5A" / "5A",
    }
}

coded_enum! {
    /// Whether an organisation still exists.
    pub enum OrganisationState {
        Active = "active" / "存续" / "Active",
        Deregistered = "deregistered" / "已注销" / "Deregistered",
        Merged = "merged" / "已并入其他组织" / "Merged into another",
    }
}

coded_enum! {
    /// Step of an organisation.
    pub enum OrganisationAction {
        Deregister = "deregister" / "注销" / "Deregister",
        MergeInto = "merge_into" / "并入其他组织" / "Merge into another",
        Reinstate = "reinstate" / "恢复" / "Reinstate",
    }
}

impl OrganisationState {
    /// The registering authority alone knows that an organisation has ended. Reinstating takes back an end that was entered
    /// by mistake.
    pub const STEPS: Steps<Self, OrganisationAction> = Steps(&[
        Step::new(OrganisationAction::Deregister, &[Self::Active], Self::Deregistered, &[Role::Bureau]).with_reason(),
        Step::new(OrganisationAction::MergeInto, &[Self::Active], Self::Merged, &[Role::Bureau]).with_reason(),
        Step::new(OrganisationAction::Reinstate, &[Self::Deregistered, Self::Merged], Self::Active, &[Role::Bureau])
            .with_reason(),
    ]);
}

coded_enum! {
    /// Orders of the list of organisations.
    pub enum OrganisationSort {
        Name = "name" / "名称" / "Name",
        CreditCode = "credit_code" / "统一社会信用代码" / "Credit code",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of organisations.
    pub struct OrganisationQuery sorted by OrganisationSort, searched by q {
        /// Only organisations of this area or inside of it.
        #[limit(area_code)]
        pub within: Option<String>,
        pub kind: Option<OrganisationKind>,
        pub rating: Option<Rating>,
        pub state: Option<OrganisationState>,
    }
}

/// What is written of an organisation.
#[input]
pub struct OrganisationInput {
    #[limit(2..=100, line)]
    pub name: String,
    /// Unified social credit code (GB 32100-2015) with its check character.
    #[limit(credit_code)]
    pub credit_code: String,
    pub kind: OrganisationKind,
    /// The bureau's word: for anybody else it stays as it is.
    #[serde(default)]
    pub rating: Option<Rating>,
    /// The county or town it belongs to.
    #[limit(area_code)]
    pub area_code: String,
    /// What it is good at.
    #[serde(default)]
    #[limit(..=2000, text)]
    pub strengths: Option<String>,
    #[serde(default)]
    #[limit(0..=10_000_000)]
    pub member_count: Option<i32>,
    #[serde(default)]
    #[limit(..=60, line)]
    pub contact_name: Option<String>,
    #[serde(default)]
    #[limit(phone)]
    pub contact_phone: Option<String>,
    /// Donations directed to villages (定向捐赠), which make it a natural partner of that village.
    #[serde(default)]
    #[limit(..=50, nested)]
    pub directed_donations: Vec<DirectedDonation>,
}

/// A donation directed to one village.
#[input]
pub struct DirectedDonation {
    #[limit(village_code)]
    pub village_code: String,
    #[limit(date)]
    pub donated_on: NaiveDate,
    /// In fen; at most 100 million yuan.
    #[limit(1..=10_000_000_000i64)]
    pub amount_fen: i64,
    #[serde(default)]
    #[limit(..=500, text)]
    pub purpose: Option<String>,
    /// Whether bureau or town have confirmed it: only then it counts. What an organisation writes itself is not confirmed, whatever it says here, and neither is
    /// what it changes; what it leaves as it is stays as it is.
    #[serde(default)]
    pub confirmed: bool,
}

impl OrganisationInput {
    /// As it is when the organisation itself has changed it from `before`: confirmed is of its donations what was confirmed before, each once.
    pub fn by_itself(mut self, before: &Self) -> Self {
        let mut confirmed: Vec<_> = before.directed_donations.iter().filter(|donation| donation.confirmed).collect();
        for donation in &mut self.directed_donations {
            donation.confirmed = true;
            let known = confirmed.iter().position(|known| *known == &*donation);
            donation.confirmed = known.map(|at| confirmed.swap_remove(at)).is_some();
        }
        self
    }
}

/// The body of a step of an organisation.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct OrganisationStepInput {
    /// The reason, such as the number of the decision.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The day on which it ended, not in the future; for the steps that end it.
    #[limit(date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    /// The organisation that it became a part of; for a merger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successor_id: Option<Uuid>,
}

/// A social organisation.
#[answer]
pub struct Organisation {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: OrganisationInput,
    #[limit(..=60)]
    pub area_name: String,
    /// True where positions 9–17 are an organisation code with a wrong check character (GB 11714): worth a look, not an error.
    pub credit_code_suspicious: bool,
    pub state: OrganisationState,
    /// The day on which it ended.
    pub ended_on: Option<NaiveDate>,
    /// The organisation that it became a part of.
    pub successor_id: Option<Uuid>,
    #[limit(..=100)]
    pub successor_name: Option<String>,
    /// The names it had before, the latest first. It is found by them too.
    #[limit(..=20)]
    pub former_names: Vec<String>,
    /// True where the caller may change it. What has ended stays as it is.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<OrganisationAction>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// An organisation in a list.
#[answer]
pub struct OrganisationSummary {
    pub id: Uuid,
    #[limit(..=100)]
    pub name: String,
    #[limit(..=18)]
    pub credit_code: String,
    pub kind: OrganisationKind,
    pub rating: Option<Rating>,
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    pub state: OrganisationState,
    /// The names it had before, the latest first. It is found by them too.
    #[limit(..=20)]
    pub former_names: Vec<String>,
    pub updated_at: DateTime<Utc>,
}
