//! How long somebody who failed to sign in has to wait.

/// Failures that cost nothing: a person mistypes; behind one address there may be a whole office.
const FREE_FAILURES: [(&str, i32); 2] = [("account:", 5), ("address:", 50)];
const LONGEST_WAIT_SECONDS: i64 = 900;

/// Seconds still to wait, `since` seconds after the last of `failures`: each one beyond the free ones doubles the wait.
pub fn seconds_to_wait(subject: &str, failures: i32, since: i64) -> i64 {
    let free = FREE_FAILURES.iter().find(|(kind, _)| subject.starts_with(kind)).map_or(0, |(_, free)| *free);
    if failures < free {
        return 0;
    }
    let doublings = u32::try_from(failures - free).unwrap_or(0).min(20);
    ((1 << doublings).min(LONGEST_WAIT_SECONDS) - since).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn more_failures_never_wait_less_and_waiting_always_ends(failures in 0i32..10_000, since in 0i64..10_000) {
            let wait = seconds_to_wait("account:a", failures, since);
            prop_assert!(wait <= seconds_to_wait("account:a", failures + 1, since));
            prop_assert_eq!(seconds_to_wait("account:a", failures, LONGEST_WAIT_SECONDS), 0);
            prop_assert!(failures >= 5 || wait == 0);
        }
    }
}
