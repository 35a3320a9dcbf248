//! What every domain stands on. Nothing here knows of a domain.

pub mod api;
pub mod app;
pub mod audit;
pub mod change;
pub mod clock;
pub mod coded;
pub mod config;
pub mod crypto;
pub mod database;
mod document;
pub mod download;
pub mod error;
pub mod example;
pub mod excel;
pub mod extract;
pub mod http;
pub mod list;
pub mod principal;
pub mod rate;
pub mod scope;
pub mod search;
pub mod spa;
mod strict_json;
pub mod telemetry;
pub mod token;
pub mod trace;
pub mod upload;
pub mod workflow;

pub use app::App;
pub use change::{Change, Tx};
pub use crypto::Vault;
pub use error::{Error, Result};
pub use extract::{Body, Language, Patch, Query};
pub use principal::{Caller, Guard};
pub use scope::Scope;
pub use upload::Upload;
