//! The tables, one file each, with the questions that others ask of them.
//!
//! A question returns a condition, a subquery or a plain answer about one table. It may lock, but it writes nothing, and it takes
//! no caller: [`scope`] alone knows callers, and says who sees which rows.

/// A row that shows all columns of its table, nested as `own`, and names besides: each column is read of it as of the `Model`.
macro_rules! own_columns {
    ($row:ident) => {
        impl std::ops::Deref for $row {
            type Target = Model;

            fn deref(&self) -> &Model {
                &self.own
            }
        }
    };
}

pub mod account_requests;
pub mod agreements;
pub mod areas;
pub mod assistance;
pub mod attachments;
pub mod audit;
pub mod auth;
pub mod campaigns;
pub mod enrolments;
pub mod households;
pub mod measures;
pub mod names;
pub mod organisations;
pub mod outcomes;
pub mod pairings;
pub mod plans;
pub mod progress;
pub mod projects;
pub mod reports;
pub mod scope;
pub mod tallies;
pub mod tasks;
pub mod users;
pub mod villages;
