//! What the front page shows to cadres and institutions (挂钩帮扶): who stands by whom, and to a cadre the figures of the year.

use contract::Role;
use contract::adoptions::{Adoption, AdoptionQuery, CadreYear, CadreYearQuery};
use contract::campaigns::Campaign;
use leptos::prelude::*;

use crate::api::{self, Abort, ApiError};
use crate::components::page;
use crate::i18n::texts;
use crate::pages::{adoptions, cadre_year};
use crate::session;

/// What is known of it.
pub enum Standing {
    Cadre(Box<CadreYear>),
    Institution(Vec<Adoption>),
}

/// Reads it for those whom it concerns, in the campaign of the front page.
///
/// # Errors
///
/// Those of [`Call::send_within`](crate::api::Call::send_within).
pub async fn read(campaign: Option<&Campaign>, abort: &Abort) -> Result<Option<Standing>, ApiError> {
    let (Some(campaign), Some(account)) = (campaign, session::account_now()) else { return Ok(None) };
    match account.role {
        Role::Cadre => {
            let query = CadreYearQuery { campaign_id: campaign.id, cadre_id: None };
            Ok(Some(Standing::Cadre(Box::new(api::adoptions::year(&query).send_within(abort).await?))))
        }
        Role::Institution => {
            let query = AdoptionQuery { campaign_id: Some(campaign.id), ..Default::default() };
            Ok(Some(Standing::Institution(api::adoptions::list(&query).send_within(abort).await?.items)))
        }
        _ => Ok(None),
    }
}

/// The part of the page.
pub fn section(standing: &Standing) -> AnyView {
    let propose = page::link("/adoptions/new".into(), texts::adoptions::CREATE);
    let body = match standing {
        Standing::Cadre(year) => view! {
            {cadre_year::figures(year)}
            {adoptions::rows(&year.adoptions)}
            <p>{page::link("/cadre-year".into(), texts::cadre_year::HEADING)}" "{propose}</p>
        }
        .into_any(),
        Standing::Institution(own) => view! {
            {adoptions::rows(own)}
            <p>{page::link("/difficulties/new".into(), texts::difficulties::CREATE)}" "{propose}</p>
        }
        .into_any(),
    };
    page::section(texts::adoptions::HEADING, body)
}
