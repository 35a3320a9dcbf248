//! Codes with check characters, and the codes of areas.

use chrono::{Datelike, NaiveDate};

use serde_json::Map;

use crate::{CodedEnum, FieldError, coded_enum};

/// Alphabet of the unified social credit code (GB 32100-2015): base 31, without I O S V Z.
const CREDIT_ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of GB 32100-2015: powers of 3 modulo 31.
const CREDIT_WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Weights of GB 11714-1997, the organisation code inside.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// What is wrong with a unified social credit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditCodeFault {
    /// Not 18 characters of the alphabet in capitals.
    Format,
    /// The eighteenth character is not the check character of the others.
    CheckDigit,
}

fn credit_value(byte: u8) -> Option<u32> {
    CREDIT_ALPHABET.iter().position(|&known| known == byte).map(|index| index as u32)
}

/// The check character for the first 17 characters of a unified social credit code (GB 32100-2015), if they are of its alphabet.
pub fn credit_code_check(first_17: &str) -> Option<char> {
    if first_17.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (byte, weight) in first_17.bytes().zip(CREDIT_WEIGHTS) {
        sum += credit_value(byte)? * weight;
    }
    Some(char::from(CREDIT_ALPHABET[((31 - sum % 31) % 31) as usize]))
}

/// Checks a unified social credit code (统一社会信用代码, GB 32100-2015).
///
/// # Errors
/// The first fault found.
pub fn check_credit_code(code: &str) -> Result<(), CreditCodeFault> {
    if code.len() != 18 || !code.bytes().all(|byte| credit_value(byte).is_some()) {
        return Err(CreditCodeFault::Format);
    }
    match credit_code_check(&code[..17]) {
        Some(check) if code.ends_with(check) => Ok(()),
        _ => Err(CreditCodeFault::CheckDigit),
    }
}

/// The check character of GB 11714-1997 for the eight characters of an organisation code.
pub fn organisation_code_check(first_8: &str) -> Option<char> {
    if first_8.len() != 8 {
        return None;
    }
    let mut sum = 0;
    for (byte, weight) in first_8.bytes().zip(ORGANISATION_WEIGHTS) {
        sum += char::from(byte).to_digit(36)? * weight;
    }
    Some(match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10)?,
    })
}

/// Whether the organisation code inside (positions 9–17) has its own check character right. Real codes exist where it is not,
/// so this warns and never refuses.
pub fn organisation_code_is_sound(credit_code: &str) -> bool {
    credit_code
        .get(8..17)
        .and_then(|inner| inner.split_at_checked(8))
        .is_some_and(|(body, check)| organisation_code_check(body).is_some_and(|right| check == right.to_string()))
}

coded_enum! {
    /// Sex, as an identity number tells it.
    pub enum Sex {
        Female = "female" / "女" / "Female",
        Male = "male" / "男" / "Male",
    }
}

coded_enum! {
    /// Kind of document that shows who somebody is. The residence permits (居住证) of residents of Hong Kong, Macao and Taiwan have numbers like those of
    /// identity cards, and are read as such.
    pub enum DocumentKind {
        IdentityCard = "identity_card" / "居民身份证" / "Identity card",
        Passport = "passport" / "护照" / "Passport",
        HongKongMacaoPermit = "hong_kong_macao_permit" / "港澳居民来往内地通行证" / "Mainland travel permit of a resident of Hong Kong or Macao",
        TaiwanPermit = "taiwan_permit" / "台湾居民来往大陆通行证" / "Mainland travel permit of a resident of Taiwan",
        ForeignerResidence = "foreigner_residence" / "外国人永久居留身份证" / "Foreigner's permanent residence card",
    }
}

