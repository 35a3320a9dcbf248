//! The city's view of a month: every town's form, who is late or missing, and one workbook for all.

use std::sync::Arc;

use contract::month::Month;
use contract::reports::{ReportAction, ReportMonth, ReportMonthQuery, ReportStanding, ReportState, TownMonth};
use contract::{CodedEnum, Lang, Permission, Role};
use futures::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::reports::{self, chip, standing};
use crate::api;
use crate::api::areas::AREAS;
use crate::api::campaigns::CAMPAIGNS;
use crate::components::load::{self, Load};
use crate::components::page::{self, Tone};
use crate::components::picker::{self, picker};
use crate::components::{actions, table, toast};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::pages::adoptions;
use crate::pages::campaigns::current;
use crate::{format, query, router, session, t};

/// The view that the address describes.
#[derive(Clone, Debug, PartialEq)]
struct View {
    campaign_id: String,
    month: Month,
    shown: Shown,
    within: Option<String>,
}

/// Which towns are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    All,
    Standing(ReportStanding),
    State(ReportState),
}

impl Shown {
    fn fits(self, town: &TownMonth) -> bool {
        match self {
            Self::All => true,
            Self::Standing(standing) => town.standing == standing,
            Self::State(state) => town.state == Some(state),
        }
    }

    /// The name and value in the address.
    fn pair(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::All => None,
            Self::Standing(standing) => Some(("standing", standing.code())),
            Self::State(state) => Some(("state", state.code())),
        }
    }

    fn label(self) -> Text {
        match self {
            Self::All => texts::reports::ALL_TOWNS,
            Self::Standing(standing) => Text::label(standing),
            Self::State(state) => Text::label(state),
        }
    }
}

/// The page of `/report-months`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(page)
}

fn page() -> AnyView {
    if !session::may(Permission::ReadReports) {
        return load::missing();
    }
    let pairs = query::pairs(&router::here().search);
    if query::get(&pairs, "campaign_id").is_some() {
        return of_campaign();
    }
    let current = Load::by(|abort| async move { current::current(&abort).await }.boxed_local());
    load::show(current, |campaign| match campaign.as_ref() {
        Some(campaign) => {
            router::replace(&format!("/report-months?campaign_id={}", campaign.id));
            of_campaign()
        }
        None => view! { <div class="notice"><p>{t!(home::NO_CAMPAIGN)}</p></div> }.into_any(),
    })
}

fn read_view(search: &str) -> View {
    let pairs = query::pairs(search);
    let get = |name| query::get(&pairs, name);
    let standing = get("standing").and_then(ReportStanding::from_code).map(Shown::Standing);
    let state = get("state").and_then(ReportState::from_code).map(Shown::State);
    // 每月5日前: last month's form is the one that is due.
    let last = || session::account().map(|account| Month::of(account.today).previous());
    View {
        campaign_id: get("campaign_id").unwrap_or_default().to_owned(),
        month: get("month").and_then(|month| month.parse().ok()).or_else(last).unwrap_or(Month::of(chrono::NaiveDate::MIN)),
        shown: standing.or(state).unwrap_or(Shown::All),
        within: get("within").map(str::to_owned),
    }
}

fn address(view: &View) -> String {
    let mut pairs = query::Pairs::new();
    query::set(&mut pairs, "campaign_id", Some(&view.campaign_id));
    query::set(&mut pairs, "month", Some(&view.month.to_string()));
    if let Some((name, code)) = view.shown.pair() {
        query::set(&mut pairs, name, Some(code));
    }
    query::set(&mut pairs, "within", view.within.as_deref());
    format!("/report-months?{}", query::write(&pairs))
}

fn of_campaign() -> AnyView {
    let view = Memo::new(|_| read_view(&router::search()));
    // All towns of the month are read at once. Filtering them needs no request.
    let asked = Memo::new(move |_| view.with(|view| (view.campaign_id.clone(), view.month, view.within.clone())));
    let month = load::load(move || {
        let (campaign_id, month, within) = asked.get();
        let campaign_id = campaign_id.parse().unwrap_or_default();
        api::reports::month(&ReportMonthQuery { campaign_id, month, standing: None, begun: None, within })
    });
    let title = move || t!(reports::month_title, format::month(view.with(|view| view.month), lang()));
    let reload = Callback::new(move |()| month.reload());
    view! {
        {page::head(title, ().into_any(), workbook(view))}
        {controls(view)}
        <div class="list" aria-busy=move || month.busy.get().to_string()>
            {load::show(month, move |month| towns(month, view, reload))}
        </div>
    }
    .into_any()
}

