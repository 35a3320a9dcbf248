//! What has appeared in public.

use contract::publicity::{
    Channel, PublicityInput, PublicityItem, PublicityMonths, PublicityMonthsQuery, PublicityQuery, PublicityState,
};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Items that fit the filters.
pub fn list(query: &PublicityQuery) -> Call<Page<PublicityItem>> {
    Call::list("/publicity-items", query)
}

/// One item.
pub fn read(id: &str) -> Call<PublicityItem> {
    Call::get(format!("/publicity-items/{id}"))
}

/// Enters an item.
pub fn create(input: &Value) -> Call<PublicityItem> {
    Call::post("/publicity-items", input)
}

/// The items by month and channel.
pub fn months(query: &PublicityMonthsQuery) -> Call<PublicityMonths> {
    Call::list("/publicity-items/months", query)
}

impl Record for PublicityItem {
    type Input = PublicityInput;
    const WRITE: Permission = Permission::WritePublicity;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "channel" => Channel::from_code(code).map(|channel| channel.label(lang)),
            "state" => PublicityState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Editable for PublicityItem {
    type Edit = PublicityInput;

    fn edit(&self) -> PublicityInput {
        self.details.clone()
    }
}
