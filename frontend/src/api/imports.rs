//! Imports of workbooks.

use contract::imports::{ImportQuery, ImportReport};
use leptos::prelude::Callback;
use web_sys::{File, FormData};

use super::Call;
use crate::query;

/// Imports a workbook into the collection at a path, or only checks it. Returns `None` if the browser cannot build the form.
pub fn run(path: &str, file: &File, dry_run: bool, sent: Callback<f64>) -> Option<Call<ImportReport>> {
    let form = FormData::new().ok()?;
    form.append_with_blob_and_filename("file", file, &file.name()).ok()?;
    let query = query::of(&ImportQuery { dry_run });
    Some(Call::upload(format!("{path}/import?{query}"), form).watched(sent))
}
