//! Whose turn it is with a pair, and which months its year has: pure decisions.

use chrono::{Days, NaiveDate};
use contract::agreements::{AgreementState, AgreementSummary};
use contract::outcomes::{Outcome, OutcomeState};
use contract::pairing_year::{MOST_MONTHS, PairingStep, PairingStepKind as Kind, StepBy};
use contract::pairings::{Pairing, PairingKind, PairingState};
use contract::plans::{Measure, MeasureSide, MeasureState, PlanState};
use contract::projects::{ProjectState, ProjectSummary, ResponsibleSide, Task, TaskState};
use contract::{Month, ObjectKind};

/// What is known of a pair.
#[derive(Debug)]
pub struct Facts<'a> {
    pub today: NaiveDate,
    pub pairing: &'a Pairing,
    /// How many days after it became active it should have a project.
    pub grace_days: u64,
    pub agreements: &'a [AgreementSummary],
    pub projects: &'a [ProjectSummary],
    pub tasks: &'a [Task],
    /// Months of which nobody has told, each with its last day.
    pub owed: &'a [(Month, NaiveDate)],
    pub outcomes: &'a [Outcome],
    pub measures: &'a [Measure],
}

/// What is to be done, what is late longest first, then by the day it is due. What has no day waits since today.
pub fn steps(facts: &Facts<'_>) -> Vec<PairingStep> {
    let mut steps = match facts.pairing.state {
        PairingState::Proposed | PairingState::Accepted | PairingState::Confirmed => beginning(facts),
        PairingState::Active => running(facts),
        _ => Vec::new(),
    };
    steps.sort_by_key(|step| step.due_on.unwrap_or(facts.today));
    steps
}

fn step(facts: &Facts<'_>, kind: Kind, by: StepBy, due_on: Option<NaiveDate>) -> PairingStep {
    let days_late = due_on.map_or(0, |due| (facts.today - due).num_days().max(0));
    PairingStep { kind, by, object: ObjectKind::Pairing, id: facts.pairing.id, title: None, month: None, due_on, days_late }
}

/// Until the pair works together.
fn beginning(facts: &Facts<'_>) -> Vec<PairingStep> {
    let pairing = facts.pairing;
    let village = pairing.kind == PairingKind::Village;
    let draft = facts.agreements.iter().find(|agreement| agreement.head.state == AgreementState::Draft);
    vec![match (pairing.state, draft) {
        (PairingState::Proposed, _) => {
            let by = missing(pairing.organisation_accepted_at.is_none(), pairing.village_accepted_at.is_none());
            step(facts, Kind::AnswerPairing, by, Some(pairing.answer_due_on))
        }
        (PairingState::Accepted, _) => step(facts, Kind::ConfirmPairing, StepBy::Bureau, None),
        (_, Some(draft)) => PairingStep {
            object: ObjectKind::Agreement,
            id: draft.head.id,
            ..step(facts, Kind::SignAgreement, StepBy::Sides, None)
        },
        _ if village => step(facts, Kind::DraftAgreement, StepBy::Sides, None),
        _ => step(facts, Kind::ActivatePairing, StepBy::Town, None),
    }]
}

/// Whose word is missing.
fn missing(organisation: bool, village: bool) -> StepBy {
    match (organisation, village) {
        (true, false) => StepBy::Organisation,
        (false, true) => StepBy::Village,
        _ => StepBy::Sides,
    }
}

