//! Who may decide on requests of administrators.

use chrono::{DateTime, TimeDelta, Utc};
use contract::account_requests::{AccountRequestAction as A, AccountRequestKind as K, AccountRequestState as S};
use contract::workflow::StepInput;
use contract::{ErrorCode, Role};
use platform::{Caller, Result, workflow};
use sea_orm::prelude::Uuid;

/// How long a request stays open, because the person who confirms may be away for a week.
pub const OPEN: TimeDelta = TimeDelta::days(7);

/// A person's part in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    Asker,
    /// The owner of the account.
    Concerned,
    Other,
}

impl Party {
    /// The part of `person` in a request that `asked_by` made about the account of `user_id`.
    pub fn of(person: Uuid, asked_by: Uuid, user_id: Option<Uuid>) -> Self {
        if person == asked_by {
            Self::Asker
        } else if user_id == Some(person) {
            Self::Concerned
        } else {
            Self::Other
        }
    }

    /// The person who asks may withdraw the request but not decide. The owner of the account may refuse it, which changes
    /// nothing, but not confirm it.
    fn refusal(self, action: A) -> Option<ErrorCode> {
        match (self, action) {
            (Self::Asker, A::Confirm | A::Refuse) => Some(ErrorCode::OwnRequest),
            (Self::Concerned, A::Confirm) => Some(ErrorCode::OwnAccount),
            (Self::Concerned | Self::Other, A::Withdraw) => Some(ErrorCode::OutsideOwnScope),
            _ => None,
        }
    }
}

/// Whether the separation of duties bars a caller from a step. 三员分立: system administrators ask, security administrators decide,
/// auditors only read.
fn apart(caller: &Caller, action: A) -> bool {
    caller.separate_duties && caller.role != Role::SecurityAdmin && action != A::Withdraw
}

