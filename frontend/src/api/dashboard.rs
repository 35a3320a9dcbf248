//! The dashboard.

use contract::dashboard::Dashboard;

use super::Call;
use crate::query::Pairs;

/// How a campaign stands; `query` names the campaign, and the area where it is a part.
pub fn read(query: &Pairs) -> Call<Dashboard> {
    Call::list("/dashboard", query)
}
