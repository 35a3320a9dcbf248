//! The families on this device, masked as the service shows them, and finding one among them.

use std::collections::HashMap;

use contract::households::{HouseholdQuery, HouseholdSort, HouseholdSummary};
use contract::pairings::{PairingKind, PairingQuery, PairingState};
use contract::{Permission, Sort};
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use crate::api::{self, ApiError};
use crate::queue::{self, Family};
use crate::{dom, session, t};

/// Where they are kept.
pub const KEPT: &str = "families";
/// How many pages of them are fetched; a town with more finds the others by its connection.
const MOST_PAGES: usize = 10;
const PAGE: u32 = 200;
/// How many are offered at once.
const SHOWN: usize = 6;

/// Fetches them anew, when there is a connection.
pub fn refresh(known: RwSignal<Vec<Family>>) {
    spawn_local(async move {
        let Ok(fresh) = fetch().await else { return };
        if let Some(device) = queue::device().await {
            let _ = device.write(KEPT, &fresh).await;
        }
        known.try_set(fresh);
    });
}

async fn fetch() -> Result<Vec<Family>, ApiError> {
    let mut pairings: HashMap<Uuid, Vec<(Uuid, String)>> = HashMap::new();
    if session::account_now().is_some_and(|account| account.permissions.contains(&Permission::ReadPairings)) {
        let mut query = PairingQuery {
            kind: Some(PairingKind::Household),
            state: Some(PairingState::Active),
            limit: Some(PAGE),
            ..Default::default()
        };
        for _ in 0..MOST_PAGES {
            let page = api::pairings::list(&query).send().await?;
            for pairing in page.items {
                if let Some(household) = pairing.household {
                    pairings.entry(household.id).or_default().push((pairing.id, pairing.organisation_name));
                }
            }
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
    }
    let sort = Some(Sort { by: HouseholdSort::FileNumber, descending: false });
    let mut query = HouseholdQuery { limit: Some(PAGE), sort, ..Default::default() };
    let mut found = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = api::households::list(&query).send().await?;
        found.extend(page.items.into_iter().map(|HouseholdSummary { head }| Family {
            pairings: pairings.remove(&head.id).unwrap_or_default(),
            id: head.id,
            file_number: head.file_number,
            head_name: head.head_name,
            village_name: head.village_name,
            consented: head.consented,
        }));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(found)
}

/// Whether every word of a search is a part of what is seen of a family.
fn fits(family: &Family, search: &str) -> bool {
    let seen = format!("{} {} {}", family.file_number, family.head_name, family.village_name);
    search.split_whitespace().all(|word| seen.contains(word))
}

/// What is seen of a family.
pub fn line(family: &Family) -> String {
    format!("{} {}", family.head_name, family.file_number)
}

/// Chooses a family; `fault` is what is wrong with the choice.
pub fn choose(known: RwSignal<Vec<Family>>, chosen: RwSignal<Option<Family>>, fault: Signal<Option<String>>) -> AnyView {
    let search = RwSignal::new(String::new());
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
                    prop:value=search on:input:target=move |event| search.set(event.target().value())/>
                <ul class="offers" aria-label=t!(visit::FAMILIES)>{move || found.get().into_iter().map(offer).collect_view()}</ul>
                {move || found.with(Vec::is_empty).then(|| view! { <p class="muted" role="status">{t!(visit::NOBODY)}</p> })}
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
            pairings: Vec::new(),
        };
        assert!(["", "0012", "永湖 12", "许"].iter().all(|search| fits(&family, search)));
        assert!(!fits(&family, "永湖 13"));
    }
}