/// While the pair works together.
fn running(facts: &Facts<'_>) -> Vec<PairingStep> {
    let mut steps = Vec::new();
    let live = |project: &&ProjectSummary| project.head.state != ProjectState::Cancelled;
    if facts.pairing.kind == PairingKind::Village && !facts.projects.iter().any(|project| live(&project)) {
        let due = facts.pairing.active_since.and_then(|since| since.checked_add_days(Days::new(facts.grace_days)));
        steps.push(step(facts, Kind::PlanProject, StepBy::Sides, due));
    }
    for project in facts.projects.iter().filter(live) {
        steps.extend(of_project(facts, project));
    }
    for &(month, due) in facts.owed {
        steps.push(PairingStep { month: Some(month), ..step(facts, Kind::WriteProgress, StepBy::Sides, Some(due)) });
    }
    if let Some(outcome) = facts.outcomes.iter().find(|outcome| outcome.state == OutcomeState::Recorded) {
        let confirm = step(facts, Kind::ConfirmOutcome, StepBy::Village, None);
        steps.push(PairingStep { object: ObjectKind::Outcome, id: outcome.id, ..confirm });
    }
    let planned = |measure: &&Measure| measure.plan_state == PlanState::Agreed && measure.state == MeasureState::Planned;
    for measure in facts.measures.iter().filter(planned) {
        let by = match measure.responsible {
            MeasureSide::Organisation => StepBy::Organisation,
            MeasureSide::Village => StepBy::Village,
            MeasureSide::Town => StepBy::Town,
            MeasureSide::Family => StepBy::Family,
        };
        let carry_out = step(facts, Kind::CarryOutMeasure, by, Some(measure.month.last_day()));
        steps.push(PairingStep { object: ObjectKind::Measure, id: measure.id, month: Some(measure.month), ..carry_out });
    }
    steps
}

/// What a project waits for; while it runs, its open tasks.
fn of_project(facts: &Facts<'_>, project: &ProjectSummary) -> Vec<PairingStep> {
    let head = &project.head;
    let of = |kind, by| PairingStep {
        object: ObjectKind::Project,
        id: head.id,
        title: Some(project.title.clone()),
        ..step(facts, kind, by, None)
    };
    let (organisation, village) = (head.organisation_consented_at.is_none(), head.village_consented_at.is_none());
    let mut steps = match head.state {
        ProjectState::Submitted => vec![of(Kind::ApproveProject, StepBy::Bureau)],
        ProjectState::Completed => vec![of(Kind::AcceptProject, StepBy::Bureau)],
        state if ProjectState::PLANNING.contains(&state) && head.tasks_total == 0 => vec![of(Kind::PlanTasks, StepBy::Sides)],
        ProjectState::Draft | ProjectState::Returned if organisation || village => {
            vec![of(Kind::ConsentProject, missing(organisation, village))]
        }
        ProjectState::Draft | ProjectState::Returned => vec![of(Kind::SubmitProject, StepBy::Sides)],
        ProjectState::Approved => vec![of(Kind::StartProject, StepBy::Sides)],
        ProjectState::InProgress if head.tasks_done == head.tasks_total => vec![of(Kind::CompleteProject, StepBy::Sides)],
        _ => Vec::new(),
    };
    if ProjectState::RUNNING.contains(&head.state) {
        let own = facts.tasks.iter().filter(|task| task.details.project_id == head.id && task.state == TaskState::Open);
        steps.extend(own.map(|task| {
            let by = match task.details.responsible {
                ResponsibleSide::Organisation => StepBy::Organisation,
                ResponsibleSide::Village => StepBy::Village,
                ResponsibleSide::Town => StepBy::Town,
            };
            PairingStep {
                object: ObjectKind::Task,
                id: task.id,
                title: Some(task.details.title.clone()),
                month: Some(task.details.month),
                ..step(facts, Kind::FinishTask, by, Some(task.details.due_on))
            }
        }));
    }
    steps
}

/// The months of a year: those from the first to the last of these, and no more than one page has room for.
pub fn months(of: impl IntoIterator<Item = Month>) -> Vec<Month> {
    let (mut first, mut last) = (None, None);
    for month in of {
        first = Some(first.map_or(month, |first: Month| first.min(month)));
        last = Some(last.map_or(month, |last: Month| last.max(month)));
    }
    let follow = std::iter::successors(first, |month| Some(month.next()));
    follow.take_while(|month| last.is_some_and(|last| *month <= last)).take(MOST_MONTHS).collect()
}

