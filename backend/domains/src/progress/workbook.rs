//! The export of progress updates as a workbook.

use entities::progress::OBJECT;
use platform::excel::{Column as Cell, Kind, Sheet};
use platform::object::Exported;

use super::list::ProgressUpdates;

impl Exported for ProgressUpdates {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("month", Kind::Text),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("content", Kind::Text),
            Cell::exported("progress", Kind::Text),
        ],
    }];
}
