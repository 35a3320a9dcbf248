//! The domains of Baishe: what each table's rows may become, and who may change them.
//!
//! A domain imports those that stand before it in this list, and never one that stands behind it. What changes several domains
//! stands in [`workflows`]. What only reads them stands in [`views`]. A blank line keeps the formatter from sorting.

// Where everything lies, and what is noted of it.
pub mod areas;
pub mod audit;
pub mod tallies;

// What a campaign is made of.
pub mod campaigns;
pub mod villages;

pub mod organisations;

// Who may sign in.
pub mod auth;

pub mod users;

pub mod account_requests;

pub mod enrolments;
pub mod households;

// Who helps whom, and with what.
pub mod pairings;

pub mod plans;

pub mod measures;
pub mod projects;

pub mod assistance;
pub mod progress;
pub mod tasks;

pub mod agreements;
pub mod outcomes;

pub mod reports;

// May hang on anything.
pub mod attachments;

pub mod workflows;

pub mod views;
