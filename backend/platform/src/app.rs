//! The state of a running service.

use std::sync::Arc;

use object_store::ObjectStore;

use super::audit::Proofs;
use super::clock::Clock;
use super::config::Config;
use super::crypto::Vault;
use super::database::Database;
use super::host::Host;
use super::places::Places;
use super::rate::Rates;
use super::refusals::Refusals;
use super::token::Tokens;

/// The state that every handler can reach.
#[derive(Clone, Debug)]
pub struct App {
    pub config: Arc<Config>,
    pub database: Database,
    pub clock: Clock,
    pub tokens: Arc<Tokens>,
    /// The remaining requests of each caller.
    pub rates: Arc<Rates>,
    /// The refusals of each caller.
    pub refusals: Arc<Refusals>,
    /// Limits what is worked on at once.
    pub places: Arc<Places>,
    /// Seals and opens personal data.
    pub vault: Arc<Vault>,
    /// Proves the events of the audit trail.
    pub proofs: Arc<Proofs>,
    /// The contents of attachments, by random name.
    pub storage: Arc<dyn ObjectStore>,
    /// Answers the platform's questions to the domains.
    pub host: Arc<dyn Host>,
}
