//! Inspections, and the sheet of one that is filled in.

use chrono::NaiveDate;
use contract::inspections::{
    ChecklistItem, Conclusion, Inspection, InspectionInput, InspectionQuery, InspectionState, Inspector, InspectorQuery,
    ItemOutcome, ItemResult, RoundKind, incomplete,
};
use contract::{CodedEnum, FieldError, Lang, Page, Permission, Resource};
use futures::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Inspections that fit the filters.
pub fn list(query: &InspectionQuery) -> Call<Page<Inspection>> {
    Call::list("/inspections", query)
}

/// One inspection.
pub fn read(id: &str) -> Call<Inspection> {
    Call::get(format!("/inspections/{id}"))
}

/// One inspection, to fill in its sheet.
pub fn sheet(id: &str) -> Call<Sheet> {
    read(id).answering()
}

/// Adds an inspection to an open round.
pub fn create(input: &Value) -> Call<Inspection> {
    Call::post("/inspections", input)
}

impl Record for Inspection {
    type Input = InspectionInput;
    const WRITE: Permission = Permission::WriteInspections;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => RoundKind::from_code(code).map(|kind| kind.label(lang)),
            "state" => InspectionState::from_code(code).map(|state| state.label(lang)),
            "result" => ItemResult::from_code(code).map(|result| result.label(lang)),
            "conclusion" => Conclusion::from_code(code).map(|conclusion| conclusion.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Inspection {
    type Edit = InspectionInput;

    fn edit(&self) -> InspectionInput {
        self.details.clone()
    }
}

/// An inspection whose results are filled in: its sheet has a row for each item, also where nothing is written yet.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sheet(pub Inspection);

/// What is written on a sheet.
#[derive(Serialize, Deserialize)]
pub struct SheetInput {
    held_on: Option<NaiveDate>,
    results: Vec<SheetRow>,
    conclusion: Option<Conclusion>,
    summary: Option<String>,
}

/// The row of an item.
#[derive(Serialize, Deserialize)]
struct SheetRow {
    item: i32,
    result: Option<ItemResult>,
    remark: Option<String>,
}

impl SheetInput {
    /// What it says of an inspection: of every item, or only of those that were looked at.
    fn details(&self, without: Option<ItemResult>) -> InspectionInput {
        let outcome =
            |row: &SheetRow| Some(ItemOutcome { item: row.item, result: row.result.or(without)?, remark: row.remark.clone() });
        InspectionInput {
            round_id: Uuid::nil(),
            pairing_id: Uuid::nil(),
            inspectors: Vec::new(),
            planned_on: self.held_on.unwrap_or_default(),
            held_on: self.held_on,
            results: self.results.iter().filter_map(outcome).collect(),
            conclusion: self.conclusion,
            summary: self.summary.clone(),
        }
    }

    /// What is sent of it.
    pub fn body(&self) -> Value {
        let details = self.details(None);
        json!({
            "held_on": details.held_on, "results": details.results, "conclusion": details.conclusion, "summary": details.summary,
        })
    }

    /// What an inspection of these items still lacks, at the fields of the sheet.
    pub fn lacks(&self, items: &[ChecklistItem]) -> Vec<FieldError> {
        let details = self.details(None);
        let of_row = |index: usize, name: &str| FieldError::at(format!("/results/{index}/{name}"), "required");
        let without = self.results.iter().enumerate().filter(|(_, row)| row.result.is_none());
        let mut found: Vec<_> = without.map(|(index, _)| of_row(index, "result")).collect();
        for fault in incomplete(&details, items) {
            let index = fault.pointer.strip_prefix("/results/").and_then(|rest| rest.strip_suffix("/remark"));
            let outcome = index.and_then(|index| details.results.get(index.parse::<usize>().ok()?));
            match outcome.and_then(|outcome| usize::try_from(outcome.item - 1).ok()) {
                Some(row) => found.push(of_row(row, "remark")),
                None if fault.pointer == "/results" => {}
                None => found.push(fault),
            }
        }
        found
    }
}

impl Validate for SheetInput {
    /// As what is sent, but in the order of the items.
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.details(Some(ItemResult::NotApplicable)).validate()
    }
}

impl Resource for Sheet {
    fn location(&self) -> String {
        self.0.location()
    }

    fn version(&self) -> i32 {
        self.0.version()
    }
}

impl Record for Sheet {
    type Input = SheetInput;
    const WRITE: Permission = Inspection::WRITE;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        Inspection::coded(field, code, lang)
    }
}

impl Editable for Sheet {
    type Edit = SheetInput;

