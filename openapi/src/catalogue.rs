//! The catalogue of needs and offers (供需目录): what villages and groups of households need, and what organisations offer.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::assistance::RecordState;
use crate::campaigns::{CampaignInput, Goal};
use crate::households::Group;
use crate::month::Month;
use crate::objects::ObjectKind;
use crate::pairings::PairingState;
use crate::projects::ProjectState;
use crate::villages::Industry;
use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// Whether something is needed or offered.
    pub enum CatalogueSide {
        Need = "need" / "需求" / "Need",
        Offer = "offer" / "供给" / "Offer",
    }
}

coded_enum! {
    /// What is needed or offered.
    pub enum SupplyKind {
        Money = "money" / "资金" / "Money",
        Goods = "goods" / "物资设备" / "Goods and equipment",
        Construction = "construction" / "设施建设" / "Construction",
        Technology = "technology" / "技术与人才" / "Technology and experts",
        Training = "training" / "培训" / "Training",
        Jobs = "jobs" / "就业岗位" / "Jobs",
        Sales = "sales" / "产销对接" / "Sales channels",
        Service = "service" / "专业服务" / "Professional services",
        Volunteers = "volunteers" / "志愿服务" / "Volunteers",
        Other = "other" / "其他" / "Other",
    }
}

coded_enum! {
    /// How soon it is needed, or can be had.
    pub enum Urgency {
        Urgent = "urgent" / "紧急" / "Urgent",
        Soon = "soon" / "较急" / "Soon",
        Normal = "normal" / "一般" / "Normal",
    }
}

coded_enum! {
    /// State of an entry.
    pub enum CatalogueEntryState {
        Draft = "draft" / "草拟" / "Draft",
        Published = "published" / "已发布" / "Published",
        Fulfilled = "fulfilled" / "已全部兑现" / "Fulfilled",
        Withdrawn = "withdrawn" / "已撤回" / "Withdrawn",
        Expired = "expired" / "已到期" / "Expired",
    }
}

coded_enum! {
    /// Step of an entry.
    pub enum CatalogueEntryAction {
        Publish = "publish" / "发布" / "Publish",
        Withdraw = "withdraw" / "撤回" / "Withdraw",
        Reopen = "reopen" / "重新打开" / "Reopen",
        Fulfil = "fulfil" / "全部兑现" / "Fulfil",
        Unfulfil = "unfulfil" / "恢复为未兑现" / "No longer fulfilled",
        Expire = "expire" / "到期" / "Expire",
    }
}

impl CatalogueEntryState {
    /// The states in which an entry can be changed, and stands for what is needed or offered now.
    pub const LIVE: &'static [Self] = &[Self::Draft, Self::Published];
    /// The states in which everybody in the county may read it.
    pub const PUBLIC: &'static [Self] = &[Self::Published, Self::Fulfilled];
    /// The states in which whoever it is of has taken part in the survey (形成供需目录): it was published, and not taken back.
    pub const SURVEYED: &'static [Self] = &[Self::Published, Self::Fulfilled, Self::Expired];

    /// Whoever keeps an entry publishes and withdraws it. Nobody takes the last three steps by hand: an entry is fulfilled when
    /// all of it is, and no longer fulfilled when a project that took some is returned or cancelled, or help is corrected.
    pub const STEPS: Steps<Self, CatalogueEntryAction> = Steps(&[
        Step::new(CatalogueEntryAction::Publish, &[Self::Draft], Self::Published, KEEPERS),
        Step::new(CatalogueEntryAction::Withdraw, Self::LIVE, Self::Withdrawn, KEEPERS).with_reason(),
        Step::new(CatalogueEntryAction::Reopen, &[Self::Withdrawn, Self::Expired], Self::Draft, KEEPERS),
        Step::new(CatalogueEntryAction::Fulfil, &[Self::Published], Self::Fulfilled, &[]),
        Step::new(CatalogueEntryAction::Unfulfil, &[Self::Fulfilled], Self::Published, &[]),
        Step::new(CatalogueEntryAction::Expire, &[Self::Published], Self::Expired, &[]),
    ]);
}

/// Who keeps entries: villages and organisations their own, towns those of their villages, the bureau those of its area.
pub const KEEPERS: &[Role] = &[Role::Bureau, Role::Town, Role::Village, Role::Organisation];

