//! The domains of Baishe: what each table's rows may become, and who may change them.
//!
//! A domain imports only domains before it in this list. Changes of several domains are in [`workflows`], and code that only
//! reads them is in [`views`]. Blank lines keep the formatter from sorting.

// How documents look.
pub mod official;

// Places, and the records about them.
pub mod areas;
pub mod audit;
pub mod tallies;

// The parts of a campaign.
pub mod campaigns;
pub mod villages;

// By which days campaigns reckon.
pub mod calendar;

pub mod institutions;
pub mod organisations;

// Who stands by institutions, and with what.
pub mod adoptions;

pub mod adoption_updates;
pub mod difficulties;

pub mod help;

// Who may sign in.
pub mod auth;

pub mod users;

pub mod account_requests;

pub mod enrolments;
pub mod households;

// What is needed and offered.
pub mod catalogue;

// Who would like to help whom.
pub mod rankings;

// Who helps whom, and with what.
pub mod pairings;

// Who would go well with whom.
pub mod fit;

pub mod assignments;

pub mod plans;

pub mod measures;
pub mod projects;

pub mod assistance;
pub mod progress;
pub mod tasks;

pub mod agreements;
pub mod outcomes;

// Whether it goes well.
pub mod checklists;
pub mod inspections;

pub mod findings;
pub mod inspection_rounds;

pub mod reports;

// What others can learn from, and what the public was told.
pub mod cases;

pub mod publications;
pub mod publicity;
pub mod uptakes;
// What is behind, and what is resolved about it.
pub mod meetings;
pub mod supervision_orders;

// May belong to anything.
pub mod attachments;

pub mod workflows;

pub mod views;
