//! Enrolments as a workbook: the export.

use contract::Lang;
use contract::enrolments::{EnrolmentKind, EnrolmentQuery, EnrolmentState};
use entities::enrolments::OBJECT;
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
        Cell::exported("name", Kind::Text),
        Cell::exported("kind", Kind::Code(&Of::<EnrolmentKind>::ALL)),
        Cell::exported("area_code", Kind::Text),
        Cell::exported("state", Kind::Code(&Of::<EnrolmentState>::ALL)),
        Cell::exported("note", Kind::Text),
    ],
}];

/// Writes all that a list would show.
///
/// # Errors
/// What the database says.
pub async fn export(app: &App, caller: &Caller, query: &EnrolmentQuery, lang: Lang) -> Result<Download> {
    let mut writer = Writer::start(SHEETS, lang);
    service::each(&app.database.read, caller, query, async |rows| writer.rows(0, rows.iter().map(to_map).collect()).await)
        .await?;
    writer.finish(app, caller, OBJECT, query).await
}
