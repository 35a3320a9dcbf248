use std::io::{Cursor, Write};

use actix_web::body::to_bytes;
use actix_web::web::Bytes;
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use contract::ErrorCode;
use contract::organisations::Rating;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rust_xlsxwriter::{Formula, Workbook, Worksheet};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use validator::Validate;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

static SHEET: Sheet = Sheet {
    name: "organisations",
    personal: false,
    columns: &[
        Column::required("code", Kind::Key, "A1"),
        Column::read_only("area_name", Kind::Text, "shown_by_code"),
        Column::required("name", Kind::Text, "某会"),
        Column::new("population", Kind::Integer, "5"),
        Column::new("amount_fen", Kind::Money, "12.50"),
        Column::new("donated_on", Kind::Date, "2020-05-01"),
        Column::new("old_base", Kind::Flag, "是"),
        Column::required("rating", Kind::Code(&Of::<Rating>::ALL), "3A"),
        Column::new("kind", Kind::Codes(&Of::<Rating>::ALL), "1A、5A"),
    ],
};
static SHEETS: &[&Sheet] = &[&SHEET];

#[derive(Debug, Serialize, Deserialize, PartialEq, Validate)]
#[serde(deny_unknown_fields)]
struct Input {
    #[validate(length(max = 10))]
    name: String,
    #[validate(range(max = 100))]
    population: Option<i32>,
    amount_fen: Option<i64>,
    donated_on: Option<chrono::NaiveDate>,
    #[serde(default)]
    old_base: bool,
    rating: Rating,
    #[serde(default)]
    kind: Vec<Rating>,
}

const HEADER: [&str; 9] = ["代码", "行政区划", "名称", "人口", "金额（元）", "捐赠日期", "老区村", "评估等级", "类别"];

/// A workbook with the header, and what `fill` writes below it.
fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Bytes {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("社会组织").unwrap();
    sheet.write_row(0, 0, HEADER).unwrap();
    fill(sheet);
    workbook.save_to_buffer().unwrap().into()
}

/// The faults as `cell code`, and the rows without any.
async fn import(bytes: Bytes) -> (Vec<String>, Vec<Input>) {
    let tables = read(bytes, SHEETS).await.unwrap();
    let mut report = Report::new(&tables, true, Lang::En);
    let good = tables[0].rows.iter().filter_map(|row| report.check(&tables[0], row, Map::new())).collect();
    let report = report.report;
    (report.errors.iter().map(|error| format!("{}{} {}", error.column, error.row, error.code)).collect(), good)
}

async fn refusal(bytes: impl Into<Bytes>) -> String {
    let error = read(bytes.into(), SHEETS).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidWorkbook);
    error.detail.as_ref().unwrap().to_string()
}

