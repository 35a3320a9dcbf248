//! The export of supervision orders as a workbook.

use contract::supervision_orders::{OrderColour, SupervisionOrderState};
use entities::supervision_orders::{OBJECT, Row};
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;

use super::list::SupervisionOrders;

impl Exported<Row> for SupervisionOrders {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("number", Kind::Text),
            Cell::exported("issuer_name", Kind::Text),
            Cell::exported("addressee_name", Kind::Text),
            Cell::exported("colour", Kind::Code(&Of::<OrderColour>::ALL)),
            Cell::exported("matter_count", Kind::Integer),
            Cell::exported("state", Kind::Code(&Of::<SupervisionOrderState>::ALL)),
            Cell::exported("due_on", Kind::Date),
            Cell::exported("issued_on", Kind::Date),
            Cell::exported("received_on", Kind::Date),
            Cell::exported("received_by", Kind::Text),
            Cell::exported("answered_on", Kind::Date),
            Cell::exported("closed_on", Kind::Date),
            Cell::exported("closing_number", Kind::Text),
            Cell::exported("campaign_title", Kind::Text),
        ],
    }];
}
