//! The dashboard: the state of a campaign, with links from every figure to its records.

use std::sync::Arc;

use contract::CodedEnum;
use contract::campaigns::{Goal, Indicator};
use contract::dashboard::{Dashboard, Figure, IndicatorFigure, MonthFigure, TrendFigure};
use contract::pairings::PairingState;
use contract::projects::ProjectState;
use leptos::prelude::*;

use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::components::chart::{self, Bar, Column, percent};
use crate::components::filters::{self, Filter};
use crate::components::load;
use crate::components::page::{self, Tone};
use crate::components::table;
use crate::i18n::{Text, lang, reactive, texts};
use crate::pages::adoptions;
use crate::pages::campaigns::current;
use crate::{api, format, t};

/// The page of a path below `/dashboard`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(page)
}

fn page() -> AnyView {
    let load = current::load_in("/dashboard", &["within"], api::dashboard::read);
    view! {
        {page::plain_head(texts::nav::DASHBOARD)}
        {filters::choices(vec![Filter::pick("campaign_id", CAMPAIGNS), within()])}
        {load::show(load, |dashboard: Arc<Option<Dashboard>>| match &*dashboard {
            Some(dashboard) => draw(dashboard),
            None => view! { <div class="notice"><p>{t!(home::NO_CAMPAIGN)}</p></div> }.into_any(),
        })}
    }
    .into_any()
}

fn draw(dashboard: &Dashboard) -> AnyView {
    let today = dashboard.today;
    view! {
        <p class="muted">{move || t!(dashboard::as_of, format::date(today, lang()))}</p>
        {key_figures(dashboard)}
        <div class="boards">
            {goals(dashboard)}
            {page::section(texts::dashboard::CONCERNS, concerns(dashboard))}
            {page::section(texts::dashboard::TREND, trend(&dashboard.trend))}
            {page::section(texts::dashboard::BY_STATE, by_state(dashboard))}
            {page::section(texts::dashboard::BY_TOWN, by_town(dashboard))}
            {page::section(texts::dashboard::PROJECTS, projects(dashboard))}
            {dashboard.reports.as_ref().map(reports)}
        </div>
        {dashboard.adoptions.as_ref().map(|figures| page::section(texts::adoptions::HEADING, adoptions::figures(figures)))}
    }
    .into_any()
}

/// The number, as a link to its records.
fn link(figure: &Figure) -> AnyView {
    view! { <a href=figure.records.clone()>{format::count(figure.value)}</a> }.into_any()
}

fn key_figures(dashboard: &Dashboard) -> AnyView {
    let active = dashboard.pairings_by_state.iter().find(|figure| figure.state == PairingState::Active);
    let running = dashboard.projects_by_state.iter().find(|figure| figure.state == ProjectState::InProgress);
    let donated = dashboard.indicators.iter().find(|figure| figure.indicator == Indicator::MoneyDonatedFen);
    let wanted = format::count(dashboard.enrolments.wanted.into());
    let of = move || t!(dashboard::of, wanted);
    let key = |text: Text, figure: AnyView, more: AnyView| {
        view! { <div><dt>{reactive(text)}</dt><dd>{figure}{more}</dd></div> }.into_any()
    };
    view! {
        <dl class="key-figures">
            {key(texts::dashboard::ORGANISATIONS, link(&dashboard.enrolments.organisations), view! { <small>{of}</small> }.into_any())}
            {key(texts::dashboard::VILLAGES, link(&dashboard.enrolments.villages), ().into_any())}
            {active.map(|figure| key(texts::dashboard::ACTIVE, link(&figure.pairings), ().into_any()))}
            {running.map(|figure| key(texts::dashboard::RUNNING, link(&figure.projects), ().into_any()))}
            {donated.map(|figure| {
                let fen = figure.actual;
                let money = view! { <a href=figure.outcomes.records.clone()>{move || format::wan(fen, lang())}</a> };
                key(texts::dashboard::DONATED, money.into_any(), ().into_any())
            })}
        </dl>
    }
    .into_any()
}

