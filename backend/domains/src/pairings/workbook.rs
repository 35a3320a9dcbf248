//! The export of pairings as a workbook.

use contract::pairings::{PairingState, ProposedBy};
use entities::pairings::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Pairings;

impl Exported for Pairings {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("campaign_title", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<PairingState>::ALL)),
            Cell::exported("proposed_by", Kind::Code(&Of::<ProposedBy>::ALL)),
            Cell::exported("answer_due_on", Kind::Date),
            Cell::exported("active_since", Kind::Date),
            Cell::exported("ended_on", Kind::Date),
            Cell::exported("note", Kind::Text),
        ],
    }];
}