/// The same archive without the entries that `keep` rejects, and with some added.
fn zipped(bytes: &[u8], extra: &[(&str, Vec<u8>)], keep: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let entry = from.by_index_raw(index).unwrap();
        if keep(&entry.name().unwrap()) {
            to.raw_copy_file(entry).unwrap();
        }
    }
    for (name, content) in extra {
        to.start_file(*name, SimpleFileOptions::default()).unwrap();
        to.write_all(content).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[actix_web::test]
async fn an_export_can_be_imported_again() {
    let rows = [
        json!({"code": "A1", "area_name": "晋江市", "name": "=1+1", "population": 7, "amount_fen": 123_456_789, "donated_on": "2020-02-29",
            "old_base": true, "rating": "5a", "kind": ["1a", "2a"]}),
        json!({"code": "+2", "name": "@乙", "population": null, "old_base": false, "rating": "1a", "kind": []}),
    ];
    for lang in [Lang::ZhCn, Lang::En] {
        let rows_of_the_sheet = rows.iter().map(|row| row.as_object().unwrap().clone()).collect();
        let bytes = Bytes::from(in_memory(SHEETS, vec![rows_of_the_sheet], lang).await.unwrap());
        let (faults, inputs) = import(bytes.clone()).await;
        assert!(faults.is_empty(), "{faults:?}");
        for (row, input) in rows.iter().zip(&inputs) {
            let mut expected = row.as_object().unwrap().clone();
            expected.retain(|field, value| !value.is_null() && SHEET.inputs().any(|input| input == field));
            assert_eq!(&serde_json::from_value::<Input>(expected.into()).unwrap(), input);
        }
        // A text never becomes a formula.
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let name = book.sheet_names()[0].clone();
        assert!(book.worksheet_formula(&name).unwrap().is_empty());
        assert_eq!(book.worksheet_range(&name).unwrap().get_value((1, 2)), Some(&Data::String("=1+1".to_owned())));
    }
}

#[actix_web::test]
async fn a_template_is_read_with_its_own_examples() {
    let request = actix_web::test::TestRequest::default().to_http_request();
    let answer = actix_web::Responder::respond_to(template(SHEETS, Lang::ZhCn).unwrap(), &request);
    let disposition = answer.headers().get("content-disposition").unwrap().to_str().unwrap().to_owned();
    assert!(disposition.contains("filename*=UTF-8''%E7%A4%BE"), "{disposition}");
    let bytes = to_bytes(answer.into_body()).await.unwrap();
    assert_eq!(import(bytes.clone()).await, (vec![], vec![]));
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let explained = book.worksheet_range("填写说明").unwrap();
    assert_eq!(explained.height(), 9, "the header and every column but the one only shown");
    assert!(crate::extract::checked::<Input>(SHEET.example()).is_ok());
}

#[actix_web::test]
async fn every_bad_cell_of_a_row_is_named() {
    let bytes = workbook(|sheet| {
        sheet.write_formula(1, 0, Formula::new("=1+1")).unwrap();
        sheet.write_formula(1, 1, Formula::new("=1+1")).unwrap();
        sheet.write_string(1, 2, "一二三四五六七八九十十一").unwrap();
        sheet.write_string(1, 3, "许多").unwrap();
        sheet.write_number(1, 4, 1.005).unwrap();
        sheet.write_string(1, 5, "2020-02-30").unwrap();
        sheet.write_string(1, 6, "也许").unwrap();
        sheet.write_string(1, 7, "9A").unwrap();
        sheet.write_string(1, 8, "1A、1A").unwrap();
        sheet.write_string(1, 9, "哪一列").unwrap();
        // An empty row, one with hardly anything, and one with a fault that only the whole object shows.
        sheet.write_string(3, 1, "x").unwrap();
        sheet.write_row(4, 0, ["B", "", "名"]).unwrap();
        sheet.write_number(4, 3, 101).unwrap();
        sheet.write_number(4, 0, 511_234_567_890_123_456_f64).unwrap();
        sheet.write_string(4, 7, "3a").unwrap();
    });
    let (faults, good) = import(bytes).await;
    let expected = [
        "A2 formula",
        "D2 type",
        "E2 money_decimals",
        "F2 type",
        "G2 choice",
        "H2 choice",
        "I2 duplicate",
        "C2 length",
        "A4 required",
        "C4 required",
        "H4 required",
        "A5 number_too_long",
        "D5 range",
    ];
    assert_eq!(faults, expected);
    assert!(good.is_empty());
}

#[actix_web::test]
async fn dates_flags_and_codes_are_taken_as_people_type_them() {
    let bytes = workbook(|sheet| {
        sheet.write_row(1, 0, ["A", "", " 甲 ", "7", "1,000.5", "2020/5/1", "yes", "3a", "1a,5A"]).unwrap();
        sheet.write_row(2, 0, ["B", "", "乙"]).unwrap();
        let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 5, 1).unwrap();
        sheet.write_datetime_with_format(2, 5, &date, &format).unwrap();
        sheet.write_boolean(2, 6, true).unwrap();
        sheet.write_string(2, 7, "3A").unwrap();
    });
    let (faults, good) = import(bytes).await;
    assert!(faults.is_empty(), "{faults:?}");
    let [first, second] = &good[..] else { panic!("{good:?}") };
    assert_eq!((first.name.as_str(), first.amount_fen, first.kind.len()), ("甲", Some(100_050), 2));
    assert_eq!((first.donated_on, first.old_base), (second.donated_on, second.old_base));
    assert!(first.donated_on.is_some() && first.old_base);
}

