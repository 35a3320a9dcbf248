//! The current input, stored sealed on the device until it becomes an entry. It survives a reload, and a browser that ends the
//! page in the background.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::device::{self, Device, NotKept};
use super::queue::{self, Photo};

/// The name of the draft of a visit.
pub const VISIT: &str = "draft";
/// The lock for writing and deleting the draft.
const LOCK: &str = "baishe.draft";
/// How long nobody must type before the draft is written.
const PAUSE: Duration = Duration::from_millis(300);

/// The name of the draft of an inspection.
pub fn of_inspection(id: Uuid) -> String {
    format!("{INSPECTIONS}{id}")
}

/// The prefix of the drafts of inspections.
pub const INSPECTIONS: &str = "sheet/";

/// What a sheet is about, so that it can be stored.
pub trait About: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> About for T {}

/// The input of a sheet that is no entry yet.
#[derive(Clone)]
pub struct Draft<A> {
    pub about: A,
    pub sheet: Value,
    /// The photos with their contents.
    pub photos: Vec<(Photo, Vec<u8>)>,
}

/// The draft of a page, which outlives its sheets.
pub type Kept<A> = StoredValue<Option<Draft<A>>>;

/// The prefix of the names of a draft's photos.
fn photos_of(name: &str) -> String {
    format!("{name}/")
}

/// Reads a draft. Leaves out photos that can no longer be read.
pub async fn read<A: About>(device: &Device, name: &str) -> Option<Draft<A>> {
    let (about, sheet, known) = device.read::<(A, Value, Vec<Photo>)>(name).await.ok()??;
    let mut photos = Vec::new();
    for photo in known {
        if let Ok(Some(bytes)) = device.read_bytes(&format!("{}{}", photos_of(name), photo.id)).await {
            photos.push((photo, bytes));
        }
    }
    Some(Draft { about, sheet, photos })
}

async fn write<A: About>(device: &Device, name: &str, draft: &Draft<A>) -> Result<(), NotKept> {
    let before = device.names(&photos_of(name)).await?;
    let place = |photo: &Photo| format!("{}{}", photos_of(name), photo.id);
    for (photo, bytes) in draft.photos.iter().filter(|(photo, _)| !before.contains(&place(photo))) {
        device.write_bytes(&place(photo), bytes).await?;
    }
    for name in before.iter().filter(|name| !draft.photos.iter().any(|(photo, _)| place(photo) == **name)) {
        device.forget(name).await?;
    }
    let photos: Vec<_> = draft.photos.iter().map(|(photo, _)| photo).collect();
    device.write(name, &(&draft.about, &draft.sheet, photos)).await
}

/// Deletes a draft, because it became an entry or was discarded.
pub async fn forget(device: &Device, name: &str) -> Result<(), NotKept> {
    device::alone(LOCK, device.forget(name)).await
}

/// Deletes the draft of a visit when the page is left, because the person has agreed to that. A reload or a crash does not get
/// here.
pub fn forget_with_page(account: Uuid) {
    on_cleanup(move || {
        if let Some(device) = queue::device_of(account) {
            spawn_local(async move {
                let _ = forget(&device, VISIT).await;
            });
        }
    });
}

/// Keeps the draft in step with a sheet. `changed` tracks the sheet and returns whether anything is typed. `typed` returns the
/// input, or `None` while it becomes an entry. The returned signal says whether the device has the current input.
pub fn follow<A: About>(
    name: String,
    draft: Kept<A>,
    changed: impl Fn() -> bool + 'static,
    typed: impl Fn() -> Option<Draft<A>> + Copy + 'static,
) -> RwSignal<bool> {
    let (is_kept, turn) = (RwSignal::new(false), StoredValue::new(0_u32));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    on_cleanup(stop);
    Effect::new(move |before: Option<bool>| {
        let is_any = changed();
        stop();
        is_kept.set(false);
        turn.update_value(|turn| *turn += 1);
        if is_any || before == Some(true) {
            let (now, name) = (turn.get_value(), name.clone());
            let later = move || {
                spawn_local(async move {
                    let kept = keep(&name, draft, is_any, move || turn.try_get_value().and_then(|_| typed())).await;
                    // Something may have been typed meanwhile.
                    if turn.try_get_value() == Some(now) {
                        is_kept.try_set(kept == Ok(true));
                    }
                });
            };
            timer.set_value(set_timeout_with_handle(later, PAUSE).ok());
        }
        is_any
    });
    is_kept
}

/// Writes the input, if there is any and the sheet still exists.
async fn keep<A: About>(name: &str, draft: Kept<A>, is_any: bool, typed: impl Fn() -> Option<Draft<A>>) -> Result<bool, NotKept> {
    let device = queue::device().await?;
    let kept = device::alone(LOCK, async {
        let Some(now) = typed() else { return Ok(false) };
        if is_any {
            write(&device, name, &now).await?;
        } else {
            device.forget(name).await?;
        }
        draft.try_set_value(is_any.then_some(now));
        Ok(is_any)
    });
    kept.await
}
