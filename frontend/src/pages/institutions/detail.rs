//! An institution's page.

use std::sync::Arc;

use contract::adoptions::{AdoptionQuery, DifficultyQuery};
use contract::attachments::AttachmentObject;
use contract::institutions::{Institution, InstitutionAction, InstitutionState};
use contract::{CodedEnum, Permission, Resource, Role};
use leptos::prelude::*;

use super::number;
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{self, Tone, chip};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::format;
use crate::i18n::{Text, lang, reactive, texts};
use crate::pages::{adoptions, attachments, difficulties};
use crate::{session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::institutions::read(&id), draw)
}

fn rule(action: InstitutionAction) -> StepRule {
    let before: fn(&str) -> AnyView = match action {
        InstitutionAction::ShutDown => |_| hint(texts::institutions::ENDS_WITH_IT),
        InstitutionAction::Reinstate => |_| hint(texts::institutions::REINSTATED),
    };
    StepRule { before: Some(before), ..StepRule::of(InstitutionState::STEPS, action) }
}

fn hint(text: Text) -> AnyView {
    view! { <p>{reactive(text)}</p> }.into_any()
}

fn draw(institution: Arc<Institution>, reload: Callback<()>) -> Detail {
    let shown = institution.clone();
    let closed = (institution.state == InstitutionState::Closed).then(|| chip(Text::label(institution.state), Tone::Bad));
    let of = Some(institution.id);
    let mut tabs = vec![Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown))];
    tabs.extend(adoptions::tab(AdoptionQuery { institution_id: of, ..Default::default() }));
    if session::may(Permission::ReadAdoptions) {
        tabs.push(difficulties::tab(DifficultyQuery { institution_id: of, ..Default::default() }));
    }
    tabs.push(attachments::tab(AttachmentObject::Institution, institution.id.to_string(), institution.editable));
    let adopt = (institution.state == InstitutionState::Open && session::is_one_of(&[Role::Cadre]))
        .then(|| page::primary_link(format!("/adoptions/new?institution_id={}", institution.id), texts::adoptions::CREATE));
    Detail {
        title: institution.details.name.clone(),
        chips: view! { {closed}{chip(Text::label(institution.details.kind), Tone::Neutral)} }.into_any(),
        editable: institution.editable,
        actions: view! {
            {actions::buttons(&institution.location(), &institution.allowed_actions, rule, reload)}
            {adopt}
        }
        .into_any(),
        tabs,
    }
}

fn key_facts(institution: &Institution) -> AnyView {
    let details = institution.details.clone();
    let (kind, updated) = (details.kind, institution.updated_at);
    let over = (institution.state == InstitutionState::Closed).then(|| {
        view! {
            {timeline::why(institution.location(), InstitutionState::STEPS, institution.state)}
            <p class="notice warning" role="note">{t!(institutions::ENDED)}</p>
        }
    });
    view! {
        {over}
        {facts(vec![
            fact_in("kind", move || kind.label(lang()).to_owned()),
            fact("code", details.code),
            fact("area_name", institution.area_name.clone()),
            fact("address", details.address),
            fact("bed_count", number(details.bed_count)),
            fact("staff_count", number(details.staff_count)),
            fact("served_count", number(details.served_count)),
            fact("contact_name", details.contact_name),
            fact("contact_phone", details.contact_phone),
            fact_in("updated_at", move || format::instant(updated, lang())),
        ])}
        {told(vec![fact("difficulties", details.difficulties)])}
    }
    .into_any()
}
