//! Runs the tests that kill the service, fill its disk and besiege it, for as long as one likes.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::bench::Which;
use crate::postgres::Postgres;
use crate::process;
use crate::provision;
use crate::test::{PRODUCT, SERVER_VARIABLE, build};
use crate::workspace::Workspace;

/// The tests that run on each database. The sieges print how long another client waited and how much memory was used.
const TESTS: [&str; 5] = [
    "soak::survives_kill_9",
    "soak::survives_full_disks",
    "siege::slow_bodies_of_one_address_keep_nobody_out",
    "siege::two_thousand_connections_of_one_address_do_no_harm",
    "siege::large_files_of_many_accounts_leave_memory_to_others",
];
/// The tests that do not depend on the database.
const CRAFTED: [&str; 3] = [
    "crafted::no_workbook_takes_the_memory_of_the_service",
    "crafted::no_picture_takes_the_memory_of_the_service",
    "crafted::large_pictures_at_once_take_no_more_than_one",
];

#[derive(Args)]
pub struct Options {
    /// How often the program is killed, on each database
    #[arg(long, default_value_t = 1000)]
    kills: u32,
    /// How often the disk gets full, on each database; only root may mount a small one
    #[arg(long, default_value_t = 100)]
    disks: u32,
    /// Which database
    #[arg(long, value_enum, default_value_t = Which::Both)]
    database: Which,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    process::catch_signals()?;
    let databases: &[&str] = match options.database {
        Which::Sqlite => &["sqlite"],
        Which::Postgres => &["postgres"],
        Which::Both => &["sqlite", "postgres"],
    };
    println!("[1/3] Building the service and the tests");
    build(workspace)?;
    let mut soak = workspace.cargo();
    soak.arg("test").args(PRODUCT).args(["--test", "all", "--", "--nocapture", "--test-threads", "1", "--exact"]);
    for test in TESTS {
        soak.args(databases.iter().map(|database| format!("{test}::{database}")));
    }
    soak.args(CRAFTED);
    soak.env("BAISHE_SOAK_KILLS", options.kills.to_string()).env("BAISHE_SOAK_DISKS", options.disks.to_string());
    soak.env("BAISHE_BIN", workspace.service_binary("dev"));
    let server = if databases.contains(&"postgres") && std::env::var_os(SERVER_VARIABLE).is_none() {
        println!("[2/3] Starting PostgreSQL");
        let server = Postgres::start(&provision::postgres()?, false)?;
        soak.env(SERVER_VARIABLE, &server.url);
        Some(server)
    } else {
        None
    };
    println!("[3/3] Soaking");
    process::run(&mut soak)?;
    drop(server);
    Ok(ExitCode::SUCCESS)
}
