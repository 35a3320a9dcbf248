//! Writes exports: the caller has the first rows while the last are still read.
//!
//! `rust_xlsxwriter`, which writes templates and forms, builds its archive when it saves. Half a million rows would reach the caller
//! after minutes. So this writes the few parts of a workbook itself, each row once, through an archive that is never sought in.

use std::cell::Cell;
use std::io::{self, Seek, Write};
use std::rc::Rc;

use chrono::NaiveDate;
use contract::Lang;
use contract::labels::label;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tempfile::SpooledTempFile;
use tokio::sync::mpsc;
use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

use super::report::record_bulk;
use super::{Column, Kind, MEDIA_TYPE, Sheet, cell, letters};
use crate::download::{self, Download, Tail, Written};
use crate::{App, Caller, Error, Result, Tx, places};

/// The most rows of a sheet. Further rows go into another sheet.
const SHEET_ROWS: u32 = 1_048_576;
/// The number of batches that may wait for the writer.
const WAITING: usize = 2;

/// Rows of an export, until `End`.
enum Batch {
    /// The index of a sheet, and rows for it.
    Rows(usize, Vec<Map<String, Value>>),
    End,
}

/// Takes the rows of an export. A thread writes them, and nothing stays in memory.
#[derive(Debug)]
pub struct Writer {
    sender: mpsc::Sender<Batch>,
    count: u64,
}

impl Writer {
    /// Answers with a workbook of what `fill` gives. The answer begins with the first rows; a small workbook is sent whole. `fill`
    /// goes on at its own pace, however slowly the caller reads, because it holds a snapshot of the database.
    ///
    /// The history says who took it and with which filter, because it contains telephone numbers. Where the answer begins before
    /// the end, that is written down before the first byte, and the number of rows in an entry of its own at the end.
    ///
    /// # Errors
    /// Those of `fill` before the answer begins, and `unavailable` if the disk is full. Later the answer breaks off.
    pub async fn answer<Q: Serialize + Clone + 'static>(
        (app, caller, lang): (&App, &Caller, Lang),
        object_type: &'static str,
        sheets: &'static [&'static Sheet],
        query: &Q,
        fill: impl AsyncFnOnce(&App, &Caller, &Q, &mut Self) -> Result<()> + 'static,
    ) -> Result<Download> {
        let name = file_name(object_type, app.clock.today(), lang);
        let (tail, mut reader) = download::tail().await.map_err(Error::internal)?;
        let (sender, receiver) = mpsc::channel(WAITING);
        let written = tail.written();
        let writing = tokio::task::spawn_blocking(move || receive(tail, sheets, lang, receiver));
        let begun = Rc::new(Cell::new(false));
        let filling = {
            let (app, caller, query, begun) = (app.clone(), caller.clone(), query.clone(), begun.clone());
            async move {
                let mut writer = Self { sender, count: 0 };
                let filled = fill(&app, &caller, &query, &mut writer).await;
                let count = writer.count;
                let ended = if filled.is_ok() { writer.send(Batch::End).await } else { Ok(()) };
                drop(writer);
                // Why the writer has stopped says more than that it has.
                let length = writing.await.map_err(Error::internal)?.map_err(Error::internal)?;
                filled.and(ended)?;
                let action = if begun.get() { "export_end" } else { "export" };
                record(&app, caller, object_type, action, json!({ "filter": query, "rows": count })).await?;
                written.send_replace(Written { length, ended: true });
                Ok(())
            }
        };
        let mut filling = places::beyond(async move {
            let outcome: Result<()> = filling.await;
            // The caller is told if the answer has not begun yet.
            outcome.inspect_err(|error| tracing::warn!(?error, object_type, "an export broke off"))
        });
        tokio::select! {
            outcome = &mut filling => outcome.map_err(Error::internal)??,
            () = reader.has_some() => {
                begun.set(true);
                record(app, caller.clone(), object_type, "export", json!({ "filter": query })).await?;
            }
        }
        Ok(Download::new(name, MEDIA_TYPE, reader.body()))
    }

    /// Adds rows to the sheet with this index.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn rows(&mut self, sheet: usize, rows: Vec<Map<String, Value>>) -> Result<()> {
        // Rows of a further sheet belong to rows of the first.
        self.count += if sheet == 0 { rows.len() as u64 } else { 0 };
        self.send(Batch::Rows(sheet, rows)).await
    }

    async fn send(&self, batch: Batch) -> Result<()> {
        self.sender.send(batch).await.map_err(|_| Error::internal("the writer of a workbook has stopped"))
    }
}

