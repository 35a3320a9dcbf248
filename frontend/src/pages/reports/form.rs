//! Drafts and edits a month's form.

use contract::Role;
use contract::month::Month;
use contract::progress::ProgressQuery;
use contract::reports::{FindingKind, MOST_ROWS, Report, ReportFinding, ReportRow};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use uuid::Uuid;

use super::annex::{self, COLUMNS};
use crate::api::areas::TOWNS;
use crate::api::campaigns::CAMPAIGNS;
use crate::components::form::{self, Form, Rows, section};
use crate::components::{dialog, load};
use crate::i18n::{field, texts};
use crate::pages::campaigns::current;
use crate::{api, dom, query, router, session, t};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["campaign_id", "town_code", "month"]);
    if let Some(account) = session::account() {
        if account.role == Role::Town {
            blank["town_code"] = json!(account.area_code);
        }
        // 每月5日前: last month's form is the one that is due.
        if blank["month"].is_null() {
            blank["month"] = json!(Month::of(account.today).previous().to_string());
        }
    }
    current::form_in(blank, |blank| {
        form::create::<Report>(texts::reports::CREATE, blank, api::reports::create, |form| {
            section(
                texts::reports::WHICH,
                vec![
                    form.field("/campaign_id").required().labelled(field("campaign_title")).pick(CAMPAIGNS),
                    form.field("/town_code").required().labelled(field("town_name")).pick(TOWNS),
                    form.field("/month").required().month(),
                ],
            )
        })
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Report>(texts::reports::EDIT, move || api::reports::read(&id), fields)
}

/// The annex with inputs in its cells.
fn fields(form: Form) -> AnyView {
    let rows = form::rows(form, "/rows");
    let add = Callback::new(move |index: usize| rows.insert(index, blank(), "village_name"));
    let remove = Callback::new(move |index: usize| {
        spawn_local(async move {
            // Asks first, so that a slip of the finger loses nothing typed.
            let row = rows.get(index);
            let empty = COLUMNS.iter().all(|(_, name, _)| row[name].as_str().is_none_or(|text| text.trim().is_empty()));
            let text = t!(reports::remove_text, index + 1, row["village_name"].as_str().unwrap_or_default());
            if empty || dialog::confirm(texts::reports::REMOVE_TITLE, text, texts::form::REMOVE).await {
                rows.remove(index);
                dom::focus_soon("annex-add");
            }
        });
    });
    let draw = move |index: usize| {
        let cells = COLUMNS.iter().map(|&(label, name, lines)| {
            let field = form.field(format!("/rows/{index}/{name}"));
            let field = if lines { field } else { field.required() };
            view! { <td data-label=label>{field.cell(move || format!("{} {label}", t!(reports::row, index + 1)), lines)}</td> }
                .into_any()
        });
        let last = index + 1 == rows.count();
        view! {
            <tr>
                <td class="no"><span>{index + 1}</span>{form::tools(rows, index, last, add, remove)}</td>
                {cells.collect_view()}
            </tr>
        }
        .into_any()
    };
    let head = view! {
        {form.field("/unit").required().labelled(texts::reports::UNIT).text()}
        {form.field("/filled_on").labelled(texts::reports::FILLED).date()}
    };
    if let Some(row) = query::get(&query::pairs(&router::here().search), "row").and_then(|row| row.parse::<usize>().ok()) {
        rows.focus(row.saturating_sub(1), "content");
    }
    let body = view! { <tbody>{rows.each(draw)}</tbody> };
    view! {
        {annex::frame("annex edit", head.into_any(), body.into_any())}
        <p>
            <button type="button" class="button" id="annex-add" disabled=move || { rows.count() >= MOST_ROWS }
                on:click=move |_| add.run(usize::MAX)>{t!(reports::ADD_ROW)}</button>
        </p>
        {left_out(rows)}
    }
    .into_any()
}

fn blank() -> Value {
    json!({ "village_name": "", "organisation_name": "", "content": "", "progress": "" })
}

/// What the form carries over, which nobody can edit; and the pairings of the month that the form leaves out, each with its
/// progress and a button that puts it back.
fn left_out(rows: Rows) -> AnyView {
    let path = router::here().path;
    let id = path.split('/').nth(2).unwrap_or_default().to_owned();
    let report = load::load(move || api::reports::read(&id));
    load::show(report, move |report| {
        let (campaign_id, month, id) = (report.campaign_id, report.month, report.id.to_string());
        let out = load::show(load::load(move || api::reports::preflight(&id)), move |preflight| {
            let out = preflight.findings.iter().filter(|finding| finding.position.is_none() && finding.pairing_id.is_some());
            let out = out.filter(|finding| matches!(finding.kind, FindingKind::LeftOut | FindingKind::Outdated));
            let items: Vec<_> = out.map(|finding| put_back(rows, finding, campaign_id, month)).collect();
            if items.is_empty() {
                return ().into_any();
            }
            view! { <section class="found"><h3>{t!(reports::LEFT_OUT)}</h3><ul>{items}</ul></section> }.into_any()
        });
        view! { {carried(&report)}{out} }.into_any()
    })
}

fn carried(report: &Report) -> AnyView {
    let told = |row: &ReportRow| {
        let carried = row.carried.clone()?;
        let names = format!("{} · {}", row.village_name, row.organisation_name);
        let lines: Vec<_> = carried.lines().map(|line| view! { <li lang="zh-CN">{line.to_owned()}</li> }).collect();
        Some(view! { <li>{names}<ul>{lines}</ul></li> }.into_any())
    };
    let items: Vec<_> = report.rows.iter().filter_map(told).collect();
    if items.is_empty() {
        return ().into_any();
    }
    view! { <section class="found"><h3>{t!(reports::CARRIED)}</h3><ul>{items}</ul></section> }.into_any()
}

fn put_back(rows: Rows, finding: &ReportFinding, campaign_id: Uuid, month: Month) -> AnyView {
    let pairing_id = finding.pairing_id;
    let names = [&finding.village_name, &finding.organisation_name].map(|name| name.clone().unwrap_or_default());
    let title = names.join(" · ");
    let there = move || {
        let id = json!(pairing_id);
        rows.all().iter().any(|row| row["pairing_id"] == id)
    };
    let put = move |_| {
        let [village_name, organisation_name] = names.clone();
        spawn_local(async move {
            let query = ProgressQuery {
                campaign_id: Some(campaign_id),
                pairing_id,
                month: Some(month),
                limit: Some(1),
                ..Default::default()
            };
            let written = api::progress::list(&query).send().await.ok().and_then(|page| page.items.into_iter().next());
            let (content, progress) = written.map(|update| (update.content, update.progress)).unwrap_or_default();
            let row = json!({
                "pairing_id": pairing_id, "village_name": village_name, "organisation_name": organisation_name,
                "content": content, "progress": progress,
            });
            rows.insert(usize::MAX, row, "content");
        });
    };
    view! {
        <li hidden=there>{title} " " <button type="button" class="button plain" on:click=put>{t!(reports::PUT_BACK)}</button></li>
    }
    .into_any()
}
