//! Workflows change several domains in one transaction. Each is told whole in one file.
//!
//! A workflow has no statement of its own. It calls the services in the order in which things happen.

pub mod consent;
pub mod forgetting;
pub mod leaving;
pub mod organisation;
pub mod pairing;
