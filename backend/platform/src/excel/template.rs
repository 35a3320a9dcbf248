//! Writes the template of an import.

use contract::Lang;
use contract::labels::label;
use rust_xlsxwriter::{DataValidation, Format, Workbook, Worksheet, XlsxError};

use super::{Column, Kind, MEDIA_TYPE, Sheet, cell};
use crate::download::Download;
use crate::{Error, Result};

/// The number of rows in a template that have a drop-down list.
const LIST_ROWS: u32 = 10_000;
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
