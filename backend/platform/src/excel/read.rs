//! Reads an uploaded workbook, streamed cell by cell, with every fault at its place.

use std::io::Cursor;
use std::ops::Deref;

use actix_web::web::Bytes;
use calamine::{DataRef, Reader, Xlsx};
use contract::Lang;
use contract::labels::label;
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::guard::{check, refuse};
use super::{Column, Kind, Sheet, cell, is_called, letters};
use crate::{Error, Result};

/// The most rows of a workbook, in all sheets together.
const ROW_LIMIT: usize = 500_000;
/// The most columns, as spreadsheet programs have them.
const COLUMN_LIMIT: u32 = 16_384;
/// The largest size of a row while it is read, in bytes.
const ROW_SIZE_LIMIT: usize = 4 * 1024 * 1024;
/// Megabytes that all workbooks together may take until they are imported. One may take all of them. The cells of a
/// workbook with 100,000 households take some 80.
const MEMORY: u64 = 160;
const CELLS_LIMIT: u64 = 96;
static FREE: Semaphore = Semaphore::const_new(MEMORY as usize);
/// Workbooks that are checked or read at a time.
static READING: Semaphore = Semaphore::const_new(2);
const MEGABYTE: u64 = 1024 * 1024;
/// Ends the text of each cell of a row. No cell contains it.
const END: char = '\0';

/// The sheets of a workbook, in memory.
#[derive(Debug)]
pub struct Book {
    tables: Vec<Table>,
    _memory: SemaphorePermit<'static>,
}

impl Deref for Book {
    type Target = [Table];

    fn deref(&self) -> &[Table] {
        &self.tables
    }
}

/// The rows of a sheet, and the places of its columns.
#[derive(Debug)]
pub struct Table {
    pub sheet: &'static Sheet,
    /// The column of the file for each declared one; none where it is missing.
    pub(super) places: Vec<Option<u32>>,
    pub rows: Vec<Row>,
}

/// A row as it was typed. It is stored compactly, because there are many. It is parsed only when it is its turn.
#[derive(Debug)]
pub struct Row {
    /// Its number in a spreadsheet program.
    pub(super) number: u32,
    /// The cells of the declared columns, each with an end mark.
    typed: Box<str>,
    /// Faulty cells, by the column of the file.
    pub(super) faults: Box<[Fault]>,
}

/// What is wrong with a cell before it is parsed.
#[derive(Debug)]
pub(super) struct Fault {
    /// The column of the file.
    pub place: u32,
    pub code: &'static str,
    /// The text of a cell without a declared column.
    pub typed: Option<String>,
}

impl Row {
    /// The key of the row; empty where that is faulty.
    pub fn key(&self) -> &str {
        self.cells().next().unwrap_or_default()
    }

    /// The text of a column, where there is one.
    pub fn text(&self, sheet: &Sheet, field: &str) -> Option<&str> {
        let cells = sheet.columns.iter().zip(self.cells());
        cells.filter(|(_, typed)| !typed.is_empty()).find(|(column, _)| column.field == field).map(|(_, typed)| typed)
    }

    /// Its size in memory, in bytes. The row itself counts twice, because lists of rows grow by doubling.
    fn size(&self) -> usize {
        let faults = self.faults.iter().map(|fault| size_of::<Fault>() + fault.typed.as_ref().map_or(0, String::capacity));
        2 * size_of::<Self>() + self.typed.len() + faults.sum::<usize>()
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        self.typed.split_terminator(END)
    }

    /// The value of the cell at a place: null where it is empty, or what is wrong with it.
    pub(super) fn value(&self, column: &Column, place: u32, typed: &str) -> Result<Value, &'static str> {
        match self.faults.iter().find(|fault| fault.place == place) {
            Some(fault) => Err(fault.code),
            None if typed.is_empty() && column.required => Err("required"),
            None if typed.is_empty() => Ok(Value::Null),
            None => cell::value(column.kind, typed),
        }
    }
}

/// Reads the sheets of a workbook on a blocking thread, when there is memory for its content. Every sheet after the first
/// may be missing.
///
/// # Errors
/// `invalid_workbook` with the reason, where it cannot be read at all.
pub async fn read(bytes: Bytes, sheets: &'static [&'static Sheet]) -> Result<Book> {
    let whole = bytes.clone();
    let contents = turn(move || check(&whole)).await?;
    let retained = contents.retained().div_ceil(MEGABYTE);
    let cells = contents.cells().div_ceil(MEGABYTE).min(CELLS_LIMIT).min(MEMORY.saturating_sub(retained));
    let memory = FREE.acquire_many((retained + cells) as u32).await.map_err(Error::internal)?;
    let left = Left { rows: ROW_LIMIT, memory: (cells * MEGABYTE) as usize };
    turn(move || Ok(Book { tables: tables(&bytes, sheets, left)?, _memory: memory })).await
}

/// Works on a workbook when it is its turn. The turn lasts as long as the work, even if the sender has gone.
async fn turn<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let turn = READING.acquire().await.map_err(Error::internal)?;
    let work = move || {
        let _turn = turn;
        work()
    };
    let done = tokio::task::spawn_blocking(work).await;
    // The parser is not ours. Should it panic, the file is to blame.
    done.map_err(|_| refuse("无法解析 / cannot be parsed"))?
}

