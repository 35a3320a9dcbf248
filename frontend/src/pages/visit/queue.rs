//! What was entered on this device and waits to be sent: visits, what was given, photos.
//!
//! An entry is kept before anything of it is sent, and forgotten when everything of it has come. Its parts go one after another, each under an id and
//! an `Idempotency-Key` made when it was entered: an answer that is lost makes nothing twice, and after the day for which the service remembers keys
//! it still knows the id. What the service refuses stays, with its words, until it is corrected or given up. So does what this device cannot read
//! any more: an entry without one of its photos says so, and an entry that is gone is counted.

mod outcome;
mod sending;
#[cfg(test)]
mod tests;
mod witness;

use std::cell::{Cell, RefCell};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use contract::assistance::AidKind;
use contract::attachments::AttachmentObject;
use contract::households::Relation;
use contract::{Month, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use web_sys::js_sys::{Array, Date, Uint8Array};
use web_sys::{Blob, BlobPropertyBag};

pub use self::sending::send;
use super::device::{self, Device, NotKept};
use super::draft;
use crate::api::{self, Call};
use crate::session::{self, State};

/// Of two tabs one sends.
const LOCK: &str = "baishe.entries";
/// How often is tried what could not be sent.
const AGAIN: Duration = Duration::from_secs(30);
/// Where entries are kept, by when they were made.
const ENTRIES: &str = "entry/";
/// Where their photos are.
const PHOTOS: &str = "photo/";

/// A measure of a family's plan that waits to be carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    pub id: Uuid,
    pub month: Month,
    pub kind: AidKind,
    pub description: String,
    pub amount_fen: Option<i64>,
    pub member_id: Option<Uuid>,
    pub pairing_id: Option<Uuid>,
}

/// A family, as masked as the service shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Family {
    pub id: Uuid,
    pub file_number: String,
    pub head_name: String,
    pub village_name: String,
    pub consented: bool,
    /// Whether it also consents to photos.
    #[serde(default)]
    pub photos: bool,
    /// The active pairings with it, and with whom.
    pub pairings: Vec<(Uuid, String)>,
    /// Who belongs to it, and what they are to the head.
    #[serde(default)]
    pub members: Vec<(Uuid, String, Relation)>,
    /// What of its plan waits for the account, or for those whose records it may write.
    #[serde(default)]
    pub measures: Vec<Planned>,
}

/// Something to be sent: where to, under which id and key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    path: String,
    id: Uuid,
    body: Value,
    key: String,
    pub sent: bool,
}

impl Part {
    /// A body under an id of its own.
    pub fn new(path: String, mut body: Value) -> Self {
        let id = Uuid::new_v4();
        body["id"] = id.to_string().into();
        Self { path, id, body, key: api::new_key(), sent: false }
    }

    fn call(&self) -> Call<Value> {
        Call::post(self.path.clone(), &self.body).keyed(self.key.clone())
    }

    /// The same, of which whoever entered it has said that it is no double. With another body it is another request.
    fn not_a_double(&mut self) {
        self.body["not_a_double"] = true.into();
        self.key = api::new_key();
    }
}

/// A photo; its contents are kept apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Photo {
    pub id: Uuid,
    pub name: String,
    pub media_type: String,
    pub sent: bool,
    /// Its contents are on this device no more.
    #[serde(default)]
    pub lost: bool,
}

/// How it stands with an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Standing {
    Waiting,
    /// A part is on its way, or its answer was lost: it may have come, so it stays as it is.
    Asked,
    /// The service does not take it.
    Refused(Box<Problem>),
    /// All of it has come but for photos that this device has lost.
    PhotosLost,
}

impl Standing {
    /// Whether it waits for whoever entered it.
    pub fn is_stuck(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::PhotosLost)
    }
}

/// What was entered at one family's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub family: Family,
    /// What was typed, to be corrected.
    pub sheet: Value,
    pub visit: Option<Part>,
    pub record: Option<Part>,
    pub photos: Vec<Photo>,
    pub standing: Standing,
}

/// A part of an entry, in the order in which they are sent.
#[derive(Clone, Copy)]
pub enum Step {
    Visit,
    Record,
    Photo(usize),
}

impl Entry {
    /// What is sent next.
    pub fn next(&self) -> Option<Step> {
        if self.visit.as_ref().is_some_and(|part| !part.sent) {
            return Some(Step::Visit);
        }
        if self.record.as_ref().is_some_and(|part| !part.sent) {
            return Some(Step::Record);
        }
        self.photos.iter().position(|photo| !photo.sent && !photo.lost).map(Step::Photo)
    }

    /// How many of its photos this device has lost.
    pub fn photos_lost(&self) -> usize {
        self.photos.iter().filter(|photo| photo.lost).count()
    }

