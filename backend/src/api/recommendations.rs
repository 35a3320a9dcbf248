//! The operation of recommendations.

use actix_web::web::Json;
use contract::permission::need::ReadRecommendations;
use contract::recommendations::{RecommendationQuery, Recommendations};
use domains::views::recommendations;
use platform::api::Api;
use platform::routes;
use platform::{Guard, Query, Result};

pub fn add(api: &mut Api) {
    routes!(api, read_recommendations);
}

/// Read what is recommended
///
/// What the notice itself recommends (directed donations of the year; chambers and villages of their town, old bases first), and who
/// fits by needs and offers, each with its score term by term. It is advice: anybody may choose otherwise. Pairs that there are already
/// are left out.
#[utoipa::path(get, path = "/recommendations", params(RecommendationQuery),
    responses((status = 200, description = "What is recommended to the caller", body = Recommendations)))]
pub async fn read_recommendations(
    guard: Guard<ReadRecommendations>,
    query: Query<RecommendationQuery>,
) -> Result<Json<Recommendations>> {
    recommendations::read(&guard.asker(), query.0).await.map(Json)
}
