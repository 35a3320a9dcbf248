//! A field: label, hint, fault and marks around an input. The files beside this one contain the inputs.

use contract::FieldError;
use leptos::prelude::*;
use serde_json::Value;

use super::{Check, Form, input_id};
use crate::i18n::{Text, lang, reactive, texts};
use crate::t;

/// Builds a field; an input completes it: `form.field("/name").required().text()`.
#[derive(Clone)]
pub struct Field {
    pub(super) form: Form,
    pub(super) at: String,
    pub(super) required: bool,
    pub(super) hint: Option<Text>,
    label: Option<Text>,
}

impl Field {
    pub(super) fn new(form: Form, at: String) -> Self {
        Self { form, at, required: false, hint: None, label: None }
    }

    /// Makes the field required.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Adds a hint below the label.
    pub fn hint(mut self, hint: Text) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Uses another label than that of the JSON name in the contract.
    pub fn labelled(mut self, label: Text) -> Self {
        self.label = Some(label);
        self
    }

    pub(super) fn label(&self) -> Text {
        self.label.unwrap_or_else(|| label_of(&self.at))
    }

    /// Registers with the form what this field knows about its value.
    pub(super) fn watch(&self, filler: Value, text_is_broken: bool) {
        let filler = if self.required { filler } else { Value::Null };
        self.form.watch(&self.at, Check { label: self.label(), required: self.required, filler, text_is_broken });
    }

    /// What an input needs to know about its field.
    pub(super) fn wires(&self) -> Wires {
        let id = input_id(&self.at);
        let at = self.at.clone();
        let form = self.form;
        let fault = Memo::new(move |_| form.shown_faults().into_iter().find(|fault| fault.pointer == at));
        Wires {
            described_by: format!("{id}-fault {id}-hint"),
            id,
            invalid: Signal::derive(move || fault.with(Option::is_some)),
            fault,
            required: self.required,
        }
    }

    /// Label, hint and fault around an input.
    pub(super) fn frame(self, wires: Wires, input: AnyView) -> AnyView {
        let label = self.label();
        view! {
            <div class="field">
                <label for=wires.id.clone()>{reactive(label)}{mark(self.required)}</label>
                {around(&wires, self.hint)}
                {input}
            </div>
        }
        .into_any()
    }

    /// Label, hint and fault around a group of inputs.
    pub(super) fn group(self, wires: Wires, inputs: AnyView) -> AnyView {
        let label = self.label();
        view! {
            <fieldset class="field" id=wires.id.clone() tabindex="-1" aria-describedby=wires.described_by.clone()>
                <legend>{reactive(label)}{mark(self.required)}</legend>
                {around(&wires, self.hint)}
                {inputs}
            </fieldset>
        }
        .into_any()
    }
}

/// The connections between a field and its input.
#[derive(Clone)]
pub(super) struct Wires {
    pub id: String,
    pub described_by: String,
    pub invalid: Signal<bool>,
    pub required: bool,
    fault: Memo<Option<FieldError>>,
}

impl Wires {
    /// The fault of the field.
    pub fn fault(&self) -> Memo<Option<FieldError>> {
        self.fault
    }
}

fn around(wires: &Wires, hint: Option<Text>) -> AnyView {
    let fault = wires.fault;
    view! {
        {hint.map(|hint| view! { <p class="hint" id=format!("{}-hint", wires.id)>{reactive(hint)}</p> })}
        <p class="fault-text" id=format!("{}-fault", wires.id)>
            {move || fault.get().map(|fault| fault.localised(lang()).message)}
        </p>
    }
    .into_any()
}

fn mark(required: bool) -> Option<AnyView> {
    required.then(|| {
        view! { <span class="required" aria-hidden="true">" *"</span><span class="visually-hidden">{t!(form::REQUIRED)}</span> }.into_any()
    })
}

/// The contract's label for the last name of a pointer.
pub fn label_of(at: &str) -> Text {
    let name = at.rsplit('/').find(|part| !part.is_empty() && part.parse::<usize>().is_err());
    // Only static labels are available. For a name without one, the fault counts as that of the whole form.
    name.and_then(static_label).unwrap_or(texts::form::WHOLE)
}

fn static_label(name: &str) -> Option<Text> {
    use contract::{Lang, labels};
    let pick = |lang| labels::find(name, lang);
    Some(Text { zh: pick(Lang::ZhCn)?, en: pick(Lang::En)? })
}
