//! Rounds of inspections.

use contract::campaigns::Goal;
use contract::inspections::{
    Draw, InspectionRound, RoundInput, RoundKind, RoundQuery, RoundState, RoundStepInput, SelectionMethod,
};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;

use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Rounds that fit the filters.
pub fn list(query: &RoundQuery) -> Call<Page<InspectionRound>> {
    Call::list("/inspection-rounds", query)
}

/// One round.
pub fn read(id: &str) -> Call<InspectionRound> {
    Call::get(format!("/inspection-rounds/{id}"))
}

/// Drafts a round.
pub fn create(input: &Value) -> Call<InspectionRound> {
    Call::post("/inspection-rounds", input)
}

/// What a round chooses from, and what it chooses.
pub fn draw(id: &str) -> Call<Draw> {
    Call::get(format!("/inspection-rounds/{id}/draw"))
}

/// Opens a round with the draw that was looked at.
pub fn open(id: &str, digest: &str) -> Call<InspectionRound> {
    let body = RoundStepInput { digest: Some(digest.to_owned()), ..Default::default() };
    Call::post(format!("/inspection-rounds/{id}/open"), &body)
}

impl Record for InspectionRound {
    type Input = RoundInput;
    const WRITE: Permission = Permission::WriteInspections;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => RoundKind::from_code(code).map(|kind| kind.label(lang)),
            "state" => RoundState::from_code(code).map(|state| state.label(lang)),
            "method" => SelectionMethod::from_code(code).map(|method| method.label(lang)),
            "goal" => Goal::from_code(code).map(|goal| goal.label(lang)),
            _ => None,
        }
    }
}

impl Editable for InspectionRound {
    type Edit = RoundInput;

    fn edit(&self) -> RoundInput {
        self.details.clone()
    }
}

/// Rounds, for filters.
pub const ROUNDS: Source = Source {
    search: |q| search(RoundQuery { q: text(q), ..Default::default() }).boxed_local(),
    find: |id| async move { read(&id).send().await.map(round) }.boxed_local(),
};

/// Open rounds, to which a pairing can be added.
pub const OPEN_ROUNDS: Source = Source {
    search: |q| search(RoundQuery { q: text(q), state: Some(RoundState::Open), ..Default::default() }).boxed_local(),
    ..ROUNDS
};

async fn search(query: RoundQuery) -> Result<Vec<Choice>, ApiError> {
    let query = RoundQuery { limit: Some(LIMIT), total: Some(false), ..query };
    Ok(list(&query).send().await?.items.into_iter().map(round).collect())
}

fn round(round: InspectionRound) -> Choice {
    Choice { value: round.id.to_string(), label: round.details.title, hint: round.area_name }
}
