//! Merges two files of the same family: find the other, choose the members of the household, and merge. Also undoes a merge.

use std::sync::Arc;

use contract::households::{
    Household, HouseholdMergeInput, HouseholdQuery, HouseholdStatus, Member, MergePart, MergedAction, MergedFile, Relation,
};
use contract::{CodedEnum, Permission, Resource};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::detail::document;
use crate::api::{self, ApiError};
use crate::components::actions::{self, StepRule};
use crate::components::form::{Form, section};
use crate::components::{load, page, table, toast};
use crate::i18n::{Text, field, lang, lang_now, reactive, texts};
use crate::{format, router, session, t};

/// The page of the file that stays, where another one is merged into it.
pub fn page(id: &str) -> AnyView {
    if !session::may(Permission::WriteHouseholds) {
        return load::missing();
    }
    let id = id.to_owned();
    load::show(load::load(move || api::households::read(&id)), draw)
}

/// The notices about merges on a file's page, with the button that undoes its own.
pub fn notices(household: &Household, done: Callback<()>) -> AnyView {
    let into = household.merged_into.clone().map(|file| {
        let undo = file.undoable.then(|| actions::buttons(&household.location(), MergedAction::ALL, undoing, done));
        let words = if file.moved_on.is_some() { texts::households::MOVED_INTO } else { texts::households::MERGED_INTO };
        view! { <div class="notice" role="note"><p>{reactive(words)} " " {link(&file)}</p>{undo}</div> }
    });
    // The person may not learn where the other file is, because it lies outside their area.
    let gone = (household.head.status == HouseholdStatus::Transferred && household.merged_into.is_none())
        .then(|| view! { <p class="notice" role="note">{t!(households::MOVED_AWAY)}</p> });
    let from = |words: Text, moved: bool| {
        let files = household.merged_files.iter().filter(|file| file.moved_on.is_some() == moved);
        let links: Vec<_> = files.map(|file| view! { " " {link(file)} }.into_any()).collect();
        (!links.is_empty()).then(|| view! { <p class="notice" role="note">{reactive(words)} {links}</p> })
    };
    let moved = from(texts::households::MOVED_FROM, true);
    let merged = from(texts::households::MERGED_FILES, false);
    view! { {into}{gone}{moved}{merged} }.into_any()
}

fn undoing(_: MergedAction) -> StepRule {
    StepRule { note_required: true, ..Default::default() }
}

fn link(file: &MergedFile) -> AnyView {
    let (at, moved_on) = (file.merged_at, file.moved_on);
    let when = move || moved_on.map_or_else(|| format::instant(at, lang()), |day| format::date(day, lang()));
    view! {
        <a href=format!("/households/{}", file.id)>{file.file_number.clone()}</a>
        " (" {when} ")"
    }
    .into_any()
}

fn draw(kept: Arc<Household>) -> AnyView {
    if !kept.editable {
        return load::missing();
    }
    let other = RwSignal::new(None::<Arc<Household>>);
    let number = kept.head.file_number.clone();
    view! {
        {page::head(move || t!(households::merge_into, number), ().into_any(), ().into_any())}
        <p>{t!(households::MERGE_TEXT)}</p>
        {finder(kept.clone(), other)}
        {move || other.get().map(|other| merger(&kept, &other))}
    }
    .into_any()
}

