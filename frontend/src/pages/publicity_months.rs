//! What has appeared month by month and channel by channel. Every figure links to its records.

use std::sync::Arc;

use contract::dashboard::Figure;
use contract::publicity::{Channel, PublicityMonth, PublicityMonths, PublicityMonthsQuery};
use contract::{CodedEnum, Permission};
use futures::FutureExt;
use leptos::prelude::*;

use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::{self, ApiError};
use crate::components::filters::{self, Filter};
use crate::components::load::{self, Load};
use crate::components::page;
use crate::components::table::{self, Row};
use crate::i18n::{Text, field, lang, texts};
use crate::pages::campaigns::current;
use crate::{format, query, router, session, t};

/// The page of `/publicity-months`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(page)
}

fn page() -> AnyView {
    if !session::may(Permission::ReadPublicity) {
        return load::missing();
    }
    let search = Memo::new(|_| router::search());
    let load = Load::by(move |abort| {
        let mut pairs = query::pairs(&search.get());
        async move {
            let campaign = query::get(&pairs, "campaign_id").and_then(|id| id.parse().ok());
            let within = query::get(&pairs, "within").map(str::to_owned);
            let Some(campaign_id) = campaign else {
                let Some(campaign) = current::current(&abort).await? else { return Ok(None) };
                query::set(&mut pairs, "campaign_id", Some(&campaign.id.to_string()));
                // This goes into the address, from which the filters are drawn, and starts another request.
                router::replace(&format!("/publicity-months?{}", query::write(&pairs)));
                return Err(ApiError::Aborted);
            };
            api::publicity::months(&PublicityMonthsQuery { campaign_id, within }).send_within(&abort).await.map(Some)
        }
        .boxed_local()
    });
    view! {
        {page::plain_head(texts::publicity::MONTHS)}
        {filters::choices(vec![Filter::pick("campaign_id", CAMPAIGNS), within()])}
        {load::show(load, |months: Arc<Option<PublicityMonths>>| match &*months {
            Some(months) if !months.months.is_empty() => draw(months),
            _ => view! { <p class="muted">{t!(publicity::NONE)}</p> }.into_any(),
        })}
    }
    .into_any()
}

fn draw(months: &PublicityMonths) -> AnyView {
    let channels = Channel::ALL.iter().map(|&channel| (Text::label(channel), true));
    let heads = [(field("month"), false)].into_iter().chain(channels).chain([(texts::publicity::TOTAL, true)]);
    let whole = Row::default().said(|| texts::publicity::TOTAL.get().to_owned());
    let whole = Channel::ALL.iter().fold(whole, |row, &channel| {
        let of_channel = months.months.iter().flat_map(|month| &month.channels).filter(|of| of.channel == channel);
        row.text(format::count(of_channel.map(|of| of.figure.value).sum()))
    });
    let whole = whole.mark(Some(link(&months.total)));
    table::rows(texts::publicity::MONTHS, heads.collect(), months.months.iter().map(row).chain([whole]))
}

fn row(of: &PublicityMonth) -> Row {
    let month = of.month;
    let row = Row::default().said(move || format::month(month, lang()));
    let row = of.channels.iter().fold(row, |row, channel| row.mark(Some(link(&channel.figure))));
    row.mark(Some(link(&of.total)))
}

fn link(figure: &Figure) -> AnyView {
    let number = format::count(figure.value);
    match figure.value {
        0 => number.into_any(),
        _ => view! { <a href=figure.records.clone()>{number}</a> }.into_any(),
    }
}
