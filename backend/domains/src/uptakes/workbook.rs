//! The export of uptakes as a workbook.

use entities::case_uptakes::OBJECT;
use platform::excel::{Column as Cell, Kind, Sheet};
use platform::object::Exported;

use super::list::Uptakes;

impl Exported for Uptakes {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("case_title", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("taken_on", Kind::Date),
            Cell::exported("words", Kind::Text),
        ],
    }];
}
