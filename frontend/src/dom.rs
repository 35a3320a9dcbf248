//! What the app asks of the browser besides what Leptos does.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Storage};

/// The storage of this browser, if it allows it.
pub fn local_storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// The storage of this tab, if the browser allows it.
pub fn session_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// The text under a key.
pub fn stored(storage: Option<Storage>, key: &str) -> Option<String> {
    storage?.get_item(key).ok().flatten()
}

/// Stores a text. Does nothing if the storage is full or forbidden, which should stop nobody.
pub fn store(storage: Option<Storage>, key: &str, value: &str) {
    if let Some(storage) = storage {
        let _ = storage.set_item(key, value);
    }
}

/// Removes the text under a key.
pub fn forget(storage: Option<Storage>, key: &str) {
    if let Some(storage) = storage {
        let _ = storage.remove_item(key);
    }
}

/// The value of a cookie that the app itself has set.
pub fn cookie(name: &str) -> Option<String> {
    let all = html_document()?.cookie().ok()?;
    all.split("; ").find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

/// Sets a cookie, for as long as browsers allow.
pub fn set_cookie(name: &str, value: &str) {
    const SECONDS: u32 = 400 * 86_400;
    let secure = if window().location().protocol().is_ok_and(|protocol| protocol == "https:") { "; Secure" } else { "" };
    if let Some(page) = html_document() {
        let _ = page.set_cookie(&format!("{name}={value}; Path=/; Max-Age={SECONDS}; SameSite=Strict{secure}"));
    }
}

fn html_document() -> Option<web_sys::HtmlDocument> {
    document().dyn_into().ok()
}

/// The element with an id.
pub fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Focuses the element with an id.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        let _ = element.focus();
    }
}

/// Focuses an element once pending changes are drawn.
pub fn focus_soon(id: impl Into<String>) {
    let id = id.into();
    request_animation_frame(move || focus(&id));
}

/// Scrolls the container of the element with an id sideways until the element is in its middle. The page does not move.
pub fn centre(id: &str) {
    if let Some((strip, element)) = element(id).and_then(|element| Some((element.parent_element()?, element))) {
        let (strip_at, at) = (strip.get_bounding_client_rect(), element.get_bounding_client_rect());
        let by = (at.left() + at.width() / 2.0) - (strip_at.left() + strip_at.width() / 2.0);
        strip.set_scroll_left(strip.scroll_left() + by as i32);
    }
}

/// Makes an element's id from a prefix and a JSON pointer.
pub fn id_of(prefix: &str, pointer: &str) -> String {
    let tail: String = pointer.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    format!("{prefix}{tail}")
}

/// Copies the text of an input, if the browser allows it. Uses the old API, which works without TLS too.
pub fn copy(id: &str) -> bool {
    let Some(input) = element(id).and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return false };
    input.select();
    html_document().and_then(|page| page.exec_command("copy").ok()).unwrap_or(false)
}

/// Saves a file for the person.
pub fn save_file(blob: &web_sys::Blob, name: &str) {
    let Ok(url) = web_sys::Url::create_object_url_with_blob(blob) else { return };
    if let Some(link) = document().create_element("a").ok().and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok()) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    let _ = web_sys::Url::revoke_object_url(&url);
}
