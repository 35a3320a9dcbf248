//! The families on this device, masked as the service sends them, and a search among them.

use std::collections::HashMap;

use contract::households::{ConsentScope, HouseholdHead, HouseholdQuery, HouseholdSort, HouseholdSummary, Member};
use contract::pairings::{PairingKind, PairingQuery, PairingSort, PairingState};
use contract::plans::{MeasureQuery, MeasureSort, MeasureState, PlanState};
use contract::{Month, Page, Permission, Role, Sort};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::queue::{self, Family, Planned};
use crate::api::{self, ApiError, Call};
use crate::components::typing::Typing;
use crate::i18n::{reactive, texts};
use crate::{dom, session, t};

/// The name of the stored families.
pub const KEPT: &str = "families";
/// The most pages that are fetched. In a town with more families, the others are found online.
const MOST_PAGES: usize = 10;
const PAGE: u32 = 200;
/// The most families that are offered at once.
const SHOWN: usize = 6;

/// Fetches the families again, if there is a connection.
pub fn refresh(known: RwSignal<Vec<Family>>) {
    spawn_local(async move {
        let Ok(fresh) = fetch().await else { return };
        if let Ok(device) = queue::device().await {
            let _ = device.write(KEPT, &fresh).await;
        }
        known.try_set(fresh);
    });
}

fn may(permission: Permission) -> bool {
    session::account_now().is_some_and(|account| account.permissions.contains(&permission))
}

async fn fetch() -> Result<Vec<Family>, ApiError> {
    let (mut pairings, mut measures) = (pairings(None).await?, measures(None).await?);
    let sort = Some(Sort { by: HouseholdSort::FileNumber, descending: false });
    let query = HouseholdQuery { members: Some(true), limit: Some(PAGE), sort, ..Default::default() };
    let families = all(query, api::households::list, |query, cursor| query.cursor = Some(cursor)).await?;
    // A family that has refused is no longer visited, so no device stores it.
    let visited = |household: &HouseholdSummary| household.head.anonymised_on.is_none() && household.head.visitable();
    let known = families.into_iter().filter(visited);
    let family = |household: HouseholdSummary| {
        let id = household.head.id;
        let own = (pairings.remove(&id).unwrap_or_default(), measures.remove(&id).unwrap_or_default());
        family(household.head, household.members.unwrap_or_default(), own)
    };
    Ok(known.map(family).collect())
}

/// A family that is not on the device.
pub async fn one(id: Uuid) -> Result<Family, ApiError> {
    let (mut pairings, mut measures) = (pairings(Some(id)).await?, measures(Some(id)).await?);
    let file = api::households::read(&id.to_string()).send().await?;
    let own = (pairings.remove(&id).unwrap_or_default(), measures.remove(&id).unwrap_or_default());
    Ok(family(file.head, file.members, own))
}

fn family(head: HouseholdHead, members: Vec<Member>, (pairings, mut measures): (Vec<(Uuid, String)>, Vec<Planned>)) -> Family {
    // Help under an organisation's own pairing cannot fulfil the measures of another one.
    if session::account_now().is_some_and(|account| account.role == Role::Organisation) {
        measures.retain(|measure| pairings.iter().any(|(id, _)| Some(*id) == measure.pairing_id));
    }
    Family {
        id: head.id,
        file_number: head.file_number,
        head_name: head.head_name,
        village_name: head.village_name,
        consented: head.consented,
        photos: head.consents_to.contains(&ConsentScope::Photos),
        pairings,
        members: members.into_iter().map(|member| (member.id, member.name, member.relation)).collect(),
        measures,
    }
}

/// The active pairings by family: of one family, or of all.
async fn pairings(household_id: Option<Uuid>) -> Result<HashMap<Uuid, Vec<(Uuid, String)>>, ApiError> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    if may(Permission::ReadPairings) {
        let (kind, state) = (Some(PairingKind::Household), Some(PairingState::Active));
        // In this order nothing moves while its pages are read.
        let sort = Some(Sort { by: PairingSort::OrganisationName, descending: false });
        let query = PairingQuery { kind, state, household_id, sort, limit: Some(PAGE), ..Default::default() };
        for pairing in all(query, api::pairings::list, |query, cursor| query.cursor = Some(cursor)).await? {
            if let Some(household) = pairing.household {
                found.entry(household.id).or_default().push((pairing.id, pairing.organisation_name));
            }
        }
    }
    Ok(found)
}

/// The unfulfilled measures of agreed plans whose month has come, by family: of one family, or of all.
async fn measures(household_id: Option<Uuid>) -> Result<HashMap<Uuid, Vec<Planned>>, ApiError> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    let this_month = session::account_now().map(|account| Month::of(account.today));
    if may(Permission::ReadPlans) {
        let sort = Some(Sort { by: MeasureSort::Month, descending: false });
        let state = Some(MeasureState::Planned);
        let query = MeasureQuery { household_id, state, sort, limit: Some(PAGE), ..Default::default() };
        for measure in all(query, api::plans::measures, |query, cursor| query.cursor = Some(cursor)).await? {
            if measure.plan_state == PlanState::Agreed && this_month.is_none_or(|month| measure.month <= month) {
                found.entry(measure.household_id).or_default().push(Planned {
                    id: measure.id,
                    month: measure.month,
                    kind: measure.kind,
                    description: measure.description.unwrap_or_default(),
                    amount_fen: measure.amount_fen,
                    member_id: measure.member_id,
                    pairing_id: measure.pairing_id,
                });
            }
        }
    }
    Ok(found)
}

