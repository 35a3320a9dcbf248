//! Finds the rows that a sheet hides, which the reader of cells does not report.

use std::collections::{HashMap, HashSet};

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::guard::refuse;
use crate::Result;

/// The most hidden rows with cells in a workbook.
const LIMIT: usize = 100_000;

/// The hidden rows of a workbook.
#[derive(Debug, Default)]
pub struct Hidden {
    /// The name of each sheet, and the relation to its part.
    sheets: Vec<(String, String)>,
    /// The target part of each relation of the workbook.
    parts: HashMap<String, String>,
    /// Hidden rows with cells, counted from 0, by part.
    rows: HashMap<String, HashSet<u32>>,
    found: usize,
    /// The current row, and whether it is hidden and not recorded yet.
    row: (u32, bool),
    next: u32,
}

impl Hidden {
    /// Whether a sheet hides a row.
    pub fn has(&self, sheet: &str, row: u32) -> bool {
        let id = self.sheets.iter().find(|(name, _)| name == sheet).map(|(_, id)| id);
        let rows = id.and_then(|id| self.parts.get(id)).and_then(|part| self.rows.get(part));
        rows.is_some_and(|rows| rows.contains(&row))
    }

    /// Begins another part.
    pub fn part(&mut self) {
        (self.row, self.next) = ((0, false), 0);
    }

    /// Reads a tag of a part, whose name is in lower case.
    ///
    /// # Errors
    /// `invalid_workbook` if too many rows are hidden.
    pub fn tag(&mut self, part: &str, tag: &BytesStart<'_>) -> Result<()> {
        match tag.local_name().as_ref() {
            "sheet" if part == "xl/workbook.xml" => {
                self.sheets.extend(value(tag, "name").zip(value(tag, "id")));
            }
            "Relationship" if part == "xl/_rels/workbook.xml.rels" => {
                let target = value(tag, "Target").map(|target| target.to_ascii_lowercase());
                let whole = target.map(|target| match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None if target.starts_with("xl/") => target,
                    None => format!("xl/{target}"),
                });
                self.parts.extend(value(tag, "Id").zip(whole));
            }
            "row" => {
                let number = value(tag, "r").and_then(|number| number.parse::<u32>().ok()?.checked_sub(1)).unwrap_or(self.next);
                let hidden = value(tag, "hidden").is_some_and(|hidden| hidden == "1" || hidden == "true");
                (self.row, self.next) = ((number, hidden), number.saturating_add(1));
            }
            "c" if self.row.1 => {
                self.row.1 = false;
                self.found += 1;
                if self.found > LIMIT {
                    return Err(refuse(
                        "隐藏的行过多，请取消隐藏或删除后再试 / too many rows are hidden: show them, or delete them",
                    ));
                }
                self.rows.entry(part.to_owned()).or_default().insert(self.row.0);
            }
            _ => {}
        }
        Ok(())
    }
}

fn value(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}
