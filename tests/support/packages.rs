//! Workbooks and documents as packages of parts: to fill in, to spoil, to read.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// The same package with one part changed, or added if it does not exist.
pub fn repacked(package: &[u8], part: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(package)).expect("a package");
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let entry = from.by_index_raw(index).expect("a part");
        if entry.name() != part {
            to.raw_copy_file(entry).expect("a copy");
        }
    }
    let content = change(content(package, part).unwrap_or_default());
    to.start_file(part, SimpleFileOptions::default()).expect("a part");
    to.write_all(&content).expect("the part is written");
    to.finish().expect("a package").into_inner()
}

/// A package of these parts.
pub fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        to.start_file(*name, SimpleFileOptions::default()).expect("a part");
        to.write_all(content.as_bytes()).expect("the part is written");
    }
    to.finish().expect("a package").into_inner()
}

/// The content of a part.
pub fn content(package: &[u8], part: &str) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(package)).expect("a package");
    let mut bytes = Vec::new();
    archive.by_name(part).ok()?.read_to_end(&mut bytes).expect("the part is read");
    Some(bytes)
}

/// The metadata of a workbook or document: author, dates, program.
pub fn properties(package: &[u8]) -> String {
    let parts =
        ["docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"].map(|part| content(package, part).unwrap_or_default());
    String::from_utf8(parts.concat()).expect("UTF-8")
}

/// A workbook with rows added below the header of the sheet with this number, as a spreadsheet program would do. Text that begins
/// with `=` becomes a formula.
pub fn filled_in(workbook: &[u8], sheet: u32, rows: &[Vec<String>]) -> Vec<u8> {
    let rows: String = (2..).zip(rows).map(|(number, row)| format!("<row r=\"{number}\">{}</row>", cells(number, row))).collect();
    repacked(workbook, &format!("xl/worksheets/sheet{sheet}.xml"), |xml| {
        let xml = String::from_utf8(xml).expect("UTF-8");
        assert!(xml.contains("</sheetData>"), "the sheet has a header");
        xml.replacen("</sheetData>", &format!("{rows}</sheetData>"), 1).into()
    })
}

fn cells(number: u32, row: &[String]) -> String {
    let filled = ('A'..='Z').zip(row).filter(|(_, text)| !text.is_empty());
    filled
        .map(|(column, text)| match text.strip_prefix('=') {
            Some(formula) => format!("<c r=\"{column}{number}\"><f>{}</f><v>2</v></c>", escaped(formula)),
            None => format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(text)),
        })
        .collect()
}

/// The cell texts that a spreadsheet program would take for formulas when somebody edits them, and whether each is marked as
/// text. A formula counts as a cell that is not.
pub fn like_formulas(workbook: &[u8]) -> Vec<(String, bool)> {
    let text = |part: &str| String::from_utf8(content(workbook, part).unwrap_or_default()).expect("UTF-8");
    let styles = text("xl/styles.xml");
    let formats = styles.split("<cellXfs").nth(1).and_then(|xml| xml.split("</cellXfs>").next()).expect("formats");
    let marked: Vec<_> = formats.split("<xf ").skip(1).map(|format| format.contains("quotePrefix=\"1\"")).collect();
    let shared = text("xl/sharedStrings.xml");
    let shared: Vec<_> = shared.split("<si>").skip(1).map(first_text).collect();
    let sheets = (1..).map(|number| text(&format!("xl/worksheets/sheet{number}.xml"))).take_while(|xml| !xml.is_empty());
    let mut found = Vec::new();
    for sheet in sheets {
        for cell in sheet.split("<c ").skip(1).filter_map(|rest| rest.split("</c>").next()) {
            let attribute =
                |name: &str| Some(cell.split('>').next()?.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.to_owned());
            let number = |text: String| text.parse::<usize>().expect("a number");
            let value = || cell.split("<v>").nth(1).and_then(|rest| rest.split("</v>").next()).map(str::to_owned);
            let text = match attribute("t").as_deref() {
                Some("s") => shared[number(value().expect("an index"))].clone(),
                Some("inlineStr") => first_text(cell),
                Some("str") => value().unwrap_or_default(),
                _ => String::new(),
            };
            let format = attribute("s").map_or(0, number);
            let heads = ["=", "+", "-", "@", "\t", "\r", "\n", "_x000D_", "&#", "＝", "＋", "－", "＠"];
            if cell.contains("<f") || heads.iter().any(|head| text.starts_with(head)) {
                found.push((text, marked[format] && !cell.contains("<f")));
            }
        }
    }
    found
}

fn first_text(xml: &str) -> String {
    let text = xml.split("<t").nth(1).and_then(|rest| rest.split_once('>')).map_or("", |(_, rest)| rest);
    text.split("</t>").next().unwrap_or_default().to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The paragraphs of a .docx, in order.
pub fn paragraphs(document: &[u8]) -> Vec<String> {
    let xml = String::from_utf8(content(document, "word/document.xml").expect("its document")).expect("UTF-8");
    let paragraph = |xml: &str| {
        let texts = xml.split("<w:t ").flat_map(|part| part.split("<w:t>")).skip(1);
        texts
            .map(|text| text.split("</w:t>").next().unwrap_or_default().rsplit('>').next().unwrap_or_default())
            .collect::<String>()
    };
    xml.split("</w:p>").map(paragraph).filter(|text| !text.is_empty()).collect()
}
