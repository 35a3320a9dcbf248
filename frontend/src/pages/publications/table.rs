//! Figures as tables, a town in each row.

use contract::publications::{FigureDecision, PreviewFigure, PublicFigure, PublicTable};
use contract::{CodedEnum, Lang};
use leptos::prelude::*;

use crate::components::page;
use crate::components::table::{self, Row};
use crate::i18n::{Text, reactive, texts};
use crate::{format, t};

/// What a table shows of a figure.
pub struct Cell {
    pub table: PublicTable,
    pub area_code: String,
    pub area_name: String,
    pub shown: AnyView,
}

impl From<&PublicFigure> for Cell {
    fn from(figure: &PublicFigure) -> Self {
        let shown = match figure.value {
            Some(value) => format::count(value).into_any(),
            None => view! { <span class="muted">{t!(ledger::HELD_BACK)}</span> }.into_any(),
        };
        let (area_code, area_name) = (figure.area_code.clone(), figure.area_name.clone());
        Self { table: figure.table, area_code, area_name, shown }
    }
}

impl From<&PreviewFigure> for Cell {
    fn from(figure: &PreviewFigure) -> Self {
        let (number, decision) = (format::count(figure.value), figure.decision);
        let shown = match decision {
            FigureDecision::Shown => number.into_any(),
            _ => view! { <span class="muted">{number}" · "{reactive(Text::label(decision))}</span> }.into_any(),
        };
        let (area_code, area_name) = (figure.area_code.clone(), figure.area_name.clone());
        Self { table: figure.table, area_code, area_name, shown }
    }
}

/// All tables. The figures come in the order of tables, areas and columns, the sum of all columns first.
pub fn tables(figures: Vec<Cell>) -> AnyView {
    let mut figures = figures.into_iter().peekable();
    let mut sections = Vec::new();
    for &of in PublicTable::ALL {
        let mut rows = Vec::new();
        let mut area = None;
        while let Some(figure) = figures.next_if(|figure| figure.table == of) {
            if area.as_ref() != Some(&figure.area_code) {
                rows.push(Row::default().text(figure.area_name));
            }
            area = Some(figure.area_code);
            if let Some(row) = rows.pop() {
                rows.push(row.mark(Some(figure.shown)));
            }
        }
        sections.push(page::section(Text::label(of), table::rows(Text::label(of), heads(of), rows)));
    }
    sections.into_iter().collect_view().into_any()
}

fn heads(table: PublicTable) -> Vec<table::Head> {
    let columns = table.columns(Lang::ZhCn).into_iter().zip(table.columns(Lang::En));
    let columns = columns.map(|((_, zh), (_, en))| (Text { zh, en }, true));
    [(texts::publications::TOWN, false), (texts::publications::TOTAL, true)].into_iter().chain(columns).collect()
}
