//! Places: limits on the simultaneous work for all callers and for each, so that no caller takes the service from others.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use actix_web::{HttpMessage, HttpRequest};
use contract::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::memory::{Memory, Reservation};
use super::rate::Subject;
use super::{Error, Result};

/// Memory for the bodies of all accounts together, in bytes: three of the largest files, or 64 of the largest other bodies.
const BODIES: usize = 64 * 1024 * 1024;
/// Memory for the bodies of all senders who are not signed in, in bytes. It does not reduce that of accounts.
const STRANGERS_BODIES: usize = 8 * 1024 * 1024;
/// The most of it for one address, in bytes. Signing in takes a few hundred.
const STRANGERS_EACH: usize = 256 * 1024;
/// How many requests of one caller may wait for password hashing, each of which occupies a core for tens of milliseconds.
const PASSWORDS_EACH: usize = 16;
/// How many requests of all accounts may wait for it, and how many of all who are not signed in: a wait of some two seconds
/// on a small machine.
const PASSWORDS_OF_ACCOUNTS: usize = 64;
const PASSWORDS_OF_STRANGERS: usize = 64;
/// Connections that one address, or one IPv6 network, may have open. Each may hold some 160 KiB of a head or body that does
/// not end.
const CONNECTIONS_EACH: usize = 512;
/// The share of all requests in progress that one caller may have: one in this many.
const CALLERS_PART: usize = 4;

/// The places of this process.
#[derive(Debug)]
pub struct Places {
    /// For requests that are worked on. A request that waits for its body is not.
    working: Arc<Semaphore>,
    callers: Arc<Shares>,
    passwords: Arc<Shares>,
    accounts_passwords: Arc<Semaphore>,
    strangers_passwords: Arc<Semaphore>,
    connections: Arc<Shares>,
    /// For bodies from accounts, and for sealed files that are opened for them, each as a whole.
    pub memory: Arc<Memory>,
    strangers: Arc<Memory>,
    files: Turns,
    /// True once no new request is admitted. Every request in progress watches it.
    stopping: watch::Sender<bool>,
}

impl Places {
    /// Places for this many simultaneous requests.
    pub fn new(requests: usize) -> Arc<Self> {
        Arc::new(Self {
            working: Arc::new(Semaphore::new(requests)),
            callers: Shares::new((requests / CALLERS_PART).max(1)),
            passwords: Shares::new(PASSWORDS_EACH),
            accounts_passwords: Arc::new(Semaphore::new(PASSWORDS_OF_ACCOUNTS)),
            strangers_passwords: Arc::new(Semaphore::new(PASSWORDS_OF_STRANGERS)),
            connections: Shares::new(CONNECTIONS_EACH),
            memory: Memory::new(BODIES, BODIES),
            strangers: Memory::new(STRANGERS_BODIES, STRANGERS_EACH),
            files: Turns::default(),
            stopping: watch::Sender::new(false),
        })
    }

    /// A place for a request; `None` if all are taken.
    pub fn enter(self: &Arc<Self>, limit: Duration) -> Option<Rc<Place>> {
        let here = self.stopping.subscribe();
        if *here.borrow() {
            return None;
        }
        let working = self.working.clone().try_acquire_owned().ok()?;
        Some(Rc::new(Place {
            places: self.clone(),
            working: RefCell::new(Some(working)),
            share: RefCell::new(None),
            limit,
            until: Cell::new(Instant::now() + limit),
            _here: here,
        }))
    }

    /// A new connection's share of those that its address may have.
    pub fn connect(&self, address: IpAddr) -> Option<Share> {
        self.connections.take(&Subject::at(address))
    }

    /// A request's share of the password hashing that its caller may have at once, and a place in the queue of all. Strangers
    /// have a queue of their own, so that a crowd of them keeps no account from changing its password.
    ///
    /// # Errors
    /// `too_many_requests`, `unavailable` where too many of others wait already.
    pub fn password(&self, caller: &Subject) -> Result<Queued> {
        let share = self.passwords.take(caller).ok_or_else(|| Error::later(ErrorCode::TooManyRequests, 1))?;
        let queue = match caller {
            Subject::Account(_) => &self.accounts_passwords,
            Subject::Address(_) => &self.strangers_passwords,
        };
        let place = queue.clone().try_acquire_owned().map_err(|_| Error::later(ErrorCode::Unavailable, 2))?;
        Ok(Queued { _share: share, _place: place })
    }

    /// Admits no new request, and waits until all in progress are answered.
    pub async fn empty(&self) {
        self.stopping.send_replace(true);
        self.stopping.closed().await;
    }

    /// The number of free places.
    pub fn free(&self) -> usize {
        self.working.available_permits()
    }
}

/// A place in the queue for password hashing.
#[derive(Debug)]
pub struct Queued {
    _share: Share,
    _place: OwnedSemaphorePermit,
}

