//! The states of a task: pure decisions.

use chrono::NaiveDate;
use contract::projects::{ProjectState, ResponsibleSide, TaskAction as A, TaskInput, TaskState as S, WRITERS};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError, Month, Role};
use platform::{Result, workflow};

/// The facts that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub state: S,
    pub project: ProjectState,
    pub responsible: ResponsibleSide,
}

/// The side for which a role acts.
pub fn side(role: Role) -> Option<ResponsibleSide> {
    match role {
        Role::Organisation => Some(ResponsibleSide::Organisation),
        Role::Village => Some(ResponsibleSide::Village),
        Role::Town => Some(ResponsibleSide::Town),
        _ => None,
    }
}

/// Whether a role may change a task.
pub fn editable(facts: Facts, role: Role) -> bool {
    WRITERS.contains(&role) && facts.state == S::Open && ProjectState::PLANNING.contains(&facts.project)
}

/// The steps that a role may take.
pub fn allowed(facts: Facts, role: Role) -> Vec<A> {
    A::ALL.iter().copied().filter(|&action| possible(facts, action, role).is_ok()).collect()
}

/// Decides a step.
///
/// # Errors
/// `forbidden`, `illegal_step`, or a fault at `/note`.
pub fn decide(facts: Facts, action: A, role: Role, remarks: &StepInput) -> Result<S> {
    possible(facts, action, role).map_err(|code| workflow::refused(code, facts.state, &allowed(facts, role)))?;
    Ok(workflow::step(S::STEPS, facts.state, action, role, remarks)?.to)
}

fn possible(facts: Facts, action: A, role: Role) -> Result<(), ErrorCode> {
    let step = S::STEPS.0.iter().find(|step| step.action == action && step.by.contains(&role)).ok_or(ErrorCode::Forbidden)?;
    // The responsible side reports the work. The town, which guides both sides, may report for either.
    let reports = action == A::Finish || (action == A::Reopen && facts.state == S::Done);
    if reports && role != Role::Town && side(role) != Some(facts.responsible) {
        return Err(ErrorCode::Forbidden);
    }
    let projects = if reports { &[ProjectState::InProgress] } else { ProjectState::PLANNING };
    if step.from.contains(&facts.state) && projects.contains(&facts.project) { Ok(()) } else { Err(ErrorCode::IllegalStep) }
}

