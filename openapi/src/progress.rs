//! Progress updates (进展情况): what happened on a pairing in a month, the raw matter of the monthly form.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::month::Month;
use crate::{coded_enum, list_query};

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
        #[validate(custom(function = crate::validation::area_code))]
        #[cfg_attr(feature = "schema", param(pattern = r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", max_length = 12))]
        pub within: Option<String>,
    }
}

/// What happened on a pairing in a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProgressUpdateInput {
    pub pairing_id: Uuid,
    pub month: Month,
    /// 具体帮扶内容.
    #[validate(length(min = 1, max = 2000), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 2000))]
    pub content: String,
    /// 进展情况.
    #[validate(length(min = 1, max = 2000), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 2000))]
    pub progress: String,
}

/// What of a progress update can be changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProgressTextInput {
    /// 具体帮扶内容.
    #[validate(length(min = 1, max = 2000), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 2000))]
    pub content: String,
    /// 进展情况.
    #[validate(length(min = 1, max = 2000), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 2000))]
    pub progress: String,
}

/// A progress update: one for each pairing and month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ProgressUpdate {
    pub id: Uuid,
    pub pairing_id: Uuid,
    pub campaign_id: Uuid,
    pub organisation_id: Uuid,
    #[cfg_attr(feature = "schema", schema(max_length = 100))]
    pub organisation_name: String,
    #[cfg_attr(feature = "schema", schema(pattern = r"^\d{12}$", max_length = 12))]
    pub village_code: String,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub village_name: String,
    #[cfg_attr(feature = "schema", schema(max_length = 12))]
    pub town_code: String,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub town_name: String,
    pub month: Month,
    /// 具体帮扶内容.
    #[cfg_attr(feature = "schema", schema(max_length = 2000))]
    pub content: String,
    /// 进展情况.
    #[cfg_attr(feature = "schema", schema(max_length = 2000))]
    pub progress: String,
    /// True where the caller may change it.
    pub editable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub version: i32,
}
