//! A checklist's page: its items, and the rounds that use it.

use std::sync::Arc;

use contract::inspections::{Checklist, ChecklistAction, ChecklistState, RoundQuery};
use contract::{Permission, Resource};
use leptos::prelude::*;

use super::chip;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, told};
use crate::components::page;
use crate::components::tabs::Tab;
use crate::i18n::{field, texts};
use crate::pages::checklist_items::items;
use crate::pages::rounds;
use crate::{api, session};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::checklists::read(&id), draw)
}

fn rule(action: ChecklistAction) -> StepRule {
    StepRule { primary: action == ChecklistAction::Release, ..StepRule::of(ChecklistState::STEPS, action) }
}

fn draw(checklist: Arc<Checklist>, reload: Callback<()>) -> Detail {
    let shown = checklist.clone();
    let usable = checklist.state == ChecklistState::InUse && session::may(Permission::WriteInspections);
    let round = format!("/inspection-rounds/new?checklist_id={}", checklist.id);
    Detail {
        title: checklist.details.title.clone(),
        chips: chip(checklist.state),
        editable: checklist.editable,
        actions: view! {
            {actions::buttons(&checklist.location(), &checklist.allowed_actions, rule, reload)}
            {usable.then(|| page::link(round, texts::rounds::CREATE))}
        }
        .into_any(),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
            rounds::tab(RoundQuery { checklist_id: Some(checklist.id), ..Default::default() }),
        ],
    }
}

fn key_facts(checklist: &Checklist) -> AnyView {
    let details = &checklist.details;
    let description = details.description.clone().map(|text| told(vec![fact("description", text)]));
    view! { {description}{page::section(field("items"), items(&details.items))} }.into_any()
}
