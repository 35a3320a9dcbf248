//! Writes workbooks: a template to fill in, or an export in constant memory.

use std::fs::File;
use std::io::{self, Seek};

use chrono::NaiveDate;
use contract::Lang;
use contract::labels::label;
use rust_xlsxwriter::{DataValidation, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use super::report::record_bulk;
use super::{Column, Kind, MEDIA_TYPE, Sheet, cell};
use crate::download::{Chunks, Download};
use crate::{App, Caller, Error, Result, Tx};

/// The most rows of a sheet. Further rows go into another sheet.
const SHEET_ROWS: u32 = 1_048_576;
/// The number of rows in a template that have a drop-down list.
const LIST_ROWS: u32 = 10_000;
/// The number of batches that may wait for the writer.
const WAITING: usize = 2;

/// The index of a sheet, and rows for it.
type Batch = (usize, Vec<Map<String, Value>>);

/// A workbook to fill in: headers, drop-down lists, and a sheet that explains every column with an example.
///
/// # Errors
/// Only if the declaration itself breaks a rule of workbooks.
pub fn template(sheets: &[&Sheet], lang: Lang) -> Result<Download> {
    let bytes = fill_in(sheets, lang).map_err(Error::internal)?;
    let name = format!("{}-{}.xlsx", label(sheets[0].name, lang), lang.pick("导入模板", "template"));
    Ok(Download::new(name, MEDIA_TYPE, bytes))
}

fn fill_in(sheets: &[&Sheet], lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    for sheet in sheets {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(label(sheet.name, lang))?;
        for (place, column) in (0..).zip(sheet.columns.iter().filter(|column| column.is_filled_in())) {
            head(worksheet, place, column, lang)?;
            if let Some(list) = list(column, lang) {
                worksheet.add_data_validation(1, place, LIST_ROWS, place, &DataValidation::new().allow_list_strings(&list)?)?;
            }
        }
    }
    let worksheet = workbook.add_worksheet();
    worksheet.set_name(label("instructions", lang))?;
    for (place, field) in (0..).zip(["sheet", "column", "required", "form", "example"]) {
        worksheet.set_column_width(place, if field == "form" { 60 } else { 24 })?;
        worksheet.write_string_with_format(0, place, label(field, lang), &header())?;
    }
    let columns = sheets.iter().flat_map(|sheet| sheet.columns.iter().map(move |column| (sheet, column)));
    for (row, (sheet, column)) in (1..).zip(columns.filter(|(_, column)| column.is_filled_in())) {
        worksheet.write_string(row, 0, label(sheet.name, lang))?;
        worksheet.write_string(row, 1, label(column.name(), lang))?;
        worksheet.write_string(row, 2, cell::flag_label(column.required, lang))?;
        let clears = if column.is_input() && !column.required { clearing(lang) } else { String::new() };
        worksheet.write_string(row, 3, form(column.kind, lang) + &clears)?;
        worksheet.write_string(row, 4, column.example)?;
    }
    workbook.save_to_buffer()
}

fn header() -> Format {
    Format::new().set_bold().set_background_color("#E8EEF4").set_border_bottom(rust_xlsxwriter::FormatBorder::Thin)
}

fn head(worksheet: &mut Worksheet, place: u16, column: &Column, lang: Lang) -> Result<(), XlsxError> {
    let header = if column.required { header().set_font_color("#B00020") } else { header() };
    worksheet.set_column_width(place, 22)?;
    // Keeps codes and telephone numbers as text when they are typed.
    let format = match column.kind {
        Kind::Integer => Format::new(),
        Kind::Money => Format::new().set_num_format("0.00"),
        Kind::Date => Format::new().set_num_format("yyyy-mm-dd"),
        _ => Format::new().set_num_format("@"),
    };
    worksheet.set_column_format(place, &format)?.set_freeze_panes(1, 1)?;
    worksheet.write_string_with_format(0, place, label(column.name(), lang), &header)?;
    Ok(())
}

fn list(column: &Column, lang: Lang) -> Option<Vec<&'static str>> {
    match column.kind {
        Kind::Flag | Kind::Removal => Some([true, false].map(|flag| cell::flag_label(flag, lang)).to_vec()),
        Kind::Code(choices) if column.required => Some(choices.labels(lang)),
        Kind::Code(choices) => Some(choices.labels(lang).into_iter().chain([cell::clear_word(lang)]).collect()),
        _ => None,
    }
}

/// How to clear a column's field, in words.
fn clearing(lang: Lang) -> String {
    let word = cell::clear_word(lang);
    lang.pick(&format!("。留空则保持原内容，填“{word}”则清空"), &format!(". An empty cell leaves what is kept, {word} clears it"))
        .to_owned()
}

