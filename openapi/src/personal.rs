//! Identity and mobile numbers in words: they stand where nothing is masked, however they are written.

use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use crate::codes::{check_credit_code, identity, identity_check};

/// Whether words hold an identity number or a mobile number, in whatever digits and with whatever stands between them.
///
/// Dates, times, landlines, amounts and codes of organisations are none of these. A row of more than twenty digits is no number of
/// anything here, and so could only be several of them, of which one is somebody's.
pub fn holds_number(words: &str) -> bool {
    let written: Vec<_> = words.chars().map(plain).collect();
    let numbers = Numbers::of(&written);
    if numbers.digits.len() < *LENGTHS.start() {
        return false;
    }
    // Between the parts of an identity number the birth date may look like one, and its check character tells it from anything else.
    numbers.hold(is_identity, Parted::Anyhow)
        || numbers.hold_a_long_row()
        || Numbers::of(&without_dates(&written)).hold(is_mobile, Parted::AsUsual)
}

/// Whether words hold this number of digits, in whatever digits and with whatever stands between them but words.
pub fn holds_this(words: &str, number: &str) -> bool {
    let plainly = |text: &str| text.chars().map(plain).collect::<Vec<_>>();
    let wanted: String = plainly(number).iter().filter_map(|(c, _)| c.is_ascii_digit().then_some(c)).collect();
    let mut joined = String::new();
    let numbers = Numbers::of(&plainly(words));
    for group in &numbers.groups {
        if group.before == Between::Word {
            joined.push(' ');
        }
        joined += &numbers.digits[group.place.clone()].replace('X', "");
    }
    // Fewer digits, which some passports have, may be any amount.
    wanted.len() >= 5 && joined.contains(&wanted)
}

/// Whether words hold what looks like somebody's account at a bank, or an identity number without its check character.
pub fn holds_account(words: &str) -> bool {
    Numbers::of(&without_dates(&words.chars().map(plain).collect::<Vec<_>>())).hold(is_account, Parted::AsUsual)
}

/// What a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Digit,
    /// A digit that is a word as well: 一.
    Word,
    Other,
}

/// The rows of digits of a text, one behind the other.
struct Numbers {
    digits: String,
    groups: Vec<Group>,
}

/// A row of digits, or the X at the end of an identity number, and what stands before it.
#[derive(Debug)]
struct Group {
    place: Range<usize>,
    before: Between,
}

/// What stands between two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Between {
    /// A blank, a dash, a dot: what people put into one number.
    Blank,
    /// A comma or a new line: what tells one number from another, unless they make up one as it is usually written.
    Comma,
    /// A word.
    Word,
}

/// How a number is split by those who part it with commas: 138,0013,8000, and 350582,19650312,0012.
const USUAL: [&[usize]; 4] = [&[3, 4, 4], &[6, 8, 4], &[6, 8, 3], &[6, 8, 3, 1]];
/// What may stand between the parts of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parted {
    /// Blanks; commas and new lines only as people part such a number, or between all of its digits.
    AsUsual,
    /// Commas and new lines anywhere, as no list of amounts has the right date and check character in it.
    Anyhow,
}

/// The shortest number that is looked for, a mobile one, and the longest there is, that of a bank card.
const LENGTHS: RangeInclusive<usize> = 11..=19;
/// The longest row of digits that people write: the number of an electronic invoice.
const LONGEST_ROW: usize = 20;

impl Numbers {
    fn of(written: &[(char, Kind)]) -> Self {
        let (mut digits, mut groups) = (String::new(), Vec::<Group>::new());
        let (mut before, mut within) = (Between::Blank, Kind::Other);
        for &(c, kind) in written {
            match (kind, groups.last_mut()) {
                // A word before a number is no part of it.
                (Kind::Digit | Kind::Word, Some(group)) if kind == within => {
                    digits.push(c);
                    group.place.end = digits.len();
                }
                _ if kind != Kind::Other || c == 'X' => {
                    let start = digits.len();
                    digits.push(c);
                    groups.push(Group { place: start..digits.len(), before });
                    before = Between::Blank;
                }
                _ => {
                    before = before.max(match c {
                        ',' | '，' | '、' | ';' | '；' | '\n' | '\r' => Between::Comma,
                        c if c.is_alphanumeric() => Between::Word,
                        _ => Between::Blank,
                    });
                }
            }
            within = kind;
        }
        Self { digits, groups }
    }

    /// Whether one of the groups begins a number, and itself or one of the next ends it. The time it takes grows with the text alone.
    fn hold(&self, is_number: fn(&str) -> bool, parted: Parted) -> bool {
        (0..self.groups.len()).any(|first| self.begins_number(first, is_number, parted))
    }

