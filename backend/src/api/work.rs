//! The operation of the work list.

use actix_web::web::Json;
use contract::permission::need::ReadWork;
use contract::work::WorkList;
use domains::views::work::service;
use platform::api::Api;
use platform::routes;
use platform::{Guard, Language, Result};

pub fn add(api: &mut Api) {
    routes!(api, list_work_items);
}

/// List what waits for the caller
///
/// Kind by kind, the first few of each; the whole of a kind is the list it comes from, under the address it names.
#[utoipa::path(get, path = "/work-items", responses((status = 200, description = "What waits for the caller", body = WorkList)))]
pub async fn list_work_items(guard: Guard<ReadWork>, language: Language) -> Result<Json<WorkList>> {
    let app = guard.app();
    service::list(&guard.asker(), language.0, app.clock.now()).await.map(Json)
}
