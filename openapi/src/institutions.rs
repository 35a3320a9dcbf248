//! Civil-affairs service institutions (民政服务机构), which cadres of the bureau stand by (挂钩帮扶).

use chrono::{DateTime, Utc};
use uuid::Uuid;
use validator::ValidationError;

use crate::workflow::{Step, Steps};
use crate::{Role, answer, coded_enum, input, list_query, validation};

/// Who enters institutions, and says what they are registered as: one of them has its own entry already.
pub const ENTERED_BY: &[Role] = &[Role::Bureau, Role::Town];

coded_enum! {
    /// Kind of an institution.
    pub enum InstitutionKind {
        CareHome = "care_home" / "养老院（敬老院）" / "Care home",
        DayCare = "day_care" / "居家社区养老服务机构" / "Day care for the elderly",
        WelfareHouse = "welfare_house" / "福利院" / "Welfare house",
        AidStation = "aid_station" / "救助管理站" / "Aid station",
        ChildProtection = "child_protection" / "未成年人保护机构" / "Protection of minors",
        Disability = "disability" / "残疾人服务机构" / "Services for disabled people",
        Funeral = "funeral" / "殡葬服务机构" / "Funeral services",
        MentalHealth = "mental_health" / "精神卫生福利机构" / "Mental health",
        Other = "other" / "其他" / "Other",
    }
}

coded_enum! {
    /// Whether an institution still exists.
    pub enum InstitutionState {
        Open = "open" / "存续" / "Open",
        Closed = "closed" / "已停办" / "Closed",
    }
}

coded_enum! {
    /// Step of an institution.
    pub enum InstitutionAction {
        ShutDown = "shut_down" / "停办" / "Shut down",
        Reinstate = "reinstate" / "恢复" / "Reinstate",
    }
}

impl InstitutionState {
    /// The bureau supervises institutions, and alone knows that one has closed. Its accounts are disabled with it.
    pub const STEPS: Steps<Self, InstitutionAction> = Steps(&[
        Step::new(InstitutionAction::ShutDown, &[Self::Open], Self::Closed, &[Role::Bureau]).with_reason(),
        Step::new(InstitutionAction::Reinstate, &[Self::Closed], Self::Open, &[Role::Bureau]).with_reason(),
    ]);
}

coded_enum! {
    /// Orders of the list of institutions.
    pub enum InstitutionSort {
        Name = "name" / "名称" / "Name",
        Code = "code" / "代码" / "Code",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of institutions.
    pub struct InstitutionQuery sorted by InstitutionSort, searched by q {
        /// Only institutions of this area or inside of it.
        #[limit(area_code)]
        pub within: Option<String>,
        pub kind: Option<InstitutionKind>,
        pub state: Option<InstitutionState>,
        /// Only those that name difficulties, or only others.
        pub in_difficulty: Option<bool>,
    }
}

/// What is written of an institution.
#[input]
pub struct InstitutionInput {
    #[limit(2..=100, line)]
    pub name: String,
    /// Its unified social credit code, whose check character is checked; or, where it has none, a code of the bureau's own.
    #[serde(deserialize_with = "crate::typed::read_code")]
    #[limit(self::code, pattern = r"^[0-9A-Z]{2,18}$", min_length = 2, max_length = 18, example = "52350582MJ00000343")]
    pub code: String,
    pub kind: InstitutionKind,
    /// The village, town or county that it lies in.
    #[limit(area_code)]
    pub area_code: String,
    #[serde(default)]
    #[limit(1..=200, line)]
    pub address: Option<String>,
    #[serde(default)]
    #[limit(0..=100_000)]
    pub bed_count: Option<i32>,
    #[serde(default)]
    #[limit(0..=100_000)]
    pub staff_count: Option<i32>,
    /// The people whom it serves at present.
    #[serde(default)]
    #[limit(0..=1_000_000)]
    pub served_count: Option<i32>,
    /// What it cannot manage by itself.
    #[serde(default)]
    #[limit(1..=2000, text)]
    pub difficulties: Option<String>,
    #[serde(default)]
    #[limit(1..=60, line)]
    pub contact_name: Option<String>,
    #[serde(default)]
    #[limit(phone)]
    pub contact_phone: Option<String>,
}

/// Capital letters and digits. Whatever is as long as a credit code has to be one, or nobody would notice a slip in it.
fn code(value: &str) -> Result<(), ValidationError> {
    if value.len() == 18 {
        return validation::credit_code(value);
    }
    let plain = value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if plain && (2..18).contains(&value.len()) { Ok(()) } else { Err(ValidationError::new("institution_code")) }
}

impl InstitutionInput {
    /// The field that an institution cannot change of itself, if `after` changes one: it speaks of its difficulties, of those whom
    /// it serves and of how to reach it; all else is said by those who enter it.
    pub fn registered(&self, after: &Self) -> Option<&'static str> {
        [
            ("name", self.name != after.name),
            ("code", self.code != after.code),
            ("kind", self.kind != after.kind),
            ("area_code", self.area_code != after.area_code),
            ("address", self.address != after.address),
            ("bed_count", self.bed_count != after.bed_count),
            ("staff_count", self.staff_count != after.staff_count),
        ]
        .into_iter()
        .find_map(|(field, changed)| changed.then_some(field))
    }
}

/// A civil-affairs service institution.
#[answer]
pub struct Institution {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: InstitutionInput,
    #[limit(..=60)]
    pub area_name: String,
    pub state: InstitutionState,
    /// True where the caller may change it. What has closed stays as it is.
    pub editable: bool,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<InstitutionAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodedEnum;

    #[test]
    fn a_code_is_a_credit_code_or_the_bureaus_own() {
        for good in ["52350582MJ00000343", "JJ001", "A1"] {
            assert!(code(good).is_ok(), "{good}");
        }
        assert_eq!(code("350582YLY000000001").unwrap_err().code, "check_digit");
        assert_eq!(code("52350582MJ00000340").unwrap_err().code, "check_digit");
        for bad in ["A", "JJ-001", "养老院", "a1", "A 1", "52350582MJ000003430"] {
            assert_eq!(code(bad).unwrap_err().code, "institution_code", "{bad}");
        }
    }

    #[test]
    fn the_bureau_alone_closes_and_reopens() {
        use InstitutionAction::{Reinstate, ShutDown};
        for role in Role::ALL {
            let allowed = |state| InstitutionState::STEPS.allowed(state, *role);
            let steps = (allowed(InstitutionState::Open), allowed(InstitutionState::Closed));
            let expected = if *role == Role::Bureau { (vec![ShutDown], vec![Reinstate]) } else { (vec![], vec![]) };
            assert_eq!(steps, expected, "{role:?}");
        }
    }
}
