//! The API, domain by domain. Tests over all domains, such as `authorization`, `paging` and `query_plans`, use what each domain
//! declares.

mod account_requests;
mod adoptions;
mod agreements;
mod areas;
mod assignments;
mod assistance;
mod attachments;
mod audit;
mod auth;
mod authorization;
mod backup;
mod bad_input;
mod calendar;
mod campaigns;
mod carried;
mod cases;
pub mod catalogue;
mod closed;
mod commitments;
mod consent;
mod costs;
mod dashboard;
mod deadlines;
mod demo;
mod doubles;
mod enrolments;
mod entries;
mod evidence;
mod exports;
mod findings;
mod forecast;
mod household_exports;
mod household_imports;
mod household_merges;
mod household_moves;
mod household_splits;
mod households;
mod imports;
pub mod inspections;
mod institutions;
mod leaks;
mod ledger;
mod limits;
mod look_ups;
mod measures;
pub mod meetings;
mod openapi;
mod organisation_ends;
mod organisations;
mod outcomes;
mod paging;
mod pairing_year;
mod pairings;
mod plans;
mod platform;
mod portal;
mod progress;
mod projects;
pub mod publications;
mod publicity;
mod query_plans;
mod races;
mod rankings;
mod recommendations;
mod reimports;
mod repeats;
mod replay;
mod report_months;
mod reports;
mod retention;
mod rotation;
mod schema;
mod scope;
mod seals;
mod search;
mod second_looks;
mod successions;
mod supervision_orders;
mod survey;
mod tallies;
mod task_plans;
mod tasks;
mod tokens;
mod totals;
mod traces;
mod users;
mod villages;
mod work;

use std::pin::Pin;

use authorization::Entry;

use crate::support::TestApp;

/// What a domain declares for the tests that cover all domains.
pub struct Domain {
    /// How to call each operation, and who may.
    operations: &'static [Entry],
    /// Makes one object of each kind. It may build on the examples of earlier domains.
    example: for<'a> fn(&'a TestApp) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
    /// Lists within an area whose order an index provides.
    walked: &'static [&'static str],
    /// Its pages, in the form that `tests/browser/pages.rs` describes.
    pub pages: &'static [(&'static str, &'static str)],
}

impl Domain {
    const EMPTY: Self = Self { operations: &[], example: |_| Box::pin(async {}), walked: &[], pages: &[] };
}

/// All domains, each after those that its example builds on.
pub const DOMAINS: &[Domain] = &[
    dashboard::DOMAIN,
    forecast::DOMAIN,
    work::DOMAIN,
    campaigns::DOMAIN,
    calendar::DOMAIN,
    enrolments::DOMAIN,
    catalogue::DOMAIN,
    rankings::DOMAIN,
    recommendations::DOMAIN,
    assignments::DOMAIN,
    pairings::DOMAIN,
    agreements::DOMAIN,
    projects::DOMAIN,
    tasks::DOMAIN,
    progress::DOMAIN,
    outcomes::DOMAIN,
    inspections::DOMAIN,
    findings::DOMAIN,
    reports::DOMAIN,
    households::DOMAIN,
    plans::DOMAIN,
    measures::DOMAIN,
    assistance::DOMAIN,
    ledger::DOMAIN,
    areas::DOMAIN,
    villages::DOMAIN,
    organisations::DOMAIN,
    institutions::DOMAIN,
    adoptions::DOMAIN,
    cases::DOMAIN,
    publicity::DOMAIN,
    publications::DOMAIN,
    supervision_orders::DOMAIN,
    meetings::DOMAIN,
    attachments::DOMAIN,
    audit::DOMAIN,
    users::DOMAIN,
    account_requests::DOMAIN,
    // This comes last, because it changes the passwords that other rows sign in with.
    auth::DOMAIN,
];

impl TestApp {
    /// Makes at least one of every listed object, for tests over all lists.
    async fn one_of_everything(&self) {
        for domain in DOMAINS {
            (domain.example)(self).await;
        }
    }
}
