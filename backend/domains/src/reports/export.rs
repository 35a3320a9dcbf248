//! The export of reports as a workbook.

use contract::reports::{ReportStanding, ReportState, ReportSummary};
use entities::reports::{OBJECT, SummaryRow};
use platform::audit::to_map;
use platform::clock::local_date;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;
use serde_json::{Map, Value, json};

use super::list::Reports;

impl Exported<SummaryRow> for Reports {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("month", Kind::Text),
            Cell::exported("town_code", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<ReportState>::ALL)),
            Cell::exported("standing", Kind::Code(&Of::<ReportStanding>::ALL)),
            Cell::exported("row_count", Kind::Integer),
            Cell::exported("nil", Kind::Flag),
            Cell::exported("due_on", Kind::Date),
            Cell::exported("submitted_at", Kind::Date),
        ],
    }];

    /// Adds the day it was sent, in Asia/Shanghai.
    fn cells(report: &ReportSummary) -> Map<String, Value> {
        let mut row = to_map(report);
        row.insert("submitted_at".to_owned(), json!(report.submitted_at.map(local_date)));
        row
    }
}
