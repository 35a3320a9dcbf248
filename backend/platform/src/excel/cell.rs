//! One cell, as typed text and as JSON.

use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType};
use chrono::NaiveDate;
use contract::{Lang, amounts, validation};
use serde_json::Value;

use super::{Choices, Kind};

/// A number of this size has more digits than a spreadsheet stores.
const EXACT: f64 = 1e15;
/// Numbers that count as days in a column of days: 1927 to 2173. Smaller ones are years, larger ones days such as 20200301.
const SERIALS: std::ops::Range<f64> = 10_000.0..100_000.0;
const DAY: f64 = 86_400.0;
/// The words that clear a field. An empty cell leaves it as it is.
const CLEARED: [&str; 2] = ["清空", "CLEAR"];
/// Separates the values of one cell.
const SEPARATORS: [char; 5] = ['、', '，', ',', '；', ';'];

/// Characters that a spreadsheet program takes for the beginning of a formula once somebody edits the cell; for some of them also
/// the full-width form.
const FORMULA_HEADS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether a text must be marked as text when it is written.
pub fn is_like_a_formula(text: &str) -> bool {
    text.starts_with(FORMULA_HEADS)
}

/// The text of a cell in a column of a kind, as a program displays it; `None` if it is empty. `since_1904` is how the workbook
/// counts days.
pub fn text(cell: &DataRef<'_>, kind: Option<Kind>, since_1904: bool) -> Result<Option<String>, &'static str> {
    let text = match cell {
        DataRef::Empty => String::new(),
        DataRef::String(text) => validation::seen(text.trim()),
        DataRef::SharedString(text) => validation::seen(text.trim()),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.abs() >= EXACT => return Err("number_too_long"),
        DataRef::Float(number) => match kind {
            Some(Kind::Money) => yuan(*number),
            Some(Kind::Integer) if (number - number.round()).abs() < 1e-9 => number.round().to_string(),
            Some(Kind::Date) if SERIALS.contains(number) => day(*number, since_1904)?,
            _ => number.to_string(),
        },
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) if !matches!(kind, None | Some(Kind::Date)) => {
            return Err("became_date");
        }
        DataRef::DateTime(moment) if moment.is_datetime() => day(moment.as_f64(), since_1904)?,
        DataRef::DateTimeIso(text) => text.clone(),
        DataRef::DateTime(_) | DataRef::DurationIso(_) => return Err("type"),
        DataRef::Error(_) => return Err("cell_error"),
    };
    if text.contains('\0') {
        return Err("control_character");
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A text as a cell of a workbook returns it.
pub fn seen(text: &str) -> String {
    validation::seen(text.trim()).replace("\r\n", "\n").replace('\r', "\n")
}

/// The word that clears a field.
pub fn clear_word(lang: Lang) -> &'static str {
    lang.pick(CLEARED[0], CLEARED[1])
}

/// Whether the cell clears its field.
pub fn clears(typed: &str) -> bool {
    CLEARED.contains(&typed)
}

/// An amount as it is displayed. A binary fraction is hardly ever exactly what was typed, but less than 1/1000 fen away from it.
fn yuan(number: f64) -> String {
    let fen = (number * 100.0).round();
    if (number * 100.0 - fen).abs() < 0.001 { amounts::yuan(fen as i64) } else { number.to_string() }
}

/// The day of a serial number, which counts days. Some programs write midnight as another time of day, and some of those on the
/// day before: then nobody knows which day was meant.
fn day(serial: f64, since_1904: bool) -> Result<String, &'static str> {
    let midnight = serial.round();
    if (serial - midnight).abs() * DAY < 0.5 {
        let (year, month, day, ..) = ExcelDateTime::new(midnight, ExcelDateTimeType::DateTime, since_1904).to_ymd_hms_milli();
        Ok(format!("{year:04}-{month:02}-{day:02}"))
    } else {
        Err("time_of_day")
    }
}