    fn begins_number(&self, first: usize, is_number: fn(&str) -> bool, parted: Parted) -> bool {
        let (groups, mut between) = (&self.groups[first..], Between::Blank);
        for (index, group) in groups.iter().enumerate() {
            if index > 0 {
                between = between.max(group.before);
            }
            let joined = &self.digits[groups[0].place.start..group.place.end];
            if between == Between::Word || joined.len() > *LENGTHS.end() {
                return false;
            }
            let is_split = || USUAL.iter().any(|usual| is_split(&groups[..=index], usual)) || self.is_spelt(first, first + index);
            let is_usual = || between == Between::Blank || parted == Parted::Anyhow || is_split();
            if LENGTHS.contains(&joined.len()) && is_usual() && is_number(joined) {
                return true;
            }
        }
        false
    }

    /// Whether each group from one to another is a single digit, as are none beside them: 1、3、8、0. A longer list is one of marks.
    fn is_spelt(&self, first: usize, last: usize) -> bool {
        let is_single = |group: &Group| group.place.len() == 1;
        let goes_on = |group: &Group| is_single(group) && group.before != Between::Word;
        let before = first.checked_sub(1).is_some_and(|at| is_single(&self.groups[at]) && goes_on(&self.groups[first]));
        let after = self.groups.get(last + 1).is_some_and(goes_on);
        self.groups[first..=last].iter().all(is_single) && !before && !after
    }

    /// Whether a row of digits is longer than any number, or as long as an invoice's and holds an identity number.
    fn hold_a_long_row(&self) -> bool {
        self.groups.iter().map(|group| &self.digits[group.place.clone()]).any(|row| {
            let within = || (0..=row.len() - 18).any(|start| is_identity(&row[start..start + 18]));
            row.len() > LONGEST_ROW || row.len() > *LENGTHS.end() && within()
        })
    }
}

fn is_split(groups: &[Group], lengths: &[usize]) -> bool {
    groups.iter().map(|group| group.place.len()).eq(lengths.iter().copied())
}

/// 11 digits that begin as mobile numbers do, behind the country's code or the 0 that is dialled from afar.
fn is_mobile(number: &str) -> bool {
    let own = ["0086", "086", "86", "0", ""].iter().filter_map(|code| number.strip_prefix(code)).find(|own| own.len() == 11);
    own.is_some_and(|own| own.bytes().all(|byte| byte.is_ascii_digit()) && own.starts_with('1') && own.as_bytes()[1] >= b'3')
}

/// An identity number with its check character right, or without it where it is an X, and no code of an organisation.
fn is_identity(number: &str) -> bool {
    if number.len() == 17 && identity_check(number) == Some('X') {
        return is_identity(&format!("{number}X"));
    }
    identity(number).is_ok_and(|told| told.born_on.to_string().as_str() < "2100") && check_credit_code(number).is_err()
}

/// 16 to 19 digits that begin as cards of banks here do, or end in the check digit that all cards have; or 17 digits of an identity
/// number. The number of a household's file has 16 as well, but begins with the code of a village.
fn is_account(number: &str) -> bool {
    let card = (16..=19).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let begins = number.starts_with("62") || number.starts_with(['4', '5', '9']) && has_card_check(number);
    card && begins || identity_check(number).is_some_and(|check| is_identity(&format!("{number}{check}")))
}

/// The check digit of cards (ISO/IEC 7812).
fn has_card_check(number: &str) -> bool {
    let digits = number.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let doubled = digits.enumerate().map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit });
    doubled.sum::<u32>() % 10 == 0
}

/// The same with a word in the place of each date and time: they are made of digits and dashes, too.
fn without_dates(written: &[(char, Kind)]) -> Vec<(char, Kind)> {
    let characters: Vec<_> = written.iter().map(|(c, _)| *c).collect();
    let mut rest = Vec::with_capacity(written.len());
    let mut at = 0;
    while at < written.len() {
        let begins = at == 0 || !characters[at - 1].is_ascii_digit();
        match begins.then(|| date(&characters[at..]).or_else(|| time(&characters[at..]))).flatten() {
            Some(length) => {
                rest.push(('日', Kind::Other));
                at += length;
            }
            None => {
                rest.push(written[at]);
                at += 1;
            }
        }
    }
    rest
}

