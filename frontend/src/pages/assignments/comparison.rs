//! Two drafts side by side.

use std::sync::Arc;

use contract::assignments::{Assignment, AssignmentComparison, AssignmentFigures, AssignmentQuery};
use leptos::prelude::*;
use uuid::Uuid;

use super::{Work, reasons};
use crate::components::table::{self, Row};
use crate::components::{load, page};
use crate::i18n::{Text, texts};
use crate::{api, format, query, router, t};

/// The most drafts to choose from, the latest ones.
const MOST: u32 = 100;

pub fn tab(work: Work, draft: &Arc<Assignment>) -> AnyView {
    let query = AssignmentQuery { campaign_id: Some(draft.details.campaign_id), limit: Some(MOST), ..Default::default() };
    let other = Memo::new(|_| query::get(&query::pairs(&router::search()), "other_id").and_then(|id| id.parse::<Uuid>().ok()));
    let choice = load::show(load::load(move || api::assignments::list(&query)), move |page| {
        let others: Vec<_> = page.items.iter().filter(|draft| draft.id != work.id).collect();
        if others.is_empty() {
            return view! { <p class="muted">{t!(assignments::NO_OTHER)}</p> }.into_any();
        }
        let options = others.iter().map(|draft| {
            let (id, title) = (draft.id, format!("{} ({})", draft.details.title, format::count(draft.figures.total)));
            view! { <option value=id.to_string() selected=move || other.get() == Some(id)>{title}</option> }.into_any()
        });
        view! {
            <div class="field">
                <label for="comparison-other">{t!(assignments::OTHER)}</label>
                <select id="comparison-other" on:change:target=move |event| set(&event.target().value())>
                    <option value="">{t!(form::CHOOSE)}</option>
                    {options.collect_view()}
                </select>
            </div>
        }
        .into_any()
    });
    let found = move || {
        let id = other.get()?;
        Some(load::show(load::load(move || api::assignments::comparison(work.id, id)), move |found| draw(work, &found)))
    };
    view! { {choice}<div aria-live="polite">{found}</div> }.into_any()
}

fn set(id: &str) {
    let here = router::here();
    let mut pairs = query::pairs(&here.search);
    query::set(&mut pairs, "other_id", Some(id));
    router::replace(&format!("{}?{}", here.path, query::write(&pairs)));
}

fn draw(work: Work, found: &AssignmentComparison) -> AnyView {
    type Figure = (Text, fn(&AssignmentFigures) -> i64);
    let figures: [Figure; 7] = [
        (texts::assignments::TOTAL, |figures| figures.total),
        (texts::assignments::GREEDY_TOTAL, |figures| figures.greedy_total),
        (texts::assignments::LINES, |figures| figures.lines),
        (texts::assignments::CHAMBERS_MET, |figures| figures.chambers_met),
        (texts::assignments::ORGANISATIONS_WITHOUT, |figures| figures.organisations_without),
        (texts::assignments::VILLAGES_WITHOUT, |figures| figures.villages_without),
        (texts::assignments::BLOCKING, |figures| figures.blocking),
    ];
    let heads = vec![
        (texts::assignments::FIGURE, false),
        (texts::assignments::THIS_DRAFT, true),
        (texts::assignments::OTHER_DRAFT, true),
        (texts::assignments::DIFFERENCE, true),
    ];
    let rows = figures.into_iter().map(|(text, of)| {
        let (first, second) = (of(&found.first), of(&found.second));
        let sign = if first > second { "+" } else { "" };
        Row::default()
            .label(text)
            .text(format::count(first))
            .text(format::count(second))
            .text(format!("{sign}{}", format::count(first - second)))
    });
    let data = if found.same_data { t!(assignments::SAME_DATA) } else { t!(assignments::OTHER_DATA) };
    let (shared, first, second) = (found.shared, found.first_title.clone(), found.second_title.clone());
    view! {
        <p><strong>{first}" · "{second}</strong></p>
        <p class="muted">{data}" "{move || t!(assignments::shared, format::count(shared))}</p>
        {table::rows(texts::assignments::COMPARISON, heads, rows)}
        <div class="halves below-table">
            {page::section(texts::assignments::ONLY_THIS, reasons::pairs(work, texts::assignments::ONLY_THIS, &found.only_first))}
            {page::section(texts::assignments::ONLY_OTHER, reasons::pairs(work, texts::assignments::ONLY_OTHER, &found.only_second))}
        </div>
    }
    .into_any()
}
