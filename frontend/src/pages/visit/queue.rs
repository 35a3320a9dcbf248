//! What was entered on this device and waits to be sent: visits, what was given, photos.
//!
//! An entry is kept before anything of it is sent, and forgotten when everything of it has come. Its parts go one after another, each under an id and
//! an `Idempotency-Key` made when it was entered: an answer that is lost makes nothing twice, and after the day for which the service remembers keys
//! it still knows the id. What the service refuses stays, with its words, until it is corrected or given up.

mod outcome;
#[cfg(test)]
mod tests;

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

use self::outcome::Outcome;
use super::device::{self, Device, NotKept};
use crate::api::{self, Call};
use crate::components::toast;
use crate::session::{self, State};
use crate::t;

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
}

/// A photo; its contents are kept apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Photo {
    pub id: Uuid,
    pub name: String,
    pub media_type: String,
    pub sent: bool,
}

/// How it stands with an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Standing {
    Waiting,
    /// A part is on its way, or its answer was lost: it may have come, so it stays as it is.
    Asked,
    /// The service does not take it.
    Refused(Box<Problem>),
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
enum Step {
    Visit,
    Record,
    Photo(usize),
}

impl Entry {
    fn next(&self) -> Option<Step> {
        if self.visit.as_ref().is_some_and(|part| !part.sent) {
            return Some(Step::Visit);
        }
        if self.record.as_ref().is_some_and(|part| !part.sent) {
            return Some(Step::Record);
        }
        self.photos.iter().position(|photo| !photo.sent).map(Step::Photo)
    }

    /// Whether something of it has come already.
    pub fn has_begun(&self) -> bool {
        self.visit.as_ref().is_some_and(|part| part.sent) || self.record.as_ref().is_some_and(|part| part.sent)
    }

    /// How a part is sent. Photos belong to what was given, or to the family's file.
    async fn call(&self, step: Step, device: &Device, stamp: &str) -> Option<Call<Value>> {
        match step {
            Step::Visit => self.visit.as_ref().map(Part::call),
            Step::Record => self.record.as_ref().map(Part::call),
            Step::Photo(index) => {
                let photo = self.photos.get(index)?;
                let (kind, id) = match &self.record {
                    Some(part) => (AttachmentObject::AssistanceRecord, part.id),
                    None => (AttachmentObject::Household, self.family.id),
                };
                let bytes = device.read_bytes(&photo_name(stamp, photo.id)).await?;
                let what = BlobPropertyBag::new();
                what.set_type(&photo.media_type);
                let parts = Array::of1(&Uint8Array::from(bytes.as_slice()));
                let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &what).ok()?;
                let call = api::attachments::create(kind, &id.to_string(), &blob, &photo.name, Some(photo.id))?;
                Some(call.keyed(photo.id.to_string()).answering())
            }
        }
    }

    fn sent(&mut self, step: Step) {
        match step {
            Step::Visit => self.visit.iter_mut().for_each(|part| part.sent = true),
            Step::Record => self.record.iter_mut().for_each(|part| part.sent = true),
            Step::Photo(index) => self.photos.iter_mut().skip(index).take(1).for_each(|photo| photo.sent = true),
        }
    }
}

fn photo_name(stamp: &str, id: Uuid) -> String {
    format!("{PHOTOS}{stamp}/{id}")
}

/// An entry by its stamp: when it was made, which orders them.
pub type Waiting = (String, Arc<Entry>);

static WAITING: LazyLock<ArcRwSignal<Vec<Waiting>>> = LazyLock::new(ArcRwSignal::default);
static BUSY: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);

thread_local! {
    static DEVICE: RefCell<Option<Device>> = const { RefCell::new(None) };
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// What waits, the oldest first, tracked.
pub fn waiting() -> Vec<Waiting> {
    WAITING.get()
}

/// How many wait, and how many of them were refused, tracked.
pub fn counts() -> (usize, usize) {
    let refused = |(_, entry): &&Waiting| matches!(entry.standing, Standing::Refused(_));
    WAITING.with(|waiting| (waiting.len(), waiting.iter().filter(refused).count()))
}

/// How many wait, untracked.
pub fn waiting_now() -> usize {
    WAITING.with_untracked(Vec::len)
}

/// Whether it is being sent, tracked.
pub fn is_busy() -> bool {
    BUSY.get()
}

/// Takes up what the account that is signed in has here, and sends it when there is a connection.
pub fn start(account: Uuid) {
    DEVICE.set(None);
    WAITING.set(Vec::new());
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
        if let Some(known) = Device::known(account).await {
            DEVICE.set(Some(known));
            reload().await;
            send();
        }
    });
}

