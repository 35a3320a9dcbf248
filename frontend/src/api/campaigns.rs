//! Campaigns.

use chrono::NaiveDate;
use contract::campaigns::{
    Campaign, CampaignInput, CampaignQuery, CampaignSummary, Indicator, LeadingGroupPost, MilestoneKind, Phase, ReportDayRule,
};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;

use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Campaigns that fit the filters.
pub fn list(query: &CampaignQuery) -> Call<Page<CampaignSummary>> {
    Call::list("/campaigns", query)
}

/// One campaign.
pub fn read(id: &str) -> Call<Campaign> {
    Call::get(format!("/campaigns/{id}"))
}

/// Creates a campaign.
pub fn create(input: &Value) -> Call<Campaign> {
    Call::post("/campaigns", input)
}

impl Record for Campaign {
    type Input = CampaignInput;
    const WRITE: Permission = Permission::WriteCampaigns;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "phase" => Phase::from_code(code).map(|phase| phase.label(lang)),
            "kind" => MilestoneKind::from_code(code).map(|kind| kind.label(lang)),
            "indicator" => Indicator::from_code(code).map(|indicator| indicator.label(lang)),
            "report_day_rule" => ReportDayRule::from_code(code).map(|rule| rule.label(lang)),
            "post" => LeadingGroupPost::from_code(code).map(|post| post.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Campaign {
    type Edit = CampaignInput;

    fn edit(&self) -> CampaignInput {
        self.details.clone()
    }
}

/// Campaigns, the newest first.
pub const CAMPAIGNS: Source = Source {
    search: |q| search(q, None).boxed_local(),
    find: |id| {
        async move {
            let campaign = read(&id).send().await?;
            Ok(Choice { value: id, label: campaign.details.title, hint: campaign.details.document_number })
        }
        .boxed_local()
    },
};

/// Campaigns that are not over on a day.
pub async fn search(q: String, open_on: Option<NaiveDate>) -> Result<Vec<Choice>, ApiError> {
    let query = CampaignQuery { q: text(q), open_on, limit: Some(LIMIT), total: Some(false), ..Default::default() };
    let page = list(&query).send().await?;
    let choice = |campaign: CampaignSummary| Choice {
        value: campaign.id.to_string(),
        label: campaign.title,
        hint: campaign.document_number,
    };
    Ok(page.items.into_iter().map(choice).collect())
}
