//! What must pass besides the tests before a change lands.

use std::process::ExitCode;

use anyhow::Result;

use crate::floors;
use crate::openapi;
use crate::process;
use crate::provision;
use crate::tally::Tally;
use crate::test;
use crate::wasm_target::WasmTarget;
use crate::workspace::Workspace;

pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    process::catch_signals()?;
    let mut tally = Tally::default();
    type Check = (&'static str, fn(&Workspace) -> Result<()>);
    let mut checks: Vec<Check> = vec![
        ("format", format),
        ("floors", floors::check),
        ("clippy", clippy),
        ("clippy for the browser", clippy_for_the_browser),
        ("the API's document", document),
    ];
    if provision::find_program("cargo-deny").is_some() {
        checks.push(("cargo deny", deny));
    } else {
        println!("Skipped: cargo-deny is not installed (cargo install cargo-deny)");
    }
    for (name, check) in checks {
        if process::interrupted() {
            break;
        }
        println!("[ci] {name}");
        tally.check(name, check(workspace));
    }
    Ok(test::finish(tally))
}

fn format(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))
}

/// Two calls, so that features are the same as in the builds of the tests.
fn clippy(workspace: &Workspace) -> Result<()> {
    for packages in [&test::PRODUCT[..], &["--package", "xtask"]] {
        let mut cargo = workspace.cargo();
        cargo.arg("clippy").args(packages).arg("--all-targets");
        process::run(cargo.args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// Uses the profile of the app, so that its build finds the macros compiled.
fn clippy_for_the_browser(workspace: &Workspace) -> Result<()> {
    let target = WasmTarget::ensure()?;
    let mut cargo = workspace.cargo();
    let packages = ["--package", "baishe-frontend", "--package", "baishe-contract"];
    match target {
        WasmTarget::Installed => {
            cargo.arg("clippy").args(packages).args(["--profile", "wasm"]);
            target.apply(&mut cargo);
            cargo.args(["--", "-D", "warnings"]);
        }
        WasmTarget::FromSource { .. } => {
            println!("Clippy has no {}: warnings of the compiler only", crate::wasm_target::TRIPLE);
            cargo.arg("check").args(packages).args(["--profile", "wasm"]);
            target.apply(&mut cargo);
        }
    }
    process::run(&mut cargo)
}

fn document(workspace: &Workspace) -> Result<()> {
    test::build(workspace)?;
    openapi::check(workspace)
}

fn deny(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo().args(["deny", "check"]))
}
