//! The list of campaigns.

use contract::campaigns::{CampaignQuery, CampaignSummary};
use contract::{Lang, Permission};
use leptos::prelude::*;

use crate::api;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<CampaignQuery, CampaignSummary> {
        heading: texts::campaigns::HEADING,
        columns: vec![
            Column::of("title").sorted("title"),
            Column::of("document_number"),
            Column::of("area_name"),
            Column::of("starts_on").sorted("starts_on"),
            Column::of("ends_on"),
        ],
        filters: vec![Filter::number("year")],
        call: api::campaigns::list,
        row,
        empty: texts::campaigns::EMPTY,
        create: Some(Create { href: "/campaigns/new", text: texts::campaigns::CREATE, permission: Permission::WriteCampaigns }),
        export: None,
    })
}

fn row(campaign: &CampaignSummary, lang: Lang) -> Row {
    Row::to(format!("/campaigns/{}", campaign.id))
        .text(campaign.title.clone())
        .text(campaign.document_number.clone())
        .text(campaign.area_name.clone())
        .text(format::date(campaign.starts_on, lang))
        .text(format::date(campaign.ends_on, lang))
}
