//! What is recommended: whom the notice would have pairs made of, and how needs and offers fit, each with its reasons.

use std::sync::Arc;

use contract::recommendations::{ChamberWithout, Recommendation, Recommendations, ScoreTerm};
use contract::{Lang, Permission, Role};
use leptos::prelude::*;

use crate::api::campaigns::CAMPAIGNS;
use crate::api::enrolments::{CONFIRMED_ORGANISATIONS, CONFIRMED_VILLAGES};
use crate::components::filters::{self, Filter};
use crate::components::load;
use crate::components::page::{self, Tone};
use crate::components::table::{self, Head, Row};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::pages::campaigns::current;
use crate::{api, format, query, session, t};

/// The page of a path below `/recommendations`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(page)
}

fn page() -> AnyView {
    let load = current::load_in("/recommendations", &["organisation_id", "village_code"], api::recommendations::read);
    let mut choices = vec![Filter::pick("campaign_id", CAMPAIGNS)];
    // The two sides see what is recommended to themselves.
    if !session::is_one_of(&[Role::Organisation, Role::Village]) {
        choices.push(Filter::pick("organisation_id", CONFIRMED_ORGANISATIONS));
        choices.push(Filter::pick("village_code", CONFIRMED_VILLAGES).called(field("village_name")));
    }
    view! {
        {page::plain_head(texts::nav::RECOMMENDATIONS)}
        <p class="muted">{t!(recommendations::ADVICE)}</p>
        {filters::choices(choices)}
        {load::show(load, |found: Arc<Option<Recommendations>>| match &*found {
            Some(found) => draw(found),
            None => view! { <div class="notice"><p>{t!(home::NO_CAMPAIGN)}</p></div> }.into_any(),
        })}
    }
    .into_any()
}

fn draw(found: &Recommendations) -> AnyView {
    let campaign = found.campaign_id.to_string();
    let some = |title: Text, items: &[Recommendation], none: Text| {
        let body = match items {
            [] => view! { <p class="muted">{reactive(none)}</p> }.into_any(),
            items => table::rows(title, heads(), items.iter().map(|item| row(&campaign, item))),
        };
        page::section(title, body)
    };
    let chambers = (!found.chambers_without.is_empty()).then(|| {
        let rows = found.chambers_without.iter().flat_map(|chamber| of_chamber(&campaign, chamber));
        let table = table::rows(texts::recommendations::CHAMBERS, heads(), rows);
        let hint = view! { <p class="muted">{t!(recommendations::CHAMBERS_HINT)}</p> };
        page::section(texts::recommendations::CHAMBERS, view! { {hint}{table} }.into_any())
    });
    view! {
        {some(texts::recommendations::NOTICE, &found.notice, texts::recommendations::NO_NOTICE)}
        {chambers}
        {some(texts::recommendations::FIT, &found.fit, texts::recommendations::NO_FIT)}
    }
    .into_any()
}

/// A chamber with the villages of its town, or by itself where none takes part.
fn of_chamber(campaign: &str, chamber: &ChamberWithout) -> Vec<Row> {
    if !chamber.villages.is_empty() {
        return chamber.villages.iter().map(|item| row(campaign, item)).collect();
    }
    let none = view! { <span class="muted">{t!(recommendations::NO_VILLAGE)}</span> }.into_any();
    let alone = Row::to(format!("/organisations/{}", chamber.organisation_id))
        .text(chamber.organisation_name.clone())
        .mark(None)
        .text(chamber.town_name.clone())
        .mark(Some(none))
        .mark(None);
    vec![if session::may(Permission::WritePairings) { alone.mark(None) } else { alone }]
}

fn heads() -> Vec<Head> {
    let mut heads: Vec<Head> = ["organisation_name", "village_name", "town_name"].map(|name| (field(name), false)).into();
    heads.extend([(texts::recommendations::REASONS, false), (texts::recommendations::SCORE, true)]);
    if session::may(Permission::WritePairings) {
        heads.push((texts::recommendations::ACT, false));
    }
    heads
}

fn row(campaign: &str, item: &Recommendation) -> Row {
    let village = item.village_name.clone();
    let old = item.old_base.then(|| page::chip(field("old_base"), Tone::Warning));
    let (href, home) = (format!("/organisations/{}", item.organisation_id), format!("/villages/{}", item.village_code));
    let row = Row::to(href)
        .text(item.organisation_name.clone())
        .mark(Some(view! { <a href=home>{village}</a>" "{old} }.into_any()))
        .text(item.town_name.clone())
        .mark(Some(terms(&item.terms)))
        .text(format::count(item.score));
    if session::may(Permission::WritePairings) { row.mark(Some(propose(campaign, item))) } else { row }
}

/// The link to the form that proposes these two, with what is known filled in.
fn propose(campaign: &str, item: &Recommendation) -> AnyView {
    let own = session::is_one_of(&[Role::Organisation, Role::Village]);
    let text = if own { texts::recommendations::PROPOSE } else { texts::recommendations::RECOMMEND };
    let names = format!("{} · {}", item.village_name, item.organisation_name);
    let pairs = [
        ("campaign_id", campaign.to_owned()),
        ("organisation_id", item.organisation_id.to_string()),
        ("village_code", item.village_code.clone()),
        // What goes into the record is Chinese, as all that people write there.
        ("note", said(&item.terms, Lang::ZhCn)),
    ];
    let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let href = format!("/pairings/new?{}", query::write(&pairs));
    view! { <a class="button whole" href=href>{reactive(text)}<span class="visually-hidden">" "{names}</span></a> }.into_any()
}

/// All reasons in one sentence, without points.
pub fn said(terms: &[ScoreTerm], lang: Lang) -> String {
    terms.iter().map(|term| term.words(lang)).collect::<Vec<_>>().join(lang.pick("；", "; "))
}

/// The terms of a score one by one, each with its reason in words and its points.
pub fn terms(terms: &[ScoreTerm]) -> AnyView {
    let items = terms.iter().map(|term| {
        let (points, term) = (format::count(term.points), term.clone());
        view! { <li><span>{move || term.words(lang())}</span>" "<b>{points}</b></li> }.into_any()
    });
    view! { <ul class="terms">{items.collect_view()}</ul> }.into_any()
}
