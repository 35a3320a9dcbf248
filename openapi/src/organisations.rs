//! Social organisations (社会组织).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::{Role, coded_enum, list_query};

/// Who enters organisations: one of them has its own entry already.
pub const ENTERED_BY: &[Role] = &[Role::Bureau, Role::Town];
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
        #[validate(custom(function = crate::validation::area_code))]
        #[cfg_attr(feature = "schema", param(pattern = r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", max_length = 12))]
        pub within: Option<String>,
        pub kind: Option<OrganisationKind>,
        pub rating: Option<Rating>,
    }
}

/// What is written of an organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrganisationInput {
    #[validate(length(min = 2, max = 100), custom(function = crate::validation::line))]
    #[cfg_attr(feature = "schema", schema(min_length = 2, max_length = 100))]
    pub name: String,
    /// Unified social credit code (GB 32100-2015) with its check character.
    #[validate(custom(function = crate::validation::credit_code))]
    #[cfg_attr(feature = "schema", schema(min_length = 18, max_length = 18, pattern = r"^[0-9A-HJ-NPQRTUWXY]{18}$"))]
    pub credit_code: String,
    pub kind: OrganisationKind,
    /// The bureau's word: for anybody else it stays as it is.
    #[serde(default)]
    pub rating: Option<Rating>,
    /// The county or town it belongs to.
    #[validate(custom(function = crate::validation::area_code))]
    #[cfg_attr(feature = "schema", schema(pattern = r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", max_length = 12))]
    pub area_code: String,
    /// What it is good at.
    #[serde(default)]
    #[validate(length(max = 2000), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(max_length = 2000))]
    pub strengths: Option<String>,
    #[serde(default)]
    #[validate(range(min = 0, max = 10_000_000))]
    #[cfg_attr(feature = "schema", schema(minimum = 0, maximum = 10000000))]
    pub member_count: Option<i32>,
    #[serde(default)]
    #[validate(length(max = 60), custom(function = crate::validation::line))]
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub contact_name: Option<String>,
    #[serde(default)]
    #[validate(custom(function = crate::validation::phone))]
    #[cfg_attr(feature = "schema", schema(min_length = 7, max_length = 16, pattern = r"^[0-9-]{7,16}$"))]
    pub contact_phone: Option<String>,
    /// Donations directed to villages (定向捐赠), which make it a natural partner of that village.
    #[serde(default)]
    #[validate(length(max = 50), nested)]
    #[cfg_attr(feature = "schema", schema(max_items = 50))]
    pub directed_donations: Vec<DirectedDonation>,
}

/// A donation directed to one village.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DirectedDonation {
    #[validate(custom(function = crate::validation::village_code))]
    #[cfg_attr(feature = "schema", schema(pattern = r"^\d{12}$", min_length = 12, max_length = 12))]
    pub village_code: String,
    #[validate(custom(function = crate::validation::date))]
    pub donated_on: NaiveDate,
    /// In fen; at most 100 million yuan.
    #[validate(range(min = 1, max = 10_000_000_000i64))]
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 10000000000i64))]
    pub amount_fen: i64,
    #[serde(default)]
    #[validate(length(max = 500), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(max_length = 500))]
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

/// A social organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Organisation {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: OrganisationInput,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub area_name: String,
    /// True where positions 9–17 are an organisation code with a wrong check character (GB 11714): worth a look, not an error.
    pub credit_code_suspicious: bool,
    /// True where the caller may change it.
    pub editable: bool,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub version: i32,
}

/// An organisation in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OrganisationSummary {
    pub id: Uuid,
    #[cfg_attr(feature = "schema", schema(max_length = 100))]
    pub name: String,
    #[cfg_attr(feature = "schema", schema(max_length = 18))]
    pub credit_code: String,
    pub kind: OrganisationKind,
    pub rating: Option<Rating>,
    #[cfg_attr(feature = "schema", schema(max_length = 12))]
    pub area_code: String,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub area_name: String,
    pub updated_at: DateTime<Utc>,
}
