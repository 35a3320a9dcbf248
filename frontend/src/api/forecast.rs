//! The forecast.

use contract::forecast::Forecast;

use super::Call;
use crate::query::Pairs;

/// What is expected of a campaign's targets. `query` names the campaign.
pub fn read(query: &Pairs) -> Call<Forecast> {
    Call::list("/forecast", query)
}
