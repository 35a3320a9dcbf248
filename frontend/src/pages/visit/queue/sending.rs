//! Sends waiting entries one by one, part by part.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::outcome::{self, Then};
use super::{BUSY, DEVICE, ENTRIES, Entry, LOCK, Standing, forget, reload};
use crate::components::toast;
use crate::pages::visit::device::{self, Device, NotKept};
use crate::session::{self, State};
use crate::t;

/// Sends waiting entries, unless that is in progress, or there is certainly no connection.
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

/// Sends one entry after another until there is no connection, and returns how many have arrived.
async fn send_all(device: &Device) -> usize {
    let mut sent = 0;
    for name in device.names(ENTRIES).await.unwrap_or_default() {
        // Without a session no request is sent, so nothing can have arrived.
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

/// Continuing now is pointless.
struct Stop;

impl From<NotKept> for Stop {
    fn from(_: NotKept) -> Self {
        Self
    }
}

/// Sends the remaining parts of an entry. Returns true if all have arrived.
async fn send_one(device: &Device, name: &str) -> Result<bool, Stop> {
    let Some(stamp) = name.strip_prefix(ENTRIES) else { return Ok(false) };
    let mut entry = match device.read::<Entry>(name).await {
        Ok(None) | Err(NotKept::Damaged) => return Ok(false),
        Ok(Some(entry)) => entry,
        Err(_) => return Err(Stop),
    };
    if entry.standing.is_stuck() {
        return Ok(false);
    }
    while let Some(step) = entry.next() {
        let Some(call) = entry.call(step, device, stamp).await? else {
            entry.lost(step);
            continue;
        };
        entry.standing = Standing::Asked;
        device.write(name, &entry).await?;
        let then = entry.answered(step, outcome::of(call.send().await));
        if then != Then::Part {
            if entry.standing != Standing::Asked {
                device.write(name, &entry).await?;
            }
            return if then == Then::Stop { Err(Stop) } else { Ok(false) };
        }
        // What has arrived is stored together with the next status. Until then the part's id prevents duplicates.
    }
    if entry.photos_lost() > 0 {
        entry.standing = Standing::PhotosLost;
        device.write(name, &entry).await?;
        return Ok(false);
    }
    forget(device, stamp).await?;
    Ok(true)
}
