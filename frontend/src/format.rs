//! Formats dates, money and numbers, and parses money.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike, Utc};
use contract::attachments::RemovalReason;
use contract::campaigns::Indicator;
use contract::month::Month;
use contract::{CodedEnum, ErrorCode, Lang, amounts};
use serde_json::Value;

use crate::i18n::texts;

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A day: `2020年5月15日`, `15 May 2020`.
pub fn date(date: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::ZhCn => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Lang::En => format!("{} {} {}", date.day(), MONTHS[date.month0() as usize], date.year()),
    }
}

/// A month: `2020年6月`, `June 2020`.
pub fn month(month: Month, lang: Lang) -> String {
    month.words(lang)
}

/// A month without its year: `6月`, `Jun`.
pub fn short_month(month: Month, lang: Lang) -> String {
    match lang {
        Lang::ZhCn => format!("{}月", month.number()),
        Lang::En => MONTHS[month.first_day().month0() as usize][..3].to_owned(),
    }
}

/// A day without its year: `5-24`.
pub fn short_day(day: NaiveDate) -> String {
    format!("{}-{:02}", day.month(), day.day())
}

/// An instant, in Jinjiang's time.
pub fn instant(at: DateTime<Utc>, lang: Lang) -> String {
    let Some(zone) = FixedOffset::east_opt(8 * 3600) else { return at.to_rfc3339() };
    let local = at.with_timezone(&zone);
    format!("{} {:02}:{:02}", date(local.date_naive(), lang), local.hour(), local.minute())
}

/// An instant, to the second.
pub fn exact(at: DateTime<Utc>, lang: Lang) -> String {
    format!("{}:{:02}", instant(at, lang), at.second())
}

/// The total of a list, with a plus sign where there are more than were counted.
pub fn total(number: u32, capped: bool) -> String {
    let number = count(number.into());
    if capped { format!("{number}+") } else { number }
}

/// A number with thousands separators.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Money from fen: `¥1,234.50`.
pub fn money(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}¥{}.{:02}", count((fen / 100) as i64), fen % 100)
}

/// Large money: `123.45 万元`, `¥1,234,500`.
pub fn wan(fen: i64, lang: Lang) -> String {
    match lang {
        Lang::ZhCn => format!("{}万元", wan_number(fen)),
        Lang::En => format!("¥{}", count((fen + 50) / 100)),
    }
}