    /// Whether something of it has come already.
    pub fn has_begun(&self) -> bool {
        self.visit.as_ref().is_some_and(|part| part.sent) || self.record.as_ref().is_some_and(|part| part.sent)
    }

    /// How a part is sent; none for a photo that is lost.
    async fn call(&self, step: Step, device: &Device, stamp: &str) -> Result<Option<Call<Value>>, NotKept> {
        Ok(match step {
            Step::Visit => self.visit.as_ref().map(Part::call),
            Step::Record => self.record.as_ref().map(Part::call),
            Step::Photo(index) => match self.photos.get(index) {
                Some(photo) => contents(device, stamp, photo.id).await?.and_then(|bytes| self.attach(photo, &bytes)),
                None => None,
            },
        })
    }

    /// How a photo is sent: it belongs to what was given, or to the family's file.
    fn attach(&self, photo: &Photo, bytes: &[u8]) -> Option<Call<Value>> {
        let (kind, id) = match &self.record {
            Some(part) => (AttachmentObject::AssistanceRecord, part.id),
            None => (AttachmentObject::Household, self.family.id),
        };
        let what = BlobPropertyBag::new();
        what.set_type(&photo.media_type);
        let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &what).ok()?;
        let call = api::attachments::create(kind, &id.to_string(), &blob, &photo.name, Some(photo.id))?;
        Some(call.keyed(photo.id.to_string()).answering())
    }

    fn sent(&mut self, step: Step) {
        match step {
            Step::Visit => self.visit.iter_mut().for_each(|part| part.sent = true),
            Step::Record => self.record.iter_mut().for_each(|part| part.sent = true),
            Step::Photo(index) => self.photos.iter_mut().skip(index).take(1).for_each(|photo| photo.sent = true),
        }
    }

    fn lost(&mut self, step: Step) {
        if let Step::Photo(index) = step {
            self.photos.iter_mut().skip(index).take(1).for_each(|photo| photo.lost = true);
        }
    }
}

fn photo_name(stamp: &str, id: Uuid) -> String {
    format!("{PHOTOS}{stamp}/{id}")
}

/// An entry by its stamp: when it was made, which orders them.
pub type Waiting = (String, Arc<Entry>);

/// When an entry was made, in milliseconds by the device's clock.
pub fn made_at(stamp: &str) -> f64 {
    stamp.split('-').next().and_then(|at| at.parse().ok()).unwrap_or_default()
}

static WAITING: LazyLock<ArcRwSignal<Vec<Waiting>>> = LazyLock::new(ArcRwSignal::default);
/// Stamps of entries that are there, and that this device cannot open any more.
static DAMAGED: LazyLock<ArcRwSignal<Vec<String>>> = LazyLock::new(ArcRwSignal::default);
/// How many entries the browser has thrown away.
static LOST: LazyLock<ArcRwSignal<usize>> = LazyLock::new(ArcRwSignal::default);
static BUSY: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);

thread_local! {
    static DEVICE: RefCell<Option<Device>> = const { RefCell::new(None) };
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// What waits, the oldest first, tracked.
pub fn waiting() -> Vec<Waiting> {
    WAITING.get()
}

/// What has waited for more than a day, the oldest first, tracked.
pub fn overdue() -> Vec<Waiting> {
    const DAY: f64 = 86_400_000.0;
    let mut old = waiting();
    old.retain(|(stamp, _)| made_at(stamp) + DAY < Date::now());
    old
}

/// The stamps of what waits and cannot be opened any more, tracked.
pub fn damaged() -> Vec<String> {
    DAMAGED.get()
}

/// How many entries were here and are not any more, tracked.
pub fn lost() -> usize {
    LOST.get()
}

/// Whoever entered what is lost knows of it.
pub fn lost_is_known() {
    if let Some(account) = session::account_now() {
        witness::less(account.id, LOST.get_untracked());
    }
    LOST.set(0);
}

/// How many wait, and how many of them for whoever entered them, tracked.
pub fn counts() -> (usize, usize) {
    let stuck = |(_, entry): &&Waiting| entry.standing.is_stuck();
    let damaged = DAMAGED.with(Vec::len);
    WAITING.with(|waiting| (waiting.len() + damaged, waiting.iter().filter(stuck).count() + damaged))
}

/// How many wait, untracked.
pub fn waiting_now() -> usize {
    WAITING.with_untracked(Vec::len) + DAMAGED.with_untracked(Vec::len)
}

/// Whether it is being sent, tracked.
pub fn is_busy() -> bool {
    BUSY.get()
}

/// Takes up what the account that is signed in has here, and sends it when there is a connection.
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
    // Whoever signs in again goes on. It ends with the frame, which is drawn anew for another person.
    Effect::new(|| {
        if matches!(session::state(), State::SignedIn(_)) {
            send();
        }
    });
    spawn_local(async move {
        device::belong_to(account).await;
        let known = match witness::count(account) {
            0 => Device::known(account).await,
            // Whatever the browser says that it has.
            _ => Device::open(account).await.map(Some),
        };
        if let Ok(Some(known)) = known {
            DEVICE.set(Some(known));
            reload().await;
            send();
        }
    });
}

