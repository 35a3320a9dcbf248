//! Household files (帮扶户): the most sensitive part.
//!
//! Answers are masked. What a file says in full is answered by a reveal alone, which names its purpose and is kept in the audit trail.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::Validate;

use crate::codes::{DocumentKind, Sex, identity};
use crate::ledger::LedgerFigure;
use crate::month::Month;
use crate::validation::between_these;
use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// Why a household counts as low-income.
    pub enum HouseholdCategory {
        MinimumLiving = "minimum_living" / "低保" / "Minimum living allowance",
        ExtremePoverty = "extreme_poverty" / "特困" / "Extreme poverty",
        Marginal = "marginal" / "低保边缘" / "On the margin of the allowance",
        OtherDifficulty = "other_difficulty" / "其他相对困难" / "Other difficulty",
    }
}

coded_enum! {
    /// Cause of poverty (致贫原因).
    pub enum Cause {
        Illness = "illness" / "因病" / "Illness",
        Disability = "disability" / "因残" / "Disability",
        Schooling = "schooling" / "因学" / "Schooling",
        Disaster = "disaster" / "因灾" / "Disaster",
        Marriage = "marriage" / "因婚" / "Marriage",
        NoLand = "no_land" / "缺土地" / "Lack of land",
        NoWater = "no_water" / "缺水" / "Lack of water",
        NoSkills = "no_skills" / "缺技术" / "Lack of skills",
        NoFunds = "no_funds" / "缺资金" / "Lack of funds",
        NoLabour = "no_labour" / "缺劳力" / "Lack of labour",
        PoorTransport = "poor_transport" / "交通条件落后" / "Poor transport",
        LowMotivation = "low_motivation" / "自身发展动力不足" / "Low motivation",
        Other = "other" / "其他" / "Other",
    }
}

coded_enum! {
    /// Where a household stands.
    pub enum HouseholdStatus {
        Registered = "registered" / "已建档" / "Registered",
        Assisted = "assisted" / "帮扶中" / "Assisted",
        LiftedOut = "lifted_out" / "已脱困" / "Lifted out",
        Relapsed = "relapsed" / "返困" / "Relapsed",
        Left = "left" / "已退出" / "Left",
        /// Merged into another file, or moved to another village: the family's other file has its own status.
        Transferred = "transferred" / "已转入其他档案" / "Goes on in another file",
    }
}

coded_enum! {
    /// Step of a household.
    pub enum HouseholdAction {
        Assist = "assist" / "开始帮扶" / "Start to assist",
        LiftOut = "lift_out" / "确认脱困" / "Lifted out",
        Relapse = "relapse" / "登记返困" / "Relapsed",
        Leave = "leave" / "登记退出" / "Left",
        Reopen = "reopen" / "恢复建档" / "Reopened",
    }
}

coded_enum! {
    /// Why a household has left, which is no success of anybody's.
    pub enum LeaveReason {
        Died = "died" / "去世" / "Died",
        MovedOut = "moved_out" / "迁出" / "Moved away",
        NoLongerEligible = "no_longer_eligible" / "不再符合条件" / "No longer eligible",
        Duplicate = "duplicate" / "重复建档" / "Written down twice",
        Joined = "joined" / "并户" / "Joined another household",
    }
}

impl HouseholdStatus {
    /// The steps of the domain's line registered → assisted → lifted out | relapsed, which every household may leave.
    pub const STEPS: Steps<Self, HouseholdAction> = Steps(&[
        Step::new(HouseholdAction::Assist, &[Self::Registered, Self::Relapsed], Self::Assisted, &[Role::Town, Role::Village]),
        Step::new(HouseholdAction::LiftOut, &[Self::Assisted], Self::LiftedOut, &[Role::Town]).with_reason(),
        Step::new(HouseholdAction::Relapse, &[Self::LiftedOut], Self::Relapsed, &[Role::Town, Role::Village]).with_reason(),
        Step::new(
            HouseholdAction::Leave,
            &[Self::Registered, Self::Assisted, Self::Relapsed, Self::LiftedOut],
            Self::Left,
            &[Role::Town],
        )
        .with_reason(),
        Step::new(HouseholdAction::Reopen, &[Self::Left], Self::Registered, &[Role::Town]).with_reason(),
    ]);