/// All items of a list, page by page.
///
/// # Errors
///
/// Those of [`Call::send`].
pub async fn all<Q, T: DeserializeOwned + 'static>(
    mut query: Q,
    list: fn(&Q) -> Call<Page<T>>,
    go_on: fn(&mut Q, String),
) -> Result<Vec<T>, ApiError> {
    let mut found = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = list(&query).send().await?;
        found.extend(page.items);
        match page.next_cursor {
            Some(cursor) => go_on(&mut query, cursor),
            None => break,
        }
    }
    Ok(found)
}

/// Whether every word of a search is part of the visible data of a family.
fn fits(family: &Family, search: &str) -> bool {
    let seen = format!("{} {} {}", family.file_number, family.head_name, family.village_name);
    search.split_whitespace().all(|word| seen.contains(word))
}

/// The visible data of a family, in one line.
pub fn line(family: &Family) -> String {
    format!("{} {}", family.head_name, family.file_number)
}

/// The field that selects a family; `fault` is its fault.
pub fn choose(known: RwSignal<Vec<Family>>, chosen: RwSignal<Option<Family>>, fault: Signal<Option<String>>) -> AnyView {
    let search = RwSignal::new(String::new());
    let typing = Typing::start();
    let found = Memo::new(move |_| {
        let search = search.get();
        known.with(|known| known.iter().filter(|family| fits(family, &search)).take(SHOWN).cloned().collect::<Vec<_>>())
    });
    let again = move |_| {
        chosen.set(None);
        dom::focus_soon("family");
    };
    let one = move |family: Family| {
        view! {
            <div class="chosen">
                <p><strong>{line(&family)}</strong> " " <span class="muted">{family.village_name.clone()}</span></p>
                <button type="button" class="button" on:click=again>{t!(visit::OTHER_FAMILY)}</button>
            </div>
            {(!family.consented).then(|| view! { <p class="notice" role="note">{t!(visit::NO_CONSENT)}</p> })}
            {(family.consented && !family.photos).then(|| view! { <p class="notice" role="note">{t!(visit::NO_PHOTOS)}</p> })}
        }
        .into_any()
    };
    let offer = move |family: Family| {
        let (line, village) = (line(&family), family.village_name.clone());
        view! {
            <li><button type="button" class="offer" on:click=move |_| chosen.set(Some(family.clone()))>
                <strong>{line}</strong> " " <span class="muted">{village}</span>
            </button></li>
        }
    };
    let asking = move || {
        view! {
            <div class="field">
                <label for="family">{t!(visit::FAMILY)}<span class="required" aria-hidden="true">" *"</span></label>
                <p class="hint" id="family-hint">{t!(visit::FAMILY_HINT)}</p>
                <p class="fault-text" id="family-fault">{move || fault.get()}</p>
                <input id="family" type="search" autocomplete="off" enterkeyhint="search" aria-describedby="family-hint family-fault"
                    aria-required="true" aria-invalid=move || fault.with(Option::is_some).to_string()
                    prop:value=search on:compositionstart=move |_| typing.begin()
                    on:compositionend:target=move |event| { typing.end(); search.set(event.target().value()); }
                    on:input:target=move |event| if !typing.is_composing() { search.set(event.target().value()) }/>
                <ul class="offers" aria-label=t!(visit::FAMILIES)>{move || found.get().into_iter().map(offer).collect_view()}</ul>
                {move || found.with(Vec::is_empty).then(|| {
                    let words = if known.with(Vec::is_empty) { texts::visit::NOBODY_KNOWN } else { texts::visit::NOBODY };
                    view! { <p class="muted" role="status">{reactive(words)}</p> }
                })}
            </div>
            {session::may(Permission::RevealHouseholds).then(|| view! { <p><a href="/households/search">{t!(visit::SEARCH)}</a></p> })}
        }
        .into_any()
    };
    (move || match chosen.get() {
        Some(family) => one(family),
        None => asking(),
    })
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_found_by_any_part_of_what_is_seen() {
        let family = Family {
            id: Uuid::nil(),
            file_number: "350582104206-0012".into(),
            head_name: "许**".into(),
            village_name: "永湖村".into(),
            consented: true,
            photos: true,
            pairings: Vec::new(),
            members: Vec::new(),
            measures: Vec::new(),
        };
        assert!(["", "0012", "永湖 12", "许"].iter().all(|search| fits(&family, search)));
        assert!(!fits(&family, "永湖 13"));
    }
}
