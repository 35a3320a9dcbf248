//! The export of checklists as a workbook: a row for each item would repeat their titles, so each checklist is a row.

use contract::inspections::{Checklist, ChecklistState};
use entities::checklists::OBJECT;
use platform::audit::to_map;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;
use serde_json::{Map, Value};

use super::list::Checklists;

impl Exported for Checklists {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("title", Kind::Text),
            Cell::exported("description", Kind::Text),
            Cell::exported("items", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<ChecklistState>::ALL)),
        ],
    }];

    fn cells(checklist: &Checklist) -> Map<String, Value> {
        let mut cells = to_map(checklist);
        let items = (1..).zip(&checklist.details.items).map(|(number, item): (u32, _)| format!("{number}. {}", item.text));
        cells.insert("items".to_owned(), items.collect::<Vec<_>>().join("\n").into());
        cells
    }
}
