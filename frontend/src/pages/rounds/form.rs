//! The form of a round: what is looked at, when, by whom, and how its pairings are chosen.

use contract::campaigns::Goal;
use contract::inspections::{InspectionRound, RoundKind, SelectionMethod};
use contract::{CodedEnum, Role};
use leptos::prelude::*;
use serde_json::{Value, json};
use web_sys::js_sys::Math;

use crate::api::areas::TOWNS;
use crate::api::checklists::CHECKLISTS_IN_USE;
use crate::api::inspections::INSPECTORS;
use crate::components::form::{self, Form, section};
use crate::i18n::{Text, field, texts};
use crate::pages::campaigns::{OPEN_CAMPAIGNS, current};
use crate::{api, session, t};

/// One more than the largest seed.
const SEEDS: f64 = 1_000_000_000.0;

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["checklist_id"]);
    blank["selection"] = json!({ "method": "all", "towns": [], "overdue_tasks": false, "never_inspected": false });
    blank["inspectors"] = json!([]);
    if let Some(account) = session::account() {
        blank["starts_on"] = json!(account.today);
    }
    current::form_in(blank, |blank| {
        form::create::<InspectionRound>(texts::rounds::CREATE, blank, api::rounds::create, |form| {
            let campaign = form.field("/campaign_id").required().labelled(field("campaign_title")).pick(OPEN_CAMPAIGNS);
            fields(form, vec![campaign])
        })
    })
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    let fields = |form| fields(form, Vec::new());
    form::edit::<InspectionRound>(texts::rounds::EDIT, move || api::rounds::read(&id), fields)
}

fn fields(form: Form, mut what: Vec<AnyView>) -> AnyView {
    what.extend([
        form.field("/kind").required().select::<RoundKind>(),
        form.field("/title").required().text(),
        form.field("/checklist_id").required().pick(CHECKLISTS_IN_USE),
        form.field("/starts_on").required().date(),
        form.field("/ends_on").required().hint(texts::rounds::ENDS_HINT).date(),
        form.field("/inspectors").hint(texts::rounds::INSPECTORS_HINT).rows(
            10,
            || Value::Null,
            |form, at| form.field(at).required().pick(INSPECTORS),
        ),
    ]);
    view! { {section(texts::rounds::WHAT, what)}{section(texts::rounds::WHICH, choosing(form))} }.into_any()
}

/// How the pairings are chosen: what they have in common, and all of these, or some by lot.
fn choosing(form: Form) -> Vec<AnyView> {
    let is_lot = Memo::new(move |_| form.get("/selection/method") == json!(SelectionMethod::Lot));
    Effect::new(move |before: Option<bool>| {
        let lot = is_lot.get();
        if before.is_some_and(|before| before != lot) {
            form.set("/selection/count", Value::Null);
            form.set("/selection/seed", if lot { seed() } else { Value::Null });
        }
        lot
    });
    let method =
        |method: SelectionMethod| (Some(method.code().to_owned()), Signal::derive(move || Text::label(method).get().to_owned()));
    let lot = move || {
        is_lot.get().then(|| {
            view! {
                {form.field("/selection/count").required().labelled(texts::rounds::COUNT).number()}
                {form.field("/selection/seed").required().hint(texts::rounds::SEED_HINT).number()}
                <p><button type="button" class="button" on:click=move |_| form.set("/selection/seed", seed())>
                    {t!(rounds::NEW_SEED)}
                </button></p>
            }
        })
    };
    let mut parts = Vec::new();
    if !session::is_one_of(&[Role::Town]) {
        parts.push(form.field("/selection/towns").hint(texts::rounds::TOWNS_HINT).rows(50, || json!({}), town));
    }
    parts.extend([
        form.field("/selection/goal").hint(texts::rounds::GOAL_HINT).select::<Goal>(),
        form.field("/selection/overdue_tasks").checkbox(),
        form.field("/selection/never_inspected").checkbox(),
        form.field("/selection/method").required().tiles(SelectionMethod::ALL.iter().map(|&one| method(one)).collect()),
        lot.into_any(),
    ]);
    parts
}

fn town(form: Form, at: &str) -> AnyView {
    form.field(format!("{at}/town_code")).required().labelled(field("town_name")).pick(TOWNS)
}

/// A number that nobody has chosen. It stands on the round, so that everybody can draw the same again.
fn seed() -> Value {
    json!((Math::random() * SEEDS).floor() as i32)
}
