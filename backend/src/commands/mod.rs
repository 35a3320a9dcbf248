//! The commands of `baishe` that call domains, and what they print.

pub mod areas;
pub mod audit;
pub mod retention;
pub mod user;

use contract::{CodedEnum, Lang};
use platform::Error;

/// What was refused, in words for the operator.
fn words(error: &Error) -> String {
    let faults: Vec<_> = error.errors.iter().cloned().map(|fault| fault.localised(Lang::En)).collect();
    let faults: Vec<_> =
        faults.iter().map(|fault| format!("{} {}", fault.pointer.trim_start_matches('/'), fault.message)).collect();
    if faults.is_empty() { error.code.label(Lang::En).to_owned() } else { faults.join("; ") }
}
