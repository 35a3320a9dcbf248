//! The board of an assignment: organisations on one side, villages on the other, a line for each pair. One key enters it, arrows move
//! about in it, and each line opens its terms. The table beside it says the same.

use std::sync::Arc;

use contract::assignments::{Assignment, AssignmentFigures, AssignmentLine, AssignmentReasons};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use uuid::Uuid;

use super::layout::{self, Layout};
use super::{Work, line, proof};
use crate::components::load;
use crate::i18n::{Text, reactive, texts};
use crate::{dom, format, t};

/// The height of a row, as in the style sheet.
const ROW_REM: f64 = 1.75;

/// More rows than this are shown a town at a time.
const MOST: usize = 600;

pub fn tab(work: Work, draft: &Arc<Assignment>) -> AnyView {
    let (figures, proven) = (figures(&draft.figures), proof::in_words(draft));
    let board = load::show(work.lines, move |lines| {
        load::show(work.reasons, move |reasons| {
            let (lines, towns) = (lines.clone(), line::towns(work, &lines));
            let drawn = move || draw(work, &lines, &reasons);
            view! { <div class="board-tools">{towns}</div>{drawn} }.into_any()
        })
    });
    view! { {figures}{proven}{board} }.into_any()
}

/// What it is worth beside what always taking the best pair that is left would give.
fn figures(figures: &AssignmentFigures) -> AnyView {
    let figure = |text: Text, value: String, more: Option<String>| {
        let more = more.map(|more| view! { <small>{more}</small> });
        view! { <div><dt>{reactive(text)}</dt><dd>{value}" "{more}</dd></div> }.into_any()
    };
    let count = format::count;
    let f = figures.clone();
    (move || {
        let ahead = f.total - f.greedy_total;
        let greedy = t!(assignments::greedy, count(f.greedy_total), count(ahead));
        let met = t!(assignments::greedy_met, count(f.greedy_chambers_met));
        let pairs = t!(assignments::greedy_lines, count(f.greedy_lines));
        view! {
            <dl class="key-figures noted">
                {figure(texts::assignments::TOTAL, count(f.total), Some(greedy))}
                {figure(texts::assignments::LINES, count(f.lines), Some(pairs))}
                {figure(texts::assignments::CHAMBERS_MET, format!("{} / {}", f.chambers_met, f.chambers), Some(met))}
                {figure(texts::assignments::ORGANISATIONS_WITHOUT, count(f.organisations_without), Some(format!("/ {}", f.organisations)))}
                {figure(texts::assignments::VILLAGES_WITHOUT, count(f.villages_without), Some(format!("/ {}", f.villages)))}
            </dl>
        }
    })
    .into_any()
}

/// Both sides by name, and what joins them.
struct Board {
    organisations: Vec<(Uuid, String)>,
    villages: Vec<(String, String)>,
    /// The line of the draft that joins two; none where they were paired already.
    joints: Vec<Option<AssignmentLine>>,
    layout: Layout,
}

impl Board {
    /// Of a town, its villages and whoever is paired with them.
    fn of(work: Work, lines: &[AssignmentLine], reasons: &AssignmentReasons) -> Self {
        let whole = work.town.with(String::is_empty);
        let mut board = Self { organisations: Vec::new(), villages: Vec::new(), joints: Vec::new(), layout: Layout::default() };
        let mut pairs = Vec::new();
        for line in lines.iter().filter(|line| work.shows(&line.village_code)) {
            let organisation = board.organisation(line.organisation_id, &line.organisation_name);
            pairs.push((organisation, board.village(&line.village_code, &line.village_name)));
            board.joints.push(Some(line.clone()));
        }
        for pair in reasons.existing.iter().filter(|pair| work.shows(&pair.village_code)) {
            let organisation = board.organisation(pair.organisation_id, &pair.organisation_name);
            pairs.push((organisation, board.village(&pair.village_code, &pair.village_name)));
            board.joints.push(None);
        }
        // An organisation without anybody is of no town.
        for left in reasons.organisations_left.iter().filter(|left| left.without && whole) {
            board.organisation(left.side.organisation_id.unwrap_or_default(), &left.side.name);
        }
        for left in reasons.villages_left.iter().filter(|left| left.without) {
            if let Some(code) = left.side.village_code.as_deref().filter(|code| work.shows(code)) {
                board.village(code, &left.side.name);
            }
        }
        // A code begins with that of its town, so that villages stand by towns.
        let mut order: Vec<_> = (0..board.villages.len()).collect();
        order.sort_by(|one, other| board.villages[*one].cmp(&board.villages[*other]));
        for pair in &mut pairs {
            pair.1 = order.iter().position(|village| *village == pair.1).unwrap_or_default();
        }
        board.villages.sort();
        board.layout = layout::of(board.organisations.len(), board.villages.len(), &pairs);
        board
    }

