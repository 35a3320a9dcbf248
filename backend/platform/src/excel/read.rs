//! Reads an uploaded workbook cell by cell, and reports every fault at its place.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::Deref;

use actix_web::web::Bytes;
use calamine::{DataRef, Reader, Xlsx};
use contract::Lang;
use contract::labels::label;
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::guard::{check, refuse};
use super::hidden::Hidden;
use super::{Column, Kind, ROW_ID, Sheet, VERSION, cell, is_called, letters};
use crate::{Error, Result};

/// The most rows of a workbook, in all sheets together.
const ROW_LIMIT: usize = 500_000;
/// The most columns, as spreadsheet programs have them.
const COLUMN_LIMIT: u32 = 16_384;
/// The number of first rows that may contain the header.
const HEADER_ROWS: u32 = 20;
/// The most undeclared columns that are named.
const OWN_COLUMNS: usize = 100;
/// The largest size of a row while it is read, in bytes.
const ROW_SIZE_LIMIT: usize = 4 * 1024 * 1024;
/// Megabytes that all workbooks together may use until they are imported. One may use all of them. The cells of a workbook with
/// 100,000 households take some 80.
const MEMORY: u64 = 160;
const CELLS_LIMIT: u64 = 96;
static FREE: Semaphore = Semaphore::const_new(MEMORY as usize);
/// How many workbooks are checked or read at a time.
static READING: Semaphore = Semaphore::const_new(2);
const MEGABYTE: u64 = 1024 * 1024;
/// Ends the text of each cell of a row. No cell contains it.
const END: char = '\0';

/// The sheets of a workbook in memory.
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
    /// The column of the file for each declared one; `None` if it is missing.
    pub(super) places: Vec<Option<u32>>,
    /// The header's row number in a spreadsheet program.
    pub(super) header: u32,
    /// Undeclared columns of the file, with their headers unless those may be personal.
    pub(super) own: BTreeMap<u32, Option<String>>,
    pub rows: Vec<Row>,
}

/// A row as it was typed. It is stored compactly, because there are many, and parsed only when its turn comes.
#[derive(Debug)]
pub struct Row {
    /// Its row number in a spreadsheet program.
    pub(super) number: u32,
    /// The cells of the declared columns, each ended by [`END`].
    typed: Box<str>,
    /// Faulty cells, by the column of the file.
    pub(super) faults: Box<[Fault]>,
}

/// A fault of a cell that is found before parsing.
#[derive(Debug)]
pub(super) struct Fault {
    /// The column of the file.
    pub place: u32,
    pub code: &'static str,
}

impl Row {
    /// The key of the row; empty if the key is faulty.
    pub fn key(&self) -> &str {
        self.cells().next().unwrap_or_default()
    }

    /// Whether the row removes its object.
    pub fn removes(&self, sheet: &Sheet) -> bool {
        let mut cells = sheet.columns.iter().zip(self.cells());
        cells.any(|(column, typed)| matches!(column.kind, Kind::Removal) && cell::value(column.kind, typed) == Ok(true.into()))
    }

    /// The id with which an export has marked it.
    pub fn id(&self, sheet: &Sheet) -> Option<&str> {
        self.text(sheet, ROW_ID)
    }

    /// The version with which an export has marked it.
    pub fn version(&self, sheet: &Sheet) -> Option<&str> {
        self.text(sheet, VERSION)
    }

    /// The text of a column, if there is any.
    pub fn text(&self, sheet: &Sheet, field: &str) -> Option<&str> {
        let cells = sheet.columns.iter().zip(self.cells());
        cells.filter(|(_, typed)| !typed.is_empty()).find(|(column, _)| column.field == field).map(|(_, typed)| typed)
    }

    /// Its size in memory, in bytes. The row itself counts twice, because lists of rows grow by doubling.
    fn size(&self) -> usize {
        2 * size_of::<Self>() + self.typed.len() + size_of_val(&*self.faults)
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        self.typed.split_terminator(END)
    }

    /// The new value that a cell gives to a field with the value `now`: null if it clears the field, an error if it is faulty,
    /// `None` if the field stays as it is. An empty cell changes nothing, and neither does a masked value.
    pub(super) fn value(
        &self,
        column: &Column,
        place: u32,
        typed: &str,
        now: Option<&Value>,
    ) -> Result<Option<Value>, &'static str> {
        match self.faults.iter().find(|fault| fault.place == place) {
            Some(fault) => Err(fault.code),
            None if typed.is_empty() && column.required && now.is_none() => Err("required"),
            None if typed.is_empty() || column.keeps(typed, now) => Ok(None),
            None if column.is_input() && cell::clears(typed) && column.required => Err("required"),
            None if column.is_input() && cell::clears(typed) => Ok(Some(Value::Null)),
            None => cell::value(column.kind, typed).map(Some),
        }
    }
}

