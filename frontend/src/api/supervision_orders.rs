//! Supervision orders.

use contract::supervision_orders::{
    OrderColour, OrderLineKind, SupervisionOrder, SupervisionOrderInput, SupervisionOrderQuery, SupervisionOrderState,
    SupervisionOrderSummary,
};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Orders that fit the filters.
pub fn list(query: &SupervisionOrderQuery) -> Call<Page<SupervisionOrderSummary>> {
    Call::list("/supervision-orders", query)
}

/// One order.
pub fn read(id: &str) -> Call<SupervisionOrder> {
    Call::get(format!("/supervision-orders/{id}"))
}

/// Drafts an order.
pub fn create(input: &Value) -> Call<SupervisionOrder> {
    Call::post("/supervision-orders", input)
}

impl Record for SupervisionOrder {
    type Input = SupervisionOrderInput;
    const WRITE: Permission = Permission::WriteSupervisionOrders;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => SupervisionOrderState::from_code(code).map(|state| state.label(lang)),
            "colour" => OrderColour::from_code(code).map(|colour| colour.label(lang)),
            "kind" => OrderLineKind::from_code(code).map(|kind| kind.label(lang)),
            _ => None,
        }
    }
}

impl Editable for SupervisionOrder {
    type Edit = SupervisionOrderInput;

    fn edit(&self) -> SupervisionOrderInput {
        self.details.clone()
    }
}
