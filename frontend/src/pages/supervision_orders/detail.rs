//! The page of a supervision order: what was behind, what is to be done, and what was answered.

use std::sync::Arc;

use chrono::NaiveDate;
use contract::Resource;
use contract::attachments::AttachmentObject;
use contract::supervision_orders::{SupervisionOrder, SupervisionOrderAction, SupervisionOrderState};
use leptos::prelude::*;

use super::{colour, matters, state};
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{field, lang, texts};
use crate::pages::attachments;
use crate::{format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::supervision_orders::read(&id), draw)
}

fn rule(action: SupervisionOrderAction) -> StepRule {
    use SupervisionOrderAction::{Answer, Close, Issue, Receive};
    let rule = StepRule::of(SupervisionOrderState::STEPS, action);
    let primary = matches!(action, Issue | Receive | Answer | Close);
    StepRule { primary, note: (action == Answer).then_some(texts::supervision_orders::RECTIFICATION), ..rule }
}

fn draw(order: Arc<SupervisionOrder>, reload: Callback<()>) -> Detail {
    let (shown, head) = (order.clone(), &order.head);
    let may_add = order.editable || head.allowed_actions.contains(&SupervisionOrderAction::Answer);
    let print = format!("{}/print", order.location());
    Detail {
        title: head.addressee_name.clone(),
        chips: view! { {colour(head.colour)}{state(head)} }.into_any(),
        editable: order.editable,
        actions: view! {
            {actions::buttons(&order.location(), &head.allowed_actions, rule, reload)}
            <a class="button" href=print>{t!(supervision_orders::DOCUMENT)}</a>
        }
        .into_any(),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
            attachments::tab(AttachmentObject::SupervisionOrder, head.id.to_string(), may_add),
        ],
    }
}

fn key_facts(order: &SupervisionOrder) -> AnyView {
    let (head, details) = (order.head.clone(), order.details.clone());
    let day = |day: Option<NaiveDate>| move || day.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()));
    let whose = match (&details.area_code, details.organisation_id) {
        (_, Some(id)) => Some(format!("/organisations/{id}")),
        (Some(code), None) if code.len() > 9 => Some(format!("/villages/{code}")),
        _ => None,
    };
    let name = head.addressee_name.clone();
    let addressee = match whose {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    let why = [SupervisionOrderState::Returned, SupervisionOrderState::Withdrawn]
        .contains(&head.state)
        .then(|| timeline::why(order.location(), SupervisionOrderState::STEPS, head.state));
    let about = facts(vec![
        fact("number", head.number),
        (field("addressee_name"), addressee),
        fact("issuer_name", head.issuer_name),
        fact("campaign_title", head.campaign_title),
        fact_in("drafted_on", day(Some(head.drafted_on))),
        fact_in("issued_on", day(head.issued_on)),
        fact_in("due_on", day(Some(details.due_on))),
        fact_in("received_on", day(head.received_on)),
        fact("received_by", head.received_by),
        fact_in("answered_on", day(head.answered_on)),
        fact_in("closed_on", day(head.closed_on)),
        fact("closing_number", head.closing_number),
    ]);
    let words = told(vec![fact("demand", details.demand), fact("rectification", order.rectification.clone())]);
    view! { {why}{about}<h2>{t!(supervision_orders::MATTERS)}</h2>{matters(&order.matters)}{words} }.into_any()
}
