//! Telephone numbers: read however they are written, kept in one form, compared by what is dialled within the area.
//!
//! The rule is that of the numbering plan of the mainland. A general library for telephone numbers was left out: its tables and
//! regular expressions would make up a large part of the app, and it knows neither 转 nor two numbers in one field.
//!
//! - A mobile number has 11 digits and begins with 13 to 19.
//! - A fixed line has an area code (010, 02x, or 0 and three digits) and 7 or 8 digits that begin with 2 to 9. A number cell loses
//!   the 0 of the area code; it is put back. Without an area code the number is one of the caller's own area.
//! - 400 and 800 numbers have 10 digits.
//! - 86 with `+`, with `00`, or with nothing before it is left out. Numbers of other countries keep `+` and their country's code.
//! - 转, 分机, `ext`, `x`, `#` or a dash lead to an extension of up to six digits.
//! - One field takes two numbers.

use crate::typed::narrow;

/// What stands between two numbers where they are kept.
pub const BETWEEN: char = '、';
/// What leads to an extension where it is kept: a dash could as well stand within a number.
pub const LEADS: char = '转';
/// The most digits of an extension.
const EXTENSION: usize = 6;
/// What leads to an extension; longer words first.
const EXTENSIONS: [&str; 8] = ["转分机", "转接", "转", "分机", "ext", "x", "#", "*"];

/// One or two telephone numbers in the form in which they are kept, such as `0595-85660137转801、13800138000`; none where a part
/// of the text is no telephone number.
pub fn read(typed: &str) -> Option<String> {
    let text = narrow(typed).to_lowercase();
    let parts: Vec<_> = text.split([BETWEEN, ',', ';', '/', '\n', '或']).map(str::trim).collect();
    match parts[..] {
        [both] => one(both).or_else(|| {
            let mut blanks = both.match_indices(char::is_whitespace);
            blanks.find_map(|(at, _)| joined(one(both[..at].trim())?, one(both[at..].trim())?))
        }),
        [first, second] => joined(one(first)?, one(second)?),
        _ => None,
    }
}

/// By what kept numbers are found: each without its area code, which half of those who write it leave out, and its extension.
pub fn keys(kept: &str) -> Vec<String> {
    let key = |number: &str| {
        let number = number.split(LEADS).next().unwrap_or_default();
        number.rsplit('-').next().unwrap_or_default().to_owned()
    };
    kept.split(BETWEEN).map(key).collect()
}

fn joined(first: String, second: String) -> Option<String> {
    Some(if first == second { first } else { format!("{first}{BETWEEN}{second}") })
}

/// One number, with its extension.
fn one(text: &str) -> Option<String> {
    let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    let (main, rest) = (text[..end].trim(), &text[end..]);
    if !rest.is_empty() {
        let rest = EXTENSIONS.iter().find_map(|word| rest.strip_prefix(word))?;
        return with_extension(main, rest.trim_start_matches(['.', ':', ' ']));
    }
    number(main).or_else(|| {
        let (main, extension) = main.rsplit_once(is_dash)?;
        with_extension(main, extension)
    })
}

fn with_extension(main: &str, extension: &str) -> Option<String> {
    let extension = extension.trim();
    let digits = extension.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (1..=EXTENSION).contains(&extension.len())).then_some(())?;
    Some(format!("{}{LEADS}{extension}", number(main)?))
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '－' | '‐' | '‑')
}

/// Whether a character may stand in a number.
fn is_part(c: char) -> bool {
    c.is_ascii_digit() || is_dash(c) || matches!(c, '+' | '(' | ')' | ' ' | '.' | '·' | '_')
}

fn number(text: &str) -> Option<String> {
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('));
    let ends = text.ends_with(|c: char| c.is_ascii_digit() || c == ')');
    let plus_within = text.trim_start_matches('(').chars().skip(1).any(|c| c == '+');
    if !begins || !ends || plus_within || !text.chars().all(is_part) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let first = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).count();
    let abroad = if text.contains('+') { Some(&*digits) } else { digits.strip_prefix("00") };
    if let Some(abroad) = abroad {
        if let Some(own) = abroad.strip_prefix("86") {
            return national(own, true);
        }
        let is_number = !abroad.starts_with('0') && (8..=15).contains(&abroad.len());
        return is_number.then(|| format!("+{abroad}"));
    }
    let whole = first == digits.len();
    // A local number may begin with 86; one with the country's code has at least 12 digits.
    let own = digits.strip_prefix("86").filter(|_| digits.len() >= 12 && (whole || first == 2));
    // 85660137-801 is no number of the area 0856.
    own.and_then(|own| national(own, true)).or_else(|| national(&digits, whole || matches!(first, 2 | 3)))
}

