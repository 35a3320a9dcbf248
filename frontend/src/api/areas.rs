//! Areas.

use contract::Page;
use contract::areas::{Area, AreaQuery};

use super::Call;

/// Areas by level and place.
pub fn list(query: &AreaQuery) -> Call<Page<Area>> {
    Call::list("/areas", query)
}

/// One area by its code.
pub fn read(code: &str) -> Call<Area> {
    Call::get(format!("/areas/{code}"))
}
