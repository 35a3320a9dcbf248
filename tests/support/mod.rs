//! The basis of the tests.
//!
//! ```ignore
//! both_databases!(a_village_is_read_by_its_code, async |app| {
//!     let village = app.town_a().get(&format!("/villages/{VILLAGE_A}")).await.is(200);
//!     assert_eq!(village["editable"], true);
//!     app.town_b().patch(&village.path(), json!({ "old_base": true })).if_match(&village.etag()).await.refused(OutsideOwnScope);
//! });
//! ```
//!
//! The service runs with a clock stopped at [`NOW`]; `app.clock.set(…)` moves it. The client checks every answer against the
//! OpenAPI document: an undocumented answer, or one that its schema does not allow, fails the test. [`world`] has accounts, areas
//! and organisations.

mod answer;
mod authenticator;
mod client;
mod collector;
mod cooperation;
mod databases;
mod disk;
mod document;
mod families;
mod fixtures;
mod packages;
mod postgres;
mod process;
pub mod secrets;
mod server;
mod statements;
mod trial;
mod world;

pub use answer::Answer;
pub use authenticator::Authenticator;
pub use client::{Call, Client};
pub use collector::Collector;
pub use cooperation::{PDF, paper, project, task};
pub use databases::{Db, TestDatabase, number};
pub use disk::{SmallDisk, skipped};
pub use document::{Operation, document, operations, response, schemas_behind, valid};
pub use families::{Families, SECRETS, receipt};
pub use fixtures::{
    agreement, campaign, gift, household, identity_number, institution, measure, organisation, picture, visit, with, workbook,
};
pub use packages::{content, filled_in, like_formulas, package, paragraphs, properties, repacked};
pub use postgres::Postgres;
pub use process::{Link, ONE_SIEGE, Reading, Service, command, eventually, killed, sign_in};
pub use server::TestApp;
pub use statements::{foreign_keys_without_index, hanging_in_villages};
pub use world::*;

/// Makes two tests of one body, `name::sqlite` and `name::postgres`. `with |config| …` changes the service's configuration first.
#[macro_export]
macro_rules! both_databases {
    ($name:ident, async |$app:ident| $body:block) => {
        $crate::both_databases!($name, with |_config| {}, async |$app| $body);
    };
    ($name:ident, with |$config:ident| $configure:block, async |$app:ident| $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn configure($config: &mut platform::config::Config) $configure

            async fn body($app: &$crate::support::TestApp) $body

            #[tokio::test]
            async fn sqlite() {
                body(&$crate::support::TestApp::spawn($crate::support::Db::Sqlite, configure).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                body(&$crate::support::TestApp::spawn($crate::support::Db::Postgres, configure).await).await;
            }
        }
    };
}

/// Makes two tests of one body that starts the service itself.
#[macro_export]
macro_rules! on_both {
    ($name:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name($crate::support::Db::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name($crate::support::Db::Postgres).await;
            }
        }
    };
}