coded_enum! {
    /// How far what is taken of an entry has come. It follows from the state of whoever takes it.
    pub enum CommitmentStage {
        Requested = "requested" / "拟使用" / "Asked for",
        Committed = "committed" / "已落实" / "Committed",
        Fulfilled = "fulfilled" / "已兑现" / "Fulfilled",
    }
}

impl CommitmentStage {
    /// The states of projects in which what they take has come this far; one that is cancelled takes nothing.
    pub const fn of_projects(self) -> &'static [ProjectState] {
        match self {
            Self::Requested => &[ProjectState::Draft, ProjectState::Submitted, ProjectState::Returned],
            Self::Committed => &[ProjectState::Approved, ProjectState::InProgress, ProjectState::Suspended],
            Self::Fulfilled => &[ProjectState::Completed, ProjectState::Accepted],
        }
    }

    /// The states of pairings in which what they take has come this far; one that is refused or ended early takes nothing.
    pub const fn of_pairings(self) -> &'static [PairingState] {
        match self {
            Self::Requested => &[PairingState::Proposed, PairingState::Accepted],
            Self::Committed => &[PairingState::Confirmed, PairingState::Active],
            Self::Fulfilled => &[PairingState::Completed],
        }
    }

    /// The states of assistance records in which what they take has come this far; one that is rejected or corrected takes nothing.
    pub const fn of_records(self) -> &'static [RecordState] {
        match self {
            Self::Requested => &[RecordState::Recorded],
            Self::Committed => &[],
            Self::Fulfilled => &[RecordState::Confirmed],
        }
    }
}

coded_enum! {
    /// Orders of the catalogue.
    pub enum CatalogueEntrySort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Title = "title" / "标题" / "Title",
        Quantity = "quantity" / "数量" / "Quantity",
        AreaCode = "area_code" / "区划代码" / "Area code",
    }
}

