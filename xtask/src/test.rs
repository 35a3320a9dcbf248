//! Runs all tests with everything that they need, and prints one count at the end.

use std::io::IsTerminal;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::openapi::DOCUMENT;
use crate::postgres::Postgres;
use crate::process;
use crate::provision::Programs;
use crate::slowest::{REPORT, RUNNER, Slowest};
use crate::spa;
use crate::tally::Tally;
use crate::tools::Tools;
use crate::workspace::Workspace;

/// The variable that may name a server to the tests.
pub const SERVER_VARIABLE: &str = "TEST_POSTGRES_URL";

/// How many tests run on each core. They wait for disks, for other processes and for each other's locks: with one test a core, no
/// core works for a sixth of the time.
const TESTS_A_CORE: usize = 3;

/// All packages except xtask, which has dependencies of its own and is built already. Each call of cargo has the same packages.
/// Otherwise dependencies would be compiled again with other features.
pub const PRODUCT: [&str; 3] = ["--workspace", "--exclude", "xtask"];

#[derive(Args)]
pub struct Options {
    /// Run only tests with one of these in their names, and no lints
    filters: Vec<String>,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    process::catch_signals()?;
    let mut tally = Tally::default();
    if let Err(error) = try_all(workspace, options, &mut tally) {
        tally.check("the tests", Err(error));
    }
    Ok(finish(tally))
}

/// Prints the counts as the last line.
pub fn finish(tally: Tally) -> ExitCode {
    println!("{tally}");
    if tally.has_failures() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Compiles the tests, the binary of the service, and the app.
pub fn build(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo();
    spa::build_beside(workspace, false, || process::run(cargo.arg("build").args(PRODUCT).arg("--all-targets")))
}

fn try_all(workspace: &Workspace, options: &Options, tally: &mut Tally) -> Result<()> {
    let given = std::env::var(SERVER_VARIABLE).ok();
    println!("[1/5] Finding the tools");
    let programs = Programs::ensure(given.is_none())?;
    let tools = Tools::ensure(workspace, &programs.npm)?;

    println!("[2/5] Building the service, the tests and the app");
    build(workspace)?;

    println!("[3/5] Linting the API's document");
    lint(workspace, options, &tools, tally);

    println!("[4/5] Starting PostgreSQL");
    let (server, url) = match (given, &programs.postgres) {
        (Some(url), _) => (None, url),
        (None, Some(programs)) => {
            let server = Postgres::start(programs, false)?;
            let url = server.url.clone();
            (Some(server), url)
        }
        (None, None) => bail!("no PostgreSQL"),
    };

    println!("[5/5] Running the tests");
    let before = *tally;
    let mut slowest = Slowest::default();
    let mut product = workspace.cargo();
    product
        .args(["test", "--no-fail-fast", "--all-targets"])
        .args(PRODUCT)
        .env_remove("DATABASE_URL")
        .env(SERVER_VARIABLE, url)
        .env("BAISHE_BIN", workspace.service_binary("dev"))
        .env("BAISHE_SPA_DIR", workspace.spa())
        .env("BAISHE_AXE", tools.axe())
        .env("BAISHE_CHROMIUM", &programs.chromium)
        .env("BAISHE_CHROMEDRIVER", &programs.chromedriver);
    test(product, &options.filters, tally, &mut slowest)?;
    drop(server);

    let mut own = workspace.cargo();
    own.args(["test", "--no-fail-fast", "--all-targets", "--package", "xtask"]);
    test(own, &options.filters, tally, &mut slowest)?;
    println!("{slowest}");
    if tally.minus(before).is_empty() {
        bail!("not one test ran");
    }
    Ok(())
}

fn lint(workspace: &Workspace, options: &Options, tools: &Tools, tally: &mut Tally) {
    if !options.filters.is_empty() || !workspace.root.join(DOCUMENT).exists() {
        println!("Skipped: {DOCUMENT} is missing, or only some tests are run");
        return;
    }
    for (name, mut command) in tools.linters(workspace) {
        tally.check(name, process::run(&mut command));
    }
}

/// Runs the tests of one call of cargo, and prints and counts their results at once.
fn test(mut cargo: Command, filters: &[String], tally: &mut Tally, slowest: &mut Slowest) -> Result<()> {
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        cargo.env("RUST_TEST_THREADS", (TESTS_A_CORE * cores).to_string());
    }
    cargo.args(["--config", RUNNER, "--"]).args(REPORT);
    if std::io::stdout().is_terminal() {
        cargo.args(["--color", "always"]);
    }
    cargo.args(filters);
    let mut seen = Tally::default();
    let outcome = process::lines(&mut cargo, |line| {
        println!("{line}");
        seen.see(line);
        slowest.see(line);
    });
    *tally = tally.plus(seen);
    let status = outcome.context("cargo test")?;
    // A failure to compile, or an end without a result, is not counted yet.
    if !status.success() && !seen.has_failures() {
        tally.check("cargo test", Err(anyhow::anyhow!("ended with {status}")));
    }
    Ok(())
}
