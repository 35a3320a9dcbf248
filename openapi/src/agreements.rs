//! Agreements (结对协议书): the signed one-to-one document of a pairing, for one year by default.

use chrono::{DateTime, Months, NaiveDate, Utc};
use uuid::Uuid;

use crate::workflow::{Step, Steps};
use crate::{Role, answer, coded_enum, input, list_query};

/// What the two do together, in the notice's words, unless an agreement says otherwise.
pub const CONTENT: &str = "一、双方在“百社解千难”活动中结对共建，坚持自愿、因地制宜、优势互补、共同发展。\n\
    二、双方根据村（社区）资源禀赋、社会经济发展和社会组织自身优势，共同商定 1-2 个合作项目，联合确定合作的形式与机制，共同拟制合作方案，并将具体任务分解到季度、落实到月。\n\
    三、合作围绕援建基础设施、安置就业、带动创业、扶持村集体经济、资助低收入户等目标开展。";
/// What an organisation takes on, unless an agreement says otherwise.
pub const ORGANISATION_OBLIGATIONS: &str = "一、发挥整合力量、调动资源和专业技术等方面的特长和优势，按照合作方案落实资金、技术、人才和服务。\n\
    二、进村入户，摸清合作村（社区）和相对贫困户的实际情况，因村制宜、因户而异开展帮扶。\n\
    三、按月报送帮扶内容和进展情况，接受督促检查和年终验收。";
/// What a village takes on, unless an agreement says otherwise.
pub const VILLAGE_OBLIGATIONS: &str = "一、如实提供村（社区）资源、需求和相对贫困户的情况，为合作项目提供场地、人员等便利。\n\
    二、与社会组织共同商定、共同实施合作方案，管好用好帮扶资金和物资，并公开使用情况。\n\
    三、按月核实帮扶内容和进展情况，配合督促检查和年终验收。";

coded_enum! {
    /// State of an agreement.
    pub enum AgreementState {
        Draft = "draft" / "草拟" / "Draft",
        Signed = "signed" / "已签订" / "Signed",
        Expired = "expired" / "已到期" / "Expired",
        Terminated = "terminated" / "已终止" / "Terminated",
        Renewed = "renewed" / "已续签" / "Renewed",
    }
}

impl AgreementState {
    /// The states of which a pairing has at most one agreement.
    pub const LIVE: &'static [Self] = &[Self::Draft, Self::Signed];

    /// The steps of the domain's diagram. Expiry depends on the calendar, renewal on the next agreement.
    pub const STEPS: Steps<Self, AgreementAction> = Steps(&[
        Step::new(AgreementAction::Sign, &[Self::Draft], Self::Signed, &[Role::Organisation, Role::Town, Role::Bureau]),
        Step::new(
            AgreementAction::Terminate,
            &[Self::Draft],
            Self::Terminated,
            &[Role::Organisation, Role::Village, Role::Town, Role::Bureau],
        )
        .with_reason(),
        Step::new(AgreementAction::Terminate, &[Self::Signed], Self::Terminated, &[Role::Bureau]).with_reason(),
    ]);
}

coded_enum! {
    /// Step of an agreement.
    pub enum AgreementAction {
        Sign = "sign" / "签订" / "Sign",
        Terminate = "terminate" / "终止" / "Terminate",
    }
}

coded_enum! {
    /// Orders of the list of agreements.
    pub enum AgreementSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        EndsOn = "ends_on" / "结束日期" / "Ends on",
        OrganisationName = "organisation_name" / "社会组织名称" / "Organisation",
    }
}

