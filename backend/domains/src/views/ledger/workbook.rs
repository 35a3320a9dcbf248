//! The ledger as a workbook: the month by area, and the months up to it.

use contract::ledger::{LedgerQuery, LedgerRow};
use contract::{CodedEnum, Lang};
use platform::download::Download;
use platform::excel::{Column as Cell, Kind, Sheet, Writer};
use platform::{App, Asker, Caller, Result};
use serde_json::{Map, Value, json};

use super::service;

const OBJECT: &str = "household_ledger";

/// The place, the figures that add up, and those of the end of a month.
const COLUMNS: &[Cell] = &[
    Cell::exported("month", Kind::Text),
    Cell::exported("area_code", Kind::Text),
    Cell::exported("area_name", Kind::Text),
    Cell::exported("opening", Kind::Integer),
    Cell::exported("registered", Kind::Integer),
    Cell::exported("moved_in", Kind::Integer),
    Cell::exported("relapsed", Kind::Integer),
    Cell::exported("lifted_out", Kind::Integer),
    Cell::exported("moved_out", Kind::Integer),
    Cell::exported("left", Kind::Integer),
    Cell::exported("closing", Kind::Integer),
    Cell::exported("unhelped", Kind::Integer),
    Cell::exported("doubly_helped", Kind::Integer),
];

/// The whole area and its parts, and the whole area month by month. Suppressed cells are left empty.
static SHEETS: &[&Sheet] = &[
    &Sheet { name: OBJECT, personal: false, columns: COLUMNS },
    &Sheet { name: "ledger_trend", personal: false, columns: COLUMNS.split_at(11).0 },
];

/// Writes the ledger.
///
/// # Errors
/// Those of [`service::read`].
pub async fn export(app: &App, caller: &Caller, query: &LedgerQuery, lang: Lang) -> Result<Download> {
    let ledger = service::read(&Asker::of(app, caller), query).await?;
    Writer::answer(
        (app, caller, lang),
        OBJECT,
        SHEETS,
        query,
        async move |_: &App, _: &Caller, _: &LedgerQuery, writer: &mut Writer| {
            writer.rows(0, std::iter::once(&ledger.total).chain(&ledger.areas).map(row).collect()).await?;
            writer.rows(1, ledger.trend.iter().map(row).collect()).await
        },
    )
    .await
}

fn row(row: &LedgerRow) -> Map<String, Value> {
    let place = [("month", json!(row.month)), ("area_code", json!(row.area_code)), ("area_name", json!(row.area_name))];
    let figures = row.cells.iter().map(|cell| (cell.figure.code(), json!(cell.value)));
    place.into_iter().chain(figures).map(|(name, value)| (name.to_owned(), value)).collect()
}