list_query! {
    /// Filters of the catalogue.
    pub struct CatalogueEntryQuery sorted by CatalogueEntrySort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub side: Option<CatalogueSide>,
        pub goal: Option<Goal>,
        pub industry: Option<Industry>,
        pub kind: Option<SupplyKind>,
        pub for_group: Option<Group>,
        pub urgency: Option<Urgency>,
        pub state: Option<CatalogueEntryState>,
        pub organisation_id: Option<Uuid>,
        /// Only those from which this pairing, its projects and its help can take: of its village and its organisation, in its campaign.
        pub pairing_id: Option<Uuid>,
        /// Only those of which something remains, or only others.
        pub remains: Option<bool>,
        /// Only those of this month, whichever months they name; those that name none are of every month.
        pub month: Option<Month>,
        /// Only those of this area or inside of it.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What is written of an entry: a need of a village, or an offer of an organisation.
#[input]
pub struct CatalogueEntryInput {
    /// Stays as it is.
    pub campaign_id: Uuid,
    /// The village whose need it is: the village or the organisation is named, one of the two. Stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(village_code)]
    pub village_code: Option<String>,
    /// The organisation whose offer it is. Stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<Uuid>,
    #[limit(2..=100, line)]
    pub title: String,
    pub goal: Goal,
    #[serde(default)]
    pub industry: Option<Industry>,
    pub kind: SupplyKind,
    /// The group of people that it is for. Families are named nowhere in the catalogue.
    #[serde(default)]
    pub for_group: Option<Group>,
    #[limit(1..=2000, text)]
    pub description: String,
    /// How much in all. It is not less than what is taken of it.
    #[limit(1..=1_000_000_000i64)]
    pub quantity: i64,
    /// What the quantity counts, such as 盏, 人 or 元. Stays as it is once some of it is taken.
    #[limit(1..=20, line)]
    pub quantity_unit: String,
    /// What it costs or is worth in all, in fen.
    #[serde(default)]
    #[limit(1..=1_000_000_000_000i64)]
    pub amount_fen: Option<i64>,
    /// The first month in which it is needed or can be had.
    #[serde(default)]
    pub from_month: Option<Month>,
    /// The last one. A published entry expires when it is over.
    #[serde(default)]
    pub to_month: Option<Month>,
    pub urgency: Urgency,
    #[serde(default)]
    #[limit(1..=100, line)]
    pub place: Option<String>,
    #[serde(default)]
    #[limit(1..=60, line)]
    pub contact_name: Option<String>,
    #[serde(default)]
    #[limit(phone)]
    pub contact_phone: Option<String>,
    /// Says that it is another one than what it was refused for (`likely_double`). It is kept in the history alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_double: bool,
}

impl CatalogueEntryInput {
    /// The fields that hold words, and their words; whom to call is named on purpose.
    pub fn texts(&self) -> Vec<(&'static str, &str)> {
        let place = self.place.as_deref().map(|words| ("/place", words));
        [("/title", &*self.title), ("/description", &*self.description)].into_iter().chain(place).collect()
    }

    /// The faults that lie between fields: of a village or an organisation, one of the two; months that follow each other.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if self.village_code.is_some() == self.organisation_id.is_some() {
            faults.extend(["/village_code", "/organisation_id"].map(|pointer| FieldError::at(pointer, "one_of_two")));
        }
        if self.from_month.zip(self.to_month).is_some_and(|(from, to)| to < from) {
            faults.push(FieldError::at("/to_month", "end_before_start"));
        }
        faults
    }

    /// The faults of the months that it names: they lie outside of the campaign, or are over.
    pub fn month_faults(&self, campaign: &CampaignInput, today: NaiveDate) -> Vec<FieldError> {
        let months = Month::of(campaign.starts_on)..=Month::of(campaign.ends_on);
        let named = [("/from_month", self.from_month), ("/to_month", self.to_month)];
        let outside = named.into_iter().filter(|(_, month)| month.is_some_and(|month| !months.contains(&month)));
        let mut faults: Vec<_> = outside.map(|(pointer, _)| FieldError::at(pointer, "date_outside_campaign")).collect();
        if faults.is_empty() && self.to_month.is_some_and(|month| month < Month::of(today)) {
            faults.push(FieldError::at("/to_month", "past"));
        }
        faults
    }

    /// Whether it names the same months as another.
    pub fn has_months_of(&self, other: &Self) -> bool {
        (self.from_month, self.to_month) == (other.from_month, other.to_month)
    }

    /// Whether it is a need or an offer.
    pub fn side(&self) -> CatalogueSide {
        if self.village_code.is_some() { CatalogueSide::Need } else { CatalogueSide::Offer }
    }

    /// Whether it looks the same as another entry: of the same campaign and party, for the same goal, of the same kind.
    pub fn is_like(&self, other: &Self) -> bool {
        let key = |of: &Self| (of.campaign_id, of.organisation_id, of.goal, of.kind);
        key(self) == key(other) && self.village_code == other.village_code
    }
}

