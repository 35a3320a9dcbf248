//! The list of plans.

use contract::plans::{Plan, PlanQuery, PlanState};
use contract::{Lang, Permission};
use leptos::prelude::*;

use super::detail::chip;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::households::HOUSEHOLDS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format};

pub fn page() -> AnyView {
    list::page(List::<PlanQuery, Plan> {
        heading: texts::plans::HEADING,
        columns: vec![
            Column::of("file_number"),
            Column::of("head_name"),
            Column::of("village_name"),
            Column::of("town_name"),
            Column::of("state"),
            Column::of("agreed_on"),
            Column::of("measures_total").number(),
            Column::of("measures_fulfilled").number(),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            Filter::coded::<PlanState>("state"),
            within(),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::pick("household_id", HOUSEHOLDS).when_set(),
        ],
        call: api::plans::list,
        row,
        empty: texts::plans::EMPTY,
        create: Some(Create { href: "/assistance-plans/new", text: texts::plans::CREATE, permission: Permission::WritePlans }),
        export: Some(Export { path: "/assistance-plans/export", import: None }),
    })
}

fn row(plan: &Plan, lang: Lang) -> Row {
    Row::to(format!("/assistance-plans/{}", plan.id))
        .text(plan.file_number.clone())
        .text(plan.head_name.clone())
        .text(plan.village_name.clone())
        .text(plan.town_name.clone())
        .mark(Some(chip(plan.state)))
        .text(plan.agreed_on.map(|day| format::date(day, lang)))
        .text(format::count(plan.measures_total))
        .text(format::count(plan.measures_fulfilled))
        .text(format::instant(plan.updated_at, lang))
}
