//! Forms: one JSON value is edited, checked by the contract's own validation, saved as a whole or as a merge patch.
//!
//! A field is named by its JSON pointer, as in the service's problem documents, so that a fault finds its field, a draft is the
//! value itself, and a conflict is a comparison of values.

mod boxes;
mod cell;
mod choices;
mod conflict;
mod draft;
mod field;
mod page;
mod pointer;
mod rows;
mod summary;

use std::collections::BTreeSet;
use std::time::Duration;

use contract::{FieldError, validation};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::Validate;

pub use cell::{Rows, rows, tools};
pub use field::{Field, label_of};
pub use page::{create, create_then, edit, edit_of, edit_read, edit_then, from_address, section};
pub use summary::path;

use crate::api::ApiError;
use crate::dom;
use crate::i18n::Text;

type Checks = Vec<(String, Check)>;

/// A form being filled in. Copy it freely.
#[derive(Clone, Copy)]
pub struct Form {
    /// What is typed.
    value: RwSignal<Value>,
    /// What it began with, or what the service has.
    base: RwSignal<Value>,
    /// By pointer, in the order of the fields on the page.
    checks: RwSignal<Checks>,
    touched: RwSignal<BTreeSet<String>>,
    submitted: RwSignal<bool>,
    /// Faults the service found, until their field changes.
    refused: RwSignal<Vec<FieldError>>,
    faults: Memo<Vec<FieldError>>,
}

/// What a field knows about its own value, before the contract's validation sees the whole.
#[derive(Clone, Debug)]
struct Check {
    label: Text,
    required: bool,
    /// Stands in for a missing value, so that the other fields can be checked.
    filler: Value,
    /// Text that could not be read as a number stays text: what was typed is not lost.
    text_is_broken: bool,
}

impl Form {
    /// A form over a value that should become a `T`.
    pub fn new<T: DeserializeOwned + Validate>(initial: Value) -> Self {
        Self::with(initial, |value| match serde_json::from_value::<T>(value) {
            Ok(input) => validation::faults(&input),
            Err(_) => Vec::new(),
        })
    }

    /// A form over a value that a function finds the faults of.
    pub fn with(initial: Value, validate: fn(Value) -> Vec<FieldError>) -> Self {
        let value = RwSignal::new(initial.clone());
        let checks = RwSignal::new(Checks::new());
        let faults = Memo::new(move |_| checks.with(|checks| local_faults(value.get(), checks, validate)));
        Self {
            value,
            base: RwSignal::new(initial),
            checks,
            touched: RwSignal::default(),
            submitted: RwSignal::new(false),
            refused: RwSignal::default(),
            faults,
        }
    }

    /// The field at a JSON pointer.
    pub fn field(self, at: impl Into<String>) -> Field {
        Field::new(self, at.into())
    }

    /// What is typed at a pointer, tracked.
    pub fn get(self, at: &str) -> Value {
        self.value.with(|value| value.pointer(at).cloned().unwrap_or(Value::Null))
    }

    /// Changes what is at a pointer. What the service said of it no longer counts.
    pub fn set(self, at: &str, new: Value) {
        self.refused.update(|refused| refused.retain(|fault| !fault.pointer.starts_with(at)));
        self.value.update(|value| pointer::set(value, at, new));
    }

    /// True where something differs from what the form began with, tracked.
    pub fn is_dirty(self) -> bool {
        self.value.with(|value| self.base.with(|base| value != base))
    }

    /// The label of the field at a pointer.
    fn label(self, at: &str) -> Text {
        let own = self.checks.with(|checks| checks.iter().find(|(known, _)| known == at).map(|(_, check)| check.label));
        own.unwrap_or_else(|| label_of(at))
    }

    /// The faults to show: all after a try to save, before that those of fields already left.
    fn shown_faults(self) -> Vec<FieldError> {
        let all = self.submitted.get();
        let mut shown = self.refused.get();
        let local = self.faults.get();
        let touched = self.touched.get();
        let new = local.into_iter().filter(|fault| all || touched.contains(&fault.pointer));
        let fresh: Vec<_> = new.filter(|fault| !shown.iter().any(|known| known.pointer == fault.pointer)).collect();
        shown.extend(fresh);
        shown
    }

    /// The field was left: its faults show. A moment later, because text that appears while the mouse button is down moves the
    /// button that was meant.
    fn touch(self, at: &str) {
        let at = at.to_owned();
        let show = move || {
            if self.touched.try_with_untracked(|touched| touched.contains(&at)) == Some(false) {
                self.touched.update(|touched| {
                    touched.insert(at);
                });
            }
        };
        set_timeout(show, Duration::from_millis(200));
    }

