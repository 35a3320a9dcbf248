//! Operations on campaigns.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::campaigns::{Campaign, CampaignInput, CampaignQuery, CampaignSummary};
use contract::permission::need::{ReadCampaigns, WriteCampaigns};
use domains::campaigns::service;
use platform::api::Api;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(api, list_campaigns, create_campaign, read_campaign, update_campaign, list_campaign_history);
}

listed! { service: Campaign as CampaignSummary, CampaignQuery, ReadCampaigns,
    "/campaigns", "a campaign", "campaign", "campaigns" =>
    list list_campaigns "The campaigns of the caller's county, and of the areas around it.",
    read read_campaign "With its deadlines judged against today.",
    history list_campaign_history "",
}

/// Open a campaign
#[utoipa::path(post, path = "/campaigns", request_body = CampaignInput,
    responses((status = 201, description = "The campaign", body = Campaign)))]
pub async fn create_campaign(change: Change<WriteCampaigns>, body: Body<CampaignInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Change a campaign
#[utoipa::path(patch, path = "/campaigns/{id}", params(("id" = Uuid, Path, description = "Id of the campaign")),
    request_body = CampaignInput, responses((status = 200, description = "The campaign as it is now", body = Campaign)))]
pub async fn update_campaign(change: Change<WriteCampaigns>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}
