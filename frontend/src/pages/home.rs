//! The front page: the state of the campaign, and links to the work.

use contract::campaigns::{Campaign, MilestoneStatus};
use contract::work::{WorkGroup, WorkKind, WorkList};
use contract::{Lang, Permission};
use futures::FutureExt;
use futures::future::try_join;
use leptos::prelude::*;

use super::campaigns::calendar;
use crate::api::{self, Abort, ApiError};
use crate::components::load::{self, Load};
use crate::components::page;
use crate::i18n::{Text, lang, texts};
use crate::pages::campaigns::current;
use crate::pages::{standing, visit};
use crate::{format, navigation, query, session, t, waiting};

/// The number of milestones shown.
const NEXT: usize = 4;

pub fn page() -> AnyView {
    // All is loaded before anything is drawn, since what comes later would push away what somebody is reading.
    let all = Load::by(|abort| {
        // Titles depend on the language.
        lang();
        async move {
            let (work, campaign) = try_join(api::work::list().send_within(&abort), current(&abort)).await?;
            let standing = standing::read(campaign.as_ref(), &abort).await?;
            Ok((work, campaign, standing))
        }
        .boxed_local()
    });
    let name = session::account().map(|account| account.display_name.clone()).unwrap_or_default();
    let enter = session::may(Permission::WriteAssistance).then(|| page::link("/visit".into(), texts::nav::VISIT)).into_any();
    view! {
        {page::head(move || t!(home::greeting, name), ().into_any(), enter)}
        {visit::overdue()}
        {load::show(all, |all| {
            let (work, campaign, standing) = all.as_ref();
            waiting::told(work);
            view! {
                {page::section(texts::home::WORK, todo(work))}
                {standing.as_ref().map(standing::section)}
                {match campaign {
                    Some(campaign) => card(campaign),
                    None => view! { <div class="notice"><p>{t!(home::NO_CAMPAIGN)}</p></div> }.into_any(),
                }}
                {shortcuts()}
            }
            .into_any()
        })}
    }
    .into_any()
}

async fn current(abort: &Abort) -> Result<Option<Campaign>, ApiError> {
    match current::current(abort).await? {
        Some(campaign) => api::campaigns::read(&campaign.id.to_string()).send_within(abort).await.map(Some),
        None => Ok(None),
    }
}

/// The waiting items, by kind, each kind with a link to the whole list.
fn todo(work: &WorkList) -> AnyView {
    if work.groups.is_empty() {
        return view! { <p class="muted">{t!(home::NOTHING)}</p> }.into_any();
    }
    work.groups.iter().map(group).collect_view().into_any()
}

/// Where to deal with an item: its page, or the form that creates what is missing.
fn desk(group: &WorkGroup, id: &str) -> String {
    let (path, search) = group.records.split_once('?').unwrap_or((&group.records, ""));
    let pairs = query::pairs(search);
    let asked = |name| query::get(&pairs, name).unwrap_or_default();
    match group.kind {
        WorkKind::DraftAgreements => format!("/agreements/new?pairing_id={id}"),
        WorkKind::PlanProjects => format!("/projects/new?pairing_id={id}"),
        WorkKind::WriteAdoptionUpdates => {
            format!("/adoption-updates/new?adoption_id={id}&month={}", asked("without_update_in"))
        }
        WorkKind::WriteProgress => format!("/progress-updates/new?pairing_id={id}&month={}", asked("without_update_in")),
        WorkKind::BeginReports => {
            format!("/reports/new?campaign_id={}&town_code={id}&month={}", asked("campaign_id"), asked("month"))
        }
        WorkKind::HoldInspections => format!("{path}/{id}/sheet"),
        WorkKind::MeetDeadlines => path.to_owned(),
        _ => format!("{path}/{id}"),
    }
}

fn group(group: &WorkGroup) -> AnyView {
    let items = group.items.iter().map(|item| {
        let (due, overdue) = (item.due_on, item.overdue);
        let due = due.map(|day| {
            let tone = if overdue { "chip bad" } else { "chip" };
            let words = move || {
                let day = format::date(day, lang());
                if overdue { t!(home::overdue, day) } else { t!(home::due, day) }
            };
            view! { <span class=tone>{words}</span> }
        });
        view! { <li><a href=desk(group, &item.id)>{item.title.clone()}</a>" "{due}</li> }.into_any()
    });
    let total = format::total(group.total, group.total_capped);
    let count = total.clone();
    let all = (group.items.len() < group.total as usize)
        .then(|| view! { <p><a href=group.records.clone()>{move || t!(home::all, total)}</a></p> });
    view! {
        <section class="work">
            <h3>{crate::i18n::reactive(Text::label(group.kind))}" "<span class="chip">{count}</span></h3>
            <ul>{items.collect_view()}</ul>
            {all}
        </section>
    }
    .into_any()
}

fn card(campaign: &Campaign) -> AnyView {
    let (from, to) = (campaign.details.starts_on, campaign.details.ends_on);
    let period = move |lang: Lang| t!(campaigns::until, format::date(from, lang), format::date(to, lang));
    let phase = campaign.current_phase.map_or(texts::home::BETWEEN, Text::label);
    let open = campaign.milestone_states.iter().filter(|milestone| milestone.status != MilestoneStatus::Met);
    let next: Vec<_> = open.take(NEXT).map(calendar::milestone).collect();
    let next = if next.is_empty() {
        view! { <p>{t!(home::ALL_MET)}</p> }.into_any()
    } else {
        view! { <ol class="milestones">{next}</ol> }.into_any()
    };
    view! {
        <section class="card">
            <div class="card-head">
                <h2>{campaign.details.title.clone()}</h2>
                {page::chip(phase, page::Tone::Accent)}
            </div>
            <p class="muted">{campaign.details.document_number.clone()} " · " {move || period(lang())}</p>
            <h3>{t!(home::NEXT)}</h3>
            {next}
            <p><a class="button" href=format!("/campaigns/{}", campaign.id)>{t!(home::CALENDAR)}</a></p>
        </section>
    }
    .into_any()
}

fn shortcuts() -> AnyView {
    let entries = ["/dashboard", "/pairings", "/adoptions", "/institutions", "/organisations", "/villages", "/areas"]
        .into_iter()
        .filter_map(navigation::at);
    let links = entries.filter(|entry| session::may(entry.needs)).map(|entry| (entry.path, entry.text));
    let items = links
        .chain([("/account", texts::nav::ACCOUNT)])
        .map(|(href, text)| view! { <li><a href=href>{crate::i18n::reactive(text)}</a></li> }.into_any());
    let list = view! { <ul class="shortcuts">{items.collect_view()}</ul> };
    page::section(texts::home::LINKS, list.into_any())
}
