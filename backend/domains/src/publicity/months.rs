//! What has appeared month by month and channel by channel. There are few items, so they are counted from the rows.

use std::collections::BTreeMap;

use contract::dashboard::Figure;
use contract::publicity::{
    Channel, ChannelFigure, PublicityMonth, PublicityMonths, PublicityMonthsQuery, PublicityQuery, PublicityState,
};
use contract::{CodedEnum, Month, ObjectKind};
use entities::publicity::Column;
use platform::coded::Code;
use platform::object::Listed;
use platform::{Asker, Error, Result, list};
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

use super::list::PublicityItems;
use crate::campaigns;

/// The months of a campaign. Each number is the total of the list that it leads to, because both are the same query.
///
/// # Errors
/// A fault at `/campaign_id`.
pub async fn read(asker: &Asker<'_>, query: &PublicityMonthsQuery) -> Result<PublicityMonths> {
    let campaign = campaigns::service::named(asker, query.campaign_id, "/campaign_id").await?;
    let all = PublicityQuery {
        campaign_id: Some(campaign.id),
        state: Some(PublicityState::Recorded),
        within: query.within.clone(),
        ..Default::default()
    };
    let month = || Expr::cust("substr(CAST(publicity_items.appeared_on AS text), 1, 7)");
    let counted = PublicityItems::filtered(asker, &all)
        .await?
        .select_only()
        .column_as(month(), "month")
        .column(Column::Channel)
        .column_as(Column::Id.count(), "items")
        .group_by(month())
        .group_by(Column::Channel);
    let mut months: BTreeMap<Month, BTreeMap<Channel, i64>> = BTreeMap::new();
    for (month, channel, items) in counted.into_tuple::<(String, Code<Channel>, i64)>().all(&asker.db).await? {
        months.entry(month.parse().map_err(Error::internal)?).or_default().insert(channel.0, items);
    }
    let figure = |value: i64, month: Option<Month>, channel: Option<Channel>| {
        let records = list::address(ObjectKind::PublicityItem.path(), &PublicityQuery { month, channel, ..all.clone() })?;
        Ok::<_, Error>(Figure { value, records })
    };
    let total = figure(months.values().flat_map(BTreeMap::values).sum(), None, None)?;
    let of_month = |(month, counts): (Month, BTreeMap<Channel, i64>)| {
        let of_channel = |&channel: &Channel| {
            let value = counts.get(&channel).copied().unwrap_or_default();
            Ok(ChannelFigure { channel, figure: figure(value, Some(month), Some(channel))? })
        };
        let channels = Channel::ALL.iter().map(of_channel).collect::<Result<_>>()?;
        Ok(PublicityMonth { month, channels, total: figure(counts.values().sum(), Some(month), None)? })
    };
    let months = months.into_iter().map(of_month).collect::<Result<_>>()?;
    Ok(PublicityMonths { campaign_id: campaign.id, months, total })
}