/// Reads the sheets of a workbook on a blocking thread, once there is memory for its contents. Every sheet but the first may be
/// missing.
///
/// # Errors
/// `invalid_workbook` with the reason, if it cannot be read at all.
pub async fn read(bytes: Bytes, sheets: &'static [&'static Sheet]) -> Result<Book> {
    let whole = bytes.clone();
    let contents = turn(move || check(&whole)).await?;
    let retained = contents.retained().div_ceil(MEGABYTE);
    let cells = contents.cells().div_ceil(MEGABYTE).min(CELLS_LIMIT).min(MEMORY.saturating_sub(retained));
    let memory = FREE.acquire_many((retained + cells) as u32).await.map_err(Error::internal)?;
    let left = Left { rows: ROW_LIMIT, memory: (cells * MEGABYTE) as usize };
    turn(move || Ok(Book { tables: tables(&bytes, sheets, &contents.hidden, left)?, _memory: memory })).await
}

/// Works on a workbook when its turn comes. The turn lasts as long as the work, even if the sender has gone.
async fn turn<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let turn = READING.acquire().await.map_err(Error::internal)?;
    let work = move || {
        let _turn = turn;
        work()
    };
    let done = tokio::task::spawn_blocking(work).await;
    // The parser is third-party code. If it panics, the file is to blame.
    done.map_err(|_| refuse("无法解析 / cannot be parsed"))?
}

fn tables(bytes: &[u8], sheets: &'static [&'static Sheet], hidden: &Hidden, mut left: Left) -> Result<Vec<Table>> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names = workbook.sheet_names();
    sheets
        .iter()
        .enumerate()
        .map(|(index, &sheet)| match names.iter().find(|name| is_called(name.trim(), sheet.name)) {
            Some(name) => table(&mut workbook, name, sheet, hidden, &mut left),
            None if index == 0 => Err(refuse(format!("缺少工作表 {0} / there is no sheet {0}", label(sheet.name, Lang::ZhCn)))),
            None => Ok(Table { places: vec![None; sheet.columns.len()], ..Table::of(sheet) }),
        })
        .collect()
}

fn broken(error: calamine::XlsxError) -> Error {
    let words: String = error.to_string().chars().take(200).collect();
    refuse(format!("工作簿已损坏 / the workbook is broken: {words}"))
}

/// How much more the workbook may use.
struct Left {
    rows: usize,
    /// In bytes.
    memory: usize,
}

