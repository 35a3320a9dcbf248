//! The API, domain by domain; `authorization` goes over every operation.

mod agreements;
mod areas;
mod attachments;
mod auth;
mod authorization;
mod campaigns;
mod costs;
mod imports;
mod openapi;
mod organisations;
mod paging;
mod platform;
mod projects;
mod repeats;
mod tokens;
mod villages;
