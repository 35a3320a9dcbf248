//! Cases (典型案例) and good practices (好的做法): nominated, selected, published; and who has taken one up (相互取经).

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::campaigns::Goal;
use crate::villages::Industry;
use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// Whether the story of a pairing is told, or a way of doing something.
    pub enum CaseKind {
        Case = "case" / "典型案例" / "Case",
        Practice = "practice" / "好做法" / "Good practice",
    }
}

coded_enum! {
    /// State of a case. Whoever writes one nominates it.
    pub enum CaseState {
        Nominated = "nominated" / "待选定" / "Nominated",
        Returned = "returned" / "已退回" / "Returned",
        Selected = "selected" / "已选定" / "Selected",
        Published = "published" / "已发布" / "Published",
        Unpublished = "unpublished" / "已撤下" / "Taken down",
    }
}

coded_enum! {
    /// Step of a case.
    pub enum CaseAction {
        Nominate = "nominate" / "重新推荐" / "Nominate again",
        Select = "select" / "选定" / "Select",
        Return = "return" / "退回" / "Return",
        Publish = "publish" / "发布" / "Publish",
        Unpublish = "unpublish" / "撤下" / "Take down",
    }
}

coded_enum! {
    /// What is confirmed of the people whom words and photos show. Consent is asked for each purpose, and this is one of its own.
    pub enum PeopleShown {
        AllAgreed = "all_agreed" / "出现的人均已同意公开" / "All who are shown have agreed to that",
        Nobody = "nobody" / "没有出现任何人" / "Nobody is shown",
    }
}

/// Who nominates.
pub const NOMINATORS: &[Role] = &[Role::Bureau, Role::Town, Role::Organisation];

impl CaseState {
    /// 选定若干对有代表性的村社共建典型: the bureau selects with a reason, and publishes. What was taken down is published again, or mended.
    pub const STEPS: Steps<Self, CaseAction> = Steps(&[
        Step::new(CaseAction::Nominate, &[Self::Returned], Self::Nominated, NOMINATORS),
        Step::new(CaseAction::Select, &[Self::Nominated], Self::Selected, &[Role::Bureau]).with_reason(),
        Step::new(CaseAction::Return, &[Self::Nominated, Self::Selected, Self::Unpublished], Self::Returned, &[Role::Bureau])
            .with_reason(),
        Step::new(CaseAction::Publish, &[Self::Selected, Self::Unpublished], Self::Published, &[Role::Bureau]),
        Step::new(CaseAction::Unpublish, &[Self::Published], Self::Unpublished, &[Role::Bureau]).with_reason(),
    ]);
}

coded_enum! {
    /// Orders of the list of cases.
    pub enum CaseSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Title = "title" / "标题" / "Title",
    }
}