    /// The place of an organisation, which is added where it is new.
    fn organisation(&mut self, id: Uuid, name: &str) -> usize {
        self.organisations.iter().position(|known| known.0 == id).unwrap_or_else(|| {
            self.organisations.push((id, name.to_owned()));
            self.organisations.len() - 1
        })
    }

    /// The place of a village, which is added where it is new.
    fn village(&mut self, code: &str, name: &str) -> usize {
        self.villages.iter().position(|known| known.0 == code).unwrap_or_else(|| {
            self.villages.push((code.to_owned(), name.to_owned()));
            self.villages.len() - 1
        })
    }

    /// The control in a column and a row: names of organisations, pairs, names of villages.
    fn has(&self, (column, row): Place) -> bool {
        match column {
            0 => self.layout.organisations.get(row).is_some_and(|slot| slot.first),
            1 => {
                let pair = self.layout.organisations.get(row).and_then(|slot| slot.pair);
                pair.is_some_and(|pair| self.joints[pair].is_some())
            }
            _ => self.layout.villages.get(row).is_some_and(|slot| slot.first),
        }
    }

    fn rows(&self) -> usize {
        self.layout.organisations.len().max(self.layout.villages.len())
    }

    /// Where a key leads from a place: up and down in a column, to the side along the pair.
    fn next(&self, key: &str, from: Place) -> Option<Place> {
        let (column, row) = from;
        let first = |rows: &mut dyn Iterator<Item = usize>| rows.map(|row| (column, row)).find(|place| self.has(*place));
        match (key, column) {
            ("ArrowDown", _) => first(&mut (row + 1..self.rows())),
            ("ArrowUp", _) => first(&mut (0..row).rev()),
            ("Home", _) => first(&mut (0..self.rows())),
            ("End", _) => first(&mut (0..self.rows()).rev()),
            ("ArrowRight", 0) if self.has((1, row)) => Some((1, row)),
            ("ArrowRight", 0 | 1) => {
                let pair = self.layout.organisations[row].pair?;
                let village = self.layout.villages[self.layout.lines[pair].1].who;
                self.layout.villages.iter().position(|slot| slot.who == village).map(|row| (2, row))
            }
            ("ArrowLeft", 2) => {
                let beside = self.layout.lines[self.layout.villages[row].pair?].0;
                if self.has((1, beside)) { Some((1, beside)) } else { self.next(key, (1, beside)) }
            }
            ("ArrowLeft", 1) => {
                let who = self.layout.organisations[row].who;
                self.layout.organisations.iter().position(|slot| slot.who == who).map(|row| (0, row))
            }
            _ => None,
        }
    }
}

/// A column and a row.
type Place = (usize, usize);

fn id_of((column, row): Place) -> String {
    format!("board-{column}-{row}")
}

