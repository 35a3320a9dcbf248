//! Collects the findings of an import, row by row.

use contract::imports::{Cell, CellChange, CellError, ImportReport, MAX_CHANGES, MAX_ERRORS, MAX_NOTES};
use contract::{FieldError, Lang};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use validator::Validate;

use super::{Column, Row, Table, VERSION, cell, letters};
use crate::audit::{Event, to_map};
use crate::extract::checked_without;
use crate::{Error, Result, Tx};

/// The most characters of a faulty cell that a report repeats.
const SHOWN: usize = 200;

/// The report of a running import.
#[derive(Debug)]
pub struct Report {
    lang: Lang,
    pub(super) report: ImportReport,
}

impl Report {
    /// An empty report.
    pub fn new(tables: &[Table], dry_run: bool, lang: Lang) -> Self {
        let rows = tables.iter().map(|table| table.rows.len() as u32).sum();
        let own = tables.iter().flat_map(|table| table.own.iter().map(move |column| (table, column)));
        let notes = own.map(|(table, (&place, header))| {
            let (sheet, value) = (table.sheet.name, header.clone());
            let cell = Cell { sheet, row: table.header, column: letters(place), field: "", value };
            CellError::new(cell, FieldError::at("", "own_column"), lang)
        });
        let notes = notes.collect();
        Self { lang, report: ImportReport { dry_run, rows, notes, ..ImportReport::default() } }
    }

    /// Whether to write: not in a dry run, and not after the first fault.
    pub fn writes(&self) -> bool {
        !self.report.dry_run && self.report.errors_total == 0
    }

    /// Counts a new row.
    pub fn created(&mut self) {
        self.report.created += 1;
    }

    /// Counts a row that changes something.
    pub fn updated(&mut self) {
        self.report.updated += 1;
    }

    /// Adds a fault of a field.
    pub fn fault(&mut self, table: &Table, row: &Row, field: &str, code: &'static str) {
        self.add(table, row, FieldError::at(format!("/{field}"), code));
    }

    /// The object of a row, with the fields in `current` besides its own. Returns `None` if the row has faults, which are added.
    pub fn check<T: DeserializeOwned + Validate>(&mut self, table: &Table, row: &Row, current: Map<String, Value>) -> Option<T> {
        let before = self.report.errors_total;
        let (input, unread) = self.apply(table, row, current);
        match checked_without::<T>(Value::Object(input), &unread) {
            Ok(input) => (before == self.report.errors_total).then_some(input),
            Err(error) => {
                error.errors.iter().for_each(|fault| self.add(table, row, fault.clone()));
                None
            }
        }
    }

    /// The object of a row that changes a known one. `before` are the known fields; `current` also has the changes of other rows.
    /// A missing column or an empty cell leaves its field as it is. Returns `None` if the row has faults. Unchanged fields were
    /// checked when they were entered.
    pub fn renew<T: Serialize + DeserializeOwned + Validate>(
        &mut self,
        table: &Table,
        row: &Row,
        before: &Map<String, Value>,
        current: Map<String, Value>,
    ) -> Option<T> {
        let faults = self.report.errors_total;
        let (input, unread) = self.apply(table, row, current);
        if faults == self.report.errors_total && input == *before {
            return serde_json::from_value(Value::Object(input)).ok();
        }
        match checked_without::<T>(Value::Object(input), &unread) {
            Ok(input) if faults == self.report.errors_total => {
                self.changes(table, row, before, &to_map(&input));
                Some(input)
            }
            Ok(_) => None,
            Err(error) => {
                error.errors.iter().for_each(|fault| self.add(table, row, fault.clone()));
                None
            }
        }
    }

    /// Applies the cells of a row to fields, and adds the faults of cells. A faulty cell counts as the column's example, so that
    /// the other cells of the row are still checked. Returns the fields, and the pointers of those that are only examples.
    fn apply(&mut self, table: &Table, row: &Row, mut fields: Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
        let read: Vec<_> = cells(table, row)
            .filter(|(_, column, ..)| column.elsewhere.is_none())
            .map(|(index, column, place, typed)| {
                let now = column.of(&fields);
                let said = row
                    .value(column, place, typed, now)
                    .map(|said| said.filter(|said| if said.is_null() { now.is_some() } else { now != Some(said) }));
                let is_empty = match &said {
                    Ok(None) => now.is_none(),
                    Ok(Some(value)) => value.is_null(),
                    Err(_) => false,
                };
                (index, column, said, is_empty)
            })
            .collect();
        let mut unread = Vec::new();
        let begun = |outer| read.iter().any(|(_, column, _, is_empty)| column.outer() == outer && !is_empty);
        for (index, column, said, is_empty) in &read {
            let lacks = column.needed && *is_empty && begun(column.outer());
            let said = if lacks { Err("required") } else { said.clone() };
            if let Err(code) = said {
                self.push(table, row, *index, FieldError::at("", code));
                unread.push(format!("/{}", column.field));
            }
            let example = || cell::value(column.kind, column.example).unwrap_or_default();
            if let Some(value) = said.unwrap_or_else(|_| Some(example())).filter(|_| column.is_input()) {
                column.put(&mut fields, value);
            }
        }
        (fields, unread)
    }

