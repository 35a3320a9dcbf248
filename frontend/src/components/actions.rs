//! The steps of a workflow as buttons, exactly those that the service allows this person now.

use contract::workflow::{StepInput, Steps};
use contract::{CodedEnum, validation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::picker::{self, Source, picker};
use super::{dialog, doubles, toast};
use crate::api::{self, ApiError, Call};
use crate::i18n::{Text, lang_now, reactive, texts};
use crate::{dom, session, t};

/// Codes with their labels.
type Options = Vec<(&'static str, Text)>;

/// A field, and its codes.
type Codes = (&'static str, fn() -> Options);

/// What a step asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct StepRule {
    /// Whether a note is required, as for steps that refuse, return or end something.
    pub note_required: bool,
    /// What the note is called where it gives no reason, such as how something was solved.
    pub note: Option<Text>,
    /// Whether the person acts for somebody else and has to say why.
    pub on_behalf: bool,
    /// The field of a day that the step asks for, such as the day of signing.
    pub day: Option<&'static str>,
    /// The field of a day that can be left out, such as a new deadline.
    pub new_day: Option<&'static str>,
    /// The field of an object to pick, such as the successor of an organisation, and its source.
    pub pick: Option<(&'static str, Source)>,
    /// The field of a person that the step asks for, such as who has agreed.
    pub person: Option<&'static str>,
    /// The field of a code that the step asks for, such as why somebody leaves, and its codes.
    pub choice: Option<Codes>,
    /// The usual next step, drawn in the accent colour.
    pub primary: bool,
    /// Draws the beginning of the dialog, from the API path of the object.
    pub before: Option<fn(&str) -> AnyView>,
}

impl StepRule {
    /// The rule for an action from the table of an object's steps, in whichever state it starts.
    pub fn of<S: CodedEnum, A: CodedEnum>(steps: Steps<S, A>, action: A) -> Self {
        let Some(step) = steps.0.iter().find(|step| step.action == action) else { return Self::default() };
        let on_behalf = session::account().is_some_and(|account| step.is_on_behalf(account.role));
        Self { note_required: step.reason, on_behalf, ..Self::default() }
    }
}

#[derive(Clone)]
struct Step {
    object: String,
    path: String,
    label: Text,
    rule: StepRule,
}

/// Buttons for the allowed steps of the object at an API path. `done` runs after a step, to read the object again.
pub fn buttons<A: CodedEnum>(path: &str, allowed: &[A], rule: fn(A) -> StepRule, done: Callback<()>) -> AnyView {
    buttons_then(
        path,
        allowed,
        rule,
        Callback::new(move |_| {
            done.run(());
            None
        }),
    )
}

/// The same, but `done` gets the service's answer, and may return another message than that the step was taken.
pub fn buttons_then<A: CodedEnum>(
    path: &str,
    allowed: &[A],
    rule: fn(A) -> StepRule,
    done: Callback<Value, Option<Text>>,
) -> AnyView {
    let steps = allowed.iter().map(|&action| Step {
        object: path.to_owned(),
        path: format!("{path}/{}", action.code()),
        label: Text::label(action),
        rule: rule(action),
    });
    draw(steps.collect(), done)
}

fn draw(steps: Vec<Step>, done: Callback<Value, Option<Text>>) -> AnyView {
    let open = RwSignal::new(None::<Step>);
    let buttons = steps.into_iter().map(|step| {
        let label = step.label;
        let class = if step.rule.primary { "button primary" } else { "button" };
        view! { <button type="button" class=class on:click=move |_| open.set(Some(step.clone()))>{reactive(label)}</button> }
            .into_any()
    });
    view! {
        {buttons.collect_view()}
        {move || open.get().map(|step| step_dialog(step, Callback::new(move |()| open.set(None)), done))}
    }
    .into_any()
}

fn step_dialog(step: Step, close: Callback<()>, done: Callback<Value, Option<Text>>) -> AnyView {
    let note = RwSignal::new(String::new());
    let reason = RwSignal::new(String::new());
    let day = RwSignal::new(session::account().map(|account| account.today.to_string()).unwrap_or_default());
    let new_day = RwSignal::new(String::new());
    let person = RwSignal::new(String::new());
    let choice = RwSignal::new(String::new());
    let picked = RwSignal::new(None::<String>);
    let alike = RwSignal::new(Vec::new());
    let differs = RwSignal::new(false);
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let key = StoredValue::new(api::new_key());
    let (label, rule) = (step.label, step.rule);
    let before = rule.before.map(|before| before(&step.object));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let given = |text: RwSignal<String>| Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty());
        let input = StepInput { note: given(note), on_behalf_reason: given(reason) };
        if let Some((words, id)) = check(&input, rule) {
            fault.set(Some(words));
            return dom::focus(id);
        }
        if rule.person.is_some() && given(person).is_none() {
            fault.set(Some(t!(actions::PERSON_MISSING)().to_owned()));
            return dom::focus("step-person");
        }
        if rule.choice.is_some() && given(choice).is_none() {
            fault.set(Some(t!(actions::CHOICE_MISSING)().to_owned()));
            return dom::focus("step-choice");
        }
        if rule.pick.is_some() && picked.get_untracked().is_none() {
            fault.set(Some(t!(actions::PICK_MISSING)().to_owned()));
            return dom::focus("step-pick");
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let path = step.path.clone();
        let mut input = serde_json::to_value(input).unwrap_or_default();
        if let Some(name) = rule.day {
            input[name] = day.get_untracked().into();
        }
        if let Some(name) = rule.new_day {
            input[name] = given(new_day).into();
        }
        if differs.get_untracked() {
            input["not_a_double"] = true.into();
        }
        if let Some((name, _)) = rule.pick {
            input[name] = picked.get_untracked().into();
        }
        if let Some(name) = rule.person {
            input[name] = given(person).into();
        }
        if let Some((name, _)) = rule.choice {
            input[name] = given(choice).into();
        }
        spawn_local(async move {
            match Call::<Value>::post(path, &input).keyed(key.get_value()).send().await {
                Ok(answer) => {
                    let taken = t!(actions::done, label.get());
                    close.run(());
                    toast::say(done.run(answer).map_or(taken, |told| told.get().to_owned()));
                }
                Err(error) => {
                    differs.try_set(false);
                    alike.try_set(doubles::of(&error));
                    refused(&error, fault, busy, key);
                }
            }
        });
    };
    let body = view! {
        <form on:submit=submit novalidate>
            {before}
            <p class="form-fault" role="alert">{move || fault.get()}</p>
            {move || {
                let found = alike.get();
                (!found.is_empty()).then(|| doubles::notice(found, Callback::new(move |()| differs.set(true))))
            }}
            {rule.day.map(|name| day_of("step-day", name, day))}
            {rule.new_day.map(|name| day_of("step-new-day", name, new_day))}
            {rule.choice.map(|(name, options)| one_of(name, options(), choice))}
            {rule.pick.map(|(name, source)| {
                let id = "step-pick".to_owned();
                let place = picker::Place { id, described_by: String::new(), invalid: false.into(), required: true };
                view! {
                    <div class="field">
                        <label for="step-pick">{reactive(crate::i18n::field(name))}</label>
                        {picker(place, source, picked.into(), Callback::new(move |value| picked.set(value)))}
                    </div>
                }
            })}
            {rule.person.map(|name| view! {
                <div class="field">
                    <label for="step-person">{reactive(crate::i18n::field(name))}</label>
                    <input id="step-person" type="text" class="medium" maxlength="60" autocomplete="off" prop:value=person
                        on:input:target=move |event| person.set(event.target().value())/>
                </div>
            })}
            {area("step-note", called(rule).get(), note)}
            {rule.on_behalf.then(|| area("step-reason", t!(actions::ON_BEHALF)(), reason))}
            <div class="dialog-buttons">
                <button type="button" class="button" on:click=move |_| close.run(())>{t!(common::CANCEL)}</button>
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{reactive(label)}</button>
            </div>
        </form>
    };
    dialog::modal(label, Some(close), body.into_any())
}

/// What the note is called.
fn called(rule: StepRule) -> Text {
    rule.note.unwrap_or(if rule.note_required { texts::actions::NOTE_REQUIRED } else { texts::actions::NOTE })
}

fn day_of(id: &'static str, name: &'static str, day: RwSignal<String>) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{reactive(crate::i18n::field(name))}</label>
            <input id=id type="date" class="medium" prop:value=day on:input:target=move |event| day.set(event.target().value())/>
        </div>
    }
    .into_any()
}