fn draw(work: Work, lines: &[AssignmentLine], reasons: &AssignmentReasons) -> AnyView {
    let board = Arc::new(Board::of(work, lines, reasons));
    if board.rows() > MOST {
        return view! { <p class="notice">{t!(assignments::TOO_MANY)}</p> }.into_any();
    }
    if board.rows() == 0 {
        return view! { <p class="muted">{t!(assignments::NO_LINES)}</p> }.into_any();
    }
    let at = RwSignal::new((0..3).map(|column| (column, 0)).find(|place| board.has(*place)).unwrap_or_default());
    // The pair that has the focus or the mouse, by its number.
    let lit = RwSignal::new(None::<usize>);
    let keys = board.clone();
    let on_key = move |event: KeyboardEvent| {
        if let Some(next) = keys.next(&event.key(), at.get_untracked()) {
            event.prevent_default();
            at.set(next);
            dom::focus(&id_of(next));
        }
    };
    let organisations = (0..board.layout.organisations.len()).map(|row| organisation(work, &board, row, at, lit)).collect_view();
    let villages = (0..board.layout.villages.len()).map(|row| village(work, &board, row, at, lit)).collect_view();
    view! {
        <p class="hint" id="board-hint">{t!(assignments::BOARD_HINT)}</p>
        <div class="board" role="group" aria-label=t!(assignments::BOARD) aria-describedby="board-hint" on:keydown=on_key>
            <ol class="board-side">{organisations}</ol>
            {joined(work, &board, lit)}
            <ol class="board-side villages">{villages}</ol>
        </div>
    }
    .into_any()
}

/// The lines. They repeat what the buttons beside the organisations say, so that they are for eyes and mouse alone.
fn joined(work: Work, board: &Arc<Board>, lit: RwSignal<Option<usize>>) -> AnyView {
    let middle = |row: usize| format!("{}rem", (row as f64 + 0.5) * ROW_REM);
    let lines = board.layout.lines.iter().enumerate().map(|(pair, &(left, right))| {
        let (y1, y2) = (middle(left), middle(right));
        let is_lit = move || lit.get() == Some(pair);
        let Some(line) = &board.joints[pair] else {
            return view! { <line class="joins existing" x1="0" y1=y1 x2="100%" y2=y2></line> }.into_any();
        };
        let (id, pinned, done, line) = (line.id, line.pinned, line.pairing_id.is_some(), line.clone());
        let left_out = move || work.acceptable.get() && !work.chosen.with(|chosen| chosen.contains(&id));
        let open = move |_| work.open.set(Some(line.clone()));
        view! {
            <g on:click=open on:mouseenter=move |_| lit.set(Some(pair)) on:mouseleave=move |_| lit.set(None)>
                <line class="hit" x1="0" y1=y1.clone() x2="100%" y2=y2.clone()></line>
                <line class="joins" class:pinned=pinned class:done=done class:left-out=left_out class:lit=is_lit
                    x1="0" y1=y1 x2="100%" y2=y2></line>
            </g>
        }
        .into_any()
    });
    let height = format!("{}rem", board.rows() as f64 * ROW_REM);
    view! { <svg class="board-lines" height=height aria-hidden="true" focusable="false">{lines.collect_view()}</svg> }.into_any()
}

/// A row of the left side: the name where it is the first one, and the pair that begins here.
fn organisation(work: Work, board: &Arc<Board>, row: usize, at: RwSignal<Place>, lit: RwSignal<Option<usize>>) -> AnyView {
    let slot = board.layout.organisations[row];
    let (id, name) = board.organisations[slot.who].clone();
    let asked = format!("/assignments/{}?tab=why-not&organisation_id={id}", work.id);
    let shown = slot.first.then(|| named((0, row), asked, name.clone(), at));
    let pair = slot.pair.map(|pair| {
        let Some(line) = &board.joints[pair] else {
            return view! { <small class="muted">{t!(assignments::EXISTING)}</small> }.into_any();
        };
        let (line, village, score) = (line.clone(), line.village_name.clone(), format::count(line.score));
        let shown = score.clone();
        let label = move || t!(assignments::line_of, name, village, score);
        view! {
            <button type="button" class="score" id=id_of((1, row)) aria-label=label tabindex=move || stop(at, (1, row))
                on:focus=move |_| { at.set((1, row)); lit.set(Some(pair)); } on:blur=move |_| lit.set(None)
                on:mouseenter=move |_| lit.set(Some(pair)) on:mouseleave=move |_| lit.set(None)
                on:click=move |_| work.open.set(Some(line.clone()))>{shown}</button>
        }
        .into_any()
    });
    let class = if slot.first { "first" } else { "" };
    let without = (slot.pair.is_none()).then(|| view! { <small class="muted">{t!(assignments::NOBODY)}</small> });
    view! { <li class=class class:lit=move || slot.pair.is_some() && lit.get() == slot.pair>{shown}{pair}{without}</li> }
        .into_any()
}

