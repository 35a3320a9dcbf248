//! The export of inspections as a workbook.

use contract::inspections::{Conclusion, Inspection, InspectionState, RoundKind};
use entities::inspections::OBJECT;
use platform::audit::to_map;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;
use serde_json::{Map, Value};

use super::list::Inspections;

impl Exported for Inspections {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("round_title", Kind::Text),
            Cell::exported("kind", Kind::Code(&Of::<RoundKind>::ALL)),
            Cell::exported("planned_on", Kind::Date),
            Cell::exported("held_on", Kind::Date),
            Cell::exported("inspector_names", Kind::Text),
            Cell::exported("conclusion", Kind::Code(&Of::<Conclusion>::ALL)),
            Cell::exported("summary", Kind::Text),
            Cell::exported("findings", Kind::Integer),
            Cell::exported("findings_open", Kind::Integer),
            Cell::exported("state", Kind::Code(&Of::<InspectionState>::ALL)),
        ],
    }];

    fn cells(inspection: &Inspection) -> Map<String, Value> {
        let mut cells = to_map(inspection);
        cells.insert("inspector_names".to_owned(), inspection.inspector_names.join("、").into());
        cells
    }
}
