//! Lists: one page of items and where the next begins.

use crate::CodedEnum;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items, at most `limit` of them.
    #[cfg_attr(feature = "schema", schema(max_items = 200))]
    pub items: Vec<T>,
    /// Cursor of the next page; absent on the last.
    pub next_cursor: Option<String>,
    /// Number of items in the whole list, counted up to 10,000; with `q`, up to 1,000.
    #[cfg_attr(feature = "schema", schema(minimum = 0, maximum = 10000))]
    pub total: u32,
    /// True when there are more than `total`.
    pub total_capped: bool,
}

/// What every list can be asked: search, order, paging.
pub trait ListQuery {
    /// The fields the list can be ordered by; the first is the default.
    type SortBy: CodedEnum;
    fn q(&self) -> Option<&str>;
    fn sort(&self) -> Option<Sort<Self::SortBy>>;
    fn cursor(&self) -> Option<&str>;
    fn limit(&self) -> Option<u32>;
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

impl<S: CodedEnum> Serialize for Sort<S> {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        serializer.collect_str(&format_args!("{}{}", if self.descending { "-" } else { "" }, self.by.code()))
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

// Generic types are asked for their schema through this trait; what it is composed of does not matter here.
#[cfg(feature = "schema")]
impl<S: CodedEnum> utoipa::__dev::ComposeSchema for Sort<S> {
    fn compose(_: Vec<utoipa::openapi::RefOr<utoipa::openapi::Schema>>) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let values = S::ALL.iter().flat_map(|value| [value.code().to_owned(), format!("-{}", value.code())]);
        utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String).enum_values(Some(values)).into()
    }
}

#[cfg(feature = "schema")]
impl<S: CodedEnum> utoipa::ToSchema for Sort<S> {}