/// The place of the account that is signed in, made unless it is there. None where the browser has none.
pub async fn device() -> Option<Device> {
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        return Some(device);
    }
    let account = session::account_now()?;
    let device = Device::open(account.id).await?;
    DEVICE.set(Some(device.clone()));
    Some(device)
}

/// Signing out: what was not sent stays for when the account comes back; everything else goes.
pub async fn leave() {
    if let Some(device) = DEVICE.take() {
        let _ = device.leave(ENTRIES).await;
    }
    WAITING.set(Vec::new());
}

/// Keeps an entry with the contents of its photos, in the place of an earlier one where a stamp is given, and sends it if it can.
///
/// # Errors
/// Where there is no room.
pub async fn keep(entry: &Entry, photos: &[(Uuid, Vec<u8>)], stamp: Option<String>) -> Result<(), NotKept> {
    let device = device().await.ok_or(NotKept)?;
    let is_new = stamp.is_none();
    let stamp = stamp.unwrap_or_else(|| format!("{:015}-{}", Date::now(), Uuid::new_v4().simple()));
    let kept = device::alone(LOCK, async {
        let kept = write(&device, &stamp, entry, photos).await;
        if kept.is_err() && is_new {
            // The photos that had room would take it from the next try.
            let _ = forget(&device, &stamp).await;
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

/// Gives an entry up.
pub async fn discard(stamp: &str) {
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        let _ = device::alone(LOCK, forget(&device, stamp)).await;
        reload().await;
    }
}

/// The contents of a photo that waits.
pub async fn photo(stamp: &str, id: Uuid) -> Option<Vec<u8>> {
    device().await?.read_bytes(&photo_name(stamp, id)).await
}

async fn forget(device: &Device, stamp: &str) -> Result<(), NotKept> {
    device.forget(&format!("{ENTRIES}{stamp}")).await?;
    device.forget(&format!("{PHOTOS}{stamp}/")).await
}

async fn reload() {
    let Some(device) = DEVICE.with_borrow(Clone::clone) else { return };
    let mut found = Vec::new();
    for name in device.names(ENTRIES).await {
        if let (Some(entry), Some(stamp)) = (device.read::<Entry>(&name).await, name.strip_prefix(ENTRIES)) {
            found.push((stamp.to_owned(), Arc::new(entry)));
        }
    }
    WAITING.set(found);
}

/// Sends what waits, unless that is being done, or there is certainly no connection.
pub fn send() {
    let Some(device) = DEVICE.with_borrow(Clone::clone) else { return };
    let is_signed_in = matches!(session::state_now(), State::SignedIn(_));
    if BUSY.get_untracked() || !is_signed_in || !window().navigator().on_line() {
        return;
    }
    BUSY.set(true);
    spawn_local(async move {
        let sent = device::alone(LOCK, send_all(&device)).await;
        reload().await;
        BUSY.set(false);
        if sent > 0 {
            toast::say(t!(visit::sent, sent));
        }
    });
}

/// One after the other, until there is no connection; gives how many have come.
async fn send_all(device: &Device) -> usize {
    let mut sent = 0;
    for name in device.names(ENTRIES).await {
        // Without a session nothing is asked, and nothing can have come.
        if !session::is_ready().await {
            break;
        }
        match send_one(device, &name).await {
            Ok(true) => sent += 1,
            Ok(false) => {}
            Err(Stop) => break,
        }
    }
    sent
}

/// It makes no sense to go on now.
struct Stop;

impl From<NotKept> for Stop {
    fn from(_: NotKept) -> Self {
        Self
    }
}

/// Sends the parts of an entry that have not come. True where all of it has.
async fn send_one(device: &Device, name: &str) -> Result<bool, Stop> {
    let Some(stamp) = name.strip_prefix(ENTRIES) else { return Ok(false) };
    let Some(mut entry) = device.read::<Entry>(name).await else { return Ok(false) };
    if matches!(entry.standing, Standing::Refused(_)) {
        return Ok(false);
    }
    while let Some(step) = entry.next() {
        if let Some(call) = entry.call(step, device, stamp).await {
            entry.standing = Standing::Asked;
            device.write(name, &entry).await?;
            match outcome::of(call.send().await) {
                Outcome::Sent => {}
                Outcome::PassedOver => return Ok(false),
                Outcome::Unknown => return Err(Stop),
                Outcome::Later => {
                    entry.standing = Standing::Waiting;
                    device.write(name, &entry).await?;
                    return Err(Stop);
                }
                Outcome::Refused(problem) => {
                    entry.standing = Standing::Refused(problem);
                    device.write(name, &entry).await?;
                    return Ok(false);
                }
            }
        }
        // Kept with what is asked next; until then the id tells.
        entry.sent(step);
    }
    forget(device, stamp).await?;
    Ok(true)
}