/// What a request has until it is answered.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    working: RefCell<Option<OwnedSemaphorePermit>>,
    share: RefCell<Option<Share>>,
    /// How long it may be silent.
    limit: Duration,
    until: Cell<Instant>,
    _here: watch::Receiver<bool>,
}

impl Place {
    /// The place of a request; `None` if it needs none.
    pub fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }

    /// Counts the request as this caller's.
    ///
    /// # Errors
    /// `too_many_requests` if this caller has too many in progress.
    pub fn belongs_to(&self, caller: &Subject) -> Result<()> {
        let share = self.places.callers.take(caller).ok_or_else(|| Error::later(ErrorCode::TooManyRequests, 1))?;
        self.share.replace(Some(share));
        Ok(())
    }

    /// Gives the place to others while there is nothing to do.
    pub fn rest(&self) {
        self.working.take();
    }

    /// Whether the place is given away.
    pub fn rests(&self) -> bool {
        self.working.borrow().is_none()
    }

    /// Takes a place again, if it was given away.
    ///
    /// # Errors
    /// `unavailable` if others have taken all places.
    pub fn resume(&self) -> Result<()> {
        if self.working.borrow().is_some() {
            return Ok(());
        }
        let working = self.places.working.clone().try_acquire_owned();
        self.working.replace(Some(working.map_err(|_| Error::later(ErrorCode::Unavailable, 1))?));
        Ok(())
    }

    /// Reserves memory for a body of this size. The request gives its place to others while it waits, and must resume afterwards.
    ///
    /// # Errors
    /// `unavailable` if there was no memory for this long.
    pub async fn room(&self, bytes: usize, patience: Duration) -> Result<Reservation> {
        let caller = self.caller();
        let memory = match caller {
            Subject::Account(_) => &self.places.memory,
            Subject::Address(_) => &self.places.strangers,
        };
        if let Some(reservation) = memory.take(&caller, bytes) {
            return Ok(reservation);
        }
        self.rest();
        memory.room(&caller, bytes, patience).await
    }

    /// Waits for the turn of this caller's files: only one is worked on at a time, so that the next one does not delay the files
    /// of others.
    ///
    /// # Errors
    /// `unavailable` if all places are taken when the turn comes.
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        let turns = self.places.files.of(&self.caller());
        if let Ok(turn) = turns.clone().try_acquire_owned() {
            return Ok(turn);
        }
        self.rest();
        let turn = turns.acquire_owned().await.map_err(Error::internal)?;
        self.resume()?;
        Ok(turn)
    }

    fn caller(&self) -> Subject {
        self.share.borrow().as_ref().map_or_else(|| Subject::of(None), |share| share.subject.clone())
    }

    /// Gives the request this much time from now.
    pub fn allow(&self, time: Duration) {
        self.until.set(Instant::now() + time);
    }

    /// Does the work of the request, which may say that it [goes on](goes_on).
    pub async fn work<T>(self: Rc<Self>, work: impl Future<Output = T>) -> T {
        WORKED_ON.scope(self, work).await
    }

    /// Waits until the request's time is over, however often it is extended.
    pub async fn time_is_over(&self) {
        while self.until.get() > Instant::now() {
            tokio::time::sleep_until(self.until.get()).await;
        }
    }
}

tokio::task_local! {
    /// The place of the request that the task works on.
    static WORKED_ON: Rc<Place>;
}

/// Says that the work for a request goes on. It may be silent again as long as at first, so that what flows is not cut off, however
/// long it takes in all. Means nothing outside of a request.
pub fn goes_on() {
    let _ = WORKED_ON.try_with(|place| place.until.set(place.until.get().max(Instant::now() + place.limit)));
}

/// Goes on with the work of a request after its answer has begun. The request keeps its place until this has ended.
pub fn beyond<T: 'static>(work: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    match WORKED_ON.try_with(Rc::clone) {
        Ok(place) => actix_web::rt::spawn(place.work(work)),
        Err(_) => actix_web::rt::spawn(work),
    }
}

/// One turn at a time for each caller.
#[derive(Debug, Default)]
struct Turns(Mutex<HashMap<Subject, Weak<Semaphore>>>);

impl Turns {
    fn of(&self, subject: &Subject) -> Arc<Semaphore> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        turns.get(subject).and_then(Weak::upgrade).unwrap_or_else(|| {
            let turn = Arc::new(Semaphore::new(1));
            turns.insert(subject.clone(), Arc::downgrade(&turn));
            turn
        })
    }
}

/// The number of shares of each caller.
#[derive(Debug)]
struct Shares {
    each: usize,
    taken: Mutex<HashMap<Subject, usize>>,
}

impl Shares {
    fn new(each: usize) -> Arc<Self> {
        Arc::new(Self { each, taken: Mutex::default() })
    }

    fn take(self: &Arc<Self>, subject: &Subject) -> Option<Share> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(subject.clone()).or_default();
        if *count >= self.each {
            return None;
        }
        *count += 1;
        Some(Share { shares: self.clone(), subject: subject.clone() })
    }
}

