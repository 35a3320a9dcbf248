//! The API, domain by domain; `authorization` goes over every operation.

mod agreements;
mod areas;
mod attachments;
mod auth;
mod authorization;
mod backup;
mod campaigns;
mod costs;
mod dashboard;
mod imports;
mod limits;
mod openapi;
mod organisations;
mod outcomes;
mod paging;
mod plans;
mod platform;
mod progress;
mod projects;
mod races;
mod repeats;
mod reports;
mod search;
mod tokens;
mod users;
mod villages;
