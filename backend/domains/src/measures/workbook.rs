//! Measures as a workbook: the export, names masked.

use contract::Lang;
use contract::assistance::AidKind;
use contract::campaigns::Goal;
use contract::plans::{MeasureQuery, MeasureSide, MeasureState, PlanState};
use entities::measures::OBJECT;
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

/// Writes all that a list would show.
///
/// # Errors
/// What the database says.
pub async fn export(app: &App, caller: &Caller, query: &MeasureQuery, lang: Lang) -> Result<Download> {
    let mut writer = Writer::start(SHEETS, lang);
    service::each(&app.database.read, caller, &app.vault, query, app.clock.today(), async |rows| {
        writer.rows(0, rows.iter().map(to_map).collect()).await
    })
    .await?;
    writer.finish(app, caller, OBJECT, query).await
}
