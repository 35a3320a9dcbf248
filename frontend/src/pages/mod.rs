//! The pages, and which path leads to which.

pub mod account;
mod agreements;
mod areas;
mod campaigns;
mod dashboard;
mod enrolments;
mod home;
mod organisations;
mod outcomes;
mod pairings;
mod progress;
mod projects;
mod report_months;
mod reports;
mod sessions;
mod tasks;
mod users;
mod villages;

use leptos::prelude::*;

use crate::components::load;

/// The page of a path. Each domain knows its own paths.
pub fn at(path: &str) -> AnyView {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let page = match parts.split_first() {
        None => Some(home::page()),
        Some((&"account", [])) => Some(account::page()),
        Some((&"agreements", rest)) => agreements::at(rest),
        Some((&"areas", rest)) => areas::at(rest),
        Some((&"campaigns", rest)) => campaigns::at(rest),
        Some((&"dashboard", [])) => Some(dashboard::page()),
        Some((&"enrolments", rest)) => enrolments::at(rest),
        Some((&"progress-updates", rest)) => progress::at(rest),
        Some((&"projects", rest)) => projects::at(rest),
        Some((&"tasks", rest)) => tasks::at(rest),
        Some((&"reports", rest)) => reports::at(rest),
        Some((&"report-months", rest)) => report_months::at(rest),
        Some((&"outcomes", rest)) => outcomes::at(rest),
        Some((&"pairings", rest)) => pairings::at(rest),
        Some((&"organisations", rest)) => organisations::at(rest),
        Some((&"users", rest)) => users::at(rest),
        Some((&"villages", rest)) => villages::at(rest),
        _ => None,
    };
    page.unwrap_or_else(load::missing)
}
