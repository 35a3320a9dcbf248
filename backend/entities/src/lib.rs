//! The tables, one file each, with the questions that other modules ask about them.
//!
//! A question returns a condition, a subquery or a plain answer about one table. It may lock rows, but it writes nothing and
//! takes no caller. Only [`scope`] knows callers; it decides who sees which rows.

/// Implements `Deref` to `Model` for a row that nests all columns of its table as `own`, so that both are read alike.
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
pub mod adoption_updates;
pub mod adoptions;
pub mod agreements;
pub mod areas;
pub mod assignments;
pub mod assistance;
pub mod attachments;
pub mod audit;
pub mod auth;
pub mod calendar_days;
pub mod campaigns;
pub mod case_uptakes;
pub mod cases;
pub mod catalogue;
pub mod checklists;
pub mod commitments;
pub mod difficulties;
pub mod enrolments;
pub mod findings;
pub mod help_records;
pub mod households;
pub mod inspection_rounds;
pub mod inspections;
pub mod institutions;
pub mod measures;
pub mod meetings;
pub mod names;
pub mod organisations;
pub mod outcomes;
pub mod pairings;
pub mod plans;
pub mod progress;
pub mod projects;
pub mod publications;
pub mod publicity;
pub mod rankings;
pub mod reports;
pub mod scope;
pub mod supervision_orders;
pub mod tallies;
pub mod tasks;
pub mod users;
pub mod villages;
