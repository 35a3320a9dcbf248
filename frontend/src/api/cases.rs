//! Cases and good practices, and who has taken them up.

use contract::campaigns::Goal;
use contract::cases::{Case, CaseInput, CaseKind, CaseQuery, CaseState, PeopleShown, Uptake, UptakeInput, UptakeQuery};
use contract::villages::Industry;
use contract::{CodedEnum, Lang, Page, Permission, Role};
use futures::FutureExt;
use serde_json::Value;

use super::{Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Cases that fit the filters.
pub fn list(query: &CaseQuery) -> Call<Page<Case>> {
    Call::list("/cases", query)
}

/// One case.
pub fn read(id: &str) -> Call<Case> {
    Call::get(format!("/cases/{id}"))
}

/// Nominates a case.
pub fn create(input: &Value) -> Call<Case> {
    Call::post("/cases", input)
}

impl Record for Case {
    type Input = CaseInput;
    const WRITE: Permission = Permission::WriteCases;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => CaseKind::from_code(code).map(|kind| kind.label(lang)),
            "state" => CaseState::from_code(code).map(|state| state.label(lang)),
            "goal" => Goal::from_code(code).map(|goal| goal.label(lang)),
            "industry" => Industry::from_code(code).map(|industry| industry.label(lang)),
            "nominated_by" => Role::from_code(code).map(|role| role.label(lang)),
            "people_shown" => PeopleShown::from_code(code).map(|shown| shown.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Case {
    type Edit = CaseInput;

    fn edit(&self) -> CaseInput {
        self.details.clone()
    }
}

/// Published cases and good practices, which can be taken up.
pub const PUBLISHED_CASES: Source = Source {
    search: |q| {
        async move {
            let query = CaseQuery {
                q: text(q),
                state: Some(CaseState::Published),
                limit: Some(LIMIT),
                total: Some(false),
                ..Default::default()
            };
            Ok(list(&query).send().await?.items.into_iter().map(case).collect())
        }
        .boxed_local()
    },
    find: |id| async move { read(&id).send().await.map(case) }.boxed_local(),
};

fn case(case: Case) -> Choice {
    let whose = case.organisation_name.unwrap_or_default();
    Choice { value: case.id.to_string(), label: case.details.title, hint: format!("{} {whose}", case.area_name) }
}

/// Uptakes that fit the filters.
pub fn uptakes(query: &UptakeQuery) -> Call<Page<Uptake>> {
    Call::list("/case-uptakes", query)
}

/// One uptake.
pub fn uptake(id: &str) -> Call<Uptake> {
    Call::get(format!("/case-uptakes/{id}"))
}

/// Takes a case up.
pub fn take_up(input: &Value) -> Call<Uptake> {
    Call::post("/case-uptakes", input)
}

impl Record for Uptake {
    type Input = UptakeInput;
    const WRITE: Permission = Permission::TakeUpCases;

    fn coded(_: &str, _: &str, _: Lang) -> Option<&'static str> {
        None
    }
}

impl Editable for Uptake {
    type Edit = UptakeInput;

    fn edit(&self) -> UptakeInput {
        self.details.clone()
    }
}
