//! Builds and starts the product, even from a clean clone.

use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::service::{self, Service};
use crate::spa;
use crate::workspace::Workspace;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    service: service::Options,
    /// Debug builds: quick to build, slow to use
    #[arg(long)]
    debug: bool,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    service::check_port(options.service.port)?;
    let profile = if options.debug { "dev" } else { "serve" };
    let service = Service::new(workspace, &options.service, profile)?;

    println!("[1/3] Building the app and the service");
    spa::build_beside(workspace, options.debug, || service::build(workspace, profile))?;
    println!("[2/3] Preparing the database");
    service.prepare(&options.service)?;
    println!("[3/3] Serving on http://127.0.0.1:{} (Ctrl-C stops)", options.service.port);
    // The service replaces this process, so that it gets the signals of the terminal.
    let error = service.command("serve").exec();
    Err(error).context("cannot start the service")
}
