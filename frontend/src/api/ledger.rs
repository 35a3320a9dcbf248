//! The ledger of households.

use contract::ledger::{Ledger, LedgerQuery};

use super::Call;

/// The ledger of a month.
pub fn read(query: &LedgerQuery) -> Call<Ledger> {
    Call::list("/household-ledger", query)
}