/// The state at an instant. A request that was not confirmed in time has expired, even if the chore has not marked it yet.
pub fn current(state: S, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> S {
    if state == S::Asked && now >= expires_at { S::Expired } else { state }
}

/// The steps that a caller may take.
pub fn allowed(caller: &Caller, party: Party, state: S) -> Vec<A> {
    let mut actions = S::STEPS.allowed(state, caller.role);
    actions.retain(|action| !apart(caller, *action) && party.refusal(*action).is_none());
    actions
}

/// Decides a step of a caller.
///
/// # Errors
/// `forbidden`, `own_request`, `own_account`, `outside_own_scope`, `illegal_step`, a fault at `/note`.
pub fn decide(caller: &Caller, party: Party, state: S, action: A, remarks: &StepInput) -> Result<S> {
    // Before the state, because what a caller may never do does not depend on it.
    let by_role = S::STEPS.0.iter().any(|step| step.action == action && step.by.contains(&caller.role));
    if !by_role || apart(caller, action) {
        return Err(ErrorCode::Forbidden.into());
    }
    if let Some(code) = party.refusal(action) {
        return Err(code.into());
    }
    Ok(workflow::step(S::STEPS, state, action, caller.role, remarks)?.to)
}

/// Decides a step of the operator, who has access to the database anyway.
///
/// # Errors
/// `illegal_step`.
pub fn by_operator(state: S, action: A) -> Result<S> {
    let step = S::STEPS.0.iter().find(|step| step.action == action && step.from.contains(&state));
    step.map(|step| step.to).ok_or_else(|| workflow::illegal::<S, A>(state, &[]))
}

/// Whether confirming sets a new password. It also does if an account gains power, because a single administrator could have
/// created it and may know its password.
pub fn makes_password(kind: K, old_role: Option<Role>) -> bool {
    match kind {
        K::Create | K::ResetPassword => true,
        K::Change => old_role.is_some_and(|role| !role.needs_two_persons()),
        K::ResetSecondFactor | K::Enable => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::CodedEnum;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn caller(id: Uuid, role: Role, separate_duties: bool) -> Caller {
        Caller {
            user_id: id,
            session_id: Uuid::nil(),
            name: String::new(),
            role,
            area_code: String::new(),
            organisation_id: None,
            institution_id: None,
            must_change_password: false,
            lacks_second_factor: false,
            separate_duties,
            address: None,
            request_id: String::new(),
        }
    }

    /// The persons in these tests: the one who asks, the owner of the account, and others.
    const PERSONS: [u128; 4] = [1, 2, 3, 4];
    const ASKER: u128 = 1;
    const CONCERNED: u128 = 2;

    /// The rules in other words than the tables: who may do what to an open request.
    fn right(person: u128, role: Role, apart: bool, action: A) -> bool {
        let decides = match role {
            Role::SecurityAdmin => true,
            Role::Admin | Role::Auditor => !apart,
            _ => false,
        };
        match action {
            A::Confirm => decides && person != ASKER && person != CONCERNED,
            A::Refuse => decides && person != ASKER,
            A::Withdraw => role == Role::Admin && person == ASKER,
        }
    }

    proptest! {
        #[test]
        fn a_request_goes_one_way_once_and_only_by_those_who_may(
            apart: bool,
            new: bool,
            steps in prop::collection::vec((select(&PERSONS[..]), select(Role::ALL), select(A::ALL), 0i64..3, any::<bool>()), 0..20)
        ) {
            let (begun, concerned) = (DateTime::<Utc>::UNIX_EPOCH, (!new).then(|| Uuid::from_u128(CONCERNED)));
            let (expires_at, mut now) = (begun + OPEN, begun);
            let mut state = S::Asked;
            for (person, role, action, days, reasoned) in steps {
                now += TimeDelta::days(days);
                let over = state != S::Asked || (now - begun).num_seconds() >= 7 * 24 * 3600;
                // An account that does not exist yet has no owner.
                let someone = if new && person == CONCERNED { 3 } else { person };
                let may = right(someone, role, apart, action) && !over;
                let id = Uuid::from_u128(person);
                let (caller, party) = (caller(id, role, apart), Party::of(id, Uuid::from_u128(ASKER), concerned));
                let was = current(state, expires_at, now);
                let remarks = StepInput { note: reasoned.then(|| "核实".to_owned()), on_behalf_reason: None };
                prop_assert_eq!(allowed(&caller, party, was).contains(&action), may);
                let decided = decide(&caller, party, was, action, &remarks);
                prop_assert_eq!(decided.is_ok(), may && (reasoned || action != A::Refuse));
                // Callers who may decide nothing learn only that.
                let takes_part = [ASKER, 4].iter().any(|person| right(*person, role, apart, action));
                let code = decided.as_ref().err().map(ToString::to_string).unwrap_or_default();
                prop_assert_eq!(code.starts_with("Forbidden"), !takes_part, "{}", code);
                if let Ok(to) = decided {
                    prop_assert_eq!(to, match action { A::Confirm => S::Confirmed, A::Refuse => S::Refused, A::Withdraw => S::Withdrawn });
                    state = to;
                }
            }
        }
    }

    #[test]
    fn what_waits_expires_and_what_was_decided_stays_decided() {
        let (at, second) = (DateTime::<Utc>::UNIX_EPOCH, TimeDelta::seconds(1));
        for state in S::ALL {
            assert_eq!(current(*state, at, at - second), *state);
            assert_eq!(current(*state, at, at), if *state == S::Asked { S::Expired } else { *state });
        }
    }

    #[test]
    fn the_operator_decides_what_waits_and_nothing_else() {
        for state in S::ALL {
            for (action, to) in [(A::Confirm, S::Confirmed), (A::Refuse, S::Refused), (A::Withdraw, S::Withdrawn)] {
                assert_eq!(by_operator(*state, action).ok(), (*state == S::Asked).then_some(to), "{state:?} {action:?}");
            }
        }
    }

    #[test]
    fn every_way_into_power_makes_what_one_signs_in_with_anew() {
        for role in Role::ALL {
            assert!(makes_password(K::Create, None) && makes_password(K::ResetPassword, Some(*role)));
            // An account that always needed two persons keeps its password. One that a single administrator could reset gets a
            // new one.
            let before = matches!(role, Role::LeadingGroup | Role::Cadre | Role::Organisation | Role::Institution);
            assert_eq!(makes_password(K::Change, Some(*role)), before, "{role:?}");
            assert!(!makes_password(K::ResetSecondFactor, Some(*role)) && !makes_password(K::Enable, Some(*role)));
        }
    }
}
