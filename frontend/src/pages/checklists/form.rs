//! The form of a checklist, with the editor of its items.

use contract::inspections::Checklist;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::components::form::{self, Form, rows, section};
use crate::i18n::{field, texts};
use crate::{api, dom, t};

/// How many items a checklist can have.
const MOST: usize = 50;

pub fn create() -> AnyView {
    form::create::<Checklist>(texts::checklists::CREATE, json!({ "items": [blank()] }), api::checklists::create, fields)
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Checklist>(texts::checklists::EDIT, move || api::checklists::read(&id), fields)
}

fn blank() -> Value {
    json!({ "text": null, "needs_remark": false, "needs_photo": false })
}

fn fields(form: Form) -> AnyView {
    let what = vec![form.field("/title").required().text(), form.field("/description").textarea()];
    view! { {section(texts::checklists::WHAT, what)}{section(field("items"), vec![items(form)])} }.into_any()
}

/// The items, which can be moved, inserted and removed.
fn items(form: Form) -> AnyView {
    let rows = rows(form, "/items");
    let add = Callback::new(move |index| {
        if rows.count() < MOST {
            rows.insert(index, blank(), "text");
        }
    });
    let remove = Callback::new(move |index| {
        rows.remove(index);
        dom::focus_soon("item-add");
    });
    let draw = move |index: usize| {
        let at = |name: &str| form.field(format!("/items/{index}/{name}"));
        view! {
            <li class="item">
                <div class="row-fields">
                    {at("text").required().text()}
                    {at("needs_remark").checkbox()}
                    {at("needs_photo").checkbox()}
                </div>
                {form::tools(rows, index, index + 1 == rows.count(), add, remove)}
            </li>
        }
        .into_any()
    };
    view! {
        <ol class="items">{rows.each(draw)}</ol>
        <button type="button" class="button" id="item-add" disabled=move || { rows.count() >= MOST }
            on:click=move |_| add.run(usize::MAX)>{t!(checklists::ADD)}</button>
    }
    .into_any()
}
