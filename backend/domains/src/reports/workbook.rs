//! The form as a workbook, laid out like the annex of the notice.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};
use contract::reports::{NIL_WORDS, ReportRow};
use platform::excel::is_like_a_formula;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

/// The title of the form.
pub const TITLE: &str = "合作村社帮扶工作开展情况统计表";
/// The first row of the header, and the first row of content; above them are the title and the head line.
const HEADER_ROW: u32 = 2;
const FIRST_ROW: u32 = 4;
const LAST_COLUMN: u16 = 4;
const A4: u8 = 9;
/// The longest name a sheet can have.
const NAME_LENGTH: usize = 31;

/// A form with its own sheet.
#[derive(Debug)]
pub struct Form<'a> {
    /// The name of the sheet.
    pub name: &'a str,
    pub unit: &'a str,
    pub filled_on: Option<NaiveDate>,
    pub rows: &'a [ReportRow],
    /// Whether it is a nil return, which says so in a row of its own (零报告).
    pub nil: bool,
}

/// A workbook with a sheet for each form, and nothing else.
///
/// # Errors
/// None for forms that the contract allows.
pub fn write(forms: &[Form<'_>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let mut names = HashSet::new();
    for form in forms {
        let sheet = workbook.add_worksheet();
        sheet.set_name(sheet_name(form.name, &mut names))?;
        fill(sheet, form)?;
    }
    workbook.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, form: &Form<'_>) -> Result<(), XlsxError> {
    let text = || Format::new().set_font_name("仿宋").set_font_size(12).set_text_wrap().set_align(FormatAlign::VerticalCenter);
    let cell = || text().set_border(FormatBorder::Thin);
    let centred = cell().set_align(FormatAlign::Center);
    let header = centred.clone().set_font_name("宋体").set_bold();
    let title = text().set_font_name("宋体").set_font_size(18).set_bold().set_align(FormatAlign::Center);

    for (column, width) in (0..).zip([6, 18, 28, 42, 42]) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_row_height(0, 36)?.set_row_height(1, 24)?;
    sheet.merge_range(0, 0, 0, LAST_COLUMN, TITLE, &title)?;
    sheet.merge_range(1, 0, 1, 2, &format!("填报单位: {}", form.unit), &text())?;
    let filled_on = form.filled_on.map(|day| format!("{}年{}月{}日", day.year(), day.month(), day.day()));
    sheet.merge_range(1, 3, 1, LAST_COLUMN, &format!("填报时间: {}", filled_on.unwrap_or_default()), &text())?;

    sheet.merge_range(HEADER_ROW, 0, HEADER_ROW + 1, 0, "序号", &header)?;
    sheet.merge_range(HEADER_ROW, 1, HEADER_ROW, 2, "合作村社", &header)?;
    sheet.write_string_with_format(HEADER_ROW + 1, 1, "村（社区）", &header)?;
    sheet.write_string_with_format(HEADER_ROW + 1, 2, "社会组织名称", &header)?;
    sheet.merge_range(HEADER_ROW, 3, HEADER_ROW + 1, 3, "具体帮扶内容", &header)?;
    sheet.merge_range(HEADER_ROW, 4, HEADER_ROW + 1, 4, "进展情况", &header)?;

    for (place, row) in (FIRST_ROW..).zip(form.rows) {
        sheet.write_number_with_format(place, 0, row.position, &centred)?;
        let texts = [&row.village_name, &row.organisation_name, &row.content, &row.progress];
        // Always text, and marked as text if a spreadsheet program would take it for a formula once somebody edits it.
        let format = |text: &str| if is_like_a_formula(text) { cell().set_quote_prefix() } else { cell() };
        for (column, text) in (1..).zip(texts) {
            sheet.write_string_with_format(place, column, text, &format(text))?;
        }
        // 补报 stands out from what the town says of the month itself.
        if let Some(carried) = row.carried.as_deref().filter(|text| !text.is_empty()) {
            let (plain, bold) = (text(), text().set_bold());
            if row.progress.is_empty() {
                sheet.write_string_with_format(place, LAST_COLUMN, carried, &cell().set_bold())?;
            } else {
                let own = format!("{}\n", row.progress);
                let parts = [(&plain, own.as_str()), (&bold, carried)];
                sheet.write_rich_string_with_format(place, LAST_COLUMN, &parts, &format(&row.progress))?;
            }
        }
    }

    if form.nil {
        sheet.merge_range(FIRST_ROW, 0, FIRST_ROW, LAST_COLUMN, NIL_WORDS, &centred)?;
    }
    let last_row = FIRST_ROW - 1 + u32::try_from(form.rows.len()).unwrap_or_default() + u32::from(form.nil);
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0).set_print_center_horizontally(true);
    sheet.set_print_area(0, 0, last_row, LAST_COLUMN)?;
    sheet.set_repeat_rows(HEADER_ROW, HEADER_ROW + 1)?;
    Ok(())
}

