//! The export of publications as a workbook.

use contract::publications::PublicationState;
use entities::publications::{OBJECT, Row};
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Publications;

impl Exported<Row> for Publications {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("campaign_title", Kind::Text),
            Cell::exported("month", Kind::Text),
            Cell::exported("issue_number", Kind::Integer),
            Cell::exported("state", Kind::Code(&Of::<PublicationState>::ALL)),
            Cell::exported("published_on", Kind::Date),
            Cell::exported("published_by", Kind::Text),
            Cell::exported("shown_count", Kind::Integer),
            Cell::exported("held_back_count", Kind::Integer),
            Cell::exported("withdrawn_on", Kind::Date),
            Cell::exported("reason", Kind::Text),
            Cell::exported("digest", Kind::Text),
        ],
    }];
}
