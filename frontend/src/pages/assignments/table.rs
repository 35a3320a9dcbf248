//! The lines of an assignment as a table, which says what the board shows.

use contract::assignments::AssignmentLine;
use leptos::prelude::*;

use super::{Work, line};
use crate::components::list::{self, Export};
use crate::components::load;
use crate::components::table::{self, Head, Row};
use crate::i18n::{field, texts};
use crate::pages::recommendations::terms;
use crate::{format, t};

pub fn tab(work: Work) -> AnyView {
    let search = Memo::new(move |_| format!("assignment_id={}", work.id));
    let export = Export { path: "/assignment-lines/export", import: None };
    load::show(work.lines, move |lines| {
        let towns = line::towns(work, &lines);
        let all = lines.clone();
        let every = move |_| {
            let open = all.iter().filter(|line| line.pairing_id.is_none()).map(|line| line.id).collect();
            work.chosen.set(open);
        };
        let buttons = work.acceptable.get_untracked().then(|| {
            view! {
                <button type="button" class="button" on:click=every>{t!(assignments::ALL)}</button>
                <button type="button" class="button" on:click=move |_| work.chosen.update(|chosen| chosen.clear())>{t!(assignments::NONE)}</button>
            }
        });
        let rows = move || {
            let shown: Vec<_> = lines.iter().filter(|line| work.shows(&line.village_code)).collect();
            rows(work, &shown)
        };
        view! {
            <div class="board-tools">{towns}{buttons}{list::export_button(export, texts::assignments::TABLE, search)}</div>
            {rows}
        }
        .into_any()
    })
}

fn rows(work: Work, lines: &[&AssignmentLine]) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="muted">{t!(assignments::NO_LINES)}</p> }.into_any();
    }
    let mut heads: Vec<Head> = ["organisation_name", "village_name", "town_name"].map(|name| (field(name), false)).into();
    heads.extend([
        (texts::assignments::SCORE, true),
        (texts::recommendations::REASONS, false),
        (texts::recommendations::ACT, false),
    ]);
    let rows = lines.iter().map(|line| {
        let (organisation, village) =
            (format!("/organisations/{}", line.organisation_id), format!("/villages/{}", line.village_code));
        Row::to(organisation)
            .text(line.organisation_name.clone())
            .mark(Some(view! { <a href=village>{line.village_name.clone()}</a>" "{line::pinned(line)} }.into_any()))
            .text(line.town_name.clone())
            .text(format::count(line.score))
            .mark(Some(terms(&line.terms)))
            .mark(Some(line::tools(work, line)))
    });
    table::rows(texts::assignments::TABLE, heads, rows)
}
