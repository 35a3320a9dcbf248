//! Why two are not paired: what it would cost, and who would give way.

use contract::Permission;
use contract::assignments::{WhyNot, WhyNotAnswer, WhyNotQuery};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Work, accept, of_two, reasons, worth};
use crate::api::enrolments::{CONFIRMED_ORGANISATIONS, CONFIRMED_VILLAGES};
use crate::api::{self, ApiError};
use crate::components::load::{self, Load};
use crate::components::page;
use crate::components::picker::{Place, Source, picker};
use crate::i18n::{Text, reactive, texts};
use crate::pages::recommendations::terms;
use crate::{format, query, router, session, t};

/// The tab. The two stand in the address, so that the answer can be passed on as a link.
pub fn tab(work: Work) -> AnyView {
    let asked = |name: &'static str| {
        Memo::new(move |_| {
            query::get(&query::pairs(&router::search()), name).map(str::to_owned).filter(|value| !value.is_empty())
        })
    };
    let (organisation, village) = (asked("organisation_id"), asked("village_code"));
    let answer = move || {
        let two = organisation.get().and_then(|id| id.parse().ok()).zip(village.get());
        match two {
            Some((organisation_id, village_code)) => answer(work, WhyNotQuery { organisation_id, village_code }),
            None => view! { <p class="muted">{t!(assignments::CHOOSE_TWO)}</p> }.into_any(),
        }
    };
    view! {
        <p>{t!(assignments::WHY_NOT_TEXT)}</p>
        <div class="filters">
            {choose("organisation_id", texts::assignments::ORGANISATION, CONFIRMED_ORGANISATIONS, organisation)}
            {choose("village_code", texts::assignments::VILLAGE, CONFIRMED_VILLAGES, village)}
        </div>
        <div aria-live="polite">{answer}</div>
    }
    .into_any()
}

fn choose(name: &'static str, label: Text, source: Source, value: Memo<Option<String>>) -> AnyView {
    let id = format!("why-{name}");
    let place = Place { id: id.clone(), described_by: String::new(), invalid: false.into(), required: true };
    let pick = Callback::new(move |picked: Option<String>| {
        let here = router::here();
        let mut pairs = query::pairs(&here.search);
        query::set(&mut pairs, name, picked.as_deref());
        let search = query::write(&pairs);
        if search != here.search {
            router::replace(&format!("{}?{search}", here.path));
        }
    });
    view! { <div class="field wide-choice"><label for=id>{reactive(label)}</label>{picker(place, source, value.into(), pick)}</div> }
        .into_any()
}

fn answer(work: Work, two: WhyNotQuery) -> AnyView {
    let asked = two.clone();
    let found: Load<WhyNot> = load::load(move || api::assignments::why_not(work.id, &asked));
    (move || match (found.data.get(), found.fault.get()) {
        (Some(found), _) => draw(work, &found),
        (None, Some(ApiError::Problem(problem))) if problem.code == contract::ErrorCode::AssignmentStale => {
            stale(work, problem.detail)
        }
        (None, Some(error)) => load::fault(&error, Callback::new(move |()| found.reload())),
        (None, None) => load::skeleton(),
    })
    .into_any()
}

/// The data has changed since the draft was computed: nothing can be said by it any more.
fn stale(work: Work, detail: Option<String>) -> AnyView {
    let again = move |_| {
        spawn_local(async move {
            if let Ok(draft) = api::assignments::read(&work.id.to_string()).send().await {
                accept::compute_again(draft.details).await;
            }
        });
    };
    let button = session::may(Permission::WriteAssignments)
        .then(|| view! { <button type="button" class="button" on:click=again>{t!(assignments::AGAIN)}</button> });
    let words = move || detail.clone().unwrap_or_else(|| texts::assignments::STALE.get().to_owned());
    view! { <div class="notice warning" role="alert"><p>{words}</p>{button}</div> }.into_any()
}

fn draw(work: Work, found: &WhyNot) -> AnyView {
    let pair = found.pair.clone();
    let title = format!("{} · {}", pair.organisation_name, pair.village_name);
    let costs = (found.answer == WhyNotAnswer::Costs).then(|| costs(found));
    let full = (found.answer == WhyNotAnswer::Full).then(|| full(found));
    let gives = (!found.dropped.is_empty() || !found.made.is_empty()).then(|| {
        view! {
            <div class="halves">
                <section><h3>{t!(assignments::DROPPED)}</h3>{reasons::pairs(work, texts::assignments::DROPPED, &found.dropped)}</section>
                <section><h3>{t!(assignments::MADE)}</h3>{reasons::pairs(work, texts::assignments::MADE, &found.made)}</section>
            </div>
        }
    });
    let may =
        session::may(Permission::WriteAssignments) && !matches!(found.answer, WhyNotAnswer::Paired | WhyNotAnswer::Existing);
    let pin = may.then(|| {
        let href = format!("/assignments/new?from={}&{}", work.id, of_two(pair.organisation_id, &pair.village_code));
        page::link(href, texts::assignments::PIN)
    });
    view! {
        <section class="card">
            <h2>{title}</h2>
            <p><strong>{reactive(Text::label(found.answer))}</strong></p>
            {costs}{full}
            {terms(&found.terms)}
            <p class="total">{t!(assignments::SCORE)}" "<b>{format::count(pair.score)}</b></p>
            {gives}
            {pin}
        </section>
    }
    .into_any()
}

/// What the prices say, in one paragraph.
fn costs(found: &WhyNot) -> AnyView {
    let (score, pair) = (found.pair.score, found.pair.clone());
    let of = |price: Option<contract::assignments::MatchWorth>| price.unwrap_or_default();
    let (organisation, village) = (of(found.organisation_price), of(found.village_price));
    let (excess, loss) = (of(found.excess), of(found.loss));
    let words = move || {
        t!(
            assignments::costs,
            format::count(score),
            pair.organisation_name,
            worth(organisation),
            pair.village_name,
            worth(village),
            worth(excess),
            worth(loss)
        )
    };
    view! { <p>{words}</p> }.into_any()
}

fn full(found: &WhyNot) -> AnyView {
    let sides = [(found.organisation_full, &found.pair.organisation_name), (found.village_full, &found.pair.village_name)];
    let names = sides.into_iter().filter(|(full, _)| *full).map(|(_, name)| name.clone()).collect::<Vec<_>>().join("、");
    view! { <p>{move || t!(assignments::full, names)}</p> }.into_any()
}
