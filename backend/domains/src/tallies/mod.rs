//! What triggers count of a campaign with each change (see the migration), so that a figure of a million records costs no
//! more than one of ten.

pub mod service;
