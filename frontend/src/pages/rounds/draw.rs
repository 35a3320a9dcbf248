//! What a round chooses from, and what it chooses: looked at before it is opened, and kept afterwards.

use std::sync::Arc;

use contract::inspections::{Draw, DrawLine, InspectionRound, RoundAction, SelectionMethod};
use contract::{ErrorCode, Resource};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::components::load::{self, Load};
use crate::components::page::{self, Tone};
use crate::components::table::{self, Row};
use crate::components::{dialog, toast};
use crate::i18n::{Text, field, reactive, texts};
use crate::{format, t};

/// How many lines are shown at first, and with each press of the button below.
const SHOWN: usize = 50;

/// The draw of a round. With `opened`, which reads the round again, a draft can be opened here.
pub fn shown(round: &InspectionRound, opened: Option<Callback<()>>) -> AnyView {
    let id = round.id.to_string();
    let draw = load::load(move || api::rounds::draw(&id));
    let may_open = round.allowed_actions.contains(&RoundAction::Open);
    let path = round.location();
    load::show(draw, move |found: Arc<Draw>| {
        let open = opened.filter(|_| may_open && found.chosen > 0).map(|opened| opening(found.clone(), draw, opened));
        let hint = opened.map(|_| view! { <p class="hint">{t!(rounds::DRAW_HINT)}</p> });
        let (chosen, all) = (format::count(found.chosen), format::count(found.lines.len().try_into().unwrap_or(i64::MAX)));
        let again = found.seed.map(|seed| {
            view! { <p>{reactive(field("seed"))}" "<code>{seed}</code>" · "<span class="muted">{t!(rounds::SEED_HINT)}</span></p> }
        });
        let nothing = (found.chosen == 0).then(|| {
            view! { <p class="notice" role="note">{t!(rounds::NOTHING)}" "<a href=format!("{path}/edit")>{t!(detail::EDIT)}</a></p> }
        });
        view! {
            <p><strong>{move || t!(rounds::chosen, chosen, all)}</strong></p>
            {again}
            {hint}
            {nothing}
            {lines(&found)}
            {open}
        }
        .into_any()
    })
}

/// The button that makes an inspection of each chosen pairing, just as they were looked at.
fn opening(found: Arc<Draw>, draw: Load<Draw>, opened: Callback<()>) -> AnyView {
    let busy = RwSignal::new(false);
    let open = move |_| {
        let (id, digest, chosen) = (found.round_id.to_string(), found.digest.clone(), found.chosen);
        spawn_local(async move {
            let (title, text) = (texts::rounds::OPEN_TITLE, t!(rounds::open_text, format::count(chosen)));
            if busy.get_untracked() || !dialog::confirm(title, text, Text::label(RoundAction::Open)).await {
                return;
            }
            busy.set(true);
            match api::rounds::open(&id, &digest).send().await {
                Ok(_) => {
                    toast::say(texts::rounds::OPENED.get());
                    opened.try_run(());
                }
                Err(error) => {
                    if matches!(&error, ApiError::Problem(problem) if problem.code == ErrorCode::DrawChanged) {
                        draw.reload();
                    }
                    toast::fault(error.message());
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <p><button type="button" class="button primary" aria-disabled=move || busy.get().to_string() on:click=open>
            {reactive(Text::label(RoundAction::Open))}
        </button></p>
    }
    .into_any()
}

fn lines(found: &Arc<Draw>) -> AnyView {
    let found = found.clone();
    let lot = found.method == SelectionMethod::Lot;
    let count = RwSignal::new(SHOWN);
    let all = found.lines.len();
    let rows = move || {
        let mut heads = vec![(field("village_name"), false), (field("organisation_name"), false), (field("chosen"), false)];
        if lot {
            heads.push((texts::rounds::TICKET, false));
        }
        table::links(texts::rounds::DRAW, heads, found.lines.iter().take(count.get()).map(|line| row(line, lot)))
    };
    let more = move || {
        (count.get() < all).then(|| {
            view! {
                <p><button type="button" class="button" on:click=move |_| count.update(|count| *count += SHOWN)>
                    {t!(detail::MORE_HISTORY)}
                </button></p>
            }
        })
    };
    view! { {rows}{more} }.into_any()
}

fn row(line: &DrawLine, lot: bool) -> Row {
    let chosen = line.chosen.then(|| page::chip(field("chosen"), Tone::Good));
    let row = Row::to(format!("/pairings/{}", line.pairing_id))
        .text(line.village_name.clone())
        .text(line.organisation_name.clone())
        .mark(chosen);
    // The beginning is enough to compare two by eye; the workbook and the API have the whole ticket.
    let ticket =
        line.ticket.as_ref().map(|ticket| view! { <code>{ticket.chars().take(8).collect::<String>()}</code> }.into_any());
    if lot { row.mark(ticket) } else { row }
}
