//! Search and filters of a list, stored in the address.

use std::time::Duration;

use contract::CodedEnum;
use leptos::prelude::*;

use super::picker::{self, Source, picker};
use super::typing::Typing;
use crate::i18n::{self, Text, reactive, texts};
use crate::{query, router, t};

/// One filter of a list: a field of its query.
#[derive(Clone)]
pub struct Filter {
    name: &'static str,
    kind: Kind,
    label: Text,
    /// Whether it is hidden until it is set. Links of figures use such filters; nobody searches for them by hand.
    quiet: bool,
}

#[derive(Clone)]
enum Kind {
    Choice(Vec<(&'static str, Text)>),
    Number,
    Text,
    Month,
    Date,
    Pick(Source),
}

impl Filter {
    fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, label: i18n::field(name), quiet: false }
    }

    /// Hides the filter until it is set.
    pub fn when_set(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// Calls the filter otherwise than the field is called, such as by what is picked instead of its code.
    pub fn called(self, label: Text) -> Self {
        Self { label, ..self }
    }

    /// A filter by a code of an enumeration.
    pub fn coded<E: CodedEnum>(name: &'static str) -> Self {
        Self::new(name, Kind::Choice(E::ALL.iter().map(|&value| (value.code(), Text::label(value))).collect()))
    }

    /// A filter by one of these field or step names, shown with their labels.
    pub fn labelled(name: &'static str, values: &[&'static str]) -> Self {
        Self::new(name, Kind::Choice(values.iter().map(|&value| (value, i18n::field(value))).collect()))
    }

    /// A filter by yes or no.
    pub fn yes_no(name: &'static str) -> Self {
        Self::new(name, Kind::Choice(vec![("true", texts::common::YES), ("false", texts::common::NO)]))
    }

    /// A filter by a number, such as a year.
    pub fn number(name: &'static str) -> Self {
        Self::new(name, Kind::Number)
    }

    /// A filter by an exact text, such as an id.
    pub fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    /// A filter by month.
    pub fn month(name: &'static str) -> Self {
        Self::new(name, Kind::Month)
    }

    /// A filter by day.
    pub fn date(name: &'static str) -> Self {
        Self::new(name, Kind::Date)
    }

    /// A filter by an object from a list, such as an area.
    pub fn pick(name: &'static str, source: Source) -> Self {
        Self::new(name, Kind::Pick(source))
    }
}

/// The search box and the filters. A change returns to the first page.
pub fn bar(filters: Vec<Filter>) -> AnyView {
    form(Some(search_box()), filters)
}

/// The filters of a page without a search.
pub fn choices(filters: Vec<Filter>) -> AnyView {
    form(None, filters)
}

fn form(search: Option<AnyView>, filters: Vec<Filter>) -> AnyView {
    let names: Vec<_> = filters.iter().map(|filter| filter.name).chain(["q"]).collect();
    let any = Memo::new(move |_| {
        let pairs = query::pairs(&router::search());
        names.iter().any(|name| query::get(&pairs, name).is_some())
    });
    // On a phone the filters are folded, because few people use them, and the first records appear instead.
    let open = RwSignal::new(false);
    let toggle = (!filters.is_empty()).then(|| view! {
        <button type="button" class="button filters-toggle" aria-controls="list-filters" aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)>
            {t!(list::FILTERS)}
        </button>
    });
    view! {
        <form class="filters" class:open=open id="list-filters" role="search" on:submit=|event| event.prevent_default()>
            {search}
            {toggle}
            {filters.into_iter().map(shown).collect_view()}
            {move || any.get().then(|| view! {
                <button type="button" class="button plain" on:click=|_| router::set_search("")>{t!(list::CLEAR)}</button>
            })}
        </form>
    }
    .into_any()
}

fn value_of(name: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || query::get(&query::pairs(&router::search()), name).map(str::to_owned))
}

fn changed(name: &str, value: Option<&str>) -> String {
    let mut pairs = query::pairs(&router::here().search);
    query::set(&mut pairs, name, value);
    query::set(&mut pairs, "cursor", None);
    query::write(&pairs)
}

fn set(name: &str, value: Option<&str>) {
    let search = changed(name, value);
    if search != router::here().search {
        router::set_search(&search);
    }
}

fn search_box() -> AnyView {
    let value = value_of("q");
    let typing = Typing::start();
    let typed = move |text: String| {
        typing.ask(Duration::from_millis(300), move || {
            let search = changed("q", Some(text.trim()));
            let path = router::here().path;
            router::replace(&if search.is_empty() { path } else { format!("{path}?{search}") });
        });
    };
    view! {
        <div class="filter">
            <label for="list-q">{t!(list::SEARCH)}</label>
            <input id="list-q" type="search" maxlength="60" prop:value=move || value.get().unwrap_or_default()
                on:compositionstart=move |_| typing.begin()
                on:compositionend:target=move |event| { typing.end(); typed(event.target().value()); }
                on:input:target=move |event| if !typing.is_composing() { typed(event.target().value()) }/>
        </div>
    }
    .into_any()
}

fn shown(filter: Filter) -> AnyView {
    if !filter.quiet {
        return control(filter);
    }
    let value = value_of(filter.name);
    let set = Memo::new(move |_| value.with(Option::is_some));
    (move || set.get().then(|| control(filter.clone()))).into_any()
}

fn control(filter: Filter) -> AnyView {
    let name = filter.name;
    let value = value_of(name);
    let id = format!("filter-{name}");
    let control = match filter.kind {
        Kind::Choice(options) => {
            let options = options.into_iter().map(|(code, text)| {
                let is_set = move || value.with(|value| value.as_deref() == Some(code));
                view! { <option value=code selected=is_set>{reactive(text)}</option> }.into_any()
            });
            view! {
                <select id=id.clone() on:change:target=move |event| set(name, Some(&event.target().value()))
                    prop:value=move || value.get().unwrap_or_default()>
                    <option value="">{t!(list::ALL)}</option>
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
        Kind::Number => view! {
            <input id=id.clone() type="text" inputmode="numeric" maxlength="9" class="short" prop:value=move || value.get().unwrap_or_default()
                on:change:target=move |event| set(name, Some(event.target().value().trim()))/>
        }
        .into_any(),
        Kind::Text => view! {
            <input id=id.clone() type="text" maxlength="100" prop:value=move || value.get().unwrap_or_default()
                on:change:target=move |event| set(name, Some(event.target().value().trim()))/>
        }
        .into_any(),
        Kind::Month => view! {
            <input id=id.clone() type="month" class="medium" prop:value=move || value.get().unwrap_or_default()
                on:change:target=move |event| set(name, Some(event.target().value().trim()))/>
        }
        .into_any(),
        Kind::Date => view! {
            <input id=id.clone() type="date" class="medium" prop:value=move || value.get().unwrap_or_default()
                on:change:target=move |event| set(name, Some(event.target().value().trim()))/>
        }
        .into_any(),
        Kind::Pick(source) => {
            let place = picker::Place { id: id.clone(), described_by: String::new(), invalid: false.into(), required: false };
            picker(place, source, value, Callback::new(move |picked: Option<String>| set(name, picked.as_deref())))
        }
    };
    view! { <div class="filter"><label for=id>{reactive(filter.label)}</label>{control}</div> }.into_any()
}
