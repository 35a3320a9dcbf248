//! The dashboard.

use contract::dashboard::Dashboard;

use super::Call;
use crate::query::Pairs;

/// The state of a campaign. `query` names the campaign, and optionally an area.
pub fn read(query: &Pairs) -> Call<Dashboard> {
    Call::list("/dashboard", query)
}