/// A number of the mainland, without the country's code. `parted` is whether its first digits may be an area code without its 0.
fn national(digits: &str, parted: bool) -> Option<String> {
    let own = digits.strip_prefix('0').unwrap_or(digits);
    let second = own.as_bytes().get(1).copied().unwrap_or_default();
    if own.len() == 11 && own.starts_with('1') && second >= b'3' {
        return Some(own.to_owned());
    }
    if matches!(digits.len(), 7 | 8) && is_line(digits) {
        return Some(digits.to_owned());
    }
    if own.len() == digits.len() && !parted {
        return None;
    }
    if digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800")) {
        return Some(digits.to_owned());
    }
    let (area, lengths) = match own.as_bytes() {
        [b'1', b'0', ..] | [b'2', ..] => (2, 8..=8),
        [b'3'..=b'9', ..] => (3, 7..=8),
        _ => return None,
    };
    let (area, line) = own.split_at_checked(area)?;
    (lengths.contains(&line.len()) && is_line(line)).then(|| format!("0{area}-{line}"))
}

/// Whether the number of a fixed line begins as one does.
fn is_line(number: &str) -> bool {
    number.starts_with(|c: char| ('2'..='9').contains(&c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_kept_in_one_form_however_it_is_written() {
        for (kept, written) in [
            (
                "0595-85660137",
                &[
                    "0595-85660137",
                    "059585660137",
                    "59585660137",
                    "(0595)85660137",
                    "（0595）8566 0137",
                    "０５９５－８５６６０１３７",
                    "+86 595 8566 0137",
                    "+86(0595)85660137",
                    "0086-595-85660137",
                    "8659585660137",
                    "0595—85660137",
                ][..],
            ),
            (
                "13800138000",
                &["13800138000", "138-0013-8000", "138.0013.8000", "+86 138 0013 8000", "8613800138000", "013800138000"][..],
            ),
            ("85660137", &["85660137", "8566-0137", "8566 0137"][..]),
            ("0595-8566013", &["05958566013", "5958566013"][..]),
            ("010-65660137", &["010-65660137", "1065660137", "+86 10 6566 0137"][..]),
            (
                "0595-85660137转801",
                &[
                    "0595-85660137-801",
                    "0595-85660137转801",
                    "059585660137 转 801",
                    "0595-85660137 ext. 801",
                    "0595-85660137分机：801",
                ][..],
            ),
            ("85660137转801", &["85660137-801", "8566-0137-801"][..]),
            ("4008001234", &["400-800-1234", "4008001234"][..]),
            ("+85291234567", &["+852 9123 4567", "0085291234567", "(+852) 91234567"][..]),
            (
                "0595-85660137、13800138000",
                &[
                    "0595-85660137、13800138000",
                    "059585660137/138 0013 8000",
                    "0595-85660137 13800138000",
                    "0595-85660137或13800138000",
                ][..],
            ),
            ("13800138000", &["13800138000、138-0013-8000"][..]),
        ] {
            for written in written {
                assert_eq!(read(written).as_deref(), Some(kept), "{written}");
            }
        }
    }

    #[test]
    fn what_nobody_can_dial_is_no_number() {
        for none in [
            "",
            "1",
            "---1234567---",
            "00000000",
            "1234567",
            "12345678901",
            "138****0137",
            "1380013800",
            "138001380001",
            "0595",
            "0595-0566013",
            "无",
            "见户主",
            "13800138000、",
            "13800138000、13800138001、13800138002",
            "85660137转",
            "85660137转1234567",
            "0595-85660137/8",
            "110105194912310021",
            "+86",
            "++85291234567890123",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn numbers_are_found_with_and_without_area_code_and_extension() {
        assert_eq!(keys("0595-85660137转801"), ["85660137"]);
        assert_eq!(keys("85660137"), ["85660137"]);
        assert_eq!(keys("85660137转801"), ["85660137"]);
        assert_eq!(keys("0595-85660137、13800138000"), ["85660137", "13800138000"]);
        assert_eq!(keys("+85291234567"), ["+85291234567"]);
    }

    proptest! {
        #[test]
        fn what_is_kept_stays_as_it_is(typed in "[0-9０-９+()转、 -]{0,30}") {
            if let Some(kept) = read(&typed) {
                prop_assert_eq!(read(&kept), Some(kept.clone()));
                prop_assert!(kept.len() <= 60);
            }
        }

        #[test]
        fn no_text_makes_reading_panic(typed in "\\PC{0,30}") {
            let _ = read(&typed);
        }
    }
}
