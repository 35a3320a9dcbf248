//! The list of supervision orders.

use contract::supervision_orders::{OrderColour, SupervisionOrderQuery, SupervisionOrderState, SupervisionOrderSummary};
use contract::{Lang, Permission, Role};
use leptos::prelude::*;

use super::{colour, state};
use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::organisations::ORGANISATIONS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{format, session};

pub fn page() -> AnyView {
    list::page(List::<SupervisionOrderQuery, SupervisionOrderSummary> {
        heading: texts::supervision_orders::HEADING,
        columns: vec![
            Column::of("number"),
            Column::of("addressee_name").sorted("addressee_name"),
            Column::of("colour"),
            Column::of("matter_count"),
            Column::of("state"),
            Column::of("due_on").sorted("due_on"),
            Column::of("issuer_name"),
        ],
        filters: vec![
            Filter::coded::<SupervisionOrderState>("state"),
            Filter::coded::<OrderColour>("colour"),
            Filter::yes_no("waits_for_me"),
            Filter::yes_no("overdue"),
            within(),
            Filter::pick("organisation_id", ORGANISATIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::supervision_orders::list,
        row,
        empty: texts::supervision_orders::EMPTY,
        create: session::is_one_of(&[Role::Bureau, Role::Town]).then_some(Create {
            href: "/supervision-orders/new",
            text: texts::supervision_orders::CREATE,
            permission: Permission::WriteSupervisionOrders,
        }),
        export: Some(Export { path: "/supervision-orders/export", import: None }),
    })
}

fn row(order: &SupervisionOrderSummary, lang: Lang) -> Row {
    let head = &order.head;
    Row::to(format!("/supervision-orders/{}", head.id))
        .text(head.number.clone().unwrap_or_else(|| texts::supervision_orders::UNNUMBERED.get().to_owned()))
        .text(head.addressee_name.clone())
        .mark(Some(colour(head.colour)))
        .text(head.matter_count.to_string())
        .mark(Some(state(head)))
        .text(format::date(order.due_on, lang))
        .text(head.issuer_name.clone())
}
