//! The export of difficulties as a workbook.

use contract::adoptions::DifficultyState;
use entities::difficulties::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Difficulties;

impl Exported for Difficulties {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("institution_name", Kind::Text),
            Cell::exported("title", Kind::Text),
            Cell::exported("description", Kind::Text),
            Cell::exported("raised_on", Kind::Date),
            Cell::exported("state", Kind::Code(&Of::<DifficultyState>::ALL)),
            Cell::exported("solved_on", Kind::Date),
            Cell::exported("solution", Kind::Text),
            Cell::exported("cadre_name", Kind::Text),
        ],
    }];
}