    /// Whether the household of such a file lives there: it has neither left nor moved, nor another file.
    pub fn is_there(self) -> bool {
        !matches!(self, Self::Left | Self::Transferred)
    }

    /// Whether such a household is counted as one in difficulty.
    pub fn in_difficulty(self) -> bool {
        matches!(self, Self::Registered | Self::Assisted | Self::Relapsed)
    }
}

coded_enum! {
    /// What a member is to the head of the household.
    pub enum Relation {
        Head = "head" / "户主" / "Head",
        Spouse = "spouse" / "配偶" / "Spouse",
        Child = "child" / "子女" / "Child",
        ChildInLaw = "child_in_law" / "儿媳或女婿" / "Child-in-law",
        Parent = "parent" / "父母" / "Parent",
        ParentInLaw = "parent_in_law" / "公婆或岳父母" / "Parent-in-law",
        Grandparent = "grandparent" / "祖父母" / "Grandparent",
        Grandchild = "grandchild" / "孙子女" / "Grandchild",
        Sibling = "sibling" / "兄弟姐妹" / "Sibling",
        Other = "other" / "其他" / "Other",
    }
}

coded_enum! {
    /// State of health.
    pub enum Health {
        Healthy = "healthy" / "健康" / "Healthy",
        ChronicIllness = "chronic_illness" / "长期慢性病" / "Chronic illness",
        SeriousIllness = "serious_illness" / "患有大病" / "Serious illness",
        Disabled = "disabled" / "残疾" / "Disabled",
    }
}

coded_enum! {
    /// Kind of disability, as the certificate (残疾人证) names it.
    pub enum DisabilityKind {
        Visual = "visual" / "视力残疾" / "Visual",
        Hearing = "hearing" / "听力残疾" / "Hearing",
        Speech = "speech" / "言语残疾" / "Speech",
        Physical = "physical" / "肢体残疾" / "Physical",
        Intellectual = "intellectual" / "智力残疾" / "Intellectual",
        Mental = "mental" / "精神残疾" / "Mental",
        Multiple = "multiple" / "多重残疾" / "Multiple",
    }
}

coded_enum! {
    /// Schooling: where a student is, or what was finished.
    pub enum Schooling {
        None = "none" / "未上学" / "None",
        Preschool = "preschool" / "学前教育" / "Preschool",
        Primary = "primary" / "小学" / "Primary school",
        JuniorSecondary = "junior_secondary" / "初中" / "Junior secondary school",
        SeniorSecondary = "senior_secondary" / "高中或中职" / "Senior secondary or vocational school",
        College = "college" / "大专及以上" / "College and above",
    }
}

coded_enum! {
    /// Ability to work.
    pub enum Labour {
        Ordinary = "ordinary" / "普通劳动力" / "Ordinary",
        Skilled = "skilled" / "技能劳动力" / "Skilled",
        Lost = "lost" / "丧失劳动力" / "Lost",
        None = "none" / "无劳动力" / "None",
    }
}

coded_enum! {
    /// Group that the notice names for assistance.
    pub enum Group {
        Student = "student" / "在校学生" / "Student",
        SeriouslyIll = "seriously_ill" / "重病患者" / "Seriously ill",
        LeftBehindChild = "left_behind_child" / "留守儿童" / "Left-behind child",
        EmptyNestElderly = "empty_nest_elderly" / "空巢老人" / "Empty-nest elderly",
        Disabled = "disabled" / "残疾人" / "Disabled",
        Woman = "woman" / "妇女" / "Woman",
        Youth = "youth" / "青年" / "Youth",
    }
}

coded_enum! {
    /// What a family has consented to (知情同意).
    pub enum ConsentScope {
        Assistance = "assistance" / "建档与结对帮扶" / "Keeping the file and being assisted",
        Photos = "photos" / "拍摄影像资料" / "Being photographed",
        Publicity = "publicity" / "对外宣传" / "Publicity",
    }
}

coded_enum! {
    /// Part of a file that is still missing.
    pub enum MissingPart {
        Consent = "consent" / "知情同意" / "Consent",
        Phone = "phone" / "联系电话" / "Telephone",
        BankAccount = "bank_account" / "银行账号" / "Bank account",
        IdentityNumbers = "identity_numbers" / "证件号码" / "Document numbers",
        Income = "income" / "人均收入" / "Income",
    }
}

