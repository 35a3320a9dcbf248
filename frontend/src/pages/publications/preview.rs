//! What would be published of a campaign and month, and what is held back and why. From here it is published.

use std::sync::Arc;

use contract::publications::{FigureDecision, PublicationInput, PublicationPreview, PublicationPreviewQuery};
use contract::{Month, Permission, Resource};
use futures::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::table;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::{self, ApiError};
use crate::components::filters::{self, Filter};
use crate::components::load::{self, Load};
use crate::components::{dialog, page, toast};
use crate::i18n::texts;
use crate::pages::campaigns::current;
use crate::{query, router, session, t};

pub fn page() -> AnyView {
    if !session::may(Permission::WritePublications) {
        return load::missing();
    }
    let search = Memo::new(|_| router::search());
    let load = Load::by(move |abort| {
        let mut pairs = query::pairs(&search.get());
        async move {
            let campaign = query::get(&pairs, "campaign_id").and_then(|id| id.parse().ok());
            let month = query::get(&pairs, "month").and_then(|month| month.parse().ok());
            let (Some(campaign_id), Some(month)) = (campaign, month) else {
                if campaign.is_none() {
                    let Some(campaign) = current::current(&abort).await? else { return Ok(None) };
                    query::set(&mut pairs, "campaign_id", Some(&campaign.id.to_string()));
                }
                let last = session::account().map(|account| Month::of(account.today).previous().to_string());
                query::set(&mut pairs, "month", last.as_deref());
                // This goes into the address, from which the filters are drawn, and starts another request.
                router::replace(&format!("/publications/new?{}", query::write(&pairs)));
                return Err(ApiError::Aborted);
            };
            api::publications::preview(&PublicationPreviewQuery { campaign_id, month }).send_within(&abort).await.map(Some)
        }
        .boxed_local()
    });
    view! {
        {page::plain_head(texts::publications::CREATE)}
        <p class="muted">{t!(publications::HINT)}</p>
        {filters::choices(vec![Filter::pick("campaign_id", CAMPAIGNS), Filter::month("month")])}
        {load::show(load, |preview: Arc<Option<PublicationPreview>>| match &*preview {
            Some(preview) => draw(preview),
            None => view! { <div class="notice"><p>{t!(home::NO_CAMPAIGN)}</p></div> }.into_any(),
        })}
    }
    .into_any()
}

fn draw(preview: &PublicationPreview) -> AnyView {
    let shown = preview.figures.iter().filter(|figure| figure.decision == FigureDecision::Shown).count();
    let held_back = preview.figures.len() - shown;
    let figures = preview.figures.iter().map(table::Cell::from).collect();
    let input = PublicationInput { campaign_id: preview.campaign_id, month: preview.month };
    let busy = RwSignal::new(false);
    let publish = move |_| {
        let input = input.clone();
        spawn_local(async move {
            let sure =
                dialog::confirm(texts::publications::PUBLISH, texts::publications::SURE.get(), texts::publications::PUBLISH);
            if !sure.await {
                return;
            }
            busy.set(true);
            match api::publications::create(&input).send().await {
                Ok(made) => {
                    toast::say(texts::publications::DONE.get());
                    router::navigate(&made.location());
                }
                Err(error) => {
                    toast::fault(error.first_fault());
                    busy.set(false);
                }
            }
        });
    };
    view! {
        <p role="status">{move || t!(publications::told, shown, held_back)}</p>
        <p><button type="button" class="button primary" disabled=move || busy.get() on:click=publish>{t!(publications::PUBLISH)}</button></p>
        {table::tables(figures)}
    }
    .into_any()
}
