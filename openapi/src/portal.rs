//! What anybody reads without an account: published cases and figures.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::campaigns::Goal;
use crate::cases::CaseKind;
use crate::month::Month;
use crate::publications::PublicFigure;
use crate::villages::Industry;
use crate::{answer, coded_enum, list_query, query};

coded_enum! {
    /// Orders of the published cases.
    pub enum PublicCaseSort {
        PublishedOn = "published_on" / "发布日期" / "Published on",
    }
}

list_query! {
    /// Filters of the published cases.
    pub struct PublicCaseQuery sorted by PublicCaseSort, latest first {
        pub campaign_id: Option<Uuid>,
        pub kind: Option<CaseKind>,
        pub goal: Option<Goal>,
    }
}

/// A published case or good practice. It names no family.
#[answer]
pub struct PublicCase {
    pub id: Uuid,
    pub kind: CaseKind,
    #[limit(..=100)]
    pub title: String,
    pub goal: Goal,
    pub industry: Option<Industry>,
    #[limit(..=100)]
    pub campaign_title: String,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
    /// The village of the pairing, or the area of whoever wrote it.
    #[limit(..=60)]
    pub area_name: String,
    #[limit(..=60)]
    pub town_name: Option<String>,
    #[limit(..=300)]
    pub summary: Option<String>,
    #[limit(..=2000)]
    pub background: Option<String>,
    #[limit(..=2000)]
    pub practice: String,
    #[limit(..=2000)]
    pub effect: Option<String>,
    #[limit(..=1000)]
    pub why_it_works: Option<String>,
    #[limit(..=1000)]
    pub what_it_needs: Option<String>,
    /// The day on which it was published first.
    pub published_on: NaiveDate,
}

coded_enum! {
    /// Orders of the published figures.
    pub enum PublishedFiguresSort {
        Month = "month" / "月份" / "Month",
        PublishedOn = "published_on" / "公布日期" / "Published on",
    }
}

list_query! {
    /// Filters of the published figures.
    pub struct PublishedFiguresQuery sorted by PublishedFiguresSort, latest first {
        pub campaign_id: Option<Uuid>,
        pub month: Option<Month>,
    }
}

/// What is said of published figures.
#[answer]
pub struct PublishedFiguresHead {
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
    pub published_on: NaiveDate,
    /// SHA-256 of the .csv file without byte order mark, in hexadecimal digits.
    #[limit(64..=64)]
    pub digest: String,
}

/// Published figures of a campaign until a month.
#[answer]
pub struct PublishedFigures {
    #[serde(flatten)]
    pub head: PublishedFiguresHead,
    #[limit(..=20_000)]
    pub figures: Vec<PublicFigure>,
}

/// How a file of figures is wanted.
#[query]
#[derive(Default)]
#[serde(default)]
pub struct FiguresFileQuery {
    /// True puts a byte order mark before it, by which Excel knows UTF-8. Programs want none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bom: Option<bool>,
}