coded_enum! {
    /// Part of a file that a merge takes from the other file.
    pub enum MergePart {
        Income = "income" / "人均收入" / "Income",
        Address = "address" / "地址" / "Address",
        Phone = "phone" / "联系电话" / "Telephone",
        BankAccount = "bank_account" / "银行账号" / "Bank account",
        Consent = "consent" / "知情同意" / "Consent",
    }
}

coded_enum! {
    /// Step of a file that has been merged into another.
    pub enum MergedAction {
        Unmerge = "unmerge" / "撤销合并" / "Undo the merge",
    }
}

coded_enum! {
    /// Why a file is read in full.
    pub enum RevealPurpose {
        Edit = "edit" / "核对修改档案" / "Checking and correcting the file",
        Visit = "visit" / "入户走访" / "Home visit",
        Payment = "payment" / "发放款物" / "Payment",
        Verification = "verification" / "核查核验" / "Verification",
        Complaint = "complaint" / "办理来信来访" / "Complaint of the family",
    }
}

coded_enum! {
    /// Orders of the list of households.
    pub enum HouseholdSort {
        FileNumber = "file_number" / "档案编号" / "File number",
        StatusSince = "status_since" / "状态日期" / "Status since",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

coded_enum! {
    /// Orders of the list of visits.
    pub enum VisitSort {
        VisitedOn = "visited_on" / "走访日期" / "Visited on",
    }
}

list_query! {
    /// Paging of the visits to a household.
    pub struct VisitQuery sorted by VisitSort, latest first {}
}

list_query! {
    /// Filters of the list of households. What is searched for is a part of the village's name or the number of a file; by name there is a search of its own, whose value stands in no address.
    pub struct HouseholdQuery sorted by HouseholdSort, searched by q {
        /// Only those inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
        pub status: Option<HouseholdStatus>,
        pub category: Option<HouseholdCategory>,
        /// Only those with this main or secondary cause.
        pub cause: Option<Cause>,
        /// Only those with a member of this group.
        pub group: Option<Group>,
        /// Only those whose file lacks something, or only complete ones.
        pub incomplete: Option<bool>,
        /// Only those with consent to be assisted, or only others.
        pub consented: Option<bool>,
        /// Only those that nobody has visited on this day or later; visits that were corrected are none.
        #[limit(date)]
        pub not_visited_since: Option<NaiveDate>,
        /// Only those behind this figure of the ledger, in the month that `ledger_month` names.
        pub ledger: Option<LedgerFigure>,
        /// Month of the ledger.
        pub ledger_month: Option<Month>,
        /// Answers the members of each household as well, masked as in its file.
        pub members: Option<bool>,
    }
}

/// A disability.
#[input]
#[derive(Copy, Eq)]
pub struct Disability {
    pub kind: DisabilityKind,
    /// 1 is the gravest.
    #[limit(1..=4)]
    pub level: i32,
}

/// What is written of a member.
#[input]
#[validate(schema(function = numbered, skip_on_field_errors = false))]
pub struct MemberInput {
    /// Of a member who is there already; a new one has none.
    #[serde(default)]
    pub id: Option<Uuid>,
    #[limit(1..=60, member_name)]
    pub name: String,
    pub relation: Relation,
    /// What shows who somebody is; an identity card unless it says otherwise.
    #[serde(default = "identity_card")]
    pub document_kind: DocumentKind,
    /// The number of the document: 18 characters on an identity card (GB 11643-1999). x, wide digits and blanks are read. Left out while it is not known.
    #[serde(default, deserialize_with = "crate::typed::read_document_number")]
    #[limit(max_length = 60, pattern = "[0-9０-９]", example = "350582196503120012")]
    pub identity_number: Option<String>,
    /// Follows from the identity number where there is one.
    #[serde(default)]
    pub sex: Option<Sex>,
    /// Follows from the identity number where there is one.
    #[serde(default)]
    #[limit(date)]
    pub born_on: Option<NaiveDate>,
    pub health: Health,
    #[serde(default)]
    #[validate(nested)]
    pub disability: Option<Disability>,
    pub schooling: Schooling,
    pub labour: Labour,
    /// Each at most once.
    #[serde(default)]
    #[limit(..=7, distinct)]
    pub groups: Vec<Group>,
}

fn identity_card() -> DocumentKind {
    DocumentKind::IdentityCard
}

/// Whether the number has the shape that its document has.
fn numbered(member: &MemberInput) -> Result<(), validator::ValidationError> {
    let fault = member.identity_number.as_deref().and_then(|number| member.document_kind.fault(number));
    between_these(
        &["document_kind", "identity_number"],
        &Vec::from_iter(fault.map(|fault| FieldError { pointer: "/identity_number".to_owned(), ..fault })),
    )
}

impl MemberInput {
    /// What its document is compared by.
    pub fn document_key(&self) -> Option<String> {
        self.identity_number.as_deref().map(|number| self.document_kind.key(number))
    }

    /// The faults that lie between the fields of one member, as of a day.
    pub fn faults(&self, today: NaiveDate) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut at = |pointer: &str, code| faults.push(FieldError::at(pointer, code));
        if let Some(told) = self.identity_number.as_deref().and_then(|number| identity(number).ok()) {
            if self.sex.is_some_and(|sex| sex != told.sex) {
                at("/sex", "differs_from_identity_number");
            }
            if self.born_on.is_some_and(|day| day != told.born_on) {
                at("/born_on", "differs_from_identity_number");
            }
            if told.born_on > today {
                at("/identity_number", "future");
            }
        }
        if self.born_on.is_some_and(|day| day > today) {
            at("/born_on", "future");
        }
        if (self.health == Health::Disabled) != self.disability.is_some() {
            at("/disability", if self.disability.is_some() { "not_disabled" } else { "required" });
        }
        faults
    }
}

/// A family's consent.
#[input]
pub struct Consent {
    #[limit(date)]
    pub given_on: NaiveDate,
    /// Who gave it: the head, or a guardian, by name or as what they are to the family, such as 户主.
    #[limit(1..=60, person_name)]
    pub given_by: String,
    /// To what, each at most once.
    #[limit(1..=3, distinct)]
    pub scope: Vec<ConsentScope>,
    #[serde(default)]
    #[limit(date)]
    pub withdrawn_on: Option<NaiveDate>,
}

impl Consent {
    /// Whether it is to this, and not withdrawn.
    pub fn covers(&self, scope: ConsentScope) -> bool {
        self.withdrawn_on.is_none() && self.scope.contains(&scope)
    }
}

/// What is written of a household: its whole file.
#[input]
pub struct HouseholdInput {
    /// Where it lives. It stays as it is once anything hangs on the file: a family moves by a step of its own.
    #[limit(village_code)]
    pub village_code: String,
    /// Since when the file is kept. It stays as it is once anything hangs on the file.
    #[limit(date)]
    pub registered_on: NaiveDate,
    pub category: HouseholdCategory,
    pub main_cause: Cause,
    /// Each at most once, and not the main one.
    #[serde(default)]
    #[limit(..=12, distinct)]
    pub secondary_causes: Vec<Cause>,
    /// Income per head and year, in fen.
    #[serde(default)]
    #[limit(0..=100_000_000i64)]
    pub income_per_head_fen: Option<i64>,
    #[limit(1..=200, text)]
    pub address: String,
    /// One or two numbers, in whatever form; kept as `0595-85660137转801、13800138000`.
    #[serde(default)]
    #[limit(phone)]
    pub phone: Option<String>,
    /// For payments.
    #[serde(default)]
    #[limit(bank_account)]
    pub bank_account: Option<String>,
    #[serde(default)]
    #[validate(nested)]
    pub consent: Option<Consent>,
    /// One of them the head.
    #[limit(1..=20, nested)]
    pub members: Vec<MemberInput>,
    /// Says that it is about another family than what it was refused for (`likely_double`). It is kept in the history alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_double: bool,
}

/// What is wrong with the heads of a family: it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadFault {
    Missing,
    /// The second one is the member with this index.
    Second(usize),
}

