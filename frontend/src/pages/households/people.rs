//! The people of one file or two, each with what they are to the head: where households split, join, or have two files.

use std::sync::Arc;

use contract::CodedEnum;
use contract::households::{Household, HouseholdQuery, Member, Relation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use uuid::Uuid;

use super::detail::document;
use crate::api::{self, ApiError};
use crate::components::table::{self, Row};
use crate::i18n::{Text, field, reactive, texts};
use crate::t;

/// A person of a file, whether they are chosen, and what they are to the head of the file that they will be in.
#[derive(Clone)]
pub struct Person {
    pub member: Member,
    pub file: String,
    pub chosen: RwSignal<bool>,
    pub relation: RwSignal<Relation>,
}

/// A person as they are at first.
pub fn person(file: &Household, member: &Member, chosen: bool, relation: Relation) -> Person {
    Person {
        member: member.clone(),
        file: file.head.file_number.clone(),
        chosen: RwSignal::new(chosen),
        relation: RwSignal::new(relation),
    }
}

/// As the contract writes them.
pub fn told<'p>(people: impl Iterator<Item = &'p Person>) -> Value {
    people.map(|person| json!({ "id": person.member.id, "relation": person.relation.get_untracked() })).collect()
}

/// A table of them; with a box to choose each, where it says what that means.
pub fn table_of(people: &[Person], chosen: Option<Text>) -> AnyView {
    let mut heads = vec![
        (field("display_name"), false),
        (field("relation"), false),
        (field("identity_document"), false),
        (texts::households::AGE, true),
        (field("file_number"), false),
    ];
    if let Some(chosen) = chosen {
        heads.insert(1, (chosen, false));
    }
    table::rows(field("members"), heads, people.iter().map(|person| row(person, chosen.is_some())))
}

fn row(person: &Person, choosable: bool) -> Row {
    let Person { member, file, chosen, relation } = person.clone();
    let name = member.name.clone();
    let options = Relation::ALL.iter().map(|&value| {
        view! { <option value=value.code() selected=move || relation.get() == value>{reactive(Text::label(value))}</option> }
    });
    let choose = move |code: String| {
        if let Some(value) = Relation::from_code(&code) {
            relation.set(value);
        }
    };
    let relations = view! {
        <select aria-label=reactive(field("relation")) on:change:target=move |event| choose(event.target().value())>
            {options.collect_view()}
        </select>
    };
    let under_14 = member.under_14;
    let age = move || match member.age {
        Some(age) => age.to_string(),
        None if under_14 => t!(households::UNDER_14)().to_owned(),
        None => "—".to_owned(),
    };
    let mut row = Row::default().text(name.clone());
    if choosable {
        let mark = view! {
            <input type="checkbox" aria-label=name prop:checked=chosen on:change:target=move |event| chosen.set(event.target().checked())/>
        };
        row = row.mark(Some(mark.into_any()));
    }
    row.mark(Some(relations.into_any())).mark(document(member.document_kind, member.identity_number)).said(age).text(file)
}

/// Finds another file than the one of this id by its number.
pub fn finder(own: Uuid, other: RwSignal<Option<Arc<Household>>>) -> AnyView {
    let number = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<String>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let asked = number.get_untracked().trim().to_owned();
        fault.set(None);
        other.set(None);
        spawn_local(async move {
            match find(&asked).await {
                Ok(Some(found)) if found.head.id != own => drop(other.try_set(Some(Arc::new(found)))),
                Ok(_) => drop(fault.try_set(Some(t!(households::NO_OTHER_FILE)().to_owned()))),
                Err(error) => drop(fault.try_set(Some(error.message()))),
            }
        });
    };
    view! {
        <form class="form" novalidate on:submit=submit>
            <div class="field">
                <label for="other-number">{t!(households::OTHER_FILE)}</label>
                <input id="other-number" type="text" class="medium" maxlength="20" autocomplete="off" aria-describedby="other-hint"
                    prop:value=number on:input:target=move |event| number.set(event.target().value())/>
                <p class="hint" id="other-hint">{t!(households::OTHER_FILE_HINT)}</p>
                <p class="fault-text" role="alert">{move || fault.get()}</p>
            </div>
            <button type="submit" class="button">{t!(households::FIND)}</button>
        </form>
    }
    .into_any()
}

async fn find(number: &str) -> Result<Option<Household>, ApiError> {
    let query = HouseholdQuery { q: Some(number.to_owned()), ..Default::default() };
    let page = api::households::list(&query).send().await?;
    match page.items.iter().find(|item| item.head.file_number == number) {
        Some(item) => api::households::read(&item.head.id.to_string()).send().await.map(Some),
        None => Ok(None),
    }
}
