//! Tools from npm. `xtask/tools/package-lock.json` pins and verifies them; they are installed in `target/tools`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::openapi::DOCUMENT;
use crate::process;
use crate::provision;
use crate::workspace::Workspace;

/// The oldest version of Node.js that the linters run on, and the version that is installed from npm if the machine has an older
/// one.
const OLDEST_NODE: (u32, u32) = (20, 19);
const NODE: &str = "node@22.23.3";

pub struct Tools {
    folder: PathBuf,
    node: PathBuf,
    rules: PathBuf,
}

impl Tools {
    pub fn ensure(workspace: &Workspace, npm: &Path) -> Result<Self> {
        let rules = workspace.root.join("xtask/tools");
        let folder = workspace.target.join("tools");
        fs::create_dir_all(&folder)?;
        let lock = fs::read_to_string(rules.join("package-lock.json"))?;
        let stamp = folder.join("installed.json");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
            println!("The tools are up to date: {}", folder.display());
        } else {
            let _ = fs::remove_file(&stamp);
            for file in ["package.json", "package-lock.json"] {
                fs::copy(rules.join(file), folder.join(file))?;
            }
            process::run(npm_in(npm, &folder).args(["ci", "--ignore-scripts"]))?;
            fs::write(stamp, lock)?;
        }
        let node = find_node(npm, &workspace.target.join("node"))?;
        Ok(Self { folder, node, rules })
    }

    /// The script that browser tests use to check the accessibility of a page.
    pub fn axe(&self) -> PathBuf {
        self.folder.join("node_modules/axe-core/axe.min.js")
    }

    /// The linters of the document: their names and commands.
    pub fn linters(&self, workspace: &Workspace) -> Vec<(&'static str, Command)> {
        let lint = |script: &str, arguments: &[&str], rules: &str| {
            let mut command = Command::new(&self.node);
            command
                .current_dir(&workspace.root)
                .env("REDOCLY_TELEMETRY", "off")
                .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
                .arg(self.folder.join("node_modules").join(script))
                .args(["lint", DOCUMENT])
                .args(arguments)
                .arg(self.rules.join(rules));
            command
        };
        vec![
            ("Redocly", lint("@redocly/cli/bin/cli.js", &["--config"], "redocly.yaml")),
            (
                "Spectral",
                lint("@stoplight/spectral-cli/dist/index.js", &["--fail-severity", "error", "--ruleset"], "spectral.yaml"),
            ),
        ]
    }
}

fn npm_in(npm: &Path, folder: &Path) -> Command {
    let mut command = Command::new(npm);
    command.current_dir(folder).args(["--no-audit", "--no-fund", "--no-update-notifier"]);
    command
}

/// The Node.js of the machine or, if that is too old (as on Debian 12), one from npm.
fn find_node(npm: &Path, folder: &Path) -> Result<PathBuf> {
    if let Some(node) = provision::find_program("node").filter(|node| is_new_enough(node)) {
        return Ok(node);
    }
    let node = folder.join("node_modules/node/bin/node");
    if !is_new_enough(&node) {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
        process::run(npm_in(npm, folder).args(["install", NODE]))?;
    }
    if !is_new_enough(&node) {
        bail!("{NODE} from npm does not run on this machine");
    }
    Ok(node)
}

fn is_new_enough(node: &Path) -> bool {
    let mut command = Command::new(node);
    process::output(command.arg("--version").stderr(Stdio::null()))
        .context("node does not run")
        .is_ok_and(|version| parse_version(&String::from_utf8_lossy(&version)).is_some_and(|version| version >= OLDEST_NODE))
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_versions_of_node() {
        assert!(parse_version("v18.19.0\n").unwrap() < OLDEST_NODE);
        assert!(parse_version("v20.20.2\n").unwrap() >= OLDEST_NODE);
        assert!(parse_version("v22.9.0\n").unwrap() >= OLDEST_NODE);
        assert_eq!(parse_version("nonsense"), None);
    }
}
