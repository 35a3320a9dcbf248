//! Rows of fields that can be added and removed.

use leptos::prelude::*;
use serde_json::Value;

use super::field::Field;
use super::{Form, input_id};
use crate::i18n::Text;
use crate::{dom, t};

impl Field {
    /// A list of objects. `draw` draws each from the form and the row's pointer, and `blank` makes a new one, up to `most` in
    /// all.
    pub fn rows(self, most: usize, blank: fn() -> Value, draw: fn(Form, &str) -> AnyView) -> AnyView {
        let (form, at) = (self.form, self.at.clone());
        let title = self.label();
        let here = at.clone();
        let count = Memo::new(move |_| form.get(&here).as_array().map_or(0, Vec::len));
        // Removing a row moves those below, which redraws everything. Nothing else does.
        let drawing = RwSignal::new(0);
        let rows = {
            let at = at.clone();
            move || {
                drawing.track();
                (0..count.get()).map(|index| row(form, &at, index, title, drawing, draw)).collect_view()
            }
        };
        let add = {
            let at = at.clone();
            move |_| {
                let mut items = form.get(&at).as_array().cloned().unwrap_or_default();
                items.push(blank());
                let id = dom::id_of("row", &format!("{at}/{}", items.len() - 1));
                form.set(&at, Value::Array(items));
                dom::focus_soon(id);
            }
        };
        let wires = self.wires();
        let body = view! {
            <div class="rows">{rows}</div>
            <button type="button" class="button" id=dom::id_of("add", &at) on:click=add disabled=move || { count.get() >= most }>
                {t!(form::ADD)} " " {move || title.get()}
            </button>
        };
        self.group(wires, body.into_any())
    }
}

fn row(form: Form, at: &str, index: usize, title: Text, drawing: RwSignal<u32>, draw: fn(Form, &str) -> AnyView) -> AnyView {
    let here = format!("{at}/{index}");
    let id = dom::id_of("row", &here);
    let list = at.to_owned();
    let remove = move |_| {
        let mut items =
            form.value.with_untracked(|value| value.pointer(&list).and_then(Value::as_array).cloned().unwrap_or_default());
        if index < items.len() {
            items.remove(index);
        }
        form.touched.update(|touched| touched.retain(|known| !known.starts_with(&list)));
        form.set(&list, Value::Array(items));
        drawing.update(|count| *count += 1);
        dom::focus_soon(dom::id_of("add", &list));
    };
    let name = move || format!("{} {}", title.get(), index + 1);
    view! {
        <div class="row" role="group" tabindex="-1" id=id aria-label=name>
            <div class="row-fields">{draw(form, &here)}</div>
            <button type="button" class="button plain" on:click=remove aria-label=move || format!("{} {}", t!(form::REMOVE)(), name())>
                {t!(form::REMOVE)}
            </button>
        </div>
    }
    .into_any()
}

/// The id to focus for a fault at a pointer: its input, or else the closest group around it.
pub(super) fn closest(at: &str) -> Option<String> {
    let mut at = at;
    loop {
        let id = input_id(at);
        if !at.is_empty() && dom::element(&id).is_some() {
            return Some(id);
        }
        at = &at[..at.rfind('/')?];
    }
}
