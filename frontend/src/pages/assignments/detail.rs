//! The page of an assignment: its board, its table, its reasons, and the step that turns it into recommended pairings.

use std::collections::BTreeSet;
use std::sync::Arc;

use contract::assignments::{Assignment, AssignmentState};
use futures::FutureExt;
use leptos::prelude::*;
use uuid::Uuid;

use super::{Work, accept, board, comparison, line, proof, reasons, table, why_not};
use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::load::{self, Load};
use crate::components::page::{self, Tone};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::pages::campaigns::detail::weights;
use crate::{api, format, t};

pub fn page(id: &str) -> AnyView {
    let Ok(id) = id.parse::<Uuid>() else { return load::missing() };
    let lines = Load::by(move |abort| async move { api::assignments::lines(id, &abort).await }.boxed_local());
    let work = Work {
        id,
        version: RwSignal::new(0),
        acceptable: RwSignal::new(false),
        lines,
        reasons: load::load(move || api::assignments::reasons(id)),
        chosen: RwSignal::new(BTreeSet::new()),
        town: RwSignal::new(String::new()),
        open: RwSignal::new(None),
    };
    // At first all are to become pairings: whoever looks through them takes some out.
    Effect::new(move || {
        if let Some(lines) = work.lines.data.get() {
            work.chosen.set(lines.iter().filter(|line| line.pairing_id.is_none()).map(|line| line.id).collect());
        }
    });
    provide_context(work);
    let path = id.to_string();
    let record = detail::page(move || api::assignments::read(&path), draw);
    view! { {record}{line::dialog(work)} }.into_any()
}

/// The state as a chip.
pub fn chip(state: AssignmentState) -> AnyView {
    let tone = match state {
        AssignmentState::Draft => Tone::Warning,
        AssignmentState::Accepted => Tone::Good,
        AssignmentState::Discarded => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

fn draw(draft: Arc<Assignment>, reload: Callback<()>) -> Detail {
    let work = Work::here();
    work.version.set(draft.version);
    work.acceptable.set(draft.acceptable());
    let tab = |key, title, content: fn(Work, &Arc<Assignment>) -> AnyView| {
        let draft = draft.clone();
        Tab::new(key, title, move || content(work, &draft))
    };
    Detail {
        title: draft.details.title.clone(),
        chips: chip(draft.state),
        editable: false,
        actions: accept::actions(work, &draft, reload),
        tabs: vec![
            tab("board", texts::assignments::BOARD, board::tab),
            tab("lines", texts::assignments::TABLE, |work, _| table::tab(work)),
            tab("reasons", texts::assignments::WITHOUT, |work, _| reasons::left(work)),
            tab("rankings", texts::assignments::BOTH_SIDES, reasons::ranked),
            tab("why-not", texts::assignments::WHY_NOT, |work, _| why_not::tab(work)),
            tab("comparison", texts::assignments::COMPARISON, comparison::tab),
            tab("proof", texts::assignments::PROOF, proof::tab),
            tab("settings", texts::assignments::SETTINGS, |_, draft| settings(draft)),
        ],
    }
}

fn settings(draft: &Assignment) -> AnyView {
    let details = &draft.details;
    let campaign = view! { <a href=format!("/campaigns/{}", details.campaign_id)>{draft.campaign_title.clone()}</a> };
    let count = |number: usize| format::count(i64::try_from(number).unwrap_or(i64::MAX));
    let rankings = details.uses_rankings;
    let made = draft.created_at;
    view! {
        {facts(vec![
            (field("campaign_title"), campaign.into_any()),
            fact("note", details.note.clone()),
            (texts::assignments::ORGANISATION_CAPACITY, format::count(details.organisation_capacity.into()).into_any()),
            (texts::assignments::VILLAGE_CAPACITY, format::count(details.village_capacity.into()).into_any()),
            (texts::assignments::USES_RANKINGS, (move || if rankings { t!(common::YES)() } else { t!(common::NO)() }).into_any()),
            (texts::assignments::PINNED, count(details.pinned.len()).into_any()),
            (texts::assignments::FORBIDDEN, count(details.forbidden.len()).into_any()),
            fact_in("created_at", move || format::instant(made, lang())),
        ])}
        <h2>{t!(campaigns::MATCH_WEIGHTS)}</h2>
        {weights(&draft.applied_weights)}
    }
    .into_any()
}
