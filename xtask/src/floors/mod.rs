//! The floors of the repository. Each floor imports only what stands below it.

mod circles;
mod source;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::process::ExitCode;

use anyhow::{Result, bail};

use self::source::{Kind, Path};
use self::tree::{Arrow, Target, Tree};
use crate::workspace::Workspace;

/// The crates, by the names that code uses for them. No crate imports the app.
const CRATES: [(&str, &str); 8] = [
    ("contract", "openapi/src"),
    ("matching", "backend/matching/src"),
    ("platform", "backend/platform/src"),
    ("entities", "backend/entities/src"),
    ("domains", "backend/domains/src"),
    ("migration", "backend/migration/src"),
    ("baishe", "backend/src"),
    ("app", "frontend/src"),
];

struct Floor {
    name: &'static str,
    /// The modules of the floor, and everything below them unless another floor names it. `*` is any module.
    modules: &'static [&'static str],
    /// The floors that it may import besides itself.
    imports: &'static [&'static str],
    /// Whether it may use HTTP.
    knows_http: bool,
    /// Whether each of its modules is a part of its own. Otherwise the whole floor is one part.
    of_parts: bool,
}

const FLOORS: [Floor; 15] = [
    Floor { name: "the contract", modules: &["contract"], imports: &[], knows_http: false, of_parts: false },
    Floor { name: "the matching", modules: &["matching"], imports: &[], knows_http: false, of_parts: false },
    Floor { name: "the platform", modules: &["platform"], imports: &["the contract"], knows_http: true, of_parts: false },
    Floor {
        name: "the entities",
        modules: &["entities"],
        imports: &["the contract", "the platform"],
        knows_http: false,
        of_parts: false,
    },
    Floor {
        name: "a domain",
        modules: &["domains"],
        imports: &["the contract", "the matching", "the platform", "the entities"],
        knows_http: false,
        of_parts: true,
    },
    Floor {
        name: "a workflow",
        modules: &["domains::workflows"],
        imports: &["the contract", "the platform", "the entities", "a domain"],
        knows_http: false,
        of_parts: false,
    },
    Floor {
        name: VIEW,
        modules: &["domains::views"],
        imports: &["the contract", "the platform", "the entities", "a domain"],
        knows_http: false,
        of_parts: true,
    },
    Floor {
        name: "the API",
        modules: &["baishe::api"],
        imports: &["the contract", "the platform", "the entities", "a domain", "a workflow", VIEW],
        knows_http: true,
        of_parts: true,
    },
    Floor { name: "the migrations", modules: &["migration"], imports: &["the contract"], knows_http: false, of_parts: false },
    Floor {
        name: "the shell",
        modules: &["baishe"],
        imports: &["the contract", "the platform", "the entities", "a domain", "a workflow", VIEW, "the API", "the migrations"],
        knows_http: true,
        of_parts: false,
    },
    Floor {
        name: "the app's kit",
        modules: &[
            "app::api",
            "app::api::client",
            "app::api::imports",
            "app::components",
            "app::dom",
            "app::format",
            "app::i18n",
            "app::query",
            "app::router",
        ],
        imports: &["the contract", "the app's session"],
        knows_http: true,
        of_parts: false,
    },
    Floor {
        name: "the app's calls",
        modules: &["app::api::*"],
        imports: &["the contract", "the app's kit"],
        knows_http: true,
        of_parts: false,
    },
    Floor {
        name: "the app's session",
        modules: &["app::navigation", "app::session", "app::waiting"],
        imports: &["the contract", "the app's kit", "the app's calls"],
        knows_http: true,
        of_parts: false,
    },
    Floor {
        name: "the app's pages",
        modules: &["app::pages"],
        imports: &["the contract", "the app's kit", "the app's calls", "the app's session"],
        knows_http: true,
        of_parts: true,
    },
    Floor {
        name: "the app's frame",
        modules: &["app"],
        imports: &["the contract", "the app's kit", "the app's calls", "the app's session", "the app's pages"],
        knows_http: true,
        of_parts: false,
    },
];

const VIEW: &str = "a view";
/// The crate whose list of modules defines the order of the domains.
const DOMAINS: &str = "domains";
/// The crate of the tables. Two of its files concern all tables.
const ENTITIES: &str = "entities";
const OF_ALL_TABLES: [&str; 2] = ["scope", "names"];

/// A line that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    file: String,
    line: usize,
    rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.rule)
    }
}

pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    check(workspace)?;
    Ok(ExitCode::SUCCESS)
}