#[actix_web::test]
async fn missing_columns_and_empty_cells_keep_what_was_there_and_a_word_clears_it() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("社会组织").unwrap();
    sheet.write_row(0, 0, ["评估等级", "名称", "代码", "人口", "捐赠日期", "类别"]).unwrap();
    sheet.write_row(1, 0, ["3A", "新", "A", "", "清空", "CLEAR"]).unwrap();
    sheet.write_row(2, 0, ["", "", "A"]).unwrap();
    sheet.write_row(3, 0, ["清空", "", "A", "清空"]).unwrap();
    let tables = read(book.save_to_buffer().unwrap().into(), SHEETS).await.unwrap();
    let mut report = Report::new(&tables, true, Lang::ZhCn);
    let before = json!({
        "name": "旧", "population": 3, "amount_fen": 5, "donated_on": "2020-05-01", "old_base": false, "rating": "1a",
        "kind": ["2a", "1a"],
    });
    let before = before.as_object().unwrap();
    let [first, second, third] = &tables[0].rows[..] else { panic!("three rows") };
    let input: Input = report.renew(&tables[0], first, before, before.clone()).unwrap();
    assert_eq!((input.name.as_str(), input.population, input.amount_fen, input.donated_on), ("新", Some(3), Some(5), None));
    assert!(input.kind.is_empty());
    let changes: Vec<_> =
        report.report.changes.iter().map(|change| (&*change.column, change.old.as_deref(), change.new.as_deref())).collect();
    let expected = [
        ("B", Some("旧"), Some("新")),
        ("E", Some("2020-05-01"), None),
        ("A", Some("1A"), Some("3A")),
        ("F", Some("2A、1A"), None),
    ];
    assert_eq!(changes, expected, "in the order of the declared columns");
    let same: Input = report.renew(&tables[0], second, before, before.clone()).unwrap();
    assert_eq!(same, serde_json::from_value(json!(before)).unwrap());
    assert_eq!(report.renew::<Input>(&tables[0], third, before, before.clone()), None);
    let faults: Vec<_> =
        report.report.errors.iter().map(|error| format!("{}{} {}", error.column, error.row, error.code)).collect();
    assert_eq!(faults, ["A4 required"], "what must be filled in is not cleared");
    assert_eq!(report.report.changes.len(), expected.len());
}

#[actix_web::test]
async fn what_is_masked_is_what_is_kept_and_shown_masked() {
    static COLUMNS: &[Column] = &[
        Column::required("code", Kind::Key, "A1"),
        Column::required("name", Kind::Text, "某人").masked(contract::mask::name),
        Column::new("donated_on", Kind::Date, "2020-05-01").masked(contract::mask::name),
        Column::new("strengths", Kind::Text, "无"),
        Column::version(),
    ];
    static PERSONAL: Sheet = Sheet { name: "organisations", personal: true, columns: COLUMNS };
    static ALONE: &[&Sheet] = &[&PERSONAL];
    #[derive(Debug, Serialize, Deserialize, PartialEq, Validate)]
    struct Person {
        name: String,
        donated_on: Option<chrono::NaiveDate>,
        strengths: Option<String>,
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("社会组织").unwrap();
    sheet.write_row(0, 0, ["代码", "名称", "捐赠日期", "优势特长", "导出版本（勿改）"]).unwrap();
    sheet.write_row(1, 0, ["A", "许**", "", " 两行\r\n的话 ", "1"]).unwrap();
    sheet.write_row(2, 0, ["A", "许清河", "2020-05-02", "清空", "2"]).unwrap();
    let tables = read(book.save_to_buffer().unwrap().into(), ALONE).await.unwrap();
    let mut report = Report::new(&tables, true, Lang::ZhCn);
    let before = json!({ "name": "许清水", "donated_on": "2020-05-01", "strengths": "两行\n的话" });
    let before = before.as_object().unwrap();
    let [same, other] = &tables[0].rows[..] else { panic!("two rows") };
    let kept: Person = report.renew(&tables[0], same, before, before.clone()).unwrap();
    assert_eq!((&*kept.name, kept.strengths.as_deref()), ("许清水", Some("两行\n的话")));
    assert!(report.report.changes.is_empty());
    let renewed: Person = report.renew(&tables[0], other, before, before.clone()).unwrap();
    assert_eq!((&*renewed.name, renewed.strengths), ("许清河", None));
    let told = format!("{:?}", report.report.changes);
    assert_eq!(report.report.changes.len(), 3);
    assert!(told.contains("许**") && !told.contains("清水") && !told.contains("清河") && !told.contains("2020-05-0"), "{told}");
    assert!(!report.is_stale(&tables[0], other, 2) && report.is_stale(&tables[0], same, 2));
    assert_eq!((&*report.report.errors[0].column, &*report.report.errors[0].code), ("E", "changed_since"));
}

#[actix_web::test]
async fn the_header_must_be_right() {
    let headed = |header: &[&str]| {
        let mut book = Workbook::new();
        book.add_worksheet().set_name("社会组织").unwrap().write_row(0, 0, header.iter().copied()).unwrap();
        book.save_to_buffer().unwrap()
    };
    assert!(refusal(headed(&["代码", "名称"])).await.contains("Rating"));
    assert!(refusal(headed(&["名称", "名称"])).await.contains("twice"));
    let headless = refusal(headed(&["A1", "晋江市", "某会"])).await;
    assert!(headless.contains("社会组织") && headless.contains("no header") && !headless.contains("某会"), "{headless}");
    assert!(refusal(Workbook::new().save_to_buffer().unwrap()).await.contains("社会组织"));
}

#[actix_web::test]
async fn a_sheet_is_read_as_clerks_keep_it() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("社会组织").unwrap();
    sheet.merge_range(0, 0, 0, 9, "社会组织登记表", &rust_xlsxwriter::Format::new()).unwrap();
    sheet.write_row(2, 0, ["填表单位：某局", "", "单位：元"]).unwrap();
    sheet.write_row(3, 1, HEADER).unwrap();
    sheet.write_string(3, 0, "序号").unwrap();
    sheet.write_string(3, 11, "备注").unwrap();
    sheet.write_row(4, 0, ["1", "A1", "", "某会"]).unwrap();
    sheet.write_string(4, 8, "3A").unwrap();
    sheet.write_formula(4, 12, Formula::new("=1+1")).unwrap();
    // The row was numbered beforehand, and never filled in.
    sheet.write_string(5, 0, "2").unwrap();
    let bytes: Bytes = book.save_to_buffer().unwrap().into();
    let (faults, good) = import(bytes.clone()).await;
    assert_eq!((faults, good.len()), (vec![], 1));
    let tables = read(bytes, SHEETS).await.unwrap();
    let report = Report::new(&tables, true, Lang::ZhCn).report;
    let notes: Vec<_> = report.notes.iter().map(|note| (note.row, &*note.column, note.value.as_deref())).collect();
    assert_eq!(notes, [(4, "A", Some("序号")), (4, "L", Some("备注")), (4, "M", None)]);
}

