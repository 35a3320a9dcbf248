//! Official documents by GB/T 9704—2012: page, fonts, paragraphs and tables. What a document says stands beside its domain.

use std::io::Cursor;

use chrono::{Datelike, NaiveDate};
use docx_rs::{
    AlignmentType, Docx, FieldCharType, Footer, InstrPAGE, InstrText, LineSpacing, LineSpacingType, PageMargin, Paragraph, Run,
    RunFonts, SpecialIndentType, Table, TableCell, TableLayoutType, TableRow, WidthType,
};
use platform::{Error, Result};

/// The media type of .docx.
pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// A4, in twentieths of a point.
const PAGE: (u32, u32) = (11_906, 16_838);
/// 37, 26, 35 and 28 mm.
const MARGINS: (i32, i32, i32, i32) = (2_098, 1_474, 1_984, 1_587);
/// Between its margins, in the same unit.
pub const WIDTH: usize = 8_845;
/// 22 lines on a page.
const PITCH: i32 = 579;
/// In a table.
const CELL_PITCH: i32 = 380;
/// Font sizes in half points: 二号, 三号, 四号, 小四.
const TITLE: usize = 44;
const TEXT: usize = 32;
const PAGE_NUMBER: usize = 28;
const CELL: usize = 24;

/// An empty document, with page numbers between dashes: odd ones to the right, even ones to the left.
pub fn blank() -> Docx {
    let (top, right, bottom, left) = MARGINS;
    let number = |align| {
        let page = Run::new()
            .add_text("— ")
            .add_field_char(FieldCharType::Begin, false)
            .add_instr_text(InstrText::PAGE(InstrPAGE::new()))
            .add_field_char(FieldCharType::Separate, false)
            .add_text("1")
            .add_field_char(FieldCharType::End, false)
            .add_text(" —");
        Footer::new().add_paragraph(Paragraph::new().align(align).add_run(page.size(PAGE_NUMBER).fonts(fonts("宋体"))))
    };
    Docx::new()
        .page_size(PAGE.0, PAGE.1)
        .page_margin(PageMargin::new().top(top).right(right).bottom(bottom).left(left).footer(1_400))
        .default_fonts(fonts("仿宋"))
        .default_size(TEXT)
        .default_line_spacing(pitch(PITCH))
        .footer(number(AlignmentType::Right))
        .even_footer(number(AlignmentType::Left))
}

/// The document as a file.
///
/// # Errors
/// `internal` if it cannot be packed.
pub fn pack(docx: Docx) -> Result<Vec<u8>> {
    let mut parts = docx.build();
    // The library cannot say that the head of a table is repeated on each page. Of all rows only heads are kept whole.
    let head = "<w:cantSplit />";
    let document = String::from_utf8(parts.document).map_err(Error::internal)?;
    parts.document = document.replace(head, &format!("{head}<w:tblHeader />")).into_bytes();
    let mut packed = Cursor::new(Vec::new());
    parts.pack(&mut packed).map_err(Error::internal)?;
    Ok(packed.into_inner())
}

fn fonts(name: &str) -> RunFonts {
    RunFonts::new().east_asia(name).ascii("Times New Roman").hi_ansi("Times New Roman")
}

fn pitch(line: i32) -> LineSpacing {
    LineSpacing::new().line(line).line_rule(LineSpacingType::Exact)
}

/// A run without the two characters that databases accept as text but XML does not allow.
pub fn run(text: &str) -> Run {
    Run::new().add_text(text.replace(['\u{FFFE}', '\u{FFFF}'], ""))
}

/// The title: 小标宋, centred. Where that font is missing, programs show another one of its kind.
pub fn title(text: &str) -> Paragraph {
    centred("方正小标宋简体", TITLE, text)
}

/// A line below the title, centred.
pub fn subtitle(text: &str) -> Paragraph {
    centred("楷体", TEXT, text)
}

fn centred(font: &str, size: usize, text: &str) -> Paragraph {
    Paragraph::new().align(AlignmentType::Center).add_run(run(text).size(size).fonts(fonts(font)))
}

/// A heading of the first level, such as 一、 or 第一条.
pub fn heading(text: &str) -> Paragraph {
    Paragraph::new().keep_next(true).add_run(run(text).fonts(fonts("黑体")))
}

