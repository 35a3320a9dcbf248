//! Rankings of villages and organisations.

use contract::enrolments::EnrolmentKind;
use contract::rankings::{Ranking, RankingInput, RankingQuery, RankingState};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Rankings that fit the filters.
pub fn list(query: &RankingQuery) -> Call<Page<Ranking>> {
    Call::list("/rankings", query)
}

/// One ranking.
pub fn read(id: &str) -> Call<Ranking> {
    Call::get(format!("/rankings/{id}"))
}

/// Ranks the other side.
pub fn create(input: &Value) -> Call<Ranking> {
    Call::post("/rankings", input)
}

impl Record for Ranking {
    type Input = RankingInput;
    const WRITE: Permission = Permission::WriteRankings;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => EnrolmentKind::from_code(code).map(|kind| kind.label(lang)),
            "state" => RankingState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Ranking {
    type Edit = RankingInput;

    fn edit(&self) -> RankingInput {
        self.details.clone()
    }
}
