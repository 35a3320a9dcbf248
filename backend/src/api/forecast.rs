//! The operation of the forecast.

use actix_web::web::Json;
use contract::forecast::{Forecast, ForecastQuery};
use contract::permission::need::ReadForecast;
use domains::views::forecast::service;
use platform::api::Api;
use platform::routes;
use platform::{Guard, Query, Result};

pub fn add(api: &mut Api) {
    routes!(api, read_forecast);
}

/// Read what is expected of a campaign's targets
///
/// Three plain estimates for each target, the late tasks that would change most, and the draft of a reminder.
#[utoipa::path(get, path = "/forecast", params(ForecastQuery),
    responses((status = 200, description = "What is expected of the targets", body = Forecast)))]
pub async fn read_forecast(guard: Guard<ReadForecast>, query: Query<ForecastQuery>) -> Result<Json<Forecast>> {
    service::read(&guard.asker(), &query.0).await.map(Json)
}