async fn record(app: &App, caller: Caller, object_type: &'static str, action: &str, what: Value) -> Result<()> {
    let tx = Tx::of(app, caller).await?;
    record_bulk(&tx, object_type, action, &what).await?;
    tx.commit().await
}

/// The file name of a workbook with some objects.
pub fn file_name(object_type: &str, day: NaiveDate, lang: Lang) -> String {
    format!("{}-{day}.xlsx", label(object_type, lang))
}

/// Writes a workbook with personal data in memory, so that none of it is on a disk for a moment.
///
/// # Errors
/// `internal` if it could not be written.
pub async fn in_memory(sheets: &'static [&'static Sheet], rows: Vec<Vec<Map<String, Value>>>, lang: Lang) -> Result<Vec<u8>> {
    let write = move || {
        let mut workbook = Workbook::begin(Vec::new(), sheets, lang, usize::MAX)?;
        for (sheet, rows) in rows.iter().enumerate() {
            workbook.rows(sheet, rows)?;
        }
        workbook.end()
    };
    tokio::task::spawn_blocking(write).await.map_err(Error::internal)?.map_err(Error::internal)
}

/// Writes what comes. The result is the length of the whole.
fn receive(tail: Tail, sheets: &'static [&'static Sheet], lang: Lang, mut receiver: mpsc::Receiver<Batch>) -> io::Result<u64> {
    let mut workbook = Workbook::begin(tail, sheets, lang, 0)?;
    while let Some(batch) = receiver.blocking_recv() {
        match batch {
            Batch::Rows(sheet, rows) => workbook.rows(sheet, &rows)?,
            Batch::End => return Ok(workbook.end()?.length()),
        }
    }
    // Whoever sends the rows has given up, and says why. What is written is no whole workbook.
    Ok(0)
}

/// A workbook that is being written. The rows of the first sheet go out at once, those of the others when it ends.
struct Workbook<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    sheets: &'static [&'static Sheet],
    lang: Lang,
    /// The sheets in the archive, by their index. A sheet has several where it is too long for one.
    opened: Vec<usize>,
    /// The rows of the sheet that is open in the archive.
    row: u32,
    /// What waits of each sheet. Of the first nothing does.
    waiting: Vec<Vec<Waiting>>,
    /// How many bytes of a waiting sheet stay in memory.
    in_memory: usize,
}

/// A sheet that waits for those before it.
struct Waiting {
    row: u32,
    xml: SpooledTempFile,
}

