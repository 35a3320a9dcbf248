//! The tree of areas, one level at a time.

use contract::areas::{Area, AreaLevel, AreaQuery};
use contract::{CodedEnum, Lang};
use leptos::prelude::*;

use crate::api;
use crate::api::areas::within;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, List, Row};
use crate::components::load;
use crate::components::page::{Tone, chip};
use crate::i18n::texts;
use crate::{query, router, t};

/// The page of a path below `/areas`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(page)
}

/// Without a query the tree begins at its top, including levels above counties if there are any.
fn list(query: &AreaQuery) -> api::Call<contract::Page<Area>> {
    let mut query = query.clone();
    let is_open = query.parent_code.is_none() && query.level.is_none() && query.within.is_none() && query.q.is_none();
    if is_open {
        query.level = Some(AreaLevel::Town);
    }
    api::areas::list(&query)
}

fn page() -> AnyView {
    let parent = Memo::new(|_| query::parse::<AreaQuery>(&router::search()).parent_code);
    view! {
        {list::page(List::<AreaQuery, Area> {
            heading: texts::areas::HEADING,
            columns: vec![Column::of("name").sorted("name"), Column::of("code").sorted("code"), Column::of("level"), Column::of("state")],
            filters: vec![Filter::coded::<AreaLevel>("level"), within(), Filter::yes_no("ended")],
            call: list,
            row,
            empty: texts::areas::EMPTY,
            create: None,
            export: None,
        })}
        {move || parent.get().map(above)}
    }
    .into_any()
}

fn above(code: String) -> AnyView {
    let area = load::load(move || api::areas::read(&code));
    let draw = move || {
        area.data.get().map(|area| {
            let up =
                area.parent_code.as_ref().map_or_else(|| "/areas".to_owned(), |parent| format!("/areas?parent_code={parent}"));
            view! { <p class="tree-up"><a class="button" href=up>{t!(areas::UP)}</a> <strong>{area.name.clone()}</strong></p> }
        })
    };
    draw.into_any()
}

fn row(area: &Area, lang: Lang) -> Row {
    let href = match area.level {
        AreaLevel::Village if area.takes_part => format!("/villages/{}", area.code),
        AreaLevel::Village => "/areas".to_owned(),
        _ => format!("/areas?parent_code={}", area.code),
    };
    let state = match (area.takes_part, area.ended_on) {
        (false, _) => Some(chip(texts::areas::NOT_PART, Tone::Neutral)),
        (true, Some(_)) => Some(chip(texts::areas::ENDED, Tone::Bad)),
        (true, None) => None,
    };
    Row::to(href).text(area.name.clone()).text(area.code.clone()).text(area.level.label(lang).to_owned()).mark(state)
}
