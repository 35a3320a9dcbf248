//! The export of tasks as a workbook.

use contract::projects::{ResponsibleSide, TaskState};
use entities::tasks::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Tasks;

impl Exported for Tasks {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("title", Kind::Text),
            Cell::exported("project_title", Kind::Text),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("month", Kind::Text),
            Cell::exported("responsible", Kind::Code(&Of::<ResponsibleSide>::ALL)),
            Cell::exported("due_on", Kind::Date),
            Cell::exported("state", Kind::Code(&Of::<TaskState>::ALL)),
            Cell::exported("done_on", Kind::Date),
            Cell::exported("overdue", Kind::Flag),
            Cell::exported("weight", Kind::Integer),
        ],
    }];
}