#[cfg(test)]
mod tests {
    use contract::CodedEnum;
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn pairing(kind: PairingKind, state: PairingState) -> Pairing {
        let nobody = Uuid::nil();
        let read = json!({
            "id": nobody, "campaign_id": nobody, "campaign_title": "活动", "organisation_id": nobody, "organisation_name": "商会",
            "kind": kind, "household": null, "village_code": "350582104206", "village_name": "湖尾村", "town_code": "350582104",
            "town_name": "安海镇", "state": state, "proposed_by": "organisation", "organisation_accepted_at": "2020-05-01T00:00:00Z",
            "village_accepted_at": null, "answer_due_on": "2020-05-10", "note": null, "active_since": "2020-05-20", "ended_on": null,
            "allowed_actions": [], "created_at": "2020-05-01T00:00:00Z", "updated_at": "2020-05-01T00:00:00Z", "version": 1,
        });
        serde_json::from_value(read).unwrap()
    }

    fn project(state: ProjectState, tasks: (i64, i64)) -> ProjectSummary {
        let nobody = Uuid::nil();
        let read = json!({
            "id": nobody, "state": state, "campaign_id": nobody, "campaign_title": "活动", "organisation_id": nobody,
            "organisation_name": "商会", "village_code": "350582104206", "village_name": "湖尾村", "town_code": "350582104",
            "town_name": "安海镇", "organisation_consented_at": "2020-05-21T00:00:00Z", "village_consented_at": null,
            "tasks_total": tasks.0, "tasks_done": tasks.1, "progress_percent": 0, "next_due_on": null, "overdue": false,
            "over_budget": false, "allowed_actions": [], "created_at": "2020-05-21T00:00:00Z",
            "updated_at": "2020-05-21T00:00:00Z", "version": 1, "pairing_id": nobody, "title": "路灯", "goal": "infrastructure",
            "industry": null, "budget_fen": 0, "spent_fen": 0, "starts_on": "2020-06-01", "ends_on": "2020-11-30",
        });
        serde_json::from_value(read).unwrap()
    }

    fn task(due_on: NaiveDate, responsible: ResponsibleSide, state: TaskState) -> Task {
        let nobody = Uuid::nil();
        let read = json!({
            "id": nobody, "project_id": nobody, "month": Month::of(due_on), "title": "选址", "responsible": responsible,
            "due_on": due_on, "weight": 1, "position": 1, "project_title": "路灯", "project_state": "in_progress",
            "pairing_id": nobody, "organisation_name": "商会", "village_code": "350582104206", "village_name": "湖尾村",
            "quarter": "2020-Q2", "state": state, "done_on": null, "overdue": false, "allowed_actions": [], "editable": false,
            "created_at": "2020-05-21T00:00:00Z", "updated_at": "2020-05-21T00:00:00Z", "version": 1,
        });
        serde_json::from_value(read).unwrap()
    }

