//! Assistance plans and their measures.

use contract::assistance::AidKind;
use contract::campaigns::Goal;
use contract::plans::{Measure, MeasureInput, MeasureQuery, MeasureSide, MeasureState, Plan, PlanInput, PlanQuery, PlanState};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};
use crate::i18n::texts;

/// Plans that fit the filters.
pub fn list(query: &PlanQuery) -> Call<Page<Plan>> {
    Call::list("/assistance-plans", query)
}

/// One plan.
pub fn read(id: &str) -> Call<Plan> {
    Call::get(format!("/assistance-plans/{id}"))
}

/// Creates a plan.
pub fn create(input: &Value) -> Call<Plan> {
    Call::post("/assistance-plans", input)
}

/// Measures that fit the filters.
pub fn measures(query: &MeasureQuery) -> Call<Page<Measure>> {
    Call::list("/assistance-measures", query)
}

/// One measure.
pub fn read_measure(id: &str) -> Call<Measure> {
    Call::get(format!("/assistance-measures/{id}"))
}

/// Adds a measure to its plan.
pub fn create_measure(input: &Value) -> Call<Measure> {
    Call::post("/assistance-measures", input)
}

impl Record for Plan {
    type Input = PlanInput;
    const WRITE: Permission = Permission::WritePlans;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => PlanState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Record for Measure {
    type Input = MeasureInput;
    const WRITE: Permission = Permission::WritePlans;
    const PRIVATE: bool = true;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => MeasureState::from_code(code).map(|state| state.label(lang)),
            "plan_state" => PlanState::from_code(code).map(|state| state.label(lang)),
            "responsible" => MeasureSide::from_code(code).map(|side| side.label(lang)),
            "kind" => AidKind::from_code(code).map(|kind| kind.label(lang)),
            "goal" => Goal::from_code(code).map(|goal| goal.label(lang)),
            // The history stores free text as a digest.
            "description" => Some(texts::households::DIGEST.get()),
            _ => None,
        }
    }
}

impl Editable for Measure {
    type Edit = MeasureInput;

    fn edit(&self) -> MeasureInput {
        MeasureInput {
            plan_id: self.plan_id,
            month: self.month,
            kind: self.kind,
            responsible: self.responsible,
            pairing_id: self.pairing_id,
            member_id: self.member_id,
            amount_fen: self.amount_fen,
            description: self.description.clone().unwrap_or_default(),
        }
    }
}
