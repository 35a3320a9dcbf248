//! The states of an adoption, and the days of what belongs to it: pure decisions.

use chrono::NaiveDate;
use contract::adoptions::{AdoptionAction as A, AdoptionProposer, AdoptionState as S};
use contract::campaigns::Phase;
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Month, Role};
use platform::{Error, Result, workflow};

use crate::campaigns::policy::month_fault;

/// The phases in which adoptions are made. The last phase is for summing up.
const MAKING: &[Phase] = &[Phase::Preparation, Phase::Implementation];

/// One of the two sides that must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Cadre,
    Institution,
}

/// The facts that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub state: S,
    pub proposed_by: AdoptionProposer,
    pub cadre_accepted: bool,
    pub institution_accepted: bool,
    /// The campaign's phase today.
    pub phase: Option<Phase>,
    /// Whether the time to answer is over.
    pub overdue: bool,
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub state: S,
    /// The side that accepts with this step.
    pub accepts: Option<Side>,
}

/// The side for which a role speaks.
pub fn side(role: Role) -> Option<Side> {
    match role {
        Role::Cadre => Some(Side::Cadre),
        Role::Institution => Some(Side::Institution),
        _ => None,
    }
}

/// The side for which a role answers: the bureau does for an institution.
fn answering(role: Role) -> Option<Side> {
    if role == Role::Bureau { Some(Side::Institution) } else { side(role) }
}

/// Who counts as the proposer.
pub fn proposed_by(role: Role) -> Option<AdoptionProposer> {
    match role {
        Role::Cadre => Some(AdoptionProposer::Cadre),
        Role::Institution => Some(AdoptionProposer::Institution),
        Role::Bureau => Some(AdoptionProposer::Bureau),
        _ => None,
    }
}

/// Whether adoptions can be made in a phase.
pub fn can_make(phase: Option<Phase>) -> bool {
    phase.is_some_and(|phase| MAKING.contains(&phase))
}

/// The state of an adoption after one of its sides has gone. `None` if it was over already.
pub fn left(state: S) -> Option<S> {
    match state {
        S::Active => Some(S::Terminated),
        S::Proposed | S::Accepted => Some(S::Withdrawn),
        S::Completed | S::Declined | S::Withdrawn | S::Expired | S::Terminated => None,
    }
}

/// The steps that a role may take.
pub fn allowed(facts: Facts, role: Role) -> Vec<A> {
    A::ALL.iter().copied().filter(|&action| possible(facts, action, role).is_ok()).collect()
}

/// Decides a step.
///
/// # Errors
/// `forbidden`, `illegal_step`, `outside_phase`, or a fault at `/note`.
pub fn decide(facts: Facts, action: A, role: Role, remarks: &StepInput) -> Result<Decision> {
    let decision = possible(facts, action, role);
    let decision = decision.map_err(|code| workflow::refused(code, facts.state, &allowed(facts, role)))?;
    workflow::step(S::STEPS, facts.state, action, role, remarks)?;
    Ok(decision)
}

fn possible(facts: Facts, action: A, role: Role) -> Result<Decision, ErrorCode> {
    let step = S::STEPS.find(facts.state, action, role)?;
    if matches!(action, A::Accept | A::Confirm) && !can_make(facts.phase) {
        return Err(ErrorCode::OutsidePhase);
    }
    let answering = answering(role);
    let (answered, other_accepted) = match answering {
        Some(Side::Cadre) => (facts.cadre_accepted, facts.institution_accepted),
        Some(Side::Institution) => (facts.institution_accepted, facts.cadre_accepted),
        None => (false, false),
    };
    match action {
        // The other side answers, because a proposal includes the proposer's own acceptance.
        A::Accept if answered || facts.overdue => Err(ErrorCode::IllegalStep),
        A::Accept => Ok(Decision { state: if other_accepted { S::Accepted } else { S::Proposed }, accepts: answering }),
        A::Decline if answered => Err(ErrorCode::IllegalStep),
        // The proposer may withdraw a proposal, and either side what both have accepted.
        A::Withdraw if facts.state == S::Proposed && proposed_by(role) != Some(facts.proposed_by) => Err(ErrorCode::IllegalStep),
        A::Withdraw if facts.state == S::Accepted && side(role).is_none() => Err(ErrorCode::IllegalStep),
        _ => Ok(Decision { state: step.to, accepts: None }),
    }
}

/// The days that what belongs to an adoption depends on.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    pub today: NaiveDate,
    pub campaign_starts_on: NaiveDate,
    pub campaign_ends_on: NaiveDate,
    /// The first and the last day on which the adoption was active.
    pub active_since: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
}

impl Days {
    /// Whether the adoption was active on some day between two, both included.
    fn active(self, first: NaiveDate, last: NaiveDate) -> bool {
        self.active_since.is_some_and(|since| since <= last) && self.ended_on.is_none_or(|ended| ended >= first)
    }