fn one_of(name: &'static str, options: Options, choice: RwSignal<String>) -> AnyView {
    let options = options.into_iter().map(|(code, label)| view! { <option value=code>{reactive(label)}</option> }.into_any());
    view! {
        <div class="field">
            <label for="step-choice">{reactive(crate::i18n::field(name))}</label>
            <select id="step-choice" aria-required="true" on:change:target=move |event| choice.set(event.target().value())>
                <option value="">{t!(form::CHOOSE)}</option>
                {options.collect_view()}
            </select>
        </div>
    }
    .into_any()
}

fn area(id: &'static str, label: &'static str, text: RwSignal<String>) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <textarea id=id rows="3" maxlength="1000" prop:value=text on:input:target=move |event| text.set(event.target().value())></textarea>
        </div>
    }
    .into_any()
}

/// The first fault before anything is sent, with the id of its input.
fn check(input: &StepInput, rule: StepRule) -> Option<(String, &'static str)> {
    let missing = |id| Some((t!(actions::REASON_MISSING)().to_owned(), id));
    if rule.note_required && input.note.is_none() {
        let told = rule.note.map(|note| t!(actions::missing, note.get()));
        return told.map(|told| (told, "step-note")).or_else(|| missing("step-note"));
    }
    if rule.on_behalf && input.on_behalf_reason.is_none() {
        return missing("step-reason");
    }
    let fault = validation::faults(input).into_iter().next()?;
    let id = if fault.pointer == "/on_behalf_reason" { "step-reason" } else { "step-note" };
    Some((fault.localised(lang_now()).message, id))
}

fn refused(error: &ApiError, fault: RwSignal<Option<String>>, busy: RwSignal<bool>, key: StoredValue<String>) {
    if !error.outcome_unknown() {
        key.try_update_value(|key| *key = api::new_key());
    }
    fault.try_set(Some(error.first_fault()));
    busy.try_set(false);
}
