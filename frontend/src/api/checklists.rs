//! Checklists of inspections.

use contract::inspections::{Checklist, ChecklistInput, ChecklistQuery, ChecklistState};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;

use super::{Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Checklists that fit the filters.
pub fn list(query: &ChecklistQuery) -> Call<Page<Checklist>> {
    Call::list("/checklists", query)
}

/// One checklist.
pub fn read(id: &str) -> Call<Checklist> {
    Call::get(format!("/checklists/{id}"))
}

/// Drafts a checklist.
pub fn create(input: &Value) -> Call<Checklist> {
    Call::post("/checklists", input)
}

impl Record for Checklist {
    type Input = ChecklistInput;
    const WRITE: Permission = Permission::WriteChecklists;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        (field == "state").then(|| ChecklistState::from_code(code)).flatten().map(|state| state.label(lang))
    }
}

impl Editable for Checklist {
    type Edit = ChecklistInput;

    fn edit(&self) -> ChecklistInput {
        self.details.clone()
    }
}

/// Checklists in use, for new rounds.
pub const CHECKLISTS_IN_USE: Source = Source {
    search: |q| {
        async move {
            let state = Some(ChecklistState::InUse);
            let query = ChecklistQuery { q: text(q), state, limit: Some(LIMIT), total: Some(false), ..Default::default() };
            Ok(list(&query).send().await?.items.into_iter().map(checklist).collect())
        }
        .boxed_local()
    },
    find: |id| async move { read(&id).send().await.map(checklist) }.boxed_local(),
};

fn checklist(checklist: Checklist) -> Choice {
    Choice { value: checklist.id.to_string(), label: checklist.details.title, hint: String::new() }
}
