//! Progress updates (进展情况): what happened on a pairing in a month, the raw matter of the monthly form.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::month::Month;
use crate::{answer, coded_enum, input, list_query};

coded_enum! {
    /// Orders of the list of progress updates.
    pub enum ProgressSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Month = "month" / "月份" / "Month",
        VillageCode = "village_code" / "村（社区）" / "Village",
    }
}

list_query! {
    /// Filters of the list of progress updates.
    pub struct ProgressQuery sorted by ProgressSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub month: Option<Month>,
        /// Only those of villages inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What happened on a pairing in a month.
#[input]
pub struct ProgressUpdateInput {
    pub pairing_id: Uuid,
    pub month: Month,
    /// 具体帮扶内容.
    #[limit(1..=2000, text)]
    pub content: String,
    /// 进展情况.
    #[limit(1..=2000, text)]
    pub progress: String,
}

/// What of a progress update can be changed.
#[input]
pub struct ProgressTextInput {
    /// 具体帮扶内容.
    #[limit(1..=2000, text)]
    pub content: String,
    /// 进展情况.
    #[limit(1..=2000, text)]
    pub progress: String,
}

/// A progress update: one for each pairing and month.
#[answer]
pub struct ProgressUpdate {
    pub id: Uuid,
    pub pairing_id: Uuid,
    pub campaign_id: Uuid,
    pub organisation_id: Uuid,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    #[limit(..=12)]
    pub town_code: String,
    #[limit(..=60)]
    pub town_name: String,
    pub month: Month,
    /// 具体帮扶内容.
    #[limit(..=2000)]
    pub content: String,
    /// 进展情况.
    #[limit(..=2000)]
    pub progress: String,
    /// True where the caller may change it.
    pub editable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}
