//! Who rectifies and who verifies: pure decisions.

use chrono::NaiveDate;
use contract::findings::{FindingAction as A, FindingState as S, FindingStepInput};
use contract::inspections::INSPECTORS;
use contract::projects::ResponsibleSide;
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError, Role};
use platform::{Error, Result, workflow};
use uuid::Uuid;

/// The facts that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub state: S,
    pub responsible: ResponsibleSide,
    /// Who submitted the last rectification, and in which role.
    pub rectified_by: Option<Uuid>,
    pub rectified_role: Option<Role>,
}

/// Who takes a step.
#[derive(Clone, Copy, Debug)]
pub struct Actor {
    pub user_id: Uuid,
    pub role: Role,
}

/// The role of a side.
pub fn role_of(side: ResponsibleSide) -> Role {
    match side {
        ResponsibleSide::Organisation => Role::Organisation,
        ResponsibleSide::Village => Role::Village,
        ResponsibleSide::Town => Role::Town,
    }
}

/// Whether a role rectifies for somebody else: a town for a village committee that has no account.
pub fn on_behalf(facts: Facts, role: Role) -> bool {
    role == Role::Town && facts.responsible == ResponsibleSide::Village
}

fn rectifies(facts: Facts, role: Role) -> bool {
    role == role_of(facts.responsible) || on_behalf(facts, role)
}

/// Whether somebody may say that a finding is mended, or is not: never the responsible side, nor whoever rectified.
pub fn verifies(facts: Facts, actor: Actor) -> bool {
    INSPECTORS.contains(&actor.role)
        && actor.role != role_of(facts.responsible)
        && facts.rectified_role != Some(actor.role)
        && facts.rectified_by != Some(actor.user_id)
}

/// Whether somebody may change what is written of a finding. Its own side changes neither its words nor its day.
pub fn editable(facts: Facts, role: Role) -> bool {
    INSPECTORS.contains(&role) && role != role_of(facts.responsible) && matches!(facts.state, S::Open | S::Rectifying)
}

/// Whether somebody may attach photos and papers.
pub fn evidence_welcome(facts: Facts, role: Role) -> bool {
    facts.state != S::Closed && (rectifies(facts, role) || INSPECTORS.contains(&role))
}

/// The steps that somebody may take.
pub fn allowed(facts: Facts, actor: Actor) -> Vec<A> {
    A::ALL.iter().copied().filter(|&action| possible(facts, action, actor).is_ok()).collect()
}

/// Decides a step.
///
/// # Errors
/// `forbidden`, `own_rectification`, `illegal_step`, or a fault of what the step asks for.
pub fn decide(
    facts: Facts,
    action: A,
    actor: Actor,
    input: &FindingStepInput,
    found_on: NaiveDate,
    today: NaiveDate,
) -> Result<S> {
    possible(facts, action, actor).map_err(|code| workflow::refused(code, facts.state, &allowed(facts, actor)))?;
    let faults = faults(facts, action, actor, input, found_on, today);
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let remarks = StepInput { note: input.note.clone(), on_behalf_reason: input.on_behalf_reason.clone() };
    Ok(workflow::step(S::STEPS, facts.state, action, actor.role, &remarks)?.to)
}

fn possible(facts: Facts, action: A, actor: Actor) -> Result<(), ErrorCode> {
    let step = S::STEPS.0.iter().find(|step| step.action == action && step.by.contains(&actor.role));
    let step = step.ok_or(ErrorCode::Forbidden)?;
    match action {
        A::Begin | A::Submit if !rectifies(facts, actor.role) => return Err(ErrorCode::Forbidden),
        A::Close | A::Reopen if !verifies(facts, actor) => return Err(ErrorCode::OwnRectification),
        _ => {}
    }
    if step.from.contains(&facts.state) { Ok(()) } else { Err(ErrorCode::IllegalStep) }
}

