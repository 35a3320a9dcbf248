//! Progress updates as a workbook: the export.

use contract::Lang;
use contract::progress::ProgressQuery;
use entities::progress::OBJECT;
use platform::audit::to_map;
use platform::download::Download;
use platform::excel::{Column as Cell, Kind, Sheet, Writer};
use platform::{App, Caller, Result};

use super::service::{self};

/// The sheet of the export.
static SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::exported("month", Kind::Text),
        Cell::exported("village_code", Kind::Text),
        Cell::exported("village_name", Kind::Text),
        Cell::exported("town_name", Kind::Text),
        Cell::exported("organisation_name", Kind::Text),
        Cell::exported("content", Kind::Text),
        Cell::exported("progress", Kind::Text),
    ],
}];

/// Writes all that a list would show.
///
/// # Errors
/// What the database says.
pub async fn export(app: &App, caller: &Caller, query: &ProgressQuery, lang: Lang) -> Result<Download> {
    let mut writer = Writer::start(SHEETS, lang);
    service::each(&app.database.read, caller, query, async |rows| writer.rows(0, rows.iter().map(to_map).collect()).await)
        .await?;
    writer.finish(app, caller, OBJECT, query).await
}
