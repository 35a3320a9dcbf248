//! Outcomes as a workbook: the export.

use contract::Lang;
use contract::campaigns::{Goal, Indicator};
use contract::outcomes::{Outcome, OutcomeQuery, OutcomeState};
use entities::outcomes::OBJECT;
use platform::audit::to_map;
use platform::download::Download;
use platform::excel::{Column as Cell, Kind, Of, Sheet, Writer};
use platform::{App, Caller, Result};
use serde_json::{Map, Value};

use super::service::{self};

/// The sheet of the export.
static SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::exported("goal", Kind::Code(&Of::<Goal>::ALL)),
        Cell::exported("indicator", Kind::Code(&Of::<Indicator>::ALL)),
        Cell::exported("quantity", Kind::Integer),
        Cell::exported("amount_fen", Kind::Money),
        Cell::exported("village_code", Kind::Text),
        Cell::exported("village_name", Kind::Text),
        Cell::exported("organisation_name", Kind::Text),
        Cell::exported("happened_on", Kind::Date),
        Cell::exported("state", Kind::Code(&Of::<OutcomeState>::ALL)),
        Cell::exported("description", Kind::Text),
    ],
}];

/// Writes all that a list would show.
///
/// # Errors
/// What the database says.
pub async fn export(app: &App, caller: &Caller, query: &OutcomeQuery, lang: Lang) -> Result<Download> {
    let mut writer = Writer::start(SHEETS, lang);
    service::each(&app.database.read, caller, query, async |rows| writer.rows(0, rows.iter().map(shown).collect()).await).await?;
    writer.finish(app, caller, OBJECT, query).await
}

/// An outcome with its money in a column of its own, which is in yuan.
fn shown(outcome: &Outcome) -> Map<String, Value> {
    let mut row = to_map(outcome);
    if outcome.indicator.is_money() {
        let amount = row["quantity"].take();
        row.insert("amount_fen".to_owned(), amount);
    }
    row
}
