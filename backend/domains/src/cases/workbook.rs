//! The export of cases as a workbook.

use contract::Role;
use contract::campaigns::Goal;
use contract::cases::{CaseKind, CaseState, PeopleShown};
use contract::villages::Industry;
use entities::cases::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Cases;

impl Exported for Cases {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("title", Kind::Text),
            Cell::exported("kind", Kind::Code(&Of::<CaseKind>::ALL)),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("area_name", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("project_title", Kind::Text),
            Cell::exported("goal", Kind::Code(&Of::<Goal>::ALL)),
            Cell::exported("industry", Kind::Code(&Of::<Industry>::ALL)),
            Cell::exported("summary", Kind::Text),
            Cell::exported("background", Kind::Text),
            Cell::exported("practice", Kind::Text),
            Cell::exported("effect", Kind::Text),
            Cell::exported("why_it_works", Kind::Text),
            Cell::exported("what_it_needs", Kind::Text),
            Cell::exported("found_in", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<CaseState>::ALL)),
            Cell::exported("nominated_by", Kind::Code(&Of::<Role>::ALL)),
            Cell::exported("reason", Kind::Text),
            Cell::exported("people_shown", Kind::Code(&Of::<PeopleShown>::ALL)),
            Cell::exported("shown_confirmed_by", Kind::Text),
            Cell::exported("published_on", Kind::Date),
            Cell::exported("uptakes", Kind::Integer),
        ],
    }];
}