/// Results against the targets. The targets are the whole campaign's, so for part of its area the results are shown as a share of
/// them.
fn goals(dashboard: &Dashboard) -> AnyView {
    let indicators = &dashboard.indicators;
    let rows = Goal::ALL.iter().map(|&goal| {
        let mut own = indicators.iter().filter(|indicator| indicator.goal == goal).peekable();
        own.peek()?;
        let rows = own.map(indicator).collect_view();
        Some(
            view! {
                <tr class="group"><th scope="colgroup" colspan="4">{reactive(Text::label(goal))}</th></tr>
                {rows}
            }
            .into_any(),
        )
    });
    use texts::dashboard::{GOALS, GOALS_PART, REACHED, SHARE, SHARE_ALL, TARGET, TARGET_ALL};
    let (title, target, share) = if dashboard.whole { (GOALS, TARGET, SHARE) } else { (GOALS_PART, TARGET_ALL, SHARE_ALL) };
    let part = (!dashboard.whole).then(|| view! { <p class="muted">{t!(dashboard::PART_TEXT)}</p> });
    let heads = vec![REACHED, target, share];
    let table = chart::bars(title, texts::dashboard::INDICATOR, heads, rows.collect_view().into_any());
    page::section(title, view! { {part}{table} }.into_any())
}

fn indicator(figure: &IndicatorFigure) -> AnyView {
    let (money, actual, target) = (figure.indicator.is_money(), figure.actual, figure.target);
    let amount = move |number: i64| if money { format::wan(number, lang()) } else { format::count(number) };
    let text = Text::label(figure.indicator);
    // For money the unit stands beside the number.
    let label = move || if money { text.get().split(['（', '(']).next().unwrap_or_default().trim() } else { text.get() };
    let share = target.map_or(0, |target| percent(actual, target));
    let exact = target.map(|target| actual.saturating_mul(100) / target.max(1));
    chart::bar(Bar {
        label: label.into_any(),
        percent: share,
        part: share,
        figures: vec![
            view! { <a href=figure.outcomes.records.clone()>{move || amount(actual)}</a> }.into_any(),
            target.map_or_else(|| "—".into_any(), |target| (move || amount(target)).into_any()),
            exact.map_or_else(|| "—".into_any(), |share| format!("{}%", format::count(share)).into_any()),
        ],
    })
}

/// Points that somebody should look into. Those without records are marked as in order.
fn concerns(dashboard: &Dashboard) -> AnyView {
    let items = dashboard.concerns.iter().map(|figure| {
        let tone = if figure.records.value > 0 { "concern" } else { "concern none" };
        view! { <li class=tone><span>{reactive(Text::label(figure.concern))}</span>{link(&figure.records)}</li> }.into_any()
    });
    view! { <ul class="concerns">{items.collect_view()}</ul> }.into_any()
}

fn trend(months: &[TrendFigure]) -> AnyView {
    type Measure = (Text, fn(&TrendFigure) -> i64, fn(i64) -> String);
    let measures: [Measure; 3] = [
        (texts::dashboard::UPDATES, |month| month.updates.value, format::count),
        (texts::dashboard::OUTCOMES, |month| month.outcomes.value, format::count),
        (texts::dashboard::DONATED_WAN, |month| month.donated_fen, format::wan_number),
    ];
    let charts = measures.into_iter().map(|(text, value, write)| {
        let most = months.iter().map(value).max().unwrap_or_default();
        let columns = months.iter().map(|month| Column {
            name: month.month.number().to_string(),
            percent: percent(value(month), most),
            figure: write(value(month)),
        });
        let columns = columns.collect();
        view! { <figure><figcaption>{reactive(text)}</figcaption>{chart::columns(move || text.get().to_owned(), columns)}</figure> }
            .into_any()
    });
    let rows = months.iter().map(|figure| {
        let (month, money) = (figure.month, figure.donated_fen);
        view! {
            <tr>
                <th scope="row">{move || format::month(month, lang())}</th>
                <td class="number">{link(&figure.updates)}</td>
                <td class="number">{link(&figure.outcomes)}</td>
                <td class="number"><a href=figure.donations.records.clone()>{move || format::wan(money, lang())}</a></td>
            </tr>
        }
        .into_any()
    });
    let heads = vec![
        (texts::dashboard::MONTH, false),
        (texts::dashboard::UPDATES, true),
        (texts::dashboard::OUTCOMES, true),
        (texts::dashboard::DONATED, true),
    ];
    let body = view! { <tbody>{rows.collect_view()}</tbody> }.into_any();
    view! {
        <div class="trend">{charts.collect_view()}</div>
        <details><summary>{t!(dashboard::AS_TABLE)}</summary>{table::table(texts::dashboard::TREND, heads, body)}</details>
    }
    .into_any()
}

