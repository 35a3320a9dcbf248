//! Editable tables: cells that grow with their text, and rows that are added, moved and removed.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::field::Field;
use super::{Form, input_id};
use crate::i18n::lang;
use crate::{dom, t};

impl Field {
    /// A text cell that grows with its text. `name` describes it to those who cannot see the table; on a phone its label stands
    /// above it.
    pub fn cell(self, name: impl Fn() -> String + Send + 'static, lines: bool) -> AnyView {
        self.watch(json!("x"), false);
        let (form, at) = (self.form, self.at.clone());
        let wires = self.wires();
        let (fault, required) = (wires.fault(), wires.required);
        let here = at.clone();
        let typed = Memo::new(move |_| form.get(&here).as_str().unwrap_or_default().to_owned());
        let write = {
            let at = at.clone();
            // A name is a single line, whatever is pasted.
            move |text: String| form.set(&at, json!(if lines { text } else { text.replace(['\r', '\n'], " ") }))
        };
        let key = move |event: KeyboardEvent| {
            if event.key() == "Enter" && !lines && !event.is_composing() {
                event.prevent_default();
            }
        };
        view! {
            <div class="grow" data-text=typed>
                <textarea id=wires.id.clone() rows="1" aria-label=name aria-describedby=format!("{}-fault", wires.id) aria-required=required.to_string()
                    aria-invalid=move || wires.invalid.get().to_string() prop:value=typed on:keydown=key
                    on:input:target=move |event| write(event.target().value()) on:blur=move |_| form.touch(&at)></textarea>
            </div>
            <p class="fault-text" id=format!("{}-fault", wires.id)>{move || fault.get().map(|fault| fault.localised(lang()).message)}</p>
        }
        .into_any()
    }
}

/// The rows of a list that is drawn as a table.
#[derive(Clone, Copy)]
pub struct Rows {
    form: Form,
    at: &'static str,
    /// Increases when rows change places, which redraws everything. Nothing else does.
    drawing: RwSignal<u32>,
}

/// The rows of the list at a pointer.
pub fn rows(form: Form, at: &'static str) -> Rows {
    Rows { form, at, drawing: RwSignal::new(0) }
}

impl Rows {
    /// The number of rows, tracked.
    pub fn count(self) -> usize {
        self.form.get(self.at).as_array().map_or(0, Vec::len)
    }

    /// Draws each row by its index.
    pub fn each(self, draw: impl Fn(usize) -> AnyView + Send + 'static) -> AnyView {
        let count = Memo::new(move |_| self.count());
        (move || {
            self.drawing.track();
            (0..count.get()).map(&draw).collect_view()
        })
        .into_any()
    }

    /// All rows, tracked.
    pub fn all(self) -> Vec<Value> {
        self.form.get(self.at).as_array().cloned().unwrap_or_default()
    }

    /// The value of a row.
    pub fn get(self, index: usize) -> Value {
        self.form.value.with_untracked(|value| value.pointer(self.at)?.get(index).cloned()).unwrap_or_default()
    }

    /// Inserts a row, and focuses one of its fields.
    pub fn insert(self, index: usize, row: Value, field: &str) {
        let mut place = index;
        self.change(|items| {
            place = index.min(items.len());
            items.insert(place, row);
        });
        self.focus(place, field);
    }

    /// Removes a row.
    pub fn remove(self, index: usize) {
        self.change(|items| {
            if index < items.len() {
                items.remove(index);
            }
        });
    }

    /// Swaps two rows.
    pub fn swap(self, index: usize, other: usize) {
        self.change(|items| {
            if index.max(other) < items.len() {
                items.swap(index, other);
            }
        });
    }

    /// Focuses a field of a row once it is drawn.
    pub fn focus(self, index: usize, field: &str) {
        dom::focus_soon(input_id(&format!("{}/{index}/{field}", self.at)));
    }

    fn change(self, change: impl FnOnce(&mut Vec<Value>)) {
        let form = self.form;
        let read = |value: &Value| value.pointer(self.at).and_then(Value::as_array).cloned();
        let mut items = form.value.with_untracked(read).unwrap_or_default();
        change(&mut items);
        form.touched.update(|touched| touched.retain(|known| !known.starts_with(self.at)));
        form.set(self.at, Value::Array(items));
        self.drawing.update(|count| *count += 1);
    }
}

/// The small buttons of a row: up, down, insert below, remove.
pub fn tools(rows: Rows, index: usize, last: bool, add: Callback<usize>, remove: Callback<usize>) -> AnyView {
    let id = move |what: &str, index: usize| format!("row-{what}-{index}");
    let to = move |what: &'static str, other: usize| {
        rows.swap(index, other);
        dom::focus_soon(id(what, other));
    };
    let number = index + 1;
    view! {
        <span class="tools">
            <button type="button" class="tool" id=id("up", index) disabled=index == 0 aria-label=move || t!(form::row_up, number)
                title=move || t!(form::row_up, number) on:click=move |_| to("up", index - 1)>"↑"</button>
            <button type="button" class="tool" id=id("down", index) disabled=last aria-label=move || t!(form::row_down, number)
                title=move || t!(form::row_down, number) on:click=move |_| to("down", index + 1)>"↓"</button>
            <button type="button" class="tool" id=id("add", index) aria-label=move || t!(form::row_add, number)
                title=move || t!(form::row_add, number) on:click=move |_| add.run(index + 1)>"+"</button>
            <button type="button" class="tool" id=id("remove", index) aria-label=move || t!(form::row_remove, number)
                title=move || t!(form::row_remove, number) on:click=move |_| remove.run(index)>"×"</button>
        </span>
    }
    .into_any()
}
