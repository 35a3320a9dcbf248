//! Pairings as a workbook: the export.

use contract::Lang;
use contract::pairings::{PairingQuery, PairingState, ProposedBy};
use entities::pairings::OBJECT;
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
        Cell::exported("village_code", Kind::Text),
        Cell::exported("village_name", Kind::Text),
        Cell::exported("town_name", Kind::Text),
        Cell::exported("organisation_name", Kind::Text),
        Cell::exported("campaign_title", Kind::Text),
        Cell::exported("state", Kind::Code(&Of::<PairingState>::ALL)),
        Cell::exported("proposed_by", Kind::Code(&Of::<ProposedBy>::ALL)),
        Cell::exported("answer_due_on", Kind::Date),
        Cell::exported("active_since", Kind::Date),
        Cell::exported("ended_on", Kind::Date),
        Cell::exported("note", Kind::Text),
    ],
}];

/// Writes all that a list would show.
///
/// # Errors
/// What the database says.
pub async fn export(app: &App, caller: &Caller, query: &PairingQuery, lang: Lang) -> Result<Download> {
    let mut writer = Writer::start(SHEETS, lang);
    service::each(&app.database.read, caller, query, app.clock.today(), async |rows| {
        writer.rows(0, rows.iter().map(to_map).collect()).await
    })
    .await?;
    writer.finish(app, caller, OBJECT, query).await
}