    fn watch(self, at: &str, check: Check) {
        let key = at.to_owned();
        self.checks.update(|checks| {
            checks.retain(|(known, _)| *known != key);
            checks.push((key.clone(), check));
        });
        on_cleanup(move || {
            self.checks.try_update(|checks| checks.retain(|(known, _)| *known != key));
        });
    }

    fn focus_fault(self) {
        request_animation_frame(|| dom::focus("form-summary"));
    }

    /// True where nothing is wrong; else shows everything and moves to the first fault.
    pub fn is_sound(self) -> bool {
        self.submitted.set(true);
        if self.faults.with_untracked(Vec::is_empty) {
            return true;
        }
        self.focus_fault();
        false
    }

    /// What is typed, as the contract's type.
    pub fn read<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_value(self.value.get_untracked()).ok()
    }

    /// Begins again from a value.
    pub fn begin(self, value: Value) {
        self.submitted.try_set(false);
        self.touched.try_set(BTreeSet::new());
        self.refused.try_set(Vec::new());
        self.base.try_set(value.clone());
        self.value.try_set(value);
    }

    /// Puts the faults the service found at their fields. False where it named none.
    pub fn refuse(self, error: &ApiError) -> bool {
        let ApiError::Problem(problem) = error else { return false };
        if problem.errors.is_empty() {
            return false;
        }
        self.refused.try_set(problem.errors.clone());
        self.focus_fault();
        true
    }

    /// What is wrong, on top of the form after a try to save.
    pub fn summary(self) -> AnyView {
        summary::summary(self)
    }
}

/// Id of the input at a pointer.
fn input_id(at: &str) -> String {
    dom::id_of("f", at)
}

fn local_faults(mut value: Value, checks: &Checks, validate: fn(Value) -> Vec<FieldError>) -> Vec<FieldError> {
    let mut found = Vec::new();
    for (at, check) in checks {
        let code = match value.pointer(at).unwrap_or(&Value::Null) {
            Value::Null if check.required => "required",
            Value::String(text) if check.required && text.trim().is_empty() => "required",
            Value::String(_) if check.text_is_broken => "type",
            _ => continue,
        };
        found.push(FieldError::at(at.clone(), code));
        pointer::set(&mut value, at, check.filler.clone());
    }
    let filled = !found.is_empty();
    let own =
        |fault: &FieldError| found.iter().any(|known| known.pointer == fault.pointer) || (filled && fault.pointer.is_empty());
    let contract: Vec<_> = validate(value).into_iter().filter(|fault| !own(fault)).collect();
    found.extend(contract);
    found.sort_by_key(|fault| checks.iter().position(|(at, _)| *at == fault.pointer).unwrap_or(usize::MAX));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::organisations::OrganisationInput;
    use serde_json::json;

    fn faults_of(value: Value, checks: &[(&str, Check)]) -> Vec<(String, String)> {
        let checks = checks.iter().map(|(at, check)| ((*at).to_owned(), check.clone())).collect();
        let validate = |value| {
            serde_json::from_value::<OrganisationInput>(value).map_or_else(|_| Vec::new(), |input| validation::faults(&input))
        };
        local_faults(value, &checks, validate).into_iter().map(|fault| (fault.pointer, fault.code.into_owned())).collect()
    }

    #[test]
    fn a_missing_field_does_not_hide_the_faults_of_others() {
        let label = crate::i18n::field("name");
        let required = |filler| Check { label, required: true, filler, text_is_broken: false };
        let checks =
            [("/name", required(json!("x"))), ("/kind", required(json!("chamber"))), ("/area_code", required(json!("35")))];
        let found = faults_of(json!({ "name": "  ", "credit_code": "5135", "kind": null }), &checks);
        let pair = |at: &str, code: &str| (at.to_owned(), code.to_owned());
        assert!(found.contains(&pair("/name", "required")));
        assert!(found.contains(&pair("/kind", "required")));
        assert!(found.contains(&pair("/credit_code", "credit_code_format")));
    }

    #[test]
    fn text_in_a_number_is_a_fault_and_stays() {
        let check =
            Check { label: crate::i18n::field("member_count"), required: false, filler: Value::Null, text_is_broken: true };
        let found = faults_of(json!({ "member_count": "many" }), &[("/member_count", check)]);
        assert_eq!(found[0], ("/member_count".to_owned(), "type".to_owned()));
    }
}
