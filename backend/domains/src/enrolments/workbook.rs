//! The export of enrolments as a workbook.

use contract::enrolments::{EnrolmentKind, EnrolmentState};
use entities::enrolments::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Enrolments;

impl Exported for Enrolments {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("name", Kind::Text),
            Cell::exported("kind", Kind::Code(&Of::<EnrolmentKind>::ALL)),
            Cell::exported("area_code", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<EnrolmentState>::ALL)),
            Cell::exported("places", Kind::Integer),
            Cell::exported("note", Kind::Text),
        ],
    }];
}
