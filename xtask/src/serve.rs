//! From a clean clone to a running product.

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
    let profile = if options.debug { "dev" } else { "release" };
    let service = Service::new(workspace, &options.service, profile)?;

    println!("[1/4] Building the app");
    spa::build(workspace, options.debug)?;
    println!("[2/4] Building the service");
    service::build(workspace, profile)?;
    println!("[3/4] Preparing the database");
    service.prepare(&options.service)?;
    println!("[4/4] Serving on http://127.0.0.1:{} (Ctrl-C stops)", options.service.port);
    // The service takes the place of this process, and with it the terminal's signals.
    let error = service.command("serve").exec();
    Err(error).context("cannot start the service")
}
