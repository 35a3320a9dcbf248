//! One error type; everything that goes wrong becomes a problem document.

use std::borrow::Cow;
use std::io;
use std::ops::Deref;
use std::panic::Location;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use contract::{CodedEnum, ErrorCode, FieldError};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::budget::Budget;

/// Seconds after which somebody may have made room on a disk.
const DISK_SECONDS: u64 = 30;
/// What the system says where a disk fails; the standard library has no kind for it.
const EIO: i32 = 5;

/// The result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal or a failure. It is rendered in the caller's language by the outermost middleware, which alone knows it.
#[derive(Debug)]
pub struct Error(Box<Details>);

/// What an [`Error`] says.
#[derive(Debug)]
pub struct Details {
    pub code: ErrorCode,
    pub detail: Option<Cow<'static, str>>,
    pub errors: Vec<FieldError>,
    /// State and possible steps, for a step that was refused.
    pub state: Option<&'static str>,
    pub allowed_actions: Option<Vec<&'static str>>,
    /// Seconds after which another try makes sense.
    pub retry_after: Option<u64>,
    /// What it leaves in the trail although nothing was done, because it tells something by itself.
    pub trace: Option<Trace>,
    /// What really happened, for the log alone.
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    location: &'static Location<'static>,
}

/// What was tried, and on which object.
#[derive(Clone, Debug)]
pub struct Trace {
    pub object_type: &'static str,
    pub object_id: String,
    pub action: &'static str,
    /// What telling it costs, and of which budget.
    pub spends: Option<(&'static Budget, u64)>,
}

impl Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl Error {
    /// An error with a text about this very case.
    #[track_caller]
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::from(code).explained(detail)
    }

    /// The same error with a text about this very case.
    pub fn explained(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The same error, naming the field that all of it is about.
    pub fn about(mut self, pointer: &'static str) -> Self {
        let message = self.0.detail.clone().unwrap_or_default().into_owned();
        self.0.errors.push(FieldError { message, ..FieldError::at(pointer, self.0.code.code()) });
        self
    }

    /// The same error, which leaves an entry in the trail: its answer confirms what somebody may only have guessed.
    pub fn traced(mut self, object_type: &'static str, object_id: impl ToString, action: &'static str) -> Self {
        self.0.trace = Some(Trace { object_type, object_id: object_id.to_string(), action, spends: None });
        self
    }

    /// The same error, whose trace is paid for before it is told: where too little is left, the caller is told that instead.
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

    /// A failure on our side: logged with its cause, answered without it. Where a disk is full or fails, it passes:
    /// `unavailable`.
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

    /// A refusal that passes with time.
    #[track_caller]
    pub fn later(code: ErrorCode, seconds: u64) -> Self {
        let mut error = Self::from(code);
        error.0.retry_after = Some(seconds);
        error
    }

    /// The refusal of a step, with the state and what is allowed in it.
    #[track_caller]
    pub fn illegal_step(state: &'static str, allowed: Vec<&'static str>) -> Self {
        let mut error = Self::from(ErrorCode::IllegalStep);
        error.0.state = Some(state);
        error.0.allowed_actions = Some(allowed);
        error
    }

    /// Writes what the caller is not told into the log.
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
            // The row has another version by now, or is gone.
            DbErr::RecordNotUpdated => return ErrorCode::StaleVersion.into(),
            _ => ErrorCode::Internal,
        };
        let mut mapped = if code == ErrorCode::Unavailable { Self::later(code, 2) } else { Self::from(code) };
        mapped.0.source = Some(error.into());
        mapped
    }
}

/// What a database error means to the caller: gone, busy, out of room, in conflict, or our own mistake.
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
        // Shutting down or starting, lock and statement timeouts, a server that only reads.
        "57P01" | "57P02" | "57P03" | "55P03" | "57014" | "25006" => ErrorCode::Unavailable,
        // No connection; no disk, memory or connection left; what the system says of files.
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
        // The lowest byte says what it is, the others where: busy, locked, no memory, read only, I/O, full, cannot open.
        _ if matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14) => ErrorCode::Unavailable,
        _ => ErrorCode::Internal,
    }
}

/// Whether something failed because a disk is full, used up by its owner, or broken.
fn is_of_the_disk(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|cause| {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        matches!(cause.kind(), StorageFull | QuotaExceeded | FileTooLarge | ReadOnlyFilesystem)
            || cause.raw_os_error() == Some(EIO)
            // What names the file beside the error keeps its words alone.
            || cause.to_string().contains(&format!("(os error {EIO})"))
    })
}

/// Whether somebody else has held a row for longer than one waits (PostgreSQL's `lock_not_available`).
pub fn is_lock_timeout(error: &DbErr) -> bool {
    matches!(error, DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))
        if cause.as_database_error().and_then(|cause| cause.code()).as_deref() == Some("55P03"))
}

/// Gives a broken unique key its own meaning.
pub trait OnUnique<T> {
    /// Answers `error` where a unique key refused the row.
    ///
    /// # Errors
    /// `error` for that case, the mapped database error otherwise.
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
