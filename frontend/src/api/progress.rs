//! Progress updates.

use contract::progress::{ProgressQuery, ProgressTextInput, ProgressUpdate, ProgressUpdateInput};
use contract::{Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Updates that fit the filters.
pub fn list(query: &ProgressQuery) -> Call<Page<ProgressUpdate>> {
    Call::list("/progress-updates", query)
}

/// One update.
pub fn read(id: &str) -> Call<ProgressUpdate> {
    Call::get(format!("/progress-updates/{id}"))
}

/// Reports what happened in a month.
pub fn create(input: &Value) -> Call<ProgressUpdate> {
    Call::post("/progress-updates", input)
}

impl Record for ProgressUpdate {
    type Input = ProgressUpdateInput;
    const WRITE: Permission = Permission::WriteProgress;

    fn coded(_: &str, _: &str, _: Lang) -> Option<&'static str> {
        None
    }
}

impl Editable for ProgressUpdate {
    type Edit = ProgressTextInput;

    fn edit(&self) -> ProgressTextInput {
        ProgressTextInput { content: self.content.clone(), progress: self.progress.clone() }
    }
}
