//! Workbooks: one declaration of a sheet gives its template, its export and its import.

mod carried;
mod cell;
mod contents;
mod export;
mod fields;
mod guard;
mod hidden;
mod ofd;
mod read;
mod report;
mod template;

use std::marker::PhantomData;

use contract::labels::label;
use contract::{CodedEnum, Lang};
use serde_json::{Map, Value};

pub use cell::is_like_a_formula;
pub use export::{Writer, file_name, in_memory};
pub use guard::{COMPOUND_FILE, office_type};
pub use ofd::without_author as ofd_without_author;
pub use read::{Book, Row, Table, read};
pub use report::{Report, record_bulk};
pub use template::template;

/// Media type of .xlsx.
pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Media type of .docx.
pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// Media type of .ofd, the fixed layout of official documents (GB/T 33190).
pub const OFD: &str = "application/ofd";
/// Rows that are looked up and written with one statement: fewer than the parameter limits of both databases.
pub const BATCH: usize = 1_000;

/// The field of [`Column::version`].
const VERSION: &str = "version";
/// The field of [`Column::row_id`].
const ROW_ID: &str = "id";

/// A sheet of a workbook. The first column is the key of its rows.
#[derive(Debug)]
pub struct Sheet {
    /// The JSON name, which also identifies its label.
    pub name: &'static str,
    pub columns: &'static [Column],
    /// Whether it contains personal data. A report of its faults then repeats no typed text.
    pub personal: bool,
}

/// A column: a field of the rows.
#[derive(Debug)]
pub struct Column {
    /// The JSON name; for a nested field its path, such as `consent/given_on`.
    pub field: &'static str,
    /// The name of its label, the header, if it differs from the last part of the field.
    pub named: Option<&'static str>,
    pub kind: Kind,
    pub required: bool,
    /// Whether it must be filled in if another field of the same object is.
    pub needed: bool,
    /// A valid value, as a person types it.
    pub example: &'static str,
    /// For a column that exports fill and imports do not take: the note about a changed cell, which says where that is changed
    /// instead.
    pub elsewhere: Option<&'static str>,
    /// How it is masked for those who need not know it. If an export contains the masked value, an import leaves the field as it
    /// is.
    pub mask: Option<fn(&str) -> String>,
}