fn workbook(view: Memo<View>) -> AnyView {
    let get = move |_| {
        let View { campaign_id, month, within, .. } = view.get_untracked();
        let name = format!("{}-{month}.xlsx", texts::reports::HEADING.get());
        spawn_local(async move {
            let within = within.map(|code| format!("&within={code}")).unwrap_or_default();
            let path = format!("/report-months/workbook?campaign_id={campaign_id}&month={month}{within}");
            if let Err(error) = api::download(path, &name).await {
                toast::fault(error.message());
            }
        });
    };
    view! { <button type="button" class="button primary" on:click=get>{t!(reports::MONTH_WORKBOOK)}</button> }.into_any()
}

/// Links to the months before and after, and a choice of month and campaign.
fn controls(view: Memo<View>) -> AnyView {
    let step = move |to: fn(Month) -> Month| move || view.with(|view| address(&View { month: to(view.month), ..view.clone() }));
    let choose = move |text: String| {
        if let Ok(month) = text.parse() {
            router::navigate(&address(&View { month, ..view.get_untracked() }));
        }
    };
    let place = |id: &str| picker::Place { id: id.into(), described_by: String::new(), invalid: false.into(), required: false };
    let campaign = Signal::derive(move || Some(view.with(|view| view.campaign_id.clone())));
    let pick = Callback::new(move |id: Option<String>| {
        if let Some(campaign_id) = id {
            router::navigate(&address(&View { campaign_id, ..view.get_untracked() }));
        }
    });
    let area = Signal::derive(move || view.with(|view| view.within.clone()));
    let narrow = Callback::new(move |within: Option<String>| {
        router::navigate(&address(&View { within, ..view.get_untracked() }));
    });
    view! {
        <div class="filters">
            <div class="filter">
                <label for="month-month">{reactive(field("month"))}</label>
                <div class="stepper">
                    <a class="button" rel="prev" href=step(Month::previous) aria-label=t!(reports::MONTH_BEFORE)>"‹"</a>
                    <input id="month-month" type="month" class="medium" prop:value=move || view.with(|view| view.month.to_string())
                        on:change:target=move |event| choose(event.target().value())/>
                    <a class="button" rel="next" href=step(Month::next) aria-label=t!(reports::MONTH_AFTER)>"›"</a>
                </div>
            </div>
            <div class="filter wide">
                <label for="month-campaign">{reactive(field("campaign_id"))}</label>
                {picker(place("month-campaign"), CAMPAIGNS, campaign, pick)}
            </div>
            <div class="filter">
                <label for="month-within">{reactive(field("within"))}</label>
                {picker(place("month-within"), AREAS, area, narrow)}
            </div>
        </div>
    }
    .into_any()
}

fn towns(month: Arc<ReportMonth>, view: Memo<View>, reload: Callback<()>) -> AnyView {
    let due = month.due_on;
    if month.towns.is_empty() {
        return view! { <div class="notice"><p>{t!(reports::NO_TOWNS)}</p></div> }.into_any();
    }
    let all = month.clone();
    view! {
        <p class="muted">{move || t!(reports::due, format::date(due, lang()))}</p>
        {missing(&month)}
        {figures(&month, view)}
        {move || {
            let (shown, lang) = (view.with(|view| view.shown), lang());
            let rows: Vec<_> =
                all.towns.iter().filter(|town| shown.fits(town)).map(|town| row(&all, town, lang, reload)).collect();
            if rows.is_empty() {
                return view! { <div class="notice"><p>{t!(list::NO_MATCH)}</p></div> }.into_any();
            }
            let heads = ["town_name", "standing", "state", "row_count", "pairing_count", "submitted_at"];
            let heads = heads.into_iter().map(|name| (field(name), matches!(name, "row_count" | "pairing_count")));
            let heads = heads.chain([(field("allowed_actions"), false)]).collect();
            table::table(texts::reports::MONTH_TABLE, heads, view! { <tbody>{rows}</tbody> }.into_any())
        }}
        {month.adoptions.as_ref().map(|figures| page::section(texts::adoptions::HEADING, adoptions::figures(figures)))}
    }
    .into_any()
}

/// The towns that have not sent a form that is due, as a list of names to call.
fn missing(month: &ReportMonth) -> Option<AnyView> {
    let names: Vec<_> =
        month.towns.iter().filter(|town| town.standing == ReportStanding::Missing).map(|town| town.town_name.clone()).collect();
    let count = names.len();
    (count > 0).then(|| {
        view! {
            <div class="notice fault" role="status">
                <p><strong>{move || t!(reports::missing, count)}</strong></p>
                <p>{move || names.join(lang().pick("、", ", "))}</p>
            </div>
        }
        .into_any()
    })
}