    fn edit(&self) -> SheetInput {
        let details = &self.0.details;
        let row = |item: i32| {
            let outcome = details.results.iter().find(|outcome| outcome.item == item);
            SheetRow {
                item,
                result: outcome.map(|outcome| outcome.result),
                remark: outcome.and_then(|outcome| outcome.remark.clone()),
            }
        };
        SheetInput {
            held_on: details.held_on,
            results: (1..).zip(&self.0.items).map(|(item, _)| row(item)).collect(),
            conclusion: details.conclusion,
            summary: details.summary.clone(),
        }
    }

    /// Items without a result are not sent.
    fn sent(mut patch: Value) -> Value {
        if let Some(rows) = patch.get_mut("results").and_then(Value::as_array_mut) {
            rows.retain(|row| !row["result"].is_null());
        }
        patch
    }
}

/// Accounts that can inspect.
pub const INSPECTORS: Source = Source {
    search: |q| {
        async move {
            let query = InspectorQuery { q: text(q), limit: Some(LIMIT), total: Some(false), ..Default::default() };
            Ok(inspectors(&query).send().await?.items.into_iter().map(inspector).collect())
        }
        .boxed_local()
    },
    find: |id| found(id).boxed_local(),
};

fn inspectors(query: &InspectorQuery) -> Call<Page<Inspector>> {
    Call::list("/inspections/inspectors", query)
}

fn inspector(inspector: Inspector) -> Choice {
    Choice { value: inspector.id.to_string(), label: inspector.display_name, hint: inspector.area_name }
}

async fn found(id: String) -> Result<Choice, ApiError> {
    let query = InspectorQuery { limit: Some(200), total: Some(false), ..Default::default() };
    let mut all = inspectors(&query).send().await?.items.into_iter().map(inspector);
    all.find(|choice| choice.value == id).ok_or(ApiError::Network)
}

/// Inspections, for filters and new findings.
pub const INSPECTIONS: Source = Source {
    search: |q| {
        async move {
            let query = InspectionQuery { q: text(q), limit: Some(LIMIT), total: Some(false), ..Default::default() };
            Ok(list(&query).send().await?.items.into_iter().map(inspection).collect())
        }
        .boxed_local()
    },
    find: |id| async move { read(&id).send().await.map(inspection) }.boxed_local(),
};

fn inspection(inspection: Inspection) -> Choice {
    Choice {
        value: inspection.id.to_string(),
        label: format!("{} · {}", inspection.village_name, inspection.organisation_name),
        hint: inspection.round_title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_a_row_for_each_item_and_sends_those_that_were_looked_at() {
        let nobody = Uuid::nil();
        let sheet: Sheet = serde_json::from_value(json!({
            "id": nobody, "round_id": nobody, "pairing_id": nobody, "inspectors": [], "planned_on": "2020-07-14", "held_on": null,
            "results": [{ "item": 2, "result": "not_met", "remark": "没有台账" }], "conclusion": null, "summary": null,
            "campaign_id": nobody, "round_title": "年中检查", "kind": "mid_year",
            "items": [{ "text": "协议已签订" }, { "text": "资金有台账" }], "inspector_names": [], "organisation_name": "",
            "village_code": "350582104206", "village_name": "", "state": "planned", "overdue": false, "findings": 0,
            "findings_open": 0, "editable": true, "allowed_actions": [], "created_at": "2020-07-01T00:00:00Z",
            "updated_at": "2020-07-01T00:00:00Z", "version": 1,
        }))
        .unwrap();
        let written = sheet.edit();
        assert!(written.validate().is_ok(), "an item without a result is no fault");
        let mut value = serde_json::to_value(written).unwrap();
        let rows = json!([
            { "item": 1, "result": null, "remark": null },
            { "item": 2, "result": "not_met", "remark": "没有台账" },
        ]);
        assert_eq!(value["results"], rows);
        value["results"][1]["remark"] = json!("字".repeat(1_001));
        let long: SheetInput = serde_json::from_value(value.clone()).unwrap();
        let faults = contract::validation::faults(&long);
        assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), ["/results/1/remark"]);
        value["results"][1]["remark"] = Value::Null;
        let short: SheetInput = serde_json::from_value(value.clone()).unwrap();
        let lacks: Vec<_> = short.lacks(&sheet.0.items).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(lacks, ["/results/0/result", "/held_on", "/conclusion", "/results/1/remark"]);
        assert_eq!(short.body()["results"], json!([{ "item": 2, "result": "not_met", "remark": null }]));
        value["results"][1]["remark"] = json!("没有台账");
        assert_eq!(Sheet::sent(value)["results"], json!([{ "item": 2, "result": "not_met", "remark": "没有台账" }]));
    }
}
