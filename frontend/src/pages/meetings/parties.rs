//! Who takes part in a meeting, as a list of names: everybody in the campaign with one click, or one by one.

use std::collections::HashMap;

use contract::Sort;
use contract::areas::{AreaLevel, AreaQuery};
use contract::enrolments::{EnrolmentQuery, EnrolmentSort, EnrolmentState};
use contract::meetings::Attendance;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::api::areas::OFFICES;
use crate::api::enrolments::CONFIRMED_ORGANISATIONS;
use crate::api::{self, ApiError};
use crate::components::form::Form;
use crate::components::picker::{Place, Source, picker};
use crate::components::toast;
use crate::i18n::{Text, field, reactive, texts};
use crate::{dom, session, t};

/// The most that take part.
const MOST: usize = 500;
/// Where they stand in the form.
const AT: &str = "/participants";

/// Names by code or id.
type Names = RwSignal<HashMap<String, String>>;

/// The participants of a form. Those of a meeting with this id are named by it.
pub fn fields(form: Form, id: Option<String>) -> Vec<AnyView> {
    let names: Names = RwSignal::default();
    if let Some(id) = id {
        spawn_local(async move {
            if let Ok(meeting) = api::meetings::read(&id).send().await {
                let _ = names.try_update(|names| names.extend(meeting.attendance.into_iter().map(named)));
            }
        });
    }
    let count = Memo::new(move |_| all(form).len());
    let rows = move || (0..count.get()).map(|index| row(form, names, index)).collect_view();
    vec![
        everybody(form, names),
        adder(form, names, "area_code", texts::supervision_orders::AREA, OFFICES),
        adder(form, names, "organisation_id", field("organisation_id"), CONFIRMED_ORGANISATIONS),
        view! {
            <p role="status">{move || t!(meetings::count, count.get())}</p>
            <ul class="rows">{rows}</ul>
        }
        .into_any(),
    ]
}

fn named(party: Attendance) -> (String, String) {
    (party.area_code.or(party.organisation_id.map(|id| id.to_string())).unwrap_or_default(), party.name)
}

/// All participants, tracked.
fn all(form: Form) -> Vec<Value> {
    form.get(AT).as_array().cloned().unwrap_or_default()
}

/// The code or id of a participant.
fn key(party: &Value) -> String {
    party["area_code"].as_str().or(party["organisation_id"].as_str()).unwrap_or_default().to_owned()
}

fn row(form: Form, names: Names, index: usize) -> AnyView {
    let name = Memo::new(move |_| {
        let key = all(form).get(index).map(key).unwrap_or_default();
        names.with(|names| names.get(&key).cloned()).unwrap_or(key)
    });
    let remove = move |_| {
        let mut parties = untrack(|| all(form));
        if index < parties.len() {
            parties.remove(index);
        }
        form.set(AT, Value::Array(parties));
    };
    view! {
        <li>
            {name} " "
            <button type="button" class="tool" aria-label=move || t!(meetings::remove, name.get()) on:click=remove>"×"</button>
        </li>
    }
    .into_any()
}

/// A picker that adds what is chosen, and is empty again.
fn adder(form: Form, names: Names, name: &'static str, label: Text, source: Source) -> AnyView {
    let id = dom::id_of("party", name);
    let drawn = RwSignal::new(0);
    let place = Place { id: id.clone(), described_by: String::new(), invalid: Signal::derive(|| false), required: false };
    let add = {
        let id = id.clone();
        Callback::new(move |picked: Option<String>| {
            let Some(value) = picked else { return };
            let party = json!({ name: value });
            let mut parties = untrack(|| all(form));
            if parties.len() >= MOST {
                return toast::fault(t!(meetings::FULL)().to_owned());
            }
            if !parties.contains(&party) {
                parties.push(party);
                form.set(AT, Value::Array(parties));
                spawn_local(async move {
                    if let Ok(choice) = (source.find)(value).await {
                        let _ = names.try_update(|names| names.insert(choice.value, choice.label));
                    }
                });
            }
            drawn.update(|times| *times += 1);
            dom::focus_soon(id.clone());
        })
    };
    let draw = move || {
        drawn.track();
        picker(place.clone(), source, Signal::derive(|| None), add)
    };
    view! { <div class="field"><label for=id>{reactive(label)}</label>{draw}</div> }.into_any()
}

/// Enters all towns of the caller's area, and all villages and organisations that are confirmed in the campaign.
fn everybody(form: Form, names: Names) -> AnyView {
    let busy = RwSignal::new(false);
    let enter = move |_| {
        let campaign_id = untrack(|| form.get("/campaign_id"));
        busy.set(true);
        spawn_local(async move {
            match in_campaign(campaign_id).await {
                Ok(found) => {
                    names.update(|names| names.extend(found.iter().map(|(party, name)| (key(party), name.clone()))));
                    form.set(AT, Value::Array(found.into_iter().map(|(party, _)| party).take(MOST).collect()));
                }
                Err(error) => toast::fault(error.message()),
            }
            busy.set(false);
        });
    };
    let off = move || busy.get() || !form.get("/campaign_id").is_string();
    view! { <p><button type="button" class="button" disabled=off on:click=enter>{t!(meetings::EVERYBODY)}</button></p> }
        .into_any()
}

/// Those who can take part, with their names.
async fn in_campaign(campaign_id: Value) -> Result<Vec<(Value, String)>, ApiError> {
    let own = session::account_now().map(|account| account.area_code.clone()).unwrap_or_default();
    let towns = AreaQuery {
        level: Some(AreaLevel::Town),
        within: Some(own.clone()),
        limit: Some(200),
        total: Some(false),
        ..Default::default()
    };
    let towns = api::areas::list(&towns).send().await?.items.into_iter().filter(|town| town.takes_part);
    let mut found: Vec<_> = towns.map(|town| (json!({ "area_code": town.code }), town.name)).collect();
    let mut query = EnrolmentQuery {
        campaign_id: serde_json::from_value(campaign_id).ok(),
        state: Some(EnrolmentState::Confirmed),
        sort: Some(Sort { by: EnrolmentSort::AreaCode, descending: false }),
        limit: Some(200),
        total: Some(false),
        ..Default::default()
    };
    while found.len() < MOST {
        let page = api::enrolments::list(&query).send().await?;
        found.extend(page.items.into_iter().filter_map(|entry| match (entry.village_code, entry.organisation_id) {
            (Some(code), _) => code.starts_with(&own).then(|| (json!({ "area_code": code }), entry.name)),
            (None, id) => Some((json!({ "organisation_id": id }), entry.name)),
        }));
        if page.next_cursor.is_none() {
            break;
        }
        query.cursor = page.next_cursor;
    }
    Ok(found)
}
