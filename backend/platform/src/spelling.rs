//! Names: the form in which they are compared, their order, and how they are found.
//!
//! A name is displayed as it was typed. Comparison uses only its letters, in composed form, ordinary width and lower case (NFKC):
//! dots, spaces, brackets, quotation marks and dashes make no difference.
//!
//! Names of areas, organisations, accounts and campaigns are ordered and found by pinyin. Both forms are stored beside the name
//! and recomputed with each change. Names of families have neither: they are sealed, and found as a whole by a hash.

use std::collections::BTreeSet;

use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;

/// Precedes each word of [`words`].
const MARK: char = '|';
/// The number of letters of a word by which a name is found. Nobody types more.
const LENGTH: usize = 32;
/// Characters with two readings, or with another reading in names of places and organisations than alone: the reading that orders
/// names, and the other one, which finds them as well.
const TWO_READINGS: &[(char, [&str; 2])] = &[
    ('乐', ["le4", "yue4"]),
    ('传', ["chuan2", "zhuan4"]),
    ('单', ["dan1", "shan4"]),
    ('厦', ["xia4", "sha4"]),
    ('圩', ["xu1", "wei2"]),
    ('埔', ["pu3", "bu4"]),
    ('堡', ["bao3", "pu4"]),
    ('曾', ["zeng1", "ceng2"]),
    ('朝', ["chao2", "zhao1"]),
    ('盛', ["sheng4", "cheng2"]),
    ('行', ["hang2", "xing2"]),
    ('调', ["diao4", "tiao2"]),
    ('都', ["du1", "dou1"]),
    ('重', ["zhong4", "chong2"]),
    ('长', ["chang2", "zhang3"]),
];

/// The letters by which a name is compared.
pub fn letters(name: &str) -> String {
    characters(name).filter(|&c| is_letter(c)).collect()
}

/// The characters of a text in composed form, ordinary width and lower case.
pub fn characters(text: &str) -> impl Iterator<Item = char> {
    text.nfkc().flat_map(char::to_lowercase)
}

/// Whether a character counts in comparisons. Fonts have rare characters of names in their private use area.
pub fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || ('\u{e000}'..='\u{f8ff}').contains(&c)
}

/// The sort key of a name, compared byte by byte: the pinyin and tone of each character, then the character, so that equal ones
/// are adjacent.
pub fn key(name: &str) -> String {
    let mut key = String::new();
    for c in letters(name).chars() {
        let reading = &readings(c)[0];
        key.push_str(reading);
        if !reading.starts_with(c) {
            key.push(c);
        }
    }
    key
}

/// The texts that find a name: its letters and, from each character on, what may be typed in pinyin (`jinjing`) and by initials
/// (`jj`). Latin letters and digits stand for themselves in both.
pub fn words(name: &str) -> String {
    let letters = letters(name);
    if letters.is_empty() {
        return letters;
    }
    let sounds: Vec<Vec<String>> =
        letters.chars().map(|c| readings(c).iter().map(|reading| plain(reading).to_owned()).collect()).collect();
    let mut words = BTreeSet::new();
    for from in 0..sounds.len() {
        let rest = &sounds[from..];
        // Only one of the next few characters at a time has its other reading, because a long name has too many combinations.
        let others = (0..rest.len().min(LENGTH)).filter(|&at| rest[at].len() > 1).take(3).map(Some);
        for other in std::iter::once(None).chain(others) {
            let spoken = || rest.iter().enumerate().map(move |(at, sounds)| &sounds[usize::from(other == Some(at))]);
            words.insert(spoken().flat_map(|sound| sound.chars()).take(LENGTH).collect::<String>());
            words.insert(spoken().filter_map(|sound| sound.chars().next()).take(LENGTH).collect());
        }
    }
    let mut found_by = format!("{MARK}{letters}");
    for word in words {
        found_by.push(MARK);
        found_by.push_str(&word);
    }
    found_by
}

/// The part of [`words`] to search for: Chinese anywhere within the letters, pinyin and initials from the beginning of a
/// character. If only punctuation was typed, no name contains the result.
pub fn sought(typed: &str) -> String {
    let letters = letters(typed);
    // Keyboards write it like this.
    let spoken = letters.replace('ü', "v");
    if letters.is_empty() {
        format!("{MARK}{MARK}")
    } else if spoken.is_ascii() {
        format!("{MARK}{}", spoken.chars().take(LENGTH).collect::<String>())
    } else {
        letters
    }
}

/// The readings of a character, with the tone as a digit. A character without a reading stands for itself.
fn readings(c: char) -> Vec<String> {
    if let Some((_, both)) = TWO_READINGS.iter().find(|(of, _)| *of == c) {
        return both.map(str::to_owned).to_vec();
    }
    vec![c.to_pinyin().map_or_else(|| c.to_string(), |reading| reading.with_tone_num_end().replace('ü', "v"))]
}

