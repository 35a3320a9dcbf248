//! Numbers as people type them: what is wide, spaced or in small letters is read, and kept in one form.
//!
//! A field names its reader with `deserialize_with`, so that the API, workbooks, the app and what is kept agree. What cannot be
//! read stays as it was typed, and its rule refuses it.

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

/// An identity number as it stands on the card: no blanks or dashes, a capital X.
pub fn identity_number(typed: &str) -> String {
    let parts = narrow(typed).to_ascii_uppercase();
    parts.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// An account at a bank without the blanks that stand between its groups.
pub fn bank_account(typed: &str) -> String {
    narrow(typed).split_whitespace().collect()
}

/// Reads an identity number with [`identity_number`].
///
/// # Errors
/// What the format says.
pub fn read_identity_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    read(from, identity_number)
}

/// Reads an account with [`bank_account`].
///
/// # Errors
/// What the format says.
pub fn read_bank_account<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    read(from, bank_account)
}

/// Reads telephone numbers with [`phone::read`].
///
/// # Errors
/// What the format says.
pub fn read_phone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    read(from, |typed| phone::read(typed).unwrap_or_else(|| typed.to_owned()))
}

fn read<'de, D: Deserializer<'de>>(from: D, read: impl Fn(&str) -> String) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(|typed| read(&typed)))
}
