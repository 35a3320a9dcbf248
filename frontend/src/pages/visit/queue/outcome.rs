//! Decides what the service's answer to a part of an entry means, and how sending continues. All functions are pure.

use contract::{ErrorCode, Problem};

use super::{Entry, Standing, Step};
use crate::api::ApiError;

/// The outcome for a part that was sent.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// It has arrived.
    Sent,
    /// The service cannot handle this part now. It may have arrived, and is tried again later. Other entries continue.
    PassedOver,
    /// Nothing can be sent now. The part may have arrived.
    Unknown,
    /// Nothing can be sent now. The part has not arrived.
    Later,
    /// The service refuses it.
    Refused(Box<Problem>),
}

/// The outcome that an answer means for its part.
pub fn of<T>(answer: Result<T, ApiError>) -> Outcome {
    match answer {
        Ok(_) => Outcome::Sent,
        Err(ApiError::Problem(problem)) if problem.code == ErrorCode::AlreadyEntered => Outcome::Sent,
        Err(ApiError::Problem(problem)) if problem.status >= 500 && problem.code != ErrorCode::Unavailable => Outcome::PassedOver,
        Err(error) if error.outcome_unknown() => Outcome::Unknown,
        Err(ApiError::Problem(problem)) if !is_about_now(&problem) => Outcome::Refused(problem),
        Err(_) => Outcome::Later,
    }
}

/// Whether a problem concerns sending anything now, and not this part.
fn is_about_now(problem: &Problem) -> bool {
    matches!(problem.status, 401 | 408 | 429)
        || matches!(problem.code, ErrorCode::PasswordChangeRequired | ErrorCode::SecondFactorSetupRequired)
}

/// How sending continues after an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    /// With the next part of the entry.
    Part,
    /// With the next entry.
    Entry,
    /// Not at all for now.
    Stop,
}

impl Entry {
    /// Notes what became of a part that was sent.
    pub(super) fn answered(&mut self, step: Step, outcome: Outcome) -> Then {
        match outcome {
            Outcome::Sent => {
                self.sent(step);
                Then::Part
            }
            Outcome::PassedOver => Then::Entry,
            Outcome::Unknown => Then::Stop,
            Outcome::Later => {
                self.standing = Standing::Waiting;
                Then::Stop
            }
            Outcome::Refused(problem) => {
                self.standing = Standing::Refused(problem);
                Then::Entry
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::CodedEnum;

    use super::*;

    fn problem(code: ErrorCode) -> Box<Problem> {
        Box::new(Problem {
            kind: String::new(),
            title: code.code().into(),
            status: code.status(),
            detail: None,
            instance: "/visits".into(),
            code,
            request_id: String::new(),
            errors: Vec::new(),
            state: None,
            allowed_actions: None,
            likely_doubles: Vec::new(),
            existing: None,
        })
    }

    fn after(code: &str) -> Outcome {
        of::<()>(Err(ApiError::Problem(problem(ErrorCode::from_code(code).unwrap()))))
    }

    #[test]
    fn what_was_entered_already_is_there_and_is_not_kept_as_refused() {
        assert_eq!(of(Ok(())), Outcome::Sent);
        assert_eq!(after("already_entered"), Outcome::Sent);
    }

    #[test]
    fn what_is_against_sending_now_is_tried_again() {
        let later = [
            "unauthenticated",
            "session_ended",
            "invalid_credentials",
            "second_factor_required",
            "second_factor_wrong",
            "second_factor_setup_required",
            "password_change_required",
            "request_timeout",
            "too_many_requests",
        ];
        for code in later {
            assert_eq!(after(code), Outcome::Later, "{code}");
        }
        assert_eq!(of::<()>(Err(ApiError::Outdated)), Outcome::Later);
        for code in ["unavailable", "request_in_progress"] {
            assert_eq!(after(code), Outcome::Unknown, "{code}");
        }
        assert_eq!(of::<()>(Err(ApiError::Network)), Outcome::Unknown);
        assert_eq!(of::<()>(Err(ApiError::Aborted)), Outcome::Unknown);
        assert_eq!(after("internal"), Outcome::PassedOver);
    }

    #[test]
    fn everything_else_is_refused_with_its_words() {
        let refused = [
            "forbidden",
            "not_found",
            "conflict",
            "month_closed",
            "household_not_consented",
            "payload_too_large",
            "validation_failed",
        ];
        for code in refused {
            let Outcome::Refused(said) = after(code) else { panic!("{code}") };
            assert_eq!(said.title, code);
        }
        let conflicts = ErrorCode::ALL.iter().filter(|code| matches!(code.status(), 404 | 409 | 413 | 415 | 422));
        for code in conflicts.filter(|code| !matches!(code, ErrorCode::AlreadyEntered | ErrorCode::RequestInProgress)) {
            assert!(matches!(after(code.code()), Outcome::Refused(_)), "{code:?}");
        }
    }
}
