//! What reads many domains and changes none: a view takes a connection, never a transaction.

pub mod dashboard;
pub mod ledger;
pub mod work;
