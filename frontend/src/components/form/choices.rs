//! Inputs that are chosen from: codes, yes or no, and pickers.

use std::sync::Arc;

use contract::CodedEnum;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::field::{Field, Wires};
use crate::components::picker::{self, Answer, Choice, Search, Source};
use crate::i18n::{Text, reactive};
use crate::t;

type Options = Vec<(&'static str, Text)>;

fn options<E: CodedEnum>() -> Options {
    E::ALL.iter().map(|&value| (value.code(), Text::label(value))).collect()
}

impl Field {
    /// One of the codes of an enumeration.
    pub fn select<E: CodedEnum>(self) -> AnyView {
        self.select_of(options::<E>())
    }

    fn select_of(self, options: Options) -> AnyView {
        self.watch(json!(options[0].0), false);
        let (form, at) = (self.form, self.at.clone());
        let here = at.clone();
        let code = Memo::new(move |_| form.get(&here).as_str().unwrap_or_default().to_owned());
        let left = at.clone();
        let changed = move |code: String| form.set(&at, if code.is_empty() { Value::Null } else { json!(code) });
        let wires = self.wires();
        let Wires { id, described_by, invalid, required, .. } = wires.clone();
        let options = options.into_iter().map(|(value, text)| {
            view! { <option value=value selected=move || code.with(|code| code == value)>{reactive(text)}</option> }.into_any()
        });
        let input = view! {
            <select id=id aria-describedby=described_by aria-required=required.to_string() aria-invalid=move || invalid.get().to_string()
                prop:value=code on:change:target=move |event| changed(event.target().value()) on:blur=move |_| form.touch(&left)>
                <option value="">{t!(form::CHOOSE)}</option>
                {options.collect_view()}
            </select>
        };
        self.frame(wires, input.into_any())
    }

    /// Tiles to choose one of a few options from, large enough for a thumb. An option may stand for no value.
    pub fn tiles(self, options: Vec<(Option<String>, Signal<String>)>) -> AnyView {
        self.watch(json!(options.iter().find_map(|(value, _)| value.clone())), false);
        let (form, at) = (self.form, self.at.clone());
        let wires = self.wires();
        let name = wires.id.clone();
        let tiles = options.into_iter().map(|(value, text)| {
            let (here, mine) = (at.clone(), json!(value));
            let chosen = Memo::new(move |_| form.get(&here) == mine);
            let at = at.clone();
            view! {
                <label class="tile">
                    <input type="radio" name=name.clone() prop:checked=chosen on:change=move |_| form.set(&at, json!(value))/>
                    <span>{text}</span>
                </label>
            }
            .into_any()
        });
        let tiles = view! { <div class="tiles">{tiles.collect_view()}</div> };
        self.group(wires, tiles.into_any())
    }

    /// Any of the codes of an enumeration.
    pub fn checks<E: CodedEnum>(self) -> AnyView {
        self.checks_of(options::<E>())
    }

    fn checks_of(self, options: Options) -> AnyView {
        let (form, at) = (self.form, self.at.clone());
        let order: Vec<_> = options.iter().map(|(code, _)| *code).collect();
        let wires = self.wires();
        let boxes = options.into_iter().map(|(code, text)| {
            let here = at.clone();
            let is_set =
                Memo::new(move |_| form.get(&here).as_array().is_some_and(|codes| codes.iter().any(|known| known == code)));
            let (at, order) = (at.clone(), order.clone());
            let toggle = move |checked: bool| {
                let now = form.value.with_untracked(|value| value.pointer(&at).cloned().unwrap_or_default());
                let has = |known: &str| now.as_array().is_some_and(|codes| codes.iter().any(|code| code == known));
                let codes: Vec<_> = order.iter().filter(|known| if **known == code { checked } else { has(known) }).collect();
                form.set(&at, json!(codes));
            };
            view! {
                <label class="check">
                    <input type="checkbox" prop:checked=is_set on:change:target=move |event| toggle(event.target().checked())/>
                    {reactive(text)}
                </label>
            }
            .into_any()
        });
        let boxes = view! { <div class="checks">{boxes.collect_view()}</div> };
        self.group(wires, boxes.into_any())
    }

    /// Yes or no.
    pub fn checkbox(self) -> AnyView {
        let (form, at) = (self.form, self.at.clone());
        let here = at.clone();
        let is_set = Memo::new(move |_| form.get(&here) == json!(true));
        let wires = self.wires();
        let label = self.label();
        let hint = self.hint.map(|hint| view! { <p class="hint" id=format!("{}-hint", wires.id)>{reactive(hint)}</p> });
        view! {
            <div class="field">
                <label class="check">
                    <input type="checkbox" id=wires.id.clone() prop:checked=is_set
                        on:change:target=move |event| form.set(&at, json!(event.target().checked()))/>
                    {reactive(label)}
                </label>
                {hint}
            </div>
        }
        .into_any()
    }

    /// One of a few options that are known only while the form is filled in, such as the members of a family.
    pub fn choose(self, choices: Signal<Vec<Choice>>) -> AnyView {
        self.watch(Value::Null, false);
        let (form, at) = (self.form, self.at.clone());
        let here = at.clone();
        let chosen = Memo::new(move |_| form.get(&here).as_str().unwrap_or_default().to_owned());
        let left = at.clone();
        let changed = move |id: String| form.set(&at, if id.is_empty() { Value::Null } else { json!(id) });
        let wires = self.wires();
        let Wires { id, described_by, invalid, required, .. } = wires.clone();
        let options = move || {
            let option = |choice: Choice| {
                let is_set = chosen.with(|chosen| *chosen == choice.value);
                view! { <option value=choice.value selected=is_set>{choice.label}</option> }.into_any()
            };
            choices.get().into_iter().map(option).collect_view()
        };
        let input = view! {
            <select id=id aria-describedby=described_by aria-required=required.to_string() aria-invalid=move || invalid.get().to_string()
                on:change:target=move |event| changed(event.target().value()) on:blur=move |_| form.touch(&left)>
                <option value="">{t!(form::CHOOSE)}</option>
                {options}
            </select>
        };
        self.frame(wires, input.into_any())
    }

    /// An object from a list: an area, a village, an organisation.
    pub fn pick(self, source: Source) -> AnyView {
        self.pick_by(source.find, Arc::new(source.search))
    }

    /// The same, found by a search that depends on other fields.
    pub fn pick_by(self, find: fn(String) -> Answer<Choice>, search: Search) -> AnyView {
        self.watch(json!("350000000000"), false);
        let (form, at) = (self.form, self.at.clone());
        let here = at.clone();
        let value = Signal::derive(move || form.get(&here).as_str().map(str::to_owned));
        let picked = Callback::new(move |picked: Option<String>| {
            let new = picked.map_or(Value::Null, Value::String);
            if form.value.with_untracked(|value| value.pointer(&at) != Some(&new)) {
                form.set(&at, new);
            }
            form.touch(&at);
        });
        let wires = self.wires();
        let place = picker::Place {
            id: wires.id.clone(),
            described_by: wires.described_by.clone(),
            invalid: wires.invalid,
            required: wires.required,
        };
        let input = picker::searching(place, search, find, value, picked);
        self.frame(wires, input)
    }
}
