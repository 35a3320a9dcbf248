//! The ledger of 贫困人口动态清零: how many households were in difficulty, and how many came and went, by month and area.

use crate::month::Month;
use crate::{answer, coded_enum, query};

/// Fewer households than this are not told.
pub const FEWEST: i64 = 5;

coded_enum! {
    /// What the ledger counts of a month. A household counts once in each. Opening, plus registered, moved in and relapsed, minus lifted out, moved out and left, is closing.
    /// Whoever moves to another village is counted out of the one and into the other, and both in the area around them.
    pub enum LedgerFigure {
        Opening = "opening" / "期初在册" / "In difficulty at the beginning",
        Registered = "registered" / "新增建档" / "Newly registered",
        MovedIn = "moved_in" / "他村迁入" / "Moved in from another village",
        Relapsed = "relapsed" / "返困" / "Relapsed",
        LiftedOut = "lifted_out" / "脱困" / "Lifted out",
        MovedOut = "moved_out" / "迁往他村" / "Moved to another village",
        Left = "left" / "退出" / "Left",
        Closing = "closing" / "期末在册" / "In difficulty at the end",
        Unhelped = "unhelped" / "期末无人帮扶" / "Helped by nobody at the end",
        DoublyHelped = "doubly_helped" / "期末多方结对" / "Paired with several at the end",
    }
}

/// What the ledger is asked for.
#[query]
pub struct LedgerQuery {
    /// The month; not one to come.
    pub month: Month,
    /// Only this area; all that the caller may see unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(area_code)]
    pub within: Option<String>,
}

/// A number of households with the way to their list.
#[answer]
pub struct LedgerCell {
    pub figure: LedgerFigure,
    /// None where it is held back: for those who see households in aggregate only, where they are fewer than 5 or would tell of others that are.
    #[limit(0..)]
    pub value: Option<i64>,
    /// Path and query, below `/api/v1`, of the list of the households; its `total` is the value. None for those who see households in aggregate only.
    #[limit(..=300, example = "/households?ledger=lifted_out&ledger_month=2020-06&within=350582104")]
    pub records: Option<String>,
}

/// The figures of an area in a month, in the order of [`LedgerFigure`].
#[answer]
pub struct LedgerRow {
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    pub month: Month,
    #[limit(..=10)]
    pub cells: Vec<LedgerCell>,
}

/// The ledger of a month.
#[answer]
pub struct Ledger {
    pub month: Month,
    /// The whole area.
    pub total: LedgerRow,
    /// Its parts: the towns of a county, the villages of a town. Those without households are left out, but for those who see households in aggregate only.
    #[limit(..=1000)]
    pub areas: Vec<LedgerRow>,
    /// The whole area in the twelve months up to this one, oldest first, without the last two figures.
    #[limit(..=12)]
    pub trend: Vec<LedgerRow>,
}
