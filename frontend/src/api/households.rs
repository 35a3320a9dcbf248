//! Household files.

use contract::households::{
    Cause, ConsentScope, DisabilityKind, Group, Health, Household, HouseholdCategory, HouseholdHead, HouseholdInput,
    HouseholdJoinInput, HouseholdMergeInput, HouseholdMoveInput, HouseholdQuery, HouseholdSearch, HouseholdSplitInput,
    HouseholdStatus, HouseholdSummary, Labour, LeaveReason, Relation, RevealInput, RevealPurpose, RevealedHousehold, Schooling,
    StatusEntry, Visit, VisitInput, VisitQuery,
};
use contract::{CodedEnum, Lang, Page, Permission, labels};
use futures::FutureExt;
use serde_json::Value;
use uuid::Uuid;

use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{self, Choice, LIMIT, Source, text};
use crate::i18n::texts;

/// Files that fit the filters, masked.
pub fn list(query: &HouseholdQuery) -> Call<Page<HouseholdSummary>> {
    Call::list("/households", query)
}

/// Files found by a number or a full name. The request body contains these, so that no address does.
pub fn search(search: &HouseholdSearch) -> Call<Page<HouseholdSummary>> {
    Call::post("/households/search", search)
}

/// One file, masked.
pub fn read(id: &str) -> Call<Household> {
    Call::get(format!("/households/{id}"))
}

/// Creates a file.
pub fn create(input: &Value) -> Call<Household> {
    Call::post("/households", input)
}

/// One file in full.
pub fn reveal(id: &str, why: &RevealInput) -> Call<RevealedHousehold> {
    Call::post(format!("/households/{id}/reveal"), why)
}

/// Changes part of a file without reading it in full.
pub fn patch(id: Uuid, version: i32, patch: &Value) -> Call<Household> {
    Call::patch(format!("/households/{id}"), version, patch)
}

/// Merges another file into the one at a path, if that still has this version.
pub fn merge(path: &str, version: i32, input: &HouseholdMergeInput) -> Call<Household> {
    Call::post(format!("{path}/merge"), input).seen(version)
}

/// Moves the household at a path, if it still has this version, to another village. Returns its new file there.
pub fn move_to(path: &str, version: i32, input: &HouseholdMoveInput) -> Call<Household> {
    Call::post(format!("{path}/move"), input).seen(version)
}

/// Lets members of the household at a path, as it was seen, found one of their own. The answer is its file.
pub fn split(path: &str, version: i32, input: &HouseholdSplitInput) -> Call<Household> {
    Call::post(format!("{path}/split"), input).seen(version)
}

/// Lets the household at a path, as it was seen, join another one. The answer is the file of that one.
pub fn join(path: &str, version: i32, input: &HouseholdJoinInput) -> Call<Household> {
    Call::post(format!("{path}/join"), input).seen(version)
}

/// The status history of a file.
pub fn statuses(id: Uuid) -> Call<Vec<StatusEntry>> {
    Call::get(format!("/households/{id}/statuses"))
}

/// The visits to a family.
pub fn visits(id: Uuid, query: &VisitQuery) -> Call<Page<Visit>> {
    Call::list(&format!("/households/{id}/visits"), query)
}

/// Records a visit.
pub fn visit(id: Uuid, input: &VisitInput) -> Call<Visit> {
    Call::post(format!("/households/{id}/visits"), input)
}

/// Labels of coded fields. The history stores personal values as digests, which are shown as such.
fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
    fn of<E: CodedEnum>(code: &str, lang: Lang) -> Option<&'static str> {
        E::from_code(code).map(|value| value.label(lang))
    }
    match field {
        "status" => of::<HouseholdStatus>(code, lang),
        "leave_reason" => of::<LeaveReason>(code, lang),
        "category" => of::<HouseholdCategory>(code, lang),
        "main_cause" | "secondary_causes" => of::<Cause>(code, lang),
        "purpose" => of::<RevealPurpose>(code, lang),
        "scope" => of::<ConsentScope>(code, lang),
        "relation" => of::<Relation>(code, lang),
        "health" => of::<Health>(code, lang),
        "kind" => of::<DisabilityKind>(code, lang),
        "schooling" => of::<Schooling>(code, lang),
        "labour" => of::<Labour>(code, lang),
        "groups" => of::<Group>(code, lang),
        // What somebody searched by, and why a file was emptied.
        "by" | "reason" => labels::find(code, lang),
        _ => is_digest(code).then(|| texts::households::DIGEST.get()),
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Record for Household {
    type Input = HouseholdInput;
    const WRITE: Permission = Permission::WriteHouseholds;
    const HISTORY: Option<Permission> = Some(Permission::RevealHouseholds);
    const PRIVATE: bool = true;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        coded(field, code, lang)
    }
}

impl Record for RevealedHousehold {
    type Input = HouseholdInput;
    const WRITE: Permission = Permission::WriteHouseholds;
    const PRIVATE: bool = true;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        coded(field, code, lang)
    }
}

impl Editable for RevealedHousehold {
    type Edit = HouseholdInput;

    fn edit(&self) -> HouseholdInput {
        self.details.clone()
    }
}

/// Households, by file number or village. Their names are masked.
pub const HOUSEHOLDS: Source = Source {
    search: |q| choices(q, None).boxed_local(),
    find: |id| async move { read(&id).send().await.map(|household| self::household(household.head)) }.boxed_local(),
};

/// Those in difficulty, for new plans.
pub const POOR_HOUSEHOLDS: Source = Source {
    search: |q| {
        async move {
            let states: Vec<_> = HouseholdStatus::ALL.iter().copied().filter(|status| status.in_difficulty()).collect();
            picker::of_each(&states, async |status| choices(q.clone(), Some(status)).await).await
        }
        .boxed_local()
    },
    ..HOUSEHOLDS
};

async fn choices(q: String, status: Option<HouseholdStatus>) -> Result<Vec<Choice>, ApiError> {
    let query = HouseholdQuery { q: text(q), status, limit: Some(LIMIT), total: Some(false), ..Default::default() };
    let page = list(&query).send().await?;
    // An anonymised file cannot be used for anything.
    let known = page.items.into_iter().filter(|household| household.head.anonymised_on.is_none());
    Ok(known.map(|household| self::household(household.head)).collect())
}

fn household(head: HouseholdHead) -> Choice {
    Choice { value: head.id.to_string(), label: format!("{} {}", head.file_number, head.head_name), hint: head.village_name }
}
