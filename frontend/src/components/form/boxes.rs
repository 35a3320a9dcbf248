//! Inputs that are typed into: text, numbers, money, days.

use contract::campaigns::Indicator;
use contract::validation::seen;
use contract::{CodedEnum, amounts};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::field::{Field, Wires};
use crate::{format, i18n};

/// How to show a value for typing, and how to read it back. Unreadable input stays text.
#[derive(Clone, Copy)]
struct Reading {
    show: fn(&Value) -> String,
    read: fn(&str) -> Value,
}

const TEXT: Reading = Reading { show: show_text, read: |text| if text.is_empty() { Value::Null } else { json!(text) } };

/// Several lines, without invisible characters that were pasted along.
const LINES: Reading = Reading { show: show_text, read: |text| (TEXT.read)(&seen(text)) };

/// One line, without surrounding blanks either.
const LINE: Reading = Reading { show: show_text, read: |text| (TEXT.read)(seen(text).trim()) };

const NUMBER: Reading = Reading {
    show: |value| value.as_i64().map_or_else(|| show_text(value), |number| number.to_string()),
    read: |text| read_number(text, amounts::count),
};

const MONEY: Reading = Reading {
    show: |value| value.as_i64().map_or_else(|| show_text(value), format::yuan),
    read: |text| read_number(text, format::parse_yuan),
};

fn show_text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn read_number(text: &str, parse: fn(&str) -> Option<i64>) -> Value {
    match text.trim() {
        "" => Value::Null,
        text => parse(text).map_or_else(|| json!(text), |number| json!(number)),
    }
}

/// The kind of input to draw.
#[derive(Clone, Copy)]
struct Look {
    kind: &'static str,
    class: &'static str,
    mode: &'static str,
    autocomplete: &'static str,
}

impl Look {
    fn of(class: &'static str, mode: &'static str) -> Self {
        Self { kind: "text", class, mode, autocomplete: "off" }
    }
}

impl Field {
    /// A line of text.
    pub fn text(self) -> AnyView {
        self.watch(json!("x"), false);
        self.input(LINE, Look::of("", "text"))
    }

    /// A code: narrow, in a fixed-width font.
    pub fn code(self) -> AnyView {
        self.watch(json!("x"), false);
        self.input(LINE, Look::of("code", "text"))
    }

    /// A telephone number.
    pub fn phone(self) -> AnyView {
        self.watch(json!("x"), false);
        self.input(LINE, Look::of("medium", "tel"))
    }

    /// A password; `autocomplete` tells password managers which.
    pub fn password(self, autocomplete: &'static str) -> AnyView {
        self.watch(json!("x"), false);
        self.input(TEXT, Look { kind: "password", class: "medium", mode: "text", autocomplete })
    }

    /// The code that an authenticator displays.
    pub fn one_time_code(self) -> AnyView {
        self.watch(json!("000000"), false);
        self.input(LINE, Look { kind: "text", class: "short", mode: "numeric", autocomplete: "one-time-code" })
    }

    /// A whole number.
    pub fn number(self) -> AnyView {
        self.watch(json!(1), true);
        self.input(NUMBER, Look::of("short number", "numeric"))
    }

    /// Money, typed in yuan and stored in fen.
    pub fn money(self) -> AnyView {
        self.watch(json!(1), true);
        self.input(MONEY, Look::of("medium number", "decimal"))
    }

    /// An amount of the indicator that the field at `indicator` names: money or a number.
    pub fn counted_by(self, indicator: String) -> AnyView {
        let form = self.form;
        let is_money =
            Memo::new(move |_| form.get(&indicator).as_str().and_then(Indicator::from_code).is_some_and(Indicator::is_money));
        (move || match is_money.get() {
            true => self.clone().labelled(i18n::field("amount_fen")).money(),
            false => self.clone().number(),
        })
        .into_any()
    }

    /// A day, with the browser's own picker.
    pub fn date(self) -> AnyView {
        self.watch(json!("2020-01-01"), false);
        self.input(TEXT, Look { kind: "date", class: "medium", mode: "none", autocomplete: "off" })
    }

    /// A month, with the browser's own picker, or typed as `2020-06` if it has none.
    pub fn month(self) -> AnyView {
        self.watch(json!("2020-01"), false);
        self.input(TEXT, Look { kind: "month", class: "medium", mode: "none", autocomplete: "off" })
    }

    /// Text of several lines.
    pub fn textarea(self) -> AnyView {
        self.watch(json!("x"), false);
        let Typing { typed, write, leave } = self.typing(LINES);
        let wires = self.wires();
        let Wires { id, described_by, invalid, required, .. } = wires.clone();
        let input = view! {
            <textarea id=id rows="4" aria-describedby=described_by aria-required=required.to_string() aria-invalid=move || invalid.get().to_string()
                prop:value=typed on:input:target=move |event| write.run(event.target().value()) on:blur=move |_| _ = leave.try_run(())></textarea>
        };
        self.frame(wires, input.into_any())
    }

    fn input(self, reading: Reading, look: Look) -> AnyView {
        let Typing { typed, write, leave } = self.typing(reading);
        let wires = self.wires();
        let Wires { id, described_by, invalid, required, .. } = wires.clone();
        let mode = (look.kind == "text").then_some(look.mode);
        let input = view! {
            <input id=id type=look.kind class=look.class inputmode=mode autocomplete=look.autocomplete aria-describedby=described_by
                aria-required=required.to_string() aria-invalid=move || invalid.get().to_string() prop:value=typed
                on:input:target=move |event| write.run(event.target().value()) on:blur=move |_| _ = leave.try_run(())/>
        };
        self.frame(wires, input.into_any())
    }

    /// The text in the box follows the value, except while somebody types: `1.` may become `1.5`.
    fn typing(&self, reading: Reading) -> Typing {
        let (form, at) = (self.form, self.at.clone());
        let typed =
            RwSignal::new((reading.show)(&form.value.with_untracked(|value| value.pointer(&at).cloned().unwrap_or_default())));
        let here = at.clone();
        let value = Memo::new(move |_| form.get(&here));
        Effect::new(move || {
            value.with(|value| {
                if typed.with_untracked(|typed| (reading.read)(typed) != *value) {
                    typed.set((reading.show)(value));
                }
            });
        });
        let write = {
            let at = at.clone();
            Callback::new(move |text: String| {
                form.set(&at, (reading.read)(&text));
                typed.set(text);
            })
        };
        let leave = Callback::new(move |()| {
            form.touch(&at);
            let tidy = value.with_untracked(|value| (reading.show)(value));
            if typed.with_untracked(|typed| *typed != tidy) {
                typed.set(tidy);
            }
        });
        Typing { typed, write, leave }
    }
}

struct Typing {
    typed: RwSignal<String>,
    write: Callback<String>,
    leave: Callback<()>,
}
