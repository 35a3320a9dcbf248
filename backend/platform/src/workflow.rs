//! State machines: each object has a table of steps, and the same few decisions apply to every table.

use contract::{CodedEnum, ErrorCode, FieldError, Role};

use super::{Error, Result};

/// A step that somebody may take.
#[derive(Debug)]
pub struct Step<S: 'static, A> {
    pub action: A,
    pub from: &'static [S],
    pub to: S,
    pub by: &'static [Role],
    /// Whether a reason must be given.
    pub reason: bool,
}

/// The steps of `table` that a role may take in a state.
pub fn allowed<S: CodedEnum, A: CodedEnum>(table: &[Step<S, A>], state: S, role: Role) -> Vec<A> {
    table.iter().filter(|step| step.from.contains(&state) && step.by.contains(&role)).map(|step| step.action).collect()
}

/// The step to take.
///
/// # Errors
/// `forbidden` where the role never takes it, `illegal_step` where the state does not allow it (with what is allowed), a fault
/// at `/note` where a reason is missing.
pub fn step<'t, S: CodedEnum, A: CodedEnum>(
    table: &'t [Step<S, A>],
    state: S,
    action: A,
    role: Role,
    note: Option<&str>,
) -> Result<&'t Step<S, A>> {
    let mut mine = table.iter().filter(|step| step.action == action && step.by.contains(&role)).peekable();
    if mine.peek().is_none() {
        return Err(ErrorCode::Forbidden.into());
    }
    let step = mine.find(|step| step.from.contains(&state)).ok_or_else(|| illegal(state, &allowed(table, state, role)))?;
    if step.reason && note.is_none() {
        return Err(Error::fields(vec![FieldError::at("/note", "required")]));
    }
    Ok(step)
}

/// The refusal of a step, with the state and what is allowed in it.
pub fn illegal<S: CodedEnum, A: CodedEnum>(state: S, allowed: &[A]) -> Error {
    Error::illegal_step(state.code(), allowed.iter().map(|action| action.code()).collect())
}
