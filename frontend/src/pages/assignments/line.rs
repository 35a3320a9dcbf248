//! One line of an assignment: its terms in a dialog, and what can be done with it.

use std::collections::BTreeMap;

use contract::Permission;
use contract::assignments::AssignmentLine;
use leptos::prelude::*;

use super::{Work, of_two};
use crate::components::dialog;
use crate::components::page::{self, Tone};
use crate::i18n::{reactive, texts};
use crate::pages::recommendations::terms;
use crate::{format, session, t};

/// How many digits of a village's code are those of its town.
const TOWN_DIGITS: usize = 9;

/// The dialog with the terms of the line that is open.
pub fn dialog(work: Work) -> AnyView {
    let close = Callback::new(move |()| work.open.set(None));
    (move || {
        work.open.get().map(|line| {
            let body = view! {
                <p>
                    <strong>{line.organisation_name.clone()}" · "{line.village_name.clone()}</strong>
                    " "<span class="muted">{line.town_name.clone()}</span>" "{pinned(&line)}
                </p>
                {terms(&line.terms)}
                <p class="total">{t!(assignments::SCORE)}" "<b>{format::count(line.score)}</b></p>
                {tools(work, &line)}
                <div class="dialog-buttons">
                    <button type="button" class="button" on:click=move |_| close.run(())>{t!(assignments::CLOSE)}</button>
                </div>
            };
            dialog::modal(texts::assignments::WHY, Some(close), body.into_any())
        })
    })
    .into_any()
}

/// Says that it was asked for.
pub fn pinned(line: &AssignmentLine) -> Option<AnyView> {
    line.pinned.then(|| page::chip(texts::assignments::IS_PINNED, Tone::Accent))
}

/// What can be done with a line, on the board and in the table: take it or leave it, follow its pairing, or compute anew with
/// it pinned or forbidden.
pub fn tools(work: Work, line: &AssignmentLine) -> AnyView {
    let pairing =
        line.pairing_id.map(|id| view! { <a class="button" href=format!("/pairings/{id}")>{t!(assignments::PAIRING)}</a> });
    let names = format!("{} · {}", line.organisation_name, line.village_name);
    let two = of_two(line.organisation_id, &line.village_code);
    let anew = |text, more: &str| {
        let href = format!("/assignments/new?from={}&{two}{more}", work.id);
        let names = names.clone();
        view! { <a class="button plain" href=href>{reactive(text)}<span class="visually-hidden">" "{names}</span></a> }.into_any()
    };
    let anew = session::may(Permission::WriteAssignments)
        .then(|| view! { {anew(texts::assignments::PIN, "")}{anew(texts::assignments::FORBID, "&forbid=true")} }.into_any());
    view! { <div class="row-actions">{take(work, line)}{pairing}{anew}</div> }.into_any()
}

/// Whether the line is to become a pairing, while that can still be said.
fn take(work: Work, line: &AssignmentLine) -> Option<AnyView> {
    let id = line.id;
    let names = format!("{} · {}", line.organisation_name, line.village_name);
    let open = line.pairing_id.is_none() && work.acceptable.get_untracked();
    let turn = move |taken: bool| {
        work.chosen.update(|chosen| {
            if taken {
                chosen.insert(id);
            } else {
                chosen.remove(&id);
            }
        });
    };
    open.then(|| {
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=move || work.chosen.with(|chosen| chosen.contains(&id))
                    on:change:target=move |event| turn(event.target().checked())/>
                {t!(assignments::TAKE)}<span class="visually-hidden">" "{names}</span>
            </label>
        }
        .into_any()
    })
}

/// The choice of the town that board and table show, where there are several.
pub fn towns(work: Work, lines: &[AssignmentLine]) -> AnyView {
    let town = |line: &AssignmentLine| Some((line.village_code.get(..TOWN_DIGITS)?.to_owned(), line.town_name.clone()));
    let towns: BTreeMap<_, _> = lines.iter().filter_map(town).collect();
    if towns.len() < 2 {
        return ().into_any();
    }
    let options = towns.into_iter().map(|(code, name)| {
        view! { <option value=code.clone() selected=move || work.town.with(|now| *now == code)>{name}</option> }.into_any()
    });
    view! {
        <div class="field town-choice">
            <label for="board-town">{reactive(crate::i18n::field("town_name"))}</label>
            <select id="board-town" class="medium" on:change:target=move |event| work.town.set(event.target().value())>
                <option value="">{t!(list::ALL)}</option>
                {options.collect_view()}
            </select>
        </div>
    }
    .into_any()
}
