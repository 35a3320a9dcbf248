//! The export of projects as a workbook.

use contract::campaigns::Goal;
use contract::projects::ProjectState;
use contract::villages::Industry;
use entities::projects::{OBJECT, Row};
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Projects;

impl Exported<Row> for Projects {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("title", Kind::Text),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("campaign_title", Kind::Text),
            Cell::exported("goal", Kind::Code(&Of::<Goal>::ALL)),
            Cell::exported("industry", Kind::Code(&Of::<Industry>::ALL)),
            Cell::exported("state", Kind::Code(&Of::<ProjectState>::ALL)),
            Cell::exported("budget_fen", Kind::Money),
            Cell::exported("spent_fen", Kind::Money),
            Cell::exported("over_budget", Kind::Flag),
            Cell::exported("starts_on", Kind::Date),
            Cell::exported("ends_on", Kind::Date),
            Cell::exported("progress_percent", Kind::Integer),
            Cell::exported("tasks_done", Kind::Integer),
            Cell::exported("tasks_total", Kind::Integer),
            Cell::exported("next_due_on", Kind::Date),
            Cell::exported("overdue", Kind::Flag),
        ],
    }];
}
