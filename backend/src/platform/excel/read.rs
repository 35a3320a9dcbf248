//! Reading an uploaded workbook: streamed cell by cell, every fault at its place.

use std::io::Cursor;

use actix_web::web::Bytes;
use calamine::{DataRef, Reader, Xlsx};
use contract::Lang;
use contract::labels::label;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::guard::{check, refuse};
use super::{Kind, Sheet, cell, is_called};
use crate::platform::{Error, Result};

/// The most rows of a sheet.
const ROW_LIMIT: usize = 100_000;
/// Workbooks that are unpacked at a time: each may take a few hundred megabytes for a moment.
static READING: Semaphore = Semaphore::const_new(2);

/// The rows of a sheet, and where its columns are.
#[derive(Debug)]
pub struct Table {
    pub sheet: &'static Sheet,
    /// Column in the file for each declared one; none where it is missing.
    pub(super) places: Vec<Option<u32>>,
    pub rows: Vec<Row>,
}

/// A row with its values by declared column.
#[derive(Debug)]
pub struct Row {
    /// As a spreadsheet program numbers them.
    pub(super) number: u32,
    /// None where the file has no such column, null where the cell is empty.
    pub(super) values: Vec<Option<Value>>,
    pub(super) faults: Vec<Fault>,
}

/// What is wrong with a cell before anybody asks what it means.
#[derive(Debug)]
pub(super) struct Fault {
    /// Column of the file.
    pub place: u32,
    /// The declared column, where it is one.
    pub index: Option<usize>,
    pub code: &'static str,
    /// What was typed, where it is text.
    pub typed: Option<String>,
}

impl Row {
    /// The key of the row; empty where that is faulty.
    pub fn key(&self) -> &str {
        self.values[0].as_ref().and_then(Value::as_str).unwrap_or_default()
    }

    /// The text of a column, where there is one.
    pub fn text(&self, sheet: &Sheet, field: &str) -> Option<&str> {
        let index = sheet.columns.iter().position(|column| column.field == field)?;
        self.values[index].as_ref()?.as_str()
    }
}

/// Reads the sheets of a workbook, away from the threads that answer requests. A sheet after the first may be missing.
///
/// # Errors
/// `invalid_workbook` with the reason, where it cannot be read at all.
pub async fn read(bytes: Bytes, sheets: &'static [&'static Sheet]) -> Result<Vec<Table>> {
    let _turn = READING.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || tables(&bytes, sheets))
        .await
        // The parser is not ours: should it panic, the file is to blame.
        .map_err(|_| refuse("无法解析 / cannot be parsed"))?
}

fn tables(bytes: &[u8], sheets: &'static [&'static Sheet]) -> Result<Vec<Table>> {
    check(bytes)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names = workbook.sheet_names();
    sheets
        .iter()
        .enumerate()
        .map(|(index, &sheet)| match names.iter().find(|name| is_called(name.trim(), sheet.name)) {
            Some(name) => table(&mut workbook, name, sheet),
            None if index == 0 => Err(refuse(format!("缺少工作表 {0} / there is no sheet {0}", label(sheet.name, Lang::ZhCn)))),
            None => Ok(Table { sheet, places: vec![None; sheet.columns.len()], rows: Vec::new() }),
        })
        .collect()
}

fn broken(error: calamine::XlsxError) -> Error {
    let words: String = error.to_string().chars().take(200).collect();
    refuse(format!("工作簿已损坏 / the workbook is broken: {words}"))
}