/// Finds the other file by its number.
fn finder(kept: Arc<Household>, other: RwSignal<Option<Arc<Household>>>) -> AnyView {
    let number = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<String>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let asked = number.get_untracked().trim().to_owned();
        let own = kept.head.id;
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

/// A person in one of the files, whether they belong to the household, and their relation.
#[derive(Clone)]
struct Person {
    member: Member,
    file: String,
    belongs: RwSignal<bool>,
    relation: RwSignal<Relation>,
}

fn merger(kept: &Household, other: &Household) -> AnyView {
    let people = people(kept, other);
    let form = Form::new::<HouseholdMergeInput>(json!({
        "other_id": other.head.id, "other_version": other.head.version, "members": [], "take": [],
    }));
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let key = StoredValue::new(api::new_key());
    let (path, version, chosen) = (kept.location(), kept.head.version, people.clone());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.set("/members", members(&chosen));
        if busy.get_untracked() || !form.is_sound() {
            return;
        }
        let Some(input) = form.read::<HouseholdMergeInput>() else { return };
        busy.set(true);
        fault.set(None);
        let path = path.clone();
        spawn_local(async move {
            match api::households::merge(&path, version, &input).keyed(key.get_value()).send().await {
                Ok(_) => {
                    toast::say(texts::households::MERGED.get());
                    form.begin(Value::Null);
                    router::navigate(&path);
                }
                Err(error) => {
                    if !error.outcome_unknown() {
                        key.try_update_value(|key| *key = api::new_key());
                    }
                    fault.try_set(Some(error.first_fault()));
                    busy.try_set(false);
                }
            }
        });
    };
    let heads = vec![
        (texts::households::BELONGS, false),
        (field("display_name"), false),
        (field("relation"), false),
        (field("identity_document"), false),
        (texts::households::AGE, true),
        (field("file_number"), false),
    ];
    let rows = people.iter().map(person).collect_view();
    view! {
        <form class="form" novalidate on:submit=submit>
            {form.summary()}
            {section(texts::households::WHO_BELONGS, vec![
                view! { <p class="hint">{t!(households::WHO_BELONGS_HINT)}</p> }.into_any(),
                table::table(field("members"), heads, view! { <tbody>{rows}</tbody> }.into_any()),
            ])}
            {section(texts::households::TAKE, vec![
                view! { <p class="hint">{t!(households::TAKE_HINT)}</p> }.into_any(),
                differences(kept, other),
                form.field("/take").labelled(texts::households::TAKE).checks::<MergePart>(),
            ])}
            {form.field("/note").labelled(texts::households::MERGE_NOTE).required().hint(texts::households::REMARK_HINT).textarea()}
            <p class="fault-text" role="alert">{move || fault.get()}</p>
            <div class="save-bar">
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>{t!(households::MERGE)}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The people of both files. The other file's head starts as another member, and people who look the same in both are not
/// selected twice.
fn people(kept: &Household, other: &Household) -> Vec<Person> {
    let of = |file: &Household, member: &Member, belongs, relation| Person {
        member: member.clone(),
        file: file.head.file_number.clone(),
        belongs: RwSignal::new(belongs),
        relation: RwSignal::new(relation),
    };
    let same = |member: &Member| kept.members.iter().any(|known| (&known.name, known.age) == (&member.name, member.age));
    let theirs = other.members.iter().map(|member| {
        let relation = if member.relation == Relation::Head { Relation::Other } else { member.relation };
        of(other, member, !same(member), relation)
    });
    kept.members.iter().map(|member| of(kept, member, true, member.relation)).chain(theirs).collect()
}

fn members(people: &[Person]) -> Value {
    let chosen = people.iter().filter(|person| person.belongs.get_untracked());
    chosen.map(|person| json!({ "id": person.member.id, "relation": person.relation.get_untracked() })).collect()
}

fn person(person: &Person) -> AnyView {
    let Person { member, file, belongs, relation } = person.clone();
    let name = member.name.clone();
    let options = Relation::ALL.iter().map(|&value| {
        view! { <option value=value.code() selected=move || relation.get() == value>{reactive(Text::label(value))}</option> }
    });
    let choose = move |code: String| {
        if let Some(value) = Relation::from_code(&code) {
            relation.set(value);
        }
    };
    let under_14 = member.under_14;
    let age = move || match member.age {
        Some(age) => age.to_string(),
        None if under_14 => t!(households::UNDER_14)().to_owned(),
        None => "—".to_owned(),
    };
    view! {
        <tr>
            <td>
                <input type="checkbox" aria-label=name.clone() prop:checked=belongs
                    on:change:target=move |event| belongs.set(event.target().checked())/>
            </td>
            <th scope="row">{name}</th>
            <td>
                <select aria-label=reactive(field("relation")) on:change:target=move |event| choose(event.target().value())>
                    {options.collect_view()}
                </select>
            </td>
            <td>{document(member.document_kind, member.identity_number).unwrap_or_else(|| "—".into_any())}</td>
            <td class="number">{age}</td>
            <td>{file}</td>
        </tr>
    }
    .into_any()
}

/// The data of both files side by side. Addresses are personal, so they are not in masked files.
fn differences(kept: &Household, other: &Household) -> AnyView {
    let consent = |file: &Household| file.consent.as_ref().map(|consent| format::date(consent.given_on, lang_now()));
    let money = |file: &Household| file.income_per_head_fen.map(format::money);
    let rows = [
        (MergePart::Income, money(kept), money(other)),
        (MergePart::Phone, kept.phone.clone(), other.phone.clone()),
        (MergePart::BankAccount, kept.bank_account.clone(), other.bank_account.clone()),
        (MergePart::Consent, consent(kept), consent(other)),
    ];
    let rows = rows.map(|(part, mine, theirs)| {
        let dash = |value: Option<String>| value.unwrap_or_else(|| "—".into());
        view! { <tr><th scope="row">{reactive(Text::label(part))}</th><td>{dash(mine)}</td><td>{dash(theirs)}</td></tr> }
            .into_any()
    });
    let heads =
        vec![(texts::households::PART, false), (texts::households::THIS_FILE, false), (texts::households::OTHER_FILE, false)];
    table::table(texts::households::TAKE, heads, view! { <tbody>{rows.into_iter().collect_view()}</tbody> }.into_any())
}
