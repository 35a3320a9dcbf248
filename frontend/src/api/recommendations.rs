//! Who would go well with whom.

use contract::recommendations::Recommendations;

use super::Call;
use crate::query::Pairs;

/// What is recommended to the caller. `query` names the campaign, and optionally an organisation or a village.
pub fn read(query: &Pairs) -> Call<Recommendations> {
    Call::list("/recommendations", query)
}
