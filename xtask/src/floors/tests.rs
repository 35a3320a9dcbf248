use std::path::Path;

use super::tree::Tree;
use super::{CRATES, faults};
use crate::workspace::Workspace;

/// The lists of modules in most of the trees.
const LISTS: [(&str, &str); 4] = [
    ("openapi/src/lib.rs", "pub mod areas;"),
    ("backend/platform/src/lib.rs", "pub mod change;\npub use change::Tx;"),
    ("backend/entities/src/lib.rs", "pub mod areas;\npub mod pairings;\npub mod scope;\npub mod villages;"),
    ("backend/domains/src/lib.rs", "pub mod villages;\npub mod areas;\npub mod pairings;\n\npub mod views;\npub mod workflows;"),
];
const FILES: [(&str, &str); 12] = [
    ("openapi/src/areas.rs", "pub struct Area;"),
    ("backend/platform/src/change.rs", "pub struct Tx;"),
    ("backend/entities/src/areas.rs", "pub struct Entity;"),
    ("backend/entities/src/villages.rs", "pub struct Entity;"),
    ("backend/entities/src/pairings.rs", "pub struct Entity;"),
    ("backend/entities/src/scope.rs", "use crate::{areas, pairings, villages};"),
    ("backend/domains/src/villages/mod.rs", "pub mod service;"),
    ("backend/domains/src/villages/service.rs", "pub fn read() {}"),
    ("backend/domains/src/areas/mod.rs", "pub mod service;"),
    ("backend/domains/src/areas/service.rs", "pub fn read() {}"),
    ("backend/domains/src/views/mod.rs", "pub mod work;"),
    ("backend/domains/src/workflows/mod.rs", "pub mod pairing;"),
];

/// The faults in a tree with these files, which replace or extend those above.
fn wrong(files: &[(&str, &str)]) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in LISTS.iter().chain(&FILES).chain(files) {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    in_tree(root.path())
}

fn in_tree(root: &Path) -> Vec<String> {
    faults(&Tree::read(root, &CRATES).unwrap()).iter().map(ToString::to_string).collect()
}

#[test]
fn this_house_stands() {
    assert_eq!(in_tree(&Workspace::find().unwrap().root), Vec::<String>::new());
}

#[test]
fn what_leads_downwards_is_right() {
    let nothing: [String; 0] = [];
    assert_eq!(wrong(&[]), nothing);
    let down = [
        ("backend/platform/src/change.rs", "use contract::areas::Area;\npub struct Tx;"),
        (
            "backend/domains/src/areas/service.rs",
            "use crate::villages::service;\nuse platform::Tx;\nuse entities::areas::Entity;",
        ),
        ("backend/domains/src/areas/policy.rs", "use matching::Problem;"),
        ("backend/domains/src/areas/mod.rs", "pub mod policy;\npub mod service;"),
        ("backend/matching/src/lib.rs", "pub struct Problem;"),
        ("backend/domains/src/workflows/pairing.rs", "use crate::areas::service;\nuse platform::Tx;"),
        ("backend/domains/src/views/work.rs", "use crate::areas::service;\nuse entities::areas::Entity;"),
        ("backend/src/api/areas.rs", "use actix_web::get;\nuse domains::areas::service;\nuse domains::workflows::pairing;"),
        ("backend/src/lib.rs", "mod api;\nuse migration::Migrator;\nuse domains::views::work;"),
        ("backend/migration/src/lib.rs", "pub struct Migrator;"),
    ];
    assert_eq!(wrong(&down), nothing);
}

