//! Charts: bars in a table beside their figures, and columns by month with a table of their own.

use leptos::prelude::*;

use crate::i18n::{Text, reactive};

/// A row of bars: its label, the length of the bar and of its darker part (in percent), and the figures beside it.
pub struct Bar {
    pub label: AnyView,
    pub percent: i64,
    pub part: i64,
    pub figures: Vec<AnyView>,
}

/// A share in percent, at most 100, and at least 1 if there is something.
pub fn percent(part: i64, whole: i64) -> i64 {
    if part <= 0 || whole <= 0 { 0 } else { (part.saturating_mul(100) / whole).clamp(1, 100) }
}

/// A bar chart that is its own table. `heads` are the headings of the figures.
pub fn bars(caption: Text, of: Text, heads: Vec<Text>, rows: AnyView) -> AnyView {
    let heads = heads.into_iter().map(|head| view! { <th scope="col" class="number">{reactive(head)}</th> }.into_any());
    view! {
        <div class="table-wrap" role="region" tabindex="0" aria-label=reactive(caption)>
            <table class="bars">
                <caption class="visually-hidden">{reactive(caption)}</caption>
                <thead><tr><th scope="col" class="wide">{reactive(of)}</th>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A row of a bar chart.
pub fn bar(bar: Bar) -> AnyView {
    let figures = bar.figures.into_iter().map(|figure| view! { <td class="number">{figure}</td> }.into_any());
    view! {
        <tr>
            <th scope="row">
                <span>{bar.label}</span>
                <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                    <rect class="track" width="100" height="6"></rect>
                    <rect class="whole" width=bar.percent.to_string() height="6"></rect>
                    <rect class="part" width=bar.part.to_string() height="6"></rect>
                </svg>
            </th>
            {figures.collect_view()}
        </tr>
    }
    .into_any()
}

/// A column: its name below, its length in percent, and its figure above.
pub struct Column {
    pub name: String,
    pub percent: i64,
    pub figure: String,
}

/// A column chart. A table must show the same figures.
pub fn columns(title: impl Fn() -> String + Send + 'static, columns: Vec<Column>) -> AnyView {
    let width = 44 * columns.len();
    let drawn = columns.into_iter().enumerate().map(|(index, column)| {
        let (middle, top) = ((44 * index + 22).to_string(), 116 - column.percent);
        view! {
            <rect class="part" x=(44 * index + 8).to_string() y=top.to_string() width="28" height=column.percent.to_string()></rect>
            <text x=middle.clone() y=(top - 5).to_string() text-anchor="middle">{column.figure}</text>
            <text class="name" x=middle y="132" text-anchor="middle">{column.name}</text>
        }
        .into_any()
    });
    view! {
        <svg class="columns" viewBox=format!("0 0 {width} 138") role="img" aria-label=title>
            <line x1="0" y1="116.5" x2=width.to_string() y2="116.5"></line>
            {drawn.collect_view()}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_bar_is_never_longer_than_the_whole_nor_gone_while_there_is_something() {
        assert_eq!([percent(0, 9), percent(1, 1000), percent(1, 2), percent(7, 5), percent(3, 0)], [0, 1, 50, 100, 0]);
    }
}