/// A heading of the second level, such as （一）.
pub fn subheading(text: &str) -> Paragraph {
    Paragraph::new().keep_next(true).add_run(run(text).fonts(fonts("楷体")))
}

/// A paragraph whose first line is indented by two characters.
pub fn text(line: &str) -> Paragraph {
    let two_characters = i32::try_from(TEXT * 20).unwrap_or_default();
    Paragraph::new()
        .align(AlignmentType::Both)
        .indent(None, Some(SpecialIndentType::FirstLine(two_characters)), None, None)
        .add_run(run(line))
}

/// A line without an indent.
pub fn flush(line: &str) -> Paragraph {
    Paragraph::new().add_run(run(line))
}

/// A table of rows, whose head is repeated on each page. The widths add up to [`WIDTH`].
pub fn table<const N: usize>(columns: [(&str, usize); N], rows: Vec<[String; N]>) -> Table {
    let cell = |text: &str, width: usize, font: &str| {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let paragraph = |line| Paragraph::new().line_spacing(pitch(CELL_PITCH)).add_run(run(line).size(CELL).fonts(fonts(font)));
        let cell = TableCell::new().width(width, WidthType::Dxa);
        let cell = lines.fold(cell, |cell, line| cell.add_paragraph(paragraph(line)));
        if text.trim().is_empty() { cell.add_paragraph(paragraph("")) } else { cell }
    };
    let head = columns.map(|(name, width)| cell(name, width, "黑体"));
    let body = rows.into_iter().map(|row| {
        let cells = row.iter().zip(columns).map(|(text, (_, width))| cell(text, width, "仿宋"));
        TableRow::new(cells.collect())
    });
    Table::new(std::iter::once(TableRow::new(head.to_vec()).cant_split()).chain(body).collect())
        .set_grid(columns.map(|(_, width)| width).to_vec())
        .width(WIDTH, WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
}

/// A day in words: 2020年5月1日.
pub fn day(date: NaiveDate) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// A number in Chinese, below one hundred: 二十一.
pub fn numeral(number: usize) -> String {
    let digit = |number: usize| ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"][number % 10];
    match number / 10 {
        0 => digit(number).to_owned(),
        1 => format!("十{}", digit(number)),
        tens => format!("{}十{}", digit(tens), digit(number)),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Read;

    use super::*;

    /// A part of a packed document.
    pub fn part(document: &[u8], name: &str) -> String {
        let mut archive = zip::ZipArchive::new(Cursor::new(document)).unwrap();
        let mut xml = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
        xml
    }

    #[test]
    fn it_is_laid_out_by_the_standard() {
        let rows = vec![["湖尾村".to_owned(), "路灯\n30盏".to_owned()], [String::new(), "\u{FFFF}".to_owned()]];
        let table = table([("村（社区）", 2_000), ("需求", 6_845)], rows);
        let document = pack(blank().add_paragraph(title("供需目录")).add_table(table)).unwrap();
        let xml = part(&document, "word/document.xml");
        for expected in [
            r#"w:top="2098" w:right="1474" w:bottom="1984" w:left="1587""#,
            r#"w:w="11906" w:h="16838""#,
            "方正小标宋简体",
            "<w:tblHeader />",
        ] {
            assert!(xml.contains(expected), "{expected} is not in {xml}");
        }
        assert_eq!(xml.matches("<w:tblHeader />").count(), 1, "of the rows one is the head");
        assert!(part(&document, "word/styles.xml").contains(r#"w:line="579""#));
        assert!(part(&document, "word/settings.xml").contains("evenAndOddHeaders"));
        for (footer, side) in [("word/footer1.xml", "right"), ("word/footer2.xml", "left")] {
            let footer = part(&document, footer);
            assert!(footer.contains("PAGE") && footer.contains(side) && footer.contains("— "), "{footer}");
        }
    }

    #[test]
    fn the_same_document_is_the_same_to_the_byte() {
        let write = || pack(blank().add_paragraph(text("同一份"))).unwrap();
        assert_eq!(write(), write());
    }

    #[test]
    fn numbers_are_counted_in_chinese() {
        assert_eq!([1, 10, 11, 20, 22, 99].map(numeral), ["一", "十", "十一", "二十", "二十二", "九十九"]);
    }
}