/// The type of a column's cells.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Identifies the object, but is no field of its input.
    Key,
    Text,
    Integer,
    /// In yuan; fen in the contract.
    Money,
    Date,
    /// 是 or 否.
    Flag,
    /// One of an enumeration, by label or code.
    Code(&'static dyn Choices),
    /// Several of an enumeration, separated by 、.
    Codes(&'static dyn Choices),
    /// Identifies the row that an export wrote, or its version. It shows an import what has changed since.
    Mark,
    /// 是 removes the row's object.
    Removal,
}

impl Sheet {
    /// The fields that a row sets.
    pub fn inputs(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().filter(|column| column.is_input()).map(|column| column.field)
    }

    /// An object made from the examples.
    pub fn example(&self) -> Value {
        let mut example = Map::new();
        for column in self.columns.iter().filter(|column| column.is_input()) {
            column.put(&mut example, cell::value(column.kind, column.example).unwrap_or_default());
        }
        example.into()
    }
}

impl Column {
    /// A column that may be empty or missing.
    pub const fn new(field: &'static str, kind: Kind, example: &'static str) -> Self {
        Self { field, named: None, kind, required: false, needed: false, example, elsewhere: None, mask: None }
    }

    /// A column that must exist and be filled in.
    pub const fn required(field: &'static str, kind: Kind, example: &'static str) -> Self {
        Self { required: true, ..Self::new(field, kind, example) }
    }

    /// The same column with the label of another name.
    pub const fn named(self, name: &'static str) -> Self {
        Self { named: Some(name), ..self }
    }

    /// A column that exports fill and imports do not take. [`Report::compare`] notes its changed cells as `elsewhere`.
    pub const fn read_only(field: &'static str, kind: Kind, elsewhere: &'static str) -> Self {
        Self { elsewhere: Some(elsewhere), ..Self::new(field, kind, "") }
    }

    /// A column of a sheet that is only exported.
    pub const fn exported(field: &'static str, kind: Kind) -> Self {
        Self::new(field, kind, "")
    }

    /// The version of the row's object when it was exported.
    pub const fn version() -> Self {
        Self::new(VERSION, Kind::Mark, "").named("row_version")
    }

    /// The id of the row's object, if that has no key that people know.
    pub const fn row_id() -> Self {
        Self::new(ROW_ID, Kind::Mark, "").named("row_id")
    }

    /// The same column with personal data, which reports show masked.
    pub const fn masked(self, mask: fn(&str) -> String) -> Self {
        Self { mask: Some(mask), ..self }
    }

    fn is_input(&self) -> bool {
        self.elsewhere.is_none() && !matches!(self.kind, Kind::Key | Kind::Mark | Kind::Removal)
    }

    /// Whether templates have it.
    fn is_filled_in(&self) -> bool {
        self.elsewhere.is_none() && !matches!(self.kind, Kind::Mark)
    }

    /// The same column, to be filled in if another field of its object is.
    pub const fn needed(self) -> Self {
        Self { needed: true, ..self }
    }

    /// A text in its stored form: rows are looked up by codes of areas and organisations, which need one form.
    fn kept(&self, typed: String) -> String {
        if self.field == "code" || self.field.ends_with("_code") { contract::typed::code(&typed) } else { typed }
    }

    /// The object that a nested field is in.
    fn outer(&self) -> Option<&'static str> {
        self.field.split_once('/').map(|(outer, _)| outer)
    }

    /// The name of its label.
    fn name(&self) -> &'static str {
        self.named.or(self.field.rsplit('/').next()).unwrap_or(self.field)
    }

    /// The field's value among the fields of an object; `None` if it is null.
    fn of<'a>(&self, fields: &'a Map<String, Value>) -> Option<&'a Value> {
        let value = match self.field.split_once('/') {
            Some((outer, inner)) => fields.get(outer)?.get(inner),
            None => fields.get(self.field),
        };
        value.filter(|value| !value.is_null())
    }

    /// Whether a cell repeats the field's value: literally, or masked.
    fn keeps(&self, typed: &str, now: Option<&Value>) -> bool {
        let Some(text) = now.and_then(Value::as_str) else { return false };
        let is_same = matches!(self.kind, Kind::Text) && cell::seen(text) == cell::seen(typed);
        is_same || self.mask.is_some_and(|mask| mask(text) == typed)
    }

    /// The field's value for a report; `None` if there is nothing to show.
    fn shown(&self, value: Option<&Value>, lang: Lang) -> Option<String> {
        let shown = cell::shown(self.kind, value?, lang);
        Some(self.mask.map_or_else(|| shown.clone(), |mask| mask(&shown))).filter(|shown| !shown.is_empty())
    }

    /// Sets the field, or removes it for null. An object without any field left is removed as well.
    fn put(&self, into: &mut Map<String, Value>, value: Value) {
        match (self.field.split_once('/'), value) {
            (None, Value::Null) => drop(into.remove(self.field)),
            (None, value) => drop(into.insert(self.field.to_owned(), value)),
            (Some((outer, inner)), value) => {
                let mut object = match into.remove(outer) {
                    Some(Value::Object(object)) => object,
                    _ => Map::new(),
                };
                Self { field: inner, ..*self }.put(&mut object, value);
                if !object.is_empty() {
                    into.insert(outer.to_owned(), object.into());
                }
            }
        }
    }

    /// Whether a fault's pointer is about this column: its field, part of it, or an object around it.
    fn is_named(&self, pointer: &str) -> bool {
        let within =
            |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let pointer = pointer.strip_prefix('/').unwrap_or_default();
        !pointer.is_empty() && (within(pointer, self.field) || within(self.field, pointer))
    }
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key => "Key",
            Self::Text => "Text",
            Self::Integer => "Integer",
            Self::Money => "Money",
            Self::Date => "Date",
            Self::Flag => "Flag",
            Self::Code(_) => "Code",
            Self::Codes(_) => "Codes",
            Self::Mark => "Mark",
            Self::Removal => "Removal",
        })
    }
}

/// The values of any enumeration.
pub trait Choices: Sync {
    /// The code of a typed text: a code, or a label in either language.
    fn read(&self, typed: &str) -> Option<&'static str>;
    /// The label of a code.
    fn show(&self, code: &str, lang: Lang) -> Option<&'static str>;
    /// All labels.
    fn labels(&self, lang: Lang) -> Vec<&'static str>;
}

/// The values of the enumeration `T`.
#[derive(Debug)]
pub struct Of<T>(PhantomData<T>);

impl<T> Of<T> {
    pub const ALL: Self = Self(PhantomData);
}

impl<T: CodedEnum> Choices for Of<T> {
    fn read(&self, typed: &str) -> Option<&'static str> {
        let known = |value: &T| [value.code(), value.label(Lang::ZhCn), value.label(Lang::En)];
        T::ALL.iter().find(|value| known(value).iter().any(|name| name.eq_ignore_ascii_case(typed))).map(|value| value.code())
    }

    fn show(&self, code: &str, lang: Lang) -> Option<&'static str> {
        T::from_code(code).map(|value| value.label(lang))
    }

    fn labels(&self, lang: Lang) -> Vec<&'static str> {
        T::ALL.iter().map(|value| value.label(lang)).collect()
    }
}

/// Whether this text is the label of a name, in either language.
fn is_called(text: &str, name: &str) -> bool {
    [Lang::ZhCn, Lang::En].iter().any(|&lang| label(name, lang) == text)
}

/// The letters of a column: A for 0, AA for 26.
fn letters(column: u32) -> String {
    let mut letters = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.insert(0, char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters
}

#[cfg(test)]
mod tests;
