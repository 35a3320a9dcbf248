//! The only error type. Every error becomes a problem document.

use std::borrow::Cow;
use std::io;
use std::ops::Deref;
use std::panic::Location;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use contract::problem::LikelyDouble;
use contract::{CodedEnum, ErrorCode, FieldError, ObjectKind};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::budget::Budget;

/// Seconds after which a full disk may have room again.
const DISK_SECONDS: u64 = 30;
/// The system's error number of a failing disk, for which the standard library has no kind.
const EIO: i32 = 5;

/// The result of anything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal or a failure. The outermost middleware renders it, because it alone knows the caller's language.
#[derive(Debug)]
pub struct Error(Box<Details>);

/// The contents of an [`Error`].
#[derive(Debug)]
pub struct Details {
    pub code: ErrorCode,
    pub detail: Option<Cow<'static, str>>,
    pub errors: Vec<FieldError>,
    /// The state and the possible steps, if a step was refused.
    pub state: Option<&'static str>,
    pub allowed_actions: Option<Vec<&'static str>>,
    /// The existing objects, if this was refused as a likely duplicate of them.
    pub likely_doubles: Vec<LikelyDouble>,
    /// The path of the object that caused the refusal.
    pub existing: Option<String>,
    /// Seconds after which another attempt makes sense.
    pub retry_after: Option<u64>,
    /// The entry that the refusal leaves in the trail, because the refusal itself discloses something.
    pub trace: Option<Trace>,
    /// The cause, for the log only.
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    location: &'static Location<'static>,
}

/// An attempt and its object.
#[derive(Clone, Debug)]
pub struct Trace {
    pub object_type: &'static str,
    pub object_id: String,
    pub action: &'static str,
    /// The cost of the refusal, and the budget that pays for it.
    pub spends: Option<(&'static Budget, u64)>,
}

impl Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl Error {
    /// An error with a text about this case.
    #[track_caller]
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::from(code).explained(detail)
    }

    /// The same error with a text about this case.
    pub fn explained(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The same error, at the field that it is about.
    pub fn about(mut self, pointer: &'static str) -> Self {
        let message = self.0.detail.clone().unwrap_or_default().into_owned();
        self.0.errors.push(FieldError { message, ..FieldError::at(pointer, self.0.code.code()) });
        self
    }

    /// The same error, leaving an entry in the trail, because its answer confirms what the caller may only have guessed.
    pub fn traced(mut self, object_type: &'static str, object_id: impl ToString, action: &'static str) -> Self {
        self.0.trace = Some(Trace { object_type, object_id: object_id.to_string(), action, spends: None });
        self
    }

    /// The same error, which costs something. If too little of the budget is left, the caller gets `too_many_requests` instead.
    pub fn spending(mut self, budget: &'static Budget, cost: u64) -> Self {
        if let Some(trace) = &mut self.0.trace {
            trace.spends = Some((budget, cost));
        }
        self
    }

    /// A fault of one field.
    #[track_caller]
    pub fn field(pointer: impl Into<String>, code: &'static str) -> Self {
        Self::fields(vec![FieldError::at(pointer, code)])
    }

    /// Faults of several fields.
    #[track_caller]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let mut error = Self::from(ErrorCode::ValidationFailed);
        error.0.errors = errors;
        error
    }

    /// A failure of the service: logged with its cause, answered without it. A full or failing disk becomes `unavailable`,
    /// because that passes.
    #[track_caller]
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        let mut error = if is_of_the_disk(&*source) {
            Self::later(ErrorCode::Unavailable, DISK_SECONDS)
        } else {
            Self::from(ErrorCode::Internal)
        };
        error.0.source = Some(source);
        error
    }

    /// A refusal that passes after some seconds.
    #[track_caller]
    pub fn later(code: ErrorCode, seconds: u64) -> Self {
        let mut error = Self::from(code);
        error.0.retry_after = Some(seconds);
        error
    }

    /// The refusal of a step, with the state and the steps that it allows.
    #[track_caller]
    pub fn illegal_step(state: &'static str, allowed: Vec<&'static str>) -> Self {
        let mut error = Self::from(ErrorCode::IllegalStep);
        error.0.state = Some(state);
        error.0.allowed_actions = Some(allowed);
        error
    }

    /// The refusal of an object that resembles existing ones, which the caller may read. They may look at these, and say that the
    /// object differs.
    #[track_caller]
    pub fn likely_double(of: Vec<LikelyDouble>) -> Self {
        let mut error = Self::from(ErrorCode::LikelyDouble);
        error.0.likely_doubles = of;
        error
    }

    /// The refusal of words that may tell who a family is. Whoever wrote them looks again, and may say that they do not.
    #[track_caller]
    pub fn perhaps_personal(pointers: Vec<String>) -> Self {
        let mut error = Self::from(ErrorCode::PerhapsPersonal);
        error.0.errors = pointers.into_iter().map(|pointer| FieldError::at(pointer, "perhaps_personal")).collect();
        error
    }

    /// The same error, because of an object that the caller may see.
    pub fn because_of(mut self, kind: ObjectKind, id: impl ToString) -> Self {
        self.0.existing = Some(format!("{}/{}", kind.path(), id.to_string()));
        self
    }

    /// Logs the cause, which the caller does not learn.
    pub fn log(&self) {
        if let Some(source) = &self.source {
            tracing::error!(code = ?self.code, error = %source, at = %self.location, "request failed");
        } else {
            tracing::debug!(code = ?self.code, at = %self.location, "request refused");
        }
    }
}