/// How to fill in a column, in words.
fn form(kind: Kind, lang: Lang) -> String {
    match kind {
        Kind::Key | Kind::Text | Kind::Mark => lang.pick("文本", "Text").to_owned(),
        Kind::Integer => lang.pick("整数", "A whole number").to_owned(),
        Kind::Money => lang.pick("金额，单位为元，最多两位小数", "An amount in yuan, at most two decimals").to_owned(),
        Kind::Date => lang.pick("日期，如 2020-05-15", "A date such as 2020-05-15").to_owned(),
        Kind::Flag => lang.pick("是或否", "Yes or No").to_owned(),
        Kind::Removal => lang.pick("填“是”则删除该行所指的内容", "Yes removes what the row is about").to_owned(),
        Kind::Code(choices) => format!("{}{}", lang.pick("选其一：", "One of "), choices.labels(lang).join("、")),
        Kind::Codes(choices) => {
            format!(
                "{}{}",
                lang.pick("可选多项，用顿号分隔：", "Any of these, separated by 、: "),
                choices.labels(lang).join("、")
            )
        }
    }
}

/// An export. Rows come in batches, which a thread writes to temporary files, and nothing stays in memory.
#[derive(Debug)]
pub struct Writer {
    sender: mpsc::Sender<Batch>,
    file: JoinHandle<Result<File, XlsxError>>,
    lang: Lang,
    count: u64,
}

impl Writer {
    /// Starts an export of some sheets.
    pub fn start(sheets: &'static [&'static Sheet], lang: Lang) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, file: tokio::task::spawn_blocking(move || write(sheets, lang, receiver)), lang, count: 0 }
    }

    /// Adds rows to the sheet with this index.
    ///
    /// # Errors
    /// Why the writer has stopped: `unavailable` if the disk is full.
    pub async fn rows(&mut self, sheet: usize, rows: Vec<Map<String, Value>>) -> Result<()> {
        // Rows of a further sheet belong to rows of the first.
        self.count += if sheet == 0 { rows.len() as u64 } else { 0 };
        if self.sender.send((sheet, rows)).await.is_err() {
            written((&mut self.file).await)?;
            return Err(Error::internal("the writer of a workbook has stopped too early"));
        }
        Ok(())
    }

    /// Ends the workbook and answers with it. The history records who took it and with which filter, because it contains
    /// telephone numbers.
    ///
    /// # Errors
    /// Why it could not be written: `unavailable` if the disk is full.
    pub async fn finish(
        self,
        app: &App,
        caller: &Caller,
        object_type: &'static str,
        filter: &impl Serialize,
    ) -> Result<Download> {
        let what = json!({ "filter": filter, "rows": self.count });
        let name = file_name(object_type, app.clock.today(), self.lang);
        let body = self.close().await?;
        let tx = Tx::of(app, caller.clone()).await?;
        record_bulk(&tx, object_type, "export", &what).await?;
        tx.commit().await?;
        Ok(Download::new(name, MEDIA_TYPE, body))
    }

    pub(super) async fn close(self) -> Result<Chunks> {
        drop(self.sender);
        Chunks::of(written(self.file.await)?).map_err(Error::internal)
    }
}

/// The result of writing. If a disk is full, the library panics in the middle of a sheet and hides the cause at its end.
fn written<T>(outcome: Result<Result<T, XlsxError>, JoinError>) -> Result<T> {
    match outcome {
        Ok(Ok(written)) => Ok(written),
        Ok(Err(XlsxError::IoError(error))) => Err(Error::internal(error)),
        Ok(Err(error)) => Err(Error::internal(error)),
        Err(error) if error.is_panic() => {
            let panic = error.into_panic();
            let full =
                panic.downcast_ref::<String>().is_some_and(|text| text.contains("StorageFull") || text.contains("QuotaExceeded"));
            Err(if full { Error::internal(io::Error::from(io::ErrorKind::StorageFull)) } else { Error::internal("a workbook") })
        }
        Err(error) => Err(Error::internal(error)),
    }
}

/// The file name of a workbook with some objects.
pub fn file_name(object_type: &str, day: NaiveDate, lang: Lang) -> String {
    format!("{}-{day}.xlsx", label(object_type, lang))
}

