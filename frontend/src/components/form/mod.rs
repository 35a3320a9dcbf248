//! Forms: edit one JSON value, check it with the contract's own validation, and save it as a whole or as a merge patch.
//!
//! A JSON pointer names each field, as in the service's problem documents. So a fault finds its field, a draft is the value
//! itself, and a conflict is a comparison of values.

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
type Validation = fn(Value, &[String]) -> Vec<FieldError>;

/// A form that is being filled in.
#[derive(Clone, Copy)]
pub struct Form {
    /// The current value.
    pub(super) value: RwSignal<Value>,
    /// The initial value, or that of the service.
    base: RwSignal<Value>,
    /// The checks of each field, by pointer, in the order of the page.
    checks: RwSignal<Checks>,
    touched: RwSignal<BTreeSet<String>>,
    submitted: RwSignal<bool>,
    /// Faults that the service found, each until its field changes.
    refused: RwSignal<Vec<FieldError>>,
    faults: Memo<Vec<FieldError>>,
}

/// A field's own check, made before the contract validates the whole.
#[derive(Clone, Debug)]
struct Check {
    label: Text,
    required: bool,
    /// Replaces a missing value, so that the other fields can be validated.
    filler: Value,
    /// Whether text in this field is a fault. A number that could not be read stays text, so that nothing typed is lost.
    text_is_broken: bool,
}

impl Form {
    /// A form whose value must deserialize as `T`.
    pub fn new<T: DeserializeOwned + Validate>(initial: Value) -> Self {
        Self::with(initial, |value, unread| match serde_json::from_value::<T>(value) {
            Ok(input) => validation::faults_without(&input, unread),
            Err(_) => Vec::new(),
        })
    }

    /// A form whose value is validated by a function. This is also told the fields that hold stand-ins, because they are missing or
    /// cannot be read.
    pub fn with(initial: Value, validate: Validation) -> Self {
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

    /// The value at a pointer, tracked.
    pub fn get(self, at: &str) -> Value {
        self.value.with(|value| value.pointer(at).cloned().unwrap_or(Value::Null))
    }

    /// Sets the value at a pointer. Faults that the service found there no longer count.
    pub fn set(self, at: &str, new: Value) {
        self.refused.update(|refused| refused.retain(|fault| !fault.pointer.starts_with(at)));
        self.value.update(|value| pointer::set(value, at, new));
    }

    /// Whether the value differs from the initial one, tracked.
    pub fn is_dirty(self) -> bool {
        self.value.with(|value| self.base.with(|base| value != base))
    }

    /// The label of the field at a pointer.
    fn label(self, at: &str) -> Text {
        let own = self.checks.with(|checks| checks.iter().find(|(known, _)| known == at).map(|(_, check)| check.label));
        own.unwrap_or_else(|| label_of(at))
    }

    /// The visible faults: those of fields that were left; after an attempt to save, all.
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

    /// Shows the faults of a field that was left. This happens a moment later, because text that appears while the mouse button
    /// is down moves the button under it.
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

    /// Returns true if there are no faults. Otherwise shows them all and focuses the first.
    pub fn is_sound(self) -> bool {
        self.submitted.set(true);
        if self.faults.with_untracked(Vec::is_empty) {
            return true;
        }
        self.focus_fault();
        false
    }

    /// The current value, as the contract's type.
    pub fn read<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_value(self.value.get_untracked()).ok()
    }

    /// Restarts with another initial value.
    pub fn begin(self, value: Value) {
        self.submitted.try_set(false);
        self.touched.try_set(BTreeSet::new());
        self.refused.try_set(Vec::new());
        self.base.try_set(value.clone());
        self.value.try_set(value);
    }

    /// Shows the faults that the service found at their fields. Returns false if it named none.
    pub fn refuse(self, error: &ApiError) -> bool {
        let ApiError::Problem(problem) = error else { return false };
        if problem.errors.is_empty() {
            return false;
        }
        self.refused.try_set(problem.errors.clone());
        self.focus_fault();
        true
    }

    /// The summary of faults above the form, after an attempt to save.
    pub fn summary(self) -> AnyView {
        summary::summary(self)
    }
}

/// The id of the input at a pointer.
fn input_id(at: &str) -> String {
    dom::id_of("f", at)
}

fn local_faults(mut value: Value, checks: &Checks, validate: Validation) -> Vec<FieldError> {
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
    let unread: Vec<_> = found.iter().map(|fault| fault.pointer.clone()).collect();
    let contract: Vec<_> = validate(value, &unread).into_iter().filter(|fault| !own(fault)).collect();
    found.extend(contract);
    found.sort_by_key(|fault| checks.iter().position(|(at, _)| *at == fault.pointer).unwrap_or(usize::MAX));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::assistance::RecordInput;
    use contract::organisations::OrganisationInput;
    use serde_json::json;

    fn faults_of<T: DeserializeOwned + Validate>(value: Value, checks: &[(&str, Check)]) -> Vec<(String, String)> {
        let checks = checks.iter().map(|(at, check)| ((*at).to_owned(), check.clone())).collect();
        let validate: Validation = |value, unread| {
            serde_json::from_value::<T>(value).map_or_else(|_| Vec::new(), |input| validation::faults_without(&input, unread))
        };
        local_faults(value, &checks, validate).into_iter().map(|fault| (fault.pointer, fault.code.into_owned())).collect()
    }

    #[test]
    fn a_missing_field_does_not_hide_the_faults_of_others() {
        let label = crate::i18n::field("name");
        let required = |filler| Check { label, required: true, filler, text_is_broken: false };
        let checks =
            [("/name", required(json!("x"))), ("/kind", required(json!("chamber"))), ("/area_code", required(json!("35")))];
        let found = faults_of::<OrganisationInput>(json!({ "name": "  ", "credit_code": "5135", "kind": null }), &checks);
        let pair = |at: &str, code: &str| (at.to_owned(), code.to_owned());
        assert!(found.contains(&pair("/name", "required")));
        assert!(found.contains(&pair("/kind", "required")));
        assert!(found.contains(&pair("/credit_code", "credit_code_format")));
    }

    #[test]
    fn text_in_a_number_is_a_fault_and_stays() {
        let check =
            Check { label: crate::i18n::field("member_count"), required: false, filler: Value::Null, text_is_broken: true };
        let found = faults_of::<OrganisationInput>(json!({ "member_count": "many" }), &[("/member_count", check)]);
        assert_eq!(found[0], ("/member_count".to_owned(), "type".to_owned()));
    }

    #[test]
    fn an_amount_that_cannot_be_read_is_one_fault_at_its_own_field() {
        let check = Check { label: crate::i18n::field("amount_fen"), required: false, filler: Value::Null, text_is_broken: true };
        let record = |amount: Value| {
            let nobody = "00000000-0000-0000-0000-000000000000";
            json!({ "household_id": nobody, "kind": "visit", "happened_on": "2020-04-20", "amount_fen": amount })
        };
        let pair = |at: &str, code: &str| vec![(at.to_owned(), code.to_owned())];
        let checks = [("/amount_fen", check)];
        assert_eq!(faults_of::<RecordInput>(record(json!("二百")), &checks), pair("/amount_fen", "type"));
        // Where nothing at all is written, that is the fault.
        assert_eq!(faults_of::<RecordInput>(record(Value::Null), &checks), pair("/description", "nothing_given"));
    }
}
