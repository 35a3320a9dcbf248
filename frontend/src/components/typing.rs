//! A box in which one searches while one types: what is asked for waits a moment for the next letter.
//!
//! What an input method is still composing is no word yet: whoever types 金井 as `jinjing` does not ask for each of these
//! letters. Browsers tell of them like of any other text, between the two events of a composition.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

/// What is being typed into one box.
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

    /// For `compositionstart`: what was about to be asked for waits for the end.
    pub fn begin(self) {
        self.composing.set_value(true);
        self.stop();
    }

    /// For `compositionend`, after which browsers need not tell of the text once more.
    pub fn end(self) {
        self.composing.set_value(false);
    }

    /// Whether what `input` tells of is still being composed.
    pub fn is_composing(self) -> bool {
        self.composing.try_get_value().unwrap_or_default()
    }

    /// Asks after a pause, unless something else is typed before that.
    pub fn ask(self, pause: Duration, ask: impl FnOnce() + 'static) {
        self.stop();
        self.timer.set_value(set_timeout_with_handle(ask, pause).ok());
    }

    /// Asks for nothing any more.
    pub fn stop(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }
}
