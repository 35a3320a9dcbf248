//! The time of day, which tests can set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

/// Where the time comes from.
#[derive(Clone, Debug)]
pub struct Clock(Arc<AtomicI64>);

/// Stands for "not set": no instant anybody would set.
const SYSTEM: i64 = i64::MIN;

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(AtomicI64::new(SYSTEM)))
    }

    /// Stops the clock at an instant; a later call moves it.
    pub fn set(&self, instant: DateTime<Utc>) {
        self.0.store(instant.timestamp_micros(), Ordering::Relaxed);
    }

    /// Now, cut to microseconds: finer than that PostgreSQL does not keep.
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match self.0.load(Ordering::Relaxed) {
            SYSTEM => Utc::now().timestamp_micros(),
            set => set,
        };
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }

    /// Today, where the business is: dates of business are local to Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        local_date(self.now())
    }
}

/// The date of an instant in Asia/Shanghai, which has kept UTC+8 without summer time since 1991.
pub fn local_date(instant: DateTime<Utc>) -> NaiveDate {
    let shanghai = FixedOffset::east_opt(8 * 3600).expect("eight hours are a valid offset");
    instant.with_timezone(&shanghai).date_naive()
}
