//! Findings (发现问题) of inspections: 对于检查发现的问题与不足，及时指出并指导改进.

use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;

use crate::inspections::{INSPECTORS, RoundKind};
use crate::projects::ResponsibleSide;
use crate::workflow::{Step, Steps};
use crate::{CodedEnum, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// How serious a finding is.
    pub enum Severity {
        General = "general" / "一般" / "General",
        Serious = "serious" / "较重" / "Serious",
        Grave = "grave" / "严重" / "Grave",
    }
}

coded_enum! {
    /// State of a finding.
    pub enum FindingState {
        Open = "open" / "待整改" / "Open",
        Rectifying = "rectifying" / "整改中" / "Being rectified",
        Submitted = "submitted" / "待复核" / "To be verified",
        Reopened = "reopened" / "复核未通过" / "Reopened",
        Closed = "closed" / "已销号" / "Closed",
    }
}

coded_enum! {
    /// Step of a finding.
    pub enum FindingAction {
        Begin = "begin" / "开始整改" / "Begin to rectify",
        Submit = "submit" / "提交整改" / "Submit the rectification",
        Close = "close" / "复核通过，销号" / "Verify and close",
        Reopen = "reopen" / "退回整改" / "Reopen",
    }
}

/// Who may be responsible. Which side is, the finding says.
const SIDES: &[Role] = &[Role::Organisation, Role::Village, Role::Town];

impl FindingState {
    /// The states in which the responsible side has something to do.
    pub const TO_RECTIFY: &'static [Self] = &[Self::Open, Self::Rectifying, Self::Reopened];

    /// Whoever rectifies never verifies. A town may rectify for a village committee that has no account; then the bureau verifies.
    pub const STEPS: Steps<Self, FindingAction> = Steps(&[
        Step::new(FindingAction::Begin, &[Self::Open, Self::Reopened], Self::Rectifying, SIDES),
        Step::new(FindingAction::Submit, Self::TO_RECTIFY, Self::Submitted, SIDES),
        Step::new(FindingAction::Close, &[Self::Submitted], Self::Closed, INSPECTORS),
        Step::new(FindingAction::Reopen, &[Self::Submitted, Self::Closed], Self::Reopened, INSPECTORS).with_reason(),
    ]);
}

coded_enum! {
    /// How a finding stands with its day. One that is not closed stays open, however late it is.
    pub enum FindingDue {
        OnTime = "on_time" / "未到期" / "On time",
        DueSoon = "due_soon" / "即将到期" / "Due soon",
        Overdue = "overdue" / "已逾期" / "Overdue",
        Escalated = "escalated" / "严重逾期" / "Long overdue",
        Settled = "settled" / "已销号" / "Settled",
    }
}

/// A finding is due soon from so many days before its day on.
pub const SOON: Days = Days::new(7);

/// A finding that is overdue for more than so many days goes to the bureau.
pub const ESCALATES: Days = Days::new(7);

impl FindingDue {
    /// The first and the last day that an unsettled finding has where it stands so today. None is no limit. All that says how a
    /// finding stands follows from this: the list, its filter, counts, the work list and the workbook.
    pub fn days(self, today: NaiveDate) -> Option<(Option<NaiveDate>, Option<NaiveDate>)> {
        let (soon, escalates) = (today + SOON, today - ESCALATES);
        let (yesterday, after_soon) = (today - Days::new(1), soon + Days::new(1));
        match self {
            Self::OnTime => Some((Some(after_soon), None)),
            Self::DueSoon => Some((Some(today), Some(soon))),
            Self::Overdue => Some((Some(escalates), Some(yesterday))),
            Self::Escalated => Some((None, Some(escalates - Days::new(1)))),
            Self::Settled => None,
        }
    }
}

/// How a finding with this day stands today.
pub fn due(state: FindingState, due_on: NaiveDate, today: NaiveDate) -> FindingDue {
    let lies_in = |standing: &FindingDue| {
        let days = standing.days(today);
        days.is_some_and(|(first, last)| first.is_none_or(|first| due_on >= first) && last.is_none_or(|last| due_on <= last))
    };
    let open = state != FindingState::Closed;
    FindingDue::ALL.iter().copied().filter(|_| open).find(lies_in).unwrap_or(FindingDue::Settled)
}