#[actix_web::test]
async fn a_row_that_nobody_sees_is_named() {
    let filled = |sheet: &mut Worksheet, row: u32| {
        sheet.write_row(row, 0, ["A", "", "名", "", "", "", "", "3A"]).unwrap();
    };
    let bytes = workbook(|sheet| {
        for row in 1..5 {
            filled(sheet, row);
        }
        sheet.set_row_hidden(2).unwrap().set_row_hidden(4).unwrap().set_row_hidden(9).unwrap();
    });
    let (faults, good) = import(bytes).await;
    assert_eq!((faults, good.len()), (vec!["A3 hidden_row".to_owned(), "A5 hidden_row".to_owned()], 2));
}

#[actix_web::test]
async fn what_a_program_made_a_date_of_is_named() {
    let bytes = workbook(|sheet| {
        let format = rust_xlsxwriter::Format::new().set_num_format("m-d");
        sheet.write_row(1, 0, ["A", "", "", "", "", "", "", "3A"]).unwrap();
        sheet.write_number_with_format(1, 2, 43_902, &format).unwrap();
        sheet.write_number_with_format(1, 5, 43_890.666_67, &format).unwrap();
        sheet.write_row(2, 0, ["B", "", "乙", "1,5", "1,2,3,4", "2020/3/1 0:00:00", "", "3A"]).unwrap();
        sheet.write_row(3, 0, ["C", "", "丙", "1,234", "6,200.5", "", "", "3A"]).unwrap();
        sheet.write_number(3, 5, 43_891).unwrap();
    });
    let (faults, good) = import(bytes).await;
    assert_eq!(faults, ["C2 became_date", "F2 time_of_day", "D3 type", "E3 money", "D4 range"]);
    assert!(good.is_empty());
}

