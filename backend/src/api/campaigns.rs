//! Operations on campaigns.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::campaigns::{Campaign, CampaignInput, CampaignQuery, CampaignSummary};
use contract::permission::need::{ReadCampaigns, WriteCampaigns};
use domains::campaigns::service;
use platform::api::Api;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(api, list_campaigns, create_campaign, read_campaign, update_campaign, list_campaign_history);
}

/// List campaigns
///
/// The campaigns of the caller's county, and of the areas around it.
#[utoipa::path(get, path = "/campaigns", params(CampaignQuery),
    responses((status = 200, description = "A page of campaigns", body = Page<CampaignSummary>)))]
pub async fn list_campaigns(guard: Guard<ReadCampaigns>, query: Query<CampaignQuery>) -> Result<Json<Page<CampaignSummary>>> {
    service::list(&guard.asker(), &query.0).await.map(Json)
}

/// Open a campaign
#[utoipa::path(post, path = "/campaigns", request_body = CampaignInput,
    responses((status = 201, description = "The campaign", body = Campaign)))]
pub async fn create_campaign(change: Change<WriteCampaigns>, body: Body<CampaignInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Read a campaign
///
/// With its deadlines judged against today.
#[utoipa::path(get, path = "/campaigns/{id}", params(("id" = Uuid, Path, description = "Id of the campaign")),
    responses((status = 200, description = "The campaign", body = Campaign)))]
pub async fn read_campaign(guard: Guard<ReadCampaigns>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(&guard.asker(), *id).await?)
}

/// Change a campaign
#[utoipa::path(patch, path = "/campaigns/{id}", params(("id" = Uuid, Path, description = "Id of the campaign")),
    request_body = CampaignInput, responses((status = 200, description = "The campaign as it is now", body = Campaign)))]
pub async fn update_campaign(change: Change<WriteCampaigns>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// List the history of a campaign
#[utoipa::path(get, path = "/campaigns/{id}/history", params(("id" = Uuid, Path, description = "Id of the campaign"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_campaign_history(
    guard: Guard<ReadCampaigns>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(&guard.asker(), *id, query.0).await.map(Json)
}
