//! The forecast: which targets will be missed, why, and whom to call.

use std::sync::Arc;

use contract::CodedEnum;
use contract::campaigns::{Goal, Indicator};
use contract::forecast::{Estimate, Forecast, LateTask, TargetForecast, Verdict};
use leptos::prelude::*;

use crate::api::campaigns::CAMPAIGNS;
use crate::components::chart::{self, Bar, percent};
use crate::components::filters::{self, Filter};
use crate::components::load;
use crate::components::page::{self, Tone};
use crate::i18n::{Text, lang, reactive, texts};
use crate::pages::campaigns::current;
use crate::{api, format, t};

/// The page of `/forecast`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(page)
}

fn page() -> AnyView {
    let load = current::load_in("/forecast", &[], api::forecast::read);
    view! {
        {page::plain_head(texts::nav::FORECAST)}
        <p class="muted">{t!(forecast::HINT)}</p>
        {filters::choices(vec![Filter::pick("campaign_id", CAMPAIGNS)])}
        {load::show(load, |forecast: Arc<Option<Forecast>>| match &*forecast {
            Some(forecast) => draw(forecast),
            None => view! { <div class="notice"><p>{t!(home::NO_CAMPAIGN)}</p></div> }.into_any(),
        })}
    }
    .into_any()
}

fn draw(forecast: &Forecast) -> AnyView {
    let notice = |text: Text| view! { <div class="notice"><p>{reactive(text)}</p></div> }.into_any();
    if forecast.targets.is_empty() {
        return notice(if forecast.whole { texts::forecast::NONE } else { texts::forecast::PART });
    }
    let (today, ends_on) = (forecast.today, forecast.ends_on);
    let (records, late) = (forecast.overdue_tasks.records.clone(), forecast.overdue_tasks.value);
    let worried = forecast.targets.iter().filter(|target| target.reminder.is_some()).map(worry);
    view! {
        <p class="muted">{move || t!(forecast::as_of, format::date(today, lang()), format::date(ends_on, lang()))}</p>
        {page::section(texts::nav::FORECAST, table(&forecast.targets))}
        {worried.collect_view()}
        <p><a href=records>{move || t!(forecast::overdue, format::count(late))}</a></p>
    }
    .into_any()
}

fn amount(indicator: Indicator) -> impl Fn(i64) -> String + Copy {
    move |number| if indicator.is_money() { format::wan(number, lang()) } else { format::count(number) }
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Reached | Verdict::OnCourse => Tone::Good,
        Verdict::AtRisk => Tone::Warning,
        Verdict::Missed => Tone::Bad,
        Verdict::Unknown => Tone::Neutral,
    }
}

fn table(targets: &[TargetForecast]) -> AnyView {
    let rows = Goal::ALL.iter().map(|&goal| {
        let mut own = targets.iter().filter(|target| target.goal == goal).peekable();
        own.peek()?;
        let rows = own.map(row).collect_view();
        let title = reactive(Text::label(goal));
        Some(view! { <tr class="group"><th scope="colgroup" colspan="5">{title}</th></tr>{rows} }.into_any())
    });
    let heads = vec![texts::dashboard::REACHED, texts::dashboard::TARGET, texts::forecast::EXPECTED, texts::forecast::VERDICT];
    chart::bars(texts::nav::FORECAST, texts::dashboard::INDICATOR, heads, rows.collect_view().into_any())
}

/// The bar shows what is expected, and within it what is there.
fn row(target: &TargetForecast) -> AnyView {
    let (actual, wanted, expected, verdict) = (target.actual, target.target, target.expected, target.verdict);
    let amount = amount(target.indicator);
    chart::bar(Bar {
        label: reactive(Text::label(target.indicator)).into_any(),
        percent: percent(expected.unwrap_or(actual), wanted),
        part: percent(actual, wanted),
        figures: vec![
            (move || amount(actual)).into_any(),
            (move || amount(wanted)).into_any(),
            expected.map_or_else(|| "—".into_any(), |expected| (move || amount(expected)).into_any()),
            page::chip(Text::label(verdict), tone(verdict)),
        ],
    })
}

/// Why a target may be missed, whom to call, and what to write.
fn worry(target: &TargetForecast) -> AnyView {
    let amount = amount(target.indicator);
    let estimate = |estimate: &Estimate| {
        let (method, value) = (Text::label(estimate.method), estimate.value);
        view! { <li>{reactive(method)}" "<strong>{move || amount(value)}</strong></li> }.into_any()
    };
    let late = (!target.late_tasks.is_empty()).then(|| {
        let tasks = target.late_tasks.iter().map(task).collect_view();
        view! { <h3>{t!(forecast::LATE)}</h3><ul>{tasks}</ul> }.into_any()
    });
    let reminder = target
        .reminder
        .clone()
        .map(|text| view! { <h3>{t!(forecast::REMINDER)}</h3><blockquote lang="zh-CN">{text}</blockquote> }.into_any());
    let (estimates, verdict) = (target.estimates.iter().map(estimate).collect_view(), target.verdict);
    page::section(
        Text::label(target.indicator),
        view! {
            <p>{page::chip(Text::label(verdict), tone(verdict))}" "{t!(forecast::METHODS)}</p>
            <ul>{estimates}</ul>
            {late}
            {reminder}
        }
        .into_any(),
    )
}

fn task(task: &LateTask) -> AnyView {
    let (href, due) = (format!("/tasks/{}", task.id), task.due_on);
    let whose = format!("{} · {}", task.organisation_name, task.village_name);
    view! { <li><a href=href>{task.title.clone()}</a>" "{whose}" "<small>{move || format::date(due, lang())}</small></li> }
        .into_any()
}
