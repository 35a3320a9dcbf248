//! Villages and communities (村、社区) with their profiles.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{coded_enum, list_query};

coded_enum! {
    /// Industries that suit a village: 宜农则农、宜林则林、宜工则工、宜商则商、宜游则游.
    pub enum Industry {
        Agriculture = "agriculture" / "农" / "Agriculture",
        Forestry = "forestry" / "林" / "Forestry",
        Manufacturing = "manufacturing" / "工" / "Manufacturing",
        Commerce = "commerce" / "商" / "Commerce",
        Tourism = "tourism" / "游" / "Tourism",
    }
}

coded_enum! {
    /// Orders of the list of villages.
    pub enum VillageSort {
        Code = "code" / "区划代码" / "Code",
        Name = "name" / "名称" / "Name",
        LowIncomeHouseholds = "low_income_households" / "相对贫困户数" / "Low-income households",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of villages.
    pub struct VillageQuery sorted by VillageSort, searched by q {
        /// Only villages inside of this area.
        #[validate(custom(function = crate::validation::area_code))]
        #[cfg_attr(feature = "schema", param(pattern = r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", max_length = 12))]
        pub within: Option<String>,
        /// Only old revolutionary bases (老区村), or only others.
        pub old_base: Option<bool>,
        /// Only villages this industry suits.
        pub industry: Option<Industry>,
    }
}

/// What is written of a village. Its code and name come from the area tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct VillageInput {
    /// Resource endowment (资源禀赋).
    #[validate(length(max = 2000), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(max_length = 2000))]
    pub resources: Option<String>,
    /// Each at most once.
    #[validate(length(max = 5), custom(function = crate::validation::distinct))]
    #[cfg_attr(feature = "schema", schema(max_items = 5))]
    pub industries: Vec<Industry>,
    pub old_base: bool,
    #[validate(range(min = 0, max = 1_000_000))]
    #[cfg_attr(feature = "schema", schema(minimum = 0, maximum = 1000000))]
    pub population: Option<i32>,
    /// Number of low-income households (相对贫困户), as the village counts them.
    #[validate(range(min = 0, max = 100_000))]
    #[cfg_attr(feature = "schema", schema(minimum = 0, maximum = 100000))]
    pub low_income_households: i32,
    /// Collective income of a year, in fen.
    #[validate(range(min = 0, max = 1_000_000_000_000i64))]
    #[cfg_attr(feature = "schema", schema(minimum = 0, maximum = 1000000000000i64))]
    pub collective_income_fen: Option<i64>,
    #[validate(length(max = 60), custom(function = crate::validation::line))]
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub contact_name: Option<String>,
    #[validate(custom(function = crate::validation::phone))]
    #[cfg_attr(feature = "schema", schema(min_length = 7, max_length = 16, pattern = r"^[0-9-]{7,16}$"))]
    pub contact_phone: Option<String>,
}

/// A village with its profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Village {
    #[cfg_attr(feature = "schema", schema(pattern = r"^\d{12}$", max_length = 12))]
    pub code: String,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub name: String,
    #[cfg_attr(feature = "schema", schema(max_length = 12))]
    pub town_code: String,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub town_name: String,
    #[serde(flatten)]
    pub profile: VillageInput,
    /// True where the caller may change it.
    pub editable: bool,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub version: i32,
}
