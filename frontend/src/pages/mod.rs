//! The pages, and their paths.

mod account;
mod account_requests;
mod adoption_updates;
mod adoptions;
mod agreements;
mod areas;
mod assignments;
mod assistance;
mod attachments;
mod audit;
mod cadre_year;
mod calendar;
mod campaigns;
mod cases;
mod catalogue;
mod checklist_items;
mod checklists;
mod dashboard;
mod difficulties;
mod enrolments;
mod findings;
mod forecast;
mod help;
mod home;
mod households;
mod inspections;
mod institutions;
mod ledger;
pub mod login;
mod measures;
mod meetings;
mod on_site;
mod organisations;
mod outcomes;
mod pairings;
mod plans;
mod progress;
mod projects;
mod publications;
mod publicity;
mod publicity_months;
mod rankings;
mod recommendations;
mod report_months;
mod reports;
mod rounds;
mod sessions;
mod standing;
mod supervision_orders;
mod tasks;
mod uptakes;
mod users;
mod villages;
pub mod visit;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use crate::api::{self, ApiError};
use crate::components::load::{self, Load};

/// Returns the page for a path below that of a domain.
type Pages = fn(&[&str]) -> Option<AnyView>;

/// Fetches the code of a domain's pages.
type Fetch = fn() -> LocalBoxFuture<'static, Result<Pages, SplitLoaderError>>;

/// Compiles each group of domains into its own chunk, which is fetched when the first of its pages is opened.
macro_rules! chunks {
    ($($group:ident { $($first:literal => $domain:ident,)+ })+) => {
        /// The first segments of the domains' paths.
        #[cfg(test)]
        const FIRST: &[&str] = &[$($($first),+),+];

        fn chunk(first: &str) -> Option<Fetch> {
            match first {
                $($($first => {
                    #[wasm_split($group, wasm_split_path = leptos::wasm_split, fallible)]
                    fn $domain() -> Result<Pages, SplitLoaderError> {
                        Ok($domain::at)
                    }
                    Some(|| $domain().boxed_local())
                })+)+
                _ => None,
            }
        }
    };
}

// Whoever opens one page of a group is likely to open the others. There are few groups, because each set of groups that shares
// code adds another chunk.
chunks! {
    pairing {
        "campaigns" => campaigns,
        "enrolments" => enrolments,
        "catalogue-entries" => catalogue,
        "recommendations" => recommendations,
        "rankings" => rankings,
        "assignments" => assignments,
        "pairings" => pairings,
        "agreements" => agreements,
        "adoptions" => adoptions,
        "adoption-updates" => adoption_updates,
        "help-records" => help,
        "difficulties" => difficulties,
        "cadre-year" => cadre_year,
    }
    support {
        "projects" => projects,
        "tasks" => tasks,
        "progress-updates" => progress,
        "outcomes" => outcomes,
        "reports" => reports,
        "report-months" => report_months,
        "checklists" => checklists,
        "inspection-rounds" => rounds,
        "inspections" => inspections,
        "findings" => findings,
        "supervision-orders" => supervision_orders,
        "meetings" => meetings,
        "dashboard" => dashboard,
        "cases" => cases,
        "case-uptakes" => uptakes,
        "publicity-items" => publicity,
        "publicity-months" => publicity_months,
        "publications" => publications,
        "forecast" => forecast,
    }
    relief {
        "households" => households,
        "visit" => visit,
        "on-site" => on_site,
        "assistance-plans" => plans,
        "assistance-measures" => measures,
        "assistance-records" => assistance,
        "household-ledger" => ledger,
    }
    registers {
        "areas" => areas,
        "villages" => villages,
        "organisations" => organisations,
        "institutions" => institutions,
        "calendar-days" => calendar,
        "account" => account,
        "users" => users,
        "account-requests" => account_requests,
        "audit-events" => audit,
    }
}

/// Fetches the code of a page that is likely to be opened next.
pub fn prefetch(path: &str) {
    if let Some(chunk) = path.split('/').nth(1).and_then(chunk) {
        spawn_local(async move {
            let _ = chunk().await;
        });
    }
}

/// The page at a path. Each domain knows its own paths. The front page is part of the app itself.
pub fn at(path: &str) -> AnyView {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    // Whoever signs in stays on the page that they opened. `/login` is what people type.
    let Some((first, rest)) = parts.split_first().filter(|(first, _)| **first != "login") else { return home::page() };
    let Some(chunk) = chunk(first) else { return load::missing() };
    if let Some(Ok(pages)) = chunk().now_or_never() {
        return pages(rest).unwrap_or_else(load::missing);
    }
    let rest: Vec<_> = rest.iter().map(ToString::to_string).collect();
    let fetched = Load::by(move |_| {
        async move {
            match chunk().await {
                Ok(pages) => Ok(pages),
                Err(_) if api::is_outdated().await => Err(ApiError::Outdated),
                Err(_) => Err(ApiError::Network),
            }
        }
        .boxed_local()
    });
    load::show(fetched, move |pages| {
        let rest: Vec<_> = rest.iter().map(String::as_str).collect();
        pages(&rest).unwrap_or_else(load::missing)
    })
}

#[cfg(test)]
mod tests {
    use super::FIRST;
    use crate::navigation::GROUPS;

    #[test]
    fn the_menu_leads_to_every_domain_and_nowhere_else() {
        let led: Vec<_> = GROUPS.iter().flat_map(|group| group.entries).map(|entry| &entry.path[1..]).collect();
        for first in led.iter().filter(|first| !first.is_empty()) {
            assert!(FIRST.contains(first), "no page begins with {first}");
        }
        // The link to the person's own account is in the header.
        for first in FIRST.iter().filter(|first| **first != "account") {
            assert_eq!(led.iter().filter(|led| *led == first).count(), 1, "{first} in the menu");
        }
    }
}
