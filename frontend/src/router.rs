//! Paths, links and the guard on leaving. The app has its own router, because a page with unsaved changes must be able to stop
//! navigation.

use std::cell::{Cell, RefCell};
use std::sync::LazyLock;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};

use crate::components::dialog;
use crate::i18n::texts;

/// The current location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The path, beginning with a slash.
    pub path: String,
    /// The query without its question mark.
    pub search: String,
}

static PLACE: LazyLock<ArcRwSignal<Place>> = LazyLock::new(ArcRwSignal::default);

thread_local! {
    /// Returns whether the page has unsaved changes.
    static GUARD: RefCell<Option<Callback<(), bool>>> = const { RefCell::new(None) };
    /// The position in the history, to undo a step back that the person cancelled.
    static INDEX: Cell<i32> = const { Cell::new(0) };
    static IGNORE_POP: Cell<bool> = const { Cell::new(false) };
}

/// The path, tracked.
pub fn path() -> String {
    PLACE.with(|place| place.path.clone())
}

/// The query string, tracked.
pub fn search() -> String {
    PLACE.with(|place| place.search.clone())
}

/// The current location, untracked.
pub fn here() -> Place {
    PLACE.get_untracked()
}

/// Starts following the address bar and the app's links.
pub fn start() {
    INDEX.set(state_index().unwrap_or(0));
    let _ = history().replace_state_with_url(&JsValue::from(INDEX.get()), "", None);
    PLACE.set(from_browser());
    window_event_listener_untyped("popstate", |_| on_pop());
    window_event_listener(ev::click, on_click);
    window_event_listener(ev::beforeunload, |event| {
        if is_guarded() {
            event.prevent_default();
        }
    });
}

/// Navigates to a page, unless the person decides to stay with unsaved changes.
pub fn navigate(to: &str) {
    let to = to.to_owned();
    when_free(move || go(&to));
}

/// Changes the address without a new entry in the history, as for filters and tabs.
pub fn replace(to: &str) {
    let _ = history().replace_state_with_url(&JsValue::from(INDEX.get()), "", Some(to));
    PLACE.set(from_browser());
}

/// Changes the query of the page, with a new entry in the history.
pub fn set_search(search: &str) {
    let path = here().path;
    go(&if search.is_empty() { path } else { format!("{path}?{search}") });
}

/// Guards the page while `dirty` returns true, until the calling component ends.
pub fn guard(dirty: Callback<(), bool>) {
    GUARD.set(Some(dirty));
    on_cleanup(unguard);
}

/// Removes the guard: what was typed is saved or discarded.
pub fn unguard() {
    GUARD.set(None);
}

fn is_guarded() -> bool {
    GUARD.with_borrow(|guard| guard.as_ref().and_then(|dirty| dirty.try_run(()))).unwrap_or(false)
}

fn when_free(then: impl FnOnce() + 'static) {
    if !is_guarded() {
        return then();
    }
    spawn_local(async move {
        if dialog::confirm(texts::form::LEAVE_TITLE, texts::form::LEAVE_TEXT.get(), texts::form::LEAVE).await {
            unguard();
            then();
        }
    });
}

fn go(to: &str) {
    INDEX.set(INDEX.get() + 1);
    let _ = history().push_state_with_url(&JsValue::from(INDEX.get()), "", Some(to));
    PLACE.set(from_browser());
}

fn on_pop() {
    if IGNORE_POP.replace(false) || from_browser() == here() {
        return;
    }
    let index = state_index().unwrap_or(0);
    let step = index - INDEX.get();
    if is_guarded() && step != 0 {
        IGNORE_POP.set(true);
        let _ = history().go_with_delta(-step);
        return when_free(move || {
            let _ = history().go_with_delta(step);
        });
    }
    INDEX.set(index);
    PLACE.set(from_browser());
}

fn on_click(event: ev::MouseEvent) {
    if event.default_prevented()
        || event.button() != 0
        || event.ctrl_key()
        || event.meta_key()
        || event.shift_key()
        || event.alt_key()
    {
        return;
    }
    let Some(link) = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| element.closest("a[href]").ok().flatten())
        .and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok())
    else {
        return;
    };
    let ours = link.origin() == window().location().origin().unwrap_or_default()
        && link.target().is_empty()
        && link.download().is_empty()
        && link.hash().is_empty()
        && !["/api/", "/public/"].iter().any(|root| format!("{}/", link.pathname()).starts_with(root));
    if ours {
        event.prevent_default();
        navigate(&format!("{}{}", link.pathname(), link.search()));
    }
}

fn history() -> web_sys::History {
    window().history().expect("a browser has a history")
}

fn state_index() -> Option<i32> {
    history().state().ok().and_then(|state| state.as_f64()).map(|index| index as i32)
}

fn from_browser() -> Place {
    let location = window().location();
    let search = location.search().unwrap_or_default();
    Place { path: location.pathname().unwrap_or_default(), search: search.trim_start_matches('?').to_owned() }
}
