//! Enumerations with one code for JSON, database and locale, and a label in each language.

use crate::Lang;

/// An enumeration that travels as a snake_case code and is shown by its label.
///
/// Made by [`coded_enum!`](crate::coded_enum), so that code and labels stand in one place.
pub trait CodedEnum: Copy + Eq + std::fmt::Debug + Send + Sync + 'static {
    /// Every value in the order people expect to see them.
    const ALL: &'static [Self];

    /// The stable code: JSON, database, query strings.
    fn code(self) -> &'static str;

    /// What a person reads.
    fn label(self, lang: Lang) -> &'static str;

    /// The value of a code, if there is one.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.code() == code)
    }
}
