//! Supervision orders: list, page, form, and the page to print.

mod detail;
mod form;
mod list;
mod print;

use contract::supervision_orders::{OrderColour, OrderLine, SupervisionOrderHead, SupervisionOrderState};
use leptos::prelude::*;

use crate::components::page::{self, Tone};
use crate::components::table::{self, Row};
use crate::i18n::{Text, field, lang, texts};
use crate::{format, t};

/// The page of a path below `/supervision-orders`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        [id, "print"] => Some(print::page(id)),
        _ => None,
    }
}

/// The colour as a chip: the word says it too.
fn colour(colour: OrderColour) -> AnyView {
    let tone = match colour {
        OrderColour::Blue => Tone::Accent,
        OrderColour::Yellow => Tone::Warning,
        OrderColour::Red => Tone::Bad,
    };
    page::chip(Text::label(colour), tone)
}

/// The state as a chip, and that the day to answer is over.
fn state(head: &SupervisionOrderHead) -> AnyView {
    let tone = match head.state {
        SupervisionOrderState::Draft | SupervisionOrderState::Returned => Tone::Warning,
        SupervisionOrderState::Issued | SupervisionOrderState::Received | SupervisionOrderState::Answered => Tone::Accent,
        SupervisionOrderState::Closed => Tone::Good,
        SupervisionOrderState::Withdrawn => Tone::Neutral,
    };
    let overdue = head.overdue.then(|| page::chip(texts::supervision_orders::OVERDUE, Tone::Bad));
    view! { {page::chip(Text::label(head.state), tone)}{overdue} }.into_any()
}

/// What was behind on the day of the draft, each with its record.
fn matters(lines: &[OrderLine]) -> AnyView {
    let heads = ["subject", "kind", "colour", "due_on", "days_late"].map(|name| (field(name), name == "days_late"));
    let rows = lines.iter().map(|line| {
        let due_on = line.due_on;
        let late = line.days_late;
        Row::to(line.record.clone())
            .text(line.subject.clone())
            .label(Text::label(line.kind))
            .mark(Some(colour(line.colour)))
            .said(move || format::date(due_on, lang()))
            .said(move || if late > 0 { late.to_string() } else { t!(supervision_orders::NOT_LATE)().to_owned() })
    });
    table::links(texts::supervision_orders::MATTERS, heads.to_vec(), rows)
}