impl HeadFault {
    /// The fault of these members, if there is one.
    pub fn of(members: &[MemberInput]) -> Option<Self> {
        let mut heads = members.iter().enumerate().filter(|(_, member)| member.relation == Relation::Head);
        match (heads.next(), heads.next()) {
            (None, _) => Some(Self::Missing),
            (Some(_), second) => second.map(|(index, _)| Self::Second(index)),
        }
    }
}

impl HouseholdInput {
    /// The faults that lie between fields, as of a day.
    pub fn faults(&self, today: NaiveDate) -> Vec<FieldError> {
        let mut faults = self.between(today);
        for (index, member) in self.members.iter().enumerate() {
            let own = member.faults(today).into_iter();
            faults.extend(own.map(|fault| FieldError { pointer: format!("/members/{index}{}", fault.pointer), ..fault }));
        }
        faults
    }

    /// The faults that lie between the fields of the household and between its members, as of a day.
    pub fn between(&self, today: NaiveDate) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if self.registered_on > today {
            faults.push(FieldError::at("/registered_on", "future"));
        }
        if let Some(index) = self.secondary_causes.iter().position(|&cause| cause == self.main_cause) {
            faults.push(FieldError::at(format!("/secondary_causes/{index}"), "duplicate"));
        }
        if let Some(consent) = &self.consent {
            if consent.given_on > today {
                faults.push(FieldError::at("/consent/given_on", "future"));
            }
            match consent.withdrawn_on {
                Some(day) if day < consent.given_on => faults.push(FieldError::at("/consent/withdrawn_on", "end_before_start")),
                Some(day) if day > today => faults.push(FieldError::at("/consent/withdrawn_on", "future")),
                _ => {}
            }
        }
        match HeadFault::of(&self.members) {
            Some(HeadFault::Missing) => faults.push(FieldError::at("/members", "head_missing")),
            Some(HeadFault::Second(index)) => faults.push(FieldError::at(format!("/members/{index}/relation"), "duplicate")),
            None => {}
        }
        for (index, member) in self.members.iter().enumerate() {
            let earlier = &self.members[..index];
            let at = |field: &str, code| FieldError::at(format!("/members/{index}/{field}"), code);
            let twice = |same: &dyn Fn(&MemberInput) -> bool| earlier.iter().any(same);
            if member.id.is_some() && twice(&|other| other.id == member.id) {
                faults.push(at("id", "duplicate"));
            }
            if member.identity_number.is_some() && twice(&|other| other.document_key() == member.document_key()) {
                faults.push(at("identity_number", "duplicate"));
            }
        }
        faults
    }

    /// The file with sex and birth date filled in where the identity number tells them.
    pub fn completed(mut self) -> Self {
        for member in &mut self.members {
            if let Some(told) = member.identity_number.as_deref().and_then(|number| identity(number).ok()) {
                member.sex = Some(told.sex);
                member.born_on = Some(told.born_on);
            }
        }
        self
    }

    /// What the file still lacks.
    pub fn missing(&self) -> Vec<MissingPart> {
        let parts = [
            (MissingPart::Consent, !self.consented()),
            (MissingPart::Phone, self.phone.is_none()),
            (MissingPart::BankAccount, self.bank_account.is_none()),
            (MissingPart::IdentityNumbers, self.members.iter().any(|member| member.identity_number.is_none())),
            (MissingPart::Income, self.income_per_head_fen.is_none()),
        ];
        parts.into_iter().filter_map(|(part, missing)| missing.then_some(part)).collect()
    }

    /// Whether the family has consented to be assisted, and not withdrawn it.
    pub fn consented(&self) -> bool {
        self.consent.as_ref().is_some_and(|consent| consent.covers(ConsentScope::Assistance))
    }

    /// The groups that any member belongs to, each once.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<_> = self.members.iter().flat_map(|member| member.groups.iter().copied()).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

