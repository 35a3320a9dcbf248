//! The clock, which tests can set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// The source of the time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
struct Source {
    /// The instant at which the clock is stopped, in microseconds.
    stopped_at: AtomicI64,
    /// How far it runs ahead of the machine's clock, in microseconds.
    ahead: AtomicI64,
}

/// The offset from UTC of Asia/Shanghai.
const SHANGHAI: TimeDelta = TimeDelta::hours(8);
/// A sentinel that means "not stopped".
const RUNNING: i64 = i64::MIN;

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(Source { stopped_at: AtomicI64::new(RUNNING), ahead: AtomicI64::new(0) }))
    }

    /// Stops the clock at an instant. Another call moves it.
    pub fn set(&self, instant: DateTime<Utc>) {
        self.0.stopped_at.store(instant.timestamp_micros(), Ordering::Relaxed);
    }

    /// Makes the clock run ahead of the machine's (or behind, if negative), because the demo data has its own year.
    pub fn run_ahead(&self, by: TimeDelta) {
        self.0.ahead.store(by.num_microseconds().unwrap_or_default(), Ordering::Relaxed);
        self.0.stopped_at.store(RUNNING, Ordering::Relaxed);
    }

    /// Now, truncated to microseconds, which is PostgreSQL's precision.
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match self.0.stopped_at.load(Ordering::Relaxed) {
            RUNNING => Utc::now().timestamp_micros() + self.0.ahead.load(Ordering::Relaxed),
            stopped => stopped,
        };
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }

    /// Today. Dates are local to Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        local_date(self.now())
    }
}

/// The date of an instant in Asia/Shanghai, which has kept UTC+8 without summer time since 1991.
pub fn local_date(instant: DateTime<Utc>) -> NaiveDate {
    (instant + SHANGHAI).date_naive()
}

/// The first instant of the day after a day, in Asia/Shanghai.
pub fn day_after(day: NaiveDate) -> DateTime<Utc> {
    day.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, first_instant)
}

/// The first instant of a day, in Asia/Shanghai.
pub fn first_instant(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() - SHANGHAI
}
