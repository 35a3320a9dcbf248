//! The API, domain by domain. What goes over all domains (such as `authorization`, `paging`, `query_plans`) goes by what each hands in.

mod account_requests;
mod agreements;
mod areas;
mod assistance;
mod attachments;
mod audit;
mod auth;
mod authorization;
mod backup;
mod bad_input;
mod campaigns;
mod carried;
mod closed;
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
mod household_exports;
mod household_imports;
mod household_merges;
mod household_moves;
mod households;
mod imports;
mod leaks;
mod ledger;
mod limits;
mod look_ups;
mod measures;
mod openapi;
mod organisation_ends;
mod organisations;
mod outcomes;
mod paging;
mod pairings;
mod plans;
mod platform;
mod progress;
mod projects;
mod query_plans;
mod races;
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
mod tallies;
mod tasks;
mod tokens;
mod traces;
mod users;
mod villages;
mod work;

use std::pin::Pin;

use authorization::Entry;

use crate::support::TestApp;

/// What a domain hands in for the tests that go over all of them.
pub struct Domain {
    /// How each operation is called, and who may.
    operations: &'static [Entry],
    /// Makes one of it, which may hang on those of the domains before it.
    example: for<'a> fn(&'a TestApp) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
    /// Lists of an area that an index has in their order.
    walked: &'static [&'static str],
    /// Its pages, as `tests/browser/pages.rs` says.
    pub pages: &'static [(&'static str, &'static str)],
}

impl Domain {
    const EMPTY: Self = Self { operations: &[], example: |_| Box::pin(async {}), walked: &[], pages: &[] };
}

/// Every domain, behind those that its example hangs on.
pub const DOMAINS: &[Domain] = &[
    dashboard::DOMAIN,
    work::DOMAIN,
    campaigns::DOMAIN,
    enrolments::DOMAIN,
    pairings::DOMAIN,
    agreements::DOMAIN,
    projects::DOMAIN,
    tasks::DOMAIN,
    progress::DOMAIN,
    outcomes::DOMAIN,
    reports::DOMAIN,
    households::DOMAIN,
    plans::DOMAIN,
    measures::DOMAIN,
    assistance::DOMAIN,
    ledger::DOMAIN,
    areas::DOMAIN,
    villages::DOMAIN,
    organisations::DOMAIN,
    attachments::DOMAIN,
    audit::DOMAIN,
    users::DOMAIN,
    account_requests::DOMAIN,
    // Last, because it changes the passwords with which others sign in.
    auth::DOMAIN,
];

impl TestApp {
    /// At least one of everything that is listed: for tests that go over all lists.
    async fn one_of_everything(&self) {
        for domain in DOMAINS {
            (domain.example)(self).await;
        }
    }
}