/// A step of a household.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct HouseholdStepInput {
    /// Since when it is so; today unless given, and not before the status it has. Where that month is closed by an accepted form of
    /// the town, the ledger counts it in the next one that is open.
    #[limit(date)]
    pub since: Option<NaiveDate>,
    /// Why the household leaves; required where it does, and only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave_reason: Option<LeaveReason>,
    /// What it rests on; required for all steps but the first.
    #[limit(1..=1000, text)]
    pub note: Option<String>,
}

/// How a household moves to another village.
#[input]
pub struct HouseholdMoveInput {
    /// Where it lives now.
    #[limit(village_code)]
    pub village_code: String,
    /// Since when; not before the status it has.
    #[limit(date)]
    pub moved_on: NaiveDate,
    /// Active pairings with organisations that go along, each at most once: they begin anew there. All others end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[limit(..=20, distinct)]
    pub keep_pairings: Vec<Uuid>,
    /// Why it moves, and how that is known.
    #[limit(1..=1000, text)]
    pub note: String,
    /// Says that it is another family than what its move was refused for (`likely_double`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_double: bool,
}

/// How members leave a household and found one of their own (分户).
#[input]
pub struct HouseholdSplitInput {
    /// Who leaves, in the order of their file, one of them its head.
    #[limit(1..=20, nested)]
    pub members: Vec<MergeMember>,
    /// Those who stay and are something else from then on: where the head leaves, who is head now.
    #[serde(default)]
    #[limit(..=20, nested)]
    pub staying: Vec<MergeMember>,
    /// Where they live now; where they lived before unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=200, text)]
    pub address: Option<String>,
    /// Since when; not before the status that the household has.
    #[limit(date)]
    pub split_on: NaiveDate,
    /// Why they leave, and how that is known.
    #[limit(1..=1000, text)]
    pub note: String,
    /// Says that it is another family than what this was refused for (`likely_double`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_double: bool,
}