impl From<ErrorCode> for Error {
    #[track_caller]
    fn from(code: ErrorCode) -> Self {
        Self(Box::new(Details {
            code,
            detail: None,
            errors: Vec::new(),
            state: None,
            allowed_actions: None,
            likely_doubles: Vec::new(),
            existing: None,
            retry_after: None,
            trace: None,
            source: None,
            location: Location::caller(),
        }))
    }
}

impl From<DbErr> for Error {
    #[track_caller]
    fn from(error: DbErr) -> Self {
        let code = match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => ErrorCode::Unavailable,
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => sqlx_code(cause),
            // The row has another version meanwhile, or is gone.
            DbErr::RecordNotUpdated => return ErrorCode::StaleVersion.into(),
            _ => ErrorCode::Internal,
        };
        let mut mapped = if code == ErrorCode::Unavailable { Self::later(code, 2) } else { Self::from(code) };
        mapped.0.source = Some(error.into());
        mapped
    }
}

/// What a database error means to the caller: gone, busy, full, in conflict, or a fault of the service.
fn sqlx_code(error: &sea_orm::sqlx::Error) -> ErrorCode {
    use sea_orm::sqlx::Error as Sqlx;
    match error {
        Sqlx::Io(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed => ErrorCode::Unavailable,
        Sqlx::Database(cause) => match cause.code().as_deref() {
            // A SQLSTATE has five characters, SQLite's codes have fewer.
            Some(state) if state.len() == 5 => postgres_code(state),
            Some(code) => code.parse().map_or(ErrorCode::Internal, sqlite_code),
            None => ErrorCode::Internal,
        },
        _ => ErrorCode::Internal,
    }
}

fn postgres_code(state: &str) -> ErrorCode {
    match state {
        // The server shuts down or starts, a lock or statement timed out, or the server is read-only.
        "57P01" | "57P02" | "57P03" | "55P03" | "57014" | "25006" => ErrorCode::Unavailable,
        // No connection; no disk, memory or connections left; an error of the file system.
        _ if ["080", "53", "58"].iter().any(|class| state.starts_with(class)) => ErrorCode::Unavailable,
        // Unique and foreign keys; serialisation failure and deadlock.
        "23505" | "23503" | "23001" | "40001" | "40P01" => ErrorCode::Conflict,
        _ => ErrorCode::Internal,
    }
}

fn sqlite_code(code: i32) -> ErrorCode {
    match code {
        // Unique and primary keys, foreign keys, triggers.
        2067 | 1555 | 787 | 1811 => ErrorCode::Conflict,
        // The lowest byte is the kind of error: busy, locked, no memory, read only, I/O, full, cannot open. The others are
        // details.
        _ if matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14) => ErrorCode::Unavailable,
        _ => ErrorCode::Internal,
    }
}

/// Whether something failed because a disk is full, broken, or over quota.
fn is_of_the_disk(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|cause| {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        matches!(cause.kind(), StorageFull | QuotaExceeded | FileTooLarge | ReadOnlyFilesystem)
            || cause.raw_os_error() == Some(EIO)
            // An error that was wrapped with a file name keeps only its text.
            || cause.to_string().contains(&format!("(os error {EIO})"))
    })
}

/// Whether a lock was not available in time (PostgreSQL's `lock_not_available`).
pub fn is_lock_timeout(error: &DbErr) -> bool {
    matches!(error, DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))
        if cause.as_database_error().and_then(|cause| cause.code()).as_deref() == Some("55P03"))
}

/// Gives the violation of a unique key its own error.
pub trait OnUnique<T> {
    /// Returns `error` if a unique key refused the row.
    ///
    /// # Errors
    /// `error` in that case, otherwise the mapped database error.
    fn on_unique(self, error: impl Into<Error>) -> Result<T>;
}

impl<T> OnUnique<T> for Result<T, DbErr> {
    #[track_caller]
    fn on_unique(self, error: impl Into<Error>) -> Result<T> {
        self.map_err(|cause| match cause.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => error.into(),
            _ => cause.into(),
        })
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.code)?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))?;
        self.errors.iter().try_for_each(|error| write!(f, " {}={}", error.pointer, error.code))?;
        self.source.as_ref().map_or(Ok(()), |source| write!(f, " ({source})"))
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    struct Failing;

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(EIO))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_failing_disk_passes_whoever_tells_of_it() {
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        let named = tempfile::NamedTempFile::from_parts(Failing, path).write_all(b"a").unwrap_err();
        assert_eq!(named.raw_os_error(), None, "it is wrapped: {named}");
        for failing in [named, io::Error::from_raw_os_error(EIO), io::Error::from(io::ErrorKind::StorageFull)] {
            assert_eq!(Error::internal(failing).code, ErrorCode::Unavailable);
        }
        assert_eq!(Error::internal(io::Error::from(io::ErrorKind::NotFound)).code, ErrorCode::Internal);
    }
}
