//! The operation on the ledger.

use actix_web::web::Json;
use contract::imports::Workbook;
use contract::ledger::{Ledger, LedgerQuery};
use contract::permission::need::ReadLedger;
use domains::views::ledger::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::extract::Language;
use platform::routes;
use platform::{Guard, Query, Result};

pub fn add(api: &mut Api) {
    routes!(api, read_household_ledger, export_household_ledger);
}

/// Read the ledger of households
///
/// How many households were in difficulty at the beginning of a month, how many came and went, how many are at its end (贫困人口动态清零), each figure with the
/// list of its households. A month that an accepted form of the town has closed stays as it is: what is entered of it later counts in the next one that is open. The leading group is told no households, and no number below 5 or from which one below 5 follows: what is held back of a month is
/// held back in every answer.
#[utoipa::path(get, path = "/household-ledger", params(LedgerQuery),
    responses((status = 200, description = "The ledger of the month", body = Ledger)))]
pub async fn read_household_ledger(guard: Guard<ReadLedger>, query: Query<LedgerQuery>) -> Result<Json<Ledger>> {
    service::read(&guard.asker(), &query.0).await.map(Json)
}

/// Export the ledger of households
///
/// The month by area, and the months up to it, as an .xlsx workbook.
#[utoipa::path(get, path = "/household-ledger/workbook", params(LedgerQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_household_ledger(
    guard: Guard<ReadLedger>,
    query: Query<LedgerQuery>,
    language: Language,
) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}
