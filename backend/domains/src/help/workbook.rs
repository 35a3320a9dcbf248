//! The export of help as a workbook.

use contract::adoptions::{HelpKind, HelpState};
use entities::help_records::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::HelpRecords;

impl Exported for HelpRecords {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("happened_on", Kind::Date),
            Cell::exported("institution_name", Kind::Text),
            Cell::exported("cadre_name", Kind::Text),
            Cell::exported("kind", Kind::Code(&Of::<HelpKind>::ALL)),
            Cell::exported("amount_fen", Kind::Money),
            Cell::exported("hours", Kind::Integer),
            Cell::exported("description", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<HelpState>::ALL)),
        ],
    }];
}