fn tables(bytes: &[u8], sheets: &'static [&'static Sheet], mut left: Left) -> Result<Vec<Table>> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names = workbook.sheet_names();
    sheets
        .iter()
        .enumerate()
        .map(|(index, &sheet)| match names.iter().find(|name| is_called(name.trim(), sheet.name)) {
            Some(name) => table(&mut workbook, name, sheet, &mut left),
            None if index == 0 => Err(refuse(format!("缺少工作表 {0} / there is no sheet {0}", label(sheet.name, Lang::ZhCn)))),
            None => Ok(Table { sheet, places: vec![None; sheet.columns.len()], rows: Vec::new() }),
        })
        .collect()
}

fn broken(error: calamine::XlsxError) -> Error {
    let words: String = error.to_string().chars().take(200).collect();
    refuse(format!("工作簿已损坏 / the workbook is broken: {words}"))
}

/// What a workbook may still take.
struct Left {
    rows: usize,
    /// In bytes.
    memory: usize,
}

/// A cell: its column, its text or fault.
type Cell = (u32, Result<Option<String>, &'static str>);

fn table(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str, sheet: &'static Sheet, left: &mut Left) -> Result<Table> {
    let mut reader = workbook.worksheet_cells_reader(name).map_err(broken)?;
    let mut found = Table { sheet, places: Vec::new(), rows: Vec::new() };
    let mut cells: Vec<Cell> = Vec::new();
    let (mut current, mut row_size) = (0, 0);
    loop {
        let cell = reader.next_cell_with_formula_metadata().map_err(broken)?;
        let (row, column) = cell.as_ref().map_or((u32::MAX, 0), |cell| cell.pos);
        if row < current {
            return Err(refuse("行的次序错乱 / its rows are out of order"));
        }
        if row > current {
            found.take(current, std::mem::take(&mut cells), left)?;
            (current, row_size) = (row, 0);
        }
        let Some(cell) = cell else { break };
        if column >= COLUMN_LIMIT || cells.last().is_some_and(|(last, _)| *last >= column) {
            return Err(refuse("单元格的次序错乱 / its cells are out of order"));
        }
        let text = if cell.formula.is_some() { Err("formula") } else { cell::text(&cell.value) };
        if cell.value != DataRef::Empty || text.is_err() {
            row_size += text.as_ref().ok().and_then(Option::as_ref).map_or(0, String::len);
            if row_size > left.memory.min(ROW_SIZE_LIMIT) {
                return Err(refuse("文字过多 / too much text"));
            }
            cells.push((column, text));
        }
    }
    Ok(found)
}

impl Table {
    /// Takes the cells of a row. The header must be the first row.
    fn take(&mut self, row: u32, cells: Vec<Cell>, left: &mut Left) -> Result<()> {
        if row == 0 {
            self.places = places(self.sheet, &cells)?;
        } else if cells.iter().any(|(_, text)| *text != Ok(None)) {
            let row = self.row(row, cells);
            left.rows =
                left.rows.checked_sub(1).ok_or_else(|| refuse(format!("超过 {ROW_LIMIT} 行 / more than {ROW_LIMIT} rows")))?;
            left.memory = left.memory.checked_sub(row.size()).ok_or_else(|| refuse("文字过多 / too much text"))?;
            self.rows.push(row);
        }
        Ok(())
    }

    fn row(&self, row: u32, cells: Vec<Cell>) -> Row {
        let columns = self.sheet.columns;
        let mut texts = vec![String::new(); columns.len()];
        let mut faults = Vec::new();
        for (place, text) in cells {
            match self.places.iter().position(|known| *known == Some(place)) {
                // A read-only column is ignored, whatever it holds.
                Some(index) if matches!(columns[index].kind, Kind::ReadOnly) => {}
                Some(index) => match text {
                    Ok(text) => texts[index] = text.unwrap_or_default(),
                    Err(code) => faults.push(Fault { place, code, typed: None }),
                },
                None if text == Ok(None) => {}
                None => faults.push(Fault { place, code: "unknown_field", typed: text.ok().flatten() }),
            }
        }
        let typed: String = texts.iter().flat_map(|text| [text.as_str(), "\0"]).collect();
        Row { number: row + 1, typed: typed.into(), faults: faults.into() }
    }
}

/// The places of the declared columns, which may be in any order.
fn places(sheet: &Sheet, header: &[Cell]) -> Result<Vec<Option<u32>>> {
    let mut places = vec![None; sheet.columns.len()];
    for (place, text) in header {
        let Some(text) = text.as_ref().map_err(|code| refuse(format!("表头第 {} 列 / header: {code}", place + 1)))? else {
            continue;
        };
        // Where the header is missing, this row is the first person.
        let shown: String = if sheet.personal { letters(*place) } else { text.chars().take(60).collect() };
        let index = sheet
            .columns
            .iter()
            .position(|column| is_called(text, column.name()))
            .ok_or_else(|| refuse(format!("未知的列“{shown}” / there is no column “{shown}”")))?;
        if places[index].replace(*place).is_some() {
            return Err(refuse(format!("列“{shown}”重复 / column “{shown}” is there twice")));
        }
    }
    let missing = sheet.columns.iter().zip(&places).find(|(column, place)| column.required && place.is_none());
    match missing {
        Some((column, _)) => {
            let (zh, en) = (label(column.name(), Lang::ZhCn), label(column.name(), Lang::En));
            Err(refuse(format!("缺少列“{zh}” / column “{en}” is missing")))
        }
        None => Ok(places),
    }
}
