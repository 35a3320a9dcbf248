//! The export of agreements as a workbook.

use contract::agreements::AgreementState;
use entities::agreements::{OBJECT, Row};
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::Agreements;

impl Exported<Row> for Agreements {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("number", Kind::Text),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("campaign_title", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<AgreementState>::ALL)),
            Cell::exported("signed_on", Kind::Date),
            Cell::exported("starts_on", Kind::Date),
            Cell::exported("ends_on", Kind::Date),
        ],
    }];
}
