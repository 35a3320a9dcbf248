//! Limits the number of requests of each caller, so that no caller takes the service from others.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use contract::ErrorCode;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use super::{Error, Result};

/// The window of the policy, in seconds.
const WINDOW: u64 = 60;
/// After this many checks, callers with their whole allowance are forgotten. So the number of remembered callers never exceeds
/// those of one window.
const SWEEP: u64 = 4096;

/// The callers whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An account, whatever its sessions.
    Account(Uuid),
    /// An address, for requests without a valid token.
    Address(IpAddr),
}

impl Subject {
    /// The subject of an address.
    pub fn of(address: Option<&str>) -> Self {
        Self::Address(network(address))
    }

    /// [`Self::of`] a parsed address.
    pub fn at(ip: IpAddr) -> Self {
        Self::Address(network_of(ip))
    }
}

/// The part of an address that its owner cannot choose: for IPv6 the network, which has any number of addresses.
pub fn network(address: Option<&str>) -> IpAddr {
    network_of(address.and_then(|text| text.parse().ok()).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)))
}

fn network_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
        ip => ip,
    }
}

/// A caller's allowance, for the headers of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until the allowance is complete again.
    pub reset: u64,
}

impl Allowance {
    /// The values of `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11).
    pub fn headers(self) -> [(&'static str, String); 2] {
        let Self { limit, remaining, reset } = self;
        [
            ("ratelimit-policy", format!("\"caller\";q={limit};w={WINDOW}")),
            ("ratelimit", format!("\"caller\";r={remaining};t={reset}")),
        ]
    }
}

type Limiter<C> = RateLimiter<Subject, DashMapStateStore<Subject>, C, StateInformationMiddleware>;

/// Counts the requests of each caller in this process. Several replicas allow a multiple of the limit.
pub struct Rates<C: Clock = MonotonicClock> {
    limiter: Option<(NonZeroU32, Limiter<C>)>,
    clock: C,
    checks: AtomicU64,
}

impl<C: Clock> std::fmt::Debug for Rates<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Rates").field(&self.limiter.as_ref().map(|(limit, _)| limit)).finish()
    }
}

impl<C: Clock + Clone> Rates<C> {
    /// Allows this many requests per minute, in a burst or spread out; 0 means no limit.
    pub fn new(per_minute: u32, clock: C) -> Self {
        let limiter = NonZeroU32::new(per_minute)
            .map(|limit| (limit, RateLimiter::new(Quota::per_minute(limit), DashMapStateStore::default(), clock.clone())));
        Self { limiter, clock, checks: AtomicU64::new(0) }
    }

    /// Counts a request. Returns `None` if there is no limit.
    ///
    /// # Errors
    /// The empty allowance, and `too_many_requests` with the time until the next request is allowed.
    pub fn take(&self, subject: &Subject) -> Result<Option<Allowance>, (Allowance, Error)> {
        let Some((limit, limiter)) = &self.limiter else { return Ok(None) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        let allowance = |remaining: u32| {
            let used = u64::from(limit.get() - remaining);
            Allowance { limit: limit.get(), remaining, reset: (used * WINDOW).div_ceil(u64::from(limit.get())) }
        };
        match limiter.check_key(subject) {
            Ok(state) => Ok(Some(allowance(state.remaining_burst_capacity()))),
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                Err((allowance(0), Error::later(ErrorCode::TooManyRequests, whole_seconds(wait))))
            }
        }
    }
}

/// The waiting time in whole seconds, at least one.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn somebody(number: u128) -> Subject {
        Subject::Account(Uuid::from_u128(number))
    }

    #[test]
    fn an_allowance_is_used_up_and_comes_back() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::new(30, clock.clone());
        let left = |allowance: Option<Allowance>| allowance.map(|a| (a.remaining, a.reset)).unwrap();
        assert_eq!(left(rates.take(&somebody(1)).unwrap()), (29, 2));
        for _ in 0..29 {
            rates.take(&somebody(1)).unwrap();
        }
        let (allowance, error) = rates.take(&somebody(1)).unwrap_err();
        assert_eq!((allowance.remaining, allowance.reset, error.code), (0, 60, ErrorCode::TooManyRequests));
        assert_eq!(error.retry_after, Some(2));
        assert_eq!(left(rates.take(&somebody(2)).unwrap()), (29, 2));
        clock.advance(Duration::from_secs(2));
        assert_eq!(left(rates.take(&somebody(1)).unwrap()), (0, 60));
        rates.take(&somebody(1)).unwrap_err();
        clock.advance(Duration::from_secs(60));
        assert_eq!(left(rates.take(&somebody(1)).unwrap()), (29, 2));
    }

    #[test]
    fn callers_who_are_gone_are_forgotten() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::new(60, clock.clone());
        for number in 0..20 * u128::from(SWEEP) {
            rates.take(&somebody(number)).unwrap();
            // A thousand strangers per second, each of them irrelevant a second later.
            clock.advance(Duration::from_millis(1));
        }
        let kept = rates.limiter.as_ref().unwrap().1.len();
        assert!(kept <= 2000 + SWEEP as usize, "{kept} callers are remembered");
    }

    #[test]
    fn nothing_is_counted_without_a_limit() {
        let rates = Rates::new(0, MonotonicClock);
        assert_eq!(rates.take(&somebody(1)).unwrap(), None);
    }

    #[test]
    fn a_network_is_one_subject() {
        let of = |text| Subject::of(Some(text));
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::4"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_eq!(of("unknown"), Subject::of(None));
    }
}
