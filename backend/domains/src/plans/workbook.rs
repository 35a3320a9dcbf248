//! The export of plans as a workbook, with masked names.

use contract::plans::PlanState;
use entities::plans::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Plans;

impl Exported for Plans {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: true,
        columns: &[
            Cell::exported("file_number", Kind::Text),
            Cell::exported("head_name", Kind::Text),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("campaign_title", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<PlanState>::ALL)),
            Cell::exported("agreed_on", Kind::Date),
            Cell::exported("agreed_by", Kind::Text),
            Cell::exported("measures_total", Kind::Integer),
            Cell::exported("measures_fulfilled", Kind::Integer),
        ],
    }];
}
