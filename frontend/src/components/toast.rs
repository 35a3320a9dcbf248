//! Short notices after an action, which screen readers read out.

use std::sync::LazyLock;
use std::time::Duration;

use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct Notice {
    number: u32,
    text: String,
    is_fault: bool,
}

static NOTICE: LazyLock<ArcRwSignal<Option<Notice>>> = LazyLock::new(|| ArcRwSignal::new(None));

/// Reports a success.
pub fn say(text: impl Into<String>) {
    show(text.into(), false);
}

/// Reports a failure.
pub fn fault(text: impl Into<String>) {
    show(text.into(), true);
}

/// The place of notices, once in the app.
pub fn region() -> AnyView {
    let part = |is_fault: bool| move || NOTICE.get().filter(|notice| notice.is_fault == is_fault).map(|notice| notice.text);
    view! {
        <div class="toast" role="status">{part(false)}</div>
        <div class="toast fault" role="alert">{part(true)}</div>
    }
    .into_any()
}

fn show(text: String, is_fault: bool) {
    let number = NOTICE.with_untracked(|notice| notice.as_ref().map_or(0, |notice| notice.number)) + 1;
    NOTICE.set(Some(Notice { number, text, is_fault }));
    set_timeout(
        move || {
            if NOTICE.with_untracked(|notice| notice.as_ref().is_some_and(|notice| notice.number == number)) {
                NOTICE.set(None);
            }
        },
        Duration::from_secs(if is_fault { 10 } else { 6 }),
    );
}
