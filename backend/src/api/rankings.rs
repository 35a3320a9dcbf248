//! Operations on rankings.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::permission::need::{ReadRankings, WriteRankings};
use contract::rankings::{Ranking, RankingInput, RankingQuery};
use domains::rankings::list::Rankings;
use domains::rankings::service;
use platform::api::Api;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(api, list_rankings, create_ranking, export_rankings, read_ranking, update_ranking, list_ranking_history);
}

listed! { Rankings: Ranking, RankingQuery, ReadRankings, "/rankings", "a ranking", "ranking", "rankings" =>
    list list_rankings "One's own; once the campaign's deadline for rankings is over, the bureau sees all of them, and each town those of \
        its own. Neither side ever sees what the other one ranked.",
    export export_rankings ", a row for each place",
    read read_ranking "",
    history list_ranking_history "While it is open the history says how many it names, and not whom.",
}

/// Rank the other side
///
/// An organisation ranks up to ten villages that take part in the campaign, a village up to ten organisations, the best first, until the
/// campaign's deadline (`ranking_closed`). A town ranks for a committee that has no account, and says why.
#[utoipa::path(post, path = "/rankings", request_body = RankingInput,
    responses((status = 201, description = "The ranking", body = Ranking)))]
pub async fn create_ranking(change: Change<WriteRankings>, body: Body<RankingInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Replace a ranking
///
/// The list is replaced whole. An empty one ranks nobody.
#[utoipa::path(patch, path = "/rankings/{id}", params(("id" = Uuid, Path, description = "Id of the ranking")),
    request_body = RankingInput, responses((status = 200, description = "The ranking as it is now", body = Ranking)))]
pub async fn update_ranking(change: Change<WriteRankings>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}
