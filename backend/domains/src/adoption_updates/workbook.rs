//! The export of monthly updates as a workbook.

use entities::adoption_updates::OBJECT;
use platform::excel::{Column as Cell, Kind, Sheet};
use platform::object::Exported;

use super::list::AdoptionUpdates;

impl Exported for AdoptionUpdates {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("month", Kind::Text),
            Cell::exported("institution_name", Kind::Text),
            Cell::exported("cadre_name", Kind::Text),
            Cell::exported("content", Kind::Text),
        ],
    }];
}
