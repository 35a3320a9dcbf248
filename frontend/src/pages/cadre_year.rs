//! A cadre's year on one page (精准滴灌): whom they stand by, and what came of it month by month. Every figure links to its records.

use std::sync::Arc;

use contract::Role;
use contract::adoptions::{CadreMonth, CadreYear, CadreYearQuery, Difficulty, HelpRecord};
use contract::{CodedEnum, Permission, Resource};
use futures::FutureExt;
use leptos::prelude::*;

use crate::api::adoptions::CADRES;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::{self, ApiError};
use crate::components::chart::{self, Column, percent};
use crate::components::filters::{self, Filter};
use crate::components::load::{self, Load};
use crate::components::page;
use crate::i18n::{Text, lang, reactive, texts};
use crate::pages::campaigns::current;
use crate::pages::{adoptions, help};
use crate::{format, query, router, session, t};

/// The page of `/cadre-year`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(page)
}

fn is_cadre() -> bool {
    session::is_one_of(&[Role::Cadre])
}

fn page() -> AnyView {
    if !session::may(Permission::ReadAdoptions) {
        return load::missing();
    }
    let search = Memo::new(|_| router::search());
    let load = Load::by(move |abort| {
        let mut pairs = query::pairs(&search.get());
        async move {
            let campaign = query::get(&pairs, "campaign_id").and_then(|id| id.parse().ok());
            let cadre_id = query::get(&pairs, "cadre_id").and_then(|id| id.parse().ok());
            let Some(campaign_id) = campaign else {
                let Some(campaign) = current::current(&abort).await? else { return Ok(None) };
                query::set(&mut pairs, "campaign_id", Some(&campaign.id.to_string()));
                // This goes into the address, from which the filters are drawn, and starts another request.
                router::replace(&format!("/cadre-year?{}", query::write(&pairs)));
                return Err(ApiError::Aborted);
            };
            if cadre_id.is_none() && !is_cadre() {
                return Ok(None);
            }
            api::adoptions::year(&CadreYearQuery { campaign_id, cadre_id }).send_within(&abort).await.map(Some)
        }
        .boxed_local()
    });
    let mut choices = vec![Filter::pick("campaign_id", CAMPAIGNS)];
    if !is_cadre() {
        // Who may not propose finds cadres in the list of adoptions.
        let cadre = Filter::pick("cadre_id", CADRES);
        choices.push(if session::may(Permission::WriteAdoptions) { cadre } else { cadre.when_set() });
    }
    view! {
        {page::plain_head(texts::cadre_year::HEADING)}
        {filters::choices(choices)}
        {load::show(load, |year: Arc<Option<CadreYear>>| match &*year {
            Some(year) => draw(year),
            None => view! {
                <div class="notice">
                    <p>{t!(cadre_year::CHOOSE)}</p>
                    <p><a class="button" href="/adoptions">{t!(adoptions::HEADING)}</a></p>
                </div>
            }
            .into_any(),
        })}
    }
    .into_any()
}

fn draw(year: &CadreYear) -> AnyView {
    let name = year.cadre_name.clone();
    view! {
        <h2>{move || t!(cadre_year::of, name)}</h2>
        {cut(year)}
        {figures(year)}
        {page::section(texts::adoptions::HEADING, adoptions::rows(&year.adoptions))}
        {(!year.months.is_empty()).then(|| page::section(texts::cadre_year::TREND, trend(&year.months)))}
        <ol class="year">{year.months.iter().map(month).collect_view()}</ol>
    }
    .into_any()
}

/// The lists of which there is more than the page shows and adds up.
fn cut(year: &CadreYear) -> AnyView {
    let of = format!("campaign_id={}&cadre_id={}", year.campaign_id, year.cadre_id);
    let notices = year.cut.iter().map(|list| {
        let total = format::total(list.total, list.total_capped);
        let (kind, shown) = (list.object_type, format::count(list.shown.into()));
        let said = move || t!(cadre_year::cut, kind.label(lang()), total, shown);
        view! { <p class="notice" role="note"><a href=format!("{}?{of}", kind.path())>{said}</a></p> }
    });
    notices.collect_view().into_any()
}

