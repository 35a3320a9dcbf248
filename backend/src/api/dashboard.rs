//! The operation of the dashboard.

use actix_web::web::Json;
use contract::dashboard::{Dashboard, DashboardQuery};
use contract::permission::need::ReadDashboard;
use domains::views::dashboard::service;
use platform::api::Api;
use platform::routes;
use platform::{Guard, Query, Result};

pub fn add(api: &mut Api) {
    routes!(api, read_dashboard);
}

/// Read the dashboard of a campaign
///
/// Figures of what the caller may see, each with the list of the records behind it.
#[utoipa::path(get, path = "/dashboard", params(DashboardQuery),
    responses((status = 200, description = "How the campaign stands", body = Dashboard)))]
pub async fn read_dashboard(guard: Guard<ReadDashboard>, query: Query<DashboardQuery>) -> Result<Json<Dashboard>> {
    service::read(&guard.asker(), &query.0).await.map(Json)
}
