//! All files of the crates, and what the paths in them lead to.

use std::collections::HashMap;
use std::fs;
use std::path::Path as FilePath;

use anyhow::{Context, Result};

use super::source::{self, Kind, Module, Path, Reference};

/// How many imports a path may pass through.
const STEPS: usize = 12;

#[derive(Default)]
pub struct Tree {
    pub files: Vec<File>,
    /// The place of a module: the number of its file, and its number within the file.
    places: HashMap<Path, (usize, usize)>,
    /// The module that defines a macro, by the path that its crate exports it under.
    macros: HashMap<Path, Path>,
}

pub struct File {
    /// The path from the root of the repository.
    pub path: String,
    pub modules: Vec<Module>,
}

/// A path that a module names, and what it leads to.
pub struct Arrow<'a> {
    /// The number of its file.
    pub file: usize,
    pub from: &'a Module,
    pub reference: &'a Reference,
    pub target: Target,
}

/// The target of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A module of our crates, and the item in it.
    Ours { module: Path, item: Path },
    /// Another crate, or something that the file defines itself.
    Other(Path),
}

impl Tree {
    /// Reads the crates. Each has a name, and a folder with its sources below the root.
    pub fn read(root: &FilePath, crates: &[(&str, &str)]) -> Result<Self> {
        let mut tree = Self::default();
        for (name, folder) in crates {
            tree.read_folder(root, &root.join(folder), &vec![(*name).to_owned()])?;
        }
        Ok(tree)
    }

    fn read_folder(&mut self, root: &FilePath, folder: &FilePath, module: &Path) -> Result<()> {
        let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
        let mut entries = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        entries.sort();
        for path in entries {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let inner = |name: String| [module.clone(), vec![name]].concat();
            if path.is_dir() {
                self.read_folder(root, &path, &inner(stem))?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let module = if stem == "mod" || stem == "lib" { module.clone() } else { inner(stem) };
                let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                self.add(&path.strip_prefix(root)?.to_string_lossy(), module, &text)?;
            }
        }
        Ok(())
    }

    pub fn add(&mut self, path: &str, module: Path, text: &str) -> Result<()> {
        let modules = source::read(module, text).with_context(|| format!("cannot parse {path}"))?;
        for (number, module) in modules.iter().enumerate() {
            self.places.insert(module.path.clone(), (self.files.len(), number));
            let exported = module.exported.iter().map(|name| (vec![module.path[0].clone(), name.clone()], module.path.clone()));
            self.macros.extend(exported);
        }
        self.files.push(File { path: path.to_owned(), modules });
        Ok(())
    }

    pub fn module(&self, path: &[String]) -> Option<&Module> {
        let (file, number) = *self.places.get(path)?;
        Some(&self.files[file].modules[number])
    }

    /// The number of a module's file.
    pub fn file_of(&self, module: &[String]) -> Option<usize> {
        self.places.get(module).map(|place| place.0)
    }

    /// Every path that is named. A path to a re-export leads to the definition.
    pub fn arrows(&self) -> impl Iterator<Item = Arrow<'_>> {
        let modules =
            self.files.iter().enumerate().flat_map(|(number, file)| file.modules.iter().map(move |module| (number, module)));
        modules.flat_map(move |(file, from)| {
            from.references.iter().map(move |reference| Arrow { file, from, reference, target: self.target(from, reference) })
        })
    }

    fn target(&self, from: &Module, reference: &Reference) -> Target {
        let (from, path) = (&from.path, &reference.path);
        if reference.kind != Kind::Name {
            return self.find(from, path, STEPS);
        }
        self.named(from, &path[0], &[], STEPS).unwrap_or_else(|| Target::Other(path.clone()))
    }

    fn find(&self, from: &[String], path: &[String], steps: usize) -> Target {
        let other = || Target::Other(path.to_vec());
        let Some((first, rest)) = path.split_first().filter(|_| steps > 0) else { return other() };
        match first.as_str() {
            "crate" => self.descend(&from[..1], rest, steps),
            "self" => self.descend(from, rest, steps),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let parent = from.len().saturating_sub(ups).max(1);
                self.descend(&from[..parent], &path[ups..], steps)
            }
            name => match self.named(from, name, rest, steps) {
                Some(target) => target,
                None if self.places.contains_key(&path[..1]) => self.descend(&path[..1], rest, steps),
                None => other(),
            },
        }
    }

    fn descend(&self, at: &[String], rest: &[String], steps: usize) -> Target {
        let found = rest.split_first().and_then(|(name, further)| self.named(at, name, further, steps));
        found.unwrap_or_else(|| Target::Ours { module: at.to_vec(), item: rest.to_vec() })
    }

    /// Resolves a name in a module: a child module, an item, an import, or an exported macro.
    fn named(&self, at: &[String], name: &str, rest: &[String], steps: usize) -> Option<Target> {
        let module = self.module(at).filter(|_| steps > 0)?;
        let child = [at, &[name.to_owned()]].concat();
        if self.places.contains_key(&child) {
            return Some(self.descend(&child, rest, steps));
        }
        if module.items.iter().any(|item| item == name) {
            return Some(Target::Ours { module: at.to_vec(), item: [&[name.to_owned()], rest].concat() });
        }
        if let Some((_, bound)) = module.names.iter().find(|(bound, _)| bound == name) {
            return Some(self.find(at, &[bound, rest].concat(), steps - 1));
        }
        if let Some(place) = self.macros.get(&child) {
            return Some(Target::Ours { module: place.clone(), item: vec![name.to_owned()] });
        }
        module.globs.iter().find_map(|glob| match self.find(at, glob, steps - 1) {
            Target::Ours { module, item } if item.is_empty() && module != at => self.named(&module, name, rest, steps - 1),
            _ => None,
        })
    }
}