/// One share of a caller. Dropping it returns the share.
#[derive(Debug)]
pub struct Share {
    shares: Arc<Shares>,
    subject: Subject,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.subject) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.subject);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn what_one_caller_has_is_not_taken_from_another_and_comes_back() {
        let shares = Shares::new(2);
        let of = |text| Subject::of(Some(text));
        let taken = [shares.take(&of("192.0.2.1")), shares.take(&of("192.0.2.1"))];
        assert!(taken.iter().all(Option::is_some) && shares.take(&of("192.0.2.1")).is_none());
        assert!(shares.take(&of("192.0.2.2")).is_some());
        drop(taken);
        assert!(shares.take(&of("192.0.2.1")).is_some());
        assert!(shares.taken.lock().unwrap().is_empty(), "who has nothing is forgotten");
    }

    #[test]
    fn a_second_file_of_a_caller_waits_for_its_own_and_for_nobody_else_s() {
        let (turns, of) = (Turns::default(), |text| Subject::of(Some(text)));
        let first = turns.of(&of("192.0.2.1")).try_acquire_owned().unwrap();
        assert!(turns.of(&of("192.0.2.1")).try_acquire_owned().is_err());
        assert!(turns.of(&of("192.0.2.2")).try_acquire_owned().is_ok());
        drop(first);
        assert!(turns.of(&of("192.0.2.1")).try_acquire_owned().is_ok());
    }

    #[test]
    fn the_queue_for_passwords_ends_and_strangers_take_nothing_from_accounts() {
        let places = Places::new(10_000);
        let stranger = |network: u128| Subject::at(std::net::Ipv6Addr::from_bits(network << 64).into());
        let mut waiting: Vec<_> =
            (0..PASSWORDS_OF_STRANGERS as u128).map(|network| places.password(&stranger(network)).unwrap()).collect();
        let refused = places.password(&stranger(1_000)).unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (ErrorCode::Unavailable, Some(2)));
        assert!(places.password(&Subject::Account(uuid::Uuid::from_u128(1))).is_ok());
        waiting.pop();
        let mut all: Vec<_> =
            (0..PASSWORDS_EACH - 1).map(|_| places.password(&stranger(1)).map_err(|error| error.code)).collect();
        assert_eq!(all.pop().map(|last| last.unwrap_err()), Some(ErrorCode::Unavailable));
    }

    #[tokio::test]
    async fn what_goes_on_has_time_and_what_is_silent_has_none() {
        let place = Places::new(1).enter(Duration::from_secs(3_600)).unwrap();
        let is_over = || place.time_is_over().now_or_never().is_some();
        place.allow(Duration::ZERO);
        assert!(is_over());
        goes_on();
        assert!(is_over(), "it was said of no request");
        place.clone().work(async { goes_on() }).await;
        assert!(!is_over());
        let granted = Duration::from_secs(7_200);
        place.allow(granted);
        let until = place.until.get();
        place.clone().work(async { goes_on() }).await;
        assert_eq!(place.until.get(), until, "it takes no time that was given for a body");
    }

    #[tokio::test]
    async fn strangers_of_many_networks_leave_an_account_its_memory() {
        let places = Places::new(10_000);
        let place = |subject: Subject| {
            let place = places.enter(Duration::from_secs(1)).unwrap();
            place.belongs_to(&subject).unwrap();
            place
        };
        let mut taken = Vec::new();
        // Each takes as much as it can get, in bodies as large as strangers may send.
        for network in 0..200u128 {
            let stranger = place(Subject::at(std::net::Ipv6Addr::from_bits(network << 64).into()));
            while let Ok(more) = stranger.room(16 * 1024, Duration::ZERO).await {
                taken.push(more);
            }
        }
        assert!(taken.len() > 100);
        let account = place(Subject::Account(uuid::Uuid::from_u128(1)));
        assert!(account.room(20 * 1024 * 1024, Duration::ZERO).await.is_ok(), "a file");
        let other = place(Subject::of(Some("192.0.2.1")));
        assert!(other.room(16 * 1024, Duration::ZERO).await.is_err(), "of their own, strangers can leave each other nothing");
    }

    #[tokio::test]
    async fn who_waits_for_a_body_leaves_the_place_to_others_and_is_waited_for() {
        let places = Places::new(1);
        let first = places.enter(Duration::from_secs(1)).unwrap();
        assert!(places.enter(Duration::from_secs(1)).is_none());
        first.rest();
        let second = places.enter(Duration::from_secs(1)).unwrap();
        assert_eq!(first.resume().unwrap_err().code, ErrorCode::Unavailable);
        drop(second);
        first.resume().unwrap();
        let mut emptying = Box::pin(places.empty());
        assert!(emptying.as_mut().now_or_never().is_none());
        first.rest();
        assert!(places.enter(Duration::from_secs(1)).is_none(), "nobody new is let in");
        first.resume().unwrap();
        drop(first);
        emptying.await;
    }
}
