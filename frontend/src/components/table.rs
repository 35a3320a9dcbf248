//! Small tables inside of a page: a caption, heads and rows, scrollable where the screen is narrow.

use leptos::prelude::*;

use crate::i18n::{Text, reactive};

/// A head: its text, and whether the column holds numbers.
pub type Head = (Text, bool);

/// A table from its caption, heads and the bodies or rows that are already drawn.
pub fn table(caption: Text, heads: Vec<Head>, body: AnyView) -> AnyView {
    let heads = heads.into_iter().map(|(text, number)| {
        let class = if number { "number" } else { "" };
        view! { <th scope="col" class=class>{reactive(text)}</th> }.into_any()
    });
    view! {
        <div class="table-wrap" role="region" tabindex="0" aria-label=reactive(caption)>
            <table class="data">
                <caption class="visually-hidden">{reactive(caption)}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                {body}
            </table>
        </div>
    }
    .into_any()
}
