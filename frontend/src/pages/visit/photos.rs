//! Photos, taken with the camera and reduced for a weak connection.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Array, Promise, Uint8Array};
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, HtmlInputElement, ImageBitmap, Url};

use super::queue::{self, Photo, Waiting};
use crate::components::toast;
use crate::{dom, t};

/// The longer side of a photo, in pixels.
const SIDE: f64 = 1600.0;
const QUALITY: f64 = 0.85;
/// The most photos in an entry.
const MOST: usize = 6;

/// A photo with its contents, and the URL that the page shows it from.
#[derive(Clone, PartialEq)]
pub struct Shot {
    pub photo: Photo,
    pub bytes: Vec<u8>,
    url: String,
}

/// The photos of a sheet.
pub type Shots = RwSignal<Vec<Shot>>;

/// The photos that a sheet begins with, and those of an entry to correct; `busy` until they are read. Also returns how many of
/// them this device cannot read.
pub fn shots(begun: Vec<(Photo, Vec<u8>)>, corrected: Option<&Waiting>, busy: RwSignal<bool>) -> (Shots, RwSignal<usize>) {
    let shots: Shots = RwSignal::new(begun.into_iter().map(|(photo, bytes)| shot(photo, bytes)).collect());
    let unread = RwSignal::new(0);
    on_cleanup(move || {
        if let Some(shots) = shots.try_get_untracked() {
            shots.iter().for_each(|shot| drop(Url::revoke_object_url(&shot.url)));
        }
    });
    if let Some((stamp, entry)) = corrected.cloned() {
        busy.set(true);
        spawn_local(async move {
            for photo in &entry.photos {
                let photo = Photo { lost: false, ..photo.clone() };
                match queue::photo(&stamp, photo.id).await {
                    Ok(Some(bytes)) => {
                        shots.try_update(|shots| shots.push(shot(photo, bytes)));
                    }
                    _ if photo.sent => {}
                    _ => {
                        unread.try_update(|unread| *unread += 1);
                    }
                }
            }
            busy.try_set(false);
        });
    }
    (shots, unread)
}

fn shot(photo: Photo, bytes: Vec<u8>) -> Shot {
    let url = blob(&bytes, &photo.media_type).and_then(|blob| Url::create_object_url_with_blob(&blob)).unwrap_or_default();
    Shot { photo, bytes, url }
}

fn blob(bytes: &[u8], media_type: &str) -> Result<Blob, JsValue> {
    let what = BlobPropertyBag::new();
    what.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &what)
}

/// The field that takes photos and shows them.
pub fn field(shots: Shots) -> AnyView {
    let taken = move |event: leptos::ev::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let files: Vec<_> =
            input.files().map(|files| (0..files.length()).filter_map(|at| files.get(at)).collect()).unwrap_or_default();
        input.set_value("");
        spawn_local(async move {
            for file in files {
                let full = shots.try_with_untracked(|shots| shots.len() >= MOST).unwrap_or(true);
                match if full { None } else { small(&file).await } {
                    Some((bytes, media_type)) => {
                        let id = Uuid::new_v4();
                        let extension = media_type.rsplit('/').next().unwrap_or("jpeg");
                        let name = format!("{}.{extension}", &id.simple().to_string()[..8]);
                        let photo = Photo { id, name, media_type, sent: false, lost: false };
                        shots.try_update(|shots| shots.push(shot(photo, bytes)));
                    }
                    None if full => return toast::fault(t!(visit::photos_full, MOST)),
                    None => toast::fault(t!(visit::NO_PHOTO)()),
                }
            }
        });
    };
    let one = move |shot: Shot| {
        let id = shot.photo.id;
        let remove = move |_| {
            shots.update(|shots| shots.retain(|shot| shot.photo.id != id));
            dom::focus_soon("photos");
        };
        view! {
            <li>
                <img src=shot.url.clone() alt=t!(visit::PHOTO)/>
                {(!shot.photo.sent).then(|| view! { <button type="button" class="button" on:click=remove>{t!(form::REMOVE)}</button> })}
            </li>
        }
    };
    view! {
        <div class="field">
            <p class="hint" id="photos-hint">{t!(visit::PHOTOS_HINT)}</p>
            <label class="button wide take">
                {t!(visit::PHOTOS)}
                <input id="photos" type="file" accept="image/*" capture="environment" multiple aria-describedby="photos-hint" on:change=taken/>
            </label>
            <ul class="shots">{move || shots.get().into_iter().map(one).collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// Photos for printing.
pub fn shown(shots: Shots) -> AnyView {
    let one = |shot: Shot| view! { <li><img src=shot.url alt=t!(visit::PHOTO)/></li> };
    view! { <ul class="shots">{move || shots.get().into_iter().map(one).collect_view()}</ul> }.into_any()
}

/// A photo with its longer side reduced, and without metadata from the camera. Returns `None` for a file that the browser cannot
/// read as a picture.
async fn small(file: &Blob) -> Option<(Vec<u8>, String)> {
    let bitmap = JsFuture::from(window().create_image_bitmap_with_blob(file).ok()?).await.ok()?.dyn_into::<ImageBitmap>().ok()?;
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let share = (SIDE / width.max(height)).min(1.0);
    let (width, height) = ((width * share).round().max(1.0), (height * share).round().max(1.0));
    let canvas = document().create_element("canvas").ok()?.dyn_into::<HtmlCanvasElement>().ok()?;
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    context.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, width, height).ok()?;
    let written = Promise::new(&mut |resolve, _| {
        let _ = canvas.to_blob_with_type_and_encoder_options(&resolve, "image/jpeg", &QUALITY.into());
    });
    let blob = JsFuture::from(written).await.ok()?.dyn_into::<Blob>().ok()?;
    let bytes = JsFuture::from(blob.array_buffer()).await.ok()?;
    Some((Uint8Array::new(&bytes).to_vec(), blob.type_()))
}
