//! Small tables within a page: a caption, headings and rows. On a phone rows become cards, like those of a list.

use leptos::prelude::*;

use crate::i18n::{Text, reactive};

/// A heading: its text, and whether the column contains numbers.
pub type Head = (Text, bool);

/// A row: cells in the order of the headings. The first names the row.
#[derive(Default)]
pub struct Row {
    href: Option<String>,
    cells: Vec<Option<AnyView>>,
}

impl Row {
    /// A row whose first cell links to a page.
    pub fn to(href: String) -> Self {
        Self { href: Some(href), cells: Vec::new() }
    }

    /// A text cell. An empty one shows a dash, and a card leaves it out.
    pub fn text(self, text: impl Into<Option<String>>) -> Self {
        self.mark(text.into().filter(|text| !text.is_empty()).map(IntoAny::into_any))
    }

    /// A text cell that depends on the language.
    pub fn said(self, text: impl Fn() -> String + Send + 'static) -> Self {
        self.mark(Some(text.into_any()))
    }

    /// A label.
    pub fn label(self, label: impl Into<Option<Text>>) -> Self {
        self.mark(label.into().map(|label| reactive(label).into_any()))
    }

    /// A chip, buttons or the like, if there are any.
    pub fn mark(mut self, mark: Option<AnyView>) -> Self {
        self.cells.push(mark);
        self
    }

    /// Draws the row. `link` is the class of the link to its page.
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

/// What a table is called, to those who do not see it.
#[derive(Clone, Debug)]
pub struct Caption {
    /// Whose rows it shows, where a page has such a table for each of several.
    of: Option<String>,
    text: Text,
}

impl Caption {
    fn said(&self) -> String {
        let text = self.text.get();
        self.of.as_ref().map_or_else(|| text.to_owned(), |of| format!("{of} · {text}"))
    }
}

impl From<Text> for Caption {
    fn from(text: Text) -> Self {
        Self { of: None, text }
    }
}

impl From<(String, Text)> for Caption {
    fn from((of, text): (String, Text)) -> Self {
        Self { of: Some(of), text }
    }
}

/// A table of rows.
pub fn rows(caption: impl Into<Caption>, heads: Vec<Head>, rows: impl IntoIterator<Item = Row>) -> AnyView {
    drawn(caption.into(), heads, rows, "")
}

/// A table of rows without buttons, in which the whole row links to its page.
pub fn links(caption: impl Into<Caption>, heads: Vec<Head>, rows: impl IntoIterator<Item = Row>) -> AnyView {
    drawn(caption.into(), heads, rows, "row-link")
}

fn drawn(caption: Caption, heads: Vec<Head>, rows: impl IntoIterator<Item = Row>, link: &'static str) -> AnyView {
    let rows = rows.into_iter().map(|row| row.draw(&heads, link)).collect_view();
    view! { <div class="list">{table(caption, heads, view! { <tbody>{rows}</tbody> }.into_any())}</div> }.into_any()
}

/// A table with its caption, headings, and bodies that are already drawn.
pub fn table(caption: impl Into<Caption>, heads: Vec<Head>, body: AnyView) -> AnyView {
    let caption = caption.into();
    let said = move || caption.said();
    let label = said.clone();
    let heads = heads.into_iter().map(|(text, number)| {
        let class = if number { "number" } else { "" };
        view! { <th scope="col" class=class>{reactive(text)}</th> }.into_any()
    });
    view! {
        <div class="table-wrap" role="region" tabindex="0" aria-label=label>
            <table class="data">
                <caption class="visually-hidden">{said}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                {body}
            </table>
        </div>
    }
    .into_any()
}