#[test]
fn no_floor_imports_upwards() {
    for (file, text, rule) in [
        ("openapi/src/areas.rs", "\nuse platform::Tx;", "2: the contract must not import the platform: platform::change::Tx"),
        (
            "backend/matching/src/lib.rs",
            "use contract::areas::Area;",
            "1: the matching must not import the contract: contract::areas::Area",
        ),
        (
            "backend/platform/src/change.rs",
            "use entities::areas;",
            "1: the platform must not import the entities: entities::areas",
        ),
        ("backend/platform/src/change.rs", "use entities::*;", "1: the platform must not import the entities: entities"),
        (
            "backend/entities/src/areas.rs",
            "use contract::areas;\nfn f() { domains::areas::service::read() }",
            "2: the entities must not import a domain: domains::areas::service::read",
        ),
        (
            "backend/domains/src/areas/service.rs",
            "use crate::{villages::service,\n  workflows::pairing};",
            "2: a domain must not import a workflow: domains::workflows::pairing",
        ),
        (
            "backend/domains/src/areas/service.rs",
            "use crate as all;\nstruct A;\nimpl A { fn f() -> all::views::Work { panic!() } }",
            "3: a domain must not import a view: domains::views::Work",
        ),
        (
            "backend/domains/src/areas/service.rs",
            "use super::super::views as shown;\nfn f() { shown::work::list() }",
            "1: a domain must not import a view: domains::views",
        ),
        (
            "backend/domains/src/areas/service.rs",
            "fn f() { assert!(true, \"{}\", crate::workflows::pairing::NAME) }",
            "1: a domain must not import a workflow: domains::workflows::pairing::NAME",
        ),
        (
            "backend/domains/src/areas/service.rs",
            "#[given(by = \"crate::workflows::pairing::given\")]\nstruct A;",
            "1: a domain must not import a workflow: domains::workflows::pairing::given",
        ),
        (
            "backend/domains/src/workflows/pairing.rs",
            "use crate::views::work;",
            "1: a workflow must not import a view: domains::views::work",
        ),
        (
            "backend/domains/src/views/work.rs",
            "pub use crate::workflows::pairing;",
            "1: a view must not import a workflow: domains::workflows::pairing",
        ),
        ("backend/src/api/areas.rs", "use crate::startup::App;", "1: the API must not import the shell: baishe::startup::App"),
        ("backend/src/api/areas.rs", "use migration::Step;", "1: the API must not import the migrations: migration::Step"),
    ] {
        let more = [
            ("backend/src/lib.rs", "mod startup;"),
            ("backend/src/startup.rs", ""),
            ("backend/migration/src/lib.rs", ""),
            (file, text),
        ];
        let wrong = wrong(&more);
        assert!(wrong.contains(&format!("{file}:{rule}")), "{text}: {wrong:#?}");
    }
}

#[test]
fn a_name_that_is_only_like_one_of_another_floor_is_right() {
    let text = "mod entities { pub mod areas { pub fn read() {} } }\nfn f() { entities::areas::read() }";
    assert_eq!(wrong(&[("openapi/src/areas.rs", text)]), [] as [String; 0]);
}

#[test]
fn a_domain_imports_only_what_stands_before_it() {
    let back = [("backend/domains/src/villages/service.rs", "use entities::areas as rows;\nuse crate::areas::{self, service};")];
    assert_eq!(
        wrong(&back),
        [
            "backend/domains/src/villages/service.rs:2: villages must not import areas, which stands behind it in the list of domains"
        ]
    );
    // A detour through a re-export of another module.
    let detour = [
        ("backend/domains/src/villages/mod.rs", "pub mod service;\npub mod other;"),
        ("backend/domains/src/villages/other.rs", "use super::service::*;\nfn f() { read() }"),
        ("backend/domains/src/villages/service.rs", "pub use crate::areas::service::read;"),
    ];
    let wrong = wrong(&detour);
    assert!(wrong.iter().any(|fault| fault.starts_with("backend/domains/src/villages/service.rs:1: ")), "{wrong:#?}");
    assert!(wrong.iter().any(|fault| fault.starts_with("backend/domains/src/villages/other.rs:2: ")), "{wrong:#?}");
}

#[test]
fn a_view_names_no_transaction() {
    for (text, line) in [
        ("use platform::Tx;", 1),
        ("use platform::change::Tx as Writing;", 1),
        ("\nfn f(tx: &platform::Tx) {}", 2),
        ("use platform::*;\nfn f(tx: &Tx) {}", 2),
    ] {
        assert_eq!(
            wrong(&[("backend/domains/src/views/work.rs", text)]),
            [format!("backend/domains/src/views/work.rs:{line}: a view must not name a Tx: it writes nothing")]
        );
    }
}