#[actix_web::test]
async fn what_is_no_plain_workbook_is_refused() {
    let good = workbook(|_| {});
    assert!(refusal(&b"code,name"[..]).await.contains("CSV"));
    assert!(refusal(vec![]).await.contains("not an .xlsx"));
    assert!(refusal([&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat()).await.contains("encrypted"));
    assert!(refusal(zipped(&good, &[("xl/vbaProject.bin", vec![0])], |_| true)).await.contains("macros"));
    assert!(refusal(zipped(&good, &[], |name| name != "xl/workbook.xml")).await.contains("not an .xlsx"));
    assert!(
        refusal(zipped(&good, &[("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row".to_vec())], |name| {
            name != "xl/worksheets/sheet1.xml"
        }))
        .await
        .contains("broken")
    );
    let many: Vec<_> = (0..1_001).map(|n| (format!("x{n}"), vec![])).collect();
    let many: Vec<_> = many.iter().map(|(name, content)| (name.as_str(), content.clone())).collect();
    assert!(refusal(zipped(&good, &many, |_| true)).await.contains("too many"));
    let mut torn = good.to_vec();
    torn.truncate(good.len() / 2);
    assert!(refusal(torn).await.contains("not an intact"));
}

#[actix_web::test]
async fn a_bomb_is_refused_also_when_it_lies_about_its_size() {
    let good = workbook(|_| {});
    let bomb = zipped(&good, &[("xl/media/image1.png", vec![0; 201 * 1024 * 1024])], |_| true);
    assert!(bomb.len() < 1024 * 1024);
    assert!(refusal(bomb.clone()).await.contains("too large"));
    // Make both places that declare the size say 1 KiB.
    let size = (201u32 * 1024 * 1024).to_le_bytes();
    let mut lie = bomb;
    let places: Vec<_> = lie.windows(4).enumerate().filter(|(_, bytes)| *bytes == size).map(|(place, _)| place).collect();
    assert!(!places.is_empty());
    for place in places {
        lie[place..place + 4].copy_from_slice(&1024u32.to_le_bytes());
    }
    let said = refusal(lie).await;
    assert!(said.contains("too large") || said.contains("damaged"), "{said}");
}

#[actix_web::test]
async fn faults_are_counted_beyond_those_listed() {
    let bytes = workbook(|sheet| {
        for row in 1..=1_500 {
            sheet.write_row(row, 0, ["A", "", "名", "x", "", "", "", "3A"]).unwrap();
        }
    });
    let tables = read(bytes, SHEETS).await.unwrap();
    let mut report = Report::new(&tables, true, Lang::ZhCn);
    for row in &tables[0].rows {
        assert_eq!(report.check::<Input>(&tables[0], row, Map::new()), None);
    }
    assert_eq!((report.report.errors.len(), report.report.errors_total), (1_000, 1_500));
}

#[test]
fn columns_have_the_letters_of_a_spreadsheet() {
    assert_eq!([0, 25, 26, 701, 702, 16_383].map(letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
}

#[test]
fn no_two_columns_have_the_same_name() {
    for (index, column) in SHEET.columns.iter().enumerate() {
        for lang in [Lang::ZhCn, Lang::En] {
            assert!(!SHEET.columns[..index].iter().any(|other| is_called(label(column.field, lang), other.field)));
        }
    }
}

/// A part of a workbook.
fn part(bytes: &[u8], name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    std::io::Read::read_to_end(&mut archive.by_name(name).unwrap(), &mut content).unwrap();
    content
}

proptest! {
    /// Replaces a piece of a part, as a faulty tool or somebody with an editor would.
    #[test]
    fn a_damaged_workbook_is_read_or_refused(
        name in select(&["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"][..]),
        at in any::<Index>(), length in 0usize..60,
        put in prop_oneof![
            select(&[
                "", " uniqueCount=\"10000000000000\" ", " count=\"9\" uniqueCount=\"4000000000\"", "<si/><si><t/></si>",
                "<definedName name=\"a\">", "<f t=\"shared\" si=\"4000000000\" ref=\"A1:XFD1048576\">1</f>",
                "<dimension ref=\"A1:XFD1048576\"/>", "<dimension ref=\"B2:A1\"/>", "<!DOCTYPE a [<!ENTITY x \"y\">]>",
                "<c r=\"A1\"><c r=\"A1\">", "</c></c></row>", "<row r=\"0\">", "<row r=\"99999999999\">",
                "<c r=\"XFE1048577\">", "<c r=\"A0\" t=\"s\"><v>99</v></c>", "<f>1+1</f>", "</sheetData>", "-1", "1e400",
                "&#0;", "&x;", "<![CDATA[", "<!--", "\"", "<",
            ][..]).prop_map(|text| text.as_bytes().to_vec()),
            prop::collection::vec(any::<u8>(), 0..40),
        ],
    ) {
        let whole = workbook(|sheet| {
            sheet.write_row(1, 0, ["A1", "", "某会", "5", "12.50", "2020-05-01", "是", "3A", "1A、5A"]).unwrap();
            sheet.write_number(2, 3, 7.0).unwrap();
        });
        let mut damaged = part(&whole, name);
        let start = at.index(damaged.len());
        let end = (start + length).min(damaged.len());
        damaged.splice(start..end, put);
        let bytes = zipped(&whole, &[(name, damaged)], |other| other != name);
        let outcome = actix_web::rt::System::new().block_on(read(bytes.into(), SHEETS));
        match outcome {
            Ok(tables) => {
                let mut report = Report::new(&tables, true, Lang::ZhCn);
                tables[0].rows.iter().for_each(|row| drop(report.check::<Input>(&tables[0], row, Map::new())));
            }
            Err(error) => prop_assert_eq!(error.code, ErrorCode::InvalidWorkbook),
        }
    }
    /// Replaces bytes of the archive, as a broken download does, or somebody who lies about sizes and places.
    #[test]
    fn a_damaged_archive_is_read_or_refused(
        at in any::<Index>(), length in 0usize..20, put in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut bytes = workbook(|sheet| {
            sheet.write_row(1, 0, ["A1", "", "某会", "5", "12.50", "2020-05-01", "是", "3A", "1A、5A"]).unwrap();
        })
        .to_vec();
        let start = at.index(bytes.len());
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, put);
        if let Err(error) = actix_web::rt::System::new().block_on(read(bytes.into(), SHEETS)) {
            prop_assert_eq!(error.code, ErrorCode::InvalidWorkbook);
        }
    }
}

/// A workbook with one part replaced.
fn spoilt(name: &str, xml: &str) -> Vec<u8> {
    zipped(&workbook(|_| {}), &[(name, xml.as_bytes().to_vec())], |other| other != name)
}

#[actix_web::test]
async fn what_a_workbook_says_of_itself_is_held_against_what_is_there() {
    let shared = |xml: &str| spoilt("xl/sharedStrings.xml", xml);
    assert!(refusal(shared("<sst uniqueCount=\"10000000000000\"><si><t>a</t></si></sst>")).await.contains("announces more"));
    assert!(refusal(shared("<sst uniqueCount='10001'></sst>")).await.contains("announces more"));
    // Two readers may disagree about which of these counts.
    for attributes in ["uniqueCount=\"1\" uniqueCount=\"9999999999\"", "\u{c}uniqueCount=\"9999999999\"", "uniqueCount=\"many\""]
    {
        assert!(refusal(shared(&format!("<sst {attributes}></sst>"))).await.contains("broken"), "{attributes:?}");
    }
    let long = "字".repeat(400_000);
    assert!(refusal(shared(&format!("<sst><si><t>{long}</t></si></sst>"))).await.contains("broken"));
    assert!(refusal(shared(&format!("<sst><si><t>{}</t></si></sst>", "&amp;a".repeat(200_000)))).await.contains("too long"));
    assert!(
        refusal(spoilt("xl/styles.xml", &format!("<styleSheet>{}</styleSheet>", "<xf/>".repeat(200_000))))
            .await
            .contains("formats")
    );
    assert!(refusal(spoilt("xl/comments1.xml", &"<a>".repeat(300))).await.contains("broken"));
    assert!(refusal(spoilt("xl/comments1.xml", "<!DOCTYPE a><a/>")).await.contains("broken"));
    let elsewhere = "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
                     Target=\"media/image1.png\"/></Relationships>";
    assert!(refusal(spoilt("xl/_rels/workbook.xml.rels", elsewhere)).await.contains("broken"));
}

#[actix_web::test]
async fn cells_are_counted_and_not_rows_alone() {
    let sheet = |row: &str| {
        let header: String = HEADER.iter().map(|text| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")).collect();
        spoilt("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData><row>{header}</row>{row}</sheetData></worksheet>"))
    };
    let text = format!("<c t=\"inlineStr\"><is><t>{}</t></is></c>", "字".repeat(10_000));
    assert!(read(sheet(&format!("<row>{}</row>", text.repeat(9))).into(), SHEETS).await.is_ok());
    assert!(refusal(sheet(&format!("<row>{}</row>", text.repeat(200)))).await.contains("too much text"));
    assert!(refusal(sheet(&format!("<row>{}</row>", "<c><v>1</v></c>".repeat(16_385)))).await.contains("out of order"));
    assert!(refusal(sheet("<row><c r=\"B2\"><v>1</v></c><c r=\"A2\"><v>1</v></c></row>")).await.contains("out of order"));
    assert!(refusal(sheet("<row><c r=\"A2\"><v>1</v></c><c r=\"A2\"><v>1</v></c></row>")).await.contains("out of order"));
}
