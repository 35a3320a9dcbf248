//! A household's page, masked: facts, members, consent, statuses, visits.

use std::sync::Arc;

use contract::assistance::RecordQuery;
use contract::attachments::AttachmentObject;
use contract::codes::DocumentKind;
use contract::households::{
    Disability, Household, HouseholdAction, HouseholdStatus, LeaveReason, Member, MissingPart, StatusEntry,
};
use contract::{CodedEnum, Lang, Permission, Resource};
use leptos::prelude::*;
use uuid::Uuid;

use super::{consent, merge, moving, pairings, reveal, visits};
use crate::api;
use crate::components::actions::{self, StepRule};
use crate::components::detail::{self, Detail, Fact, fact, fact_in, facts};
use crate::components::load;
use crate::components::page::{self, Tone};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::pages::attachments;
use crate::pages::{assistance, plans};
use crate::{format, session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::households::read(&id), draw)
}

/// The status as a chip.
pub fn chip(status: HouseholdStatus) -> AnyView {
    let tone = match status {
        HouseholdStatus::Registered => Tone::Warning,
        HouseholdStatus::Assisted => Tone::Accent,
        HouseholdStatus::LiftedOut => Tone::Good,
        HouseholdStatus::Relapsed => Tone::Bad,
        HouseholdStatus::Left | HouseholdStatus::Transferred => Tone::Neutral,
    };
    page::chip(Text::label(status), tone)
}

/// The missing parts of a file, in one line.
pub fn gaps(missing: &[MissingPart], lang: Lang) -> String {
    labels(missing, lang)
}

fn labels<E: CodedEnum>(values: &[E], lang: Lang) -> String {
    let words: Vec<_> = values.iter().map(|value| value.label(lang)).collect();
    if words.is_empty() { "—".to_owned() } else { words.join(lang.pick("、", ", ")) }
}

fn rule(action: HouseholdAction) -> StepRule {
    let primary = matches!(action, HouseholdAction::Assist | HouseholdAction::LiftOut);
    let choice = (action == HouseholdAction::Leave).then_some(("leave_reason", reasons as fn() -> _));
    StepRule { day: Some("since"), primary, choice, ..StepRule::of(HouseholdStatus::STEPS, action) }
}

fn reasons() -> Vec<(&'static str, Text)> {
    // Whoever joins another household does so by a deed of its own.
    let chosen = LeaveReason::ALL.iter().filter(|reason| **reason != LeaveReason::Joined);
    chosen.map(|&reason| (reason.code(), Text::label(reason))).collect()
}

fn draw(household: Arc<Household>, reload: Callback<()>) -> Detail {
    let (file, people, given) = (household.clone(), household.clone(), household.clone());
    let head = &household.head;
    let id = head.id;
    let editable = household.editable;
    let known = head.anonymised_on.is_none();
    let live = head.status != HouseholdStatus::Transferred && known;
    let (movable, there) = (moving::is_movable(&household), moving::is_there(&household));
    let visitable = head.visitable();
    let enters = session::may(Permission::WriteAssistance) && live && visitable;
    let consenting = live && head.consented && head.status != HouseholdStatus::Left;
    // What happened before a household left, moved or joined another can still be entered.
    let moved = known && head.status == HouseholdStatus::Transferred && head.leave_reason != Some(LeaveReason::Duplicate);
    let past = moved || (known && head.status == HouseholdStatus::Left);
    let gives = (enters && consenting) || (past && head.consented && session::may(Permission::WriteAssistance));
    let keeps = editable || (moved && session::may(Permission::WriteHouseholds));
    let mut tabs = vec![
        Tab::new("profile", texts::detail::PROFILE, move || {
            view! { {anonymised(&file)}{merge::notices(&file, reload)}{key_facts(&file)} }.into_any()
        }),
        Tab::new("statuses", texts::households::STATUSES, move || statuses(id)),
    ];
    if known {
        let own = [
            Tab::new("members", field("members"), move || members(&people.members)),
            Tab::new("consent", texts::households::CONSENT, move || consent::tab(&given, reload)),
        ];
        tabs.splice(1..1, own);
    }
    if session::may(Permission::ReadPairings) {
        tabs.push(Tab::new("pairings", texts::households::PAIRINGS, move || pairings::tab(id, consenting)));
    }
    if session::may(Permission::ReadPlans) {
        tabs.push(Tab::new("plan", texts::plans::PLAN, move || plans::of_household(id, consenting)));
    }
    if session::may(Permission::ReadAssistance) {
        tabs.push(Tab::new("records", texts::assistance::HEADING, move || records(id, gives)));
    }
    if session::may(Permission::RevealHouseholds) {
        tabs.push(Tab::new("visits", texts::households::VISITS, move || visits::tab(id, keeps, visitable || past)));
        if known {
            tabs.push(attachments::tab(AttachmentObject::Household, id.to_string(), editable));
        }
    }
    Detail {
        title: if known { format!("{} {}", head.head_name, head.file_number) } else { head.file_number.clone() },
        chips: view! {
            {chip(head.status)}
            {match (known, head.consented) {
                (false, _) => Some(page::chip(texts::households::ANONYMISED, Tone::Neutral)),
                (true, false) => Some(page::chip(texts::households::NO_CONSENT, Tone::Bad)),
                (true, true) => None,
            }}
        }
        .into_any(),
        editable,
        actions: view! {
            {enters.then(|| page::link(format!("/visit?household_id={id}"), texts::nav::VISIT))}
            {household.revealable.then(|| reveal::button(id))}
            {editable.then(|| view! { <a class="button" href=format!("{}/merge", household.location())>{t!(households::MERGE)}</a> })}
            {movable.then(|| view! { <a class="button" href=format!("{}/move", household.location())>{t!(households::MOVE)}</a> })}
            {(there && head.member_count > 1).then(|| {
                view! { <a class="button" href=format!("{}/split", household.location())>{t!(households::SPLIT)}</a> }
            })}
            {there.then(|| view! { <a class="button" href=format!("{}/join", household.location())>{t!(households::JOIN)}</a> })}
            {actions::buttons(&household.location(), &head.allowed_actions, rule, reload)}
        }
        .into_any(),
        tabs,
    }
}

