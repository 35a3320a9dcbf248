//! Views read many domains and change none. A view takes a connection, never a transaction.

pub mod cadre_year;
pub mod dashboard;
pub mod forecast;
pub mod ledger;
pub mod pairing_year;
pub mod portal;
pub mod recommendations;
pub mod work;
