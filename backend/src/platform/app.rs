//! What a running service holds.

use std::sync::Arc;

use object_store::ObjectStore;

use super::clock::Clock;
use super::config::Config;
use super::database::Database;
use super::token::Tokens;

/// The state that every handler can reach.
#[derive(Clone, Debug)]
pub struct App {
    pub config: Arc<Config>,
    pub database: Database,
    pub clock: Clock,
    pub tokens: Arc<Tokens>,
    /// Contents of attachments, by random name.
    pub storage: Arc<dyn ObjectStore>,
    /// The OpenAPI document, as served.
    pub document: Arc<str>,
}
