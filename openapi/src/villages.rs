//! Villages and communities (村、社区) with their profiles.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{ObjectKind, answer, coded_enum, input, list_query};

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
        /// Only villages that others have replaced, or only those that there still are.
        pub ended: Option<bool>,
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
    /// The last day of a village that another one has replaced. It is chosen for nothing new.
    pub ended_on: Option<NaiveDate>,
    /// The village that has replaced it.
    #[limit(..=12)]
    pub successor_code: Option<String>,
    #[limit(..=60)]
    pub successor_name: Option<String>,
    /// True where the caller may change it. What has ended stays as it is.
    pub editable: bool,
    /// True where the caller may enter which village has replaced it.
    pub replaceable: bool,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// Which village replaces one that is merged into it or gets another code.
#[input]
pub struct SuccessionInput {
    /// The village that goes on: one of the same town, which is in the table of areas.
    #[limit(village_code)]
    pub successor_code: String,
    /// The last day of the village that ends, not in the future.
    #[limit(date)]
    pub ended_on: NaiveDate,
    /// The reason, such as the number of the decision.
    #[limit(1..=1000, text)]
    pub note: String,
    /// Only says what would follow and what stands in the way; changes nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// What has followed a village into the one that replaces it, or in a dry run would.
#[answer]
pub struct Succession {
    pub dry_run: bool,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    #[limit(village_code)]
    pub successor_code: String,
    #[limit(..=60)]
    pub successor_name: String,
    pub ended_on: NaiveDate,
    /// How many of each kind follow; kinds of which there are none are left out.
    #[limit(..=30)]
    pub follows: Vec<Follows>,
    /// Where both villages have the same, up to the first 200.
    #[limit(..=200)]
    pub conflicts: Vec<SuccessionConflict>,
}

/// How many objects of a kind follow.
#[answer]
pub struct Follows {
    pub kind: ObjectKind,
    #[limit(0..)]
    pub count: u64,
}

coded_enum! {
    /// What two villages that become one both have, and what becomes of it.
    pub enum SuccessionConflictKind {
        PairedTwice = "paired_twice" / "同一社会组织与两村（社区）都有结对：须先完成或终止其中一个" / "An organisation is paired with both: complete or end one of the two first",
        EnrolledTwice = "enrolled_twice" / "两村（社区）都已报名：保留已确认的报名，另一个自动撤回" / "Both are enrolled: the confirmed enrolment stays, the other one is withdrawn",
    }
}

impl SuccessionConflictKind {
    /// Whether it must be settled before one village can replace the other.
    pub fn blocks(self) -> bool {
        self == Self::PairedTwice
    }
}

/// What both villages have.
#[answer]
pub struct SuccessionConflict {
    pub kind: SuccessionConflictKind,
    /// The pairing or enrolment of the village that ends.
    pub id: Uuid,
    #[limit(..=100)]
    pub campaign_title: String,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
}
