//! How long somebody who failed to sign in has to wait.

/// What the failures of an account, and those from an address, are counted under.
pub const ACCOUNT: &str = "account:";
pub const ADDRESS: &str = "address:";

/// Failures that cost nothing: a person mistypes; behind one address there may be a whole office.
const FREE_FAILURES: [(&str, i32); 2] = [(ACCOUNT, 5), (ADDRESS, 50)];
const LONGEST_WAIT_SECONDS: i64 = 900;

/// Seconds to wait after so many failures: each one beyond the free ones doubles the wait.
pub fn seconds_to_wait(subject: &str, failures: i32) -> Option<i64> {
    let free = FREE_FAILURES.iter().find(|(kind, _)| subject.starts_with(kind)).map_or(0, |(_, free)| *free);
    let doublings = u32::try_from(failures - free).ok()?.min(20);
    Some((1 << doublings).min(LONGEST_WAIT_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn more_failures_never_wait_less_and_waiting_always_ends(failures in 0i32..10_000) {
            let wait = seconds_to_wait("account:a", failures);
            prop_assert!(wait <= seconds_to_wait("account:a", failures + 1));
            prop_assert!(wait.unwrap_or_default() <= LONGEST_WAIT_SECONDS);
            prop_assert_eq!(failures >= 5, wait.is_some());
        }
    }
}
