//! The API, domain by domain; `authorization` goes over every operation.

mod agreements;
mod authorization;
mod costs;
mod openapi;
mod projects;
mod villages;
