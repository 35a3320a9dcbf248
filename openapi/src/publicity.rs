//! Publicity (宣传报道): what has appeared of a campaign, by channel and month.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::dashboard::Figure;
use crate::month::Month;
use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query, query};

coded_enum! {
    /// 电视、报纸等传统媒体，微信、网络等新兴媒体.
    pub enum Channel {
        Tv = "tv" / "电视" / "Television",
        Newspaper = "newspaper" / "报纸" / "Newspaper",
        Wechat = "wechat" / "微信" / "WeChat",
        Web = "web" / "网络" / "Web",
        Other = "other" / "其他" / "Other",
    }
}

coded_enum! {
    /// State of an item. What was entered by mistake is withdrawn, and counts no more.
    pub enum PublicityState {
        Recorded = "recorded" / "已登记" / "Recorded",
        Withdrawn = "withdrawn" / "已撤回" / "Withdrawn",
    }
}

coded_enum! {
    /// Step of an item.
    pub enum PublicityAction {
        Withdraw = "withdraw" / "撤回" / "Withdraw",
        Reinstate = "reinstate" / "恢复" / "Reinstate",
    }
}

/// Who enters what has appeared: each side what it sees; town and bureau correct what lies in their area.
const WRITERS: &[Role] = &[Role::Bureau, Role::Town, Role::Village, Role::Organisation];

impl PublicityState {
    pub const STEPS: Steps<Self, PublicityAction> = Steps(&[
        Step::new(PublicityAction::Withdraw, &[Self::Recorded], Self::Withdrawn, WRITERS).with_reason(),
        Step::new(PublicityAction::Reinstate, &[Self::Withdrawn], Self::Recorded, WRITERS),
    ]);
}

coded_enum! {
    /// Orders of the list of items.
    pub enum PublicitySort {
        AppearedOn = "appeared_on" / "刊播日期" / "Appeared on",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Title = "title" / "标题" / "Title",
    }
}

list_query! {
    /// Filters of the list of items.
    pub struct PublicityQuery sorted by PublicitySort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub channel: Option<Channel>,
        pub state: Option<PublicityState>,
        pub month: Option<Month>,
        pub pairing_id: Option<Uuid>,
        pub case_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        /// Only those of this area or inside of it.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What has appeared.
#[input]
pub struct PublicityInput {
    /// Stays as it is.
    pub campaign_id: Uuid,
    pub channel: Channel,
    /// 专栏、专题: the column or topic that it is part of.
    #[serde(default)]
    #[limit(1..=100, line)]
    pub feature: Option<String>,
    #[limit(2..=200, line)]
    pub title: String,
    /// Who has published it, such as a newspaper.
    #[limit(1..=100, line)]
    pub outlet: String,
    #[limit(date)]
    pub appeared_on: NaiveDate,
    /// Its address on the web, by http or https. The service never opens it.
    #[serde(default)]
    #[limit(..=500, link, pattern = "^https?://[^\\s]+$", example = "https://www.example.com/news/1")]
    pub link: Option<String>,
    /// How many it has reached, with what that counts.
    #[serde(default)]
    #[limit(0..=1_000_000_000i64)]
    pub reach: Option<i64>,
    /// What the reach counts, such as 次阅读 or 份.
    #[serde(default)]
    #[limit(1..=20, line)]
    pub reach_unit: Option<String>,
    /// The pairing with a village that it is about. Stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_id: Option<Uuid>,
    /// The case that it is about.
    #[serde(default)]
    pub case_id: Option<Uuid>,
}

impl PublicityInput {
    /// The faults that lie between fields: a number without what it counts says nothing.
    pub fn faults(&self) -> Vec<FieldError> {
        match (self.reach, &self.reach_unit) {
            (Some(_), None) => vec![FieldError::at("/reach_unit", "required")],
            (None, Some(_)) => vec![FieldError::at("/reach", "required")],
            _ => Vec::new(),
        }
    }
}

/// An item.
#[answer]
pub struct PublicityItem {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: PublicityInput,
    pub state: PublicityState,
    #[limit(..=100)]
    pub campaign_title: String,
    #[limit(..=60)]
    pub document_number: String,
    /// The organisation of the pairing, or that which entered it.
    pub organisation_id: Option<Uuid>,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
    /// The village of the pairing, or the area of whoever entered it.
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    /// The title of its case, while that is published.
    #[limit(..=100)]
    pub case_title: Option<String>,
    /// True where the caller may change it.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<PublicityAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// Of which campaign, and where.
#[query]
pub struct PublicityMonthsQuery {
    pub campaign_id: Uuid,
    /// Only what lies in this area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(area_code)]
    pub within: Option<String>,
}

/// A month by channel.
#[answer]
pub struct PublicityMonth {
    pub month: Month,
    /// All channels, in their order.
    #[limit(..=10)]
    pub channels: Vec<ChannelFigure>,
    pub total: Figure,
}

/// The items of a channel.
#[answer]
pub struct ChannelFigure {
    pub channel: Channel,
    pub figure: Figure,
}

/// What has appeared, month by month.
#[answer]
pub struct PublicityMonths {
    pub campaign_id: Uuid,
    /// The months in which anything has, in their order.
    #[limit(..=1200)]
    pub months: Vec<PublicityMonth>,
    pub total: Figure,
}