/// What a step asks for and does not get, and what does not go with it.
fn faults(
    facts: Facts,
    action: A,
    actor: Actor,
    input: &FindingStepInput,
    found_on: NaiveDate,
    today: NaiveDate,
) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut fault = |pointer: &'static str, code| faults.push(FieldError::at(pointer, code));
    if action == A::Submit {
        if input.note.is_none() {
            fault("/note", "required");
        }
        match input.rectified_on {
            None => fault("/rectified_on", "required"),
            Some(day) if day > today => fault("/rectified_on", "future"),
            Some(day) if day < found_on => fault("/rectified_on", "end_before_start"),
            Some(_) => {}
        }
    } else if input.rectified_on.is_some() {
        fault("/rectified_on", "not_for_step");
    }
    match input.due_on {
        Some(_) if action != A::Reopen => fault("/due_on", "not_for_step"),
        Some(day) if day < today => fault("/due_on", "past"),
        _ => {}
    }
    let for_another = matches!(action, A::Begin | A::Submit) && on_behalf(facts, actor.role);
    match input.on_behalf_reason {
        None if for_another => fault("/on_behalf_reason", "required"),
        Some(_) if !for_another => fault("/on_behalf_reason", "not_for_step"),
        _ => {}
    }
    faults
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn input(facts: Facts, action: A, role: Role) -> FindingStepInput {
        let text = || Some("原因".to_owned());
        let for_another = matches!(action, A::Begin | A::Submit) && on_behalf(facts, role);
        FindingStepInput {
            note: text(),
            rectified_on: (action == A::Submit).then(|| day("2020-07-10")),
            due_on: None,
            on_behalf_reason: if for_another { text() } else { None },
        }
    }

    fn decided(facts: Facts, action: A, actor: Actor) -> Result<S> {
        decide(facts, action, actor, &input(facts, action, actor.role), day("2020-07-01"), day("2020-07-20"))
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let users = (0u128..3).prop_map(|number| (number > 0).then(|| Uuid::from_u128(number)));
        let roles = prop::option::of(select(Role::ALL));
        (select(S::ALL), select(ResponsibleSide::ALL), users, roles).prop_map(
            |(state, responsible, rectified_by, rectified_role)| Facts { state, responsible, rectified_by, rectified_role },
        )
    }

    fn actor() -> impl Strategy<Value = Actor> {
        (1u128..4, select(Role::ALL)).prop_map(|(user, role)| Actor { user_id: Uuid::from_u128(user), role })
    }

    proptest! {
        #[test]
        fn what_is_shown_as_allowed_is_what_is_allowed(facts in facts(), actor in actor(), action in select(A::ALL)) {
            prop_assert_eq!(decided(facts, action, actor).is_ok(), allowed(facts, actor).contains(&action));
        }

        #[test]
        fn whatever_happens_nothing_is_closed_by_its_own_side_or_by_whoever_rectified(
            responsible in select(ResponsibleSide::ALL), steps in prop::collection::vec((actor(), select(A::ALL)), 0..30)
        ) {
            let mut facts = Facts { state: S::Open, responsible, rectified_by: None, rectified_role: None };
            for (actor, action) in steps {
                let Ok(state) = decided(facts, action, actor) else { continue };
                if matches!(action, A::Close | A::Reopen) {
                    prop_assert!(facts.rectified_by.is_some());
                    prop_assert!(facts.rectified_by != Some(actor.user_id) && facts.rectified_role != Some(actor.role));
                    prop_assert!(actor.role != role_of(responsible));
                }
                if action == A::Submit {
                    (facts.rectified_by, facts.rectified_role) = (Some(actor.user_id), Some(actor.role));
                }
                facts.state = state;
            }
        }
    }

    #[test]
    fn a_step_asks_for_its_day_and_words_and_for_nothing_else() {
        let facts = Facts { state: S::Open, responsible: ResponsibleSide::Village, rectified_by: None, rectified_role: None };
        let town = Actor { user_id: Uuid::from_u128(1), role: Role::Town };
        let told = |action, actor, input: FindingStepInput, facts| {
            let refused = decide(facts, action, actor, &input, day("2020-07-01"), day("2020-07-20")).unwrap_err();
            refused.errors.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        let nothing = FindingStepInput::default;
        assert_eq!(
            told(A::Submit, town, nothing(), facts),
            ["/note required", "/rectified_on required", "/on_behalf_reason required"]
        );
        let early = FindingStepInput { rectified_on: Some(day("2020-06-30")), ..input(facts, A::Submit, Role::Town) };
        assert_eq!(told(A::Submit, town, early, facts), ["/rectified_on end_before_start"]);
        let submitted =
            Facts { state: S::Submitted, rectified_by: Some(Uuid::from_u128(1)), rectified_role: Some(Role::Town), ..facts };
        let bureau = Actor { user_id: Uuid::from_u128(2), role: Role::Bureau };
        assert_eq!(told(A::Reopen, bureau, nothing(), submitted), ["/note required"]);
        let more = FindingStepInput { due_on: Some(day("2020-07-19")), note: Some("未到位".into()), ..nothing() };
        assert_eq!(told(A::Reopen, bureau, more, submitted), ["/due_on past"]);
        // The town has rectified in the village's place, so the bureau verifies.
        let refused = decided(submitted, A::Close, Actor { user_id: Uuid::from_u128(3), role: Role::Town }).unwrap_err();
        assert_eq!(refused.code, ErrorCode::OwnRectification);
    }
}
