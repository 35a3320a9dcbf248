//! What an import of a workbook found and did.

use crate::{FieldError, Lang, answer, query};

/// The most faults an answer lists.
pub const MAX_ERRORS: usize = 1_000;
/// The most changes an answer lists.
pub const MAX_CHANGES: usize = 1_000;

/// The most notes an answer lists.
pub const MAX_NOTES: usize = 1_000;

/// How an import is to go.
#[query]
#[derive(Copy, Default, Eq)]
#[serde(default)]
pub struct ImportQuery {
    /// Only checks, and reports every bad cell; changes nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", param(default = false))]
    pub dry_run: bool,
}

/// What an import did, or in a dry run would do.
#[answer]
#[derive(Default)]
pub struct ImportReport {
    pub dry_run: bool,
    /// Rows that were read, in all sheets; empty ones are passed over.
    #[limit(0..)]
    pub rows: u32,
    /// Objects that are new.
    #[limit(0..)]
    pub created: u32,
    /// Objects that change; the other ones were the same already.
    #[limit(0..)]
    pub updated: u32,
    /// Every bad cell, up to the first 1,000. Always empty unless this is a dry run: an import with faults is refused.
    #[limit(..=1000)]
    pub errors: Vec<CellError>,
    /// Number of faults found.
    #[limit(0..)]
    pub errors_total: u32,
    /// True where there are more faults than are listed.
    pub errors_truncated: bool,
    /// What of the workbook is not imported although it is no fault, up to the first 1,000: columns that are none of the sheet's, each named at its header, up to 100 of a
    /// sheet; cells of columns that only exports fill, where they say something else than what is kept; rows of an export that are not there any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[limit(..=1000)]
    pub notes: Vec<CellError>,
    /// True where there are more notes than are listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub notes_truncated: bool,
    /// What each cell of known objects would change, up to the first 1,000, also where their rows have other faults. Always empty unless this is a dry run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[limit(..=1000)]
    pub changes: Vec<CellChange>,
    /// True where more cells would change than are listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes_truncated: bool,
    /// True where a dry run has looked for nobody in other files, because it holds more persons than one may look up in a day.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub persons_unchecked: bool,
}

/// What is wrong with one cell.
#[answer]
pub struct CellError {
    /// Name of the sheet: `villages`, `organisations`, `directed_donations`, `households` or `household_members`.
    #[limit(..=60)]
    pub sheet: String,
    /// Number of the row, as a spreadsheet program shows it.
    #[limit(1..=1_048_576)]
    pub row: u32,
    /// Letters of the column.
    #[limit(..=3, pattern = "^[A-Z]{1,3}$")]
    pub column: String,
    /// JSON name of the field, of one within another its path; empty for a column that is none of the sheet's.
    #[limit(..=60)]
    pub field: String,
    /// What the cell holds, as far as it is text; long ones are cut. Left out in sheets about persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(..=100)]
    pub value: Option<String>,
    /// Stable code of the fault.
    #[limit(..=60)]
    pub code: String,
    /// What a person reads, in the caller's language.
    #[limit(..=500)]
    pub message: String,
}

/// What an import would change in one cell.
#[answer]
pub struct CellChange {
    /// Name of the sheet, as of a fault.
    #[limit(..=60)]
    pub sheet: String,
    /// Number of the row, as a spreadsheet program shows it.
    #[limit(1..=1_048_576)]
    pub row: u32,
    /// Letters of the column.
    #[limit(..=3, pattern = "^[A-Z]{1,3}$")]
    pub column: String,
    /// JSON name of the field, of one within another its path.
    #[limit(..=60)]
    pub field: String,
    /// What is kept now, as a workbook in the caller's language shows it; long texts are cut, personal data is masked. Left out where there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(..=100)]
    pub old: Option<String>,
    /// What would be kept, shown in the same way. Left out where it would be cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(..=100)]
    pub new: Option<String>,
}

impl CellChange {
    /// The change of a cell. What the cell holds itself does not matter.
    pub fn new(cell: Cell<'_>, old: Option<String>, new: Option<String>) -> Self {
        let cut = |text: Option<String>| text.map(|text| text.chars().take(CellError::VALUE_LENGTH).collect());
        let Cell { sheet, row, column, field, .. } = cell;
        Self { sheet: sheet.to_owned(), row, column, field: field.to_owned(), old: cut(old), new: cut(new) }
    }
}

impl TryFrom<FieldError> for CellError {
    type Error = FieldError;

    /// The cell that a fault of a refused import is about; the fault itself where it is about none.
    fn try_from(fault: FieldError) -> Result<Self, FieldError> {
        let at = |fault: &FieldError| {
            let (sheet, rest) = fault.pointer.strip_prefix('/')?.split_once('/')?;
            let (row, field) = rest.split_once('/')?;
            let (place, message) = fault.message.split_once(": ")?;
            let column = place.strip_suffix(row)?;
            Some(Self {
                sheet: sheet.to_owned(),
                row: row.parse().ok()?,
                column: column.to_owned(),
                field: field.to_owned(),
                value: None,
                code: fault.code.clone().into_owned(),
                message: message.to_owned(),
            })
        };
        at(&fault).ok_or(fault)
    }
}

/// Where a cell is, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    pub sheet: &'a str,
    pub row: u32,
    pub column: String,
    pub field: &'a str,
    pub value: Option<String>,
}

impl CellError {
    /// The most characters of a cell that are told.
    const VALUE_LENGTH: usize = 100;

    /// The fault at its cell.
    pub fn new(cell: Cell<'_>, fault: FieldError, lang: Lang) -> Self {
        let fault = fault.localised(lang);
        let Cell { sheet, row, column, field, value } = cell;
        Self {
            sheet: sheet.to_owned(),
            row,
            column,
            field: field.to_owned(),
            value: value.map(|value| value.chars().take(Self::VALUE_LENGTH).collect()),
            code: fault.code.into_owned(),
            message: fault.message,
        }
    }
}

impl From<CellError> for FieldError {
    fn from(cell: CellError) -> Self {
        let mut fault = Self::new(format!("/{}/{}/{}", cell.sheet, cell.row, cell.field), cell.code, serde_json::Map::new());
        fault.message = format!("{}{}: {}", cell.column, cell.row, cell.message);
        fault
    }
}

/// A workbook to import.
#[cfg(feature = "schema")]
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkbookUpload {
    /// An .xlsx workbook laid out like the template, at most 20 MiB.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

/// An .xlsx workbook.
#[cfg(feature = "schema")]
#[derive(Debug, utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Workbook(pub Vec<u8>);