/// A reading without its tone.
fn plain(reading: &str) -> &str {
    if reading.len() > 1 { reading.trim_end_matches(|c: char| c.is_ascii_digit()) } else { reading }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(name: &str, typed: &str) -> bool {
        words(name).contains(&sought(typed))
    }

    #[test]
    fn one_name_has_one_form_for_comparing() {
        for (written, alike) in [
            ("买买提•吐尔逊", "买买提·吐尔逊"),
            ("买买提．吐尔逊", "买买提吐尔逊"),
            ("李“阿妹”", "李\"阿妹\""),
            ("王　明", "王明"),
            ("Ｌi Ming", "li ming"),
            ("Nguye\u{302}\u{303}n", "Nguyễn"),
            ("\u{f9e1}白", "李白"),
            ("⽅圆", "方圆"),
            ("晋江市（安海）商会", "晋江市(安海)商会"),
            ("晋江市【安海】商会", "晋江市 安海 商会"),
            ("“阳光”助学会", "「阳光」助学会"),
            ("ＡＢＣ协会", "abc协会"),
        ] {
            assert_eq!(letters(written), letters(alike), "{written}");
        }
        for (one, other) in [("许清水", "许清冰"), ("王\u{e863}", "王\u{e864}")] {
            assert_ne!(letters(one), letters(other));
        }
    }

    #[test]
    fn names_are_ordered_as_in_a_dictionary() {
        let sorted = [
            "2020助学会",
            "ABC协会",
            "安海镇",
            "长山村",
            "陈埭镇",
            "东山村",
            "东石镇",
            "行业商会",
            "金井镇",
            "晋江市",
            "龙湖镇",
            "卢厝村",
            "吕厝村",
            "梅岭街道",
            "厦门商会",
            "曾坑村",
            "张厝村",
        ];
        let mut mixed = sorted;
        mixed.reverse();
        mixed.sort_by_key(|name| key(name));
        assert_eq!(mixed, sorted);
    }

    #[test]
    fn a_name_is_found_by_characters_pinyin_and_initials() {
        for (name, typed) in [
            ("金井镇", "金"),
            ("金井镇", "井镇"),
            ("金井镇", "j"),
            ("金井镇", "jj"),
            ("金井镇", "JJZ"),
            ("金井镇", "jinjing"),
            ("金井镇", "jin jing"),
            ("金井镇", "jin'jing"),
            ("金井镇", "ｊｉｎｊｉｎｇ"),
            ("金井镇", "jing"),
            ("金井镇", "jinj"),
            ("金井镇", "jz"),
            ("吕厝村", "lvcuo"),
            ("吕厝村", "lü"),
            ("厦门大厦", "xiamen"),
            ("厦门大厦", "dasha"),
            ("厦门大厦", "xmds"),
            ("长山村", "zhangshan"),
            ("长山村", "changshan"),
            ("ABC协会", "bcx"),
            ("ABC协会", "abcxiehui"),
            ("第21届商会", "21"),
            ("第21届商会", "di21j"),
            ("晋江市（安海）商会", "市安海"),
            ("晋江市（安海）商会", "市（安海）"),
            ("晋江市\"安海\"商会", "市“安"),
        ] {
            assert!(finds(name, typed), "{name} {typed}");
        }
        for (name, typed) in [
            ("金井镇", "jzj"),
            ("金井镇", "in"),
            ("金井镇", "ing"),
            ("金井镇", "井金"),
            ("金井镇", "晋"),
            ("金井镇", "|"),
            ("金井镇", "·"),
            ("金井镇", "%"),
            ("--", "-"),
        ] {
            assert!(!finds(name, typed), "{name} {typed}");
        }
    }

    #[test]
    fn a_long_name_has_words_of_a_bounded_length() {
        let name = "长行".repeat(50);
        assert!(words(&name).split(MARK).skip(2).all(|word| word.chars().count() <= LENGTH));
        assert!(words(&name).len() < 40_000);
        assert!(finds(&name, &"changhang".repeat(10)));
    }

    proptest! {
        #[test]
        fn every_part_of_a_name_finds_it(name in "[a-z0-9安海金井商会（）“”· ]{1,20}", from in 0usize..20, length in 1usize..20) {
            let part: String = name.chars().skip(from).take(length).collect();
            prop_assume!(!letters(&part).is_empty());
            prop_assert!(finds(&name, &part), "{} {}", name, part);
        }

        #[test]
        fn no_text_makes_it_panic(name in "\\PC{0,40}") {
            let _ = (key(&name), words(&name), sought(&name));
        }
    }
}
