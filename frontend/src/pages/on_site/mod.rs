//! Inspections held where there may be no connection (现场检查): filled in on a phone, kept there sealed, and sent later, by the
//! queue of visits.

mod sheet;

use contract::inspections::{Inspection, InspectionQuery, InspectionSort, InspectionState};
use contract::{CodedEnum, Permission, Sort};
use futures::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use self::sheet::Kept;
use super::inspections::whom;
use super::visit::device::NotKept;
use super::visit::queue::Waiting;
use super::visit::{draft, families, on_device, queue, ready, waiting};
use crate::components::load::{self, Load};
use crate::components::page::{self, Tone};
use crate::i18n::{lang, texts};
use crate::{api, dom, format, session, t};

/// The name of the stored inspections.
const KEPT: &str = "inspections";
/// The most inspections that are offered at once.
const SHOWN: usize = 20;

/// The page of a path below `/on-site`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(draw)
}

fn draw() -> AnyView {
    if !session::may(Permission::WriteInspections) {
        return load::missing();
    }
    let beside = page::link("/inspections".into(), texts::inspections::HEADING);
    view! {
        {page::head(move || t!(on_site::HEADING)().to_owned(), ().into_any(), beside)}
        {on_device(|| known().boxed_local(), |(inspections, begun)| entering(inspections.clone(), begun.clone()))}
    }
    .into_any()
}

/// The inspections on this device, and those that somebody has begun to fill in.
type Known = (Vec<Inspection>, Vec<Uuid>);

async fn known() -> Result<Known, NotKept> {
    let device = ready().await?;
    // What cannot be read is fetched again.
    let inspections = device.read(KEPT).await.ok().flatten().unwrap_or_default();
    let begun = device.names(draft::INSPECTIONS).await.unwrap_or_default();
    let id = |name: &String| name.strip_prefix(draft::INSPECTIONS)?.parse().ok();
    Ok((inspections, begun.iter().filter_map(id).collect()))
}

/// Fetches the planned inspections again, if there is a connection.
fn refresh(known: RwSignal<Vec<Inspection>>) {
    spawn_local(async move {
        let sort = Some(Sort { by: InspectionSort::PlannedOn, descending: false });
        let state = Some(InspectionState::Planned);
        let query = InspectionQuery { state, sort, limit: Some(200), total: Some(false), ..Default::default() };
        let all = families::all(query, api::inspections::list, |query, cursor| query.cursor = Some(cursor));
        let Ok(fresh) = all.await else { return };
        if let Ok(device) = queue::device().await {
            let _ = device.write(KEPT, &fresh).await;
        }
        known.try_set(fresh);
    });
}

fn entering(known: Vec<Inspection>, begun: Vec<Uuid>) -> AnyView {
    let (known, begun) = (RwSignal::new(known), RwSignal::new(begun));
    // What was sent is planned no more.
    Effect::new(move |before: Option<usize>| {
        let now = queue::waiting().len();
        if before.is_none_or(|before| before > now) {
            refresh(known);
        }
        now
    });
    let chosen = RwSignal::new(None::<(Inspection, Kept)>);
    let corrected = RwSignal::new(None::<Waiting>);
    let choose = Callback::new(move |inspection: Inspection| {
        spawn_local(async move {
            let Ok(device) = queue::device().await else { return };
            let kept = draft::read(&device, &draft::of_inspection(inspection.id)).await;
            begun.try_update(|begun| begun.push(inspection.id));
            chosen.try_set(Some((inspection, kept)));
        });
    });
    let done = Callback::new(move |entered: Option<Uuid>| {
        if let Some(id) = entered {
            begun.update(|begun| begun.retain(|known| *known != id));
        }
        corrected.set(None);
        chosen.set(None);
        dom::focus_soon("page-title");
    });
    view! {
        {move || match (corrected.get(), chosen.get()) {
            (Some(waiting), _) => untrack(|| again(waiting, done)),
            (None, Some((inspection, kept))) => untrack(|| sheet::sheet(inspection, kept, None, done)),
            (None, None) => choices(known, begun, choose),
        }}
        {waiting::list("/on-site", corrected, RwSignal::new(None))}
    }
    .into_any()
}

/// The sheet of an entry that is corrected, on what its inspection is now, if there is a connection.
fn again(waiting: Waiting, done: Callback<Option<Uuid>>) -> AnyView {
    let Some(before) = waiting.1.inspected().map(|inspected| inspected.inspection.clone()) else { return ().into_any() };
    let id = before.id.to_string();
    let now = Load::by(move |_| {
        let call = api::inspections::read(&id);
        async move { Ok(call.send().await.ok()) }.boxed_local()
    });
    load::show(now, move |now| {
        let inspection = now.as_ref().clone().unwrap_or_else(|| before.clone());
        sheet::sheet(inspection, None, Some(waiting.clone()), done)
    })
}

/// The planned inspections that are not entered yet, and a search among them.
fn choices(known: RwSignal<Vec<Inspection>>, begun: RwSignal<Vec<Uuid>>, choose: Callback<Inspection>) -> AnyView {
    let search = RwSignal::new(String::new());
    let found = Memo::new(move |_| {
        let entered: Vec<_> = queue::waiting().iter().filter_map(|(_, entry)| Some(entry.inspected()?.inspection.id)).collect();
        let search = search.get();
        let fits = |inspection: &&Inspection| {
            !entered.contains(&inspection.id) && search.split_whitespace().all(|word| whom(inspection).contains(word))
        };
        known.with(|known| known.iter().filter(fits).take(SHOWN).cloned().collect::<Vec<_>>())
    });
    let offer = move |inspection: Inspection| {
        let (title, round, kind, day) =
            (whom(&inspection), inspection.round_title.clone(), inspection.kind, inspection.details.planned_on);
        let late = inspection.overdue.then(|| page::chip(texts::inspections::OVERDUE, Tone::Bad));
        let is_begun = begun.with(|begun| begun.contains(&inspection.id));
        let kept = is_begun.then(|| page::chip(texts::on_site::BEGUN, Tone::Warning));
        let about = move || format!("{round} · {} · {}", kind.label(lang()), format::date(day, lang()));
        view! {
            <li><button type="button" class="offer" on:click=move |_| choose.run(inspection.clone())>
                <strong>{title}</strong>" "<span class="muted">{about}</span>{late}{kept}
            </button></li>
        }
    };
    view! {
        <p>{t!(on_site::HINT)}</p>
        <section class="card visit" aria-labelledby="choose-title">
            <h2 id="choose-title">{t!(on_site::CHOOSE)}</h2>
            <div class="field">
                <label for="inspection">{t!(on_site::SEARCH)}</label>
                <input id="inspection" type="search" autocomplete="off" prop:value=search
                    on:input:target=move |event| search.set(event.target().value())/>
            </div>
            <ul class="offers" aria-labelledby="choose-title">{move || found.get().into_iter().map(offer).collect_view()}</ul>
            {move || found.with(Vec::is_empty).then(|| view! { <p class="muted" role="status">{t!(on_site::NONE)}</p> })}
        </section>
    }
    .into_any()
}
