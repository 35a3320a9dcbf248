//! The API, domain by domain; `authorization` goes over every operation.

mod authorization;
mod costs;
mod openapi;
mod villages;