impl DocumentKind {
    /// What is wrong with a number of such a document.
    pub fn fault(self, number: &str) -> Option<FieldError> {
        let digits =
            |text: &str, lengths: &[usize]| lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = match self {
            Self::IdentityCard => {
                let code = match identity(number).err()? {
                    IdentityFault::Format => "identity_number_format",
                    IdentityFault::BirthDate => "identity_number_date",
                    IdentityFault::CheckDigit => "check_digit",
                };
                return Some(FieldError::at("", code));
            }
            // ICAO 9303 has nine characters, and some states more.
            Self::Passport => {
                (5..=12).contains(&number.len())
                    && number.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
                    && number.bytes().any(|byte| byte.is_ascii_digit())
            }
            // Older ones end with how often they were issued.
            Self::HongKongMacaoPermit => number.strip_prefix(['H', 'M']).is_some_and(|rest| digits(rest, &[8, 10])),
            Self::TaiwanPermit => {
                digits(number, &[8, 10])
                    || digits(number.trim_end_matches(|c: char| c.is_ascii_uppercase()), &[10]) && number.len() == 11
            }
            // Since 2023 like that of an identity card, with a 9 before it; before that three letters and twelve digits.
            Self::ForeignerResidence => {
                let is_older = number
                    .split_at_checked(3)
                    .is_some_and(|(state, rest)| state.bytes().all(|byte| byte.is_ascii_uppercase()) && digits(rest, &[12]));
                is_older || number.starts_with('9') && identity(number).is_ok()
            }
        };
        (!is_number).then(|| FieldError::new("", "document_number", Map::from_iter([("kind".to_owned(), self.code().into())])))
    }

    /// What a number is compared by: two documents of different kinds may have the same.
    pub fn key(self, number: &str) -> String {
        if identity(number).is_ok() { number.to_owned() } else { format!("{}:{number}", self.code()) }
    }

    /// What a number is compared by, whatever document it is of.
    pub fn keys(number: &str) -> Vec<String> {
        let mut keys: Vec<_> =
            Self::ALL.iter().filter(|kind| kind.fault(number).is_none()).map(|kind| kind.key(number)).collect();
        keys.dedup();
        keys
    }
}

/// Weights of GB 11643-1999 (ISO 7064 MOD 11-2).
const IDENTITY_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check characters of GB 11643-1999, by the remainder of the weighted sum.
const IDENTITY_CHECKS: &[u8; 11] = b"10X98765432";

/// What is wrong with an identity number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityFault {
    /// Not 17 digits and a digit or X.
    Format,
    /// The day of birth is no day, or before 1900.
    BirthDate,
    /// The eighteenth character is not the check character of the others.
    CheckDigit,
}

/// What an identity number tells of its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub born_on: NaiveDate,
    pub sex: Sex,
}

/// The check character for the first 17 digits of an identity number, if they are digits.
pub fn identity_check(first_17: &str) -> Option<char> {
    if first_17.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (digit, weight) in first_17.chars().zip(IDENTITY_WEIGHTS) {
        sum += digit.to_digit(10)? * weight;
    }
    Some(char::from(IDENTITY_CHECKS[(sum % 11) as usize]))
}

/// Reads an identity number (公民身份号码, GB 11643-1999).
///
/// # Errors
/// The first fault found.
pub fn identity(number: &str) -> Result<Identity, IdentityFault> {
    let (body, check) = number.split_at_checked(17).ok_or(IdentityFault::Format)?;
    let right = identity_check(body).ok_or(IdentityFault::Format)?;
    if check.len() != 1 || !(check == "X" || check.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(IdentityFault::Format);
    }
    let part = |range| body.get(range).and_then(|digits: &str| digits.parse().ok()).unwrap_or_default();
    let born_on = NaiveDate::from_ymd_opt(part(6..10) as i32, part(10..12), part(12..14))
        .filter(|day| (1900..=2199).contains(&day.year()))
        .ok_or(IdentityFault::BirthDate)?;
    if check != right.to_string() {
        return Err(IdentityFault::CheckDigit);
    }
    let sex = if body.as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female };
    Ok(Identity { born_on, sex })
}

/// Length of an area code for each level of the statistical division tree.
pub const AREA_CODE_LENGTHS: [usize; 5] = [2, 4, 6, 9, 12];

