//! The export of outcomes as a workbook.

use contract::campaigns::{Goal, Indicator};
use contract::outcomes::{Outcome, OutcomeState};
use entities::outcomes::OBJECT;
use platform::audit::to_map;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;
use serde_json::{Map, Value};

use super::list::Outcomes;

impl Exported for Outcomes {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("goal", Kind::Code(&Of::<Goal>::ALL)),
            Cell::exported("indicator", Kind::Code(&Of::<Indicator>::ALL)),
            Cell::exported("quantity", Kind::Integer),
            Cell::exported("amount_fen", Kind::Money),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("happened_on", Kind::Date),
            Cell::exported("state", Kind::Code(&Of::<OutcomeState>::ALL)),
            Cell::exported("description", Kind::Text),
        ],
    }];

    /// Money has its own column, in yuan.
    fn cells(outcome: &Outcome) -> Map<String, Value> {
        let mut row = to_map(outcome);
        if outcome.indicator.is_money() {
            let amount = row["quantity"].take();
            row.insert("amount_fen".to_owned(), amount);
        }
        row
    }
}
