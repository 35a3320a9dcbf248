//! The page of a publication: what the public is told, and where.

use std::sync::Arc;

use contract::Resource;
use contract::publications::{Publication, PublicationAction, PublicationState};
use leptos::prelude::*;

use super::{chip, table};
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::tabs::Tab;
use crate::components::timeline;
use crate::i18n::{lang, lang_now, texts};
use crate::{api, format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::publications::read(&id), draw)
}

fn rule(action: PublicationAction) -> StepRule {
    StepRule::of(PublicationState::STEPS, action)
}

fn draw(publication: Arc<Publication>, reload: Callback<()>) -> Detail {
    let (shown, head) = (publication.clone(), &publication.head);
    // The public's own page, which the app does not draw.
    let public = (head.state == PublicationState::Published).then(|| {
        let href = format!("/public/figures/{}", head.id);
        view! { <a class="button" href=href target="_blank" rel="noopener">{t!(publications::PUBLIC_PAGE)}</a> }
    });
    Detail {
        title: format!("{} · {}", head.area_name, format::month(head.month, lang_now())),
        chips: chip(head.state),
        editable: false,
        actions: view! {
            {actions::buttons(&publication.location(), &head.allowed_actions, rule, reload)}
            {public}
        }
        .into_any(),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || about(&shown))],
    }
}

fn about(publication: &Publication) -> AnyView {
    let head = publication.head.clone();
    let (published_on, withdrawn_on) = (head.published_on, head.withdrawn_on);
    let why = (head.state == PublicationState::Withdrawn)
        .then(|| timeline::why(publication.location(), PublicationState::STEPS, head.state));
    let about = facts(vec![
        fact("campaign_title", head.campaign_title),
        fact("issue_number", head.issue_number.to_string()),
        fact_in("published_on", move || format::date(published_on, lang())),
        fact("published_by", head.published_by),
        fact("shown_count", head.shown_count.to_string()),
        fact("held_back_count", head.held_back_count.to_string()),
        fact_in("withdrawn_on", move || withdrawn_on.map_or_else(|| "—".to_owned(), |day| format::date(day, lang()))),
        fact("digest", head.digest),
    ]);
    let figures = publication.figures.iter().map(table::Cell::from).collect();
    view! {
        {why}
        {about}
        <p class="muted">{t!(publications::EXPLAINED)}</p>
        {table::tables(figures)}
    }
    .into_any()
}
