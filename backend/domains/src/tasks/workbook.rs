//! Tasks as a workbook: the export.

use contract::Lang;
use contract::projects::{ResponsibleSide, TaskQuery, TaskState};
use entities::tasks::OBJECT;
use platform::audit::to_map;
use platform::download::Download;
use platform::excel::{Column as Cell, Kind, Of, Sheet, Writer};
use platform::{App, Caller, Result};

use super::service::{self};

/// The sheet of the export.
static SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::exported("title", Kind::Text),
        Cell::exported("project_title", Kind::Text),
        Cell::exported("village_code", Kind::Text),
        Cell::exported("village_name", Kind::Text),
        Cell::exported("organisation_name", Kind::Text),
        Cell::exported("month", Kind::Text),
        Cell::exported("responsible", Kind::Code(&Of::<ResponsibleSide>::ALL)),
        Cell::exported("due_on", Kind::Date),
        Cell::exported("state", Kind::Code(&Of::<TaskState>::ALL)),
        Cell::exported("done_on", Kind::Date),
        Cell::exported("overdue", Kind::Flag),
        Cell::exported("weight", Kind::Integer),
    ],
}];

/// Writes all that a list would show.
///
/// # Errors
/// What the database says.
pub async fn export(app: &App, caller: &Caller, query: &TaskQuery, lang: Lang) -> Result<Download> {
    let mut writer = Writer::start(SHEETS, lang);
    service::each(&app.database.read, caller, query, app.clock.today(), async |rows| {
        writer.rows(0, rows.iter().map(to_map).collect()).await
    })
    .await?;
    writer.finish(app, caller, OBJECT, query).await
}
