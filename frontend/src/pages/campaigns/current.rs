//! The default campaign of pages and forms.

use chrono::NaiveDate;
use contract::Page;
use contract::campaigns::{CampaignQuery, CampaignSummary};
use futures::FutureExt;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::api::{Abort, ApiError, Call, campaigns};
use crate::components::load::{self, Load};
use crate::query::{self, Pairs};
use crate::{router, session};

/// The default campaign of pages: the newest that has begun, or else the next to begin.
///
/// # Errors
///
/// Those of [`Call::send_within`](crate::api::Call::send_within).
pub async fn current(abort: &Abort) -> Result<Option<CampaignSummary>, ApiError> {
    let campaigns = newest().send_within(abort).await?.items;
    Ok(shown_on(campaigns, session::account().map(|account| account.today)))
}

/// What a page shows of a campaign: of the one in its address, or else of the default one, which then goes into the address. `names`
/// are the other filters of the call. `None` without any campaign.
pub fn load_in<T: DeserializeOwned + Send + Sync + 'static>(
    path: &'static str,
    names: &'static [&'static str],
    call: fn(&Pairs) -> Call<T>,
) -> Load<Option<T>> {
    let search = Memo::new(|_| router::search());
    Load::by(move |abort| {
        let mut pairs = query::pairs(&search.get());
        pairs.retain(|(name, _)| name == "campaign_id" || names.contains(&name.as_str()));
        async move {
            if query::get(&pairs, "campaign_id").is_none() {
                let Some(campaign) = current(&abort).await? else { return Ok(None) };
                query::set(&mut pairs, "campaign_id", Some(&campaign.id.to_string()));
                // This goes into the address, from which the filters are drawn, and starts another request.
                router::replace(&format!("{path}?{}", query::write(&pairs)));
                return Err(ApiError::Aborted);
            }
            call(&pairs).send_within(&abort).await.map(Some)
        }
        .boxed_local()
    })
}

fn newest() -> Call<Page<CampaignSummary>> {
    campaigns::list(&CampaignQuery { limit: Some(20), ..Default::default() })
}

fn shown_on(mut campaigns: Vec<CampaignSummary>, today: Option<NaiveDate>) -> Option<CampaignSummary> {
    let begun = campaigns.iter().position(|campaign| today.is_none_or(|today| campaign.starts_on <= today));
    match begun {
        Some(position) => Some(campaigns.swap_remove(position)),
        None => campaigns.pop(),
    }
}

/// The default campaign of forms: the only one that is running.
async fn only_running(abort: &Abort) -> Result<Option<CampaignSummary>, ApiError> {
    let campaigns = newest().send_within(abort).await?.items;
    Ok(session::account().and_then(|account| running_on(campaigns, account.today)))
}

fn running_on(campaigns: Vec<CampaignSummary>, today: NaiveDate) -> Option<CampaignSummary> {
    let mut running = campaigns.into_iter().filter(|campaign| (campaign.starts_on..=campaign.ends_on).contains(&today));
    running.next().filter(|_| running.next().is_none())
}

/// A form for something in a campaign. If only one campaign is running, it is already selected.
pub fn form_in(blank: Value, draw: impl Fn(Value) -> AnyView + Send + Sync + 'static) -> AnyView {
    let running = Load::by(|abort| async move { only_running(&abort).await }.boxed_local());
    load::show(running, move |campaign| {
        let mut blank = blank.clone();
        if let Some(campaign) = campaign.as_ref().as_ref().filter(|_| blank["campaign_id"].is_null()) {
            blank["campaign_id"] = json!(campaign.id);
        }
        draw(blank)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign(year: i32) -> CampaignSummary {
        serde_json::from_value(serde_json::json!({
            "id": uuid::Uuid::from_u128(year as u128), "title": "", "document_number": "", "area_code": "350582", "area_name": "",
            "starts_on": format!("{year}-04-15"), "ends_on": format!("{year}-12-31"), "version": 1,
            "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn the_campaign_of_a_form_is_the_only_one_that_is_running() {
        let running = |campaigns: &[CampaignSummary], today: &str| {
            running_on(campaigns.to_vec(), today.parse().unwrap()).map(|campaign| campaign.starts_on.to_string())
        };
        let two = [campaign(2021), campaign(2020)];
        assert_eq!(running(&two, "2020-12-31").as_deref(), Some("2020-04-15"));
        assert_eq!(running(&two, "2021-01-01"), None);
        let beside = CampaignSummary { starts_on: "2020-06-01".parse().unwrap(), ..campaign(2020) };
        assert_eq!(running(&[beside, campaign(2020)], "2020-07-01"), None);
    }

    #[test]
    fn the_campaign_at_first_is_the_newest_that_has_begun() {
        let all = vec![campaign(2021), campaign(2020)];
        let starts = |today: &str| shown_on(all.clone(), today.parse().ok()).map(|campaign| campaign.starts_on.to_string());
        assert_eq!(starts("2020-07-01").as_deref(), Some("2020-04-15"));
        assert_eq!(starts("2021-05-01").as_deref(), Some("2021-04-15"));
        assert_eq!(starts("2019-05-01").as_deref(), Some("2020-04-15"));
    }
}