/// A row of the right side: the name where it is the first one.
fn village(work: Work, board: &Arc<Board>, row: usize, at: RwSignal<Place>, lit: RwSignal<Option<usize>>) -> AnyView {
    let slot = board.layout.villages[row];
    let (code, name) = board.villages[slot.who].clone();
    let asked = format!("/assignments/{}?tab=why-not&village_code={code}", work.id);
    let shown = slot.first.then(|| named((2, row), asked, name, at));
    let class = if slot.first { "first" } else { "" };
    let without = (slot.pair.is_none()).then(|| view! { <small class="muted">{t!(assignments::NOBODY)}</small> });
    view! { <li class=class class:lit=move || slot.pair.is_some() && lit.get() == slot.pair>{shown}{without}</li> }.into_any()
}

/// A name, which leads to the question why it is not paired with somebody else.
fn named(place: Place, href: String, name: String, at: RwSignal<Place>) -> AnyView {
    let title = name.clone();
    view! {
        <a id=id_of(place) class="name" href=href title=title tabindex=move || stop(at, place) on:focus=move |_| at.set(place)>{name}</a>
    }
    .into_any()
}

/// One element of the board is a stop of the Tab key: the last that had the focus.
fn stop(at: RwSignal<Place>, place: Place) -> &'static str {
    if at.get() == place { "0" } else { "-1" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn board() -> Board {
        let layout = layout::of(3, 2, &[(0, 1), (1, 0), (1, 1)]);
        let line = |_| {
            let line = json!({
                "id": Uuid::nil(), "assignment_id": Uuid::nil(), "position": 1, "organisation_id": Uuid::nil(), "organisation_name": "",
                "credit_code": "", "village_code": "", "village_name": "", "town_name": "", "pinned": false, "score": 1, "terms": [],
            });
            Some(serde_json::from_value(line).unwrap())
        };
        // The last one was there before, and has nothing to open.
        let joints = (0..2).map(line).chain([None]).collect();
        Board { organisations: Vec::new(), villages: Vec::new(), joints, layout }
    }

    #[test]
    fn arrows_reach_every_name_and_every_pair() {
        let board = board();
        let mut reached = vec![(0, 0)];
        let mut next = 0;
        while let Some(&from) = reached.get(next) {
            for key in ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"] {
                if let Some(place) = board.next(key, from).filter(|place| !reached.contains(place)) {
                    reached.push(place);
                }
            }
            next += 1;
        }
        let all = (0..3).flat_map(|column| (0..board.rows()).map(move |row| (column, row))).filter(|place| board.has(*place));
        assert!(all.clone().all(|place| reached.contains(&place)), "{:?} of {:?}", reached, all.collect::<Vec<_>>());
    }

    #[test]
    fn a_step_to_the_side_follows_the_pair() {
        let board = board();
        for (pair, &(left, right)) in board.layout.lines.iter().enumerate().take(2) {
            let (column, row) = board.next("ArrowRight", (1, left)).unwrap();
            assert_eq!((column, board.layout.villages[row].who), (2, board.layout.villages[right].who), "pair {pair}");
            let (column, row) = board.next("ArrowLeft", (1, left)).unwrap();
            assert_eq!((column, board.layout.organisations[row].who), (0, board.layout.organisations[left].who));
        }
    }
}