/// A cell: its column, its text or fault.
type Cell = (u32, Result<Option<String>, &'static str>);

fn table(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str, sheet: &'static Sheet) -> Result<Table> {
    let mut reader = workbook.worksheet_cells_reader(name).map_err(broken)?;
    let mut found = Table { sheet, places: Vec::new(), rows: Vec::new() };
    let mut cells: Vec<Cell> = Vec::new();
    let mut current = 0;
    loop {
        let cell = reader.next_cell_with_formula_metadata().map_err(broken)?;
        let (row, column) = cell.as_ref().map_or((u32::MAX, 0), |cell| cell.pos);
        if row < current {
            return Err(refuse("行的次序错乱 / its rows are out of order"));
        }
        if row > current {
            found.take(current, std::mem::take(&mut cells))?;
            current = row;
        }
        let Some(cell) = cell else { break };
        let text = if cell.formula.is_some() { Err("formula") } else { cell::text(&cell.value) };
        if cell.value != DataRef::Empty || text.is_err() {
            cells.push((column, text));
        }
    }
    Ok(found)
}

impl Table {
    /// Takes the cells of a row: of the header first, which must be the first row.
    fn take(&mut self, row: u32, cells: Vec<Cell>) -> Result<()> {
        if row == 0 {
            self.places = places(self.sheet, &cells)?;
        } else if cells.iter().any(|(_, text)| *text != Ok(None)) {
            if self.rows.len() == ROW_LIMIT {
                return Err(refuse(format!("超过 {ROW_LIMIT} 行 / more than {ROW_LIMIT} rows")));
            }
            self.rows.push(self.row(row, cells));
        }
        Ok(())
    }

    fn row(&self, row: u32, cells: Vec<Cell>) -> Row {
        let columns = self.sheet.columns;
        let mut values: Vec<_> = self.places.iter().map(|place| place.map(|_| Value::Null)).collect();
        let mut faults = Vec::new();
        for (place, text) in cells {
            match self.places.iter().position(|known| *known == Some(place)) {
                // Whatever a column says that is only shown, it is passed over.
                Some(index) if matches!(columns[index].kind, Kind::Shown) => {}
                Some(index) => match text {
                    Ok(None) => values[index] = Some(Value::Null),
                    Ok(Some(typed)) => match cell::value(columns[index].kind, &typed) {
                        Ok(value) => values[index] = Some(value),
                        Err(code) => faults.push(Fault { place, index: Some(index), code, typed: Some(typed) }),
                    },
                    Err(code) => faults.push(Fault { place, index: Some(index), code, typed: None }),
                },
                None if text == Ok(None) => {}
                None => faults.push(Fault { place, index: None, code: "unknown_field", typed: text.ok().flatten() }),
            }
        }
        for (index, column) in columns.iter().enumerate().filter(|(_, column)| column.required) {
            if values[index] == Some(Value::Null) && !faults.iter().any(|fault| fault.index == Some(index)) {
                let place = self.places[index].unwrap_or_default();
                faults.push(Fault { place, index: Some(index), code: "required", typed: None });
            }
            debug_assert!(!column.example.is_empty(), "a required column has an example");
        }
        Row { number: row + 1, values, faults }
    }
}

/// Where the declared columns are, in whatever order.
fn places(sheet: &Sheet, header: &[Cell]) -> Result<Vec<Option<u32>>> {
    let mut places = vec![None; sheet.columns.len()];
    for (place, text) in header {
        let Some(text) = text.as_ref().map_err(|code| refuse(format!("表头第 {} 列 / header: {code}", place + 1)))? else {
            continue;
        };
        let shown: String = text.chars().take(60).collect();
        let index = sheet
            .columns
            .iter()
            .position(|column| is_called(text, column.field))
            .ok_or_else(|| refuse(format!("未知的列“{shown}” / there is no column “{shown}”")))?;
        if places[index].replace(*place).is_some() {
            return Err(refuse(format!("列“{shown}”重复 / column “{shown}” is there twice")));
        }
    }
    let missing = sheet.columns.iter().zip(&places).find(|(column, place)| column.required && place.is_none());
    match missing {
        Some((column, _)) => {
            let (zh, en) = (label(column.field, Lang::ZhCn), label(column.field, Lang::En));
            Err(refuse(format!("缺少列“{zh}” / column “{en}” is missing")))
        }
        None => Ok(places),
    }
}
