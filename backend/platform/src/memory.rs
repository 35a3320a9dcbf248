//! The memory for bodies that arrive or are worked on. All callers share it. The less is left, the less of it one caller may
//! have, so that there is some for the next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::web::Bytes;
use contract::ErrorCode;
use tokio::sync::Notify;

use super::rate::Subject;
use super::{Error, Result};

/// A limited number of bytes for all callers.
#[derive(Debug)]
pub struct Memory {
    limit: usize,
    each: usize,
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    of: HashMap<Subject, usize>,
}

impl Memory {
    /// Limits the bytes of all callers, and of each.
    pub fn new(limit: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { limit, each, taken: Mutex::default(), freed: Notify::new() })
    }

    /// Reserves memory for a caller if there is some. As much as they then have must be left for others. So one caller has at
    /// most half, the next half of the rest, and so on.
    pub fn take(self: &Arc<Self>, caller: &Subject, bytes: usize) -> Option<Reservation> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.of.get(caller).copied().unwrap_or_default() + bytes;
        let all = taken.all + bytes;
        if own > self.each.min(self.limit.saturating_sub(all)) {
            return None;
        }
        taken.all = all;
        taken.of.insert(caller.clone(), own);
        Some(Reservation { memory: self.clone(), caller: caller.clone(), bytes })
    }

    /// The same, but waits for memory. A waiting caller holds nothing that others wait for.
    ///
    /// # Errors
    /// `unavailable` if there was none for this long.
    pub async fn room(self: &Arc<Self>, caller: &Subject, bytes: usize, patience: Duration) -> Result<Reservation> {
        let room = async {
            loop {
                let freed = self.freed.notified();
                if let Some(reservation) = self.take(caller, bytes) {
                    return reservation;
                }
                freed.await;
            }
        };
        tokio::time::timeout(patience, room).await.map_err(|_| Error::later(ErrorCode::Unavailable, 5))
    }
}

/// A part of the memory in use. Dropping it releases the part.
#[derive(Debug)]
pub struct Reservation {
    memory: Arc<Memory>,
    caller: Subject,
    bytes: usize,
}

impl Reservation {
    /// Ties the reservation to bytes: it lasts as long as any slice of them.
    pub fn by(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Owner { bytes, _reservation: self })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut taken = self.memory.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= self.bytes;
        if let Some(own) = taken.of.get_mut(&self.caller) {
            *own -= self.bytes;
            if *own == 0 {
                taken.of.remove(&self.caller);
            }
        }
        drop(taken);
        self.memory.freed.notify_waiters();
    }
}

struct Owner {
    bytes: Bytes,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn caller(number: u8) -> Subject {
        Subject::of(Some(&format!("192.0.2.{number}")))
    }

    #[test]
    fn however_much_others_take_something_is_left() {
        let memory = Memory::new(1_000_000, 1_000_000);
        assert!(memory.take(&caller(0), 500_001).is_none());
        // Each caller takes as much as it can get.
        let greedy = |number: u8| -> Vec<Reservation> { std::iter::from_fn(|| memory.take(&caller(number), 1_000)).collect() };
        let taken: Vec<_> = (0..8).map(greedy).collect();
        assert_eq!(taken[0].len(), 500);
        assert!(taken.iter().all(|own| !own.is_empty()));
        assert!(memory.take(&caller(9), 1_000).is_some(), "for the next one");
        drop(taken);
        assert!(memory.taken.lock().unwrap().of.is_empty(), "who has nothing is forgotten");
        assert!(memory.take(&caller(0), 500_000).is_some());
    }

    #[tokio::test]
    async fn who_waits_gets_what_is_given_back_and_is_told_when_nothing_is() {
        let (memory, never) = (Memory::new(100, 100), Duration::from_secs(3_600));
        let [one, another, third] = [0, 1, 2].map(caller);
        let first = memory.take(&one, 50).unwrap();
        let mut second = Box::pin(memory.room(&another, 40, never));
        assert!(second.as_mut().now_or_never().is_none());
        assert_eq!(memory.room(&third, 40, Duration::ZERO).await.unwrap_err().code, ErrorCode::Unavailable);
        // As long as there is a slice of them.
        let bytes = first.by(Bytes::from_static(b"body"));
        let part = bytes.slice(1..);
        drop(bytes);
        assert!(second.as_mut().now_or_never().is_none());
        drop(part);
        second.await.unwrap();
    }
}
