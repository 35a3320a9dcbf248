//! The ranking of whoever is signed in, in the current campaign: it is changed right here until the deadline, and read afterwards.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::campaigns::CampaignSummary;
use contract::rankings::{Ranking, RankingQuery};
use futures::FutureExt;
use leptos::prelude::*;

use super::{detail, form};
use crate::components::list::{self, Export};
use crate::components::load::{self, Load};
use crate::components::page;
use crate::i18n::texts;
use crate::pages::campaigns::current;
use crate::{api, session, t};

/// The current campaign, the last day of ranking in it, and the ranking so far.
struct Own {
    campaign: CampaignSummary,
    due: NaiveDate,
    ranking: Option<Ranking>,
}

pub fn page() -> AnyView {
    let own = Load::by(|abort| {
        async move {
            let Some(campaign) = current::current(&abort).await? else { return Ok(None) };
            let query = RankingQuery { campaign_id: Some(campaign.id), limit: Some(1), total: Some(false), ..Default::default() };
            let ranking = api::rankings::list(&query).send_within(&abort).await?.items.pop();
            let due = match &ranking {
                Some(ranking) => ranking.due_on,
                None => api::campaigns::read(&campaign.id.to_string()).send_within(&abort).await?.details.rankings_due(),
            };
            Ok(Some(Own { campaign, due, ranking }))
        }
        .boxed_local()
    });
    load::show(own, |own: Arc<Option<Own>>| match &*own {
        Some(own) => draw(own),
        None => {
            view! { {page::plain_head(texts::rankings::OWN)}<div class="notice"><p>{t!(home::NO_CAMPAIGN)}</p></div> }.into_any()
        }
    })
}

fn draw(own: &Own) -> AnyView {
    let search = format!("campaign_id={}", own.campaign.id);
    let export = own.ranking.is_some().then(|| {
        let export = Export { path: "/rankings/export", import: None };
        let button = list::export_button(export, texts::rankings::OWN, Memo::new(move |_| search.clone()));
        view! { <p>{button}</p> }
    });
    view! { {ranking(own)}{export} }.into_any()
}

fn ranking(own: &Own) -> AnyView {
    match &own.ranking {
        Some(ranking) if ranking.editable => form::edit_own(ranking),
        Some(ranking) => view! { {page::plain_head(texts::rankings::OWN)}{detail::order(ranking)} }.into_any(),
        None if session::account().is_some_and(|account| account.today <= own.due) => form::create_own(own.campaign.id, own.due),
        None => view! {
            {page::plain_head(texts::rankings::OWN)}
            {detail::until(own.due, true)}
            <p>{t!(rankings::NONE_GIVEN)}</p>
        }
        .into_any(),
    }
}