    /// Records what a row changes in an object; `before` is empty if it is new, `after` if it is removed. Only a dry run reports
    /// this.
    pub fn changes(&mut self, table: &Table, row: &Row, before: &Map<String, Value>, after: &Map<String, Value>) {
        if !self.report.dry_run {
            return;
        }
        for (index, column, place, _) in cells(table, row).filter(|(_, column, ..)| column.is_input()) {
            let [old, new] = [before, after].map(|fields| column.of(fields));
            if old == new {
                continue;
            }
            if self.report.changes.len() >= MAX_CHANGES {
                self.report.changes_truncated = true;
                return;
            }
            let field = table.sheet.columns[index].field;
            let cell = Cell { sheet: table.sheet.name, row: row.number, column: letters(place), field, value: None };
            let [old, new] = [old, new].map(|value| column.shown(value, self.lang));
            self.report.changes.push(CellChange::new(cell, old, new));
        }
    }

    /// Notes the cells of columns that an import does not take, where they say something else than the object does. `kept` are the
    /// values that a column may have, null for none. A column without any is not compared.
    pub fn compare(&mut self, table: &Table, row: &Row, kept: &[(&str, Vec<Value>)]) {
        for (index, column, place, typed) in cells(table, row) {
            let Some(code) = column.elsewhere else { continue };
            let values = kept.iter().find(|(field, _)| *field == column.field).map_or(&[][..], |(_, values)| &values[..]);
            let is_kept = |value: &Value| match row.value(column, place, typed, Some(value).filter(|value| !value.is_null())) {
                Ok(said) => said.is_none_or(|said| said == *value),
                Err(_) => false,
            };
            if !values.is_empty() && !values.iter().any(is_kept) {
                self.remark(table, row, index, FieldError::at("", code));
            }
        }
    }

    /// Adds a note, at the column that its pointer names, or else at the key.
    pub fn note(&mut self, table: &Table, row: &Row, note: FieldError) {
        self.remark(table, row, index_of(table, &note), note);
    }

    fn remark(&mut self, table: &Table, row: &Row, index: usize, note: FieldError) {
        if self.report.notes.len() < MAX_NOTES {
            self.report.notes.push(CellError::new(place_of(table, row, index), note, self.lang));
        } else {
            self.report.notes_truncated = true;
        }
    }

    /// Whether an export wrote the row when its object had another version. The row is then faulty, because it would undo later
    /// changes. A row without such a mark is never stale.
    pub fn is_stale(&mut self, table: &Table, row: &Row, version: i32) -> bool {
        let is_stale = row.version(table.sheet).is_some_and(|exported| exported != version.to_string());
        if is_stale {
            self.fault(table, row, VERSION, "changed_since");
        }
        is_stale
    }

    /// Adds a fault at the column that its pointer names, or else at the key. A fault of a cell that is already faulty is only
    /// about the example, so it is left out.
    pub fn add(&mut self, table: &Table, row: &Row, fault: FieldError) {
        let index = index_of(table, &fault);
        let faulty = cells(table, row)
            .find(|(at, ..)| *at == index)
            .is_some_and(|(_, column, place, typed)| row.value(column, place, typed, Some(&Value::Bool(true))).is_err());
        if !faulty {
            self.push(table, row, index, fault);
        }
    }

    fn push(&mut self, table: &Table, row: &Row, index: usize, fault: FieldError) {
        self.report.errors_total += 1;
        if self.report.errors.len() < MAX_ERRORS {
            self.report.errors.push(CellError::new(place_of(table, row, index), fault, self.lang));
        }
    }

    /// Ends the import. Returns the report of a dry run or of the import, which also goes into the history.
    ///
    /// # Errors
    /// `validation_failed` with every bad cell, unless this is a dry run.
    pub async fn finish(mut self, tx: &Tx, object_type: &'static str) -> Result<ImportReport> {
        self.report.errors_truncated = self.report.errors_total as usize > self.report.errors.len();
        if self.report.dry_run {
            return Ok(self.report);
        }
        if self.report.errors_total > 0 {
            let total = format!("{} {}", self.report.errors_total, self.lang.pick("处错误", "errors"));
            return Err(Error::fields(self.report.errors.into_iter().map(FieldError::from).collect()).explained(total));
        }
        let ImportReport { rows, created, updated, .. } = self.report;
        record_bulk(tx, object_type, "import", &serde_json::json!({ "rows": rows, "created": created, "updated": updated }))
            .await?;
        Ok(self.report)
    }
}

/// The index of the column that a pointer names, or else of the key.
fn index_of(table: &Table, fault: &FieldError) -> usize {
    table.sheet.columns.iter().position(|column| column.is_named(&fault.pointer)).unwrap_or_default()
}

/// A cell for a report, with what it holds unless that may be personal.
fn place_of(table: &Table, row: &Row, index: usize) -> Cell<'static> {
    let typed = row.cells().nth(index).filter(|typed| !typed.is_empty() && !table.sheet.personal);
    let value = typed.map(|typed| typed.chars().take(SHOWN).collect());
    let (column, field) = (letters(table.places[index].unwrap_or_default()), table.sheet.columns[index].field);
    Cell { sheet: table.sheet.name, row: row.number, column, field, value }
}

/// The cells of a row in the columns that the file has: the index and declaration of the column, its place, and the typed text.
fn cells<'a>(table: &'a Table, row: &'a Row) -> impl Iterator<Item = (usize, &'static Column, u32, &'a str)> {
    let columns = table.sheet.columns.iter().enumerate().zip(&table.places).zip(row.cells());
    columns.filter_map(|(((index, column), place), typed)| Some((index, column, (*place)?, typed)))
}

/// Writes the history of an import or export, which is not about a single object.
pub async fn record_bulk(tx: &Tx, object_type: &'static str, action: &str, what: &impl Serialize) -> Result<()> {
    let event = Event::of(object_type, "*", action);
    tx.record(event, &(), what).await
}
