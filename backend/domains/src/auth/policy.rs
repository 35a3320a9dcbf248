//! How long somebody must wait after failing to sign in, and how long a session lasts.

use chrono::{DateTime, TimeDelta, Utc};
use platform::config::Config;

/// The counters of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// All failures from one address, or one IPv6 network.
    Address,
    /// Failures for one account, from one address.
    Pair,
    /// Failures for one account, from anywhere.
    Account,
    /// Wrong codes for one account after its right password, from anywhere.
    Code,
    /// Right passwords for one account without a code, from one address.
    Halfway,
    /// Wrong passwords from a session of the account.
    Own,
}

impl Counted {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Pair => "pair",
            Self::Account => "account",
            Self::Code => "code",
            Self::Halfway => "halfway",
            Self::Own => "own",
        }
    }

    /// The number of failures without a wait. People mistype, a whole office may be behind one address, and what strangers do to
    /// an account from twenty addresses must not delay its owner yet.
    pub const fn free(self) -> i32 {
        match self {
            Self::Pair | Self::Own => 5,
            Self::Code => 10,
            Self::Halfway => 20,
            Self::Address => 50,
            Self::Account => 100,
        }
    }
}

const LONGEST_WAIT_SECONDS: i64 = 900;

/// The seconds to wait after this many failures. Each one beyond the free ones doubles the wait.
pub fn seconds_to_wait(counted: Counted, failures: i32) -> Option<i64> {
    let doublings = u32::try_from(failures - counted.free()).ok()?.min(20);
    Some((1 << doublings).min(LONGEST_WAIT_SECONDS))
}

/// When a session ends: after some time without use, or after a longer time in any case.
pub fn session_ends(config: &Config, began: DateTime<Utc>, used: DateTime<Utc>) -> DateTime<Utc> {
    let days = |days: u32| TimeDelta::days(days.into());
    (used + days(config.session_idle_days)).min(began + days(config.session_days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_failure_beyond_the_free_ones_doubles_the_wait_up_to_a_quarter_of_an_hour() {
        for counted in [Counted::Address, Counted::Pair, Counted::Account, Counted::Code, Counted::Halfway, Counted::Own] {
            let wait = |beyond: i32| seconds_to_wait(counted, counted.free() + beyond);
            assert_eq!(wait(-1), None, "{counted:?}");
            let waits = [0, 1, 2, 3, 9, 10, 11, 40, 5_000].map(wait);
            assert_eq!(waits, [1, 2, 4, 8, 512, 900, 900, 900, 900].map(Some), "{counted:?}");
        }
    }

    proptest! {
        #[test]
        fn more_failures_never_wait_less_and_waiting_always_ends(failures in 0i32..10_000) {
            let wait = seconds_to_wait(Counted::Pair, failures);
            prop_assert!(wait <= seconds_to_wait(Counted::Pair, failures + 1));
            prop_assert!(wait.unwrap_or_default() <= LONGEST_WAIT_SECONDS);
            prop_assert_eq!(failures >= 5, wait.is_some());
        }
    }
}