/// Writes a workbook with personal data in memory, because an export in constant memory would leave temporary files on a disk for
/// a moment.
///
/// # Errors
/// `internal` if it could not be written.
pub async fn in_memory(sheets: &'static [&'static Sheet], rows: Vec<Vec<Map<String, Value>>>, lang: Lang) -> Result<Vec<u8>> {
    let write = move || {
        let (mut workbook, formats) = (Workbook::new(), Formats::default());
        for (sheet, rows) in sheets.iter().zip(&rows) {
            let worksheet = workbook.add_worksheet();
            worksheet.set_name(label(sheet.name, lang))?;
            for (place, column) in (0..).zip(sheet.columns) {
                head(worksheet, place, column, lang)?;
            }
            for (number, row) in (1..).zip(rows) {
                formats.row(worksheet, number, sheet, row, lang)?;
            }
        }
        workbook.save_to_buffer()
    };
    written(tokio::task::spawn_blocking(write).await)
}

fn write(sheets: &'static [&'static Sheet], lang: Lang, mut receiver: mpsc::Receiver<Batch>) -> Result<File, XlsxError> {
    let mut workbook = Workbook::new();
    let formats = Formats::default();
    let mut parts = Vec::new();
    for sheet in sheets {
        parts.push(Part { sheet, index: open(&mut workbook, sheet, 1, lang)?, part: 1, row: 1 });
    }
    while let Some((number, rows)) = receiver.blocking_recv() {
        let part = &mut parts[number];
        for row in rows {
            if part.row == SHEET_ROWS {
                part.part += 1;
                part.row = 1;
                part.index = open(&mut workbook, part.sheet, part.part, lang)?;
            }
            let worksheet = workbook.worksheet_from_index(part.index)?;
            formats.row(worksheet, part.row, part.sheet, &row, lang)?;
            part.row += 1;
        }
    }
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&file)?;
    file.rewind()?;
    Ok(file)
}

/// A sheet that is being written.
struct Part {
    sheet: &'static Sheet,
    index: usize,
    part: u32,
    row: u32,
}

fn open(workbook: &mut Workbook, sheet: &Sheet, part: u32, lang: Lang) -> Result<usize, XlsxError> {
    let index = workbook.worksheets().len();
    let worksheet = workbook.add_worksheet_with_constant_memory()?;
    let name = label(sheet.name, lang);
    worksheet.set_name(if part == 1 { name.to_owned() } else { format!("{name} {part}") })?;
    for (place, column) in (0..).zip(sheet.columns) {
        head(worksheet, place, column, lang)?;
    }
    Ok(index)
}

struct Formats {
    money: Format,
    date: Format,
    quoted: Format,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            money: Format::new().set_num_format("0.00"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            quoted: Format::new().set_num_format("@").set_quote_prefix(),
        }
    }
}

impl Formats {
    fn row(
        &self,
        worksheet: &mut Worksheet,
        number: u32,
        sheet: &Sheet,
        row: &Map<String, Value>,
        lang: Lang,
    ) -> Result<(), XlsxError> {
        for (place, column) in (0..).zip(sheet.columns) {
            if let Some(value) = row.get(column.field) {
                self.cell(worksheet, number, place, column.kind, value, lang)?;
            }
        }
        Ok(())
    }

    fn cell(&self, sheet: &mut Worksheet, row: u32, place: u16, kind: Kind, value: &Value, lang: Lang) -> Result<(), XlsxError> {
        match (kind, value) {
            (_, Value::Null) => {}
            (Kind::Money, value) => {
                let yuan = value.as_i64().unwrap_or_default() as f64 / 100.0;
                sheet.write_number_with_format(row, place, yuan, &self.money)?;
            }
            (Kind::Date, Value::String(date)) => {
                sheet.write_datetime_with_format(row, place, &ExcelDateTime::parse_from_str(date)?, &self.date)?;
            }
            (_, Value::Number(number)) => {
                sheet.write_number(row, place, number.as_f64().unwrap_or_default())?;
            }
            (_, Value::Bool(flag)) => {
                sheet.write_string(row, place, cell::flag_label(*flag, lang))?;
            }
            (Kind::Codes(choices), Value::Array(codes)) => {
                let labels: Vec<_> = codes.iter().filter_map(|code| choices.show(code.as_str()?, lang)).collect();
                sheet.write_string(row, place, labels.join("、"))?;
            }
            (Kind::Code(choices), Value::String(code)) => {
                sheet.write_string(row, place, choices.show(code, lang).unwrap_or(code))?;
            }
            // Always a string cell. The quote prefix keeps it one when somebody edits it.
            (_, Value::String(text)) if cell::is_like_a_formula(text) => {
                sheet.write_string_with_format(row, place, text, &self.quoted)?;
            }
            (_, Value::String(text)) => {
                sheet.write_string(row, place, text)?;
            }
            _ => {}
        }
        Ok(())
    }
}
