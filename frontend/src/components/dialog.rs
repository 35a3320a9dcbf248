//! Dialogs: native `<dialog>`, which traps the focus, closes with Escape, and returns the focus afterwards.

use std::cell::RefCell;
use std::sync::LazyLock;

use futures::channel::oneshot::{self, Sender};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};

use crate::i18n::{Text, reactive};
use crate::t;

#[derive(Clone, Debug)]
struct Question {
    title: Text,
    text: String,
    yes: Text,
}

static QUESTION: LazyLock<ArcRwSignal<Option<Question>>> = LazyLock::new(|| ArcRwSignal::new(None));

thread_local! {
    static ANSWER: RefCell<Option<Sender<bool>>> = const { RefCell::new(None) };
}

/// A modal dialog, open as long as it is on the page. Without `close` it cannot be dismissed.
pub fn modal(title: Text, close: Option<Callback<()>>, body: AnyView) -> AnyView {
    let node = NodeRef::<leptos::html::Dialog>::new();
    let before = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let before = StoredValue::new_local(before);
    Effect::new(move || {
        if let Some(dialog) = node.get() {
            let dialog: HtmlDialogElement = dialog;
            if !dialog.open() {
                let _ = dialog.show_modal();
            }
        }
    });
    on_cleanup(move || {
        if let Some(Some(element)) = before.try_get_value() {
            request_animation_frame(move || {
                let _ = element.focus();
            });
        }
    });
    let cancel = move |event: leptos::ev::Event| {
        event.prevent_default();
        if let Some(close) = close {
            close.run(());
        }
    };
    view! {
        <dialog node_ref=node class="dialog" aria-labelledby="dialog-title" on:cancel=cancel>
            <h2 id="dialog-title">{reactive(title)}</h2>
            {body}
        </dialog>
    }
    .into_any()
}

/// Asks for confirmation. Anything but the yes button means no.
pub async fn confirm(title: Text, text: impl Into<String>, yes: Text) -> bool {
    answer(false);
    let (sender, receiver) = oneshot::channel();
    ANSWER.set(Some(sender));
    QUESTION.set(Some(Question { title, text: text.into(), yes }));
    receiver.await.unwrap_or(false)
}

/// The place of confirmations, once in the app.
pub fn host() -> AnyView {
    let no = Callback::new(|()| answer(false));
    (move || {
        QUESTION.get().map(|question| {
            let body = view! {
                <p>{question.text}</p>
                <div class="dialog-buttons">
                    <button type="button" class="button" on:click=move |_| no.run(())>{t!(common::CANCEL)}</button>
                    <button type="button" class="button primary" on:click=|_| answer(true)>{reactive(question.yes)}</button>
                </div>
            };
            modal(question.title, Some(no), body.into_any())
        })
    })
    .into_any()
}

fn answer(yes: bool) {
    QUESTION.set(None);
    if let Some(sender) = ANSWER.take() {
        let _ = sender.send(yes);
    }
}