/// How a whole household joins another one (并户).
#[input]
pub struct HouseholdJoinInput {
    /// The file of the household that it joins.
    pub into_id: Uuid,
    /// Its version that has been seen.
    #[validate(range(min = 1))]
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 2147483647))]
    pub into_version: i32,
    /// All members of both, in this order, one of them the head.
    #[limit(1..=20, nested)]
    pub members: Vec<MergeMember>,
    /// Since when; not before the status that the household has.
    #[limit(date)]
    pub joined_on: NaiveDate,
    /// Why it joins, and how that is known.
    #[limit(1..=1000, text)]
    pub note: String,
    /// Says that it is another family than what this was refused for (`likely_double`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_double: bool,
}

/// A member of one file or of another, and what they are to its head.
#[input]
#[derive(Copy, Eq)]
pub struct MergeMember {
    /// Of a member of either file.
    pub id: Uuid,
    pub relation: Relation,
}

/// How two files of the same family become one.
#[input]
pub struct HouseholdMergeInput {
    /// The file that is merged into this one.
    pub other_id: Uuid,
    /// Its version that has been seen.
    #[validate(range(min = 1))]
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 2147483647))]
    pub other_version: i32,
    /// Who belongs to the household, in this order, one of them the head. Those left out, the same persons written down twice, stay behind in the other file.
    #[limit(1..=20, nested)]
    pub members: Vec<MergeMember>,
    /// What is taken from the other file, each at most once; everything else stays as it is in this one.
    #[serde(default)]
    #[limit(..=5, distinct)]
    pub take: Vec<MergePart>,
    /// How it is known that both are about the same family.
    #[limit(1..=1000, text)]
    pub note: String,
    /// Says that it is another family than what this was refused for (`likely_double`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_a_double: bool,
}

/// Why a merge is undone.
#[input]
pub struct HouseholdUnmergeInput {
    #[limit(1..=1000, text)]
    pub note: String,
}

/// Why a file is to be read in full.
#[input]
pub struct RevealInput {
    pub purpose: RevealPurpose,
    #[serde(default)]
    #[limit(1..=200, text)]
    pub note: Option<String>,
}

/// Whom to find: one of the three, as a whole.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct HouseholdSearch {
    /// Of an identity card or of any other document.
    #[limit(document_number)]
    pub identity_number: Option<String>,
    /// Found whichever way it is written, with and without its area code.
    #[limit(phone)]
    pub phone: Option<String>,
    /// The full name of any member; dots, blanks and the width of characters make no difference.
    #[limit(1..=60, person_name)]
    pub name: Option<String>,
    /// Only inside of this area.
    #[limit(area_code)]
    pub within: Option<String>,
    /// Where to go on: `next_cursor` of the page before.
    #[limit(1..=1000)]
    pub cursor: Option<String>,
    #[limit(1..=200)]
    pub limit: Option<u32>,
}