    fn of<'a>(pairing: &'a Pairing, projects: &'a [ProjectSummary], tasks: &'a [Task], today: &str) -> Facts<'a> {
        Facts {
            today: day(today),
            pairing,
            grace_days: 30,
            agreements: &[],
            projects,
            tasks,
            owed: &[],
            outcomes: &[],
            measures: &[],
        }
    }

    fn told(facts: &Facts<'_>) -> Vec<(Kind, StepBy, i64)> {
        steps(facts).into_iter().map(|step| (step.kind, step.by, step.days_late)).collect()
    }

    #[test]
    fn each_state_waits_for_those_whose_turn_it_is() {
        let at = |kind, state| {
            let pairing = pairing(kind, state);
            told(&of(&pairing, &[], &[], "2020-05-12"))
        };
        use PairingKind::{Household, Village};
        assert_eq!(at(Village, PairingState::Proposed), [(Kind::AnswerPairing, StepBy::Village, 2)]);
        assert_eq!(at(Village, PairingState::Accepted), [(Kind::ConfirmPairing, StepBy::Bureau, 0)]);
        assert_eq!(at(Village, PairingState::Confirmed), [(Kind::DraftAgreement, StepBy::Sides, 0)]);
        assert_eq!(at(Household, PairingState::Confirmed), [(Kind::ActivatePairing, StepBy::Town, 0)]);
        assert_eq!(at(Village, PairingState::Active), [(Kind::PlanProject, StepBy::Sides, 0)]);
        assert_eq!(at(Household, PairingState::Active), []);
        for over in [PairingState::Completed, PairingState::Declined, PairingState::Terminated] {
            assert_eq!(at(Village, over), [], "{over:?}");
        }
        // 协议签订后30天仍没有合作项目的.
        let active = pairing(Village, PairingState::Active);
        assert_eq!(told(&of(&active, &[], &[], "2020-06-20")), [(Kind::PlanProject, StepBy::Sides, 1)]);
    }

    #[test]
    fn a_project_waits_for_its_sides_the_bureau_or_its_tasks() {
        let active = pairing(PairingKind::Village, PairingState::Active);
        let at = |state, tasks| told(&of(&active, &[project(state, tasks)], &[], "2020-06-01"));
        use ProjectState::{Accepted, Approved, Completed, Draft, InProgress, Submitted, Suspended};
        assert_eq!(at(Draft, (0, 0)), [(Kind::PlanTasks, StepBy::Sides, 0)]);
        assert_eq!(at(Draft, (3, 0)), [(Kind::ConsentProject, StepBy::Village, 0)]);
        assert_eq!(at(Submitted, (3, 0)), [(Kind::ApproveProject, StepBy::Bureau, 0)]);
        assert_eq!(at(Approved, (3, 0)), [(Kind::StartProject, StepBy::Sides, 0)]);
        assert_eq!(at(InProgress, (3, 3)), [(Kind::CompleteProject, StepBy::Sides, 0)]);
        assert_eq!(at(Completed, (3, 3)), [(Kind::AcceptProject, StepBy::Bureau, 0)]);
        assert_eq!([at(Accepted, (3, 3)), at(Suspended, (3, 1))], [[], []]);
    }

    #[test]
    fn what_is_late_longest_comes_first_and_done_tasks_not_at_all() {
        let active = pairing(PairingKind::Village, PairingState::Active);
        let tasks = [
            task(day("2020-09-30"), ResponsibleSide::Village, TaskState::Open),
            task(day("2020-07-31"), ResponsibleSide::Organisation, TaskState::Open),
            task(day("2020-06-30"), ResponsibleSide::Organisation, TaskState::Done),
            task(day("2020-11-30"), ResponsibleSide::Town, TaskState::Open),
        ];
        let projects = [project(ProjectState::InProgress, (4, 1))];
        let owed = [("2020-09".parse().unwrap(), day("2020-10-05"))];
        let facts = Facts { owed: &owed, ..of(&active, &projects, &tasks, "2020-10-10") };
        let expected = [
            (Kind::FinishTask, StepBy::Organisation, 71),
            (Kind::FinishTask, StepBy::Village, 10),
            (Kind::WriteProgress, StepBy::Sides, 5),
            (Kind::FinishTask, StepBy::Town, 0),
        ];
        assert_eq!(told(&facts), expected);
    }

    #[test]
    fn a_year_reaches_from_its_first_month_to_its_last_and_is_never_longer_than_two() {
        let months = |all: &[&str]| -> Vec<_> {
            months(all.iter().map(|text| text.parse().unwrap())).iter().map(ToString::to_string).collect()
        };
        assert_eq!(months(&[]), [""; 0]);
        assert_eq!(months(&["2020-12", "2020-10", "2020-11"]), ["2020-10", "2020-11", "2020-12"]);
        let long = months(&["2020-05", "2032-01"]);
        assert_eq!((long.len(), long[23].as_str()), (MOST_MONTHS, "2022-04"));
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_days_and_late_is_what_is_past_its_day(
            dues in prop::collection::vec((0u64..400, select(ResponsibleSide::ALL), select(TaskState::ALL)), 0..12),
            today in 0u64..400,
        ) {
            let at = |offset| day("2020-01-01") + Days::new(offset);
            let active = pairing(PairingKind::Village, PairingState::Active);
            let tasks: Vec<_> = dues.iter().map(|&(due, side, state)| task(at(due), side, state)).collect();
            let projects = [project(ProjectState::InProgress, (12, 1))];
            let today = at(today).to_string();
            let steps = steps(&of(&active, &projects, &tasks, &today));
            prop_assert_eq!(steps.len(), tasks.iter().filter(|task| task.state == TaskState::Open).count());
            prop_assert!(steps.is_sorted_by_key(|step| step.due_on));
            for step in steps {
                prop_assert_eq!(step.days_late > 0, step.due_on.unwrap() < day(&today));
            }
        }
    }
}
