//! Entries on this device that wait to be uploaded: visits, records, results of inspections, photos.
//!
//! An entry is stored before any part of it is sent, and deleted when all parts have arrived. Its parts are sent in order, each
//! under an id and an `Idempotency-Key` chosen when it was entered. So a lost answer duplicates nothing, and after the day for
//! which the service stores keys it still knows the id. An entry that the service refuses stays, with the message, until it is
//! corrected or discarded. So does one that this device can no longer read: an entry without one of its photos says so, and
//! missing entries are counted.

mod entry;
mod outcome;
mod sending;
#[cfg(test)]
mod tests;
mod witness;

use std::cell::{Cell, RefCell};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use contract::Permission;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use web_sys::js_sys::Date;

pub use self::entry::{About, Entry, Family, Inspected, Part, Photo, Planned, Standing, Step, Visited};
pub use self::sending::send;
use super::device::{self, Device, NotKept};
use super::draft;
use crate::session::{self, State};

/// Only one of several tabs sends.
const LOCK: &str = "baishe.entries";
/// The interval between attempts.
const AGAIN: Duration = Duration::from_secs(30);
/// The prefix of entries, followed by their stamps.
const ENTRIES: &str = "entry/";
/// The prefix of their photos.
const PHOTOS: &str = "photo/";

/// The stamp of an entry that is made now. Stamps sort by time.
fn new_stamp(now: f64) -> String {
    format!("{now:015}-{}", Uuid::new_v4().simple())
}

fn photo_name(stamp: &str, id: Uuid) -> String {
    format!("{PHOTOS}{stamp}/{id}")
}

/// An entry with its stamp: the time when it was made, which orders entries.
pub type Waiting = (String, Arc<Entry>);

/// When an entry was made, in milliseconds by the device's clock.
pub fn made_at(stamp: &str) -> f64 {
    stamp.split('-').next().and_then(|at| at.parse().ok()).unwrap_or_default()
}

/// Whether an entry has waited for more than a day.
fn is_overdue(stamp: &str, now: f64) -> bool {
    const DAY: f64 = 86_400_000.0;
    made_at(stamp) + DAY < now
}

/// What belongs to entries, by prefix: themselves and their photos.
fn belongings(mut entries: Vec<String>) -> Vec<String> {
    let stamps = entries.iter().filter_map(|name| name.strip_prefix(ENTRIES));
    let photos: Vec<_> = stamps.map(|stamp| format!("{PHOTOS}{stamp}/")).collect();
    entries.extend(photos);
    entries
}

static WAITING: LazyLock<ArcRwSignal<Vec<Waiting>>> = LazyLock::new(ArcRwSignal::default);
/// The stamps of entries that this device can no longer open.
static DAMAGED: LazyLock<ArcRwSignal<Vec<String>>> = LazyLock::new(ArcRwSignal::default);
/// The number of entries that the browser has deleted.
static LOST: LazyLock<ArcRwSignal<usize>> = LazyLock::new(ArcRwSignal::default);
static BUSY: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);

thread_local! {
    static DEVICE: RefCell<Option<Device>> = const { RefCell::new(None) };
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// The waiting entries, oldest first, tracked.
pub fn waiting() -> Vec<Waiting> {
    WAITING.get()
}

/// The entries that have waited for more than a day, oldest first, tracked.
pub fn overdue() -> Vec<Waiting> {
    let mut old = waiting();
    old.retain(|(stamp, _)| is_overdue(stamp, Date::now()));
    old
}

/// The stamps of waiting entries that cannot be opened any more, tracked.
pub fn damaged() -> Vec<String> {
    DAMAGED.get()
}

/// The number of entries that have disappeared from this device, tracked.
pub fn lost() -> usize {
    LOST.get()
}

/// Records that the person has seen the number of lost entries.
pub fn lost_is_known() {
    if let Some(account) = session::account_now() {
        witness::less(account.id, LOST.get_untracked());
    }
    LOST.set(0);
}

/// The number of waiting entries, and of those that wait for the person, tracked.
pub fn counts() -> (usize, usize) {
    let stuck = |(_, entry): &&Waiting| entry.standing.is_stuck();
    let damaged = DAMAGED.with(Vec::len);
    WAITING.with(|waiting| (waiting.len() + damaged, waiting.iter().filter(stuck).count() + damaged))
}

/// The page on which waiting entries are dealt with, tracked.
pub fn desk() -> &'static str {
    let inspections = WAITING.with(|waiting| !waiting.is_empty() && waiting.iter().all(|(_, entry)| entry.inspected().is_some()));
    if inspections || !session::may(Permission::WriteAssistance) { "/on-site" } else { "/visit" }
}

/// The number of waiting entries, untracked.
pub fn waiting_now() -> usize {
    WAITING.with_untracked(Vec::len) + DAMAGED.with_untracked(Vec::len)
}

/// Whether entries are being sent, tracked.
pub fn is_busy() -> bool {
    BUSY.get()
}

/// Loads the entries of the signed-in account, and sends them when there is a connection.
pub fn start(account: Uuid) {
    forget_all();
    if !STARTED.replace(true) {
        for event in ["online", "focus"] {
            window_event_listener_untyped(event, |_| send());
        }
        let _ = set_interval_with_handle(
            || {
                if !WAITING.with_untracked(Vec::is_empty) {
                    send()
                }
            },
            AGAIN,
        );
    }
    // Sending continues when the person signs in again. The effect ends with the frame, which is new for another person.
    Effect::new(|| {
        if matches!(session::state(), State::SignedIn(_)) {
            send();
        }
    });
    spawn_local(async move {
        device::belong_to(account).await;
        let known = match witness::count(account) {
            0 => Device::known(account).await,
            // There should be entries, so open the database even if the browser claims that it has none.
            _ => Device::open(account).await.map(Some),
        };
        if let Ok(Some(known)) = known {
            DEVICE.set(Some(known));
            reload().await;
            send();
        }
    });
}

