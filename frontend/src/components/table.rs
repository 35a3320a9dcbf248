//! Small tables inside of a page: a caption, heads and rows. On a phone rows become cards, as those of a list do.

use leptos::prelude::*;

use crate::i18n::{Text, reactive};

/// A head: its text, and whether the column holds numbers.
pub type Head = (Text, bool);

/// A row: cells in the order of the heads, the first one what the row is called.
#[derive(Default)]
pub struct Row {
    href: Option<String>,
    cells: Vec<Option<AnyView>>,
}

impl Row {
    /// A row that leads to a page, by its first cell.
    pub fn to(href: String) -> Self {
        Self { href: Some(href), cells: Vec::new() }
    }

    /// A cell of text; a dash where there is none, which a card leaves out.
    pub fn text(self, text: impl Into<Option<String>>) -> Self {
        self.mark(text.into().filter(|text| !text.is_empty()).map(IntoAny::into_any))
    }

    /// A cell of text that follows the language.
    pub fn said(self, text: impl Fn() -> String + Send + 'static) -> Self {
        self.mark(Some(text.into_any()))
    }

    /// A label.
    pub fn label(self, label: impl Into<Option<Text>>) -> Self {
        self.mark(label.into().map(|label| reactive(label).into_any()))
    }

    /// A chip, buttons or the like, where there are any.
    pub fn mark(mut self, mark: Option<AnyView>) -> Self {
        self.cells.push(mark);
        self
    }

    /// The row under its heads; `link` is the class of what leads to a page.
    pub fn draw(self, heads: &[Head], link: &'static str) -> AnyView {
        let (mut href, mut first) = (self.href, true);
        let cells = heads.iter().zip(self.cells).map(|((head, number), cell)| {
            let class = match (number, cell.is_none()) {
                (true, true) => "number empty",
                (true, false) => "number",
                (false, true) => "empty",
                (false, false) => "",
            };
            let cell = cell.unwrap_or_else(|| "—".into_any());
            match (std::mem::take(&mut first), href.take()) {
                (true, Some(href)) => view! { <th scope="row"><a class=link href=href>{cell}</a></th> }.into_any(),
                (true, None) => view! { <th scope="row">{cell}</th> }.into_any(),
                (false, _) => view! { <td class=class data-label=reactive(*head)>{cell}</td> }.into_any(),
            }
        });
        view! { <tr>{cells.collect_view()}</tr> }.into_any()
    }
}

/// A table of rows.
pub fn rows(caption: Text, heads: Vec<Head>, rows: impl IntoIterator<Item = Row>) -> AnyView {
    drawn(caption, heads, rows, "")
}

/// The same of rows without buttons: all of a row leads to its page.
pub fn links(caption: Text, heads: Vec<Head>, rows: impl IntoIterator<Item = Row>) -> AnyView {
    drawn(caption, heads, rows, "row-link")
}

fn drawn(caption: Text, heads: Vec<Head>, rows: impl IntoIterator<Item = Row>, link: &'static str) -> AnyView {
    let rows = rows.into_iter().map(|row| row.draw(&heads, link)).collect_view();
    view! { <div class="list">{table(caption, heads, view! { <tbody>{rows}</tbody> }.into_any())}</div> }.into_any()
}

/// A table from its caption, heads and the bodies that are already drawn.
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
