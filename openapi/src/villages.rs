//! Villages and communities (村、社区) with their profiles.

use chrono::{DateTime, Utc};

use crate::{answer, coded_enum, input, list_query};

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
        #[limit(area_code)]
        pub within: Option<String>,
        /// Only old revolutionary bases (老区村), or only others.
        pub old_base: Option<bool>,
        /// Only villages this industry suits.
        pub industry: Option<Industry>,
    }
}

/// What is written of a village. Its code and name come from the area tree.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct VillageInput {
    /// Resource endowment (资源禀赋).
    #[limit(..=2000, text)]
    pub resources: Option<String>,
    /// Each at most once.
    #[limit(..=5, distinct)]
    pub industries: Vec<Industry>,
    pub old_base: bool,
    #[limit(0..=1_000_000)]
    pub population: Option<i32>,
    /// Number of low-income households (相对贫困户), as the village counts them.
    #[limit(0..=100_000)]
    pub low_income_households: i32,
    /// Collective income of a year, in fen.
    #[limit(0..=1_000_000_000_000i64)]
    pub collective_income_fen: Option<i64>,
    #[limit(..=60, line)]
    pub contact_name: Option<String>,
    #[limit(phone)]
    pub contact_phone: Option<String>,
}

/// A village with its profile.
#[answer]
pub struct Village {
    #[limit(village_code)]
    pub code: String,
    #[limit(..=60)]
    pub name: String,
    #[limit(..=12)]
    pub town_code: String,
    #[limit(..=60)]
    pub town_name: String,
    #[serde(flatten)]
    pub profile: VillageInput,
    /// True where the caller may change it.
    pub editable: bool,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}
