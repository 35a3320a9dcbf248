//! The base of every domain. Nothing here knows a domain: questions to one go through [`host::Host`].

pub mod api;
pub mod app;
pub mod area;
pub mod audit;
pub mod budget;
pub mod change;
pub mod clock;
pub mod coded;
pub mod columns;
pub mod config;
pub mod crypto;
pub mod database;
mod document;
pub mod download;
pub mod error;
pub mod example;
pub mod excel;
pub mod extract;
pub mod former;
pub mod glance;
pub mod health;
pub mod host;
pub mod http;
pub mod leftovers;
pub mod list;
pub mod memory;
pub mod object;
pub mod places;
pub mod principal;
pub mod rate;
pub mod refusals;
pub mod search;
pub mod spa;
pub mod spelling;
mod strict_json;
pub mod telemetry;
pub mod token;
pub mod trace;
mod tx;
pub mod upload;
pub mod workflow;

/// For the macro [`routes`], whose expansion uses it.
#[doc(hidden)]
pub use pastey;

pub use app::App;
pub use change::Change;
pub use crypto::Vault;
pub use error::{Error, Result};
pub use extract::{Body, Language, Patch, Query};
pub use object::Asker;
pub use principal::{Caller, Guard};
pub use tx::Tx;
pub use upload::Upload;

/// Runs long work outside the threads that answer requests.
///
/// # Errors
/// `internal` if the work is cancelled or panics.
pub async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}
