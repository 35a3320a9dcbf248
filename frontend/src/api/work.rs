//! The work list.

use contract::work::WorkList;

use super::Call;

/// What waits for the person.
pub fn list() -> Call<WorkList> {
    Call::get("/work-items")
}
