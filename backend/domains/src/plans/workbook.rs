//! Plans as a workbook: the export, names masked.

use contract::Lang;
use contract::plans::{PlanQuery, PlanState};
use entities::plans::OBJECT;
use platform::audit::to_map;
use platform::download::Download;
use platform::excel::{Column as Cell, Kind, Of, Sheet, Writer};
use platform::{App, Caller, Result};

use super::service::{self};

/// The sheet of the export.
static SHEETS: &[&Sheet] = &[&Sheet {
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

/// Writes all that a list would show.
///
/// # Errors
/// What the database says.
pub async fn export(app: &App, caller: &Caller, query: &PlanQuery, lang: Lang) -> Result<Download> {
    let mut writer = Writer::start(SHEETS, lang);
    service::each(&app.database.read, caller, &app.vault, query, async |rows| {
        writer.rows(0, rows.iter().map(to_map).collect()).await
    })
    .await?;
    writer.finish(app, caller, OBJECT, query).await
}
