//! Pairings.

use contract::pairings::{Pairing, PairingInput, PairingKind, PairingQuery, PairingState, ProposedBy};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;

use super::{Call, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Pairings that fit the filters.
pub fn list(query: &PairingQuery) -> Call<Page<Pairing>> {
    Call::list("/pairings", query)
}

/// One pairing.
pub fn read(id: &str) -> Call<Pairing> {
    Call::get(format!("/pairings/{id}"))
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

/// Pairings, by the names of their parties.
pub const PAIRINGS: Source = Source {
    search: |q| {
        async move {
            let query = PairingQuery {
                kind: Some(PairingKind::Village),
                q: text(q),
                limit: Some(LIMIT),
                total: Some(false),
                ..Default::default()
            };
            let page = list(&query).send().await?;
            Ok(page.items.into_iter().map(pairing).collect())
        }
        .boxed_local()
    },
    find: |id| async move { read(&id).send().await.map(pairing) }.boxed_local(),
};

fn pairing(pairing: Pairing) -> Choice {
    Choice {
        value: pairing.id.to_string(),
        label: format!("{} · {}", pairing.village_name, pairing.organisation_name),
        hint: pairing.town_name,
    }
}