/// The data of the signed-in account, created if there is none.
pub async fn device() -> Result<Device, NotKept> {
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        return Ok(device);
    }
    let account = session::account_now().ok_or(NotKept::Forbidden)?;
    let device = Device::open(account.id).await?;
    DEVICE.set(Some(device.clone()));
    Ok(device)
}

/// The same, if it is open for this account.
pub fn device_of(account: Uuid) -> Option<Device> {
    DEVICE.with_borrow(Clone::clone).filter(|device| device.account() == account)
}

/// Signs out. Unsent entries stay for the account's return; everything else is deleted.
pub async fn leave() {
    if let Some(device) = DEVICE.take()
        && let Ok(entries) = device.names(ENTRIES).await
    {
        let _ = device.leave(&belongings(entries)).await;
    }
    forget_all();
}

/// Resets what is known about this device.
fn forget_all() {
    DEVICE.set(None);
    WAITING.set(Vec::new());
    DAMAGED.set(Vec::new());
    LOST.set(0);
}

/// Stores an entry with the contents of its photos, replacing the one with this stamp if there is a stamp, and sends it if
/// possible.
///
/// # Errors
///
/// If there is no space, or the browser cannot access its storage.
pub async fn keep(entry: &Entry, photos: &[(Uuid, Vec<u8>)], stamp: Option<String>) -> Result<(), NotKept> {
    if waiting_now() == 0 {
        device::ask_to_stay();
    }
    let device = device().await?;
    let is_new = stamp.is_none();
    let stamp = stamp.unwrap_or_else(|| new_stamp(Date::now()));
    let kept = device::alone(LOCK, async {
        let kept = write(&device, &stamp, entry, photos).await;
        if kept.is_err() && is_new {
            // Photos that were stored would take up space for the next attempt.
            let _ = forget(&device, &stamp).await;
        }
        if kept.is_ok() && is_new {
            witness::more(device.account());
            // The entry is stored. Whatever happens to the draft, it must not be entered again.
            let _ = draft::forget(&device, &entry.draft()).await;
        }
        kept
    });
    kept.await?;
    reload().await;
    send();
    Ok(())
}

/// Writes the entry after its photos, so that an interruption leaves no entry.
async fn write(device: &Device, stamp: &str, entry: &Entry, photos: &[(Uuid, Vec<u8>)]) -> Result<(), NotKept> {
    for (id, bytes) in photos {
        device.write_bytes(&photo_name(stamp, *id), bytes).await?;
    }
    device.write(&format!("{ENTRIES}{stamp}"), entry).await
}

/// Sends an entry again after the person has decided that it is no double.
pub async fn is_no_double(stamp: &str, entry: &Entry) {
    again(stamp, entry, Entry::not_a_double).await;
}

/// Sends an entry again after the person has said that some fields name nobody.
pub async fn names_nobody(stamp: &str, entry: &Entry, fields: &[String]) {
    again(stamp, entry, |entry| entry.names_nobody(fields)).await;
}

async fn again(stamp: &str, entry: &Entry, change: impl FnOnce(&mut Entry)) {
    let mut entry = entry.clone();
    change(&mut entry);
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        let _ = device::alone(LOCK, write(&device, stamp, &entry, &[])).await;
        reload().await;
        send();
    }
}

/// Discards an entry.
pub async fn discard(stamp: &str) {
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        let _ = device::alone(LOCK, forget(&device, stamp)).await;
        reload().await;
    }
}

/// The contents of a waiting photo; `None` if they are lost.
pub async fn photo(stamp: &str, id: Uuid) -> Result<Option<Vec<u8>>, NotKept> {
    contents(&device().await?, stamp, id).await
}

async fn contents(device: &Device, stamp: &str, id: Uuid) -> Result<Option<Vec<u8>>, NotKept> {
    match device.read_bytes(&photo_name(stamp, id)).await {
        Err(NotKept::Damaged) => Ok(None),
        found => found,
    }
}

async fn forget(device: &Device, stamp: &str) -> Result<(), NotKept> {
    let name = format!("{ENTRIES}{stamp}");
    if !device.names(&name).await?.is_empty() {
        // Before deleting, so that another tab does not count the entry as lost.
        witness::less(device.account(), 1);
        device.forget(&name).await?;
    }
    device.forget(&format!("{PHOTOS}{stamp}/")).await
}

/// Reads the waiting entries. If that fails now, the known ones stay.
async fn reload() {
    let Some(device) = DEVICE.with_borrow(Clone::clone) else { return };
    let account = device.account();
    let before = witness::count(account);
    let Ok(names) = device.names(ENTRIES).await else { return };
    let (mut found, mut damaged) = (Vec::new(), Vec::new());
    for name in &names {
        let Some(stamp) = name.strip_prefix(ENTRIES) else { continue };
        match device.read::<Entry>(name).await {
            Ok(Some(entry)) => found.push((stamp.to_owned(), Arc::new(entry))),
            // Another tab has sent the entry meanwhile.
            Ok(None) => {}
            Err(NotKept::Damaged) => damaged.push(stamp.to_owned()),
            Err(_) => return,
        }
    }
    WAITING.set(found);
    DAMAGED.set(damaged);
    LOST.set(witness::missing(before, names.len(), witness::count(account)));
}
