//! The form of a finding, which begins with what its inspection knows.

use std::sync::Arc;

use contract::findings::{Finding, Severity};
use contract::inspections::Inspection;
use contract::projects::ResponsibleSide;
use leptos::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api;
use crate::api::inspections::INSPECTIONS;
use crate::components::form::{self, Form, section};
use crate::components::load;
use crate::i18n::{field, reactive, texts};
use crate::{query, router, session};

/// How many days there are to mend something, unless somebody says otherwise.
const TIME: chrono::Days = chrono::Days::new(15);

pub fn create() -> AnyView {
    let pairs = query::pairs(&router::here().search);
    let item = query::get(&pairs, "item").and_then(|item| item.parse::<i32>().ok());
    match query::get(&pairs, "inspection_id").map(str::to_owned) {
        Some(id) => load::show(load::load(move || api::inspections::read(&id)), move |inspection: Arc<Inspection>| {
            let text = item.and_then(|item| inspection.items.get(usize::try_from(item).ok()?.checked_sub(1)?));
            let text = text.map(|item| item.text.clone());
            let item = item.filter(|_| text.is_some());
            let mut blank = blank();
            blank["inspection_id"] = json!(inspection.id);
            blank["item"] = json!(item);
            if let Some(held) = inspection.details.held_on {
                blank["found_on"] = json!(held);
            }
            let whom = format!("{} · {}", inspection.village_name, inspection.organisation_name);
            draw(blank, move |_| about(whom.clone(), text.clone()))
        }),
        None => draw(blank(), |form| form.field("/inspection_id").required().pick(INSPECTIONS)),
    }
}

fn draw(blank: Value, of: impl Fn(Form) -> AnyView + Send + Sync + 'static) -> AnyView {
    form::create::<Finding>(texts::findings::CREATE, blank, api::findings::create, move |form| fields(form, vec![of(form)]))
}

/// Which pairing, and which item.
fn about(whom: String, item: Option<String>) -> AnyView {
    view! {
        <p><strong>{whom}</strong></p>
        {item.map(|item| view! { <p class="muted">{reactive(field("item"))}": "{item}</p> })}
    }
    .into_any()
}

fn blank() -> Value {
    let today = session::account_now().map(|account| account.today);
    // Under its own id, what is sent again is not entered twice.
    json!({ "found_on": today, "due_on": today.map(|today| today + TIME), "severity": Severity::General, "entry_id": Uuid::new_v4() })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    let fields = |form| fields(form, Vec::new());
    form::edit::<Finding>(texts::findings::EDIT, move || api::findings::read(&id), fields)
}

fn fields(form: Form, mut parts: Vec<AnyView>) -> AnyView {
    parts.extend([
        form.field("/problem").required().hint(texts::findings::PROBLEM_HINT).textarea(),
        form.field("/severity").required().select::<Severity>(),
        form.field("/responsible").required().hint(texts::findings::RESPONSIBLE_HINT).select::<ResponsibleSide>(),
        form.field("/found_on").required().date(),
        form.field("/due_on").required().date(),
    ]);
    section(texts::findings::WHAT, parts)
}