/// The length of a date such as 2020-11-03 at the beginning.
fn date(written: &[char]) -> Option<usize> {
    let (year, after) = value(written, 4, 4)?;
    let mark = *written.get(after)?;
    let (month, end) = value(&written[after + 1..], 1, 2)?;
    let second = after + 1 + end;
    let (day, end) = value(written.get(second + 1..)?, 1, 2)?;
    let is_date = matches!(mark, '-' | '/' | '.') && written[second] == mark;
    (is_date && (1900..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some(second + 1 + end)
}

/// The length of a time such as 15:30 at the beginning.
fn time(written: &[char]) -> Option<usize> {
    let (hour, after) = value(written, 1, 2)?;
    if *written.get(after)? != ':' {
        return None;
    }
    let (minute, end) = value(&written[after + 1..], 2, 2)?;
    (hour < 24 && minute < 60).then_some(after + 1 + end)
}

/// The number that some digits make, from so many to so many of them and no more, and how many they are.
fn value(written: &[char], least: usize, most: usize) -> Option<(u32, usize)> {
    let length = written.iter().take_while(|c| c.is_ascii_digit()).count();
    let digits: String = written.get(..length)?.iter().collect();
    Some((digits.parse().ok()?, length)).filter(|_| (least..=most).contains(&length))
}

/// The first of ten digits each: wide ones, those of mathematics, and those of other scripts that keyboards have.
const ZEROS: [char; 16] = [
    '０',
    '\u{660}',
    '\u{6f0}',
    '\u{966}',
    '\u{9e6}',
    '\u{e50}',
    '\u{f20}',
    '\u{17e0}',
    '\u{1d7ce}',
    '\u{1d7d8}',
    '\u{1d7e2}',
    '\u{1d7ec}',
    '\u{1d7f6}',
    '\u{1f101}',
    '\u{1fbf0}',
    '₀',
];
/// The first of nine digits each, from one on: in rings and brackets, and those of merchants.
const ONES: [char; 10] = ['①', '⑴', '⒈', '❶', '➀', '➊', '⓵', '㈠', '㊀', '〡'];
/// Other digits, by their values.
const SINGLE: [&str; 10] = ["⓪⓿⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];
/// Digits that are words, by their values.
const WORDS: [&str; 10] = ["〇○零洞", "一壹幺", "二贰貳两兩", "三叁參叄", "四肆", "五伍", "六陆陸", "七柒拐", "八捌", "九玖勾"];

/// What each character stands for that is written as something else, in order.
static WRITTEN: LazyLock<Vec<(char, char, Kind)>> = LazyLock::new(|| {
    let row = |first: char, values: Range<u32>| {
        let begin = values.start;
        values.filter_map(move |value| {
            Some((char::from_u32(first as u32 + value - begin)?, char::from_digit(value, 10)?, Kind::Digit))
        })
    };
    let listed = |written: &'static [&str; 10], kind| {
        let values = (0..).zip(written).flat_map(|(value, alike)| alike.chars().map(move |c| (c, value)));
        values.filter_map(move |(c, value)| Some((c, char::from_digit(value, 10)?, kind)))
    };
    let rows = ZEROS.into_iter().flat_map(|zero| row(zero, 0..10)).chain(ONES.into_iter().flat_map(|one| row(one, 1..10)));
    let mut all: Vec<_> = rows.chain(listed(&SINGLE, Kind::Digit)).chain(listed(&WORDS, Kind::Word)).collect();
    all.extend(['x', 'Ｘ', 'ｘ', 'Ⅹ', 'ⅹ', '×'].map(|c| (c, 'X', Kind::Other)));
    all.push(('：', ':', Kind::Other));
    all.sort_unstable_by_key(|(c, ..)| *c);
    all
});

/// A digit or X as it is on a keyboard, whatever it is written as; other characters stay.
fn plain(c: char) -> (char, Kind) {
    if c.is_ascii_digit() {
        return (c, Kind::Digit);
    }
    let found = WRITTEN.binary_search_by_key(&c, |(c, ..)| *c);
    found.map_or((c, Kind::Other), |at| (WRITTEN[at].1, WRITTEN[at].2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for words in [
            "13800138000",
            "户主电话138.0013.8000",
            "１３８－００１３－８０００",
            "138 0013 8000。",
            "1 3 8 0 0 1 3 8 0 0 0",
            "+86 138-0013-8000",
            "8613800138000",
            "(86)138 0013 8000",
            "013800138000",
            "(138)0013-8000",
            "138，0013，8000",
            "138_0013_8000",
            "138\n0013\n8000",
            "138·0013·8000",
            "一三八〇〇一三八〇〇〇",
            "138零零138000",
            "第一13800138000",
            "①③⑧⓪⓪①③⑧⓪⓪⓪",
            "𝟭𝟯𝟴𝟬𝟬𝟭𝟯𝟴𝟬𝟬𝟬",
            "13800138000@139.com",
            "微信13800138000abc",
            "2020-11-03 13800138000",
            "11010519491231002X",
            "11010519491231002x",
            "１１０１０５１９４９１２３１００２Ｘ",
            "110105 19491231 002X",
            "110105-1949-12-31-002-X",
            "1101 0519 4912 3100 2X",
            "110105，19491231，002X",
            "身份证110105.19491231.002 x号",
            "110105 19491231 002",
            "1380013800013800138000",
            "000000000000000000013800138000",
            "00350582196503120012",
            "壹叁捌零零壹叁捌零零零",
            "1、3、8、0、0、1、3、8、0、0、0",
            "电话：1,3,8,0,0,1,3,8,0,0,0，请勿外传",
            "1\n3\n8\n0\n0\n1\n3\n8\n0\n0\n0\n",
            "１，３，８，０，０，１，３，８，０，０，０",
            "一、三、八、〇、〇、一、三、八、〇、〇、〇",
            "壹；叁；捌；零；零；壹；叁；捌；零；零；零",
            "①、③、⑧、⓪、⓪、①、③、⑧、⓪、⓪、⓪",
            "1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣",
            "〡〣〨〇〇〡〣〨〇〇〇",
            "㈠㈢㈧〇〇㊀㊂㊇〇〇〇",
            "๑๓๘๐๐๑๓๘๐๐๐",
            "8、6、1、3、8、0、0、1、3、8、0、0、0",
            "1、1、0、1、0、5、1、9、4、9、1、2、3、1、0、0、2、X",
            "110105、1949、1231、002X",
            "110\n105\n194912\n31002X",
            "1101051949、1231002X",
        ] {
            assert!(holds_number(words), "{words}");
        }
    }

    #[test]
    fn dates_amounts_landlines_and_codes_are_no_numbers_of_persons() {
        for words in [
            "2018 2019 2020",
            "2018、2019、2020",
            "第1、3、8组，第1、3、8、9组",
            "各村得分：1、5、4、3、5、5、4、4、5、3、5、4、5",
            "一、三、五、六、七、八、九组",
            "1、3、4、5、6、7、8、9、10、11、12 月",
            "1380、0138、000",
            "15、16、17、18、19、8 岁",
            "110105、1949、1231、0021",
            "2020-11-03 500元",
            "2020-11-15 9:00-2020-11-15 17:00",
            "2020-11-13 8:30-11:30:00",
            "0595-85660137",
            "0595-85660137、0595-85660138",
            "010-13567890",
            "85660137",
            "51350582MJ00000127",
            "350582104206",
            "350582104206-0001",
            "晋政民〔2020〕28号",
            "1500、2000、300元",
            "13,500、14,600",
            "13800000000000",
            "138001380001",
            "6217001850012345678",
            "24350000000123456789",
            "110105194912310021",
            "350582201502291016",
            "2020年1月15日至2020年11月13日",
            "0190a000-0000-7000-8000-000000000000",
            "户均 15.5 斤、共 20.3 吨",
            "",
        ] {
            assert!(!holds_number(words), "{words}");
        }
    }

    #[test]
    fn an_account_is_found_by_its_shape() {
        for words in [
            "6217001850012345678",
            "账户 6217 0018 5001 2345 678",
            "卡号4111-1111-1111-1111",
            "身份证１１０１０５１９４９１２３１００２",
        ] {
            assert!(holds_account(words), "{words}");
        }
        for words in [
            "2018 2019 2020 2021 四年",
            "2020-11-03 500元",
            "350582104206-0001",
            "5000 5000 5000 4000元",
            "0595-85660137、0595-85660138",
            "共1380595019元",
            "",
        ] {
            assert!(!holds_account(words), "{words}");
        }
    }

    #[test]
    fn a_number_is_recognised_whatever_stands_between_its_digits() {
        for words in ["85660137", "8566 0137", "８５６６．０１３７", "0595-85660137", "电话8566、0137"] {
            assert!(holds_this(words, "85660137"), "{words}");
        }
        assert!(holds_this("350582.19650312.001X", "35058219650312001X"));
        for words in ["给付 8566 元、0137 号", "85660138", "", "一"] {
            assert!(!holds_this(words, "85660137"), "{words}");
        }
        assert!(!holds_this("85660137", "") && !holds_this("", ""));
    }

    proptest! {
        #[test]
        fn a_mobile_number_is_found_whatever_stands_between_its_digits(
            number in "1[3-9][0-9]{9}", cuts in prop::collection::vec(1usize..11, 0..5), between in prop::sample::select(vec![" ", "-", ".", " - ", "·", "/", "_", "—", "\u{a0}"]),
            before in "[一-龥：a-z]{0,3}", after in "[户a-z。]{0,3}"
        ) {
            let cut = number.char_indices().fold(String::new(), |mut text, (at, c)| {
                if cuts.contains(&at) {
                    text += between;
                }
                text.push(c);
                text
            });
            // What is split like a date is taken for one.
            let characters: Vec<_> = cut.chars().map(plain).collect();
            prop_assume!(without_dates(&characters) == characters);
            let wide: String = cut.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32('０' as u32 + d)).unwrap_or(c)).collect();
            for written in [cut, wide] {
                let words = format!("{before}{written}{after}");
                prop_assert!(holds_number(&words), "{}", words);
            }
        }
    }
}
