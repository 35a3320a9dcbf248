//! Areas.

use contract::Page;
use contract::areas::{Area, AreaLevel, AreaQuery};
use futures::FutureExt;
use futures::future::try_join;

use super::Call;
use crate::components::filters::Filter;
use crate::components::picker::{Answer, Choice, LIMIT, Source, text};

/// Areas by level and place.
pub fn list(query: &AreaQuery) -> Call<Page<Area>> {
    Call::list("/areas", query)
}

/// One area by its code.
pub fn read(code: &str) -> Call<Area> {
    Call::get(format!("/areas/{code}"))
}

/// Areas of all levels except villages, for objects that belong to an area.
pub const AREAS: Source =
    Source { search: search_areas, find: |code| async move { read(&code).send().await.map(area) }.boxed_local() };

/// Counties, for the accounts of their offices.
pub const COUNTIES: Source = Source { search: |q| search_level(q, AreaLevel::County), ..AREAS };

/// Towns and streets.
pub const TOWNS: Source = Source { search: |q| search_level(q, AreaLevel::Town), ..AREAS };

/// Villages and communities as areas, for callers who may not read village profiles.
pub const VILLAGE_AREAS: Source = Source { search: |q| search_level(q, AreaLevel::Village), ..AREAS };

/// Towns and villages, which have offices and committees to address.
pub const OFFICES: Source = Source { search: search_offices, ..AREAS };

fn search_offices(q: String) -> Answer<Vec<Choice>> {
    async move {
        let of = |level| AreaQuery { level: Some(level), ..offered(q.clone()) };
        let (towns, villages) = try_join(list(&of(AreaLevel::Town)).send(), list(&of(AreaLevel::Village)).send()).await?;
        let items = towns.items.into_iter().chain(villages.items);
        Ok(items.filter(|area| area.takes_part).take(LIMIT as usize * 2).map(area).collect())
    }
    .boxed_local()
}

/// What is chosen for something new: of villages that others have replaced none.
fn offered(q: String) -> AreaQuery {
    AreaQuery { q: text(q), ended: Some(false), limit: Some(60), total: Some(false), ..Default::default() }
}

fn search_level(q: String, level: AreaLevel) -> Answer<Vec<Choice>> {
    choices(AreaQuery { level: Some(level), ..offered(q) })
}

/// Villages, of which there are most, would crowd out all others.
fn search_areas(q: String) -> Answer<Vec<Choice>> {
    choices(AreaQuery { above_villages: Some(true), ..offered(q) })
}

fn choices(query: AreaQuery) -> Answer<Vec<Choice>> {
    async move {
        let items = list(&query).send().await?.items.into_iter();
        Ok(items.filter(|area| area.takes_part).take(LIMIT as usize * 2).map(area).collect())
    }
    .boxed_local()
}

fn area(area: Area) -> Choice {
    Choice { value: area.code.clone(), label: area.name, hint: area.code }
}

/// The filter for objects within an area.
pub fn within() -> Filter {
    Filter::pick("within", AREAS)
}
