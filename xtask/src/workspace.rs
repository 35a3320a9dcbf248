//! The folders of the workspace, and calls of cargo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::process;

pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
}

impl Workspace {
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the workspace")?.to_owned();
        let mut metadata = cargo_in(&root);
        metadata.args(["metadata", "--format-version=1", "--no-deps"]);
        let metadata: serde_json::Value =
            serde_json::from_slice(&process::output(&mut metadata)?).context("cargo metadata did not print JSON")?;
        let target = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?.into();
        Ok(Self { root, target })
    }

    pub fn cargo(&self) -> Command {
        cargo_in(&self.root)
    }

    /// The path of the service's binary in a profile.
    pub fn service_binary(&self, profile: &str) -> PathBuf {
        let folder = if profile == "dev" { "debug" } else { profile };
        self.target.join(folder).join(format!("baishe{}", std::env::consts::EXE_SUFFIX))
    }

    pub fn spa(&self) -> PathBuf {
        self.target.join("spa")
    }

    /// The version of a package in Cargo.lock, which has only one.
    pub fn locked_version(&self, package: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        version_in(&lock, package).map(str::to_owned).ok_or_else(|| anyhow!("Cargo.lock does not hold {package}"))
    }
}

/// Cargo without the variables that `cargo run` sets. With them, build scripts that watch such a variable would run again after
/// each switch between `cargo build` and `cargo xtask`.
fn cargo_in(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let from_cargo_run =
            name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if from_cargo_run {
            command.env_remove(name);
        }
    }
    command
}

fn version_in<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    let name = format!("name = \"{package}\"");
    lines.find(|line| *line == name)?;
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::{Workspace, version_in};

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";

    #[test]
    fn images_are_built_from_every_member() {
        let root = Workspace::find().unwrap().root;
        let read = |name| std::fs::read_to_string(root.join(name)).unwrap();
        let (manifest, let_in) = (read("Cargo.toml"), read(".dockerignore"));
        let members = manifest.lines().find_map(|line| line.strip_prefix("members = [")?.strip_suffix(']')).unwrap();
        for member in members.split(", ").map(|member| member.trim_matches('"').split('/').next().unwrap()) {
            assert!(let_in.lines().any(|line| line.strip_prefix('!') == Some(member)), "{member} is left out");
        }
    }

    /// `docs/notice.md` says which test shows what the notice demands.
    #[test]
    fn every_test_that_the_notice_names_is_there() {
        let root = Workspace::find().unwrap().root;
        let mut code = String::new();
        let mut folders = vec![root.join("tests")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.extension() {
                    _ if path.is_dir() => folders.push(path),
                    Some(ending) if ending == "rs" => code += &std::fs::read_to_string(path).unwrap(),
                    _ => {}
                }
            }
        }
        let page = std::fs::read_to_string(root.join("docs/notice.md")).unwrap();
        let rows: Vec<_> = page.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit_once(" | ")).skip(1).collect();
        assert!(rows.len() > 30, "{} demands", rows.len());
        for (row, tests) in rows {
            let mut named = tests.split('`').skip(1).step_by(2).peekable();
            assert!(named.peek().is_some() || row.contains("not there yet"), "{row} is shown by nothing");
            named.for_each(|name| assert!(code.contains(&format!("!({name},")), "there is no test {name}"));
        }
    }

    #[test]
    fn finds_the_version_of_exactly_this_package() {
        assert_eq!(version_in(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in(LOCK, "wasm"), None);
    }
}
