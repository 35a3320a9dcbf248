//! A case to read through and to print on paper.

use contract::CodedEnum;
use contract::cases::Case;
use leptos::prelude::*;

use crate::components::{load, page};
use crate::i18n::{field, lang, reactive, texts};
use crate::{api, format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    let case = load::load(move || api::cases::read(&id));
    let print = view! {
        <button type="button" class="button primary" on:click=|_| drop(window().print())>{t!(catalogue::PRINT)}</button>
    };
    view! {
        {page::head(|| texts::cases::PRINT_VIEW.get().to_owned(), ().into_any(), print.into_any())}
        {load::show(case, |case| draw(&case))}
    }
    .into_any()
}

fn draw(case: &Case) -> AnyView {
    let details = case.details.clone();
    let (kind, goal, industry, published) = (details.kind, details.goal, details.industry, case.published_on);
    let sides =
        [case.town_name.clone(), Some(case.area_name.clone()), case.organisation_name.clone(), case.project_title.clone()];
    let mut sides: Vec<_> = sides.into_iter().flatten().collect();
    sides.dedup();
    let parts = [
        ("background", details.background),
        ("practice", Some(details.practice)),
        ("effect", details.effect),
        ("why_it_works", details.why_it_works),
        ("what_it_needs", details.what_it_needs),
    ];
    let parts = parts.into_iter().filter_map(|(name, words)| {
        let words = words?;
        Some(view! { <section><h3>{reactive(field(name))}</h3><p>{words}</p></section> }.into_any())
    });
    let about = move || {
        let words = [Some(kind.label(lang())), Some(goal.label(lang())), industry.map(|industry| industry.label(lang()))];
        let day = published.map(|day| format::date(day, lang()));
        words.into_iter().flatten().map(str::to_owned).chain(day).collect::<Vec<_>>().join(" · ")
    };
    view! {
        <article class="story">
            <h2>{details.title}</h2>
            <p class="muted">{sides.join(" · ")}</p>
            <p class="muted">{about}</p>
            {details.summary.map(|summary| view! { <p class="summary">{summary}</p> })}
            {parts.collect_view()}
            <p class="muted">{case.campaign_title.clone()}</p>
        </article>
    }
    .into_any()
}
