//! What all objects have in common that an answer can be about: where each is, and of which version.

use serde::Serialize;

use crate::account_requests::{AccountRequest, AccountRequestWithHalf, Answered};
use crate::agreements::Agreement;
use crate::assistance::AssistanceRecord;
use crate::attachments::Attachment;
use crate::campaigns::Campaign;
use crate::enrolments::Enrolment;
use crate::households::{Household, Visit};
use crate::organisations::Organisation;
use crate::outcomes::Outcome;
use crate::pairings::Pairing;
use crate::plans::{Measure, Plan};
use crate::progress::ProgressUpdate;
use crate::projects::{Project, Task};
use crate::reports::Report;
use crate::users::{User, UserWithPassword};
use crate::villages::Village;

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

/// Says of objects what their path is, which field names them in it, and which counts their versions.
macro_rules! resources {
    ($($object:ty, $path:literal / $($id:ident).+, $($version:ident).+;)+) => {$(
        impl Resource for $object {
            fn location(&self) -> String {
                format!(concat!($path, "/{}"), self.$($id).+)
            }

            fn version(&self) -> i32 {
                self.$($version).+
            }
        }
    )+};
}

resources! {
    AccountRequest, "/account-requests" / id, version;
    Agreement, "/agreements" / head.id, head.version;
    AssistanceRecord, "/assistance-records" / id, version;
    Campaign, "/campaigns" / id, version;
    Enrolment, "/enrolments" / id, version;
    Household, "/households" / head.id, head.version;
    Measure, "/assistance-measures" / id, version;
    Organisation, "/organisations" / id, version;
    Outcome, "/outcomes" / id, version;
    Pairing, "/pairings" / id, version;
    Plan, "/assistance-plans" / id, version;
    ProgressUpdate, "/progress-updates" / id, version;
    Project, "/projects" / head.id, head.version;
    Report, "/reports" / id, version;
    Task, "/tasks" / id, version;
    User, "/users" / id, version;
    Village, "/villages" / code, version;
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
        format!("/households/{}/visits", self.household_id)
    }

    /// What was written of a visit never changes: it is corrected by another one.
    fn version(&self) -> i32 {
        1
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
