//! Numbers and money as people type them.

/// Reads yuan with at most two decimals as fen, with `¥`, 元, thousands separators and full-width characters. No floating
/// point is involved.
///
/// # Errors
/// The code of the fault: `money`, or `money_decimals` where only digits behind the second decimal are too many.
pub fn fen(typed: &str) -> Result<i64, &'static str> {
    let plain = plain(typed);
    let plain = plain.strip_suffix('元').unwrap_or(&plain).trim_end();
    let (sign, plain) = sign(plain);
    let plain = plain.strip_prefix('¥').unwrap_or(plain).trim_start();
    let (yuan, decimals) = plain.split_once('.').unwrap_or((plain, ""));
    let yuan = digits(yuan).filter(|_| decimals.bytes().all(|byte| byte.is_ascii_digit())).ok_or("money")?;
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 2 {
        return Err("money_decimals");
    }
    format!("{yuan}{decimals:0<2}").parse::<i64>().map(|fen| sign * fen).map_err(|_| "money")
}

/// Fen as yuan with two decimals: `1234.50`.
pub fn yuan(fen: i64) -> String {
    format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}

/// Fen as yuan in a sentence: `160,000`, `1,234.50`.
pub fn yuan_in_words(fen: i64) -> String {
    let (whole, rest) = (fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::from(if fen < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest == 0 { grouped } else { format!("{grouped}.{rest:02}") }
}

/// Reads a whole number, with thousands separators and full-width digits.
pub fn count(typed: &str) -> Option<i64> {
    let plain = plain(typed);
    let (sign, plain) = sign(&plain);
    digits(plain)?.parse::<i64>().ok().map(|number| sign * number)
}

/// Without the blanks around it, and with the narrow characters that a keyboard has.
fn plain(typed: &str) -> String {
    let narrow = typed.trim().chars().map(|c| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        '，' => ',',
        '．' | '。' => '.',
        '－' => '-',
        '￥' => '¥',
        other => other,
    });
    narrow.collect()
}

fn sign(plain: &str) -> (i64, &str) {
    plain.strip_prefix('-').map_or((1, plain), |plain| (-1, plain))
}

/// The digits of a whole number. Separators stand between groups of three, or a list of numbers would become one.
fn digits(plain: &str) -> Option<String> {
    let groups: Vec<_> = plain.split(',').collect();
    let grouped = match &groups[..] {
        [_] => true,
        [first, rest @ ..] => (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3),
        [] => false,
    };
    let digits = groups.concat();
    (grouped && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn money_is_read_without_loss_as_it_is_typed() {
        for (typed, expected) in [
            ("1", Ok(100)),
            ("0.1", Ok(10)),
            ("1,234.56", Ok(123_456)),
            ("12，345，678", Ok(1_234_567_800)),
            ("¥1,234.5", Ok(123_450)),
            ("￥ 6200 元", Ok(620_000)),
            ("０．０７", Ok(7)),
            ("6200.0000", Ok(620_000)),
            ("-5", Ok(-500)),
            ("90000000000000", Ok(9_000_000_000_000_000)),
            ("1.005", Err("money_decimals")),
            ("6166.666666666667", Err("money_decimals")),
            ("3.3000000000000003", Err("money_decimals")),
            ("1,2,3,4", Err("money")),
            ("1,5", Err("money")),
            ("1234,567", Err("money")),
            (",123", Err("money")),
            ("1,,234", Err("money")),
            ("1 5", Err("money")),
            ("", Err("money")),
            (".5", Err("money")),
            ("1.2.3", Err("money")),
            ("1e3", Err("money")),
            ("5万元", Err("money")),
            ("一百", Err("money")),
            ("99999999999999999999", Err("money")),
        ] {
            assert_eq!(fen(typed), expected, "{typed}");
        }
    }

    #[test]
    fn money_in_a_sentence_has_separators_and_no_idle_decimals() {
        let written = [16_000_000, 123_450, 99, 100_000_000, -100_000, 0].map(yuan_in_words);
        assert_eq!(written, ["160,000", "1,234.50", "0.99", "1,000,000", "-1,000", "0"]);
    }

    #[test]
    fn a_list_is_no_number() {
        assert_eq!(["12", "1,234", "１２", "-3", " 7 "].map(count), [12, 1234, 12, -3, 7].map(Some));
        assert_eq!(["1,5", "1、5", "1 5", "1.5", "", "+5", "1,2345"].map(count), [None; 7]);
    }

    proptest! {
        #[test]
        fn money_comes_back_as_it_went(amount in 0i64..100_000_000_000_000) {
            let typed = amount as f64 / 100.0;
            prop_assert_eq!(fen(&typed.to_string()), Ok(amount));
            prop_assert_eq!(fen(&format!("-{typed}")), Ok(-amount));
            prop_assert_eq!(fen(&yuan_in_words(amount)), Ok(amount));
        }

        #[test]
        fn no_text_makes_reading_panic(typed in "\\PC{0,30}") {
            let _ = (fen(&typed), count(&typed));
        }
    }
}