/// Money in 万元 with up to two decimal places: `123.45`, `120`.
pub fn wan_number(fen: i64) -> String {
    let hundredths = (fen + 5_000) / 10_000;
    let written = format!("{}.{:02}", count(hundredths / 100), hundredths % 100);
    written.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The size of a file: `340 KB`, `2.1 MB`.
pub fn bytes(size: i64) -> String {
    let size = size.max(0);
    if size < 1_000_000 {
        return format!("{} KB", count(size.div_euclid(1_000).max(1)));
    }
    let tenths = size / 100_000;
    format!("{}.{} MB", count(tenths / 10), tenths % 10)
}

pub use contract::amounts::yuan;

/// Parses yuan as fen.
pub fn parse_yuan(text: &str) -> Option<i64> {
    amounts::fen(text).ok().filter(|fen| *fen >= 0)
}

/// Formats any value of a record by the name of its field: money, days, instants, codes and lists.
pub fn value(field: &str, value: &Value, lang: Lang, coded: Coded) -> String {
    match value {
        Value::Null => "—".into(),
        Value::Bool(true) => texts::common::YES.get().into(),
        Value::Bool(false) => texts::common::NO.get().into(),
        Value::Number(number) => match number.as_i64() {
            Some(fen) if field.ends_with("_fen") => money(fen),
            Some(year) if field == "year" => year.to_string(),
            Some(number) => count(number),
            None => number.to_string(),
        },
        // The reason for a refusal, whatever the kind of object.
        Value::String(code) if field == "refused_because" => {
            ErrorCode::from_code(code).map_or_else(|| code.clone(), |code| code.label(lang).to_owned())
        }
        Value::String(code) if field == "removed_because" => {
            RemovalReason::from_code(code).map_or_else(|| code.clone(), |reason| reason.label(lang).to_owned())
        }
        Value::String(text) => coded(field, text, lang).map(str::to_owned).unwrap_or_else(|| dated(text, lang)),
        Value::Array(items) if items.is_empty() => "—".into(),
        Value::Array(items) => {
            let parts: Vec<_> = items.iter().map(|item| self::value(field, item, lang, coded)).collect();
            parts.join(if items.iter().any(Value::is_object) { "\n" } else { lang.pick("、", ", ") })
        }
        Value::Object(fields) => {
            // The amount of an indicator, which for some is money.
            let indicator = fields.get("indicator").and_then(Value::as_str).and_then(Indicator::from_code);
            let part = |(name, value): (&String, &Value)| match (name.as_str(), value.as_i64()) {
                ("target", Some(fen)) if indicator.is_some_and(Indicator::is_money) => money(fen),
                _ => self::value(name, value, lang, coded),
            };
            let parts: Vec<_> = fields.iter().filter(|(_, v)| !v.is_null()).map(part).collect();
            parts.join(" · ")
        }
    }
}

/// Returns the label of a field's value, if the field is coded.
pub type Coded = fn(&str, &str, Lang) -> Option<&'static str>;

fn dated(text: &str, lang: Lang) -> String {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return date(day, lang);
    }
    text.parse::<DateTime<Utc>>().map_or_else(|_| text.to_owned(), |at| instant(at, lang))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_read_as_people_write_them() {
        let day = NaiveDate::from_ymd_opt(2020, 5, 15).unwrap();
        assert_eq!(date(day, Lang::ZhCn), "2020年5月15日");
        assert_eq!(date(day, Lang::En), "15 May 2020");
    }

    #[test]
    fn moments_are_told_in_shanghai_time() {
        let at = "2020-05-15T16:05:00Z".parse().unwrap();
        assert_eq!(instant(at, Lang::ZhCn), "2020年5月16日 00:05");
    }

    #[test]
    fn money_is_written_with_separators() {
        assert_eq!(money(123_450), "¥1,234.50");
        assert_eq!(money(-5), "-¥0.05");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!([total(1_000, false), total(1_000, true)], ["1,000", "1,000+"]);
        assert_eq!(yuan(260_000_000), "2600000.00");
    }

    #[test]
    fn large_money_is_rounded_to_a_hundredth_of_ten_thousand() {
        assert_eq!(wan(123_450_000, Lang::ZhCn), "123.45万元");
        assert_eq!(wan(123_456_789_000, Lang::ZhCn), "123,456.79万元");
        assert_eq!([wan_number(0), wan_number(4_999), wan_number(5_000), wan_number(100_000_000)], ["0", "0", "0.01", "100"]);
        assert_eq!(wan(123_450_050, Lang::En), "¥1,234,501");
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(["-1", "1,5", "1.234"].map(parse_yuan), [None; 3]);
        for fen in [0, 1, 99, 100, 123_456_789] {
            assert_eq!(parse_yuan(&yuan(fen)), Some(fen));
            assert_eq!(parse_yuan(&money(fen)), Some(fen));
        }
    }

    #[test]
    fn values_are_read_by_the_name_of_their_field() {
        let none: Coded = |_, _, _| None;
        assert_eq!(value("amount_fen", &json!(100), Lang::ZhCn, none), "¥1.00");
        assert_eq!(value("due_on", &json!("2020-04-30"), Lang::ZhCn, none), "2020年4月30日");
        assert_eq!(value("old_base", &json!(true), Lang::ZhCn, none), "是");
        assert_eq!(value("name", &json!(null), Lang::ZhCn, none), "—");
        assert_eq!(value("refused_because", &json!("outside_own_scope"), Lang::ZhCn, none), "不属于您的管辖范围");
        assert_eq!(value("refused_because", &json!("not_found"), Lang::En, none), "There is no such thing");
        let target =
            |indicator: &str| value("targets", &json!([{ "indicator": indicator, "target": 100_000 }]), Lang::ZhCn, none);
        assert_eq!(target("money_donated_fen"), "money_donated_fen · ¥1,000.00");
        assert_eq!(target("jobs_offered"), "jobs_offered · 100,000");
    }
}