/// The faults of a task's days in a project.
pub fn faults(input: &TaskInput, starts_on: NaiveDate, ends_on: NaiveDate) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if input.month < Month::of(starts_on) || input.month > Month::of(ends_on) {
        faults.push(FieldError::at("/month", "date_outside_project"));
    }
    if input.due_on < starts_on || input.due_on > ends_on {
        faults.push(FieldError::at("/due_on", "date_outside_project"));
    } else if input.due_on < input.month.first_day() {
        faults.push(FieldError::at("/due_on", "end_before_start"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;
    use proptest::sample::select;
    use uuid::Uuid;

    use super::*;

    fn because() -> StepInput {
        StepInput { note: Some("原因".to_owned()), on_behalf_reason: None }
    }

    fn facts() -> impl Strategy<Value = Facts> {
        (select(S::ALL), select(ProjectState::ALL), select(ResponsibleSide::ALL))
            .prop_map(|(state, project, responsible)| Facts { state, project, responsible })
    }

    #[test]
    fn who_answers_for_a_task_or_the_town_reports_it_while_the_project_runs_and_all_three_plan_it() {
        let of = |state, project| Facts { state, project, responsible: Organisation };
        let table = |facts| [Role::Town, Role::Village, Role::Organisation].map(|role| allowed(facts, role));
        use ProjectState::{Accepted, Approved, Cancelled, Completed, Draft, InProgress, Returned, Submitted, Suspended};
        assert_eq!(table(of(S::Open, InProgress)), [vec![A::Finish, A::Cancel], vec![A::Cancel], vec![A::Finish, A::Cancel]]);
        assert_eq!(table(of(S::Done, InProgress)), [vec![A::Reopen], vec![], vec![A::Reopen]]);
        assert_eq!(table(of(S::Cancelled, InProgress)), [vec![A::Reopen], vec![A::Reopen], vec![A::Reopen]]);
        for planned in [Draft, Returned, Approved] {
            assert_eq!(table(of(S::Open, planned)), [vec![A::Cancel], vec![A::Cancel], vec![A::Cancel]], "{planned:?}");
            assert_eq!(table(of(S::Done, planned)), [vec![], vec![], vec![]], "{planned:?}");
            assert_eq!(table(of(S::Cancelled, planned)), [vec![A::Reopen], vec![A::Reopen], vec![A::Reopen]], "{planned:?}");
        }
        for fixed in [Submitted, Suspended, Completed, Accepted, Cancelled] {
            for state in [S::Open, S::Done, S::Cancelled] {
                assert_eq!(table(of(state, fixed)), [vec![], vec![], vec![]], "{state:?} {fixed:?}");
                assert!(!editable(of(state, fixed), Role::Town));
            }
        }
        assert!(editable(of(S::Open, InProgress), Role::Village) && editable(of(S::Open, Draft), Role::Organisation));
        assert!(!editable(of(S::Done, InProgress), Role::Village) && !editable(of(S::Open, InProgress), Role::Bureau));
        assert!(allowed(of(S::Open, InProgress), Role::Bureau).is_empty());
        let sides = [Role::Organisation, Role::Village, Role::Town, Role::Bureau].map(side);
        use ResponsibleSide::{Organisation, Town, Village};
        assert_eq!(sides, [Some(Organisation), Some(Village), Some(Town), None]);
    }

    #[test]
    fn who_is_refused_a_step_learns_what_is_allowed_instead() {
        let facts = |state| Facts { state, project: ProjectState::InProgress, responsible: ResponsibleSide::Village };
        let refused = |state, action, role| decide(facts(state), action, role, &because()).unwrap_err();
        let early = refused(S::Open, A::Reopen, Role::Village);
        assert_eq!((early.code, early.state), (ErrorCode::IllegalStep, Some("open")));
        assert_eq!(early.allowed_actions.as_deref(), Some(&["finish", "cancel"][..]));
        // Once a task cannot be cancelled, nobody can cancel it.
        assert_eq!(refused(S::Done, A::Cancel, Role::Organisation).code, ErrorCode::IllegalStep);
        assert_eq!(refused(S::Open, A::Finish, Role::Organisation).code, ErrorCode::Forbidden);
    }

    #[test]
    fn a_task_is_due_through_the_last_day_of_its_project_and_not_before_its_month() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let found = |month: &str, due_on: &str| -> Vec<_> {
            let input = TaskInput {
                project_id: Uuid::nil(),
                month: month.parse().unwrap(),
                title: "修路".into(),
                responsible: ResponsibleSide::Village,
                due_on: day(due_on),
                weight: 1,
                position: None,
            };
            let faults = faults(&input, day("2020-06-15"), day("2020-11-30"));
            faults.into_iter().map(|fault| format!("{}={}", fault.pointer, fault.code)).collect()
        };
        assert_eq!(found("2020-06", "2020-06-14"), ["/due_on=date_outside_project"]);
        assert!(found("2020-06", "2020-06-15").is_empty());
        assert!(found("2020-11", "2020-11-30").is_empty());
        assert_eq!(found("2020-11", "2020-12-01"), ["/due_on=date_outside_project"]);
        assert_eq!(found("2020-05", "2020-06-15"), ["/month=date_outside_project"]);
        assert_eq!(found("2020-12", "2020-11-30"), ["/month=date_outside_project", "/due_on=end_before_start"]);
        assert_eq!(found("2020-08", "2020-07-31"), ["/due_on=end_before_start"]);
        assert!(found("2020-08", "2020-08-01").is_empty());
        // A task of one month may be due in a later one.
        assert!(found("2020-08", "2020-09-01").is_empty());
    }

    proptest! {
        #[test]
        fn what_is_shown_as_allowed_is_what_is_allowed(facts in facts(), role in select(Role::ALL), action in select(A::ALL)) {
            prop_assert_eq!(decide(facts, action, role, &because()).is_ok(), allowed(facts, role).contains(&action));
        }

        #[test]
        fn what_is_decided_or_over_stays_as_it_is(facts in facts(), role in select(Role::ALL)) {
            let fixed = !ProjectState::PLANNING.contains(&facts.project);
            prop_assert!(!fixed || (allowed(facts, role).is_empty() && !editable(facts, role)));
        }

        #[test]
        fn neither_side_reports_the_other_s_work(facts in facts()) {
            let theirs = Facts { responsible: ResponsibleSide::Village, ..facts };
            prop_assert!(!allowed(theirs, Role::Organisation).contains(&A::Finish));
        }

        #[test]
        fn a_good_task_lies_in_its_project(month in 1u32..=12, due in 0u64..400) {
            let (starts_on, ends_on) = ("2020-06-15".parse().unwrap(), "2020-11-30".parse().unwrap());
            let input = TaskInput {
                project_id: Uuid::nil(),
                month: Month::new(2020, month).unwrap(),
                title: "修路".into(),
                responsible: ResponsibleSide::Village,
                due_on: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(due),
                weight: 1,
                position: None,
            };
            if faults(&input, starts_on, ends_on).is_empty() {
                prop_assert!((6..=11).contains(&month) && (starts_on..=ends_on).contains(&input.due_on));
                prop_assert!(input.due_on >= input.month.first_day());
            }
        }
    }
}
