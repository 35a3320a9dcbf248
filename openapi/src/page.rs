//! Lists: one page of items and where the next begins.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{CodedEnum, answer};

/// One page of a list.
#[answer]
pub struct Page<T> {
    /// The items, at most `limit` of them.
    #[limit(..=200)]
    pub items: Vec<T>,
    /// Cursor of the next page; absent on the last.
    pub next_cursor: Option<String>,
    /// Number of items in the whole list; `null` where the query said `total=false`. For a town or more, pairings, projects, tasks,
    /// progress updates and outcomes are counted as they happen: their total is exact, unless a filter is set beside the campaign,
    /// the area, the kind of a pairing, the month of an update and the state. All else is counted up to 1,000.
    #[limit(0..)]
    pub total: Option<u32>,
    /// True when there are more than `total`, which then is 1,000.
    pub total_capped: bool,
}

/// What every list can be asked: search, order, paging.
pub trait ListQuery {
    /// The fields the list can be ordered by.
    type SortBy: CodedEnum;
    /// The order unless the caller says otherwise.
    const ORDER: Sort<Self::SortBy>;
    fn q(&self) -> Option<&str>;
    fn sort(&self) -> Sort<Self::SortBy>;
    fn cursor(&self) -> Option<&str>;
    fn limit(&self) -> Option<u32>;
    /// Whether the page says how many items the whole list has.
    fn counts(&self) -> bool;
    fn set_cursor(&mut self, cursor: Option<String>);
    fn set_limit(&mut self, limit: Option<u32>);
    fn set_sort(&mut self, sort: Option<Sort<Self::SortBy>>);
}

/// An order: a field, ascending or (`-field`) descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort<S> {
    pub by: S,
    pub descending: bool,
}

/// As it stands in an address.
impl<S: CodedEnum> Display for Sort<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.by.code())
    }
}

impl<S: CodedEnum> Serialize for Sort<S> {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, S: CodedEnum> Deserialize<'de> for Sort<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (descending, code) = match text.strip_prefix('-') {
            Some(code) => (true, code),
            None => (false, text.as_str()),
        };
        let by = S::from_code(code).ok_or_else(|| {
            let known: Vec<_> = S::ALL.iter().map(|value| value.code()).collect();
            serde::de::Error::custom(format_args!("expected one of {}", known.join(", ")))
        })?;
        Ok(Self { by, descending })
    }
}

/// The orders that a list can have, as its parameter `sort` says them.
#[cfg(feature = "schema")]
pub fn orders<Q: ListQuery>() -> utoipa::openapi::Schema {
    let orders = Q::SortBy::ALL.iter().flat_map(|&by| [false, true].map(|descending| Sort { by, descending }.to_string()));
    let schema = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
    let words = "Order: a field name, with `-` in front for descending.";
    schema.description(Some(words)).enum_values(Some(orders)).default(Some(Q::ORDER.to_string().into())).into()
}
