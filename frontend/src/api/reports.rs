//! Monthly reports.

use contract::reports::{
    Preflight, Report, ReportFormInput, ReportInput, ReportMonth, ReportMonthQuery, ReportQuery, ReportRowInput, ReportState,
    ReportSummary,
};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Reports that fit the filters.
pub fn list(query: &ReportQuery) -> Call<Page<ReportSummary>> {
    Call::list("/reports", query)
}

/// One report with its rows.
pub fn read(id: &str) -> Call<Report> {
    Call::get(format!("/reports/{id}"))
}

/// Drafts a report from the month's progress.
pub fn create(input: &Value) -> Call<Report> {
    Call::post("/reports", input)
}

/// What to check before the report is sent.
pub fn preflight(id: &str) -> Call<Preflight> {
    Call::get(format!("/reports/{id}/preflight"))
}

/// A month of a campaign, town by town.
pub fn month(query: &ReportMonthQuery) -> Call<ReportMonth> {
    Call::list("/report-months", query)
}

impl Record for Report {
    type Input = ReportInput;
    const WRITE: Permission = Permission::WriteReports;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => ReportState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Report {
    type Edit = ReportFormInput;

    fn edit(&self) -> ReportFormInput {
        let rows = self.rows.iter().map(|row| ReportRowInput {
            pairing_id: row.pairing_id,
            village_name: row.village_name.clone(),
            organisation_name: row.organisation_name.clone(),
            content: row.content.clone(),
            progress: row.progress.clone(),
            edited: None,
        });
        ReportFormInput { unit: self.unit.clone(), filled_on: self.filled_on, rows: rows.collect() }
    }
}
