//! The export of findings as a workbook.

use contract::findings::{FindingDue, FindingState, Severity};
use contract::projects::ResponsibleSide;
use entities::findings::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Findings;

impl Exported for Findings {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("round_title", Kind::Text),
            Cell::exported("item_text", Kind::Text),
            Cell::exported("severity", Kind::Code(&Of::<Severity>::ALL)),
            Cell::exported("problem", Kind::Text),
            Cell::exported("responsible", Kind::Code(&Of::<ResponsibleSide>::ALL)),
            Cell::exported("found_on", Kind::Date),
            Cell::exported("first_due_on", Kind::Date),
            Cell::exported("due_on", Kind::Date),
            Cell::exported("due", Kind::Code(&Of::<FindingDue>::ALL)),
            Cell::exported("state", Kind::Code(&Of::<FindingState>::ALL)),
            Cell::exported("rectification", Kind::Text),
            Cell::exported("rectified_on", Kind::Date),
            Cell::exported("rectified_by_name", Kind::Text),
            Cell::exported("verification", Kind::Text),
            Cell::exported("verified_by_name", Kind::Text),
            Cell::exported("closed_on", Kind::Date),
            Cell::exported("reopenings", Kind::Integer),
        ],
    }];
}
