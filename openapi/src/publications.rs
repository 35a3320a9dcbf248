//! Publications: the figures of a campaign until a month, as the public is told them. Small numbers are held back, and others by which
//! these could be computed.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::assistance::AidKind;
use crate::campaigns::Goal;
use crate::month::Month;
use crate::workflow::{Step, Steps};
use crate::{CodedEnum, Lang, Role, answer, coded_enum, input, list_query, query};

coded_enum! {
    /// State of a publication. It is never changed: a month is published anew once it is withdrawn.
    pub enum PublicationState {
        Published = "published" / "已公布" / "Published",
        Withdrawn = "withdrawn" / "已撤回" / "Withdrawn",
    }
}

coded_enum! {
    /// Step of a publication.
    pub enum PublicationAction {
        Withdraw = "withdraw" / "撤回" / "Withdraw",
    }
}

impl PublicationState {
    pub const STEPS: Steps<Self, PublicationAction> =
        Steps(&[Step::new(PublicationAction::Withdraw, &[Self::Published], Self::Withdrawn, &[Role::Bureau]).with_reason()]);
}

coded_enum! {
    /// What is counted, all until the end of a month.
    pub enum PublicTable {
        Pairings = "pairings" / "村社结对（对）" / "Pairings of organisations with villages",
        Projects = "projects" / "合作项目（个）" / "Joint projects",
        Outcomes = "outcomes" / "帮扶成效（项）" / "Confirmed results",
        Households = "households" / "受帮扶户（户次）" / "Households helped, once for each kind of help",
    }
}

impl PublicTable {
    /// Its columns: their codes and labels, in their order. Pairings have none beside their number.
    pub fn columns(self, lang: Lang) -> Vec<(&'static str, &'static str)> {
        fn of<T: CodedEnum>(lang: Lang) -> Vec<(&'static str, &'static str)> {
            T::ALL.iter().map(|column| (column.code(), column.label(lang))).collect()
        }
        match self {
            Self::Pairings => Vec::new(),
            Self::Projects | Self::Outcomes => of::<Goal>(lang),
            Self::Households => of::<AidKind>(lang),
        }
    }

    /// Whether it counts families, of which also a small difference between two publications tells.
    pub fn counts_families(self) -> bool {
        self == Self::Households
    }
}

coded_enum! {
    /// Why a figure is shown or held back.
    pub enum FigureDecision {
        Shown = "shown" / "公布" / "Shown",
        Small = "small" / "不足5，不公布" / "Held back: fewer than 5",
        SmallChange = "small_change" / "与已公布数相差不足5，不公布" / "Held back: within 5 of a figure that was published",
        WouldTell = "would_tell" / "可据以推算未公布数，不公布" / "Held back: it would tell another",
    }
}

coded_enum! {
    /// Orders of the list of publications.
    pub enum PublicationSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Month = "month" / "月份" / "Month",
    }
}

list_query! {
    /// Filters of the list of publications.
    pub struct PublicationQuery sorted by PublicationSort, latest first {
        pub campaign_id: Option<Uuid>,
        pub month: Option<Month>,
        pub state: Option<PublicationState>,
    }
}

/// What is to be published.
#[input]
pub struct PublicationInput {
    pub campaign_id: Uuid,
    /// The month that the figures end with. It is over.
    pub month: Month,
}

/// Of what a preview is wanted.
#[query]
pub struct PublicationPreviewQuery {
    pub campaign_id: Uuid,
    /// The month that the figures end with. It is over.
    pub month: Month,
}

/// A figure as the public is told it.
#[answer]
pub struct PublicFigure {
    pub table: PublicTable,
    /// A town, or the area of the campaign for the sum of all.
    #[limit(..=12)]
    pub area_code: String,
    /// Its name on that day.
    #[limit(..=60)]
    pub area_name: String,
    /// The code of a goal for projects and results, of a kind of help for households. `null` is the sum of all, and of pairings the
    /// number itself.
    #[limit(..=40)]
    pub column: Option<String>,
    /// `null` where it is held back: it is below 5, or would tell something that is.
    #[limit(0..)]
    pub value: Option<i64>,
}

/// A figure before it is published.
#[answer]
pub struct PreviewFigure {
    pub table: PublicTable,
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    #[limit(..=40)]
    pub column: Option<String>,
    /// What is counted, whether it will be shown or not.
    #[limit(0..)]
    pub value: i64,
    pub decision: FigureDecision,
}

/// What would be published now.
#[answer]
pub struct PublicationPreview {
    pub campaign_id: Uuid,
    pub month: Month,
    #[limit(..=20_000)]
    pub figures: Vec<PreviewFigure>,
}

/// What every answer says of a publication.
#[answer]
pub struct PublicationHead {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[limit(..=100)]
    pub campaign_title: String,
    /// The area of the campaign.
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    /// The month that the figures end with.
    pub month: Month,
    /// Of those of the campaign, without gaps.
    #[limit(1..)]
    pub issue_number: i32,
    pub state: PublicationState,
    pub published_on: NaiveDate,
    /// Who published it.
    #[limit(..=60)]
    pub published_by: String,
    pub withdrawn_on: Option<NaiveDate>,
    /// Why it was withdrawn.
    #[limit(..=1000)]
    pub reason: Option<String>,
    /// SHA-256 of the open data, the .csv file without byte order mark, in hexadecimal digits.
    #[limit(64..=64)]
    pub digest: String,
    /// How many figures are shown, and how many are held back.
    #[limit(0..)]
    pub shown_count: i32,
    #[limit(0..)]
    pub held_back_count: i32,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<PublicationAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// A publication.
#[answer]
pub struct Publication {
    #[serde(flatten)]
    pub head: PublicationHead,
    #[limit(..=20_000)]
    pub figures: Vec<PublicFigure>,
}