/// The number of towns with each standing, as links that filter by it.
fn figures(month: &ReportMonth, view: Memo<View>) -> AnyView {
    let all = [Shown::All]
        .into_iter()
        .chain(ReportStanding::ALL.iter().copied().map(Shown::Standing))
        .chain([ReportState::Submitted, ReportState::Nil, ReportState::Returned, ReportState::Accepted].map(Shown::State));
    let links = all.map(|shown| {
        let count = month.towns.iter().filter(|town| shown.fits(town)).count();
        let href = move || view.with(|view| address(&View { shown, ..view.clone() }));
        let current = move || view.with(|view| view.shown == shown).then_some("true");
        let bad = count > 0 && matches!(shown, Shown::Standing(ReportStanding::Missing | ReportStanding::Late));
        let class = if bad { "figure bad" } else { "figure" };
        view! { <li><a class=class href=href aria-current=current><strong>{count}</strong><span>{reactive(shown.label())}</span></a></li> }
            .into_any()
    });
    view! { <ul class="figures">{links.collect_view()}</ul> }.into_any()
}

fn row(month: &ReportMonth, town: &TownMonth, lang: Lang, reload: Callback<()>) -> AnyView {
    let label = |name: &'static str| contract::labels::label(name, lang);
    let class = match town.standing {
        ReportStanding::Missing => "missing",
        _ if town.overdue => "overdue",
        _ => "",
    };
    let name = town.town_name.clone();
    let name = match town.report_id {
        Some(id) => view! { <a href=format!("/reports/{id}")>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    let rows = match (town.report_id, town.row_count) {
        (Some(id), Some(count)) => view! { <a href=format!("/reports/{id}")>{count}</a> }.into_any(),
        _ => "—".into_any(),
    };
    let pairings =
        format!("/pairings?campaign_id={}&kind=village&within={}&active_in={}", month.campaign_id, town.town_code, month.month);
    let sent = town.submitted_at.map_or_else(|| "—".to_owned(), |at| format::instant(at, lang));
    let again = town.resubmitted_at;
    let late_again = town.resubmitted_late;
    let state = match town.state {
        Some(state) => chip(state),
        None => page::chip(texts::reports::NOT_BEGUN, Tone::Neutral),
    };
    view! {
        <tr class=class>
            <th scope="row">{name}</th>
            <td data-label=label("standing")>{standing(town.standing)}</td>
            <td data-label=label("state")>{state}{town.state.and_then(|state| reports::nil(state, town.nil))}</td>
            <td data-label=label("row_count") class="number">{rows}</td>
            <td data-label=label("pairing_count") class="number"><a href=pairings>{town.pairing_count}</a></td>
            <td data-label=label("submitted_at")>
                {sent}
                {again.map(|at| view! {
                    <br/><span class:late=late_again>{t!(reports::sent_again, format::instant(at, lang))}</span>
                })}
            </td>
            <td data-label=label("allowed_actions")><div class="row-actions">{steps(month, town, reload)}</div></td>
        </tr>
    }
    .into_any()
}

/// The bureau decides here; a town opens its form.
fn steps(month: &ReportMonth, town: &TownMonth, reload: Callback<()>) -> AnyView {
    let Some(id) = town.report_id else {
        let mine = session::account().is_some_and(|account| account.role == Role::Town);
        return mine
            .then(|| {
                let href =
                    format!("/reports/new?campaign_id={}&town_code={}&month={}", month.campaign_id, town.town_code, month.month);
                page::primary_link(href, texts::reports::CREATE)
            })
            .into_any();
    };
    let decisions: Vec<_> = town
        .allowed_actions
        .iter()
        .copied()
        .filter(|action| matches!(action, ReportAction::Accept | ReportAction::Return))
        .collect();
    view! {
        <a class="button" href=format!("/reports/{id}")>{t!(reports::OPEN)}</a>
        {actions::buttons(&format!("/reports/{id}"), &decisions, reports::rule, reload)}
        {town.state.and_then(|state| reports::not_yet(state, month.month))}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_is_shown() {
        for shown in [Shown::All, Shown::Standing(ReportStanding::Missing), Shown::State(ReportState::Returned)] {
            for within in [None, Some("350582104".to_owned())] {
                let campaign_id = "0190a000-0000-7000-8000-000000000000".to_owned();
                let view = View { campaign_id, month: "2020-06".parse().unwrap(), shown, within };
                assert_eq!(read_view(address(&view).split_once('?').unwrap().1), view);
            }
        }
    }
}
