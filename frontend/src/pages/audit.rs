//! The audit trail: who did what, as auditors and administrators see it, and the blocks that seal it.

use std::sync::Arc;

use contract::audit::{AuditBlock, AuditBlockQuery, AuditEvent, AuditOutcome, AuditProof, AuditQuery};
use contract::{CodedEnum, Lang, ObjectKind, Role, labels};
use leptos::prelude::*;

use crate::api::{self, Record};
use crate::components::detail::{fact, fact_in, facts};
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Export, List, Row};
use crate::components::page::{Tone, chip};
use crate::components::{load, page, table, timeline};
use crate::format::{self, Coded};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{session, t};

/// Kinds of objects in the trail that have no page of their own.
const OTHERS: &[&str] = &["sessions", "audit_events", "backups"];

/// What auditors look for first: who read identifying data, who took data away, who signed in.
const ACTIONS: &[&str] = &[
    "reveal",
    "search",
    "download",
    "export_personal",
    "export",
    "import",
    "login",
    "create",
    "update",
    "confirm",
    "refuse",
    "correct",
    "merge",
    "unmerge",
    "move",
    "split",
    "join",
    "leave",
    "anonymise",
    "disable",
    "enable",
    "reset_password",
    "reset_second_factor",
    "restore",
];

/// The page of a path below `/audit-events`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(events()),
        ["blocks"] => Some(blocks()),
        [id] => Some(event(id)),
        _ => None,
    }
}

/// The labels of coded fields for a kind of object.
fn coded(kind: ObjectKind) -> Coded {
    match kind {
        ObjectKind::Campaign => contract::campaigns::Campaign::coded,
        ObjectKind::CalendarDay => contract::calendar::CalendarDay::coded,
        ObjectKind::Organisation => contract::organisations::Organisation::coded,
        ObjectKind::Village => contract::villages::Village::coded,
        ObjectKind::Institution => contract::institutions::Institution::coded,
        ObjectKind::CatalogueEntry => contract::catalogue::CatalogueEntry::coded,
        ObjectKind::Enrolment => contract::enrolments::Enrolment::coded,
        ObjectKind::Ranking => contract::rankings::Ranking::coded,
        ObjectKind::Assignment => contract::assignments::Assignment::coded,
        ObjectKind::Pairing => contract::pairings::Pairing::coded,
        ObjectKind::Adoption => contract::adoptions::Adoption::coded,
        ObjectKind::AdoptionUpdate => contract::adoptions::AdoptionUpdate::coded,
        ObjectKind::HelpRecord => contract::adoptions::HelpRecord::coded,
        ObjectKind::Difficulty => contract::adoptions::Difficulty::coded,
        ObjectKind::Agreement => contract::agreements::Agreement::coded,
        ObjectKind::Project => contract::projects::Project::coded,
        ObjectKind::Task => contract::projects::Task::coded,
        ObjectKind::ProgressUpdate => contract::progress::ProgressUpdate::coded,
        ObjectKind::Outcome => contract::outcomes::Outcome::coded,
        ObjectKind::Checklist => contract::inspections::Checklist::coded,
        ObjectKind::InspectionRound => contract::inspections::InspectionRound::coded,
        ObjectKind::Inspection => contract::inspections::Inspection::coded,
        ObjectKind::Finding => contract::findings::Finding::coded,
        ObjectKind::Report => contract::reports::Report::coded,
        ObjectKind::Household => contract::households::Household::coded,
        ObjectKind::Plan => contract::plans::Plan::coded,
        ObjectKind::Measure => contract::plans::Measure::coded,
        ObjectKind::AssistanceRecord => contract::assistance::AssistanceRecord::coded,
        ObjectKind::Case => contract::cases::Case::coded,
        ObjectKind::CaseUptake => contract::cases::Uptake::coded,
        ObjectKind::PublicityItem => contract::publicity::PublicityItem::coded,
        ObjectKind::Publication => contract::publications::Publication::coded,
        ObjectKind::SupervisionOrder => contract::supervision_orders::SupervisionOrder::coded,
        ObjectKind::Meeting => contract::meetings::Meeting::coded,
        ObjectKind::AccountRequest => contract::account_requests::AccountRequest::coded,
        ObjectKind::User => contract::users::User::coded,
    }
}

fn events() -> AnyView {
    let kinds: Vec<_> = ObjectKind::ALL.iter().map(|kind| kind.name()).chain(OTHERS.iter().copied()).collect();
    let list = list::page(List::<AuditQuery, AuditEvent> {
        heading: texts::audit::HEADING,
        columns: vec![
            Column::of("at").sorted("at"),
            Column::of("actor_name"),
            Column::of("action"),
            Column::of("object_type"),
            Column::of("object_id"),
            Column::of("outcome"),
            Column::of("address"),
        ],
        filters: vec![
            Filter::coded::<Role>("actor_role"),
            Filter::labelled("object_type", &kinds),
            Filter::labelled("action", ACTIONS),
            Filter::coded::<AuditOutcome>("outcome"),
            Filter::date("since"),
            Filter::date("until"),
            Filter::text("object_id").when_set(),
            Filter::text("actor_id").when_set(),
            Filter::text("request_id").when_set(),
            Filter::number("block").when_set(),
        ],
        call: api::audit::list,
        row: event_row,
        empty: texts::audit::EMPTY,
        create: None,
        export: Some(Export { path: "/audit-events/export", import: None }),
    });
    view! {
        {list}
        <p><a href="/audit-events/blocks">{t!(audit::BLOCKS)}</a></p>
    }
    .into_any()
}