/// The JSON value of a typed text.
pub fn value(kind: Kind, typed: &str) -> Result<Value, &'static str> {
    Ok(match kind {
        Kind::Key | Kind::Text | Kind::Mark => typed.into(),
        Kind::Integer => amounts::count(typed).ok_or("type")?.into(),
        Kind::Money => amounts::fen(typed)?.into(),
        Kind::Date => date(typed)?.to_string().into(),
        Kind::Flag | Kind::Removal => flag(typed).ok_or("choice")?.into(),
        Kind::Code(choices) => choices.read(typed).ok_or("choice")?.into(),
        Kind::Codes(choices) => codes(choices, typed)?,
    })
}

/// A value as a workbook shows it.
pub fn shown(kind: Kind, value: &Value, lang: Lang) -> String {
    match (kind, value) {
        (Kind::Money, Value::Number(fen)) => yuan(fen.as_f64().unwrap_or_default() / 100.0),
        (_, Value::Bool(flag)) => flag_label(*flag, lang).to_owned(),
        (Kind::Code(choices), Value::String(code)) => choices.show(code, lang).unwrap_or(code).to_owned(),
        (Kind::Codes(choices), Value::Array(codes)) => {
            codes.iter().filter_map(|code| choices.show(code.as_str()?, lang)).collect::<Vec<_>>().join("、")
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

fn codes(choices: &dyn Choices, typed: &str) -> Result<Value, &'static str> {
    let mut codes: Vec<&str> = Vec::new();
    for name in typed.split(SEPARATORS).map(str::trim).filter(|name| !name.is_empty()) {
        let code = choices.read(name).ok_or("choice")?;
        if codes.contains(&code) {
            return Err("duplicate");
        }
        codes.push(code);
    }
    Ok(codes.into())
}

/// Parses a day in the usual forms: 2020-03-01, 2020/3/1, 2020.3.1, 20200301, 2020年3月1日 or 号, and each of them at midnight.
fn date(typed: &str) -> Result<NaiveDate, &'static str> {
    let plain = if typed.contains('年') {
        typed.replace(char::is_whitespace, "").replace(['年', '月'], "-").replace(['日', '号'], " ")
    } else {
        typed.to_owned()
    };
    let (day, time) = plain.trim().split_once([' ', 'T']).unwrap_or((plain.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = match day.split(['-', '/', '.']).collect::<Vec<_>>()[..] {
        [whole] if whole.len() == 8 && digits(whole) => vec![&whole[..4], &whole[4..6], &whole[6..]],
        ref parts => parts.to_vec(),
    };
    let [year, month, day] = parts[..] else { return Err("type") };
    if year.len() != 4 || !(1..=2).contains(&month.len()) || !(1..=2).contains(&day.len()) || !digits(&parts.concat()) {
        return Err("type");
    }
    let number = |text: &str| text.parse::<u32>().map_err(|_| "type");
    let date = NaiveDate::from_ymd_opt(number(year)? as i32, number(month)?, number(day)?).ok_or("type")?;
    if time.chars().all(|c| matches!(c, '0' | ':' | '.')) {
        Ok(date)
    } else {
        Err(if time.starts_with(|c: char| c.is_ascii_digit()) { "time_of_day" } else { "type" })
    }
}

fn flag(typed: &str) -> Option<bool> {
    match typed.to_ascii_lowercase().as_str() {
        "是" | "yes" | "true" => Some(true),
        "否" | "no" | "false" => Some(false),
        _ => None,
    }
}

/// 是 or 否.
pub fn flag_label(flag: bool, lang: Lang) -> &'static str {
    if flag { lang.pick("是", "Yes") } else { lang.pick("否", "No") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The text of a number in a column of a kind.
    fn shown(kind: Kind, number: f64) -> Result<String, &'static str> {
        text(&DataRef::Float(number), Some(kind), false).map(Option::unwrap_or_default)
    }

    #[test]
    fn a_number_beyond_the_precision_of_a_spreadsheet_is_refused() {
        assert_eq!(shown(Kind::Text, 13_800_000_000.0).as_deref(), Ok("13800000000"));
        assert_eq!(shown(Kind::Text, 511_234_567_890_123_456.0), Err("number_too_long"));
    }

    #[test]
    fn a_binary_fraction_is_read_as_it_is_displayed() {
        for (number, told) in [
            (3.300_000_000_000_000_3, "3.30"),
            (0.1 + 0.2, "0.30"),
            (1e10, "10000000000.00"),
            (-5.0, "-5.00"),
            (-0.07, "-0.07"),
            (18_500.0 / 3.0, "6166.666666666667"),
            (1.005, "1.005"),
        ] {
            assert_eq!(shown(Kind::Money, number).as_deref(), Ok(told));
        }
        assert_eq!(shown(Kind::Integer, 3.000_000_000_000_000_4).as_deref(), Ok("3"));
        assert_eq!(shown(Kind::Integer, 3.5).as_deref(), Ok("3.5"));
    }

    #[test]
    fn a_day_is_read_in_every_form_in_use() {
        let day = NaiveDate::from_ymd_opt(2020, 3, 1).unwrap();
        for typed in [
            "2020-03-01",
            "2020/3/1",
            "2020.3.1",
            "20200301",
            "2020年3月1日",
            "2020年3月1号",
            "2020 年 3 月 1 日",
            "2020/3/1 0:00:00",
            "2020-03-01 00:00",
            "2020-03-01T00:00:00.000",
            "2020年3月1日 00:00",
        ] {
            assert_eq!(date(typed), Ok(day), "{typed}");
        }
        for typed in ["2020/3/1 23:59:17", "2020-03-01T08:00:00", "2020年3月1日 8:00"] {
            assert_eq!(date(typed), Err("time_of_day"), "{typed}");
        }
        for typed in
            ["+2020-03-01", "-2020-03-01", "20-3-1", "2020-3", "2020", "202031", "2020-02-30", "2020-03-01 上午", "三月一日"]
        {
            assert_eq!(date(typed), Err("type"), "{typed}");
        }
    }

    #[test]
    fn a_number_is_a_day_where_a_day_is_expected() {
        assert_eq!(shown(Kind::Date, 43_891.0).as_deref(), Ok("2020-03-01"));
        assert_eq!(text(&DataRef::Float(42_429.0), Some(Kind::Date), true), Ok(Some("2020-03-01".to_owned())));
        assert_eq!(shown(Kind::Date, 43_890.999_999_999).as_deref(), Ok("2020-03-01"), "what a fraction is not quite");
        assert_eq!(shown(Kind::Date, 20_200_301.0).as_deref(), Ok("20200301"));
        assert_eq!(shown(Kind::Date, 2_020.0).as_deref(), Ok("2020"));
        assert_eq!(shown(Kind::Date, 43_890.999_502_314_81), Err("time_of_day"), "43 seconds before midnight");
        assert_eq!(shown(Kind::Text, 43_891.0).as_deref(), Ok("43891"));
        let moment = DataRef::DateTime(ExcelDateTime::new(43_902.0, ExcelDateTimeType::DateTime, false));
        assert_eq!(text(&moment, Some(Kind::Date), false), Ok(Some("2020-03-12".to_owned())));
        for kind in [Kind::Text, Kind::Key, Kind::Integer, Kind::Money] {
            assert_eq!(text(&moment, Some(kind), false), Err("became_date"), "{kind:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(typed in "\\PC{0,30}") {
            for kind in [Kind::Integer, Kind::Money, Kind::Date, Kind::Flag] {
                let _ = value(kind, &typed);
            }
        }

        #[test]
        fn money_comes_back_as_it_went(amount in -100_000_000_000_000i64..100_000_000_000_000) {
            prop_assert_eq!(shown(Kind::Money, amount as f64 / 100.0).and_then(|shown| amounts::fen(&shown)), Ok(amount));
        }
    }
}
