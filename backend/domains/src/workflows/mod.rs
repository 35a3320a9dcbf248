//! Workflows change several domains in one transaction. One file contains the whole of each.
//!
//! A workflow has no statement of its own. It calls the services in the order of events.

pub mod consent;
pub mod forgetting;
pub mod institution;
pub mod leaving;
pub mod organisation;
pub mod pairing;
pub mod succession;
