//! The contract of the Baishe REST API.
//!
//! Request and answer types with their validation, the permissions, the error codes and the texts that people
//! read, shared by the service (which adds the OpenAPI schemas through the feature `schema`), the app (WASM)
//! and the tests. Nothing here knows of a web server or a database.

mod macros;

pub mod amounts;
pub mod audit;
pub mod coded;
pub mod codes;
pub mod imports;
pub mod labels;
pub mod lang;
pub mod mask;
pub mod month;
pub mod page;
pub mod permission;
pub mod personal;
pub mod phone;
pub mod problem;
pub mod typed;
pub mod validation;
pub mod workflow;

pub mod account_requests;
pub mod adoptions;
pub mod agreements;
pub mod areas;
pub mod assignments;
pub mod assistance;
pub mod attachments;
pub mod auth;
pub mod calendar;
pub mod campaigns;
pub mod cases;
pub mod catalogue;
pub mod dashboard;
pub mod enrolments;
pub mod findings;
pub mod forecast;
pub mod households;
pub mod inspections;
pub mod institutions;
pub mod ledger;
pub mod meetings;
pub mod objects;
pub mod organisations;
pub mod outcomes;
pub mod pairing_year;
pub mod pairings;
pub mod plans;
pub mod portal;
pub mod progress;
pub mod projects;
pub mod publications;
pub mod publicity;
pub mod rankings;
pub mod recommendations;
pub mod reports;
pub mod resource;
pub mod supervision_orders;
pub mod tallies;
pub mod task_plans;
pub mod users;
pub mod villages;
pub mod work;

pub(crate) use contract_macros::{answer, input, query};

pub use coded::CodedEnum;
pub use lang::Lang;
pub use month::Month;
pub use objects::ObjectKind;
pub use page::{ListQuery, Page, Sort};
pub use permission::{Permission, Role};
pub use problem::{ErrorCode, FieldError, Problem};
pub use resource::Resource;
