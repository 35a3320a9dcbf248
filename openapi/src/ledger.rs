//! The ledger of 贫困人口动态清零: how many households were in difficulty, and how many came and went, by month and area.

use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::coded_enum;
use crate::month::Month;

/// Fewer households than this are not told.
pub const FEWEST: i64 = 5;

coded_enum! {
    /// What the ledger counts of a month. A household counts once in each. Opening plus registered plus relapsed minus lifted out is closing.
    pub enum LedgerFigure {
        Opening = "opening" / "期初在册" / "In difficulty at the beginning",
        Registered = "registered" / "新增建档" / "Newly registered",
        Relapsed = "relapsed" / "返困" / "Relapsed",
        LiftedOut = "lifted_out" / "脱困" / "Lifted out",
        Closing = "closing" / "期末在册" / "In difficulty at the end",
        Unhelped = "unhelped" / "期末无人帮扶" / "Helped by nobody at the end",
        DoublyHelped = "doubly_helped" / "期末多方结对" / "Paired with several at the end",
    }
}

/// What the ledger is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "schema", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct LedgerQuery {
    /// The month; not one to come.
    pub month: Month,
    /// Only this area; all that the caller may see unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = crate::validation::area_code))]
    #[cfg_attr(feature = "schema", param(pattern = r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", max_length = 12))]
    pub within: Option<String>,
}

/// A number of households with the way to their list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LedgerCell {
    pub figure: LedgerFigure,
    /// None where it is held back: for those who see households in aggregate only, where they are fewer than 5 or would tell of others that are.
    #[cfg_attr(feature = "schema", schema(minimum = 0))]
    pub value: Option<i64>,
    /// Path and query, below `/api/v1`, of the list of the households; its `total` is the value. None for those who see households in aggregate only.
    #[cfg_attr(
        feature = "schema",
        schema(max_length = 300, example = "/households?ledger=lifted_out&ledger_month=2020-06&within=350582104")
    )]
    pub records: Option<String>,
}

/// The figures of an area in a month, in the order of [`LedgerFigure`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LedgerRow {
    #[cfg_attr(feature = "schema", schema(max_length = 12))]
    pub area_code: String,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub area_name: String,
    pub month: Month,
    #[cfg_attr(feature = "schema", schema(max_items = 7))]
    pub cells: Vec<LedgerCell>,
}

/// The ledger of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Ledger {
    pub month: Month,
    /// The whole area.
    pub total: LedgerRow,
    /// Its parts: the towns of a county, the villages of a town. Those without households are left out, but for those who see households in aggregate only.
    #[cfg_attr(feature = "schema", schema(max_items = 1000))]
    pub areas: Vec<LedgerRow>,
    /// The whole area in the twelve months up to this one, oldest first, without the last two figures.
    #[cfg_attr(feature = "schema", schema(max_items = 12))]
    pub trend: Vec<LedgerRow>,
}
