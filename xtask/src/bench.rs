//! Builds the service and the bench, and runs the bench against the service.

use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::postgres::Postgres;
use crate::process;
use crate::provision;
use crate::workspace::Workspace;

const SERVER_VARIABLE: &str = "BENCH_POSTGRES_URL";

#[derive(Args)]
pub struct Options {
    /// Which database
    #[arg(long, value_enum, default_value_t = Which::Both)]
    database: Which,
    /// What the bench itself takes, behind `--database`: sizes, seconds, concurrency, only; `-- --help` explains them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    further: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub enum Which {
    Sqlite,
    Postgres,
    Both,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    process::catch_signals()?;
    println!("[1/3] Building the service and the bench");
    let mut cargo = workspace.cargo();
    process::run(cargo.args(["build", "--release", "--package", "baishe", "--package", "baishe-bench"]))?;

    let mut bench = Command::new(workspace.target.join("release/baishe-bench"));
    let server = if options.database == Which::Sqlite || std::env::var_os(SERVER_VARIABLE).is_some() {
        None
    } else {
        println!("[2/3] Starting PostgreSQL");
        let server = Postgres::start(&provision::postgres()?, true)?;
        bench.env(SERVER_VARIABLE, &server.url);
        Some(server)
    };
    if options.database == Which::Sqlite {
        bench.env_remove(SERVER_VARIABLE);
    }

    println!("[3/3] Measuring");
    bench.arg("--binary").arg(workspace.service_binary("release"));
    if options.database == Which::Postgres {
        bench.arg("--no-sqlite");
    }
    bench.args(&options.further);
    process::run(&mut bench)?;
    drop(server);
    Ok(ExitCode::SUCCESS)
}