/// A cell: its column, and its text or fault.
type Cell = (u32, Result<Option<String>, &'static str>);

fn table(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    sheet: &'static Sheet,
    hidden: &Hidden,
    left: &mut Left,
) -> Result<Table> {
    let since_1904 = workbook.has_1904_epoch();
    let mut reader = workbook.worksheet_cells_reader(name).map_err(broken)?;
    let mut found = Table::of(sheet);
    let mut cells: Vec<Cell> = Vec::new();
    let (mut current, mut row_size) = (0, 0);
    loop {
        let cell = reader.next_cell_with_formula_metadata().map_err(broken)?;
        let (row, column) = cell.as_ref().map_or((u32::MAX, 0), |cell| cell.pos);
        if row < current {
            return Err(refuse("行的次序错乱 / its rows are out of order"));
        }
        if row > current {
            found.take(current, std::mem::take(&mut cells), hidden.has(name, current), left)?;
            (current, row_size) = (row, 0);
        }
        let Some(cell) = cell else { break };
        if column >= COLUMN_LIMIT || cells.last().is_some_and(|(last, _)| *last >= column) {
            return Err(refuse("单元格的次序错乱 / its cells are out of order"));
        }
        let text = if cell.formula.is_some() { Err("formula") } else { cell::text(&cell.value, found.kind(column), since_1904) };
        if cell.value != DataRef::Empty || text.is_err() {
            row_size += text.as_ref().ok().and_then(Option::as_ref).map_or(0, String::len);
            if row_size > left.memory.min(ROW_SIZE_LIMIT) {
                return Err(refuse("文字过多 / too much text"));
            }
            cells.push((column, text));
        }
    }
    if found.places.is_empty() { Err(found.headless()) } else { Ok(found) }
}

impl Table {
    fn of(sheet: &'static Sheet) -> Self {
        Self { sheet, places: Vec::new(), header: 1, own: BTreeMap::new(), rows: Vec::new() }
    }

    /// The kind of a column; `None` if it is undeclared, or its header has not come yet.
    fn kind(&self, column: u32) -> Option<Kind> {
        let index = self.places.iter().position(|place| *place == Some(column))?;
        Some(self.sheet.columns[index].kind)
    }

    fn headless(&self) -> Error {
        let [zh, en] = [Lang::ZhCn, Lang::En].map(|lang| label(self.sheet.name, lang));
        refuse(format!(
            "工作表“{zh}”的前 {HEADER_ROWS} 行中没有表头，请保留模板的表头一行 \
             / the first {HEADER_ROWS} rows of the sheet “{en}” have no header: keep that of the template"
        ))
    }

    /// Takes the cells of a row. Skips rows above the header, such as a title.
    fn take(&mut self, row: u32, cells: Vec<Cell>, hidden: bool, left: &mut Left) -> Result<()> {
        if self.places.is_empty() {
            if is_header(self.sheet, &cells) {
                (self.places, self.own) = places(self.sheet, &cells)?;
                self.header = row + 1;
            } else if row + 1 >= HEADER_ROWS {
                return Err(self.headless());
            }
            return Ok(());
        }
        let (cells, own): (Vec<_>, Vec<_>) = cells.into_iter().partition(|(place, _)| self.places.contains(&Some(*place)));
        for (place, _) in own.into_iter().filter(|(_, text)| *text != Ok(None)) {
            if self.own.len() < OWN_COLUMNS {
                self.own.entry(place).or_default();
            }
        }
        if cells.iter().any(|(_, text)| *text != Ok(None)) {
            let row = self.row(row, cells, hidden);
            left.rows =
                left.rows.checked_sub(1).ok_or_else(|| refuse(format!("超过 {ROW_LIMIT} 行 / more than {ROW_LIMIT} rows")))?;
            left.memory = left.memory.checked_sub(row.size()).ok_or_else(|| refuse("文字过多 / too much text"))?;
            self.rows.push(row);
        }
        Ok(())
    }

    fn row(&self, row: u32, cells: Vec<Cell>, hidden: bool) -> Row {
        let columns = self.sheet.columns;
        let mut texts = vec![String::new(); columns.len()];
        // Only a person knows whether it was hidden to leave it out, or by a forgotten filter.
        let mut faults: Vec<_> =
            self.places[0].filter(|_| hidden).map(|place| Fault { place, code: "hidden_row" }).into_iter().collect();
        for (place, text) in cells {
            let Some(index) = self.places.iter().position(|known| *known == Some(place)) else { continue };
            match text {
                Ok(text) => texts[index] = columns[index].kept(text.unwrap_or_default()),
                Err(code) => faults.push(Fault { place, code }),
            }
        }
        let typed: String = texts.iter().flat_map(|text| [text.as_str(), "\0"]).collect();
        Row { number: row + 1, typed: typed.into(), faults: faults.into() }
    }
}

/// The index of the declared column that a header cell names.
fn named(sheet: &Sheet, (_, text): &Cell) -> Option<usize> {
    let text = text.as_ref().ok()?.as_deref()?;
    sheet.columns.iter().position(|column| is_called(text, column.name()))
}

/// Whether a row is the header: it names the key, or two columns. A title or a person names none.
fn is_header(sheet: &Sheet, cells: &[Cell]) -> bool {
    let found: Vec<_> = cells.iter().filter_map(|cell| named(sheet, cell)).collect();
    found.contains(&0) || found.len() > 1
}

/// The places of the declared columns, which may be in any order.
type Places = Vec<Option<u32>>;

/// The places of the declared columns, and the other columns.
fn places(sheet: &Sheet, header: &[Cell]) -> Result<(Places, BTreeMap<u32, Option<String>>)> {
    let (mut places, mut own) = (vec![None; sheet.columns.len()], BTreeMap::new());
    for cell in header {
        let (place, text) = (cell.0, cell.1.as_ref().ok().and_then(Option::as_ref));
        let shown = text.filter(|_| !sheet.personal).map(|text| text.chars().take(60).collect::<String>());
        match named(sheet, cell) {
            Some(index) if places[index].replace(place).is_some() => {
                let shown = shown.unwrap_or_else(|| letters(place));
                return Err(refuse(format!("列“{shown}”重复 / column “{shown}” is there twice")));
            }
            Some(_) => {}
            None if own.len() < OWN_COLUMNS => drop(own.insert(place, shown)),
            None => {}
        }
    }
    let missing = sheet.columns.iter().zip(&places).find(|(column, place)| column.required && place.is_none());
    match missing {
        Some((column, _)) => {
            let (zh, en) = (label(column.name(), Lang::ZhCn), label(column.name(), Lang::En));
            Err(refuse(format!("缺少列“{zh}” / column “{en}” is missing")))
        }
        None => Ok((places, own)),
    }
}
