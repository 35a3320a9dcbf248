//! Who stays without and why, and what both sides would rather have by their rankings.

use std::sync::Arc;

use contract::assignments::{AssignedPair, AssignedSide, Assignment, AssignmentReasons, LeftSide, UnmetWishes};
use leptos::prelude::*;

use super::{Work, of_two, worth};
use crate::components::table::{self, Row};
use crate::components::{load, page};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{format, t};

/// Who stays without, who could take more, and which chambers have no village of their town.
pub fn left(work: Work) -> AnyView {
    load::show(work.reasons, move |reasons| {
        view! {
            {unmet(&reasons)}
            {sides(work, texts::assignments::ORGANISATIONS_WITHOUT, &reasons.organisations_left, true)}
            {sides(work, texts::assignments::VILLAGES_WITHOUT, &reasons.villages_left, true)}
            {sides(work, texts::assignments::ORGANISATIONS_FREE, &reasons.organisations_left, false)}
            {sides(work, texts::assignments::VILLAGES_FREE, &reasons.villages_left, false)}
        }
        .into_any()
    })
}

fn unmet(reasons: &AssignmentReasons) -> AnyView {
    let items = reasons.unmet.iter().map(|unmet| {
        let unmet = unmet.clone();
        view! { <li>{move || wish(&unmet)}</li> }.into_any()
    });
    let items: Vec<_> = items.collect();
    let body = if items.is_empty() {
        view! { <p class="muted">{t!(assignments::ALL_MET)}</p> }.into_any()
    } else {
        view! { <ul>{items}</ul> }.into_any()
    };
    page::section(texts::assignments::UNMET, body)
}

/// Why a chamber has no village of its town, in one sentence.
fn wish(unmet: &UnmetWishes) -> String {
    let names =
        |sides: &[AssignedSide]| sides.iter().map(|side| side.name.as_str()).collect::<Vec<_>>().join(lang().pick("、", ", "));
    let organisations = names(&unmet.organisations);
    match (unmet.full, unmet.villages.as_slice()) {
        (true, _) => t!(assignments::unmet_full, organisations),
        (false, []) => t!(assignments::unmet_none, organisations),
        (false, villages) => {
            t!(assignments::unmet_short, organisations, names(villages), unmet.places, names(&unmet.without))
        }
    }
}

/// Those who have nobody, or those who have somebody and could take more.
fn sides(work: Work, title: Text, all: &[LeftSide], without: bool) -> AnyView {
    let rows: Vec<_> = all.iter().filter(|left| left.without == without).map(|left| row(work, left)).collect();
    let count = format::count(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    if rows.is_empty() {
        let none = view! { <p class="muted">{t!(assignments::NONE_LEFT)}</p> };
        return if without { page::section(title, none.into_any()) } else { ().into_any() };
    }
    let heads = vec![
        (field("name"), false),
        (texts::assignments::FREE, true),
        (texts::assignments::WHY, false),
        (texts::assignments::BETTER_ONES, false),
    ];
    let table = table::rows(title, heads, rows);
    if without {
        return page::section(title, table);
    }
    // Whoever has somebody is nobody to worry about.
    view! { <details class="card"><summary>{reactive(title)}" ("{count}")"</summary>{table}</details> }.into_any()
}

fn row(work: Work, left: &LeftSide) -> Row {
    let (reason, forbidden) = (left.reason, left.forbidden);
    let why = move || {
        let why = Text::label(reason).get();
        if forbidden > 0 { format!("{why}{}", t!(assignments::kept_apart, forbidden)) } else { why.to_owned() }
    };
    let better = left.better.iter().map(|better| {
        let pair = match (left.side.organisation_id, &better.side.village_code) {
            (Some(id), Some(code)) => of_two(id, code),
            _ => of_two(better.side.organisation_id.unwrap_or_default(), left.side.village_code.as_deref().unwrap_or_default()),
        };
        let (score, price) = (better.score, better.price);
        let words = move || match price {
            Some(price) => t!(assignments::better, format::count(score), worth(price)),
            None => t!(assignments::better_full, format::count(score)),
        };
        let href = format!("/assignments/{}?tab=why-not&{pair}", work.id);
        view! { <li><a href=href>{better.side.name.clone()}</a>" "<small class="muted">{words}</small></li> }.into_any()
    });
    let better: Vec<_> = better.collect();
    let better = (!better.is_empty()).then(|| view! { <ul class="plain-list">{better}</ul> }.into_any());
    Row::default().text(left.side.name.clone()).text(format::count(left.places)).said(why).mark(better)
}

/// What both sides would rather have, and what would be best for each of them, by their rankings.
pub fn ranked(work: Work, draft: &Arc<Assignment>) -> AnyView {
    let figures = draft.figures.clone();
    if figures.organisation_rankings + figures.village_rankings == 0 {
        return view! { <p class="notice" role="note">{t!(assignments::NO_RANKINGS)}</p> }.into_any();
    }
    let head = move || {
        t!(assignments::rankings_used, format::count(figures.organisation_rankings), format::count(figures.village_rankings))
    };
    let body = load::show(work.reasons, move |reasons| {
        view! {
            {page::section(texts::assignments::BLOCKING, view! {
                <p class="muted">{t!(assignments::BLOCKING_TEXT)}</p>
                {pairs(work, texts::assignments::BLOCKING, &reasons.blocking)}
            }.into_any())}
            <div class="halves">
                {page::section(texts::assignments::BEST_FOR_ORGANISATIONS,
                    pairs(work, texts::assignments::BEST_FOR_ORGANISATIONS, &reasons.best_for_organisations))}
                {page::section(texts::assignments::BEST_FOR_VILLAGES,
                    pairs(work, texts::assignments::BEST_FOR_VILLAGES, &reasons.best_for_villages))}
            </div>
        }
        .into_any()
    });
    view! { <p>{head}" "{t!(assignments::STABLE_TEXT)}</p>{body} }.into_any()
}

/// Pairs with their scores, each leading to the question why it is not one of the draft.
pub fn pairs(work: Work, title: Text, pairs: &[AssignedPair]) -> AnyView {
    if pairs.is_empty() {
        return view! { <p class="muted">{t!(assignments::NONE_LEFT)}</p> }.into_any();
    }
    let heads = vec![(field("organisation_name"), false), (field("village_name"), false), (texts::assignments::SCORE, true)];
    let rows = pairs.iter().map(|pair| {
        let two = of_two(pair.organisation_id, &pair.village_code);
        Row::to(format!("/assignments/{}?tab=why-not&{two}", work.id))
            .text(pair.organisation_name.clone())
            .text(pair.village_name.clone())
            .text(format::count(pair.score))
    });
    table::links(title, heads, rows)
}
