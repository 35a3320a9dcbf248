//! A combobox that searches while the person types (WAI-ARIA combobox with a list). The sources of choices stand beside the calls
//! of their domains.

use std::sync::Arc;
use std::time::Duration;

use futures::future::LocalBoxFuture;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::typing::Typing;
use crate::api::ApiError;
use crate::{dom, t};

/// A choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The stored value: a code or an id.
    pub value: String,
    pub label: String,
    /// Distinguishes it from others of the same name.
    pub hint: String,
}

/// A source of choices.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The first choices for a search text, also for an empty one.
    pub search: fn(String) -> Answer<Vec<Choice>>,
    /// The choice for a stored value.
    pub find: fn(String) -> Answer<Choice>,
}

/// A search among choices.
pub type Search = Arc<dyn Fn(String) -> Answer<Vec<Choice>> + Send + Sync>;

/// A pending answer.
pub type Answer<T> = LocalBoxFuture<'static, Result<T, ApiError>>;

/// The number of choices shown at once.
pub const LIMIT: u32 = 12;

/// The search text; `None` if nothing was typed.
pub fn text(q: String) -> Option<String> {
    Some(q.trim().to_owned()).filter(|q| !q.is_empty())
}

/// The first choices of several lists, one after the other until there are as many as are shown: of the states of an object for
/// which something new can begin, and of no others.
///
/// # Errors
/// Those of `ask`.
pub async fn of_each<T: Copy>(
    lists: &[T],
    ask: impl AsyncFn(T) -> Result<Vec<Choice>, ApiError>,
) -> Result<Vec<Choice>, ApiError> {
    let mut found = Vec::new();
    for &list in lists {
        if found.len() < LIMIT as usize {
            found.extend(ask(list).await?);
        }
    }
    Ok(found)
}

/// How a picker is connected to its form.
#[derive(Clone)]
pub struct Place {
    /// The id of the input, for its label.
    pub id: String,
    /// The ids of hint and fault.
    pub described_by: String,
    pub invalid: Signal<bool>,
    pub required: bool,
}

#[derive(Clone, Copy)]
struct State {
    search: StoredValue<Search>,
    find: fn(String) -> Answer<Choice>,
    typed: RwSignal<String>,
    choices: RwSignal<Vec<Choice>>,
    active: RwSignal<Option<usize>>,
    open: RwSignal<bool>,
    shown: StoredValue<Choice>,
    typing: Typing,
    pick: Callback<Option<String>>,
}

/// The combobox. `value` is the stored value; `pick` is called when it changes.
pub fn picker(place: Place, source: Source, value: Signal<Option<String>>, pick: Callback<Option<String>>) -> AnyView {
    searching(place, Arc::new(source.search), source.find, value, pick)
}

/// The combobox with a search that depends on more than what is typed.
pub fn searching(
    place: Place,
    search: Search,
    find: fn(String) -> Answer<Choice>,
    value: Signal<Option<String>>,
    pick: Callback<Option<String>>,
) -> AnyView {
    let state = State {
        search: StoredValue::new(search),
        find,
        typed: RwSignal::new(String::new()),
        choices: RwSignal::new(Vec::new()),
        active: RwSignal::new(None),
        open: RwSignal::new(false),
        shown: StoredValue::new(none()),
        typing: Typing::start(),
        pick,
    };
    Effect::new(move || state.follow(value.get()));
    let list_id = format!("{}-list", place.id);
    let option_id = {
        let list_id = list_id.clone();
        move |index: usize| format!("{list_id}-{index}")
    };
    let active_id = {
        let option_id = option_id.clone();
        move || state.active.get().filter(|_| state.open.get()).map(option_id.clone())
    };
    let options = move || {
        let draw = |(index, choice): (usize, Choice)| {
            let label = choice.label.clone();
            let hint = choice.hint.clone();
            view! {
                <li role="option" id=option_id(index) aria-selected=move || (state.active.get() == Some(index)).to_string()
                    on:mousedown=move |event: ev::MouseEvent| { event.prevent_default(); state.choose(choice.clone()); }>
                    {label} " " <small>{hint}</small>
                </li>
            }
            .into_any()
        };
        state.choices.get().into_iter().enumerate().map(draw).collect_view()
    };
    let invalid = place.invalid;
    view! {
        <div class="picker">
            <input type="text" role="combobox" id=place.id autocomplete="off" spellcheck="false" placeholder=t!(form::PICKER_HINT)
                aria-autocomplete="list" aria-expanded=move || state.open.get().to_string() aria-controls=list_id.clone()
                aria-activedescendant=active_id aria-describedby=place.described_by aria-required=place.required.to_string()
                aria-invalid=move || invalid.get().to_string() prop:value=state.typed
                on:compositionstart=move |_| state.typing.begin()
                on:compositionend:target=move |event| { state.typing.end(); state.type_in(event.target().value()); }
                on:input:target=move |event| if !state.typing.is_composing() { state.type_in(event.target().value()) }
                on:click=move |_| state.look_up(Duration::ZERO)
                on:blur=move |_| state.leave() on:keydown=move |event| state.key(&event)/>
            <ul role="listbox" id=list_id aria-label=t!(form::CHOICES_LIST) hidden=move || !state.open.get()>{options}</ul>
            <span class="visually-hidden" role="status">
                {move || state.open.get().then(|| t!(form::choices, state.choices.with(Vec::len)))}
            </span>
        </div>
    }
    .into_any()
}