list_query! {
    /// Filters of the list of agreements.
    pub struct AgreementQuery sorted by AgreementSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        pub pairing_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        pub state: Option<AgreementState>,
        /// Only those that end on this day or before.
        #[limit(date)]
        pub ends_by: Option<NaiveDate>,
        /// Only those of villages inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// What is written of an agreement. What is left out is filled in: the term from the campaign, the texts from the notice.
#[input]
pub struct AgreementInput {
    /// The pairing it binds; stays as it is.
    pub pairing_id: Uuid,
    #[limit(date)]
    pub starts_on: NaiveDate,
    /// Last day; the campaign's term unless given.
    #[serde(default)]
    #[limit(date)]
    pub ends_on: Option<NaiveDate>,
    /// Who signs for the organisation.
    #[limit(1..=60, line)]
    pub organisation_signatory: String,
    /// Who signs for the village.
    #[limit(1..=60, line)]
    pub village_signatory: String,
    /// Who witnesses for the town office.
    #[serde(default)]
    #[limit(1..=60, line)]
    pub witness: Option<String>,
    /// What the two do together; the notice's text unless given.
    #[serde(default)]
    #[limit(1..=5000, text)]
    pub cooperation_content: Option<String>,
    #[serde(default)]
    #[limit(1..=5000, text)]
    pub organisation_obligations: Option<String>,
    #[serde(default)]
    #[limit(1..=5000, text)]
    pub village_obligations: Option<String>,
}

impl AgreementInput {
    /// The same with everything filled in that was left out, for a term of so many months.
    pub fn completed(self, months: u32) -> Self {
        Self {
            ends_on: self.ends_on.or_else(|| last_day(self.starts_on, months)),
            cooperation_content: self.cooperation_content.or_else(|| Some(CONTENT.to_owned())),
            organisation_obligations: self.organisation_obligations.or_else(|| Some(ORGANISATION_OBLIGATIONS.to_owned())),
            village_obligations: self.village_obligations.or_else(|| Some(VILLAGE_OBLIGATIONS.to_owned())),
            ..self
        }
    }
}

/// The last day of a term of so many months.
pub fn last_day(starts_on: NaiveDate, months: u32) -> Option<NaiveDate> {
    starts_on.checked_add_months(Months::new(months))?.pred_opt()
}

/// The signing of an agreement, whose signed scan is attached to it.
#[input]
pub struct SignInput {
    /// The day both signed; not in the future.
    #[limit(date)]
    pub signed_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub note: Option<String>,
}

/// A project that an agreement names, in the words of the day on which it was signed.
#[answer]
pub struct AgreedProject {
    pub id: Uuid,
    #[limit(..=100)]
    pub title: String,
    #[limit(..=2000)]
    pub cooperation_form: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    #[limit(0..)]
    pub budget_fen: i64,
}

/// What every answer says of an agreement. Once it is signed it keeps the names of that day, whatever is renamed later.
#[answer]
pub struct AgreementHead {
    pub id: Uuid,
    /// Given when it is signed: without gaps in a campaign and year.
    #[limit(..=40, example = "百社协〔2020〕001号")]
    pub number: Option<String>,
    pub state: AgreementState,
    pub campaign_id: Uuid,
    #[limit(..=100)]
    pub campaign_title: String,
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
    pub signed_on: Option<NaiveDate>,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<AgreementAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// An agreement.
#[answer]
pub struct Agreement {
    #[serde(flatten)]
    pub head: AgreementHead,
    #[serde(flatten)]
    pub details: AgreementInput,
    /// The projects that it was signed with, whatever became of them; none before it is signed.
    #[limit(..=1000)]
    pub projects: Option<Vec<AgreedProject>>,
    /// True where the caller may change it.
    pub editable: bool,
}

/// An agreement in a list.
#[answer]
pub struct AgreementSummary {
    #[serde(flatten)]
    pub head: AgreementHead,
    pub pairing_id: Uuid,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::CodedEnum;

    proptest! {
        #[test]
        fn what_is_over_stays_over(state in select(AgreementState::ALL), role in select(Role::ALL)) {
            prop_assert!(AgreementState::LIVE.contains(&state) || AgreementState::STEPS.allowed(state, role).is_empty());
        }

        #[test]
        fn only_the_bureau_ends_what_is_signed(role in select(Role::ALL)) {
            prop_assert!(role == Role::Bureau || AgreementState::STEPS.allowed(AgreementState::Signed, role).is_empty());
        }
    }

    #[test]
    fn a_year_ends_the_day_before() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(last_day(day("2020-05-18"), 12), Some(day("2021-05-17")));
        assert_eq!(last_day(day("2020-02-29"), 12), Some(day("2021-02-27")));
    }
}
