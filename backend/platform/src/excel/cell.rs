//! One cell, as a person types it and as JSON.

use calamine::DataRef;
use chrono::NaiveDate;
use contract::{Lang, validation};
use serde_json::Value;

use super::{Choices, Kind};

/// A number of this size has more digits than a spreadsheet keeps.
const EXACT: f64 = 1e15;
/// Separates the values of one cell.
const SEPARATORS: [char; 5] = ['、', '，', ',', '；', ';'];

/// Characters that a spreadsheet program takes for the beginning of a formula once somebody edits the cell; for some of
/// them also the full-width form.
const FORMULA_HEADS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether a text must be marked as text where it is written.
pub fn is_like_a_formula(text: &str) -> bool {
    text.starts_with(FORMULA_HEADS)
}

/// The text of a cell as a program displays it; none where it is empty.
pub fn text(cell: &DataRef<'_>) -> Result<Option<String>, &'static str> {
    let text = match cell {
        DataRef::Empty => String::new(),
        DataRef::String(text) => validation::seen(text.trim()),
        DataRef::SharedString(text) => validation::seen(text.trim()),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.abs() >= EXACT => return Err("number_too_long"),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(text) => text.split('T').next().unwrap_or_default().to_owned(),
        DataRef::DateTime(_) | DataRef::DurationIso(_) => return Err("type"),
        DataRef::Error(_) => return Err("cell_error"),
    };
    if text.contains('\0') {
        return Err("control_character");
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// The JSON value of what was typed.
pub fn value(kind: Kind, typed: &str) -> Result<Value, &'static str> {
    Ok(match kind {
        Kind::Key | Kind::Text | Kind::ReadOnly => typed.into(),
        Kind::Integer => typed.parse::<i64>().map_err(|_| "type")?.into(),
        Kind::Money => fen(typed).ok_or("money")?.into(),
        Kind::Date => date(typed).ok_or("type")?.to_string().into(),
        Kind::Flag => flag(typed).ok_or("choice")?.into(),
        Kind::Code(choices) => choices.read(typed).ok_or("choice")?.into(),
        Kind::Codes(choices) => codes(choices, typed)?,
    })
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

/// Parses yuan with at most two decimals as fen. It is parsed as text, because a binary fraction is not what was typed.
fn fen(typed: &str) -> Option<i64> {
    let plain = typed.replace([',', '，'], "");
    let (negative, plain) = plain.strip_prefix('-').map_or((false, plain.as_str()), |plain| (true, plain));
    let (yuan, decimals) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if yuan.is_empty() || decimals.len() > 2 || !digits(yuan) || !digits(decimals) {
        return None;
    }
    let fen = format!("{yuan}{decimals:0<2}").parse::<i64>().ok()?;
    Some(if negative { -fen } else { fen })
}

fn date(typed: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"].iter().find_map(|form| NaiveDate::parse_from_str(typed, form).ok())
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

    #[test]
    fn money_is_exact() {
        for (typed, expected) in [
            ("1", Some(100)),
            ("0.1", Some(10)),
            ("1,234.56", Some(123_456)),
            ("-5", Some(-500)),
            ("1.005", None),
            ("", None),
            (".5", None),
            ("一百", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(fen(typed), expected, "{typed}");
        }
    }

    #[test]
    fn a_number_beyond_the_precision_of_a_spreadsheet_is_refused() {
        assert_eq!(text(&DataRef::Float(13_800_000_000.0)), Ok(Some("13800000000".to_owned())));
        assert_eq!(text(&DataRef::Float(511_234_567_890_123_456.0)), Err("number_too_long"));
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(typed in "\\PC{0,30}") {
            for kind in [Kind::Integer, Kind::Money, Kind::Date, Kind::Flag] {
                let _ = value(kind, &typed);
            }
        }

        #[test]
        fn money_comes_back_as_it_went(amount in 0i64..100_000_000_000_000) {
            let typed = amount as f64 / 100.0;
            prop_assert_eq!(fen(&typed.to_string()), Some(amount));
            prop_assert_eq!(fen(&format!("-{typed}")), Some(-amount));
        }
    }
}
