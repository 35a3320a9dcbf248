//! What is shown of personal data to those who need not know it.

use crate::phone::{BETWEEN, LEADS};

/// What stands in the place of a name or a text that is damaged where it is kept.
pub const UNREADABLE: &str = "—";

/// A name: the first character alone, `张*`.
pub fn name(name: &str) -> String {
    if name == UNREADABLE {
        return name.to_owned();
    }
    let mut characters = name.chars();
    let first = characters.next().map(String::from).unwrap_or_default();
    first + &"*".repeat(characters.count().max(1))
}

/// The number of a document: of an identity card area and the last four, `350582********0012`; of others, which are shorter, the first
/// character and the last three, `E*****678`.
pub fn document_number(number: &str) -> String {
    if number.len() == 18 { ends(number, 6, 4) } else { ends(number, 1, 3) }
}

/// Telephone numbers, each `138****5678`, without their extensions.
pub fn phone(numbers: &str) -> String {
    let masked: Vec<_> =
        numbers.split(BETWEEN).map(|number| ends(number.split(LEADS).next().unwrap_or_default(), 3, 4)).collect();
    masked.join(&BETWEEN.to_string())
}

/// An account: its last four.
pub fn bank_account(number: &str) -> String {
    ends(number, 0, 4)
}

/// The first and last characters of a text; of one that is too short to hide most of the rest, nothing.
fn ends(text: &str, first: usize, last: usize) -> String {
    let characters: Vec<_> = text.chars().collect();
    let hidden = characters.len().saturating_sub(first + last);
    if hidden < 4 {
        return "*".repeat(characters.len());
    }
    let tail = characters.len() - last;
    characters.iter().enumerate().map(|(at, &c)| if at < first || at >= tail { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_masked_looks_as_the_rules_say() {
        assert_eq!(name("张三"), "张*");
        assert_eq!(name("欧阳小明"), "欧***");
        assert_eq!(name("张"), "张*");
        assert_eq!(document_number("350582196503120012"), "350582********0012");
        assert_eq!(document_number("E12345678"), "E*****678");
        assert_eq!(document_number("12345678"), "1****678");
        assert_eq!(document_number("AB123"), "*****");
        assert_eq!(phone("13812345678"), "138****5678");
        assert_eq!(phone("8561234"), "*******");
        assert_eq!(phone("13812345678、0595-85661234转801"), "138****5678、059******1234");
        assert_eq!(bank_account("6217001234567890123"), "***************0123");
    }

    proptest! {
        #[test]
        fn at_least_four_characters_of_a_number_are_hidden(number in "[0-9]{7,30}") {
            for masked in [phone(&number), bank_account(&number)] {
                prop_assert_eq!(masked.chars().count(), number.len());
                prop_assert!(masked.matches('*').count() >= 4);
            }
        }
    }
}
