//! Pairings.

use contract::catalogue::CommittedEntries;
use contract::pairing_year::PairingYear;
use contract::pairings::{Pairing, PairingInput, PairingKind, PairingQuery, PairingState, ProposedBy};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;
use uuid::Uuid;

use super::{ApiError, Call, Record};
use crate::components::picker::{self, Choice, LIMIT, Source, text};

/// Pairings that fit the filters.
pub fn list(query: &PairingQuery) -> Call<Page<Pairing>> {
    Call::list("/pairings", query)
}

/// One pairing.
pub fn read(id: &str) -> Call<Pairing> {
    Call::get(format!("/pairings/{id}"))
}

/// What a pairing takes of the catalogue.
pub fn commitments(id: Uuid) -> Call<CommittedEntries> {
    Call::get(format!("/pairings/{id}/commitments"))
}

/// The year of a pair.
pub fn year(id: &str) -> Call<PairingYear> {
    Call::get(format!("/pairings/{id}/year"))
}

/// Proposes a pairing.
pub fn create(input: &Value) -> Call<Pairing> {
    Call::post("/pairings", input)
}

impl Record for Pairing {
    type Input = PairingInput;
    const WRITE: Permission = Permission::WritePairings;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => PairingState::from_code(code).map(|state| state.label(lang)),
            "kind" => PairingKind::from_code(code).map(|kind| kind.label(lang)),
            "proposed_by" => ProposedBy::from_code(code).map(|by| by.label(lang)),
            _ => None,
        }
    }
}

/// Pairings with villages for filters, by the names of their parties.
pub const PAIRINGS: Source = Source {
    search: |q| search(PairingQuery { q: text(q), ..Default::default() }).boxed_local(),
    find: |id| async move { read(&id).send().await.map(pairing) }.boxed_local(),
};

/// Those that can have a new agreement.
pub const UNSIGNED_PAIRINGS: Source = Source {
    search: |q| search(PairingQuery { q: text(q), without_agreement: Some(true), ..Default::default() }).boxed_local(),
    ..PAIRINGS
};

/// Those that can have a new project.
pub const AGREED_PAIRINGS: Source = Source { search: |q| search_in(q, PairingState::AGREED).boxed_local(), ..PAIRINGS };

/// Those of which progress and results can be told: of one that has ended, what happened before.
pub const BEGUN_PAIRINGS: Source = Source { search: |q| search_in(q, PairingState::BEGUN).boxed_local(), ..PAIRINGS };

/// Active ones, which are inspected.
pub const ACTIVE_PAIRINGS: Source = Source { search: |q| search_in(q, &[PairingState::Active]).boxed_local(), ..PAIRINGS };

async fn search_in(q: String, states: &[PairingState]) -> Result<Vec<Choice>, ApiError> {
    picker::of_each(states, async |state| {
        search(PairingQuery { q: text(q.clone()), state: Some(state), ..Default::default() }).await
    })
    .await
}

async fn search(query: PairingQuery) -> Result<Vec<Choice>, ApiError> {
    let query = PairingQuery { kind: Some(PairingKind::Village), limit: Some(LIMIT), total: Some(false), ..query };
    let page = list(&query).send().await?;
    Ok(page.items.into_iter().map(pairing).collect())
}

fn pairing(pairing: Pairing) -> Choice {
    Choice {
        value: pairing.id.to_string(),
        label: format!("{} · {}", pairing.village_name, pairing.organisation_name),
        hint: pairing.town_name,
    }
}