coded_enum! {
    /// Orders of the list of findings.
    pub enum FindingSort {
        DueOn = "due_on" / "整改期限" / "Due on",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of findings.
    pub struct FindingQuery sorted by FindingSort, searched by q {
        pub campaign_id: Option<Uuid>,
        pub round_id: Option<Uuid>,
        pub inspection_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub kind: Option<RoundKind>,
        pub severity: Option<Severity>,
        pub state: Option<FindingState>,
        /// Only those that stand so with their day.
        pub due: Option<FindingDue>,
        /// Only those that are not closed and whose day is over, or only others.
        pub overdue: Option<bool>,
        pub responsible: Option<ResponsibleSide>,
        /// Only those that were reopened, or only others.
        pub was_reopened: Option<bool>,
        /// Only those that wait for the caller to rectify or to verify, or only others.
        pub waits_for_me: Option<bool>,
        /// Only those of villages inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What is written of a finding.
#[input]
pub struct FindingInput {
    /// Stays as it is.
    pub inspection_id: Uuid,
    /// Number of the checklist's item that it is about, from 1 on.
    #[serde(default)]
    #[limit(1..=50)]
    pub item: Option<i32>,
    pub severity: Severity,
    /// What is wrong, and what should be done.
    #[limit(2..=2000, text)]
    pub problem: String,
    /// The day on which it was found; it stays, however often the finding is reopened.
    #[limit(date)]
    pub found_on: NaiveDate,
    #[limit(date)]
    pub due_on: NaiveDate,
    pub responsible: ResponsibleSide,
    /// Made by whoever enters it, so that what is sent again is not entered twice, however much later. It stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<Uuid>,
}

/// The body of a step of a finding.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct FindingStepInput {
    /// For submitting: what was done. For reopening: what is still wrong. For closing: a remark.
    #[limit(1..=2000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// For submitting: the day on which it was mended, which is that of its photos and papers, whenever they are attached.
    #[limit(date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rectified_on: Option<NaiveDate>,
    /// For reopening: the new day. The one before stays, unless given.
    #[limit(date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// Why a town office rectifies for a village committee that has no account.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_reason: Option<String>,
}

/// A finding, with its rectification and verification.
#[answer]
pub struct Finding {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: FindingInput,
    pub campaign_id: Uuid,
    pub round_id: Uuid,
    #[limit(..=100)]
    pub round_title: String,
    pub kind: RoundKind,
    pub pairing_id: Uuid,
    /// Words of the item that it is about.
    #[limit(..=300)]
    pub item_text: Option<String>,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    pub state: FindingState,
    /// How it stands with its day.
    pub due: FindingDue,
    /// Days from today to its day; negative when it is over. None once it is closed.
    pub days_left: Option<i64>,
    /// The day that it had at first.
    pub first_due_on: NaiveDate,
    /// How often it was reopened.
    #[limit(0..)]
    pub reopenings: i32,
    /// What was done, and when.
    #[limit(..=2000)]
    pub rectification: Option<String>,
    pub rectified_on: Option<NaiveDate>,
    /// When that was submitted, and by whom.
    pub submitted_at: Option<DateTime<Utc>>,
    #[limit(..=60)]
    pub rectified_by_name: Option<String>,
    /// Why a town submitted it for a village committee.
    #[limit(..=1000)]
    pub on_behalf_reason: Option<String>,
    /// When it was verified last, by whom, and with what words.
    pub verified_at: Option<DateTime<Utc>>,
    #[limit(..=60)]
    pub verified_by_name: Option<String>,
    #[limit(..=2000)]
    pub verification: Option<String>,
    pub closed_on: Option<NaiveDate>,
    /// True where the caller may change it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<FindingAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(number.into())
    }

    #[test]
    fn a_day_is_overdue_when_it_is_over_and_goes_to_the_bureau_a_week_later() {
        let standing = |due_on: u32| due(FindingState::Open, day(due_on), day(100));
        use FindingDue::{DueSoon, Escalated, OnTime, Overdue};
        assert_eq!([108, 107, 100, 99, 93, 92].map(standing), [OnTime, DueSoon, DueSoon, Overdue, Overdue, Escalated]);
        assert_eq!(due(FindingState::Closed, day(1), day(100)), FindingDue::Settled);
    }

    proptest! {
        #[test]
        fn every_finding_stands_in_one_way_and_what_is_overdue_stays_open(
            state in select(FindingState::ALL), due_on in 0u32..400, today in 30u32..370
        ) {
            let (due_on, today) = (day(due_on), day(today));
            let standing = due(state, due_on, today);
            prop_assert_eq!(standing == FindingDue::Settled, state == FindingState::Closed);
            let fits = |standing: &&FindingDue| standing.days(today).is_some_and(|(first, last)| {
                first.is_none_or(|first| due_on >= first) && last.is_none_or(|last| due_on <= last)
            });
            prop_assert_eq!(FindingDue::ALL.iter().filter(fits).count(), 1);
            if state != FindingState::Closed {
                let late = matches!(standing, FindingDue::Overdue | FindingDue::Escalated);
                prop_assert_eq!(late, due_on < today);
            }
        }
    }
}