/// A valid sheet name that no other sheet has.
fn sheet_name(name: &str, taken: &mut HashSet<String>) -> String {
    let plain: String = name.chars().filter(|c| !"[]:*?/\\".contains(*c) && !c.is_control()).collect();
    let plain = match cut(&plain, NAME_LENGTH).trim_matches(['\'', ' ']) {
        "" => "统计表",
        plain => plain,
    };
    (1..)
        .map(|number| match number {
            1 => plain.to_owned(),
            _ => {
                let mark = format!("({number})");
                format!("{}{mark}", cut(plain, NAME_LENGTH - mark.len()))
            }
        })
        .find(|name| taken.insert(name.to_lowercase()))
        .unwrap_or_default()
}

/// The beginning of a text, with its length in UTF-16, as spreadsheet programs count it.
fn cut(text: &str, length: usize) -> &str {
    let mut left = length;
    let end = text.char_indices().find(|(_, c)| left.checked_sub(c.len_utf16()).map(|rest| left = rest).is_none());
    end.map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Dimensions, Reader, Xlsx};
    use proptest::prelude::*;

    use super::*;

    fn row(position: u32, texts: [&str; 4]) -> ReportRow {
        let [village_name, organisation_name, content, progress] = texts.map(str::to_owned);
        ReportRow { position, pairing_id: None, village_name, organisation_name, content, progress, carried: None, edited: false }
    }

    fn open(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
        Xlsx::new(Cursor::new(bytes)).unwrap()
    }

    /// Every cell as text, row by row.
    fn cells(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Vec<Vec<String>> {
        workbook.worksheet_range(name).unwrap().rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
    }

    #[test]
    fn the_workbook_is_the_annex_cell_by_cell() {
        let carries = ReportRow {
            carried: Some("补报2020年5月：助学1户".to_owned()),
            ..row(1, ["永湖村", "晋江市慈善总会", "助学\n助老", "已完成"])
        };
        let rows = [carries, row(2, ["=1+1", "+86", "-3", "@SUM(A1)"])];
        let forms = [
            Form {
                name: "安海镇", unit: "安海镇社会事务办", filled_on: "2020-07-03".parse().ok(), rows: &rows, nil: false
            },
            Form { name: "安海镇", unit: "甲", filled_on: None, rows: &[], nil: false },
        ];
        let mut workbook = open(write(&forms).unwrap());
        assert_eq!(workbook.sheet_names(), ["安海镇", "安海镇(2)"]);
        assert_eq!(
            cells(&mut workbook, "安海镇"),
            [
                [TITLE, "", "", "", ""],
                ["填报单位: 安海镇社会事务办", "", "", "填报时间: 2020年7月3日", ""],
                ["序号", "合作村社", "", "具体帮扶内容", "进展情况"],
                ["", "村（社区）", "社会组织名称", "", ""],
                ["1", "永湖村", "晋江市慈善总会", "助学\n助老", "已完成\n补报2020年5月：助学1户"],
                ["2", "=1+1", "+86", "-3", "@SUM(A1)"],
            ]
        );
        assert_eq!(cells(&mut workbook, "安海镇(2)")[1], ["填报单位: 甲", "", "", "填报时间: ", ""]);
        for name in ["安海镇", "安海镇(2)"] {
            let mut merged = workbook.merge_cells_by_sheet_name(name).unwrap();
            merged.sort_by_key(|region| (region.start, region.end));
            let expected = [
                ((0, 0), (0, 4)),
                ((1, 0), (1, 2)),
                ((1, 3), (1, 4)),
                ((2, 0), (3, 0)),
                ((2, 1), (2, 2)),
                ((2, 3), (3, 3)),
                ((2, 4), (3, 4)),
            ];
            assert_eq!(merged, expected.map(|(start, end)| Dimensions { start, end }));
            let formulas = workbook.worksheet_formula(name).unwrap();
            assert!(formulas.used_cells().next().is_none(), "no cell is a formula");
        }
    }

    #[test]
    fn a_nil_return_says_so_in_a_row_of_its_own() {
        let form = Form { name: "安海镇", unit: "安海镇社会事务办", filled_on: None, rows: &[], nil: true };
        let mut workbook = open(write(&[form]).unwrap());
        let cells = cells(&mut workbook, "安海镇");
        assert_eq!((cells.len(), &cells[4]), (5, &["本月无结对共建开展情况", "", "", "", ""].map(str::to_owned).to_vec()));
        let merged = workbook.merge_cells_by_sheet_name("安海镇").unwrap();
        assert!(merged.contains(&Dimensions { start: (4, 0), end: (4, 4) }));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_went(texts in prop::array::uniform4("[^\\x00-\\x1f\\x7f]{0,30}"), name in "\\PC{0,40}") {
            let rows = [row(1, texts.each_ref().map(String::as_str))];
            let forms = [0, 1].map(|_| Form { name: &name, unit: "甲", filled_on: None, rows: &rows, nil: false });
            let mut workbook = open(write(&forms).unwrap());
            let names = workbook.sheet_names().to_owned();
            prop_assert_eq!(names.len(), 2);
            prop_assert_eq!(&cells(&mut workbook, &names[1])[4][1..], &texts[..]);
        }
    }
}
