//! The API, domain by domain; `authorization` goes over every operation.

mod agreements;
mod attachments;
mod authorization;
mod costs;
mod imports;
mod openapi;
mod projects;
mod villages;
