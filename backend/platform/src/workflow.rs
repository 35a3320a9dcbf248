//! State machines: the decisions that all tables of steps share.

use contract::workflow::{Step, StepInput, Steps};
use contract::{CodedEnum, ErrorCode, Role};

use super::{Error, Result};

/// The step to take.
///
/// # Errors
/// `forbidden` if the role never takes it, `illegal_step` with the allowed steps if the state does not allow it, a fault at
/// `/note` or `/on_behalf_reason` if a reason is missing.
pub fn step<S: CodedEnum, A: CodedEnum>(
    steps: Steps<S, A>,
    state: S,
    action: A,
    role: Role,
    remarks: &StepInput,
) -> Result<&'static Step<S, A>> {
    let step = steps.find(state, action, role).map_err(|code| refused(code, state, &steps.allowed(state, role)))?;
    if step.reason && remarks.note.is_none() {
        return Err(Error::field("/note", "required"));
    }
    if step.is_on_behalf(role) && remarks.on_behalf_reason.is_none() {
        return Err(Error::field("/on_behalf_reason", "required"));
    }
    Ok(step)
}

/// The refusal of a step with a code. An illegal step includes the state and the allowed steps.
pub fn refused<S: CodedEnum, A: CodedEnum>(code: ErrorCode, state: S, allowed: &[A]) -> Error {
    if code == ErrorCode::IllegalStep { illegal(state, allowed) } else { code.into() }
}

/// The refusal of an illegal step, with the state and the allowed steps.
pub fn illegal<S: CodedEnum, A: CodedEnum>(state: S, allowed: &[A]) -> Error {
    Error::illegal_step(state.code(), allowed.iter().map(|action| action.code()).collect())
}
