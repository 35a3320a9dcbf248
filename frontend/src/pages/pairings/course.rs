//! The course of a pairing, from the proposal to its end: as steps, and as marks in the months when they were taken.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use contract::Month;
use contract::agreements;
use contract::agreements::AgreementState;
use contract::pairing_year::PairingYear;
use contract::pairings::{PairingKind, PairingState};
use leptos::prelude::*;

use crate::format;
use crate::i18n::{Text, lang, reactive, texts};

/// A step of the course: its words, its day where one is known, and whether it is taken.
struct Taken {
    text: Text,
    on: Option<NaiveDate>,
    is_taken: bool,
}

fn local(at: DateTime<Utc>) -> NaiveDate {
    FixedOffset::east_opt(8 * 3600).map_or_else(|| at.date_naive(), |zone| at.with_timezone(&zone).date_naive())
}

fn signed(year: &PairingYear) -> Option<&agreements::AgreementSummary> {
    year.agreements.iter().filter(|agreement| agreement.head.signed_on.is_some()).min_by_key(|agreement| agreement.head.signed_on)
}

fn course(year: &PairingYear) -> Vec<Taken> {
    let pairing = &year.pairing;
    let agreed = pairing.organisation_accepted_at.zip(pairing.village_accepted_at).map(|(one, other)| local(one.max(other)));
    let begun = pairing.active_since.is_some();
    let confirmed = begun || matches!(pairing.state, PairingState::Confirmed | PairingState::Active);
    let over = matches!(pairing.state, PairingState::Completed | PairingState::Terminated);
    let taken = |text, on: Option<NaiveDate>, is_taken| Taken { text, on, is_taken };
    let mut steps = vec![
        taken(texts::pairing_year::PROPOSED, Some(local(pairing.created_at)), true),
        taken(texts::pairing_year::AGREED, agreed, agreed.is_some()),
        taken(texts::pairing_year::BUREAU_CONFIRMED, None, confirmed),
    ];
    // Whoever reads no agreements is not told that there is none.
    if pairing.kind == PairingKind::Village && !(begun && year.agreements.is_empty()) {
        let on = signed(year).and_then(|agreement| agreement.head.signed_on);
        steps.push(taken(texts::pairing_year::SIGNED, on, on.is_some()));
    }
    steps.push(taken(texts::pairing_year::BEGUN, pairing.active_since, begun));
    let end = match pairing.state {
        PairingState::Terminated => texts::pairing_year::TERMINATED,
        _ => texts::pairing_year::COMPLETED,
    };
    steps.push(taken(end, pairing.ended_on, over));
    steps
}

/// The steps in a line, the latest one marked.
pub fn steps(year: &PairingYear) -> AnyView {
    let steps = course(year);
    let last = steps.iter().rposition(|step| step.is_taken);
    let items = steps.into_iter().enumerate().map(|(index, step)| {
        let is_last = last == Some(index);
        let class = if is_last {
            "now"
        } else if step.is_taken {
            "taken"
        } else {
            ""
        };
        let day = step.on.map(|day| view! { " "<small>{format::short_day(day)}</small> });
        view! { <li class=class aria-current=is_last.then_some("step")>{reactive(step.text)}{day}</li> }.into_any()
    });
    view! { <ol class="course">{items.collect_view()}</ol> }.into_any()
}

/// What of it fell into a month.
pub fn of_month(year: &PairingYear, month: Month) -> Vec<AnyView> {
    let here = |day: &NaiveDate| Month::of(*day) == month;
    let line = |day: NaiveDate, text: String, href: Option<String>| {
        let text = format!("{} {text}", format::short_day(day));
        match href {
            Some(href) => {
                view! { <a class="mark step" href=href><span class="shape" aria-hidden="true">"●"</span><span>{text}</span></a> }
                    .into_any()
            }
            None => view! { <span class="mark step"><span class="shape" aria-hidden="true">"●"</span><span>{text}</span></span> }
                .into_any(),
        }
    };
    let mut marks: Vec<(NaiveDate, AnyView)> = Vec::new();
    for step in course(year).into_iter().filter(|step| step.is_taken && step.text != texts::pairing_year::SIGNED) {
        if let Some(day) = step.on.filter(here) {
            marks.push((day, line(day, step.text.get().to_owned(), None)));
        }
    }
    for agreement in &year.agreements {
        let number = agreement.head.number.clone().unwrap_or_default();
        let href = format!("/agreements/{}", agreement.head.id);
        if let Some(day) = agreement.head.signed_on.filter(here) {
            marks.push((day, line(day, format!("{} {number}", texts::pairing_year::SIGNED.get()), Some(href.clone()))));
        }
        if agreement.head.state == AgreementState::Signed && here(&agreement.ends_on) {
            marks.push((agreement.ends_on, line(agreement.ends_on, texts::pairing_year::TERM_ENDS.get().to_owned(), Some(href))));
        }
    }
    lang();
    marks.sort_by_key(|(day, _)| *day);
    marks.into_iter().map(|(_, mark)| mark).collect()
}
