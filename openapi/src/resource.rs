//! What all objects have in common that an answer can be about: where each is, and of which version. What is one of the kinds
//! is declared in [`objects`](crate::objects).

use serde::Serialize;

use crate::ObjectKind;
use crate::account_requests::{AccountRequestWithHalf, Answered};
use crate::attachments::Attachment;
use crate::households::{RevealedHousehold, Visit};
use crate::task_plans::TaskPlan;
use crate::users::UserWithPassword;

/// What a change leaves behind and answers with.
pub trait Resource: Serialize {
    /// Path of the object below the API's base, for `Location`.
    fn location(&self) -> String;

    /// The version that `If-Match` must name.
    fn version(&self) -> i32;

    /// A field that is answered once and kept nowhere: a repeat is answered with `null` in it.
    fn secret(&self) -> Option<&'static str> {
        None
    }

    /// Whether the change waits for somebody else: answered 202, with where it waits.
    fn is_asked_for(&self) -> bool {
        false
    }
}

impl Resource for Attachment {
    fn location(&self) -> String {
        format!("/attachments/{}", self.id)
    }

    /// Nothing about an attachment ever changes.
    fn version(&self) -> i32 {
        1
    }
}

impl Resource for Visit {
    fn location(&self) -> String {
        format!("{}/visits", ObjectKind::Household.location(self.household_id))
    }

    /// What was written of a visit never changes: it is corrected by another one.
    fn version(&self) -> i32 {
        1
    }
}

impl Resource for TaskPlan {
    fn location(&self) -> String {
        format!("{}/plan", ObjectKind::Project.location(self.project_id))
    }

    fn version(&self) -> i32 {
        self.version
    }
}

impl Resource for RevealedHousehold {
    fn location(&self) -> String {
        ObjectKind::Household.location(self.id)
    }

    fn version(&self) -> i32 {
        self.version
    }
}

impl Resource for UserWithPassword {
    fn location(&self) -> String {
        self.user.location()
    }

    fn version(&self) -> i32 {
        self.user.version
    }

    fn secret(&self) -> Option<&'static str> {
        Some("one_time_password")
    }
}

impl Resource for AccountRequestWithHalf {
    fn location(&self) -> String {
        self.request.location()
    }

    fn version(&self) -> i32 {
        self.request.version
    }

    fn secret(&self) -> Option<&'static str> {
        Some("password_half")
    }
}

impl<T: Resource> Resource for Answered<T> {
    fn location(&self) -> String {
        match self {
            Self::Asked(request) => request.location(),
            Self::Done(done) => done.location(),
        }
    }

    fn version(&self) -> i32 {
        match self {
            Self::Asked(request) => request.version(),
            Self::Done(done) => done.version(),
        }
    }

    fn secret(&self) -> Option<&'static str> {
        match self {
            Self::Asked(request) => request.secret(),
            Self::Done(done) => done.secret(),
        }
    }

    fn is_asked_for(&self) -> bool {
        matches!(self, Self::Asked(_))
    }
}
