//! What is common to every workflow: the table of its steps, and the body of a step.

use crate::{CodedEnum, ErrorCode, Role, input};

/// A step that somebody may take: an action that leads from one state to another.
#[derive(Clone, Copy, Debug)]
pub struct Step<S: 'static, A> {
    pub action: A,
    pub from: &'static [S],
    pub to: S,
    pub by: &'static [Role],
    /// Whether a reason must be given.
    pub reason: bool,
    /// Whether a town office takes it in the place of a village committee, and must say why.
    pub on_behalf: bool,
}

impl<S: Copy, A: Copy> Step<S, A> {
    /// A step that needs no words.
    pub const fn new(action: A, from: &'static [S], to: S, by: &'static [Role]) -> Self {
        Self { action, from, to, by, reason: false, on_behalf: false }
    }

    /// The same, where a reason must be given.
    pub const fn with_reason(self) -> Self {
        Self { reason: true, ..self }
    }

    /// The same, where a town office takes it in the place of a village committee, or the bureau in that of an institution.
    pub const fn on_behalf(self) -> Self {
        Self { on_behalf: true, ..self }
    }

    /// Whether a role takes it for somebody else. 自愿: that an officer acts for a village committee or an institution is recorded,
    /// with the reason.
    pub fn is_on_behalf(&self, role: Role) -> bool {
        self.on_behalf && matches!(role, Role::Town | Role::Bureau)
    }
}

/// The table of an object's steps. The service decides by it, and the app knows from it what to ask for.
#[derive(Clone, Copy, Debug)]
pub struct Steps<S: 'static, A: 'static>(pub &'static [Step<S, A>]);

impl<S: CodedEnum, A: CodedEnum> Steps<S, A> {
    /// The actions that a role may take in a state, in the order of the table.
    pub fn allowed(self, state: S, role: Role) -> Vec<A> {
        let steps = self.0.iter().filter(|step| step.from.contains(&state) && step.by.contains(&role));
        steps.map(|step| step.action).collect()
    }

    /// The step that a role takes in a state.
    ///
    /// # Errors
    /// `forbidden` where the role never takes it, `illegal_step` where the state does not allow it.
    pub fn find(self, state: S, action: A, role: Role) -> Result<&'static Step<S, A>, ErrorCode> {
        let mut own = self.0.iter().filter(|step| step.action == action && step.by.contains(&role)).peekable();
        own.peek().ok_or(ErrorCode::Forbidden)?;
        own.find(|step| step.from.contains(&state)).ok_or(ErrorCode::IllegalStep)
    }

    /// The actions that bring an object into a state from another one.
    pub fn leading_to(self, state: S) -> impl Iterator<Item = A> {
        self.0.iter().filter(move |step| step.to == state && !step.from.contains(&state)).map(|step| step.action)
    }
}

/// The body of a step: why it is done, and for whom when a town office acts for a village committee.
#[input]
#[derive(Default)]
#[serde(default)]
pub struct StepInput {
    /// Reason or remark; required for the steps that refuse, return or end something.
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why a town office acts for a village committee that has no account (自愿: nobody accepts for another, unless recorded as such).
    #[limit(1..=1000, text)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands under its name in the table of some object, though from elsewhere the same action asks for something else.
    fn at_odds<S: CodedEnum, A: CodedEnum>(steps: Steps<S, A>) -> Vec<&'static str> {
        let asks = |step: &Step<S, A>| (step.reason, step.on_behalf);
        let first = |action| steps.0.iter().find(|step| step.action == action).map(asks);
        steps.0.iter().filter(|step| first(step.action) != Some(asks(step))).map(|step| step.action.code()).collect()
    }

    #[test]
    fn an_action_asks_for_the_same_from_whichever_state_it_leads() {
        let at_odds = [
            at_odds(crate::account_requests::AccountRequestState::STEPS),
            at_odds(crate::adoptions::AdoptionState::STEPS),
            at_odds(crate::adoptions::DifficultyState::STEPS),
            at_odds(crate::adoptions::HelpState::STEPS),
            at_odds(crate::agreements::AgreementState::STEPS),
            at_odds(crate::assignments::AssignmentState::STEPS),
            at_odds(crate::assistance::RecordState::STEPS),
            at_odds(crate::cases::CaseState::STEPS),
            at_odds(crate::catalogue::CatalogueEntryState::STEPS),
            at_odds(crate::enrolments::EnrolmentState::STEPS),
            at_odds(crate::findings::FindingState::STEPS),
            at_odds(crate::households::HouseholdStatus::STEPS),
            at_odds(crate::inspections::ChecklistState::STEPS),
            at_odds(crate::inspections::InspectionState::STEPS),
            at_odds(crate::inspections::RoundState::STEPS),
            at_odds(crate::institutions::InstitutionState::STEPS),
            at_odds(crate::organisations::OrganisationState::STEPS),
            at_odds(crate::meetings::MeetingState::STEPS),
            at_odds(crate::outcomes::OutcomeState::STEPS),
            at_odds(crate::pairings::PairingState::STEPS),
            at_odds(crate::plans::MeasureState::STEPS),
            at_odds(crate::plans::PlanState::STEPS),
            at_odds(crate::projects::ProjectState::STEPS),
            at_odds(crate::projects::TaskState::STEPS),
            at_odds(crate::publications::PublicationState::STEPS),
            at_odds(crate::publicity::PublicityState::STEPS),
            at_odds(crate::reports::ReportState::STEPS),
            at_odds(crate::supervision_orders::SupervisionOrderState::STEPS),
        ];
        assert_eq!(at_odds.concat(), [""; 0]);
    }
}
