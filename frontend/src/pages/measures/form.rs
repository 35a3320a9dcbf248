//! The form of a measure.

use std::sync::Arc;

use contract::assistance::AidKind;
use contract::plans::{Measure, MeasureSide, Plan};
use contract::{CodedEnum, Month};
use leptos::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::{self, Record};
use crate::components::form::{self, Form, section};
use crate::components::load;
use crate::i18n::{field, texts};
use crate::pages::households::choices;
use crate::session;

/// The form that adds a measure to a plan.
pub fn add(plan_id: &str) -> AnyView {
    if !session::may(Measure::WRITE) {
        return load::missing();
    }
    let plan_id = plan_id.to_owned();
    load::show(load::load(move || api::plans::read(&plan_id)), |plan: Arc<Plan>| {
        let month = session::account().map(|account| Month::of(account.today));
        let blank = json!({ "plan_id": plan.id, "month": month });
        let household = plan.household_id;
        form::create::<Measure>(texts::measures::ADD, blank, api::plans::create_measure, move |form| fields(form, household))
    })
}

/// The form that changes a measure.
pub fn edit(id: &str) -> AnyView {
    if !session::may(Measure::WRITE) {
        return load::missing();
    }
    let id = id.to_owned();
    let read = move || api::plans::read_measure(&id);
    load::show(load::load(read.clone()), move |measure: Arc<Measure>| {
        let household = measure.household_id;
        let fields = move |form| fields(form, household);
        form::edit_read(texts::measures::EDIT, &*measure, read.clone(), fields)
    })
}

fn fields(form: Form, household: Uuid) -> AnyView {
    let household = Signal::stored(Some(household));
    let organisation = Memo::new(move |_| form.get("/responsible") == MeasureSide::Organisation.code());
    Effect::new(move || {
        if !organisation.get() && untrack(|| form.get("/pairing_id")) != Value::Null {
            form.set("/pairing_id", Value::Null);
        }
    });
    let (members, pairings) = (choices::members(household), choices::pairings(household));
    let which = move || {
        organisation.get().then(|| {
            form.field("/pairing_id").labelled(field("organisation_name")).hint(texts::measures::PAIRING_HINT).choose(pairings)
        })
    };
    section(
        texts::measures::WHAT,
        vec![
            form.field("/month").required().month(),
            form.field("/kind").required().select::<AidKind>(),
            form.field("/description").required().hint(texts::households::REMARK_HINT).textarea(),
            form.field("/responsible").required().select::<MeasureSide>(),
            which.into_any(),
            form.field("/member_id").hint(texts::households::MEMBER_HINT).choose(members),
            form.field("/amount_fen").labelled(texts::measures::AMOUNT_YUAN).money(),
        ],
    )
}