/// What every answer says of a household; nothing of it tells who they are.
#[answer]
pub struct HouseholdHead {
    pub id: Uuid,
    /// Village code and a number within the village.
    #[limit(..=20, example = "350582101201-0001")]
    pub file_number: String,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    #[limit(..=12)]
    pub town_code: String,
    #[limit(..=60)]
    pub town_name: String,
    pub status: HouseholdStatus,
    pub status_since: NaiveDate,
    /// Why it has left, where it has.
    pub leave_reason: Option<LeaveReason>,
    pub category: HouseholdCategory,
    pub main_cause: Cause,
    #[limit(..=12)]
    pub secondary_causes: Vec<Cause>,
    /// The groups that any member belongs to.
    #[limit(..=7)]
    pub groups: Vec<Group>,
    #[limit(1..=20)]
    pub member_count: i32,
    /// Name of the head, masked: `张*`; `—` where it is damaged where it is kept.
    #[limit(..=60, example = "张*")]
    pub head_name: String,
    /// Whether the family has consented to be assisted.
    pub consented: bool,
    /// What the family consents to now; empty where it was not asked, or has withdrawn.
    #[limit(..=3)]
    pub consents_to: Vec<ConsentScope>,
    /// The day on which the family withdrew its consent: from then on nothing is added to the file.
    pub consent_withdrawn_on: Option<NaiveDate>,
    /// What the file still lacks.
    #[limit(..=5)]
    pub missing: Vec<MissingPart>,
    /// The day since which the file names nobody any more: what is over is kept only for its figures.
    pub anonymised_on: Option<NaiveDate>,
    /// The steps the caller may take now.
    #[limit(..=5)]
    pub allowed_actions: Vec<HouseholdAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

impl HouseholdHead {
    /// Whether the family can be visited: it is still there, and consents or is still to be asked.
    pub fn visitable(&self) -> bool {
        self.status.is_there() && (self.consented || (self.consents_to.is_empty() && self.consent_withdrawn_on.is_none()))
    }
}

/// A household in a list, masked.
#[answer]
pub struct HouseholdSummary {
    #[serde(flatten)]
    pub head: HouseholdHead,
    /// Where they are asked for; as in the file, without those who are damaged where they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(..=20)]
    pub members: Option<Vec<Member>>,
}

/// A member, masked. Health, disability and schooling are for those who keep files; nothing of a child under 14 tells its age but that.
#[answer]
pub struct Member {
    pub id: Uuid,
    #[limit(..=60, example = "张*")]
    pub name: String,
    pub relation: Relation,
    /// Whose number it is; absent where that is.
    pub document_kind: Option<DocumentKind>,
    /// `350582********0012`; never for an organisation, never of a child under 14.
    #[limit(..=18)]
    pub identity_number: Option<String>,
    pub sex: Option<Sex>,
    /// Whether younger than 14: 不满十四周岁未成年人的个人信息. Also of a child or pupil whose birthday is not in the file.
    pub under_14: bool,
    /// Full years; absent for a child under 14.
    #[limit(14..=150)]
    pub age: Option<i32>,
    pub health: Option<Health>,
    pub disability: Option<Disability>,
    pub schooling: Option<Schooling>,
    pub labour: Labour,
    #[limit(..=7)]
    pub groups: Vec<Group>,
}

/// What is answered of a consent: who gave it is masked.
#[answer]
pub struct ConsentShown {
    pub given_on: NaiveDate,
    #[limit(..=60, example = "张*")]
    pub given_by: String,
    #[limit(..=3)]
    pub scope: Vec<ConsentScope>,
    pub withdrawn_on: Option<NaiveDate>,
}

/// Another file of the family: one that has been merged with this one, that it has in the other village, or that of the household which
/// it joined.
#[answer]
pub struct MergedFile {
    pub id: Uuid,
    #[limit(..=20, example = "350582101201-0001")]
    pub file_number: String,
    pub merged_at: DateTime<Utc>,
    /// The day on which the family moved from the one village to the other, or joined the other household; none where the two were files
    /// of one family twice.
    pub moved_on: Option<NaiveDate>,
    /// True where one household joined another.
    pub joined: bool,
    /// True where the caller may undo it: by the file that was merged, the latest first.
    pub undoable: bool,
}

/// The file of a household that was founded by members of another, or of that other one.
#[answer]
pub struct SplitFile {
    pub id: Uuid,
    #[limit(..=20, example = "350582101201-0001")]
    pub file_number: String,
    /// Since when they are two.
    pub split_on: NaiveDate,
}

/// A household, masked.
#[answer]
pub struct Household {
    #[serde(flatten)]
    pub head: HouseholdHead,
    pub registered_on: NaiveDate,
    #[limit(0..)]
    pub income_per_head_fen: Option<i64>,
    /// `138****5678`.
    #[limit(..=60)]
    pub phone: Option<String>,
    /// The last four digits; never for an organisation.
    #[limit(..=30)]
    pub bank_account: Option<String>,
    pub consent: Option<ConsentShown>,
    /// Without those who are damaged where they are kept; `member_count` counts them.
    #[limit(..=20)]
    pub members: Vec<Member>,
    /// The file this one has been merged into, or goes on in at the other village. Nothing in it changes any more, and no list shows it but that of a month of the ledger.
    pub merged_into: Option<MergedFile>,
    /// Files that have been merged into this one, and those of villages where the family lived before, the latest first.
    #[limit(..=20)]
    pub merged_files: Vec<MergedFile>,
    /// The file of the household that its members left to found this one.
    pub split_from: Option<SplitFile>,
    /// Files of households that members of this one have founded, the latest first.
    #[limit(..=20)]
    pub split_files: Vec<SplitFile>,
    /// True where the caller may change the file.
    pub editable: bool,
    /// True where the caller may read the file in full, naming a purpose.
    pub revealable: bool,
}

/// A file in full: the answer to a reveal.
#[answer]
pub struct RevealedHousehold {
    pub id: Uuid,
    #[limit(1..)]
    pub version: i32,
    #[serde(flatten)]
    pub details: HouseholdInput,
}

/// A status that a household has had.
#[answer]
pub struct StatusEntry {
    pub status: HouseholdStatus,
    pub since: NaiveDate,
    /// Why it left, where it did.
    pub leave_reason: Option<LeaveReason>,
    #[limit(..=1000)]
    pub note: Option<String>,
    /// The month in which the ledger counts it, where that is a later one than that of `since`: it was entered after that month was
    /// closed by an accepted form of the town.
    pub counted_in: Option<Month>,
}

/// A visit to a family (入户走访).
#[input]
pub struct VisitInput {
    /// Made by whoever enters it, so that what is sent again is not entered twice, however much later. Made by the service unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The visit that was written down wrongly, which this one takes the place of. What was written stays to be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects_id: Option<Uuid>,
    #[limit(date)]
    pub visited_on: NaiveDate,
    /// Who came.
    #[limit(1..=200, text)]
    pub visitors: String,
    /// What was found. It names nobody of the family: 户主、长子, not their names or numbers.
    #[serde(default)]
    #[limit(1..=1000, text)]
    pub note: Option<String>,
}

/// A visit that took place.
#[answer]
pub struct Visit {
    pub id: Uuid,
    pub household_id: Uuid,
    pub visited_on: NaiveDate,
    /// `—`, and no note, where the visit is damaged where it is kept.
    #[limit(..=200)]
    pub visitors: String,
    #[limit(..=1000)]
    pub note: Option<String>,
    /// Who wrote it down.
    #[limit(..=60)]
    pub recorded_by: Option<String>,
    /// The visit that this one takes the place of.
    pub corrects_id: Option<Uuid>,
    /// The visit that has taken the place of this one.
    pub corrected_by_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::{HouseholdAction as A, HouseholdStatus as S, *};
    use crate::CodedEnum;

    proptest! {
        #[test]
        fn a_household_is_lifted_out_only_after_it_was_assisted(
            steps in prop::collection::vec((select(A::ALL), select(Role::ALL)), 0..30)
        ) {
            let (mut status, mut assisted) = (S::Registered, false);
            for (action, role) in steps {
                if let Ok(step) = S::STEPS.find(status, action, role) {
                    status = step.to;
                    assisted = match status { S::Assisted => true, S::LiftedOut => { prop_assert!(assisted); false } _ => false };
                }
            }
        }

        #[test]
        fn whoever_has_left_is_only_taken_up_anew_and_a_file_that_goes_on_elsewhere_takes_no_step(
            action in select(A::ALL), role in select(Role::ALL)
        ) {
            let step = S::STEPS.find(S::Left, action, role);
            prop_assert_eq!(step.is_ok(), action == A::Reopen && role == Role::Town);
            prop_assert!(S::STEPS.find(S::Transferred, action, role).is_err());
        }
    }
}