fn by_state(dashboard: &Dashboard) -> AnyView {
    let all: i64 = dashboard.pairings_by_state.iter().map(|figure| figure.pairings.value).sum();
    let rows = dashboard.pairings_by_state.iter().map(|figure| {
        let share = percent(figure.pairings.value, all);
        let label = reactive(Text::label(figure.state)).into_any();
        chart::bar(Bar { label, percent: share, part: share, figures: vec![link(&figure.pairings)] })
    });
    let heads = vec![texts::dashboard::PAIRINGS];
    chart::bars(texts::dashboard::BY_STATE, texts::dashboard::STATE, heads, rows.collect_view().into_any())
}

fn by_town(dashboard: &Dashboard) -> AnyView {
    let most = dashboard.pairings_by_town.iter().map(|town| town.pairings.value).max().unwrap_or_default();
    let rows = dashboard.pairings_by_town.iter().map(|town| {
        chart::bar(Bar {
            label: town.town_name.clone().into_any(),
            percent: percent(town.pairings.value, most),
            part: percent(town.active.value, most),
            figures: vec![link(&town.active), link(&town.pairings)],
        })
    });
    let heads = vec![texts::dashboard::ACTIVE, texts::dashboard::ALL_PAIRINGS];
    chart::bars(texts::dashboard::BY_TOWN, texts::dashboard::TOWN, heads, rows.collect_view().into_any())
}

fn projects(dashboard: &Dashboard) -> AnyView {
    let all: i64 = dashboard.projects_by_state.iter().map(|figure| figure.projects.value).sum();
    let rows = dashboard.projects_by_state.iter().map(|figure| {
        let (share, budget, spent) = (percent(figure.projects.value, all), figure.budget_fen, figure.spent_fen);
        chart::bar(Bar {
            label: reactive(Text::label(figure.state)).into_any(),
            percent: share,
            part: share,
            figures: vec![
                link(&figure.projects),
                (move || format::wan(budget, lang())).into_any(),
                (move || format::wan(spent, lang())).into_any(),
            ],
        })
    });
    let heads = vec![texts::dashboard::PROJECTS, texts::dashboard::BUDGET, texts::dashboard::SPENT];
    chart::bars(texts::dashboard::PROJECTS, texts::dashboard::STATE, heads, rows.collect_view().into_any())
}

fn reports(figure: &MonthFigure) -> AnyView {
    let (month, due) = (figure.month, figure.due_on);
    let all: i64 = figure.standings.iter().map(|standing| standing.towns.value).sum();
    let rows = figure.standings.iter().map(|standing| {
        let share = percent(standing.towns.value, all);
        let label = reactive(Text::label(standing.standing)).into_any();
        chart::bar(Bar { label, percent: share, part: share, figures: vec![link(&standing.towns)] })
    });
    let units = figure.late_units.iter().map(|unit| {
        let name = unit.town_name.clone();
        let name = match unit.report_id {
            Some(id) => view! { <a href=format!("/reports/{id}")>{name}</a> }.into_any(),
            None => name.into_any(),
        };
        view! { <li>{name}" "{page::chip(Text::label(unit.standing), Tone::Bad)}</li> }.into_any()
    });
    let units = (!figure.late_units.is_empty())
        .then(|| view! { <h3>{t!(dashboard::LATE_UNITS)}</h3><ul class="late">{units.collect_view()}</ul> }.into_any());
    let heads = vec![texts::dashboard::TOWNS];
    let body = view! {
        <p class="muted">{move || t!(dashboard::month_due, format::month(month, lang()), format::date(due, lang()))}</p>
        {chart::bars(texts::dashboard::REPORTS, texts::dashboard::STANDING, heads, rows.collect_view().into_any())}
        {units}
    };
    page::section(texts::dashboard::REPORTS, body.into_any())
}