/// Fails if any import leads upwards, and lists all that do.
pub fn check(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(&workspace.root, &CRATES)?;
    let faults = faults(&tree);
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} imports lead where they must not; ARCHITECTURE.md says what may stand on what", faults.len());
    }
    println!("{} files import only what stands below them", tree.files.len());
    Ok(())
}

fn faults(tree: &Tree) -> BTreeSet<Fault> {
    let arrows: Vec<Arrow> = tree.arrows().collect();
    let mut faults: BTreeSet<Fault> = circles::faults(tree, &arrows).into_iter().collect();
    let tables = Tables::of(&arrows);
    for arrow in arrows.iter().filter(|arrow| arrow.reference.kind != Kind::ForeignKey) {
        let rules = [floor(arrow), order(tree, arrow), tables.fault(arrow)];
        let (file, line) = (&tree.files[arrow.file].path, arrow.reference.line);
        faults.extend(rules.into_iter().flatten().map(|rule| Fault { file: file.clone(), line, rule }));
    }
    faults
}

/// Each floor imports only what stands below it. Only the platform and the floors from the API up use HTTP, and views write
/// nothing.
fn floor(arrow: &Arrow) -> Option<String> {
    let own = floor_of(&arrow.from.path)?;
    match &arrow.target {
        Target::Other(path) => {
            let is_http = path.first().is_some_and(|name| name.starts_with("actix"));
            (is_http && !own.knows_http).then(|| format!("{} must not know HTTP: {}", own.name, path.join("::")))
        }
        Target::Ours { module, item } => {
            let named = || [&module[..], item].concat().join("::");
            let other = floor_of(module)?;
            if other.name != own.name && !own.imports.contains(&other.name) {
                return Some(format!("{} must not import {}: {}", own.name, other.name, named()));
            }
            let writes = module[0] == "platform" && item.first().is_some_and(|item| item == "Tx");
            (own.name == VIEW && writes).then(|| format!("{VIEW} must not name a Tx: it writes nothing"))
        }
    }
}

/// A domain imports only domains that stand before it in the list of their crate.
fn order(tree: &Tree, arrow: &Arrow) -> Option<String> {
    let Target::Ours { module, .. } = &arrow.target else { return None };
    let list = &tree.module(&[DOMAINS.to_owned()])?.children;
    let place = |path: &Path| {
        let is_domain = path[0] == DOMAINS && floor_of(path)?.modules == [DOMAINS];
        list.iter().position(|name| is_domain && path.get(1) == Some(name))
    };
    let (own, other) = (place(&arrow.from.path)?, place(module)?);
    (other > own).then(|| format!("{} must not import {}, which stands behind it in the list of domains", list[own], list[other]))
}

/// The tables that the foreign keys of each table point to.
struct Tables<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Tables<'a> {
    fn of(arrows: &'a [Arrow]) -> Self {
        let mut keys: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for arrow in arrows.iter().filter(|arrow| arrow.reference.kind == Kind::ForeignKey) {
            if let (Some(own), Target::Ours { module, .. }) = (table(&arrow.from.path), &arrow.target) {
                keys.entry(own).or_default().extend(table(module));
            }
        }
        Self(keys)
    }

    /// A table names only tables that a chain of foreign keys connects it with, in either direction.
    fn fault(&self, arrow: &Arrow) -> Option<String> {
        let Target::Ours { module, .. } = &arrow.target else { return None };
        let (own, other) = (table(&arrow.from.path)?, table(module)?);
        let allowed = OF_ALL_TABLES.contains(&own) || self.leads(own, other) || self.leads(other, own);
        (!allowed).then(|| format!("{own} must not import {other}: no foreign key leads there"))
    }

    fn leads(&self, from: &str, to: &str) -> bool {
        let mut reached = BTreeSet::new();
        let mut next = vec![from];
        while let Some(table) = next.pop() {
            if reached.insert(table) {
                next.extend(self.0.get(table).into_iter().flatten());
            }
        }
        reached.contains(to)
    }
}

fn table(module: &Path) -> Option<&str> {
    module.get(1).filter(|_| module[0] == ENTITIES).map(String::as_str)
}

fn floor_of(module: &[String]) -> Option<&'static Floor> {
    let closeness = |pattern: &str| {
        let parts: Vec<&str> = pattern.split("::").collect();
        let fits = parts.len() <= module.len() && parts.iter().zip(module).all(|(part, name)| *part == "*" || part == name);
        fits.then(|| (parts.len(), !pattern.ends_with('*')))
    };
    let candidates = FLOORS.iter().flat_map(|floor| floor.modules.iter().map(move |pattern| (closeness(pattern), floor)));
    candidates.filter(|(closeness, _)| closeness.is_some()).max_by_key(|(closeness, _)| *closeness).map(|(_, floor)| floor)
}