impl<W: Write> Workbook<W> {
    fn begin(target: W, sheets: &'static [&'static Sheet], lang: Lang, in_memory: usize) -> io::Result<Self> {
        let waiting = sheets.iter().map(|_| Vec::new()).collect();
        let mut workbook =
            Self { zip: ZipWriter::new_stream(target), sheets, lang, opened: Vec::new(), row: 0, waiting, in_memory };
        workbook.part("[Content_Types].xml", CONTENT_TYPES)?;
        workbook.part("_rels/.rels", RELATIONS)?;
        workbook.part("docProps/core.xml", PROPERTIES)?;
        workbook.part("xl/styles.xml", STYLES)?;
        workbook.open(0)?;
        for sheet in 1..sheets.len() {
            workbook.wait(sheet);
        }
        Ok(workbook)
    }

    fn part(&mut self, name: &str, xml: &str) -> io::Result<()> {
        self.zip.start_file(name, SimpleFileOptions::default())?;
        self.zip.write_all(DECLARATION.as_bytes())?;
        self.zip.write_all(xml.as_bytes())
    }

    /// Opens a sheet in the archive, with its head.
    fn open(&mut self, sheet: usize) -> io::Result<()> {
        self.opened.push(sheet);
        self.row = 1;
        self.part(&format!("xl/worksheets/sheet{}.xml", self.opened.len()), &head(self.sheets[sheet], self.lang))
    }

    fn wait(&mut self, sheet: usize) {
        self.waiting[sheet].push(Waiting { row: 1, xml: SpooledTempFile::new(self.in_memory) });
    }

    fn rows(&mut self, sheet: usize, rows: &[Map<String, Value>]) -> io::Result<()> {
        for row in rows {
            if self.waiting[sheet].last().map_or(self.row, |last| last.row) == SHEET_ROWS {
                if sheet == 0 {
                    self.zip.write_all(FOOT.as_bytes())?;
                    self.open(sheet)?;
                } else {
                    self.wait(sheet);
                }
            }
            let (number, target): (_, &mut dyn Write) = match self.waiting[sheet].last_mut() {
                Some(last) => (&mut last.row, &mut last.xml),
                None => (&mut self.row, &mut self.zip),
            };
            *number += 1;
            target.write_all(line(self.sheets[sheet], *number, row, self.lang).as_bytes())?;
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<W> {
        self.zip.write_all(FOOT.as_bytes())?;
        for (sheet, waiting) in std::mem::take(&mut self.waiting).into_iter().enumerate() {
            for mut waiting in waiting {
                self.open(sheet)?;
                waiting.xml.rewind()?;
                io::copy(&mut waiting.xml, &mut self.zip)?;
                self.zip.write_all(FOOT.as_bytes())?;
            }
        }
        let (mut list, mut relations) = (String::new(), String::new());
        for (place, &sheet) in self.opened.iter().enumerate() {
            let part = self.opened[..=place].iter().filter(|&&before| before == sheet).count();
            let (number, name) = (place + 1, escaped(label(self.sheets[sheet].name, self.lang)));
            let name = if part == 1 { name } else { format!("{name} {part}") };
            list += &format!("<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
            relations += &related(number, "worksheet", &format!("worksheets/sheet{number}.xml"));
        }
        relations += &related(self.opened.len() + 1, "styles", "styles.xml");
        self.part(
            "xl/workbook.xml",
            &format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{list}</sheets></workbook>"),
        )?;
        self.part("xl/_rels/workbook.xml.rels", &format!("<Relationships xmlns=\"{PACKAGE}\">{relations}</Relationships>"))?;
        Ok(self.zip.finish()?.into_inner())
    }
}

fn related(number: usize, kind: &str, target: &str) -> String {
    format!("<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
/// A part is a sheet unless it says otherwise, since how many there will be is not known when this is written.
const CONTENT_TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Default Extension=\"xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>\
    <Override PartName=\"/xl/workbook.xml\" \
        ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>\
    <Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>\
    <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>";
const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
        Target=\"xl/workbook.xml\"/>\
    <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
        Target=\"docProps/core.xml\"/></Relationships>";
/// Names no author.
const PROPERTIES: &str = "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
    xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:creator></dc:creator></cp:coreProperties>";
/// The formats that the constants below are indices of.
const STYLES: &str = "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
    <numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy-mm-dd\"/></numFmts>\
    <fonts count=\"3\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font>\
    <font><b/><sz val=\"11\"/><color rgb=\"FFB00020\"/><name val=\"Calibri\"/></font></fonts>\
    <fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>\
    <fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFE8EEF4\"/><bgColor indexed=\"64\"/></patternFill></fill></fills>\
    <borders count=\"2\"><border><left/><right/><top/><bottom/><diagonal/></border>\
    <border><left/><right/><top/><bottom style=\"thin\"><color auto=\"1\"/></bottom><diagonal/></border></borders>\
    <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
    <cellXfs count=\"7\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
    <xf numFmtId=\"0\" fontId=\"1\" fillId=\"2\" borderId=\"1\" xfId=\"0\" applyFont=\"1\" applyFill=\"1\" applyBorder=\"1\"/>\
    <xf numFmtId=\"0\" fontId=\"2\" fillId=\"2\" borderId=\"1\" xfId=\"0\" applyFont=\"1\" applyFill=\"1\" applyBorder=\"1\"/>\
    <xf numFmtId=\"2\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" quotePrefix=\"1\"/></cellXfs>\
    <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>";
const PLAIN: u32 = 0;
const HEADER: u32 = 1;
const REQUIRED: u32 = 2;
const MONEY: u32 = 3;
const DATE: u32 = 4;
/// Keeps codes and telephone numbers as text when they are typed.
const TEXT: u32 = 5;
/// Keeps a text that looks like a formula a text when somebody edits it.
const QUOTED: u32 = 6;
const FOOT: &str = "</sheetData></worksheet>";

/// The beginning of a sheet with its header.
fn head(sheet: &Sheet, lang: Lang) -> String {
    let mut xml = format!(
        "<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane xSplit=\"1\" ySplit=\"1\" topLeftCell=\"B2\" \
         activePane=\"bottomRight\" state=\"frozen\"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/><cols>"
    );
    for (number, column) in (1..).zip(sheet.columns) {
        let format = match column.kind {
            Kind::Integer => PLAIN,
            Kind::Money => MONEY,
            Kind::Date => DATE,
            _ => TEXT,
        };
        xml += &format!("<col min=\"{number}\" max=\"{number}\" width=\"22\" style=\"{format}\" customWidth=\"1\"/>");
    }
    xml += "</cols><sheetData><row r=\"1\">";
    for (place, column) in (0..).zip(sheet.columns) {
        text(&mut xml, place, 1, label(column.name(), lang), if column.required { REQUIRED } else { HEADER });
    }
    xml + "</row>"
}

/// A row of a sheet.
fn line(sheet: &Sheet, number: u32, row: &Map<String, Value>, lang: Lang) -> String {
    let mut xml = format!("<row r=\"{number}\">");
    for (place, column) in (0..).zip(sheet.columns) {
        if let Some(value) = row.get(column.field) {
            cell(&mut xml, (place, number), column, value, lang);
        }
    }
    xml + "</row>"
}

fn cell(xml: &mut String, (place, row): (u32, u32), column: &Column, value: &Value, lang: Lang) {
    match (column.kind, value) {
        (Kind::Money, Value::Number(fen)) => {
            let fen = fen.as_i64().unwrap_or_default();
            let sign = if fen < 0 { "-" } else { "" };
            number(xml, place, row, &format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100), MONEY);
        }
        (Kind::Date, Value::String(day)) => match day.parse::<NaiveDate>() {
            Ok(day) => number(xml, place, row, &(day - EPOCH).num_days().to_string(), DATE),
            Err(_) => text(xml, place, row, day, TEXT),
        },
        (_, Value::Number(value)) => number(xml, place, row, &value.to_string(), PLAIN),
        (_, Value::Bool(flag)) => text(xml, place, row, cell::flag_label(*flag, lang), PLAIN),
        (Kind::Codes(choices), Value::Array(codes)) => {
            let labels: Vec<_> = codes.iter().filter_map(|code| choices.show(code.as_str()?, lang)).collect();
            text(xml, place, row, &labels.join("、"), PLAIN);
        }
        (Kind::Code(choices), Value::String(code)) => {
            text(xml, place, row, choices.show(code, lang).unwrap_or(code), PLAIN);
        }
        // Always a string cell.
        (_, Value::String(value)) => text(xml, place, row, value, if cell::is_like_a_formula(value) { QUOTED } else { PLAIN }),
        _ => {}
    }
}

/// The day that spreadsheet programs count from. Theirs has a 29 February 1900, so this is a day before their first.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day");

fn number(xml: &mut String, place: u32, row: u32, value: &str, format: u32) {
    *xml += &format!("<c r=\"{}{row}\" s=\"{format}\"><v>{value}</v></c>", letters(place));
}

fn text(xml: &mut String, place: u32, row: u32, value: &str, format: u32) {
    *xml += &format!(
        "<c r=\"{}{row}\" s=\"{format}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
        letters(place),
        escaped(value)
    );
}

/// A text for XML. What XML cannot contain is written the way of spreadsheet programs, `_x000D_`, and a text that looks like this
/// is told apart.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        match letter {
            '&' => xml += "&amp;",
            '<' => xml += "&lt;",
            '>' => xml += "&gt;",
            '"' => xml += "&quot;",
            '\t' | '\n' => xml.push(letter),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => xml += &format!("_x{:04X}_", u32::from(letter)),
            '_' if is_like_an_escape(&text.as_bytes()[at..]) => xml += "_x005F_",
            _ => xml.push(letter),
        }
    }
    xml
}

fn is_like_an_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x', digits @ .., ] if digits.len() >= 5 && digits[4] == b'_' && digits[..4].iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_days_are_exact() {
        static SHEET: Sheet = Sheet {
            name: "organisations",
            personal: false,
            columns: &[Column::exported("amount_fen", Kind::Money), Column::exported("happened_on", Kind::Date)],
        };
        let shown = |fen: i64, day: &str| {
            let row = json!({ "amount_fen": fen, "happened_on": day });
            let xml = line(&SHEET, 2, row.as_object().unwrap(), Lang::En);
            xml.split("<v>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(123_456_789_012_345_678, "2020-02-29"), "1234567890123456.78 43890");
        assert_eq!(shown(-5, "1900-03-01"), "-0.05 61");
        assert_eq!(shown(i64::MIN, "2020-05-15"), "-92233720368547758.08 43966");
    }

    #[test]
    fn what_xml_cannot_hold_comes_back_as_it_was() {
        assert_eq!(escaped("a\r<b>&\"\0_x000D__x_x00_"), "a_x000D_&lt;b&gt;&amp;&quot;_x0000__x005F_x000D__x_x00_");
    }
}