list_query! {
    /// Filters of the list of cases.
    pub struct CaseQuery sorted by CaseSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub kind: Option<CaseKind>,
        pub state: Option<CaseState>,
        pub goal: Option<Goal>,
        pub industry: Option<Industry>,
        pub pairing_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        /// Only those that somebody has taken up, or only others.
        pub taken_up: Option<bool>,
        /// Only those that wait for the caller to act, or only others.
        pub waits_for_me: Option<bool>,
        /// Only those of this area or inside of it.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What is written of a case. Everybody in the county reads it once it is published, so it names no family.
#[input]
pub struct CaseInput {
    /// Stays as it is.
    pub campaign_id: Uuid,
    /// Stays as it is.
    pub kind: CaseKind,
    /// The pairing with a village that it tells of; a good practice may be of none. Stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_id: Option<Uuid>,
    /// A project of that pairing.
    #[serde(default)]
    pub project_id: Option<Uuid>,
    #[limit(2..=100, line)]
    pub title: String,
    pub goal: Goal,
    #[serde(default)]
    pub industry: Option<Industry>,
    /// In a few sentences; a case has one.
    #[serde(default)]
    #[limit(1..=300, text)]
    pub summary: Option<String>,
    /// 背景: how things were before; a case has one.
    #[serde(default)]
    #[limit(1..=2000, text)]
    pub background: Option<String>,
    /// 做法: what was done, and how.
    #[limit(1..=2000, text)]
    pub practice: String,
    /// 成效: what came of it; a case has one.
    #[serde(default)]
    #[limit(1..=2000, text)]
    pub effect: Option<String>,
    /// Why it works.
    #[serde(default)]
    #[limit(1..=1000, text)]
    pub why_it_works: Option<String>,
    /// What somebody needs who would do the same.
    #[serde(default)]
    #[limit(1..=1000, text)]
    pub what_it_needs: Option<String>,
    /// Where it was found, such as the words of an inspection.
    #[serde(default)]
    #[limit(1..=300, text)]
    pub found_in: Option<String>,
}

impl CaseInput {
    /// The faults that lie between fields: a case is of a pairing and tells its story, and a project is of a pairing.
    pub fn faults(&self) -> Vec<FieldError> {
        let is_case = self.kind == CaseKind::Case;
        [
            ("/pairing_id", (is_case || self.project_id.is_some()) && self.pairing_id.is_none()),
            ("/summary", is_case && self.summary.is_none()),
            ("/background", is_case && self.background.is_none()),
            ("/effect", is_case && self.effect.is_none()),
        ]
        .into_iter()
        .filter(|(_, missing)| *missing)
        .map(|(pointer, _)| FieldError::at(pointer, "required"))
        .collect()
    }

    /// The fields that hold words, and their words.
    pub fn texts(&self) -> Vec<(&'static str, &str)> {
        let optional = [
            ("/summary", &self.summary),
            ("/background", &self.background),
            ("/effect", &self.effect),
            ("/why_it_works", &self.why_it_works),
            ("/what_it_needs", &self.what_it_needs),
            ("/found_in", &self.found_in),
        ];
        let given = optional.into_iter().filter_map(|(pointer, words)| Some((pointer, words.as_deref()?)));
        [("/title", &*self.title), ("/practice", &*self.practice)].into_iter().chain(given).collect()
    }
}

/// The body of a step of a case.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct CaseStepInput {
    /// Why it is selected, returned or taken down.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Publishing needs it. Who says so, and when, is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people_shown: Option<PeopleShown>,
}

/// A case, or a good practice.
#[answer]
pub struct Case {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: CaseInput,
    pub state: CaseState,
    #[limit(..=100)]
    pub campaign_title: String,
    /// The organisation of the pairing, or that which wrote it.
    pub organisation_id: Option<Uuid>,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
    /// The village of the pairing, or the area of whoever wrote it.
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    /// The town that it lies in; none where it is of the whole county.
    #[limit(..=60)]
    pub town_name: Option<String>,
    #[limit(..=100)]
    pub project_title: Option<String>,
    pub nominated_by: Role,
    /// Why it was selected, returned or taken down last.
    #[limit(..=1000)]
    pub reason: Option<String>,
    /// What was confirmed of those who are shown, by whom and when; none while it is not published.
    pub people_shown: Option<PeopleShown>,
    #[limit(..=60)]
    pub shown_confirmed_by: Option<String>,
    pub shown_confirmed_at: Option<DateTime<Utc>>,
    /// The day on which it was published first.
    pub published_on: Option<NaiveDate>,
    /// How many have taken it up.
    #[limit(0..)]
    pub uptakes: i64,
    /// True where the caller may change it now.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<CaseAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

coded_enum! {
    /// Orders of the list of uptakes.
    pub enum UptakeSort {
        TakenOn = "taken_on" / "借鉴日期" / "Taken up on",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of uptakes.
    pub struct UptakeQuery sorted by UptakeSort, latest first, searched by q {
        pub case_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        /// Only those of villages and organisations inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// That somebody has taken a case up (借鉴): a pairing, or a village or an organisation by itself. Each of them once.
#[input]
pub struct UptakeInput {
    /// A published case of somebody else. Stays as it is.
    pub case_id: Uuid,
    /// Without it the caller's own village or organisation has. Stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing_id: Option<Uuid>,
    #[limit(date)]
    pub taken_on: NaiveDate,
    /// What was taken over, and what came of it.
    #[limit(1..=1000, text)]
    pub words: String,
}

/// An uptake.
#[answer]
pub struct Uptake {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: UptakeInput,
    #[limit(..=100)]
    pub case_title: String,
    #[limit(..=12)]
    pub village_code: Option<String>,
    #[limit(..=60)]
    pub village_name: Option<String>,
    pub organisation_id: Option<Uuid>,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
    /// True where the caller may change it.
    pub editable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}
