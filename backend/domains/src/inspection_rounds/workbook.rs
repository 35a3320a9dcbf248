//! The export of rounds as a workbook.

use contract::inspections::{RoundKind, RoundState};
use entities::inspection_rounds::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Rounds;

impl Exported for Rounds {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("title", Kind::Text),
            Cell::exported("kind", Kind::Code(&Of::<RoundKind>::ALL)),
            Cell::exported("campaign_title", Kind::Text),
            Cell::exported("area_name", Kind::Text),
            Cell::exported("checklist_title", Kind::Text),
            Cell::exported("starts_on", Kind::Date),
            Cell::exported("ends_on", Kind::Date),
            Cell::exported("inspections", Kind::Integer),
            Cell::exported("held", Kind::Integer),
            Cell::exported("state", Kind::Code(&Of::<RoundState>::ALL)),
        ],
    }];
}