fn event_row(event: &AuditEvent, lang: Lang) -> Row {
    Row::to(format!("/audit-events/{}", event.entry.id))
        .text(format::exact(event.entry.at, lang))
        .text(actor(event))
        .text(labels::label(&event.entry.action, lang).to_owned())
        .text(labels::label(&event.object_type, lang).to_owned())
        .text(short(&event.object_id))
        .mark(Some(doubt(event).unwrap_or_else(|| outcome(event))))
        .text(event.address.clone())
}

/// The end of an id, enough to distinguish two in a list. The page of the event has the whole id.
fn short(id: &str) -> String {
    id.rsplit_once('-').map_or_else(|| id.to_owned(), |(_, end)| format!("…{end}"))
}

fn actor(event: &AuditEvent) -> String {
    let nobody = if event.outcome == AuditOutcome::Refused { texts::audit::NOBODY } else { texts::detail::SYSTEM };
    event.entry.actor_name.clone().unwrap_or_else(|| nobody.get().to_owned())
}

/// A warning if the service did not write the event, or not like this. Then nothing else in it counts.
fn doubt(event: &AuditEvent) -> Option<AnyView> {
    (event.proof == AuditProof::Unproven).then(|| chip(Text::label(event.proof), Tone::Bad))
}

fn outcome(event: &AuditEvent) -> AnyView {
    chip(Text::label(event.outcome), if event.outcome == AuditOutcome::Done { Tone::Good } else { Tone::Bad })
}

fn event(id: &str) -> AnyView {
    let id = id.to_owned();
    load::show(load::load(move || api::audit::read(&id)), draw)
}

fn draw(event: Arc<AuditEvent>) -> AnyView {
    let (titled, told, changed) = (event.clone(), event.clone(), event.clone());
    let title = move || {
        let label = |name| labels::label(name, lang());
        format!("{} · {}", label(&titled.object_type), label(&titled.entry.action))
    };
    let known = ObjectKind::from_code(&event.object_type);
    let request = event.request_id.clone().filter(|id| !id.is_empty());
    let object = known.filter(|kind| event.object_id != "*" && session::may(kind.read_by()));
    let links = [
        object.map(|kind| (kind.location(&event.object_id), texts::audit::OPEN_OBJECT)),
        (event.object_id != "*").then(|| (format!("/audit-events?object_id={}", event.object_id), texts::audit::OF_OBJECT)),
        event.actor_id.map(|id| (format!("/audit-events?actor_id={id}"), texts::audit::OF_ACTOR)),
        request.clone().map(|id| (format!("/audit-events?request_id={id}"), texts::audit::OF_REQUEST)),
    ];
    let links = links.into_iter().flatten().map(|(href, text)| view! { <li><a href=href>{reactive(text)}</a></li> }.into_any());
    let (at, role, block, proof) = (event.entry.at, event.entry.actor_role, event.block, event.proof);
    let kind_name = event.object_type.clone();
    let rows = vec![
        fact_in("at", move || format::exact(at, lang())),
        fact_in("actor_name", move || actor(&told)),
        fact_in("actor_role", move || role.map_or("—".to_owned(), |role| role.label(lang()).to_owned())),
        fact_in("object_type", move || labels::label(&kind_name, lang()).to_owned()),
        fact("object_id", event.object_id.clone()),
        fact("note", event.entry.note.clone()),
        fact("on_behalf_reason", event.entry.on_behalf_reason.clone()),
        fact("address", event.address.clone()),
        fact("request_id", request),
        fact_in("proof", move || proof.label(lang()).to_owned()),
        fact_in("block", move || block.map_or(texts::audit::UNSEALED.get().to_owned(), |block| block.to_string())),
    ];
    let coded = known.map_or::<Coded, _>(|_, _, _| None, coded);
    let changes = move || match changed.entry.changes.as_slice() {
        [] => view! { <p class="muted">{t!(audit::NO_CHANGES)}</p> }.into_any(),
        changes => timeline::changes(changes, lang(), coded),
    };
    view! {
        {page::head(title, doubt(&event).unwrap_or_else(|| outcome(&event)), ().into_any())}
        {facts(rows)}
        {page::section(field("changes"), changes.into_any())}
        <ul class="links">{links.collect_view()}</ul>
    }
    .into_any()
}

/// The newest blocks, as many as fit a page of the API. Each links to its events.
fn blocks() -> AnyView {
    let query = AuditBlockQuery { limit: Some(200), ..Default::default() };
    let loaded = load::load(move || api::audit::blocks(&query));
    view! {
        {page::plain_head(texts::audit::BLOCKS)}
        <p class="muted">{t!(audit::BLOCKS_HINT)}</p>
        {load::show(loaded, |page| match page.items.as_slice() {
            [] => view! { <p>{t!(audit::BLOCKS_EMPTY)}</p> }.into_any(),
            blocks => block_table(blocks),
        })}
    }
    .into_any()
}

fn block_table(blocks: &[AuditBlock]) -> AnyView {
    let rows = blocks.iter().map(|block| {
        let sealed_at = block.sealed_at;
        Row::to(format!("/audit-events?block={}", block.number))
            .text(block.number.to_string())
            .said(move || format::instant(sealed_at, lang()))
            .text(format::count(block.events.into()))
            .mark(Some(match block.signed {
                true => chip(texts::audit::SIGNED, Tone::Good),
                false => chip(texts::audit::UNSIGNED, Tone::Bad),
            }))
            .mark(Some(view! { <code>{block.digest.clone()}</code> }.into_any()))
    });
    let heads = [("block", false), ("sealed_at", false), ("events", true), ("signed", false), ("digest", false)];
    let heads = heads.map(|(name, number)| (field(name), number)).to_vec();
    table::links(texts::audit::BLOCKS, heads, rows)
}
