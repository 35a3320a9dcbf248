//! The committed OpenAPI document, which is generated from the code.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process;
use crate::service;
use crate::workspace::Workspace;

pub const DOCUMENT: &str = "openapi/openapi.json";

#[derive(Args)]
pub struct Options {
    /// Write nothing; fail if the committed document is not what the code says
    #[arg(long)]
    check: bool,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    service::build(workspace, "dev")?;
    if options.check {
        check(workspace)?;
    } else {
        fs::write(workspace.root.join(DOCUMENT), generate(workspace)?)?;
        println!("Wrote {DOCUMENT}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares the document with the output of the debug build of the service. Does not build it.
pub fn check(workspace: &Workspace) -> Result<()> {
    let generated = generate(workspace)?;
    let committed = fs::read_to_string(workspace.root.join(DOCUMENT)).unwrap_or_default();
    if let Some(line) = first_difference(&committed, &generated) {
        bail!(
            "{DOCUMENT} is not what the code says, from line {line} on. Write it anew, and commit it:\n  \
             cargo xtask openapi"
        );
    }
    println!("{DOCUMENT} is what the code says");
    Ok(())
}

fn generate(workspace: &Workspace) -> Result<String> {
    let mut service = Command::new(workspace.service_binary("dev"));
    let document = process::output(service.arg("openapi").current_dir(&workspace.root))?;
    let document = String::from_utf8(document).context("the document is not UTF-8")?;
    serde_json::from_str::<serde_json::Value>(&document).context("the service did not print JSON")?;
    Ok(document.trim_end().to_owned() + "\n")
}

fn first_difference(committed: &str, generated: &str) -> Option<usize> {
    if committed == generated {
        return None;
    }
    let same = committed.lines().zip(generated.lines());
    Some(same.take_while(|(one, other)| one == other).count() + 1)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn names_the_first_line_that_differs() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a", "a\n"), Some(2));
    }
}