    /// Checks that help can have happened on a day.
    ///
    /// # Errors
    /// A fault at `/happened_on`, or `adoption_not_active`.
    pub fn check_day(self, day: NaiveDate) -> Result<()> {
        if day < self.campaign_starts_on || day > self.campaign_ends_on {
            return Err(Error::field("/happened_on", "date_outside_campaign"));
        }
        if day > self.today {
            return Err(Error::field("/happened_on", "future"));
        }
        if self.active(day, day) { Ok(()) } else { Err(ErrorCode::AdoptionNotActive.into()) }
    }

    /// Checks that something can be written of a month.
    ///
    /// # Errors
    /// A fault at `/month`, or `adoption_not_active`.
    pub fn check_month(self, month: Month) -> Result<()> {
        if let Some(fault) = month_fault(self.campaign_starts_on, self.campaign_ends_on, self.today, month) {
            return Err(Error::field("/month", fault));
        }
        if self.active(month.first_day(), month.last_day()) { Ok(()) } else { Err(ErrorCode::AdoptionNotActive.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn remarks() -> StepInput {
        StepInput { note: Some("原因".to_owned()), on_behalf_reason: None }
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let phases = vec![None, Some(Phase::Preparation), Some(Phase::Implementation), Some(Phase::Summary)];
        (select(S::ALL), select(AdoptionProposer::ALL), any::<[bool; 3]>(), select(phases)).prop_map(
            |(state, proposed_by, [cadre_accepted, institution_accepted, overdue], phase)| Facts {
                state,
                proposed_by,
                cadre_accepted,
                institution_accepted,
                phase,
                overdue,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_shown_as_allowed_is_what_is_allowed(facts in facts(), role in select(Role::ALL), action in select(A::ALL)) {
            let shown = allowed(facts, role).contains(&action);
            prop_assert_eq!(decide(facts, action, role, &remarks()).is_ok(), shown);
        }

        #[test]
        fn nothing_is_active_that_not_both_sides_and_the_bureau_have_agreed_to(
            proposer in select(AdoptionProposer::ALL), steps in prop::collection::vec((select(A::ALL), select(Role::ALL)), 0..12)
        ) {
            let mut facts = Facts {
                state: S::Proposed,
                proposed_by: proposer,
                cadre_accepted: proposer == AdoptionProposer::Cadre,
                institution_accepted: proposer == AdoptionProposer::Institution,
                phase: Some(Phase::Preparation),
                overdue: false,
            };
            for (action, role) in steps {
                let Ok(decision) = decide(facts, action, role, &remarks()) else { continue };
                prop_assert!(decision.state != S::Active || role == Role::Bureau);
                facts.state = decision.state;
                facts.cadre_accepted |= decision.accepts == Some(Side::Cadre);
                facts.institution_accepted |= decision.accepts == Some(Side::Institution);
                if matches!(facts.state, S::Accepted | S::Active) {
                    prop_assert!(facts.cadre_accepted && facts.institution_accepted);
                }
            }
        }

        #[test]
        fn what_is_over_stays_over(facts in facts(), role in select(Role::ALL), action in select(A::ALL)) {
            prop_assert!(S::LIVE.contains(&facts.state) || decide(facts, action, role, &remarks()).is_err());
        }

        #[test]
        fn nobody_answers_one_s_own_proposal(facts in facts()) {
            let own = Facts { state: S::Proposed, proposed_by: AdoptionProposer::Cadre, cadre_accepted: true, ..facts };
            prop_assert!(!allowed(own, Role::Cadre).contains(&A::Accept) && !allowed(own, Role::Cadre).contains(&A::Decline));
        }

        #[test]
        fn whoever_leaves_is_bound_no_more(state in select(S::ALL)) {
            prop_assert_eq!(left(state).is_some(), S::LIVE.contains(&state));
            prop_assert!(left(state).is_none_or(|state| !S::LIVE.contains(&state)));
        }

        #[test]
        fn what_can_be_told_shares_a_day_with_campaign_and_adoption(
            days in prop::array::uniform5(0i64..900), ended in any::<bool>(), on in 0i64..900
        ) {
            let at = |offset: i64| "2020-01-01".parse::<NaiveDate>().unwrap() + chrono::TimeDelta::days(offset);
            let facts = Days {
                today: at(days[0]),
                campaign_starts_on: at(days[1].min(days[2])),
                campaign_ends_on: at(days[1].max(days[2])),
                active_since: Some(at(days[3].min(days[4]))),
                ended_on: ended.then(|| at(days[3].max(days[4]))),
            };
            let (day, month) = (at(on), Month::of(at(on)));
            let in_span = |first: NaiveDate, last: NaiveDate| {
                let meets = |from: NaiveDate, to: NaiveDate| from <= last && to >= first;
                meets(facts.campaign_starts_on, facts.campaign_ends_on)
                    && meets(facts.active_since.unwrap(), facts.ended_on.unwrap_or(NaiveDate::MAX))
                    && first <= facts.today
            };
            prop_assert_eq!(facts.check_day(day).is_ok(), in_span(day, day));
            prop_assert_eq!(facts.check_month(month).is_ok(), in_span(month.first_day(), month.last_day()));
        }
    }
}