/// The place of the account that is signed in, made unless it is there.
pub async fn device() -> Result<Device, NotKept> {
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        return Ok(device);
    }
    let account = session::account_now().ok_or(NotKept::Forbidden)?;
    let device = Device::open(account.id).await?;
    DEVICE.set(Some(device.clone()));
    Ok(device)
}

/// The same, if it is there and that account's.
pub fn device_of(account: Uuid) -> Option<Device> {
    DEVICE.with_borrow(Clone::clone).filter(|device| device.account() == account)
}

/// Signing out: what was not sent stays for when the account comes back; everything else goes.
pub async fn leave() {
    if let Some(device) = DEVICE.take()
        && let Ok(entries) = device.names(ENTRIES).await
    {
        let stamps = entries.iter().filter_map(|name| name.strip_prefix(ENTRIES));
        let photos: Vec<_> = stamps.map(|stamp| format!("{PHOTOS}{stamp}/")).collect();
        let _ = device.leave(&[entries, photos].concat()).await;
    }
    forget_all();
}

/// Nothing is known of what is here.
fn forget_all() {
    DEVICE.set(None);
    WAITING.set(Vec::new());
    DAMAGED.set(Vec::new());
    LOST.set(0);
}

/// Keeps an entry with the contents of its photos, in the place of an earlier one where a stamp is given, and sends it if it can.
///
/// # Errors
/// Where there is no room, or the browser does not get at its storage.
pub async fn keep(entry: &Entry, photos: &[(Uuid, Vec<u8>)], stamp: Option<String>) -> Result<(), NotKept> {
    if waiting_now() == 0 {
        device::ask_to_stay();
    }
    let device = device().await?;
    let is_new = stamp.is_none();
    let stamp = stamp.unwrap_or_else(|| format!("{:015}-{}", Date::now(), Uuid::new_v4().simple()));
    let kept = device::alone(LOCK, async {
        let kept = write(&device, &stamp, entry, photos).await;
        if kept.is_err() && is_new {
            // The photos that had room would take it from the next try.
            let _ = forget(&device, &stamp).await;
        }
        if kept.is_ok() && is_new {
            witness::more(device.account());
            // It is there: whatever becomes of the draft, it is not to be entered again.
            let _ = draft::forget(&device).await;
        }
        kept
    });
    kept.await?;
    reload().await;
    send();
    Ok(())
}

/// The entry after its photos: what is cut off in between is no entry.
async fn write(device: &Device, stamp: &str, entry: &Entry, photos: &[(Uuid, Vec<u8>)]) -> Result<(), NotKept> {
    for (id, bytes) in photos {
        device.write_bytes(&photo_name(stamp, *id), bytes).await?;
    }
    device.write(&format!("{ENTRIES}{stamp}"), entry).await
}

/// Sends an entry that looked like a double once more: whoever entered it has looked, and says that it is none.
pub async fn is_no_double(stamp: &str, entry: &Entry) {
    let mut entry = entry.clone();
    entry.record.iter_mut().for_each(Part::not_a_double);
    entry.standing = Standing::Waiting;
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        let _ = device::alone(LOCK, write(&device, stamp, &entry, &[])).await;
        reload().await;
        send();
    }
}

/// Gives an entry up.
pub async fn discard(stamp: &str) {
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        let _ = device::alone(LOCK, forget(&device, stamp)).await;
        reload().await;
    }
}

/// The contents of a photo that waits; none where they are lost.
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
        // Before it goes, so that another tab does not take it for lost.
        witness::less(device.account(), 1);
        device.forget(&name).await?;
    }
    device.forget(&format!("{PHOTOS}{stamp}/")).await
}

/// Reads what waits. Where that cannot be read now, it stays as it was known.
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
            // Another tab has sent it meanwhile.
            Ok(None) => {}
            Err(NotKept::Damaged) => damaged.push(stamp.to_owned()),
            Err(_) => return,
        }
    }
    WAITING.set(found);
    DAMAGED.set(damaged);
    // What another tab adds or sends meanwhile is in one of the two counts alone.
    LOST.set(before.min(witness::count(account)).saturating_sub(names.len()));
}