/// The notice on an anonymised file.
fn anonymised(household: &Household) -> Option<AnyView> {
    let day = household.head.anonymised_on?;
    Some(
        view! { <p class="notice" role="note">{move || t!(households::anonymised_text, format::date(day, lang()))}</p> }
            .into_any(),
    )
}

/// The help that the family received, and a link to record more.
fn records(id: Uuid, enters: bool) -> AnyView {
    let href = format!("/assistance-records/new?household_id={id}");
    let add = enters.then(|| view! { <p>{page::link(href, texts::assistance::CREATE)}</p> });
    view! { {add}{assistance::table_of(RecordQuery { household_id: Some(id), ..Default::default() })} }.into_any()
}

fn key_facts(household: &Household) -> AnyView {
    let head = household.head.clone();
    let (category, main_cause, since, registered) = (head.category, head.main_cause, head.status_since, household.registered_on);
    let left = head.leave_reason.map(|reason| fact_in("leave_reason", move || reason.label(lang()).to_owned()));
    let (causes, groups, missing) = (head.secondary_causes.clone(), head.groups.clone(), head.missing.clone());
    let complete = missing.is_empty() || !head.status.is_there();
    let notice = (!complete).then(|| {
        let missing = missing.clone();
        view! { <p class="notice" role="note">{move || t!(households::incomplete, gaps(&missing, lang()))}</p> }
    });
    let number = (texts::households::SIZE, format::count(head.member_count.into()).into_any());
    let mut told = vec![
        fact("file_number", head.file_number),
        fact("village_name", head.village_name),
        fact("town_name", head.town_name),
        fact_in("category", move || category.label(lang()).to_owned()),
        fact_in("main_cause", move || main_cause.label(lang()).to_owned()),
        fact_in("secondary_causes", move || labels(&causes, lang())),
        fact_in("groups", move || labels(&groups, lang())),
        number,
        fact("income_per_head_fen", household.income_per_head_fen.map(format::money)),
        fact("phone", household.phone.clone()),
        fact("bank_account", household.bank_account.clone()),
        fact_in("registered_on", move || format::date(registered, lang())),
        fact_in("status_since", move || format::date(since, lang())),
    ];
    told.extend(left);
    view! { {notice}{facts(told)} }.into_any()
}

fn members(members: &[Member]) -> AnyView {
    let heads = vec![
        (field("display_name"), false),
        (field("relation"), false),
        (field("identity_document"), false),
        (field("sex"), false),
        (texts::households::AGE, true),
        (field("health"), false),
        (field("schooling"), false),
        (field("labour"), false),
        (field("groups"), false),
    ];
    table::rows(field("members"), heads, members.iter().map(member))
}

fn member(member: &Member) -> Row {
    let health = (member.health, member.disability);
    let groups = member.groups.clone();
    let (under_14, age) = (member.under_14, member.age);
    let age: Option<AnyView> = match age {
        Some(age) => Some(age.into_any()),
        None => under_14.then(|| t!(households::UNDER_14).into_any()),
    };
    let ill = health.0.is_some() || health.1.is_some();
    Row::default()
        .text(member.name.clone())
        .label(Text::label(member.relation))
        .mark(document(member.document_kind, member.identity_number.clone()))
        .label(member.sex.map(Text::label))
        .mark(age)
        .mark(ill.then(|| (move || self::health(health.0.map(Text::label), health.1, lang())).into_any()))
        .label(member.schooling.map(Text::label))
        .label(Text::label(member.labour))
        .mark((!groups.is_empty()).then(|| (move || labels(&groups, lang())).into_any()))
}

/// The number of a document, with its kind unless it is an identity card.
pub fn document(kind: Option<DocumentKind>, number: Option<String>) -> Option<AnyView> {
    let other = kind.filter(|kind| *kind != DocumentKind::IdentityCard).map(Text::label);
    number.map(|number| view! { {other.map(|kind| view! { {reactive(kind)} " " })} {number} }.into_any())
}

/// The state of health, and the disability with its level.
pub fn health(health: Option<Text>, disability: Option<Disability>, lang: Lang) -> String {
    let health = health.map_or("—", Text::get);
    match disability {
        Some(Disability { kind, level }) => format!("{health} · {}", t!(households::disability, kind.label(lang), level)),
        None => health.to_owned(),
    }
}

fn statuses(id: Uuid) -> AnyView {
    load::show(load::load(move || api::households::statuses(id)), |entries| {
        let heads = ["status", "since", "leave_reason", "note"].map(|name| (field(name), false));
        table::rows(texts::households::STATUSES, heads.into(), entries.iter().map(status))
    })
}

fn status(entry: &StatusEntry) -> Row {
    let (since, counted_in) = (entry.since, entry.counted_in);
    let since = move || {
        let day = format::date(since, lang());
        match counted_in {
            Some(month) => t!(households::counted_in, day, format::month(month, lang())),
            None => day,
        }
    };
    Row::default().mark(Some(chip(entry.status))).said(since).label(entry.leave_reason.map(Text::label)).text(entry.note.clone())
}

/// A fact with its own label.
pub fn fact_called(name: Text, value: Option<String>) -> Fact {
    (name, value.unwrap_or_else(|| "—".into()).into_any())
}
