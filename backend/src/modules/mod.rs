//! The domains, one vertical slice each.

pub mod agreements;
pub mod areas;
pub mod attachments;
pub mod auth;
pub mod campaigns;
pub mod dashboard;
pub mod enrolments;
pub mod organisations;
pub mod outcomes;
pub mod pairings;
pub mod progress;
pub mod projects;
pub mod reports;
pub mod tasks;
pub mod users;
pub mod villages;
pub mod work;

use crate::platform::api::Api;

/// Every operation of the API.
pub fn api() -> Api {
    let mut api = Api::default();
    auth::routes::add(api.tag("auth"));
    work::routes::add(api.tag("work"));
    areas::routes::add(api.tag("areas"));
    campaigns::routes::add(api.tag("campaigns"));
    villages::routes::add(api.tag("villages"));
    attachments::routes::add(api.tag("attachments"));
    organisations::routes::add(api.tag("organisations"));
    enrolments::routes::add(api.tag("enrolments"));
    pairings::routes::add(api.tag("pairings"));
    agreements::routes::add(api.tag("agreements"));
    projects::routes::add(api.tag("projects"));
    tasks::routes::add(api.tag("tasks"));
    progress::routes::add(api.tag("progress"));
    outcomes::routes::add(api.tag("outcomes"));
    reports::routes::add(api.tag("reports"));
    dashboard::routes::add(api.tag("dashboard"));
    users::routes::add(api.tag("users"));
    api
}
