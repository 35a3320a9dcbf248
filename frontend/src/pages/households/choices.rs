//! Choices about a family: its members, the organisations paired with it, the measures of its plan.

use contract::households::Household;
use contract::pairings::{Pairing, PairingKind, PairingQuery, PairingState};
use contract::plans::{Measure, MeasureQuery, MeasureSort, MeasureState, PlanState};
use contract::{CodedEnum, Page, Permission, Sort};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::api::{self, Call};
use crate::components::picker::Choice;
use crate::i18n::lang_now;
use crate::{format, session};

/// The members, with masked names.
pub fn members(household: Signal<Option<Uuid>>) -> Signal<Vec<Choice>> {
    let ask = |id: Uuid| Some(api::households::read(&id.to_string()));
    follow(household, ask, |household: Household| {
        let lang = lang_now();
        let choice = |member: contract::households::Member| Choice {
            value: member.id.to_string(),
            label: format!("{} · {}", member.name, member.relation.label(lang)),
            hint: String::new(),
        };
        household.members.into_iter().map(choice).collect()
    })
}

/// The active pairings.
pub fn pairings(household: Signal<Option<Uuid>>) -> Signal<Vec<Choice>> {
    let ask = |id| {
        let query = PairingQuery {
            kind: Some(PairingKind::Household),
            household_id: Some(id),
            state: Some(PairingState::Active),
            limit: Some(50),
            ..Default::default()
        };
        session::may(Permission::ReadPairings).then(|| api::pairings::list(&query))
    };
    follow(household, ask, |page: Page<Pairing>| {
        let choice =
            |pairing: Pairing| Choice { value: pairing.id.to_string(), label: pairing.organisation_name, hint: String::new() };
        page.items.into_iter().map(choice).collect()
    })
}

/// The measures that a record can fulfil: those of an agreed plan.
pub fn measures(household: Signal<Option<Uuid>>) -> Signal<Vec<Choice>> {
    let ask = |id| {
        let sort = Some(Sort { by: MeasureSort::Month, descending: false });
        let query = MeasureQuery { household_id: Some(id), sort, limit: Some(200), ..Default::default() };
        session::may(Permission::ReadPlans).then(|| api::plans::measures(&query))
    };
    follow(household, ask, |page: Page<Measure>| {
        let open = |measure: &Measure| measure.plan_state == PlanState::Agreed && measure.state != MeasureState::Dropped;
        let choice = |measure: Measure| Choice { value: measure.id.to_string(), label: in_a_line(&measure), hint: String::new() };
        page.items.into_iter().filter(open).map(choice).collect()
    })
}

fn in_a_line(measure: &Measure) -> String {
    let lang = lang_now();
    let (month, kind) = (format::month(measure.month, lang), measure.kind.label(lang));
    format!("{month} · {kind} · {}", measure.description.as_deref().unwrap_or_default())
}

/// Asks again whenever another household is selected.
fn follow<T: DeserializeOwned + 'static>(
    household: Signal<Option<Uuid>>,
    ask: impl Fn(Uuid) -> Option<Call<T>> + 'static,
    read: fn(T) -> Vec<Choice>,
) -> Signal<Vec<Choice>> {
    let choices = RwSignal::new(Vec::new());
    Effect::new(move || {
        let id = household.get();
        choices.set(Vec::new());
        let Some(call) = id.and_then(&ask) else { return };
        spawn_local(async move {
            if let Ok(answer) = call.send().await
                && household.try_get_untracked() == Some(id)
            {
                choices.try_set(read(answer));
            }
        });
    });
    choices.into()
}