#[test]
fn no_rule_knows_http() {
    for (file, floor) in [
        ("backend/domains/src/areas/service.rs", "a domain"),
        ("backend/domains/src/workflows/pairing.rs", "a workflow"),
        ("backend/domains/src/views/work.rs", "a view"),
    ] {
        let passed_on = ("backend/platform/src/lib.rs", "pub use actix_web::HttpResponse;");
        assert_eq!(
            wrong(&[(file, "use actix_web::get;"), passed_on]),
            [format!("{file}:1: {floor} must not know HTTP: actix_web::get")]
        );
        assert_eq!(
            wrong(&[(file, "\nfn f() -> platform::HttpResponse {}"), passed_on]),
            [format!("{file}:2: {floor} must not know HTTP: actix_web::HttpResponse")]
        );
    }
}

#[test]
fn a_table_imports_those_that_its_keys_lead_to() {
    let key =
        |other: &str| format!("use crate::{other};\nenum Relation {{ #[sea_orm(belongs_to = \"{other}::Entity\")] Other }}");
    let (villages, pairings) = (key("areas"), key("villages") + "\nuse crate::areas;");
    let along =
        [("backend/entities/src/villages.rs", villages.as_str()), ("backend/entities/src/pairings.rs", pairings.as_str())];
    assert_eq!(wrong(&along), [] as [String; 0]);
    // A question about the rows that point to a table needs the other direction.
    let back = [along[0], along[1], ("backend/entities/src/areas.rs", "use crate::{pairings, villages};")];
    assert_eq!(wrong(&back), [] as [String; 0]);
    let no_key = [along[0], ("backend/entities/src/areas.rs", "use super::villages;\nuse super::pairings;")];
    assert_eq!(wrong(&no_key), ["backend/entities/src/areas.rs:2: areas must not import pairings: no foreign key leads there"]);
}

#[test]
fn the_kit_of_the_app_knows_no_domain() {
    let kit = [("frontend/src/api/areas.rs", ""), ("frontend/src/pages/areas.rs", ""), ("frontend/src/lib.rs", "")];
    for (file, text, rule) in [
        ("components/picker.rs", "use crate::api::areas;", "the app's kit must not import the app's calls: app::api::areas"),
        ("api/client.rs", "use crate::pages;", "the app's kit must not import the app's pages: app::pages"),
        ("api/mod.rs", "use crate::api::areas::list;", "the app's kit must not import the app's calls: app::api::areas::list"),
        ("session.rs", "use crate::pages::areas;", "the app's session must not import the app's pages: app::pages::areas"),
    ] {
        let file = format!("frontend/src/{file}");
        let lists = [
            ("frontend/src/pages/mod.rs", "pub mod areas;"),
            ("frontend/src/components/mod.rs", ""),
            ("frontend/src/api/mod.rs", "pub mod areas;"),
        ];
        assert_eq!(wrong(&[&kit[..], &lists, &[(&file, text)]].concat()), [format!("{file}:1: {rule}")]);
    }
}

#[test]
fn files_of_different_parts_stand_in_no_circle() {
    // None of these imports leads upwards, and the two pages know each other only through the list of pages.
    let (home, plan) = ("frontend/src/pages/home.rs", "frontend/src/pages/plans/detail.rs");
    let circle = [
        ("frontend/src/lib.rs", "mod pages;"),
        ("frontend/src/pages/mod.rs", "pub mod home;\npub mod plans;\nuse home::page;"),
        ("frontend/src/pages/plans/mod.rs", "pub mod detail;\npub mod form;\npub use detail::title;"),
        ("frontend/src/pages/plans/form.rs", "use super::detail::title;\npub fn form() {}"),
        (plan, "use super::form::form;\nfn f() { crate::pages::home::page() }\npub fn title() {}"),
        (home, "use crate::pages::plans::title;\npub fn page() {}"),
    ];
    assert_eq!(
        wrong(&circle),
        [format!("{home}:1: stands in a circle with {plan}"), format!("{plan}:2: stands in a circle with {home}")]
    );
    // Two files of one part may form a circle, and a re-export is no import.
    let circle = [&circle[..5], &[(home, "pub fn page() {}")]].concat();
    assert_eq!(wrong(&circle), [] as [String; 0]);
}
