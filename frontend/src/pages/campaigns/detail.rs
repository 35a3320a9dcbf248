//! A campaign's page: calendar, targets, settings, leading group.

use std::sync::Arc;

use chrono::Datelike;
use contract::campaigns::{Campaign, CampaignSettings, Goal, LeadingGroupMember, LeadingGroupPost, ReportDayRule, Target};
use contract::recommendations::{MatchWeights, ScoreTermKind};
use contract::{CodedEnum, Month};
use leptos::prelude::*;

use super::calendar;
use crate::api;
use crate::components::detail::{self, Detail, Fact, fact, fact_in, facts};
use crate::components::load;
use crate::components::page::{Tone, chip};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{format, session, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::campaigns::read(&id), draw)
}

fn draw(campaign: Arc<Campaign>, _: Callback<()>) -> Detail {
    let tab = |key, title, content: fn(&Campaign) -> AnyView| {
        let campaign = campaign.clone();
        Tab::new(key, title, move || content(&campaign))
    };
    Detail {
        title: campaign.details.title.clone(),
        chips: campaign.current_phase.map(|phase| chip(Text::label(phase), Tone::Accent)).into_any(),
        editable: campaign.editable,
        actions: ().into_any(),
        tabs: vec![
            tab("calendar", texts::campaigns::CALENDAR, overview),
            tab("targets", texts::campaigns::TARGETS, |campaign| targets(&campaign.details.targets)),
            tab("settings", field("settings"), |campaign| {
                let due = campaign.details.rankings_due();
                let mut all = settings(&campaign.details.settings);
                all.push(fact_in("rankings_due_on", move || format::date(due, lang())));
                view! { {facts(all)}{due_days(campaign)}<h2>{t!(campaigns::MATCH_WEIGHTS)}</h2>{weights(&campaign.details.settings.match_weights)} }
                    .into_any()
            }),
            tab("group", field("leading_group"), |campaign| group(&campaign.details.leading_group)),
        ],
    }
}

fn overview(campaign: &Campaign) -> AnyView {
    let (from, to) = (campaign.details.starts_on, campaign.details.ends_on);
    view! {
        {facts(vec![
            fact("document_number", campaign.details.document_number.clone()),
            fact("area_name", campaign.area_name.clone()),
            fact_in("period", move || t!(campaigns::until, format::date(from, lang()), format::date(to, lang()))),
        ])}
        {calendar::calendar(campaign)}
    }
    .into_any()
}

fn targets(targets: &[Target]) -> AnyView {
    if targets.is_empty() {
        return view! { <p class="muted">{t!(campaigns::NO_TARGETS)}</p> }.into_any();
    }
    let groups = Goal::ALL.iter().filter_map(|&goal| {
        let of_goal = targets.iter().filter(|target| target.indicator.goal() == goal).map(|target| {
            let wanted = if target.indicator.is_money() { format::money(target.target) } else { format::count(target.target) };
            view! { <tr><th scope="row">{reactive(Text::label(target.indicator))}</th><td class="number">{wanted}</td></tr> }
                .into_any()
        });
        let rows: Vec<_> = of_goal.collect();
        (!rows.is_empty()).then(|| {
            let head = view! { <tr class="group"><th colspan="2" scope="colgroup">{reactive(Text::label(goal))}</th></tr> };
            view! { <tbody>{head}{rows}</tbody> }.into_any()
        })
    });
    let heads = vec![(field("indicator"), false), (field("target"), true)];
    table::table(texts::campaigns::TARGETS, heads, groups.collect_view().into_any())
}

fn settings(settings: &CampaignSettings) -> Vec<Fact> {
    let number = |name, value: i32| fact(name, format::count(value.into()));
    let yes = |name, value: bool| -> Fact {
        fact_in(name, move || if value { texts::common::YES.get() } else { texts::common::NO.get() }.to_owned())
    };
    let limit = |name, value: Option<i32>| -> Fact {
        fact_in(name, move || value.map_or_else(|| t!(campaigns::NO_LIMIT)().to_owned(), |limit| format::count(limit.into())))
    };
    let (day, rule) = (settings.report_day, settings.report_day_rule);
    vec![
        number("min_organisations", settings.min_organisations),
        fact_in("report_day", move || t!(campaigns::day_of_month, day)),
        yes("report_day_inclusive", settings.report_day_inclusive),
        fact_in("report_day_rule", move || rule.label(lang()).to_owned()),
        number("max_projects", settings.max_projects),
        number("project_grace_days", settings.project_grace_days),
        number("agreement_months", settings.agreement_months),
        number("answer_days", settings.answer_days),
        limit("max_pairings_per_organisation", settings.max_pairings_per_organisation),
        limit("max_pairings_per_village", settings.max_pairings_per_village),
    ]
}

/// The day on which the form of each month is due, and of which years to come no holidays are known yet.
fn due_days(campaign: &Campaign) -> AnyView {
    let details = &campaign.details;
    let (first, last) = (Month::of(details.starts_on), Month::of(details.ends_on));
    let months = first.onwards().take_while(|month| *month <= last);
    let rows = months.map(|month| {
        let due = campaign.report_due(month);
        Row::default().said(move || format::month(month, lang())).said(move || format::date(due, lang()))
    });
    let heads = vec![(field("month"), false), (field("due_on"), false)];
    let today = session::account().map_or(details.starts_on, |account| account.today);
    let reckons = details.settings.report_day_rule == ReportDayRule::NextWorkday;
    let years = today.year().max(first.next().year())..=last.next().year();
    let unknown = years.take(if reckons { 3 } else { 0 }).map(unknown).collect_view();
    view! { <h2>{reactive(field("due_days"))}</h2>{unknown}{table::rows(field("due_days"), heads, rows)} }.into_any()
}

/// That no holidays of a year are known yet.
fn unknown(year: i32) -> AnyView {
    load::show(load::load(move || api::calendar::latest(Some(year))), move |page| {
        let known = !page.items.is_empty();
        (!known).then(|| view! { <p class="notice warning" role="note">{move || t!(calendar::unknown, year)}</p> }).into_any()
    })
}

/// What the terms of a score are worth.
pub fn weights(weights: &MatchWeights) -> AnyView {
    let weights = serde_json::to_value(weights).unwrap_or_default();
    let of = |kind: &ScoreTermKind| -> Fact {
        (Text::label(*kind), format::count(weights[kind.code()].as_i64().unwrap_or_default()).into_any())
    };
    facts(ScoreTermKind::ALL.iter().map(of).collect())
}

fn group(members: &[LeadingGroupMember]) -> AnyView {
    if members.is_empty() {
        return view! { <p class="muted">{t!(campaigns::NO_GROUP)}</p> }.into_any();
    }
    let of_post = |post: LeadingGroupPost| members.iter().filter(move |member| member.post == post);
    let rows = LeadingGroupPost::ALL
        .iter()
        .flat_map(|&post| of_post(post))
        .map(|member| Row::default().text(member.name.clone()).label(Text::label(member.post)).text(member.unit.clone()));
    let heads = ["display_name", "post", "unit"].map(|name| (field(name), false));
    table::rows(field("leading_group"), heads.into(), rows)
}
