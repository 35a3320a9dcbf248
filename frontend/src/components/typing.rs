//! A box that searches while the person types, after a short pause.
//!
//! Text that an input method is still composing does not count: whoever types 金井 as `jinjing` does not search for each of these
//! letters. Browsers report them like any other text, between the two events of a composition.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

/// The state of typing in a box.
#[derive(Clone, Copy)]
pub struct Typing {
    composing: StoredValue<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Typing {
    pub fn start() -> Self {
        let typing = Self { composing: StoredValue::new(false), timer: StoredValue::new(None) };
        on_cleanup(move || typing.stop());
        typing
    }

    /// Handles `compositionstart`: a pending search waits for the end.
    pub fn begin(self) {
        self.composing.set_value(true);
        self.stop();
    }

    /// Handles `compositionend`, after which browsers may not report the text again.
    pub fn end(self) {
        self.composing.set_value(false);
    }

    /// Whether the text of an `input` event is still being composed.
    pub fn is_composing(self) -> bool {
        self.composing.try_get_value().unwrap_or_default()
    }

    /// Searches after a pause, unless something else is typed before.
    pub fn ask(self, pause: Duration, ask: impl FnOnce() + 'static) {
        self.stop();
        self.timer.set_value(set_timeout_with_handle(ask, pause).ok());
    }

    /// Cancels a pending search.
    pub fn stop(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }
}
