//! Circles of files. Files that lead to each other cannot be understood alone. Within one part that does no harm.

use std::collections::{BTreeMap, HashSet};

use super::source::{Kind, Path};
use super::tree::{Arrow, Target, Tree};
use super::{Fault, floor_of};

/// Finds the imports that close a circle over several parts. A re-export counts only where it is used.
pub fn faults(tree: &Tree, all: &[Arrow]) -> Vec<Fault> {
    let mut arrows: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
    for Arrow { file, reference, target, .. } in all.iter().filter(|arrow| arrow.reference.kind != Kind::PassedOn) {
        let Target::Ours { module, .. } = target else { continue };
        if let Some(to) = tree.file_of(module).filter(|to| to != file) {
            arrows.entry(*file).or_default().entry(to).or_insert(reference.line);
        }
    }
    let reached: BTreeMap<usize, HashSet<usize>> = arrows.keys().map(|&from| (from, reachable(&arrows, from))).collect();
    let circles =
        |one: usize, other: usize| reached[&one].contains(&other) && reached.get(&other).is_some_and(|all| all.contains(&one));
    let home = |number: usize| home(&tree.files[number].modules[0].path);
    let mut faults = Vec::new();
    for (&from, tos) in &arrows {
        for (&to, &line) in tos.iter().filter(|(to, _)| home(**to) != home(from) && circles(from, **to)) {
            let rule = format!("stands in a circle with {}", tree.files[to].path);
            faults.push(Fault { file: tree.files[from].path.clone(), line, rule });
        }
    }
    faults
}

/// The part that a module belongs to: its floor, or one of the parts of a floor that consists of parts.
fn home(module: &Path) -> Option<(&'static str, Option<&String>)> {
    let floor = floor_of(module)?;
    let depth = floor.modules[0].split("::").count();
    Some((floor.name, module.get(depth).filter(|_| floor.of_parts)))
}

fn reachable(arrows: &BTreeMap<usize, BTreeMap<usize, usize>>, from: usize) -> HashSet<usize> {
    let mut reached = HashSet::new();
    let mut next = vec![from];
    while let Some(file) = next.pop() {
        next.extend(arrows.get(&file).into_iter().flat_map(BTreeMap::keys).filter(|to| reached.insert(**to)));
    }
    reached
}
