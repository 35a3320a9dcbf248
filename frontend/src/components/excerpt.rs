//! The first rows of a list on another page, such as a tab of what they belong to, with the total and a link to the whole list.

use std::sync::Arc;

use contract::{ListQuery, ObjectKind, Page};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::table::{self, Head, Row};
use super::{load, tabs};
use crate::api::Call;
use crate::i18n::{Text, reactive};
use crate::{format, query, t};

/// The most rows that are shown.
const SHOWN: u32 = 20;

/// A list of items `T` asked by `Q`, and how it looks within another page.
pub struct Excerpt<Q, T> {
    pub kind: ObjectKind,
    pub heading: Text,
    pub heads: Vec<Head>,
    pub call: fn(&Q) -> Call<Page<T>>,
    pub row: fn(&T) -> Row,
    /// The text of an empty list.
    pub none: Text,
}

impl<Q, T> Excerpt<Q, T>
where
    Q: ListQuery + Serialize + Clone + Send + Sync + 'static,
    T: DeserializeOwned + Send + Sync + 'static,
{
    /// The tab with the first rows that the query names.
    pub fn tab(self, key: &'static str, of: Q) -> tabs::Tab {
        tabs::Tab::new(key, self.heading, move || self.draw(of.clone()))
    }

    fn draw(&self, mut of: Q) -> AnyView {
        let whole = format!("{}?{}", self.kind.path(), query::of(&of));
        let (call, row, heading, none, heads) = (self.call, self.row, self.heading, self.none, self.heads.clone());
        of.set_limit(Some(SHOWN));
        load::show(load::load(move || call(&of)), move |page: Arc<Page<T>>| {
            if page.items.is_empty() {
                return view! { <p class="muted">{reactive(none)}</p> }.into_any();
            }
            let total = format::total(page.total.unwrap_or_default(), page.total_capped);
            view! {
                {table::links(heading, heads.clone(), page.items.iter().map(row))}
                <p><a href=whole.clone()>{move || t!(home::all, total)}</a></p>
            }
            .into_any()
        })
    }
}
