//! The export of meetings as a workbook.

use contract::meetings::{MeetingKind, MeetingState};
use entities::meetings::{OBJECT, Row};
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Meetings;

impl Exported<Row> for Meetings {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("held_on", Kind::Date),
            Cell::exported("kind", Kind::Code(&Of::<MeetingKind>::ALL)),
            Cell::exported("title", Kind::Text),
            Cell::exported("area_name", Kind::Text),
            Cell::exported("place", Kind::Text),
            Cell::exported("chair", Kind::Text),
            Cell::exported("unit_count", Kind::Integer),
            Cell::exported("person_count", Kind::Integer),
            Cell::exported("state", Kind::Code(&Of::<MeetingState>::ALL)),
            Cell::exported("campaign_title", Kind::Text),
        ],
    }];
}
