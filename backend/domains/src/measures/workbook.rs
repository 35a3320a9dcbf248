//! The export of measures as a workbook, with masked names.

use contract::assistance::AidKind;
use contract::campaigns::Goal;
use contract::plans::{MeasureSide, MeasureState, PlanState};
use entities::measures::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Measures;

impl Exported for Measures {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: true,
        columns: &[
            Cell::exported("file_number", Kind::Text),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("month", Kind::Text),
            Cell::exported("kind", Kind::Code(&Of::<AidKind>::ALL)),
            Cell::exported("goal", Kind::Code(&Of::<Goal>::ALL)),
            Cell::exported("description", Kind::Text),
            Cell::exported("responsible", Kind::Code(&Of::<MeasureSide>::ALL)),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("member_name", Kind::Text),
            Cell::exported("amount_fen", Kind::Money),
            Cell::exported("given_fen", Kind::Money),
            Cell::exported("records", Kind::Integer),
            Cell::exported("state", Kind::Code(&Of::<MeasureState>::ALL)),
            Cell::exported("plan_state", Kind::Code(&Of::<PlanState>::ALL)),
        ],
    }];
}
