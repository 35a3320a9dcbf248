//! Areas (行政区划): the statistical division tree.

use chrono::NaiveDate;

use crate::{answer, coded_enum, list_query};

coded_enum! {
    /// Level of an area; its code has 2, 4, 6, 9 or 12 digits.
    pub enum AreaLevel {
        Province = "province" / "省级" / "Province",
        Prefecture = "prefecture" / "地级" / "Prefecture",
        County = "county" / "县级" / "County",
        Town = "town" / "镇（街道）" / "Town",
        Village = "village" / "村（社区）" / "Village",
    }
}

coded_enum! {
    /// Orders of the list of areas.
    pub enum AreaSort {
        Code = "code" / "区划代码" / "Code",
        Name = "name" / "名称" / "Name",
    }
}

list_query! {
    /// Filters of the list of areas.
    pub struct AreaQuery sorted by AreaSort, searched by q {
        /// Only this level.
        pub level: Option<AreaLevel>,
        /// Only areas above villages, or only villages.
        pub above_villages: Option<bool>,
        /// Only areas directly below this one.
        #[limit(area_code)]
        pub parent_code: Option<String>,
        /// Only areas inside of this one, at any depth, itself included.
        #[limit(area_code)]
        pub within: Option<String>,
        /// Only villages that others have replaced, or only areas that there still are.
        pub ended: Option<bool>,
    }
}

/// A node of the statistical division tree.
#[answer]
pub struct Area {
    /// The code, which is also the path: a prefix contains all that start with it.
    #[limit(area_code, example = "350582105")]
    pub code: String,
    #[limit(..=60, example = "金井镇")]
    pub name: String,
    pub level: AreaLevel,
    /// Code of the area above, where it is part of this deployment.
    #[limit(..=12)]
    pub parent_code: Option<String>,
    /// False for pseudo-areas (a segment of 4xx or 5xx: development zones and the like), which take no part.
    pub takes_part: bool,
    /// The last day of a village that another one has replaced. It is chosen for nothing new.
    pub ended_on: Option<NaiveDate>,
    /// Code of the village that has replaced it.
    #[limit(..=12)]
    pub successor_code: Option<String>,
    /// The names it had before, the latest first. It is found by them too.
    #[limit(..=20)]
    pub former_names: Vec<String>,
}
