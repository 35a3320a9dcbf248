//! Numbers as people type them: what is wide, spaced or in small letters is read, and kept in one form.
//!
//! `#[limit(…)]` gives the field of a code its reader (`macros`), so that the API, workbooks, the app and what is kept agree. What
//! cannot be read stays as it was typed, and its rule refuses it.

use serde::{Deserialize, Deserializer};

use crate::phone;

/// The text with characters of full width as those of a keyboard.
pub fn narrow(text: &str) -> String {
    let narrowed = text.chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        c => c,
    });
    narrowed.collect()
}

/// The code of an area or an organisation, as it stands in registers: no blanks or dashes, capital letters.
pub fn code(typed: &str) -> String {
    let parts = narrow(typed).to_ascii_uppercase();
    parts.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// The number of a document as it stands on it: [`code`], without the brackets around how often it was issued.
pub fn document_number(typed: &str) -> String {
    code(typed).replace(['(', ')'], "")
}

/// An account at a bank without the blanks that stand between its groups.
pub fn bank_account(typed: &str) -> String {
    narrow(typed).split_whitespace().collect()
}

/// Reads a code with [`code`].
///
/// # Errors
/// What the format says.
pub fn read_code<'de, D: Deserializer<'de>, T: Text<'de>>(from: D) -> Result<T, D::Error> {
    read(from, code)
}

/// Reads the number of a document with [`document_number`].
///
/// # Errors
/// What the format says.
pub fn read_document_number<'de, D: Deserializer<'de>, T: Text<'de>>(from: D) -> Result<T, D::Error> {
    read(from, document_number)
}

/// Reads an account with [`bank_account`].
///
/// # Errors
/// What the format says.
pub fn read_bank_account<'de, D: Deserializer<'de>, T: Text<'de>>(from: D) -> Result<T, D::Error> {
    read(from, bank_account)
}

/// Reads telephone numbers with [`phone::read`].
///
/// # Errors
/// What the format says.
pub fn read_phone<'de, D: Deserializer<'de>, T: Text<'de>>(from: D) -> Result<T, D::Error> {
    read(from, |typed| phone::read(typed).unwrap_or_else(|| typed.to_owned()))
}

/// A text that must be there, or may be left out.
pub trait Text<'de>: Deserialize<'de> {
    /// The same with what is read of it.
    fn read(self, read: impl Fn(&str) -> String) -> Self;
}

impl Text<'_> for String {
    fn read(self, read: impl Fn(&str) -> String) -> Self {
        read(&self)
    }
}

impl Text<'_> for Option<String> {
    fn read(self, read: impl Fn(&str) -> String) -> Self {
        self.map(|typed| read(&typed))
    }
}

fn read<'de, D: Deserializer<'de>, T: Text<'de>>(from: D, read: impl Fn(&str) -> String) -> Result<T, D::Error> {
    Ok(T::deserialize(from)?.read(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in [
            "51350582MJ0000018G",
            "51350582mj0000018g",
            "５１３５０５８２ＭＪ０００００１８Ｇ",
            " 5135 0582 MJ00 0001 8G ",
            "51350582-MJ000001-8G",
        ] {
            assert_eq!(code(typed), "51350582MJ0000018G", "{typed}");
        }
        assert_eq!(code("３５０５８２１０１　２０１"), "350582101201");
        assert_eq!(document_number("h12345678（01）"), "H1234567801");
        assert_eq!(document_number("e 1234 5678"), "E12345678");
    }
}