/// The name of a value, and until it is known the value itself.
pub fn named(source: Source, value: String) -> AnyView {
    let label = RwSignal::new(value.clone());
    spawn_local(async move {
        if let Ok(choice) = (source.find)(value).await {
            label.try_set(choice.label);
        }
    });
    view! { {label} }.into_any()
}

fn none() -> Choice {
    Choice { value: String::new(), label: String::new(), hint: String::new() }
}

impl State {
    /// Shows the label of a value that was set elsewhere.
    fn follow(self, value: Option<String>) {
        let value = value.unwrap_or_default();
        if self.shown.with_value(|shown| shown.value == value) {
            return;
        }
        if value.is_empty() {
            return self.show(none());
        }
        self.show(Choice { label: value.clone(), value: value.clone(), hint: String::new() });
        spawn_local(async move {
            if let Ok(choice) = (self.find)(value.clone()).await
                && self.shown.try_with_value(|shown| shown.value == value) == Some(true)
            {
                self.show(choice);
            }
        });
    }

    fn show(self, choice: Choice) {
        self.typed.set(choice.label.clone());
        self.shown.set_value(choice);
    }

    fn type_in(self, text: String) {
        self.typed.set(text);
        self.look_up(Duration::from_millis(200));
    }

    fn look_up(self, pause: Duration) {
        self.typing.ask(pause, move || {
            let Some(typed) = self.typed.try_get_untracked() else { return };
            let unchanged = self.shown.with_value(|shown| shown.label == typed);
            let q = if unchanged { String::new() } else { typed.clone() };
            let Some(search) = self.search.try_get_value() else { return };
            spawn_local(async move {
                let found = search(q).await.unwrap_or_default();
                if self.typed.try_get_untracked().as_ref() == Some(&typed) {
                    self.choices.set(found);
                    self.active.set(None);
                    self.open.set(true);
                }
            });
        });
    }

    fn choose(self, choice: Choice) {
        self.open.set(false);
        self.show(choice.clone());
        self.pick.run(Some(choice.value));
    }

    /// Drops typed text that was not picked. An emptied field means no value.
    fn leave(self) {
        // The browser also reports leaving a field when its page is removed.
        if self.typed.is_disposed() {
            return;
        }
        self.typing.stop();
        self.open.set(false);
        if self.typed.with_untracked(|typed| typed.trim().is_empty()) {
            if self.shown.with_value(|shown| !shown.value.is_empty()) {
                self.show(none());
            }
            return self.pick.run(None);
        }
        self.show(self.shown.get_value());
    }

    fn key(self, event: &ev::KeyboardEvent) {
        // While an input method composes, arrows and Enter choose among its words.
        if self.typing.is_composing() || event.is_composing() {
            return;
        }
        let count = self.choices.with_untracked(Vec::len);
        let active = self.active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" if !self.open.get_untracked() => self.look_up(Duration::ZERO),
            "ArrowDown" if count > 0 => self.active.set(Some(active.map_or(0, |index| (index + 1) % count))),
            "ArrowUp" if count > 0 => self.active.set(Some(active.map_or(count - 1, |index| (index + count - 1) % count))),
            "Enter" if self.open.get_untracked() => {
                if let Some(choice) = active.and_then(|index| self.choices.with_untracked(|all| all.get(index).cloned())) {
                    self.choose(choice);
                }
            }
            "Escape" if self.open.get_untracked() => self.open.set(false),
            _ => return,
        }
        event.prevent_default();
        if let Some(option) = self.active.get_untracked().map(|index| format!("{}-list-{index}", event_id(event)))
            && let Some(option) = dom::element(&option)
        {
            let how = web_sys::ScrollIntoViewOptions::new();
            how.set_block(web_sys::ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&how);
        }
    }
}

fn event_id(event: &ev::KeyboardEvent) -> String {
    use wasm_bindgen::JsCast;
    event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()).map(|element| element.id()).unwrap_or_default()
}
