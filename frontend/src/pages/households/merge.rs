//! Merges two files of the same family: find the other, choose the members of the household, and merge. Also undoes a merge.

use std::sync::Arc;

use contract::households::{
    Household, HouseholdMergeInput, HouseholdStatus, Member, MergePart, MergedAction, MergedFile, Relation, SplitFile,
};
use contract::{CodedEnum, Permission, Resource};
use leptos::prelude::*;
use serde_json::json;

use super::deed::{self, Deed};
use super::people::{Person, finder, person, table_of, told};
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::form::{Form, section};
use crate::components::{load, page, table};
use crate::i18n::{Text, lang, lang_now, reactive, texts};
use crate::{format, session, t};

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
        let words = match (file.joined, file.moved_on) {
            (true, _) => texts::households::JOINED_INTO,
            (false, Some(_)) => texts::households::MOVED_INTO,
            (false, None) => texts::households::MERGED_INTO,
        };
        view! { <div class="notice" role="note"><p>{reactive(words)} " " {link(&file)}</p>{undo}</div> }
    });
    // The person may not learn where the other file is, because it lies outside their area.
    let gone = (household.head.status == HouseholdStatus::Transferred && household.merged_into.is_none())
        .then(|| view! { <p class="notice" role="note">{t!(households::MOVED_AWAY)}</p> });
    let from = |words: Text, which: fn(&MergedFile) -> bool| {
        let links: Vec<_> = household.merged_files.iter().filter(|file| which(file)).map(link).collect();
        told_of(words, links)
    };
    let moved = from(texts::households::MOVED_FROM, |file| file.moved_on.is_some() && !file.joined);
    let joined = from(texts::households::JOINED_FILES, |file| file.joined);
    let merged = from(texts::households::MERGED_FILES, |file| file.moved_on.is_none());
    let split_from = told_of(texts::households::SPLIT_FROM, household.split_from.iter().map(split_link).collect());
    let split_files = told_of(texts::households::SPLIT_FILES, household.split_files.iter().map(split_link).collect());
    view! { {into}{gone}{moved}{joined}{merged}{split_from}{split_files} }.into_any()
}

/// Other files that a file is told of with, where there are some.
fn told_of(words: Text, links: Vec<AnyView>) -> Option<AnyView> {
    let links: Vec<_> = links.into_iter().map(|link| view! { " " {link} }.into_any()).collect();
    (!links.is_empty()).then(|| view! { <p class="notice" role="note">{reactive(words)} {links}</p> }.into_any())
}

fn split_link(file: &SplitFile) -> AnyView {
    let on = file.split_on;
    view! {
        <a href=format!("/households/{}", file.id)>{file.file_number.clone()}</a>
        " (" {move || format::date(on, lang())} ")"
    }
    .into_any()
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
        {finder(kept.head.id, other)}
        {move || other.get().map(|other| merger(&kept, &other))}
    }
    .into_any()
}

fn merger(kept: &Household, other: &Household) -> AnyView {
    let people = people(kept, other);
    let form = Form::new::<HouseholdMergeInput>(json!({
        "other_id": other.head.id, "other_version": other.head.version, "members": [], "take": [],
    }));
    let (path, version, chosen) = (kept.location(), kept.head.version, people.clone());
    let back = path.clone();
    let call = move || {
        form.set("/members", told(chosen.iter().filter(|person| person.chosen.get_untracked())));
        let input = form.is_sound().then(|| form.read::<HouseholdMergeInput>())??;
        Some(api::households::merge(&path, version, &input))
    };
    let fields = view! {
        {section(texts::households::WHO_BELONGS, vec![
            view! { <p class="hint">{t!(households::WHO_BELONGS_HINT)}</p> }.into_any(),
            table_of(&people, Some(texts::households::BELONGS)),
        ])}
        {section(texts::households::TAKE, vec![
            view! { <p class="hint">{t!(households::TAKE_HINT)}</p> }.into_any(),
            differences(kept, other),
            form.field("/take").labelled(texts::households::TAKE).checks::<MergePart>(),
        ])}
        {deed::note(form, texts::households::MERGE_NOTE)}
    };
    deed::form(Deed { name: texts::households::MERGE, done: texts::households::MERGED }, form, fields.into_any(), back, call)
}

/// The people of both files. The other file's head starts as another member, and people who look the same in both are not
/// selected twice.
fn people(kept: &Household, other: &Household) -> Vec<Person> {
    let same = |member: &Member| kept.members.iter().any(|known| (&known.name, known.age) == (&member.name, member.age));
    let theirs = other.members.iter().map(|member| {
        let relation = if member.relation == Relation::Head { Relation::Other } else { member.relation };
        person(other, member, !same(member), relation)
    });
    kept.members.iter().map(|member| person(kept, member, true, member.relation)).chain(theirs).collect()
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
