//! Journeys through the app, in a browser, as people make them: by labels, buttons and headings.
//!
//! ```ignore
//! journey!(an_answer_is_given, async |app, browser| {
//!     let pairing = app.proposed(campaign()).await;
//!     browser.sign_in(Who::VillageA, "/").await;
//!     browser.link("永湖村委会 · 晋江市慈善总会").await;
//!     browser.button("接受").await;
//! });
//! ```
//!
//! Each journey has its own service, database and browser, on SQLite and PostgreSQL. A call waits until it finds what it needs,
//! and no longer. A journey that fails leaves a screenshot and the browser's log in `target/browser`; one that leaves errors in
//! the log fails.

mod access;
mod accounts;
mod catalogue;
mod clerk;
mod device;
mod driver;
mod figures;
mod forms;
mod harness;
mod households;
mod imports;
mod institutions;
mod keyboard;
mod line;
mod lives;
mod matching;
mod navigation;
mod on_site;
mod orders;
mod pages;
mod planning;
mod portal;
mod publicity;
mod queue;
mod relief;
mod reporting;
mod second_looks;
mod supervision;
mod typing;
mod visit;

/// Makes two tests of one journey, `name::sqlite` and `name::postgres`.
macro_rules! journey {
    ($name:ident, async |$app:ident, $browser:ident| $body:block) => {
        journey!($name, with | _config | {}, async |$app, $browser| $body);
    };
    ($name:ident, with |$config:ident| $configure:block, async |$app:ident, $browser:ident| $body:block) => {
        $crate::both_databases!(
            $name,
            with | config | {
                config.spa_dir = Some($crate::browser::harness::spa());
                let $config = config;
                $configure
            },
            async |$app| {
                let name = concat!(module_path!(), "::", stringify!($name));
                $crate::browser::harness::run(name, $app, async |$browser| $body).await;
            }
        );
    };
}
use journey;