/// An entry of the catalogue.
#[answer]
pub struct CatalogueEntry {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: CatalogueEntryInput,
    pub side: CatalogueSide,
    pub state: CatalogueEntryState,
    #[limit(..=100)]
    pub campaign_title: String,
    #[limit(..=60)]
    pub document_number: String,
    /// Name of the village or organisation.
    #[limit(..=100)]
    pub name: String,
    /// Credit code of the organisation.
    #[limit(..=18)]
    pub credit_code: Option<String>,
    /// The village itself, or the area where the organisation is registered.
    #[limit(..=12)]
    pub area_code: String,
    /// The town that it lies in; the county of an organisation that is registered there.
    #[limit(..=60)]
    pub town_name: String,
    /// What is asked for: by projects and pairings that are not approved yet, and by help that is not confirmed.
    #[limit(0..)]
    pub requested: i64,
    /// What projects and pairings take that are approved or run.
    #[limit(0..)]
    pub committed: i64,
    /// What completed projects and pairings took, and confirmed help.
    #[limit(0..)]
    pub fulfilled: i64,
    /// What nobody takes. The four add up to the quantity.
    #[limit(0..)]
    pub remaining: i64,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<CatalogueEntryAction>,
    /// True where the caller may change it.
    pub editable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// What a project or a pairing takes of an entry.
#[input]
pub struct Commitment {
    /// A published need of the pairing's village, or an offer of its organisation.
    pub entry_id: Uuid,
    /// No more than remains of it.
    #[limit(1..=1_000_000_000i64)]
    pub quantity: i64,
}

/// An entry of which a project or a pairing takes something, as both sides see it.
#[answer]
pub struct CommittedEntry {
    pub entry_id: Uuid,
    pub side: CatalogueSide,
    #[limit(..=100)]
    pub title: String,
    pub state: CatalogueEntryState,
    /// What is taken of it.
    #[limit(1..)]
    pub quantity: i64,
    #[limit(..=20)]
    pub quantity_unit: String,
}

impl From<&CommittedEntry> for Commitment {
    fn from(entry: &CommittedEntry) -> Self {
        Self { entry_id: entry.entry_id, quantity: entry.quantity }
    }
}

/// The entries of which a pairing takes something.
#[answer]
pub struct CommittedEntries {
    #[limit(..=20)]
    pub items: Vec<CommittedEntry>,
}

/// What somebody takes of an entry. Of help to a family it says where and by whom, and nothing of the family.
#[answer]
pub struct EntryCommitment {
    /// A project, a pairing or an assistance record.
    pub object_type: ObjectKind,
    pub object_id: Uuid,
    /// Title of the project.
    #[limit(..=100)]
    pub title: Option<String>,
    /// The organisation that takes or gives it; none where a village helped its own.
    #[limit(..=100)]
    pub organisation_name: Option<String>,
    #[limit(..=60)]
    pub village_name: String,
    pub stage: CommitmentStage,
    #[limit(1..)]
    pub quantity: i64,
}

/// Who takes what of an entry.
#[answer]
pub struct EntryCommitments {
    /// Those that exist for the caller, the latest first.
    #[limit(..=100)]
    pub items: Vec<EntryCommitment>,
    /// What others ask for, in one sum: help that the caller may not see, and what is older than the items.
    #[limit(0..)]
    pub others_requested: i64,
    /// What others have committed, in one sum.
    #[limit(0..)]
    pub others_committed: i64,
    /// What others have fulfilled, in one sum.
    #[limit(0..)]
    pub others_fulfilled: i64,
}

/// Faults of commitments in a list: an entry that stands in it before.
pub fn doubles(commitments: &[Commitment]) -> Vec<FieldError> {
    let is_double = |index: &usize| commitments[..*index].iter().any(|other| other.entry_id == commitments[*index].entry_id);
    let doubles = (0..commitments.len()).filter(is_double);
    doubles.map(|index| FieldError::at(format!("/commitments/{index}/entry_id"), "duplicate")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodedEnum;

    /// In how many stages each state counts, and in how many it should.
    fn stages<S: CodedEnum + PartialEq>(of: fn(CommitmentStage) -> &'static [S], is_live: fn(S) -> bool) -> Vec<(usize, usize)> {
        let stages = |state: S| CommitmentStage::ALL.iter().filter(|stage| of(**stage).contains(&state)).count();
        S::ALL.iter().map(|state| (stages(*state), usize::from(is_live(*state)))).collect()
    }

    #[test]
    fn what_is_taken_is_in_one_stage_until_whoever_takes_it_is_over() {
        use PairingState as P;
        let of_projects = stages(CommitmentStage::of_projects, |state| ProjectState::LIVE.contains(&state));
        let of_pairings = stages(CommitmentStage::of_pairings, |state| state == P::Completed || P::LIVE.contains(&state));
        let of_records =
            stages(CommitmentStage::of_records, |state| matches!(state, RecordState::Recorded | RecordState::Confirmed));
        for (found, expected) in of_projects.into_iter().chain(of_pairings).chain(of_records) {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_last_steps_are_nobodys() {
        use CatalogueEntryAction::{Publish, Reopen, Withdraw};
        use CatalogueEntryState::{Draft, Expired, Fulfilled, Published, Withdrawn};
        let allowed = |state, role| CatalogueEntryState::STEPS.allowed(state, role);
        for role in Role::ALL {
            let keeps = KEEPERS.contains(role);
            for (state, expected) in [
                (Draft, vec![Publish, Withdraw]),
                (Published, vec![Withdraw]),
                (Fulfilled, vec![]),
                (Withdrawn, vec![Reopen]),
                (Expired, vec![Reopen]),
            ] {
                assert_eq!(allowed(state, *role), if keeps { expected } else { vec![] }, "{state:?} {role:?}");
            }
        }
    }
}