/// Whether this is written like an area code: digits, in one of the five lengths.
pub fn is_area_code(code: &str) -> bool {
    AREA_CODE_LENGTHS.contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn identity_numbers_fail_where_they_are_wrong() {
        assert_eq!(identity("11010519491231002X").map(|told| told.sex), Ok(Sex::Female));
        assert_eq!(identity("110105194912310021"), Err(IdentityFault::CheckDigit));
        assert_eq!(identity("350582201502291016"), Err(IdentityFault::BirthDate));
        assert_eq!(identity("11010519491231002x"), Err(IdentityFault::Format));
        assert_eq!(identity("１１０１０５１９４９１２３１００２Ｘ"), Err(IdentityFault::Format));
        assert_eq!(identity(""), Err(IdentityFault::Format));
    }

    #[test]
    fn every_document_has_numbers_of_its_own_shape() {
        use DocumentKind::{ForeignerResidence, HongKongMacaoPermit, IdentityCard, Passport, TaiwanPermit};
        let numbers = [
            (IdentityCard, &["11010519491231002X", "810000199408230021"][..]),
            (Passport, &["E12345678", "EA1234567", "C01X00T47", "123456789", "AB123456"][..]),
            (HongKongMacaoPermit, &["H12345678", "M12345678", "H1234567801"][..]),
            (TaiwanPermit, &["12345678", "0012345601", "0012345601B"][..]),
            (ForeignerResidence, &["USA110105490012", "911124198108030024"][..]),
        ];
        for (kind, own) in numbers {
            for number in own {
                assert_eq!(kind.fault(number), None, "{kind:?} {number}");
                assert!(DocumentKind::keys(number).contains(&kind.key(number)));
            }
        }
        for (kind, none) in [
            (IdentityCard, &["E12345678", "110105194912310021", ""][..]),
            (Passport, &["E1", "ABCDEFGH", "11010519491231002X", "E1234-678", "e12345678", ""][..]),
            (HongKongMacaoPermit, &["12345678", "H1234567", "A12345678", "H123456789"][..]),
            (TaiwanPermit, &["1234567", "T12345678", "123456789", "00123456BB"][..]),
            (ForeignerResidence, &["USA11010549001", "US1101054900123", "110105194912310021", "11010519491231002X"][..]),
        ] {
            for number in none {
                assert!(kind.fault(number).is_some(), "{kind:?} {number}");
            }
        }
        // Whoever says a card of one kind is another enters no second person.
        assert_eq!(IdentityCard.key("11010519491231002X"), "11010519491231002X");
        assert_ne!(Passport.key("12345678"), TaiwanPermit.key("12345678"));
    }

    #[test]
    fn the_example_of_the_standard_passes() {
        assert_eq!(check_credit_code("91350100M000100Y43"), Ok(()));
        assert!(organisation_code_is_sound("91350100M000100Y43"));
    }

    proptest! {
        #[test]
        fn the_check_character_finds_every_single_mistake(
            body in "[0-9A-HJ-NPQRTUWXY]{17}", position in 0usize..17, other in "[0-9A-HJ-NPQRTUWXY]"
        ) {
            let code = format!("{body}{}", credit_code_check(&body).unwrap());
            prop_assert_eq!(check_credit_code(&code), Ok(()));
            let mut wrong = code.clone();
            wrong.replace_range(position..=position, &other);
            prop_assert_eq!(check_credit_code(&wrong).is_ok(), wrong == code);
        }

        #[test]
        fn an_identity_number_tells_who_was_born_when(
            area in 110_000u32..660_000, days in 0i64..109_000, order in 0u32..1000, position in 0usize..17, other in 0u32..10
        ) {
            let born_on = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Days::new(days as u64);
            let body = format!("{area}{}{order:03}", born_on.format("%Y%m%d"));
            let number = format!("{body}{}", identity_check(&body).unwrap());
            let sex = if order % 2 == 1 { Sex::Male } else { Sex::Female };
            prop_assert_eq!(identity(&number), Ok(Identity { born_on, sex }));
            let mut wrong = number.clone();
            wrong.replace_range(position..=position, &other.to_string());
            prop_assert_eq!(identity(&wrong).is_ok(), wrong == number);
        }

        #[test]
        fn no_text_makes_the_checks_panic(text in "\\PC{0,20}") {
            let _ = identity(&text);
            let _ = check_credit_code(&text);
            let _ = organisation_code_is_sound(&text);
        }
    }
}
