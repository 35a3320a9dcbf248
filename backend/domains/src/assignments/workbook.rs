//! The export of the lines of an assignment as a workbook: the score term by term, and the reasons in words.

use contract::assignments::AssignmentLine;
use contract::{CodedEnum, Lang};
use platform::audit::to_map;
use platform::excel::{Column as Cell, Kind, Sheet};
use platform::object::Exported;
use serde_json::{Map, Value};

use super::list::AssignmentLines;
use super::service::in_words;

impl Exported for AssignmentLines {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: "assignment_lines",
        personal: false,
        columns: &[
            Cell::exported("position", Kind::Integer),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("credit_code", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("pinned", Kind::Flag),
            Cell::exported("score", Kind::Integer),
            Cell::exported("directed_donation", Kind::Integer),
            Cell::exported("chamber_of_town", Kind::Integer),
            Cell::exported("old_base", Kind::Integer),
            Cell::exported("goal", Kind::Integer),
            Cell::exported("industry", Kind::Integer),
            Cell::exported("strengths", Kind::Integer),
            Cell::exported("same_town", Kind::Integer),
            Cell::exported("capacity", Kind::Integer),
            Cell::exported("urgency", Kind::Integer),
            Cell::exported("organisation_ranked", Kind::Integer),
            Cell::exported("village_ranked", Kind::Integer),
            Cell::exported("reasons", Kind::Text),
        ],
    }];

    fn cells(line: &AssignmentLine) -> Map<String, Value> {
        let mut cells = to_map(line);
        cells.extend(line.terms.iter().map(|term| (term.kind.code().to_owned(), term.points.into())));
        // The words of a pairing's note, which both sides read.
        cells.insert("reasons".to_owned(), in_words(&line.terms, Lang::ZhCn).into());
        cells
    }
}
