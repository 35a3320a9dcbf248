//! Projects as a workbook: the export.

use contract::Lang;
use contract::campaigns::Goal;
use contract::projects::{ProjectQuery, ProjectState};
use contract::villages::Industry;
use entities::projects::OBJECT;
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
        Cell::exported("village_code", Kind::Text),
        Cell::exported("village_name", Kind::Text),
        Cell::exported("town_name", Kind::Text),
        Cell::exported("organisation_name", Kind::Text),
        Cell::exported("campaign_title", Kind::Text),
        Cell::exported("goal", Kind::Code(&Of::<Goal>::ALL)),
        Cell::exported("industry", Kind::Code(&Of::<Industry>::ALL)),
        Cell::exported("state", Kind::Code(&Of::<ProjectState>::ALL)),
        Cell::exported("budget_fen", Kind::Money),
        Cell::exported("spent_fen", Kind::Money),
        Cell::exported("over_budget", Kind::Flag),
        Cell::exported("starts_on", Kind::Date),
        Cell::exported("ends_on", Kind::Date),
        Cell::exported("progress_percent", Kind::Integer),
        Cell::exported("tasks_done", Kind::Integer),
        Cell::exported("tasks_total", Kind::Integer),
        Cell::exported("next_due_on", Kind::Date),
        Cell::exported("overdue", Kind::Flag),
    ],
}];

/// Writes all that a list would show.
///
/// # Errors
/// What the database says.
pub async fn export(app: &App, caller: &Caller, query: &ProjectQuery, lang: Lang) -> Result<Download> {
    let mut writer = Writer::start(SHEETS, lang);
    service::each(&app.database.read, caller, query, app.clock.today(), async |rows| {
        writer.rows(0, rows.iter().map(to_map).collect()).await
    })
    .await?;
    writer.finish(app, caller, OBJECT, query).await
}
