//! Assignments of whole campaigns.

use contract::assignments::{
    AcceptInput, Assignment, AssignmentCertificate, AssignmentComparison, AssignmentInput, AssignmentLine, AssignmentLineQuery,
    AssignmentQuery, AssignmentReasons, AssignmentState, ComparisonQuery, WhyNot, WhyNotQuery,
};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;
use uuid::Uuid;

use super::{Abort, ApiError, Call, Record};

/// Assignments that fit the filters.
pub fn list(query: &AssignmentQuery) -> Call<Page<Assignment>> {
    Call::list("/assignments", query)
}

/// One assignment in figures.
pub fn read(id: &str) -> Call<Assignment> {
    Call::get(format!("/assignments/{id}"))
}

/// Computes one.
pub fn create(input: &Value) -> Call<Assignment> {
    Call::post("/assignments", input)
}

/// All lines of one, in their order.
///
/// # Errors
/// Those of [`Call::send_within`].
pub async fn lines(assignment_id: Uuid, abort: &Abort) -> Result<Vec<AssignmentLine>, ApiError> {
    let assignment_id = Some(assignment_id);
    let mut query = AssignmentLineQuery { assignment_id, limit: Some(200), total: Some(false), ..Default::default() };
    let mut lines = Vec::new();
    loop {
        let page = Call::<Page<AssignmentLine>>::list("/assignment-lines", &query).send_within(abort).await?;
        lines.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok(lines);
        }
    }
}

/// Why it is as it is.
pub fn reasons(id: Uuid) -> Call<AssignmentReasons> {
    Call::get(format!("/assignments/{id}/reasons"))
}

/// The proof that no other one is worth more.
pub fn certificate(id: Uuid) -> Call<AssignmentCertificate> {
    Call::get(format!("/assignments/{id}/certificate"))
}

/// Why two are not paired.
pub fn why_not(id: Uuid, pair: &WhyNotQuery) -> Call<WhyNot> {
    Call::list(&format!("/assignments/{id}/why-not"), pair)
}

/// Two side by side.
pub fn comparison(id: Uuid, other_id: Uuid) -> Call<AssignmentComparison> {
    Call::list(&format!("/assignments/{id}/comparison"), &ComparisonQuery { other_id })
}

/// Turns lines into recommended pairings.
pub fn accept(id: Uuid, version: i32, input: &AcceptInput) -> Call<Assignment> {
    Call::post(format!("/assignments/{id}/accept"), input).seen(version)
}

impl Record for Assignment {
    type Input = AssignmentInput;
    const WRITE: Permission = Permission::WriteAssignments;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        (field == "state").then(|| AssignmentState::from_code(code)).flatten().map(|state| state.label(lang))
    }
}
