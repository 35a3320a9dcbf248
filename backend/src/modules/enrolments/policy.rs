//! The states of an enrolment.

use contract::Role;
use contract::enrolments::{EnrolmentAction as A, EnrolmentState as S};

use crate::platform::workflow::Step;

/// 自愿原则: whoever entered may leave again; the bureau decides who takes part (确定若干个的村（社区）和不少于100个自愿参加活动的社会组织).
pub const STEPS: &[Step<S, A>] = &[
    Step { action: A::Confirm, from: &[S::Applied, S::Nominated], to: S::Confirmed, by: &[Role::Bureau], reason: false },
    Step { action: A::Decline, from: &[S::Applied, S::Nominated], to: S::Declined, by: &[Role::Bureau], reason: true },
    Step {
        action: A::Withdraw,
        from: &[S::Applied, S::Nominated, S::Confirmed],
        to: S::Withdrawn,
        by: &[Role::Village, Role::Organisation, Role::Town],
        reason: true,
    },
];

/// The states in which an entry waits for a role.
pub fn waiting_for(role: Role) -> &'static [S] {
    if role == Role::Bureau { &[S::Applied, S::Nominated] } else { &[] }
}

/// What an entry begins as: one's own application, or the nomination of a town or the bureau.
pub fn first_state(role: Role) -> S {
    match role {
        Role::Village | Role::Organisation => S::Applied,
        _ => S::Nominated,
    }
}
