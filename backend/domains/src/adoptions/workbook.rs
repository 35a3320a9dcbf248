//! The export of adoptions as a workbook.

use contract::adoptions::{AdoptionProposer, AdoptionState};
use entities::adoptions::OBJECT;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Adoptions;

impl Exported for Adoptions {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("institution_name", Kind::Text),
            Cell::exported("area_name", Kind::Text),
            Cell::exported("cadre_name", Kind::Text),
            Cell::exported("campaign_title", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<AdoptionState>::ALL)),
            Cell::exported("proposed_by", Kind::Code(&Of::<AdoptionProposer>::ALL)),
            Cell::exported("answer_due_on", Kind::Date),
            Cell::exported("active_since", Kind::Date),
            Cell::exported("ended_on", Kind::Date),
            Cell::exported("note", Kind::Text),
        ],
    }];
}
