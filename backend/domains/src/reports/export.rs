//! Reports as a workbook: the export.

use contract::Lang;
use contract::reports::{ReportQuery, ReportStanding, ReportState, ReportSummary};
use entities::reports::OBJECT;
use platform::audit::to_map;
use platform::clock::local_date;
use platform::download::Download;
use platform::excel::{Column as Cell, Kind, Of, Sheet, Writer};
use platform::{App, Caller, Result};
use serde_json::{Map, Value, json};

use super::service;

/// The sheet of the export.
static SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::exported("month", Kind::Text),
        Cell::exported("town_code", Kind::Text),
        Cell::exported("town_name", Kind::Text),
        Cell::exported("state", Kind::Code(&Of::<ReportState>::ALL)),
        Cell::exported("standing", Kind::Code(&Of::<ReportStanding>::ALL)),
        Cell::exported("row_count", Kind::Integer),
        Cell::exported("due_on", Kind::Date),
        Cell::exported("submitted_at", Kind::Date),
    ],
}];

/// Writes all that a list would show.
pub async fn export(app: &App, caller: &Caller, query: &ReportQuery, lang: Lang) -> Result<Download> {
    let mut writer = Writer::start(SHEETS, lang);
    service::each(&app.database.read, caller, query, app.clock.today(), async |rows| {
        writer.rows(0, rows.iter().map(shown).collect()).await
    })
    .await?;
    writer.finish(app, caller, OBJECT, query).await
}

/// A report with the day it was sent, as it counts: in Asia/Shanghai.
fn shown(report: &ReportSummary) -> Map<String, Value> {
    let mut row = to_map(report);
    row.insert("submitted_at".to_owned(), json!(report.submitted_at.map(local_date)));
    row
}
