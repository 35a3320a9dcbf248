//! The forms of an inspection: a pairing added to an open round, and who inspects when.

use contract::inspections::Inspection;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api;
use crate::api::inspections::INSPECTORS;
use crate::api::pairings::ACTIVE_PAIRINGS;
use crate::api::rounds::OPEN_ROUNDS;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["round_id", "pairing_id"]);
    blank["inspectors"] = json!([]);
    blank["results"] = json!([]);
    form::create::<Inspection>(texts::inspections::CREATE, blank, api::inspections::create, |form| {
        let of = vec![
            form.field("/round_id").required().pick(OPEN_ROUNDS),
            form.field("/pairing_id").required().labelled(field("pairing_id")).pick(ACTIVE_PAIRINGS),
        ];
        fields(form, of)
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    let fields = |form| fields(form, Vec::new());
    form::edit::<Inspection>(texts::inspections::EDIT, move || api::inspections::read(&id), fields)
}

fn fields(form: Form, mut parts: Vec<AnyView>) -> AnyView {
    parts.extend([
        form.field("/planned_on").required().date(),
        form.field("/inspectors").rows(10, || Value::Null, |form, at| form.field(at).required().pick(INSPECTORS)),
    ]);
    section(texts::inspections::WHAT, parts)
}