/// The sums of the year, each a link to what it counts.
pub fn figures(year: &CadreYear) -> AnyView {
    let of = format!("campaign_id={}&cadre_id={}", year.campaign_id, year.cadre_id);
    let help = format!("/help-records?{of}&state=confirmed");
    let count = |number: usize| format::count(number.try_into().unwrap_or(i64::MAX));
    let helped = year.months.iter().map(|month| month.help.len()).sum();
    let solved = year.months.iter().map(|month| month.solved.len()).sum();
    let figure = |text: Text, number: String, href: Option<String>| {
        let number = match href {
            Some(href) => view! { <a href=href>{number}</a> }.into_any(),
            None => number.into_any(),
        };
        view! { <div><dt>{reactive(text)}</dt><dd>{number}</dd></div> }.into_any()
    };
    view! {
        <dl class="key-figures">
            {figure(texts::cadre_year::ADOPTIONS, count(year.adoptions.len()), Some(format!("/adoptions?{of}")))}
            {figure(texts::cadre_year::HELPED, count(helped), Some(help.clone()))}
            {figure(texts::cadre_year::MONEY, format::money(year.amount_fen), Some(help.clone()))}
            {figure(texts::cadre_year::HOURS, format::count(year.hours), Some(help))}
            {figure(texts::cadre_year::SOLVED, count(solved), None)}
            {figure(texts::cadre_year::OPEN, format::count(year.open_difficulties.into()), Some(format!("/difficulties?{of}&state=open")))}
        </dl>
    }
    .into_any()
}

/// Confirmed help by month. The months below say the same in words.
fn trend(months: &[CadreMonth]) -> AnyView {
    type Measure = (Text, fn(&CadreMonth) -> i64, fn(i64) -> String);
    let measures: [Measure; 3] = [
        (texts::cadre_year::HELPED, |month| month.help.len().try_into().unwrap_or(i64::MAX), format::count),
        (texts::cadre_year::MONEY_WAN, |month| month.amount_fen, format::wan_number),
        (texts::cadre_year::HOURS, |month| month.hours, format::count),
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
    view! { <div class="trend">{charts.collect_view()}</div> }.into_any()
}

fn month(month: &CadreMonth) -> AnyView {
    let at = month.month;
    let nothing = month.updates.is_empty() && month.help.is_empty() && month.solved.is_empty();
    let updates = month.updates.iter().map(|update| {
        view! { <p><a href=update.location()>{update.institution_name.clone()}</a>" "{update.details.content.clone()}</p> }
            .into_any()
    });
    view! {
        <li class="card">
            <h3>{move || format::month(at, lang())}</h3>
            {nothing.then(|| view! { <p class="muted">{t!(cadre_year::NOTHING)}</p> })}
            {updates.collect_view()}
            {(!month.help.is_empty()).then(|| view! { <h4>{t!(help::HEADING)}</h4><ul>{month.help.iter().map(helped).collect_view()}</ul> })}
            {(!month.solved.is_empty()).then(|| view! {
                <h4>{t!(cadre_year::SOLVED)}</h4><ul>{month.solved.iter().map(solved).collect_view()}</ul>
            })}
        </li>
    }
    .into_any()
}

fn helped(record: &HelpRecord) -> AnyView {
    let (kind, day, shown) = (record.details.kind, record.details.happened_on, record.clone());
    let link = move || format!("{} {}", format::date(day, lang()), kind.label(lang()));
    view! { <li><a href=record.location()>{link}</a>" "{move || help::given(&shown, lang())}</li> }.into_any()
}

fn solved(difficulty: &Difficulty) -> AnyView {
    let title = difficulty.details.title.clone();
    view! { <li><a href=difficulty.location()>{title}</a>" "{difficulty.solution.clone()}</li> }.into_any()
}
