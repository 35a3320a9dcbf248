//! An agreement's page: parties, term, texts, the signed scan, and signing.

use std::sync::Arc;

use contract::Resource;
use contract::agreements::{AgreedProject, Agreement, AgreementAction, AgreementState};
use contract::attachments::AttachmentObject;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts, told};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::components::toast;
use crate::i18n::{Text, field, lang, texts};
use crate::pages::attachments;
use crate::{format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::agreements::read(&id), draw)
}

/// The state as a chip.
pub fn chip(state: AgreementState) -> AnyView {
    let tone = match state {
        AgreementState::Draft => Tone::Warning,
        AgreementState::Signed => Tone::Good,
        AgreementState::Terminated => Tone::Bad,
        AgreementState::Expired | AgreementState::Renewed => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

fn rule(action: AgreementAction) -> StepRule {
    let rule = StepRule::of(AgreementState::STEPS, action);
    match action {
        AgreementAction::Sign => StepRule { primary: true, day: Some("signed_on"), ..rule },
        AgreementAction::Terminate => rule,
    }
}

fn draw(agreement: Arc<Agreement>, reload: Callback<()>) -> Detail {
    let (shown, written) = (agreement.clone(), agreement.clone());
    let head = &agreement.head;
    let may_add = agreement.editable || !head.allowed_actions.is_empty();
    Detail {
        title: format!("{} · {}", head.village_name, head.organisation_name),
        chips: chip(head.state),
        editable: agreement.editable,
        actions: view! {
            {actions::buttons(&agreement.location(), &head.allowed_actions, rule, reload)}
            {document(&agreement)}
        }
        .into_any(),
        tabs: vec![
            Tab::new("profile", texts::detail::PROFILE, move || key_facts(&shown)),
            Tab::new("texts", texts::agreements::TEXTS, move || words(&written)),
            attachments::tab(AttachmentObject::Agreement, head.id.to_string(), may_add),
        ],
    }
}

fn document(agreement: &Agreement) -> AnyView {
    let path = format!("{}/document", agreement.location());
    let name = format!("{}-{}.docx", agreement.head.village_name, agreement.head.organisation_name);
    let get = move |_| {
        let (path, name) = (path.clone(), name.clone());
        spawn_local(async move {
            if let Err(error) = api::download(path, &name).await {
                toast::fault(error.message());
            }
        });
    };
    view! { <button type="button" class="button" on:click=get>{t!(agreements::DOCUMENT)}</button> }.into_any()
}

fn key_facts(agreement: &Agreement) -> AnyView {
    let (head, details) = (agreement.head.clone(), agreement.details.clone());
    let pairing = format!("{} · {}", head.village_name, head.organisation_name);
    let day = |day: Option<chrono::NaiveDate>| move || day.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()));
    facts(vec![
        fact("number", head.number),
        (field("pairing_id"), view! { <a href=format!("/pairings/{}", details.pairing_id)>{pairing}</a> }.into_any()),
        fact("town_name", head.town_name),
        fact_in("starts_on", day(Some(details.starts_on))),
        fact_in("ends_on", day(details.ends_on)),
        fact_in("signed_on", day(head.signed_on)),
        fact("organisation_signatory", details.organisation_signatory),
        fact("village_signatory", details.village_signatory),
        fact("witness", details.witness),
    ])
}

fn words(agreement: &Agreement) -> AnyView {
    let details = agreement.details.clone();
    let mut facts = vec![
        fact("cooperation_content", details.cooperation_content),
        fact("organisation_obligations", details.organisation_obligations),
        fact("village_obligations", details.village_obligations),
    ];
    facts.extend(agreement.projects.as_deref().map(|projects| (texts::agreements::AGREED_PROJECTS, agreed(projects))));
    told(facts)
}

/// The projects that were signed with it, as they were worded that day.
fn agreed(projects: &[AgreedProject]) -> AnyView {
    if projects.is_empty() {
        return t!(agreements::NO_PROJECTS).into_any();
    }
    let line = |project: &AgreedProject| {
        let (from, to, budget) = (project.starts_on, project.ends_on, format::money(project.budget_fen));
        let when = move || format!("{} – {} · {budget}", format::date(from, lang()), format::date(to, lang()));
        let href = format!("/projects/{}", project.id);
        view! { <li><a href=href>{project.title.clone()}</a>" "<span class="muted">{when}</span></li> }.into_any()
    };
    view! { <ul>{projects.iter().map(line).collect_view()}</ul> }.into_any()
}
